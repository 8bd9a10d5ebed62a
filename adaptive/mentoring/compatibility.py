"""Who may be paired with whom, and how well each pair fits, for all pairs at once.

Every rule is a table of mentees by mentors (or one row, where it speaks of the mentor alone);
True means the pair passes. Every factor is a table with values in [0, 1].
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from adaptive.mentoring.people import Mentee, Mentor, Person, Programme

Flags = NDArray[np.bool_]
Table = NDArray[np.float32]

RULES: tuple[str, ...] = (
    "screening",
    "training",
    "paused",
    "no_places",
    "forbidden",
    "border",
    "veto",
    "household",
    "employer",
    "language",
    "gender",
    "age",
    "meeting",
    "times",
)
FACTORS: tuple[str, ...] = ("fields", "help", "times", "nearness", "wish", "background")
ONLINE_IS_FINE = 0.8
_ENOUGH = 3
_EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Compatibility:
    """All pairs: `rules` by name, `feasible` = all rules hold, `factors` by name, `score`.

    A factor counts for a mentee only where `applies` (who names no wish loses nothing by it);
    `score` is the weighted mean of those that do, rounded to six digits so that equal is equal.
    """

    rules: Mapping[str, Flags]
    feasible: Flags
    factors: Mapping[str, Table]
    applies: Mapping[str, Flags]
    score: NDArray[np.float64]
    km: Table


def compatibility(
    mentees: Sequence[Mentee],
    mentors: Sequence[Mentor],
    programme: Programme,
    forbidden: Collection[tuple[str, str]] = (),
) -> Compatibility:
    """Compute every rule and factor. `forbidden` holds (mentee id, mentor id)."""
    km = _distances(mentees, mentors)
    overlap = _common((p.slots for p in mentees), (p.slots for p in mentors))
    writing = np.outer(_flag(mentees, "in_writing"), _flag(mentors, "in_writing"))
    online = np.outer(_flag(mentees, "online"), _flag(mentors, "online"))
    rules = _rules(mentees, mentors, programme, forbidden)
    rules["meeting"] = online | _within_reach(mentees, mentors, km)
    rules["times"] = (overlap > 0) | writing
    feasible = np.ones((len(mentees), len(mentors)), dtype=bool)
    for name in RULES:
        feasible &= rules[name]
    factors = _factors(mentees, mentors)
    times: Table = np.minimum(overlap / np.float32(_ENOUGH), np.float32(1))
    times[(overlap == 0) & writing] = 0.5
    factors["times"] = times
    near: Table = np.exp(km * np.float32(-1 / programme.near_km), dtype=np.float32)
    near[np.isnan(km)] = 0.5
    near[online] = np.maximum(near[online], np.float32(ONLINE_IS_FINE))
    factors["nearness"] = near
    applies = _applies(mentees)
    score = _score(programme, factors, applies)
    return Compatibility(rules, feasible, factors, applies, score, km)


def shares(programme: Programme, applies: Mapping[str, Flags]) -> dict[str, NDArray[np.float64]]:
    """Return per factor its share in each mentee's scores; shares sum to one, or all are 0."""
    weights = asdict(programme.weights)
    counted = {name: weights[name] * applies[name] for name in FACTORS}
    total = np.sum(list(counted.values()), axis=0)
    return {name: part / np.where(total > 0, total, 1) for name, part in counted.items()}


def _rules(
    mentees: Sequence[Mentee],
    mentors: Sequence[Mentor],
    programme: Programme,
    forbidden: Collection[tuple[str, str]],
) -> dict[str, Flags]:
    rows = {person.id: i for i, person in enumerate(mentees)}
    columns = {person.id: j for j, person in enumerate(mentors)}
    level = programme.language_level
    return {
        "screening": _flag(mentors, "screened")[None, :],
        "training": _flag(mentors, "trained")[None, :],
        "paused": ~_flag(mentors, "paused")[None, :],
        "no_places": np.array([[mentor.capacity > 0 for mentor in mentors]], dtype=bool),
        "forbidden": _except(rows, columns, forbidden),
        "border": _border(mentees, mentors, programme),
        "veto": _except(
            rows,
            columns,
            [(p.id, other) for p in mentees for other in p.not_with]
            + [(other, p.id) for p in mentors for other in p.not_with],
        ),
        "household": _differ(mentees, mentors, "household"),
        "employer": _differ(mentees, mentors, "employer"),
        "language": _common(_usable(mentees, level), _usable(mentors, level)) > 0,
        "gender": _common(
            (p.genders or {"*"} for p in mentees), ({"*", p.gender or ""} for p in mentors)
        )
        > 0,
        "age": _asked_age(mentees, mentors),
    }


def _factors(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> dict[str, Table]:
    columns = {person.id: j for j, person in enumerate(mentors)}
    wish = np.zeros((len(mentees), len(mentors)), dtype=np.float32)
    for i, mentee in enumerate(mentees):
        for rank, name in enumerate(mentee.wishes):
            if name in columns:
                wish[i, columns[name]] = 1 / (rank + 1)
    return {
        "fields": _share(mentees, mentors, "fields"),
        "help": _share(mentees, mentors, "help"),
        "background": _share(mentees, mentors, "background"),
        "wish": wish,
    }


def _applies(mentees: Sequence[Mentee]) -> dict[str, Flags]:
    always = np.ones(len(mentees), dtype=bool)
    return {
        "times": always,
        "nearness": always,
        "fields": _said(mentees, "fields"),
        "help": _said(mentees, "help"),
        "wish": _said(mentees, "wishes"),
        "background": _said(mentees, "background"),
    }


def _score(
    programme: Programme, factors: Mapping[str, Table], applies: Mapping[str, Flags]
) -> NDArray[np.float64]:
    total = np.zeros(factors["times"].shape, dtype=np.float32)
    for name, part in shares(programme, applies).items():
        total += factors[name] * part[:, None].astype(np.float32)
    exact: NDArray[np.float64] = total.astype(np.float64)
    return exact.round(6)


def _flag(people: Sequence[Person], name: str) -> Flags:
    return np.fromiter((getattr(p, name) for p in people), dtype=bool, count=len(people))


def _said(people: Sequence[Mentee], name: str) -> Flags:
    return np.array([bool(getattr(person, name)) for person in people], dtype=bool)


def _common(left: Iterable[Collection[str]], right: Iterable[Collection[str]]) -> Table:
    """Count what each pair of sets has in common, as one product of two 0/1 tables."""
    rows, columns = list(left), list(right)
    index = {name: k for k, name in enumerate(sorted({name for row in rows for name in row}))}

    def marked(sets: list[Collection[str]]) -> Table:
        table = np.zeros((len(sets), len(index)), dtype=np.float32)
        for i, names in enumerate(sets):
            table[i, [index[name] for name in names if name in index]] = 1
        return table

    return marked(rows) @ marked(columns).T


def _share(mentees: Sequence[Mentee], mentors: Sequence[Mentor], name: str) -> Table:
    """Share of what a mentee named (three are enough) that a mentor has."""
    found = _common((getattr(p, name) for p in mentees), (getattr(p, name) for p in mentors))
    named = np.array([min(max(len(getattr(p, name)), 1), _ENOUGH) for p in mentees])
    found /= named[:, None].astype(np.float32)
    return np.minimum(found, np.float32(1), out=found)


def _usable(people: Sequence[Person], level: int) -> list[set[str]]:
    return [{code for code, have in p.languages.items() if have >= level} for p in people]


def _differ(mentees: Sequence[Mentee], mentors: Sequence[Mentor], name: str) -> Flags:
    left = [{getattr(p, name)} - {None, ""} for p in mentees]
    right = [{getattr(p, name)} - {None, ""} for p in mentors]
    result: Flags = _common(left, right) == 0
    return result


def _except(
    rows: Mapping[str, int], columns: Mapping[str, int], pairs: Iterable[tuple[str, str]]
) -> Flags:
    table = np.ones((len(rows), len(columns)), dtype=bool)
    for mentee, mentor in pairs:
        if mentee in rows and mentor in columns:
            table[rows[mentee], columns[mentor]] = False
    return table


def _border(mentees: Sequence[Mentee], mentors: Sequence[Mentor], programme: Programme) -> Flags:
    home = np.array([p.tenant for p in mentees])[:, None] == np.array([p.tenant for p in mentors])
    agreed: dict[str, set[str]] = {}
    for theirs, ours in programme.partners:
        agreed.setdefault(theirs, set()).add(ours)
    offered = [{p.tenant} if p.across else set() for p in mentors]
    abroad = _common((agreed.get(p.tenant, set()) for p in mentees), offered) > 0
    result: Flags = home | abroad
    return result


def _asked_age(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Flags:
    low = np.array([p.ages[0] if p.ages else -1 for p in mentees])
    high = np.array([p.ages[1] if p.ages else 999 for p in mentees])
    age = np.array([-1 if p.age is None else p.age for p in mentors])
    return (age >= low[:, None]) & (age <= high[:, None])


def _unit(people: Sequence[Person]) -> NDArray[np.float64]:
    at = np.radians(
        [(p.place.latitude, p.place.longitude) if p.place else (np.nan, np.nan) for p in people]
    ).reshape(len(people), 2)
    north, east = at[:, 0], at[:, 1]
    return np.stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=1
    )


def _distances(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Table:
    """Great-circle kilometres by the chord (centimetres exact); NaN where a place is unknown."""
    chord = np.sqrt(np.maximum(2 - 2 * (_unit(mentees) @ _unit(mentors).T), 0))
    half = np.minimum(chord.astype(np.float32) / 2, np.float32(1))
    return np.arcsin(half) * np.float32(2 * _EARTH_KM)


def _within_reach(mentees: Sequence[Mentee], mentors: Sequence[Mentor], km: Table) -> Flags:
    reach = np.minimum.outer(
        np.array([p.reach_km if p.near else -1.0 for p in mentees], dtype=np.float32),
        np.array([p.reach_km if p.near else -1.0 for p in mentors], dtype=np.float32),
    )
    result: Flags = km <= reach  # an unknown distance compares as False
    return result
