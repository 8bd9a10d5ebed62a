"""Invented learners with a known fate, to try thresholds before there are real ones.

Each learner has a pull toward the course that drifts from day to day; a hard week, missed
meetings and failures weaken it, and below zero the learner leaves for good. The warning sees
events only, never the pull. What comes out says whether the points work as meant on learners
of this make; it is no promise about people.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np

from adaptive.engagement.warning import (
    EngagementError,
    Event,
    Thresholds,
    signals_at,
    warn,
)

_ACTIVITIES = 12


@dataclass(frozen=True, slots=True)
class SimulatedLearner:
    """Events from day 0 on, and the day of leaving (None: stayed to the end)."""

    events: tuple[Event, ...]
    left_on: float | None


@dataclass(frozen=True, slots=True)
class Trial:
    """How well the points at a day told who would be gone by the end, of those still there.

    `auc` for the points; `found` and `false_alarm` are the shares of leavers and of stayers at
    level "watch" or above; `judged` and `leavers` count people.
    """

    auc: float
    found: float
    false_alarm: float
    judged: int
    leavers: int


def simulate(people: int, days: int, seed: int) -> list[SimulatedLearner]:
    """Invent learners over a number of days; the same seed gives the same people."""
    if people < 1 or days < 1:
        raise EngagementError("a simulation needs at least one learner and one day")
    dice = random.Random(seed)
    return [_one_life(dice, days) for _ in range(people)]


def try_out(
    learners: list[SimulatedLearner], day: float = 7.0, thresholds: Thresholds | None = None
) -> Trial:
    """Judge the warning at the end of a day, on those who have not left by then.

    Only what happened up to that day is looked at. Raises EngagementError if of those judged
    nobody leaves later, or everybody.
    """
    learners = [one for one in learners if one.left_on is None or one.left_on > day]
    warnings = [warn(signals_at(one.events, 0.0, day), thresholds) for one in learners]
    points = np.array([warning.points for warning in warnings])
    flagged = np.array([warning.level != "calm" for warning in warnings])
    leaves = np.array([one.left_on is not None for one in learners])
    leavers = int(leaves.sum())
    if leavers in (0, len(learners)):
        raise EngagementError("a trial needs learners who leave and learners who stay")
    above = points[leaves][:, None] - points[~leaves][None, :]
    return Trial(
        auc=float(((above > 0) + 0.5 * (above == 0)).mean()),
        found=float(flagged[leaves].mean()),
        false_alarm=float(flagged[~leaves].mean()),
        judged=len(learners),
        leavers=leavers,
    )


def _one_life(dice: random.Random, days: int) -> SimulatedLearner:
    pull, skill = dice.gauss(0.8, 0.9), dice.gauss(0.8, 0.8)
    events: list[Event] = []
    doing, unfinished = 0, False
    for day in range(days):
        if pull < -0.8:
            return SimulatedLearner(tuple(events), float(day))
        pull += dice.gauss(-0.01, 0.12)
        if day % 5 == 4:
            met = dice.random() < _chance(pull + 0.6)
            events.append(Event(day + 0.4, "met" if met else "missed"))
            pull += 0.15 if met else -0.15
        if dice.random() > _chance(pull - 0.4):
            continue
        events.append(Event(day + 0.5, "seen"))
        if not unfinished and doing < _ACTIVITIES:
            doing, unfinished = doing + 1, True
            events.append(Event(day + 0.51, "started", f"a{doing}"))
        for step in range(3 if unfinished else 0):
            right = dice.random() < _chance(skill)
            events.append(Event(day + 0.52 + step / 100, "right" if right else "wrong"))
            pull += 0.02 if right else -0.05
        if unfinished and dice.random() < _chance(pull + 0.3):
            events.append(Event(day + 0.6, "finished", f"a{doing}"))
            unfinished = False
            pull += 0.1
    return SimulatedLearner(tuple(events), None)


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
