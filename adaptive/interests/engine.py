"""The interest engine: which activity to ask next, when to stop, what the answers say.

What it does with odd answers: all "Not sure" or none at all gives the average person's profile
with its full uncertainty and the notes `all_not_sure` and `too_few_answers`; two answers give a
profile pulled towards the average, `too_few_answers`, and a low probability; the same answer
everywhere is noted as `straight_line` and ends as a flat profile; answers that contradict each
other are noted as `contradictory`, widen every error, and so take longer to stop.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from adaptive.interests.draws import normal_points
from adaptive.interests.form import (
    HIGHEST_TOTAL,
    ITEM_COUNT,
    ITEMS,
    LOWEST_TOTAL,
    SCALES,
    AnswerError,
    FloatArray,
    checked,
)
from adaptive.interests.model import Model
from adaptive.interests.posterior import Posterior, condition, lasting
from adaptive.interests.profile import Note, Profile
from adaptive.interests.selection import gains, penalties, shares

DRAWS: Final = 256
FEWEST: Final = 6


class Engine:
    """Chooses items and reads profiles by one calibration; holds no state of any person."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._points = normal_points(DRAWS)

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
        Deterministic: the same answers and seed give the same item.
        Raises AnswerError for answers that cannot be used or max_items outside 1..48.
        """
        if not 1 <= max_items <= ITEM_COUNT:
            raise AnswerError(f"max_items is {max_items}; expected 1 to {ITEM_COUNT}")
        answered, values, asked = checked(answers)
        if len(asked) >= max_items:
            return None
        posterior = condition(self.model, answered, values)
        if stop and self._sure(posterior, len(answered)):
            return None
        choice = self.model.stopping if stop else self.model.fixed
        gained = np.log(np.maximum(gains(posterior, self._points, choice), 1e-12))
        gained -= penalties(choice, seed)
        gained[asked] = -np.inf
        return ITEMS[int(np.argmax(gained))]

    def profile(self, answers: Mapping[str, int | None]) -> Profile:
        """Say what the answers tell about the six interests; their order does not matter.

        Raises AnswerError for an unknown item or a value that is neither 1..5 nor None.
        """
        answered, values, asked = checked(answers)
        posterior = condition(self.model, answered, values)
        order = _order(posterior.totals)
        member, first, right = shares(posterior, self._points, order[:3])
        again = lasting(self.model, answered, values)
        spread = np.sqrt(np.maximum(posterior.covariance.diagonal(), 0.0))
        return Profile(
            scores=_by_scale(np.clip(posterior.totals, LOWEST_TOTAL, HIGHEST_TOTAL)),
            sd=_by_scale(spread),
            lasting=_by_scale(np.clip(again, LOWEST_TOTAL, HIGHEST_TOTAL)),
            p_top1=_by_scale(first),
            p_top3=_by_scale(member),
            top3=(SCALES[order[0]], SCALES[order[1]], SCALES[order[2]]),
            p_top3_set=self._calibrated(right),
            flat=self._flat(posterior),
            notes=self._notes(values, len(asked), posterior),
            n_answered=len(answered),
            n_asked=len(asked),
            model_version=self.model.version,
        )

    def _sure(self, posterior: Posterior, answered: int) -> bool:
        model = self.model
        if answered < model.at_least:
            return False
        _, _, right = shares(posterior, self._points, _order(posterior.totals)[:3])
        wanted = model.sure - model.relax * (answered - model.at_least)
        return self._calibrated(right) >= wanted

    def _calibrated(self, share: float) -> float:
        """The probability that a share of draws means, as observed in the calibration.

        A share of 0 or 1 counts as half a draw, so that certainty is never claimed from a sample.
        """
        share = min(max(share, 0.5 / DRAWS), 1 - 0.5 / DRAWS)
        intercept, slope = self.model.certainty
        return 1 / (1 + math.exp(-intercept - slope * math.log(share / (1 - share))))

    def _flat(self, posterior: Posterior) -> bool:
        """Whether the six totals differ by less than their error from one day to another."""
        error = posterior.covariance.trace() + self.model.noise.sum()
        return bool(posterior.totals.var() * len(SCALES) < error)

    def _notes(self, values: FloatArray, asked: int, posterior: Posterior) -> tuple[Note, ...]:
        notes = []
        if asked and len(values) == 0:
            notes.append(Note.ALL_NOT_SURE)
        if len(values) < FEWEST:
            notes.append(Note.TOO_FEW_ANSWERS)
        elif np.ptp(values) == 0:
            notes.append(Note.STRAIGHT_LINE)
        elif posterior.misfit > self.model.odd:
            notes.append(Note.CONTRADICTORY)
        return tuple(notes)


def _order(totals: FloatArray) -> list[int]:
    """Positions of the scales, highest expected total first."""
    order: list[int] = np.argsort(-totals, kind="stable").tolist()
    return order


def _by_scale(values: FloatArray) -> dict[str, float]:
    return dict(zip(SCALES, values.tolist(), strict=True))
