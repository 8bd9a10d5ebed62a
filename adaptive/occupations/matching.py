"""Match a profile to occupations: profile correlation with its uncertainty carried through.

Pearson's correlation of the six interests predicts outcomes at least as well as every other
index compared (Xu and Li 2020, Journal of Career Assessment, 10.1177/1069072720909825). Interest
congruence hardly forecasts success (Nye et al. 2017), so a match is something worth exploring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adaptive.occupations.explain import Difference, Reason, explain_all
from adaptive.occupations.model import Catalogue, Occupation
from adaptive.occupations.profile import Uncertainty, directions, plausible_directions, vector

Band = Literal["strong", "good", "look"]

BEST_SHARE = 0.10
"""`certainty` asks whether an occupation is among this share of the catalogue."""
STRONG = (0.80, 0.70)
GOOD = (0.50, 0.50)
"""Least certainty and least fit of a band."""
FLAT_STABILITY = 0.70
"""Below this mean correlation of plausible profiles with the stated one, the profile is flat.

Checked on 1,200 public respondents (openpsychometrics 2015): below it the profiles of the form's
two halves agree with a median r of about .5 or less, between .7 and .8 with .71, above with .83
and more."""
FLAT_DIVERSITY = 0.50
NEAR_FIT = 0.30
"""When the best fit is below this, the list is called distant."""
LEAST_FIT = 0.10
LEAST_SHOWN = 3
"""An occupation that fits less is left out, unless fewer than three would remain."""
POOL = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What the learner asked for; None or False leaves everything in.

    Groups an editor keeps out of suggestions (`Occupation.suggested`) never pass.

    `near` is any test of an occupation, for instance "there is a vacancy or a course within
    reach"; `leave_out` are ids or the first digits of ISCO codes.
    """

    low_entry: bool = False
    learned_at_work: bool = False
    from_home: bool = False
    outdoors: bool = False
    with_people: bool = False
    near: Callable[[Occupation], bool] | None = None
    leave_out: tuple[str, ...] = ()

    def keep(self, occupation: Occupation) -> bool:
        """Whether the occupation passes every filter that is on."""
        return (
            occupation.suggested
            and (occupation.low_entry or not self.low_entry)
            and (occupation.learned_at_work or not self.learned_at_work)
            and (occupation.from_home or not self.from_home)
            and (occupation.outdoors or not self.outdoors)
            and (occupation.with_people or not self.with_people)
            and (self.near is None or self.near(occupation))
            and not any(
                occupation.id == left_out or occupation.isco.startswith(left_out)
                for left_out in self.leave_out
            )
        )


@dataclass(frozen=True, slots=True)
class Match:
    """One occupation worth exploring.

    `fit` is the mean correlation over the plausible profiles (-1 to 1), `certainty` the share of
    them in which the occupation is among the best tenth of the catalogue (0 to 1).
    """

    occupation: Occupation
    fit: float
    certainty: float
    band: Band
    because: tuple[Reason, Reason]
    differs: Difference | None


@dataclass(frozen=True, slots=True)
class Matches:
    """The list, best first but varied, and what to say above it.

    `flat`: the six interests hardly differ, so the list was spread widely and no band is above
    "look". `distant`: with these filters nothing is close to the profile; the list shows the
    nearest. `passed`: how many occupations pass the filters. `stability`: mean correlation of the
    plausible profiles with the stated one.
    """

    found: tuple[Match, ...]
    flat: bool
    distant: bool
    passed: int
    stability: float

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Match]:
        return iter(self.found)

    def __getitem__(self, place: int) -> Match:
        return self.found[place]


def _band(certainty: float, fit: float, flat: bool) -> Band:
    if flat:
        return "look"
    if certainty >= STRONG[0] and fit >= STRONG[1]:
        return "strong"
    return "good" if certainty >= GOOD[0] and fit >= GOOD[1] else "look"


def _diverse(
    order: NDArray[np.intp],
    fit: NDArray[np.float64],
    codes: NDArray[np.uint8],
    limit: int,
    weight: float,
) -> list[int]:
    """Maximal marginal relevance (Carbonell and Goldstein 1998) over ISCO groups.

    Two occupations are as alike as the share of leading ISCO digits they have in common: 1 in
    one unit group, .75 in one minor group, .5 in one sub-major group, .25 in one major group.
    """
    pool = order[:POOL]
    value = (1 - weight) * fit[pool]
    digits = codes[pool]
    likeness = np.zeros(len(pool))
    chosen: list[int] = []
    for _ in range(min(limit, len(pool))):
        best = int(np.argmax(value - weight * likeness))
        chosen.append(int(pool[best]))
        value[best] = -np.inf
        shared = np.logical_and.accumulate(digits == digits[best], axis=1).sum(axis=1) / 4
        likeness = np.maximum(likeness, shared)
    return chosen


def match(
    scores: Mapping[str, float],
    uncertainty: Uncertainty,
    catalogue: Catalogue,
    filters: Filters | None = None,
    limit: int = 10,
    diversity: float = 0.15,
) -> Matches:
    """Return up to `limit` occupations worth exploring, best first but varied.

    `scores` has six values by letter R I A S E C on any linear scale, `uncertainty` their
    standard deviations by letter on the same scale, or their 6 x 6 covariance. `diversity` from 0
    (fit alone) to 1 (variety alone). Raises ValueError on an incomplete or infinite profile.
    """
    if not 0 <= diversity <= 1:
        raise ValueError("The diversity must lie between 0 and 1.")
    filters = filters or Filters()
    plausible = plausible_directions(scores, uncertainty)
    stability = float((plausible @ directions(vector(scores))).mean())
    flat = stability < FLAT_STABILITY
    fits = plausible @ catalogue.directions.T
    fit = fits.mean(axis=0)
    best = max(1, round(BEST_SHARE * len(catalogue)))
    bar = np.partition(fits, len(catalogue) - best, axis=1)[:, len(catalogue) - best, None]
    certainty = (fits >= bar).mean(axis=0)

    passed = np.array(
        [n for n, occupation in enumerate(catalogue.occupations) if filters.keep(occupation)],
        dtype=np.intp,
    )
    order = passed[np.argsort(-fit[passed], kind="stable")]
    if not flat:
        order = order[: max(LEAST_SHOWN, int((fit[order] >= LEAST_FIT).sum()))]
    weight = max(diversity, FLAT_DIVERSITY) if flat else diversity
    chosen = _diverse(order, fit, catalogue.digits, limit, weight)
    occupations = tuple(catalogue.occupations[n] for n in chosen)
    found = tuple(
        Match(
            occupation=occupation,
            fit=float(fit[n]),
            certainty=float(certainty[n]),
            band=_band(float(certainty[n]), float(fit[n]), flat),
            because=why.because,
            differs=why.differs,
        )
        for n, occupation, why in zip(
            chosen, occupations, explain_all(scores, occupations), strict=True
        )
    )
    distant = not flat and bool(found) and found[0].fit < NEAR_FIT
    return Matches(found, flat, distant, len(passed), stability)
