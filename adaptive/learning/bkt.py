"""Bayesian knowledge tracing with forgetting, fitted by expectation maximisation.

Model: Corbett & Anderson 1995 (User Modeling and User-Adapted Interaction 4): a skill is known
or not; it is learned between answers with a fixed chance; known skills slip, unknown ones are
guessed. Between answers on different days what was known fades toward the prior. EM is
Baum-Welch for two states; weak Beta priors keep guess and slip where the model keeps its
meaning (Baker, Corbett & Aleven 2008 on degenerate parameters).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from adaptive.learning.tracing import AnswerSequence, LearningDataError, check_step

_Array = NDArray[np.float64]
_MAX_GUESS = 0.45
_MAX_SLIP = 0.35
_PRIOR_ANSWERS = 20.0
_LONGEST = 60  # answers of one learner on one skill that the fit looks at


@dataclass(frozen=True, slots=True)
class BktSkill:
    """Chances in (0, 1): known at the start, learned per answer, guessed, slipped."""

    known: float = 0.5
    learned: float = 0.1
    guess: float = 0.25
    slip: float = 0.1

    def __post_init__(self) -> None:
        for name in ("known", "learned", "guess", "slip"):
            value = getattr(self, name)
            if not 0 < value < 1:
                raise LearningDataError(f"{name} must lie between 0 and 1, not {value}")
        if self.guess + self.slip >= 1:
            raise LearningDataError("guess and slip together must stay below 1")


@dataclass(frozen=True, slots=True)
class BktState:
    """Per skill: chance that it is known, and the moment (days) this was true."""

    known: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    at: float | None = None


@dataclass(frozen=True, slots=True)
class BktTracer:
    """BKT behind the common interface; `fallback` serves skills never fitted."""

    skills: Mapping[str, BktSkill] = field(default_factory=dict)
    fallback: BktSkill = BktSkill()
    forget_days: float = 60.0

    def __post_init__(self) -> None:
        if not self.forget_days > 0:
            raise LearningDataError(f"forget_days must be above 0, not {self.forget_days}")

    def initial(self) -> BktState:
        """Return the state of a learner who has answered nothing."""
        return BktState()

    def known(self, state: BktState, skill: str, at: float) -> float:
        """Return the chance that the skill is known at a moment, after forgetting."""
        check_step(skill, at, state.at)
        start = self.skills.get(skill, self.fallback).known
        if skill not in state.known:
            return start
        chance, then = state.known[skill]
        return min(chance, start) + max(chance - start, 0.0) * math.exp(
            -(at - then) / self.forget_days
        )

    def update(self, state: BktState, skill: str, correct: bool, at: float) -> BktState:
        """Return the state after one answer."""
        k = self.skills.get(skill, self.fallback)
        before = self.known(state, skill, at)
        if correct:
            shown = before * (1 - k.slip) / (before * (1 - k.slip) + (1 - before) * k.guess)
        else:
            shown = before * k.slip / (before * k.slip + (1 - before) * (1 - k.guess))
        known = dict(state.known)
        known[skill] = (shown + (1 - shown) * k.learned, at)
        return BktState(known, at)

    def predict(self, state: BktState, skill: str, at: float) -> float:
        """Return the probability of a right answer."""
        k = self.skills.get(skill, self.fallback)
        known = self.known(state, skill, at)
        return known * (1 - k.slip) + (1 - known) * k.guess


def fit_bkt(
    sequences: Sequence[AnswerSequence], rounds: int = 30, forget_days: float = 60.0
) -> BktTracer:
    """Fit every skill by EM; skills share a fallback fitted on all answers together.

    The fallback also acts as prior worth 20 answers, so rare skills stay near it. Only a
    learner's first 60 answers on a skill count. Time between answers is not used in the fit;
    `forget_days` is set by the caller.
    """
    attempts: dict[str, list[list[bool]]] = {}
    for sequence in sequences:
        per_skill: dict[str, list[bool]] = {}
        for skill, correct in zip(sequence.skills, sequence.correct, strict=True):
            per_skill.setdefault(skill, []).append(correct)
        for skill, results in per_skill.items():
            attempts.setdefault(skill, []).append(results[:_LONGEST])
    if not attempts:
        raise LearningDataError("there are no answers to fit on")
    everything = [results for of_skill in attempts.values() for results in of_skill]
    fallback = _fit_skill(everything[:: max(1, len(everything) // 4000)], BktSkill(), rounds)
    fitted = {
        skill: _fit_skill(results, fallback, rounds) for skill, results in sorted(attempts.items())
    }
    return BktTracer(fitted, fallback, forget_days)


def _fit_skill(attempts: list[list[bool]], prior: BktSkill, rounds: int) -> BktSkill:
    """Run Baum-Welch on all learners of one skill at once, padded to one matrix."""
    length = max(map(len, attempts))
    right = np.zeros((len(attempts), length))
    there = np.zeros((len(attempts), length))
    for row, results in enumerate(attempts):
        right[row, : len(results)] = results
        there[row, : len(results)] = 1.0
    found = prior
    for _ in range(rounds):
        found = _em_round(right, there, found, prior)
    return found


def _em_round(right: _Array, there: _Array, k: BktSkill, prior: BktSkill) -> BktSkill:
    sees_known = np.where(right > 0, 1 - k.slip, k.slip)
    sees_unknown = np.where(right > 0, k.guess, 1 - k.guess)
    people, length = right.shape
    filtered = np.empty((people, length))
    chance = np.full(people, k.known)
    for t in range(length):
        up = chance * sees_known[:, t]
        filtered[:, t] = up / (up + (1 - chance) * sees_unknown[:, t])
        chance = filtered[:, t] + (1 - filtered[:, t]) * k.learned
    smooth = filtered.copy()
    moved = np.zeros((people, max(length - 1, 0)))
    for t in range(length - 2, -1, -1):
        ahead = filtered[:, t] + (1 - filtered[:, t]) * k.learned
        follows = there[:, t + 1]
        fresh = (1 - filtered[:, t]) * k.learned * smooth[:, t + 1] / ahead
        stayed = filtered[:, t] * smooth[:, t + 1] / ahead
        smooth[:, t] = np.where(follows > 0, stayed, filtered[:, t])
        moved[:, t] = fresh * follows
    return _maximise(right, there, smooth, moved, prior)


def _maximise(
    right: _Array, there: _Array, smooth: _Array, moved: _Array, prior: BktSkill
) -> BktSkill:
    unknown = (1 - smooth) * there
    knew = smooth * there

    def share(hits: float, chances: float, toward: float) -> float:
        return (hits + _PRIOR_ANSWERS * toward) / (chances + _PRIOR_ANSWERS)

    return BktSkill(
        known=share(smooth[:, 0].sum(), len(smooth), prior.known),
        learned=share(moved.sum(), (unknown[:, :-1] * there[:, 1:]).sum(), prior.learned),
        guess=min(share((unknown * right).sum(), unknown.sum(), prior.guess), _MAX_GUESS),
        slip=min(share((knew * (1 - right)).sum(), knew.sum(), prior.slip), _MAX_SLIP),
    )
