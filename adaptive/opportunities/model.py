"""Offers, the person who looks, and what came of the match, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from adaptive.places import Place
from adaptive.reasons import Reason

KINDS = ("job", "traineeship", "course", "service", "exchange", "visit", "abroad")
"""Paid work, a placement to learn a job, a course, help from people, meeting others online, a look
into a workplace online, and time in another country (volunteering, travel, placements)."""

WHERE = ("near", "online", "abroad", "everywhere")
SCALES = "RIASEC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is on offer, as far as a match needs it.

    interests: letters of RIASEC that it serves, "" for everybody. place: where it happens, None
    for no single town. online: whether one can take part from anywhere. countries: where those
    live who may take part, empty for everywhere. languages: those in which it works, empty where
    none in particular is needed. last_day: the last one to apply, None while it has no end.
    provider: who offers it; a list is not to be of one alone.
    """

    id: str
    kind: str
    interests: str = ""
    place: Place | None = None
    online: bool = False
    countries: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    last_day: date | None = None
    provider: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no kind of opportunity: {self.kind}")
        if not set(self.interests) <= set(SCALES):
            raise ValueError(f"no interests: {self.interests}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeker:
    """The person who looks.

    scores and sd: the six interests by letter on any linear scale with their standard deviations,
    None while they are not known. place: the nearest town, if it was named. country: where the
    person lives, None if unknown. reach_km: how far away is near enough, None for any distance.
    online: whether online suits. languages: those that the person understands.
    """

    scores: Mapping[str, float] | None = None
    sd: Mapping[str, float] | None = None
    place: Place | None = None
    country: str | None = None
    reach_km: float | None = None
    online: bool = True
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ask:
    """What the person asked to see: one kind, one way (of `WHERE`), any language; "" for all."""

    kind: str = ""
    where: str = ""
    any_language: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """One offer. score: 0 to 1. km: from town to town, None where one is not known.

    reasons: why it is shown, the strongest first; at least one.
    """

    offer: Offer
    score: float
    km: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """The list, best first but varied.

    beyond: how many more are only too far away. other_language: how many more are only in
    languages that the person did not name.
    """

    found: tuple[Match, ...]
    beyond: int = 0
    other_language: int = 0
