"""Mentees, mentors and a programme's rules, as plain values checked on the way in.

Language levels are those of the Common European Framework, 1 (A1) to 6 (C2). Slots are the
names of weekly times, for example "tue-evening". Fields and kinds of help are free codes that
both sides share. Nothing here is guessed: an unknown age or place stays None.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

_NOTHING: frozenset[str] = frozenset()


class MatchingError(ValueError):
    """People, weights or decisions that cannot be matched; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point on earth in degrees."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise MatchingError(f"no place on earth: {self.latitude}, {self.longitude}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What both sides say about themselves.

    `online` and `near` are the ways of meeting that suit; `near` reaches `reach_km`. `in_writing`
    means no common time is needed. `not_with` holds ids of people this one must not be paired with.
    """

    id: str
    tenant: str = ""
    languages: Mapping[str, int]
    slots: frozenset[str] = _NOTHING
    in_writing: bool = False
    online: bool = True
    near: bool = True
    place: Place | None = None
    reach_km: float = 30.0
    fields: frozenset[str] = _NOTHING
    help: frozenset[str] = _NOTHING
    background: frozenset[str] = _NOTHING
    age: int | None = None
    gender: str | None = None
    household: str | None = None
    employer: str | None = None
    not_with: frozenset[str] = _NOTHING

    def __post_init__(self) -> None:
        if not self.id:
            raise MatchingError("a person has no id")
        odd = {code: level for code, level in self.languages.items() if not 1 <= level <= 6}
        if odd:
            raise MatchingError(f"{self.id}: language levels run from 1 to 6, not {odd}")
        if not self.reach_km >= 0:
            raise MatchingError(f"{self.id}: reach_km must be 0 or more, not {self.reach_km}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentee(Person):
    """A learner who wants a mentor.

    `wishes` names mentors, dearest first. `genders` and `ages` are requests about the mentor;
    empty and None mean any. `groups` are labels for the fairness table only, never for matching.
    `background` is matched only because stating it asks for it.
    """

    wishes: tuple[str, ...] = ()
    genders: frozenset[str] = _NOTHING
    ages: tuple[int, int] | None = None
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentor(Person):
    """A mentor: `capacity` counts mentees at one time, those already there included.

    `screened` and `trained` are gates that nobody can lift; `across` offers to other tenants.
    """

    capacity: int = 1
    screened: bool = False
    trained: bool = False
    paused: bool = False
    across: bool = False

    def __post_init__(self) -> None:
        # A class with slots is made twice, so a bare super() would name the first one.
        Person.__post_init__(self)
        if self.capacity < 0:
            raise MatchingError(f"{self.id}: capacity must be 0 or more, not {self.capacity}")


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each factor counts; only the proportions matter. Shown and edited by people."""

    fields: float = 0.30
    help: float = 0.20
    times: float = 0.25
    nearness: float = 0.15
    wish: float = 0.10
    background: float = 0.10

    def __post_init__(self) -> None:
        values = asdict(self)
        wrong = {name: w for name, w in values.items() if not (math.isfinite(w) and w >= 0)}
        if wrong:
            raise MatchingError(f"weights must be finite and 0 or more: {wrong}")
        if not any(values.values()):
            raise MatchingError("at least one weight must be above 0")


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme's rules: usable language level, half-distance scale, agreed borders.

    `partners` holds pairs of tenants (mentee's, mentor's) whose coordinators both agreed.
    `near_km` is the distance at which nearness has fallen to 1/e.
    """

    language_level: int = 3
    near_km: float = 60.0
    partners: frozenset[tuple[str, str]] = frozenset()
    weights: Weights = field(default_factory=Weights)

    def __post_init__(self) -> None:
        if not 1 <= self.language_level <= 6:
            raise MatchingError(f"language_level runs from 1 to 6, not {self.language_level}")
        if not self.near_km > 0:
            raise MatchingError(f"near_km must be above 0, not {self.near_km}")
