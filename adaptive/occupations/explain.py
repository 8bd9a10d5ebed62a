"""Why an occupation fits a profile, and what would have to differ for it to fit better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adaptive.occupations.model import SCALES, Occupation
from adaptive.occupations.profile import directions, vector

WORTH_SAYING = 0.02
"""A change of the correlation smaller than this is not worth a sentence."""

_OTHERS = np.array([[other for other in range(6) if other != left_out] for left_out in range(6)])


@dataclass(frozen=True, slots=True)
class Reason:
    """One interest that made the match.

    `contribution` is how much lower the correlation is on the five other interests alone;
    `liked` says whether the interest lies above the person's own average (both have much of it)
    or below it (both have little of it).
    """

    scale: str
    contribution: float
    liked: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """The interest that fits least: `more` of it (or less) would lift the fit to `fit_then`."""

    scale: str
    more: bool
    fit_then: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """`fit` the correlation, the two interests that made it, and what would have to differ."""

    fit: float
    because: tuple[Reason, Reason]
    differs: Difference | None


def correlations(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson's correlation along the last axis; 0 where one side has no differences."""
    return np.asarray((directions(one) * directions(other)).sum(axis=-1))


def _fitting_scores(
    person: NDArray[np.float64], jobs: NDArray[np.float64], scales: NDArray[np.intp]
) -> NDArray[np.float64]:
    """The score of one scale per job if it lay on the line the other five interests draw."""
    others = _OTHERS[scales]
    jobs_part = np.take_along_axis(jobs, others, axis=1)
    person_part = person[others]
    job_mean = jobs_part.mean(axis=1, keepdims=True)
    person_mean = person_part.mean(axis=1, keepdims=True)
    spread = ((jobs_part - job_mean) ** 2).sum(axis=1)
    shared = ((jobs_part - job_mean) * (person_part - person_mean)).sum(axis=1)
    slope = np.divide(shared, spread, out=np.zeros_like(shared), where=spread > 0)
    own = jobs[np.arange(len(jobs)), scales]
    return np.asarray(person_mean[:, 0] + slope * (own - job_mean[:, 0]))


def explain_all(
    scores: Mapping[str, float], occupations: tuple[Occupation, ...]
) -> tuple[Explanation, ...]:
    """Explain each occupation; see `explain`."""
    if not occupations:
        return ()
    person = vector(scores)
    jobs = np.array([occupation.interests for occupation in occupations])
    fits = correlations(person, jobs)
    contributions = fits[:, None] - correlations(person[_OTHERS], jobs[:, _OTHERS])
    order = np.argsort(-contributions, axis=1, kind="stable")
    least = order[:, -1]
    then = np.repeat(person[None, :], len(jobs), axis=0)
    then[np.arange(len(jobs)), least] = _fitting_scores(person, jobs, least)
    fits_then = correlations(then, jobs)
    liked = person > person.mean()

    def reason(n: int, rank: int) -> Reason:
        scale = int(order[n, rank])
        return Reason(SCALES[scale], float(contributions[n, scale]), bool(liked[scale]))

    def difference(n: int) -> Difference | None:
        if fits_then[n] - fits[n] < WORTH_SAYING:
            return None
        scale = int(least[n])
        return Difference(SCALES[scale], bool(then[n, scale] > person[scale]), float(fits_then[n]))

    return tuple(
        Explanation(float(fits[n]), (reason(n, 0), reason(n, 1)), difference(n))
        for n in range(len(jobs))
    )


def explain(scores: Mapping[str, float], occupation: Occupation) -> Explanation:
    """Explain the fit of one occupation by leaving one interest out at a time.

    `scores` are six values by letter on any linear scale. Works for any occupation, also one
    that is not in the list ("why is … not here?").
    """
    return explain_all(scores, (occupation,))[0]
