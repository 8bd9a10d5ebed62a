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
    """The one interest whose change would lift the fit most.

    With `more` of it (or less), within the range of the person's own scores, the correlation
    would be `fit_then`.
    """

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


def _best_values(person: NDArray[np.float64], jobs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Per job and scale the score that alone would fit best, shape (jobs, 6).

    Only scores between the person's own lowest and highest count: "if you liked it as much as
    your favourite". The correlation as a function of one score x is
    (a + b x) / sqrt(c + d x + e x²), so the best x is its stationary point or an end.
    """
    slope = jobs - jobs.mean(axis=1, keepdims=True)
    rest = person.sum() - person
    a = (slope * person).sum(axis=1, keepdims=True) - slope * person
    c = (person**2).sum() - person**2 - rest**2 / 6
    d, e = -rest / 3, 5 / 6
    below = a * e - slope * d / 2
    turn = np.divide(slope * c - a * d / 2, below, out=np.zeros_like(a), where=below != 0)
    low, high = person.min(), person.max()
    tried = np.stack(
        [np.full_like(turn, low), np.full_like(turn, high), np.clip(turn, low, high)], axis=-1
    )
    fits = _fits_with(person, jobs, tried)
    best = fits.argmax(axis=-1)[..., None]
    return np.asarray(np.take_along_axis(tried, best, axis=-1)[..., 0])


def _fits_with(
    person: NDArray[np.float64], jobs: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The fit when one scale at a time takes another value; shape as `values` (jobs, 6, …)."""
    extra = values.ndim - 2
    profiles = np.broadcast_to(person, (*values.shape, 6)).copy()
    own = np.eye(6, dtype=bool).reshape(1, 6, *([1] * extra), 6)
    profiles = np.where(own, values[..., None], profiles)
    return correlations(profiles, jobs.reshape(len(jobs), *([1] * (extra + 1)), 6))


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
    values = _best_values(person, jobs)
    fits_then = _fits_with(person, jobs, values)
    turning = fits_then.argmax(axis=1)
    liked = person > person.mean()

    def reason(n: int, rank: int) -> Reason:
        scale = int(order[n, rank])
        return Reason(SCALES[scale], float(contributions[n, scale]), bool(liked[scale]))

    def difference(n: int) -> Difference | None:
        scale = int(turning[n])
        fit_then = float(fits_then[n, scale])
        if fit_then - fits[n] < WORTH_SAYING:
            return None
        return Difference(SCALES[scale], bool(values[n, scale] > person[scale]), fit_then)

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
