"""A learner's path of lessons, as other rooms may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import flask_babel
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from config.clock import utcnow
from lti_tool.learner.path.choosing import suggestions
from lti_tool.learner.path.hints import hints_for
from lti_tool.learner.path.operations import goal, seed_of
from lti_tool.learner.path.standing import library, standing
from lti_tool.learner.path.words import why
from lti_tool.learner.standing import Standing, by_percent
from lti_tool.lti.sessions import Launch


@dataclass(frozen=True, slots=True)
class NextLesson:
    """What to do next: its page is `url_for("path.lesson", lesson_id=id)`.

    why: one or two sentences in the learner's language. begun: whether it was begun already.
    """

    id: str
    title: str
    minutes: int
    why: str
    begun: bool


@dataclass(frozen=True, slots=True)
class FinishedLesson:
    """A lesson that was finished, and when."""

    id: str
    title: str
    at: datetime


def next_lesson(session: Session, launch: Launch) -> NextLesson | None:
    """Return the lesson to go on with or to begin, None when all are finished."""
    here = standing(session, launch)
    locale = str(flask_babel.get_locale())
    begun = here.begun()
    if begun:
        lesson, reason = begun[0], ""
    else:
        offers = suggestions(here, hints_for(session, launch), seed_of(launch), utcnow())
        if not offers:
            return None
        lesson, reason = offers[0].lesson, why(offers[0], locale)
    title = library().lesson_texts(lesson.id, locale).title
    return NextLesson(lesson.id, title, lesson.minutes, reason, bool(begun))


def finished_lessons(session: Session, launch: Launch) -> list[FinishedLesson]:
    """Return the finished lessons, the newest first."""
    here = standing(session, launch)
    locale = str(flask_babel.get_locale())
    found = []
    for lesson in here.finished():
        at = here.walks[lesson.id].finished_at
        if at is not None:
            title = library().lesson_texts(lesson.id, locale).title
            found.append(FinishedLesson(lesson.id, title, at))
    return found


@dataclass(frozen=True, slots=True)
class AreaLesson:
    """A lesson of one of the areas of digital skills."""

    id: str
    title: str
    finished: bool


def lessons_for_area(session: Session, launch: Launch, area: str) -> list[AreaLesson]:
    """Return the lessons that practise an area of digital skills, in the order of their pack."""
    here = standing(session, launch)
    locale = str(flask_babel.get_locale())
    return [
        AreaLesson(
            lesson.id, library().lesson_texts(lesson.id, locale).title, here.is_finished(lesson.id)
        )
        for lesson in library().lessons.values()
        if lesson.digital == area
    ]


def goal_of_lessons() -> int:
    """Return how many finished lessons complete the module."""
    return goal()


def standing_of(session: Session, launch: Launch, since: datetime | None) -> Standing:
    """Return where the learner is on the path of lessons."""
    del since
    here = standing(session, launch)
    finished, upcoming = len(here.finished()), next_lesson(session, launch)
    percent = min(100, 100 * finished // goal())
    if upcoming is None:
        return by_percent(percent, "", url_for("path.show"))
    if upcoming.begun:
        step = _("Go on with the lesson “%(lesson)s”.", lesson=upcoming.title)
    else:
        step = _("Try the lesson “%(lesson)s”.", lesson=upcoming.title)
    begun = 1 if upcoming.begun else 0
    return by_percent(max(percent, begun), step, url_for("path.lesson", lesson_id=upcoming.id))
