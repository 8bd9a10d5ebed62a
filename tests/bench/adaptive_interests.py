"""The interest engine, measured on people who took no part in its calibration.

Protocol. 1,000 of the 4,505 respondents of the public file are set aside by a fixed seed; the
model, the spreading of item use and the calibration of the stated probability see the others only.
Each hold-out respondent's real answers are replayed item by item with `stop` off (24 items) and on
(at most 48); the criterion is the sum scores of all 48 answers. top-3: every stated scale reaches
the third-highest total and every scale strictly above it is stated. top-1: the stated first scale
has the highest total. r: mean over the six scales of the correlation of stated with full totals.
Deciles of the stated probability are taken over 24-item profiles of the hold-out and of the
others by five-fold cross-fitting, so that a decile holds about 450 people.

True profiles: a graded-response model fitted to the same people simulates 4,500 people to
calibrate on and 2,000 to measure; the criterion is their true expected totals, and the estimate is
the profile's `lasting` totals (`..._by_scores`: the same with `scores`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from adaptive.calibrate import AnswersError, read_answers
from adaptive.interests import ITEMS, SCALES, Engine, Model, Profile, graded
from adaptive.interests.fitting import fit
from adaptive.interests.form import ITEM_COUNT, FloatArray
from adaptive.interests.tuning import replay, stated_right

FILE = "riasec_public_calibration.csv"
HELD_OUT = 1000
FOLDS = 5
SIMULATED = (4500, 2000)
NAMES = {
    "top3_at_24": "share",
    "top1_at_24": "share",
    "r_at_24": "r",
    "stop_items": "items",
    "stop_top3": "share",
    "stop_r": "r",
    "true_r_at_24": "r",
    "true_top1_at_24": "share",
    "true_top3_at_24": "share",
    "p_top3_worst_decile_gap": "share",
    "exposure_max": "share",
    "items_never_used": "count",
    "next_item_ms_p99": "ms",
}


def totals(answers: FloatArray) -> FloatArray:
    """Full sum scores (people, 6)."""
    return answers.reshape(len(answers), len(SCALES), -1).sum(axis=2)


def played(
    model: Model, people: FloatArray, *, max_items: int, stop: bool
) -> tuple[list[Profile], FloatArray]:
    """Profiles of people who answer what the engine asks, and who was asked what (people, 48)."""
    engine = Engine(model)
    profiles, used = [], np.zeros((len(people), ITEM_COUNT))
    for number, person in enumerate(people):
        given = replay(engine, person, seed=number, max_items=max_items, stop=stop)
        used[number, [ITEMS.index(item) for item in given]] = 1
        profiles.append(engine.profile(given))
    return profiles, used


def correlation(stated: FloatArray, truth: FloatArray) -> float:
    """Mean over the scales of the correlation over people."""
    pairs = zip(stated.T, truth.T, strict=True)
    return float(np.mean([np.corrcoef(s, t)[0, 1] for s, t in pairs]))


def scores(profiles: list[Profile], name: str = "scores") -> FloatArray:
    """Stated totals (people, 6)."""
    return np.array([[getattr(p, name)[scale] for scale in SCALES] for p in profiles])


def agreement(profiles: list[Profile], people: FloatArray) -> dict[str, float]:
    """top-3, top-1 and r against the full form."""
    truth, stated = totals(people), scores(profiles)
    rows = np.arange(len(people))
    right = [stated_right(person, p.top3) for person, p in zip(people, profiles, strict=True)]
    first = truth[rows, stated.argmax(axis=1)] == truth.max(axis=1)
    return {
        "top3": float(np.mean(right)),
        "top1": float(first.mean()),
        "r": correlation(stated, truth),
    }


def worst_decile(profiles: list[Profile], people: FloatArray) -> float:
    """Largest gap between stated and observed over ten equal groups by the stated probability."""
    stated = np.array([p.p_top3_set for p in profiles])
    right = np.array(
        [stated_right(person, p.top3) for person, p in zip(people, profiles, strict=True)]
    )
    groups = np.array_split(np.argsort(stated, kind="stable"), 10)
    return max(abs(float(stated[g].mean() - right[g].mean())) for g in groups)


def true_agreement(profiles: list[Profile], truth: FloatArray, name: str) -> dict[str, float]:
    """r, top-1 and top-3 set against simulated true totals."""
    stated = scores(profiles, name)
    best = np.sort(np.argsort(-stated, axis=1)[:, :3], axis=1)
    wanted = np.sort(np.argsort(-truth, axis=1)[:, :3], axis=1)
    return {
        "r": correlation(stated, truth),
        "top1": float((stated.argmax(axis=1) == truth.argmax(axis=1)).mean()),
        "top3": float((best == wanted).all(axis=1).mean()),
    }


def next_item_p99(model: Model, people: FloatArray) -> float:
    """Milliseconds of choosing the next item from stored answers, every length up to 48."""
    engine = Engine(model)
    taken = []
    for number, person in enumerate(people):
        values = dict(zip(ITEMS, person.astype(int).tolist(), strict=True))
        given: dict[str, int | None] = {}
        item: str | None = ""
        while item is not None:
            start = time.perf_counter()
            item = engine.next_item(given, seed=number, stop=bool(number % 2))
            taken.append((time.perf_counter() - start) * 1000)
            if item is not None:
                given[item] = values[item]
    return float(np.percentile(taken, 99))


def figures() -> Iterator[dict[str, Any]]:
    """Every figure of the interest engine."""
    path = Path(os.environ.get("BENCH_DATA", "")) / FILE
    try:
        answers = read_answers(path).values
    except AnswersError as error:
        why = f"{error}; set BENCH_DATA to the folder that holds {FILE}"
        yield from ({"name": n, "value": None, "unit": u, "why": why} for n, u in NAMES.items())
        return
    for name, value in measured(answers):
        yield {"name": name, "value": round(value, 4), "unit": NAMES.get(name, "share")}


def measured(answers: FloatArray) -> Iterator[tuple[str, float]]:
    """Names and values."""
    order = np.random.default_rng(2015).permutation(len(answers))
    held, rest = answers[order[:HELD_OUT]], answers[order[HELD_OUT:]]
    model = fit(rest, "bench")
    profiles, used = played(model, held, max_items=24, stop=False)
    for name, value in agreement(profiles, held).items():
        yield f"{name}_at_24", value
    yield "exposure_max", float(used.mean(axis=0).max())
    yield "items_never_used", float((used.sum(axis=0) == 0).sum())
    free = replace(model, fixed=replace(model.fixed, penalty=np.zeros(ITEM_COUNT)))
    without, _ = played(free, held, max_items=24, stop=False)
    cost = agreement(without, held)["top3"] - agreement(profiles, held)["top3"]
    yield "exposure_cost_top3", cost
    yield "p_top3_worst_decile_gap", deciles(model, rest, profiles, held)
    stopped, asked = played(model, held, max_items=ITEM_COUNT, stop=True)
    yield "stop_items", float(asked.sum(axis=1).mean())
    for name, value in agreement(stopped, held).items():
        yield f"stop_{name}", value
    yield "stop_exposure_max", float(asked.mean(axis=0).max())
    yield "next_item_ms_p99", next_item_p99(model, held[:100])
    yield from simulated(model, rest)


def deciles(model: Model, rest: FloatArray, profiles: list[Profile], held: FloatArray) -> float:
    """Worst decile over the hold-out and each fold of the rest, outside its own calibration."""
    everyone, people = list(profiles), [held]
    fold = np.arange(len(rest)) % FOLDS
    for part in range(FOLDS):
        other = fit(rest[fold != part], "fold", rounds=0)
        other = replace(other, fixed=model.fixed, certainty=model.certainty)
        everyone += played(other, rest[fold == part], max_items=24, stop=False)[0]
        people.append(rest[fold == part])
    return worst_decile(everyone, np.concatenate(people))


def simulated(model: Model, rest: FloatArray) -> Iterator[tuple[str, float]]:
    """Agreement with true profiles, of a model calibrated on other simulated people."""
    generator = np.random.default_rng(7)
    parameters = graded.estimate(rest)
    seen, _ = graded.simulate(parameters, SIMULATED[0], generator)
    people, truth = graded.simulate(parameters, SIMULATED[1], generator)
    again = replace(fit(seen, "simulated", rounds=0), fixed=model.fixed)
    profiles, _ = played(again, people, max_items=24, stop=False)
    for name, value in true_agreement(profiles, truth, "lasting").items():
        yield f"true_{name}_at_24", value
    for name, value in true_agreement(profiles, truth, "scores").items():
        yield f"true_{name}_at_24_by_scores", value
