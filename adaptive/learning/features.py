"""What a learner's answers so far say about the next one: numbers and named situations.

The numbers are totals, recency-weighted surprise and Elo ratings; the situations are small
crosses of them (how the last answers went, how long ago) and the two answers just before with
the skills they were on, which lets the fit learn transfer from one skill to the next. Totals
follow performance factors analysis (Pavlik, Cen & Koedinger 2009), recency weights Galyardt &
Goldin 2015 (Journal of Educational Data Mining 7(2)), feature sets Gervet et al. 2020 (JEDM
12(3), "When is deep learning the best approach to knowledge tracing?").
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from adaptive.learning.elo import EloState, EloTracer
from adaptive.learning.tracing import expit

NUMBERS: tuple[str, ...] = (
    "easiness",
    "ability",
    "offset",
    "skill_answers",
    "skill_right",
    "skill_wrong",
    "all_answers",
    "all_right",
    "all_wrong",
    "skill_recent_fast",
    "skill_recent_slow",
    "skill_weight_fast",
    "skill_weight_slow",
    "recent_fast",
    "recent_middle",
    "recent_slow",
    "skill_last",
    "last",
    "same_skill",
    "answers_between",
    "skill_streak",
    "streak",
    "new_skill",
    "skills_seen",
    "skill_surprise",
)
_FAST, _MIDDLE, _SLOW = 0.5, 0.8, 0.95
_SKILL_SLOW = 0.85
_SURPRISE = 0.7
_LONGEST_STREAK = 6
_GAPS = (1, 2, 3, 4, 6, 11, 31)
_MOST_COUNTED = 8


@dataclass(frozen=True, slots=True)
class SkillTrace:
    """One skill of one learner: counts, decayed sums of surprise and of weight, streak, place."""

    answers: int = 0
    right: int = 0
    fast: float = 0.0
    fast_weight: float = 0.0
    slow: float = 0.0
    slow_weight: float = 0.0
    surprise: float = 0.0
    streak: int = 0
    place: int = -1


@dataclass(frozen=True, slots=True)
class Trace:
    """One learner: Elo ratings, totals, decayed surprise, streak, and the last two answers."""

    elo: EloState = field(default_factory=EloState)
    right: int = 0
    fast: float = 0.0
    fast_weight: float = 0.0
    middle: float = 0.0
    middle_weight: float = 0.0
    slow: float = 0.0
    slow_weight: float = 0.0
    streak: int = 0
    last: tuple[str, bool] | None = None
    before_last: tuple[str, bool] | None = None
    skills: Mapping[str, SkillTrace] = field(default_factory=dict)


_UNSEEN = SkillTrace()


def numbers(elo: EloTracer, trace: Trace, skill: str, at: float) -> tuple[float, ...]:
    """Return the values named in NUMBERS for the next answer on a skill."""
    own = trace.skills.get(skill, _UNSEEN)
    count, between = trace.elo.answers, _between(trace, own)
    return (
        elo.parameters.easiness.get(skill, elo.parameters.start),
        trace.elo.ability,
        elo.offset(trace.elo, skill, at),
        math.log1p(own.answers),
        math.log1p(own.right),
        math.log1p(own.answers - own.right),
        math.log1p(count),
        math.log1p(trace.right),
        math.log1p(count - trace.right),
        own.fast / (own.fast_weight + 1),
        own.slow / (own.slow_weight + 1),
        own.fast_weight / (own.fast_weight + 1),
        own.slow_weight / (own.slow_weight + 1),
        trace.fast / (trace.fast_weight + 1),
        trace.middle / (trace.middle_weight + 1),
        trace.slow / (trace.slow_weight + 1),
        _sign(own.streak),
        _sign(trace.streak),
        1.0 if trace.last and trace.last[0] == skill else 0.0,
        math.log1p(between),
        own.streak,
        trace.streak,
        0.0 if own.answers else 1.0,
        len(trace.skills),
        own.surprise,
    )


def situations(trace: Trace, skill: str) -> tuple[str, ...]:
    """Return the named situations that hold for the next answer on a skill."""
    own = trace.skills.get(skill, _UNSEEN)
    gap = bisect_right(_GAPS, _between(trace, own))
    counted = min(own.answers, _MOST_COUNTED), min(own.right, _MOST_COUNTED)
    found: tuple[str, ...] = (
        f"skill|{skill}",
        f"gap|{gap}|{_sign(trace.streak)}|{_sign(own.streak)}",
        f"count|{counted[0]}|{counted[1]}",
        f"streaks|{own.streak}|{trace.streak}",
        f"streak|{own.streak}|{gap}",
    )
    if trace.last:
        found += (f"after|{trace.last[0]}|{trace.last[1]:d}|{skill}",)
    if trace.before_last:
        found += (f"after2|{trace.before_last[0]}|{trace.before_last[1]:d}|{skill}",)
    return found


def advance(elo: EloTracer, trace: Trace, skill: str, correct: bool, at: float) -> Trace:
    """Return the trace after one answer."""
    surprise = correct - expit(elo.log_odds(trace.elo, skill, at))
    own = trace.skills.get(skill, _UNSEEN)
    skills = dict(trace.skills)
    skills[skill] = SkillTrace(
        answers=own.answers + 1,
        right=own.right + correct,
        fast=_FAST * own.fast + surprise,
        fast_weight=_FAST * own.fast_weight + 1,
        slow=_SKILL_SLOW * own.slow + surprise,
        slow_weight=_SKILL_SLOW * own.slow_weight + 1,
        surprise=_SURPRISE * own.surprise + (1 - _SURPRISE) * surprise,
        streak=_streak(own.streak, correct),
        place=trace.elo.answers,
    )
    return Trace(
        elo=elo.update(trace.elo, skill, correct, at),
        right=trace.right + correct,
        fast=_FAST * trace.fast + surprise,
        fast_weight=_FAST * trace.fast_weight + 1,
        middle=_MIDDLE * trace.middle + surprise,
        middle_weight=_MIDDLE * trace.middle_weight + 1,
        slow=_SLOW * trace.slow + surprise,
        slow_weight=_SLOW * trace.slow_weight + 1,
        streak=_streak(trace.streak, correct),
        last=(skill, correct),
        before_last=trace.last,
        skills=skills,
    )


def _between(trace: Trace, own: SkillTrace) -> int:
    """Answers since the last one on this skill, itself included; 0 for a skill never seen."""
    return trace.elo.answers - own.place if own.answers else 0


def _streak(streak: int, correct: bool) -> int:
    if correct:
        return min(max(streak, 0) + 1, _LONGEST_STREAK)
    return max(min(streak, 0) - 1, -_LONGEST_STREAK)


def _sign(x: int) -> int:
    return (x > 0) - (x < 0)
