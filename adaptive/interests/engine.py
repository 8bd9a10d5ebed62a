"""The interest engine: which activity to ask next, when to stop, what the answers say.

The 48 answers are one jointly Gaussian vector with the moments of the calibration; conditioning on
the answers given yields the six totals with their uncertainty. The next item is the one that
lowers the variance of the totals most, weighted by how open it is whether a total belongs to the
top three or is the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from adaptive.interests.form import (
    HIGHEST_TOTAL,
    ITEM_COUNT,
    ITEMS,
    ITEMS_PER_SCALE,
    LOWEST_TOTAL,
    SCALES,
    AnswerError,
    FloatArray,
    checked,
)
from adaptive.interests.model import Model
from adaptive.interests.profile import Note, Profile

DRAWS: Final = 300
FLOOR: Final = 0.15
STOP_AT: Final = 0.85
AT_LEAST: Final = 8
FLAT_SD: Final = 2.0


class Engine:
    """Chooses items and reads profiles by one calibration; holds no state of any person."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._normal = np.random.default_rng(48).standard_normal((DRAWS, len(SCALES)))

    def next_item(
        self,
        answers: Mapping[str, int | None],
        *,
        seed: int,
        max_items: int = ITEM_COUNT,
        stop: bool,
    ) -> str | None:
        """Name the activity to ask next, or None when it is time to show the profile.

        answers: item id -> 1..5, or None for "Not sure", in the order asked. seed: spreads the
        use of items over people. stop: end as soon as the stated top three are sure enough.
        Raises AnswerError for answers that cannot be used or max_items outside 1..48.
        """
        if not 1 <= max_items <= ITEM_COUNT:
            raise AnswerError(f"max_items is {max_items}; expected 1 to {ITEM_COUNT}")
        answered, values, asked = checked(answers)
        if len(asked) >= max_items:
            return None
        mean, covariance = self._condition(answered, values)
        totals, gains, draws = self._totals(mean, covariance)
        member, first, p_set = _shares(draws, totals)
        if stop and len(answered) >= AT_LEAST and p_set >= STOP_AT:
            return None
        weights = FLOOR + 4 * member * (1 - member) + 2 * first * (1 - first)
        variance = np.maximum(np.diagonal(covariance), 1e-9)
        gain = weights @ gains**2 / variance
        gain[asked] = -np.inf
        return ITEMS[int(np.argmax(gain))]

    def profile(self, answers: Mapping[str, int | None]) -> Profile:
        """Say what the answers tell about the six interests.

        Raises AnswerError for an unknown item or a value that is neither 1..5 nor None.
        """
        answered, values, asked = checked(answers)
        mean, covariance = self._condition(answered, values)
        totals, gains, draws = self._totals(mean, covariance)
        member, first, p_set = _shares(draws, totals)
        order = np.argsort(-totals, kind="stable")
        spread = np.sqrt(np.maximum(gains.reshape(6, 6, ITEMS_PER_SCALE).sum(2).diagonal(), 0))
        scores = np.clip(totals, LOWEST_TOTAL, HIGHEST_TOTAL)
        return Profile(
            scores=dict(zip(SCALES, scores.tolist(), strict=True)),
            sd=dict(zip(SCALES, spread.tolist(), strict=True)),
            p_top1=dict(zip(SCALES, first.tolist(), strict=True)),
            p_top3=dict(zip(SCALES, member.tolist(), strict=True)),
            top3=(SCALES[order[0]], SCALES[order[1]], SCALES[order[2]]),
            p_top3_set=float(p_set),
            flat=bool(scores.std() < FLAT_SD),
            notes=_notes(values, len(asked)),
            n_answered=len(answered),
            n_asked=len(asked),
            model_version=self.model.version,
        )

    def _condition(self, answered: np.ndarray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        mean, covariance = self.model.mean, self.model.covariance
        if len(answered) == 0:
            return mean, covariance
        across = covariance[answered]
        solved = np.linalg.solve(across[:, answered], across)
        posterior_mean = mean + (values - mean[answered]) @ solved
        posterior_mean[answered] = values
        posterior = covariance - across.T @ solved
        posterior[answered] = 0.0
        posterior[:, answered] = 0.0
        return posterior_mean, posterior

    def _totals(
        self, mean: FloatArray, covariance: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Expected totals (6,), covariances of totals with items (6, 48), draws of totals."""
        totals = mean.reshape(len(SCALES), ITEMS_PER_SCALE).sum(1)
        gains = covariance.reshape(len(SCALES), ITEMS_PER_SCALE, ITEM_COUNT).sum(1)
        spread = gains.reshape(len(SCALES), len(SCALES), ITEMS_PER_SCALE).sum(2)
        factor = np.linalg.cholesky(spread + 1e-6 * np.eye(len(SCALES)))
        return totals, gains, totals + self._normal @ factor.T


def _shares(draws: FloatArray, totals: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Shares of draws: each scale in the top three, each scale first, the stated set right."""
    third = np.partition(draws, 3, axis=1)[:, 3:].min(1, keepdims=True)
    inside = draws >= third
    stated = np.argsort(-totals, kind="stable")[:3]
    first = np.bincount(draws.argmax(1), minlength=len(SCALES)) / len(draws)
    return inside.mean(0), first, float(inside[:, stated].all(1).mean())


def _notes(values: FloatArray, asked: int) -> tuple[Note, ...]:
    notes = []
    if asked and len(values) == 0:
        notes.append(Note.ALL_NOT_SURE)
    if len(values) < AT_LEAST:
        notes.append(Note.TOO_FEW_ANSWERS)
    elif np.ptp(values) == 0:
        notes.append(Note.STRAIGHT_LINE)
    return tuple(notes)
