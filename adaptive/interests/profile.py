"""What a set of answers says: six expected totals, how sure they are, and what to be careful of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from adaptive.interests.form import HIGHEST_TOTAL, LOWEST_TOTAL


class Note(StrEnum):
    """Something odd about the answers that a reader of the profile should know."""

    TOO_FEW_ANSWERS = "too_few_answers"
    ALL_NOT_SURE = "all_not_sure"
    STRAIGHT_LINE = "straight_line"
    CONTRADICTORY = "contradictory"


@dataclass(frozen=True, slots=True)
class Profile:
    """A person's interest profile with its uncertainty; every mapping has the keys R I A S E C.

    scores: expected total over all eight activities of the interest, 8 (dislikes all) to 40
        (enjoys all); an activity that was not answered counts with its expected answer.
    sd: standard deviation of that total, same unit; 0 when all eight were answered.
    lasting: the totals to expect if all were asked again another day, drawn towards the average;
        the best guess of the person's true profile, where `scores` predict the answers of today.
    p_top1, p_top3: probability that the interest is the highest, or one of the three highest, of
        the totals over all 48 activities (a tie counts for each).
    top3: the three stated interests, highest expected total first.
    p_top3_set: calibrated probability that `top3` is the right set.
    flat: the six scores differ by less than their error, so an order between them means little.
    notes: what is odd about the answers. n_answered: answers given, n_asked: with "Not sure".
    model_version: the calibration that made it.
    """

    scores: Mapping[str, float]
    sd: Mapping[str, float]
    lasting: Mapping[str, float]
    p_top1: Mapping[str, float]
    p_top3: Mapping[str, float]
    top3: tuple[str, str, str]
    p_top3_set: float
    flat: bool
    notes: tuple[Note, ...]
    n_answered: int
    n_asked: int
    model_version: str

    @property
    def percent(self) -> dict[str, float]:
        """The scores on 0 (dislikes all) to 100 (enjoys all)."""
        span = HIGHEST_TOTAL - LOWEST_TOTAL
        return {key: (value - LOWEST_TOTAL) / span * 100 for key, value in self.scores.items()}
