"""Which lesson comes next and why, and which skill deserves a short look back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from adaptive.learning import Activity, OfferRules, Result, Situation, decide, mastered_by_success
from adaptive.learning.next_activity import Offer
from adaptive.lessons import Exercise, Lesson
from lti_tool.learner.path.hints import HIGH_LEVEL, LOW_LEVEL, Hints
from lti_tool.learner.path.standing import Standing, days, library

REST = timedelta(days=3)
"""A skill rests this long before a look back."""
PER_NEED = 2.0
SAME_PACK = 3.0
LOW_DIGITAL = 4.0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A lesson with what speaks for it.

    needs: hurdles and hopes of the learner it serves. built_on: finished skills it goes on from.
    low_digital: the digital check found little in its area. level: right_level, challenge,
    quick_win or review. first: nothing was finished before.
    """

    lesson: Lesson
    needs: tuple[str, ...]
    built_on: tuple[str, ...]
    low_digital: bool
    level: str
    first: bool
    propensity: float


@dataclass(frozen=True, slots=True)
class Recall:
    """One exercise of a lesson finished earlier, for a look back."""

    lesson: Lesson
    exercise: Exercise


def suggestions(standing: Standing, hints: Hints, seed: int, now: datetime) -> list[Suggestion]:
    """Return up to three lessons, the best first; empty when all are finished.

    The same standing and seed give the same list, so a reload changes nothing.
    """
    finished = standing.finished()
    left = [one for one in library().lessons.values() if not standing.is_finished(one.id)]
    if not left:
        return []
    success = {skill: min(max(p, 0.01), 0.99) for skill, p in standing.success(now).items()}
    situation = Situation(
        activities=[
            Activity(one.id, one.skills, worth=_worth(one, hints, finished)) for one in left
        ],
        graph=library().graph,
        success=success,
        mastered=_known(standing, hints, success),
        results=_results(standing),
        at=days(now),
    )
    rules = OfferRules(explore=0.05)
    offers = decide(situation, seed + len(finished), rules).offers
    return [_suggestion(offer, hints, finished) for offer in offers]


def recall(standing: Standing, now: datetime) -> Recall | None:
    """Return what to look back at today: the rested skill that is fading most. One a day."""
    today = now.date().isoformat()
    if any(one.asked_on == today for one in standing.tries):
        return None
    last = {one.skill: one.at for one in standing.tries}
    rested = {skill for skill, at in last.items() if now - at >= REST}
    finished = [one for one in standing.finished() if rested & set(one.skills)]
    if not finished:
        return None
    success = standing.success(now)
    lesson = min(
        finished,
        key=lambda one: (min(success.get(s, 1.0) for s in one.skills if s in rested), one.id),
    )
    asked = Counter(
        one.exercise for one in standing.tries if one.lesson == lesson.id and one.asked_on
    )
    fit = [one for one in lesson.exercises if one.type != "words" and one.skill in rested]
    if not fit:
        return None
    return Recall(lesson, min(fit, key=lambda one: (asked[one.number], one.number)))


def recalled_today(standing: Standing, now: datetime) -> tuple[Recall, str] | None:
    """Return what was looked back at today and the answer; None if nothing was."""
    for one in standing.tries:
        lesson = library().lessons.get(one.lesson)
        exercise = lesson.exercise(one.exercise) if lesson else None
        if one.asked_on == now.date().isoformat() and lesson and exercise:
            return Recall(lesson, exercise), one.answer
    return None


def _known(standing: Standing, hints: Hints, success: dict[str, float]) -> frozenset[str]:
    """Return what counts as known: finished or shown, or basics that the digital check saw."""
    answers = Counter(one.skill for one in standing.tries)
    lessons = library().lessons.values()
    return (
        mastered_by_success(success, answers)
        | {skill for one in standing.finished() for skill in one.skills}
        | {
            skill
            for one in lessons
            if one.digital and hints.digital.get(one.digital, 0) >= HIGH_LEVEL
            for skill in one.skills
        }
    )


def _worth(lesson: Lesson, hints: Hints, finished: list[Lesson]) -> float:
    worth = 1.0 + PER_NEED * len(lesson.needs & hints.needs)
    if _low_digital(lesson, hints):
        worth *= LOW_DIGITAL
    if finished and finished[0].pack == lesson.pack:
        worth *= SAME_PACK
    return worth


def _low_digital(lesson: Lesson, hints: Hints) -> bool:
    return 0 < hints.digital.get(lesson.digital, 0) <= LOW_LEVEL


def _results(standing: Standing) -> list[Result]:
    known = library().lessons
    return [
        Result(one.lesson, float(one.good), days(one.at))
        for one in standing.tries
        if one.lesson in known
    ]


def _suggestion(offer: Offer, hints: Hints, finished: list[Lesson]) -> Suggestion:
    lesson = library().lessons[offer.activity]
    done = {skill for one in finished for skill in one.skills}
    levels = [one.code for one in offer.reasons if one.code != "new_to_you"]
    return Suggestion(
        lesson=lesson,
        needs=tuple(sorted(lesson.needs & hints.needs)),
        built_on=tuple(skill for skill in lesson.after if skill in done),
        low_digital=_low_digital(lesson, hints),
        level=levels[0] if levels else "right_level",
        first=not finished,
        propensity=offer.propensity,
    )
