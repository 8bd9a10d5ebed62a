"""The matching desk's one question: who should be paired with whom, and why.

A dry run for people to look at. Nothing here publishes a pair; a coordinator does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from adaptive.mentoring.assignment import assign
from adaptive.mentoring.compatibility import Compatibility, compatibility, shares
from adaptive.mentoring.explain import (
    Factor,
    Need,
    RunnerUp,
    Solved,
    Unmatched,
    blocking_pairs,
    factors_of,
    needs_of,
    reasons_of,
    runner_up,
    unmatched_of,
)
from adaptive.mentoring.fairness import FairnessRow, fairness
from adaptive.mentoring.people import MatchingError, Mentee, Mentor, Programme
from adaptive.reasons import Reason

MOST_PRICE = 5.0
PersonT = TypeVar("PersonT", Mentee, Mentor)
_UNBREAKABLE = ("screening", "training", "paused", "no_places")


@dataclass(frozen=True, slots=True)
class Pair:
    """One suggested pair. `kept` marks one that already stood; `overrules` names the rules a
    locked pair breaks by a coordinator's decision."""

    mentee: str
    mentor: str
    score: float
    locked: bool
    kept: bool
    factors: tuple[Factor, ...]
    reasons: tuple[Reason, ...]
    runner_up: RunnerUp | None
    overrules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matching:
    """The whole suggestion. `worst` is the lowest score among pairs that are not locked."""

    pairs: tuple[Pair, ...]
    unmatched: tuple[Unmatched, ...]
    needs: tuple[Need, ...]
    fairness: tuple[FairnessRow, ...]
    total: float
    worst: float | None
    suitable_pairs: int
    blocking_pairs: int


def match(
    mentees: Sequence[Mentee],
    mentors: Sequence[Mentor],
    programme: Programme | None = None,
    *,
    locked: Collection[tuple[str, str]] = (),
    forbidden: Collection[tuple[str, str]] = (),
    current: Mapping[str, str] | None = None,
    change_price: float = 0.0,
) -> Matching:
    """Pair mentees with mentors: most matched, then best worst pair, then highest total.

    Locked pairs (mentee id, mentor id) stand and use up a place; forbidden ones cannot come.
    `current` maps mentee to mentor as it stands; breaking such a pair costs `change_price`, in
    units of score (0 to 5), so that a small gain moves nobody. The order of the input never
    matters. Raises MatchingError for people or decisions that contradict each other.
    """
    programme = programme or Programme()
    mentees, mentors = _sorted(mentees, "mentees"), _sorted(mentors, "mentors")
    current = dict(current or {})
    if not 0 <= change_price <= MOST_PRICE:
        raise MatchingError(f"the price of a change runs from 0 to {MOST_PRICE:g}")
    fit = compatibility(mentees, mentors, programme, forbidden)
    fixed = _locked_rows(mentees, mentors, fit, locked, forbidden)
    chosen = _solve(mentees, mentors, fit, fixed, current, change_price)
    solved = Solved(
        mentees,
        mentors,
        programme,
        fit,
        chosen,
        shares(programme, fit.applies),
        current,
        change_price,
    )
    pairs = _pairs(solved, fixed)
    unmatched = tuple(unmatched_of(solved, int(row)) for row in np.flatnonzero(chosen < 0))
    scores = {pair.mentee: pair.score for pair in pairs}
    movable = np.ones(len(mentees), dtype=bool)
    movable[list(fixed)] = False
    return Matching(
        pairs=pairs,
        unmatched=unmatched,
        needs=needs_of(mentors, unmatched),
        fairness=fairness([m.groups for m in mentees], [scores.get(m.id) for m in mentees]),
        total=round(sum(scores.values()), 6),
        worst=min((pair.score for pair in pairs if not pair.locked), default=None),
        suitable_pairs=int(fit.feasible.sum()),
        blocking_pairs=blocking_pairs(solved, movable),
    )


def _sorted(people: Sequence[PersonT], side: str) -> list[PersonT]:
    found = sorted(people, key=lambda person: person.id)
    twice = {a.id for a, b in pairwise(found) if a.id == b.id}
    if twice:
        raise MatchingError(f"the same id stands twice among {side}: {', '.join(sorted(twice))}")
    return found


def _locked_rows(
    mentees: Sequence[Mentee],
    mentors: Sequence[Mentor],
    fit: Compatibility,
    locked: Collection[tuple[str, str]],
    forbidden: Collection[tuple[str, str]],
) -> dict[int, int]:
    """Check the locked pairs and return them as row -> column."""
    rows = {person.id: i for i, person in enumerate(mentees)}
    columns = {person.id: j for j, person in enumerate(mentors)}
    fixed: dict[int, int] = {}
    for mentee, mentor in sorted(set(locked)):
        if mentee not in rows or mentor not in columns:
            raise MatchingError(f"locked pair {mentee} and {mentor}: one of them is not here")
        if (mentee, mentor) in set(forbidden):
            raise MatchingError(f"{mentee} and {mentor} are both locked and forbidden")
        row, column = rows[mentee], columns[mentor]
        if row in fixed:
            raise MatchingError(f"{mentee} is locked to two mentors")
        broken = [name for name in _UNBREAKABLE if not fit.rules[name][0, column]]
        if broken:
            raise MatchingError(f"{mentor} cannot be locked: {', '.join(broken)}")
        fixed[row] = column
    used = np.bincount(list(fixed.values()), minlength=len(mentors))
    for column, mentor_there in enumerate(mentors):
        if used[column] > mentor_there.capacity:
            raise MatchingError(
                f"{mentor_there.id} has {mentor_there.capacity} places,"
                f" but {used[column]} locked pairs"
            )
    return fixed


def _solve(
    mentees: Sequence[Mentee],
    mentors: Sequence[Mentor],
    fit: Compatibility,
    fixed: Mapping[int, int],
    current: Mapping[str, str],
    price: float,
) -> NDArray[np.int64]:
    capacity = np.array([mentor.capacity for mentor in mentors], dtype=np.int64)
    feasible = fit.feasible.copy()
    for row, column in fixed.items():
        capacity[column] -= 1
        feasible[row] = False
    score = fit.score
    if price and current:
        columns = {person.id: j for j, person in enumerate(mentors)}
        score = score.copy()
        for row, mentee in enumerate(mentees):
            if current.get(mentee.id) in columns:
                score[row, columns[current[mentee.id]]] += price
    chosen = assign(score, feasible, capacity)
    for row, column in fixed.items():
        chosen[row] = column
    return chosen


def _pairs(solved: Solved, fixed: Mapping[int, int]) -> tuple[Pair, ...]:
    holders: dict[int, list[int]] = {}
    for row, column in enumerate(solved.chosen.tolist()):
        holders.setdefault(column, []).append(row)
    pairs = []
    for row, mentee in enumerate(solved.mentees):
        column = int(solved.chosen[row])
        if column < 0:
            continue
        mentor = solved.mentors[column]
        locked = row in fixed
        pairs.append(
            Pair(
                mentee=mentee.id,
                mentor=mentor.id,
                score=float(solved.fit.score[row, column]),
                locked=locked,
                kept=solved.current.get(mentee.id) == mentor.id,
                factors=factors_of(solved, row, column),
                reasons=reasons_of(solved, row, column),
                runner_up=None if locked else runner_up(solved, row, holders),
                overrules=_overruled(solved.fit, row, column) if locked else (),
            )
        )
    return tuple(pairs)


def _overruled(fit: Compatibility, row: int, column: int) -> tuple[str, ...]:
    return tuple(
        name for name, table in fit.rules.items() if not table[min(row, len(table) - 1), column]
    )
