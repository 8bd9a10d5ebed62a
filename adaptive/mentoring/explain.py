"""Reasons per pair, the runner-up, the rule that binds for the unmatched, and what is needed.

All are codes with values; sentences are the text layer's work.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adaptive.mentoring.compatibility import FACTORS, RULES, Compatibility
from adaptive.mentoring.people import Mentee, Mentor, Programme
from adaptive.reasons import Reason, Value

PLACES = "places"
SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Factor:
    """One bar of a pair: value in [0, 1] and its share of the score (shares sum to one)."""

    code: str
    value: float
    share: float


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The best other mentor for a mentee and why it was not that one.

    Codes: "weaker" (factor that cost most), "equal", "places_taken" (by whom), "keep_pair".
    """

    mentor: str
    score: float
    why_not: Reason


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A mentee without mentor: the binding rule, and how many mentors open up without it.

    `rule` is one of RULES, "places" (all suitable mentors are full, or there is none yet) or
    "several" (no single rule would open anybody; `values["rules"]` names those in the way).
    """

    mentee: str
    rule: str
    opens: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Need:
    """Mentors to find: for how many mentees, by which rule, and of what kind ("ro")."""

    rule: str
    kind: str
    mentees: int
    mentors: int


@dataclass(frozen=True, slots=True)
class Solved:
    """What an explanation looks at: people, tables, and the chosen column per mentee (-1 none).

    `shares` is each factor's share per mentee; `price` is what breaking a `current` pair costs.
    """

    mentees: Sequence[Mentee]
    mentors: Sequence[Mentor]
    programme: Programme
    fit: Compatibility
    chosen: NDArray[np.int64]
    shares: Mapping[str, NDArray[np.float64]]
    current: Mapping[str, str]
    price: float


def factors_of(solved: Solved, row: int, column: int) -> tuple[Factor, ...]:
    """Return the bars of a pair; factors that do not apply to this mentee are left out."""
    return tuple(
        Factor(
            name,
            float(solved.fit.factors[name][row, column]),
            float(solved.shares[name][row]),
        )
        for name in FACTORS
        if solved.fit.applies[name][row]
    )


def reasons_of(solved: Solved, row: int, column: int) -> tuple[Reason, ...]:
    """Return what the two have in common, as facts with their values."""
    mentee, mentor = solved.mentees[row], solved.mentors[column]
    level = solved.programme.language_level
    spoken = sorted(
        (min(have, mentor.languages[code]), code)
        for code, have in mentee.languages.items()
        if min(have, mentor.languages.get(code, 0)) >= level
    )
    found = []
    if spoken:
        found.append(Reason("language", {"languages": tuple(c for _, c in reversed(spoken))}))
    if common := tuple(sorted(mentee.slots & mentor.slots)):
        found.append(Reason("times", {"slots": common}))
    elif mentee.in_writing and mentor.in_writing:
        found.append(Reason("in_writing"))
    found += _where(solved, row, column)
    for code in ("fields", "help", "background"):
        if shared := tuple(sorted(getattr(mentee, code) & getattr(mentor, code))):
            found.append(Reason(code, {code: shared}))
    if mentor.id in mentee.wishes:
        found.append(Reason("wish", {"rank": mentee.wishes.index(mentor.id) + 1}))
    return tuple(found)


def runner_up(solved: Solved, row: int, holders: Mapping[int, list[int]]) -> RunnerUp | None:
    """Return the best other suitable mentor, or None if there is no other."""
    own = int(solved.chosen[row])
    scores = np.where(solved.fit.feasible[row], solved.fit.score[row], -1.0)
    scores[own] = -1.0
    best = int(np.argmax(scores))
    if scores[best] < 0:
        return None
    gap = float(solved.fit.score[row, own] - scores[best])
    mentor = solved.mentors[best]
    if gap > 0:
        why = _weaker(solved, row, own, best)
    elif gap == 0:
        why = Reason("equal")
    elif solved.current.get(solved.mentees[row].id) == solved.mentors[own].id and (
        len(holders.get(best, [])) < mentor.capacity
    ):
        why = Reason("keep_pair", {"gain": -gap, "price": solved.price})
    else:
        held_by = tuple(solved.mentees[i].id for i in holders.get(best, []))
        why = Reason("places_taken", {"gain": -gap, "mentees": held_by})
    return RunnerUp(mentor.id, float(scores[best]), why)


def unmatched_of(solved: Solved, row: int) -> Unmatched:
    """Return why one mentee has nobody."""
    mentee = solved.mentees[row]
    suitable = int(solved.fit.feasible[row].sum())
    if suitable or not solved.mentors:
        return Unmatched(mentee.id, PLACES, suitable, _detail(mentee, "language"))
    passes = {
        name: solved.fit.rules[name][min(row, len(table) - 1)]
        for name, table in solved.fit.rules.items()
    }
    fails = np.sum([~passes[name] for name in RULES], axis=0)
    opens = {name: int((~passes[name] & (fails == 1)).sum()) for name in RULES}
    rule = max(RULES, key=lambda name: (opens[name], -RULES.index(name)))
    if opens[rule]:
        return Unmatched(mentee.id, rule, opens[rule], _detail(mentee, rule))
    closed = tuple(name for name in RULES if not passes[name].any())
    if closed:
        return Unmatched(mentee.id, closed[0], 0, {**_detail(mentee, closed[0]), "rules": closed})
    nearest = fails == fails.min()
    blocking = tuple(name for name in RULES if (~passes[name] & nearest).any())
    return Unmatched(mentee.id, SEVERAL, 0, {"rules": blocking})


def needs_of(mentors: Sequence[Mentor], unmatched: Sequence[Unmatched]) -> tuple[Need, ...]:
    """Group the unmatched by rule and kind; a new mentor is taken to have the usual capacity."""
    places = [mentor.capacity for mentor in mentors if mentor.capacity > 0]
    usual = max(1, int(statistics.median_low(places))) if places else 1
    groups: dict[tuple[str, str], int] = {}
    for one in unmatched:
        key = one.rule, str(one.values.get("kind", ""))
        groups[key] = groups.get(key, 0) + 1
    found = [
        Need(rule, kind, count, math.ceil(count / usual)) for (rule, kind), count in groups.items()
    ]
    return tuple(sorted(found, key=lambda need: (-need.mentees, need.rule, need.kind)))


def blocking_pairs(solved: Solved, movable: NDArray[np.bool_]) -> int:
    """Count suitable pairs in which both would gain by leaving what they were given.

    Gale & Shapley's stability, both sides ranking by score. `movable` marks mentees whose pair
    is not locked; others neither leave nor are displaced.
    """
    score, feasible = solved.fit.score, solved.fit.feasible
    rows = np.arange(len(score))
    held = solved.chosen >= 0
    own = np.full(len(score), -1.0)
    own[held] = score[rows[held], solved.chosen[held]]
    own[~movable] = np.inf
    weakest = np.full(score.shape[1], np.inf)
    taken = np.bincount(solved.chosen[held], minlength=score.shape[1])
    can_leave = held & movable
    np.minimum.at(weakest, solved.chosen[can_leave], own[can_leave])
    free = taken < np.array([mentor.capacity for mentor in solved.mentors])
    weakest[free] = -1.0
    return int((feasible & (score > own[:, None]) & (score > weakest[None, :])).sum())


def _where(solved: Solved, row: int, column: int) -> list[Reason]:
    mentee, mentor = solved.mentees[row], solved.mentors[column]
    km = float(solved.fit.km[row, column])
    found = []
    if mentee.near and mentor.near and km <= min(mentee.reach_km, mentor.reach_km):
        found.append(Reason("near", {"km": round(km)}))
    if mentee.online and mentor.online:
        found.append(Reason("online"))
    return found


def _weaker(solved: Solved, row: int, own: int, other: int) -> Reason:
    lost = {
        name: float(solved.shares[name][row])
        * float(solved.fit.factors[name][row, own] - solved.fit.factors[name][row, other])
        for name in FACTORS
    }
    worst = max(FACTORS, key=lambda name: (lost[name], -FACTORS.index(name)))
    gap = float(solved.fit.score[row, own] - solved.fit.score[row, other])
    return Reason("weaker", {"factor": worst, "gap": gap})


def _detail(mentee: Mentee, rule: str) -> dict[str, Value]:
    """Return what a rule was about for this mentee; "kind" groups needs that are alike."""
    if rule == "language":
        spoken = sorted(mentee.languages, key=lambda code: (-mentee.languages[code], code))
        return {"kind": spoken[0] if spoken else "", "languages": tuple(spoken)}
    if rule == "gender":
        return {"kind": ",".join(sorted(mentee.genders)), "genders": tuple(sorted(mentee.genders))}
    if rule == "times":
        return {"slots": tuple(sorted(mentee.slots))}
    if rule == "meeting":
        return {"km": mentee.reach_km}
    if rule == "age" and mentee.ages:
        return {"from": mentee.ages[0], "to": mentee.ages[1]}
    return {}
