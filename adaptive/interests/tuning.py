"""Spreading the use of items, and calibrating the stated probability, by replaying real answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Final, Literal

import numpy as np

from adaptive.interests.engine import Engine
from adaptive.interests.form import ITEM_COUNT, ITEMS, ITEMS_PER_SCALE, SCALES, FloatArray
from adaptive.interests.model import Choice, Model

MOST_USED: Final = 0.565
LEAST_FREE: Final = 0.5
FIRST_PENALTY: Final = 0.15
FIXED_LENGTH: Final = 24
STOPPING_LENGTH: Final = 19
AVERAGED: Final = 0.3
READ_AFTER: Final = (12, 18, 24)
NEWTON_STEPS: Final = 60
LONGEST_STEP: Final = 0.3


def replay(
    engine: Engine, person: FloatArray, *, seed: int, max_items: int, stop: bool
) -> dict[str, int | None]:
    """The answers a person (48 values) gives to what the engine asks."""
    given: dict[str, int | None] = {}
    values = dict(zip(ITEMS, person.astype(int).tolist(), strict=True))
    while True:
        item = engine.next_item(given, seed=seed, max_items=max_items, stop=stop)
        if item is None:
            return given
        given[item] = values[item]


def spread_use(
    model: Model,
    answers: FloatArray,
    generator: np.random.Generator,
    *,
    mode: Literal["fixed", "stopping"],
    rounds: int = 60,
    people: int = 400,
) -> Choice:
    """Penalties under which no item is asked of much more than `MOST_USED` of the people.

    A stochastic-approximation form of the Sympson-Hetter method (1985): an item used too often is
    first penalised for up to half of the sessions, then penalised harder.
    """
    length = FIXED_LENGTH if mode == "fixed" else STOPPING_LENGTH
    start: Choice = getattr(model, mode)
    free = np.full(ITEM_COUNT, 0.95)
    penalty = np.full(ITEM_COUNT, FIRST_PENALTY)
    kept: list[tuple[FloatArray, FloatArray]] = []
    for number in range(rounds):
        choice = replace(start, free=free, penalty=penalty)
        engine = Engine(replace(model, fixed=choice))
        excess = _use(engine, answers, generator, people, length) - MOST_USED
        step = 1 / (1 + 0.05 * number)
        hard = free <= LEAST_FREE
        penalty = np.where(hard, np.maximum(penalty + step * excess, FIRST_PENALTY), penalty)
        held = hard & (penalty > FIRST_PENALTY)
        free = np.where(held, free, np.clip(free - 0.8 * step * excess, LEAST_FREE, 1.0))
        if number >= rounds * (1 - AVERAGED):
            kept.append((free, penalty))
    return replace(
        start,
        free=np.mean([free for free, _ in kept], axis=0),
        penalty=np.mean([penalty for _, penalty in kept], axis=0),
    )


def certainty(
    parts: Iterable[tuple[Model, FloatArray]], generator: np.random.Generator
) -> FloatArray:
    """Intercept and slope that make stated probabilities true.

    parts: models, each with people (n, 48) who took no part in its calibration. Everyone is
    replayed and read after 12, 18 and 24 answers; then a logistic regression (Platt 1999) of "the
    stated three were right" on the logit of the share of draws, by Newton's method with short
    steps.
    """
    logits, right = [], []
    for model, people in parts:
        engine = Engine(replace(model, certainty=np.array([0.0, 1.0])))
        for person in people:
            seed = int(generator.integers(2**32))
            given = replay(engine, person, seed=seed, max_items=max(READ_AFTER), stop=False)
            for length in READ_AFTER:
                profile = engine.profile(dict(islice(given.items(), length)))
                logits.append(np.log(profile.p_top3_set / (1 - profile.p_top3_set)))
                right.append(stated_right(person, profile.top3))
    x = np.column_stack([np.ones(len(logits)), logits])
    y = np.array(right, dtype=np.float64)
    found = np.array([0.0, 1.0])
    for _ in range(NEWTON_STEPS):
        p = 1 / (1 + np.exp(-x @ found))
        information = (x * (p * (1 - p))[:, None]).T @ x + np.eye(2)
        step = np.linalg.solve(information, x.T @ (y - p))
        found = found + step / max(1.0, float(np.abs(step).max()) / LONGEST_STEP)
    return found


def stated_right(person: FloatArray, stated: tuple[str, ...]) -> bool:
    """Whether three stated scales are the three highest full totals; ties count as right."""
    totals = person.reshape(len(SCALES), ITEMS_PER_SCALE).sum(axis=1)
    third = np.sort(totals)[-3]
    inside = np.array([scale in stated for scale in SCALES])
    return bool((totals[inside] >= third).all() and not (totals[~inside] > third).any())


def _use(
    engine: Engine, answers: FloatArray, generator: np.random.Generator, people: int, length: int
) -> FloatArray:
    """Share of people who are asked each item, over a random sample."""
    used = np.zeros(ITEM_COUNT)
    position = {item: index for index, item in enumerate(ITEMS)}
    sample = generator.choice(len(answers), min(people, len(answers)), replace=False)
    for row in sample:
        seed = int(generator.integers(2**32))
        given = replay(engine, answers[row], seed=seed, max_items=length, stop=False)
        used[[position[item] for item in given]] += 1
    return used / len(sample)
