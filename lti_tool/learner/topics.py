"""What a learner may show to a mentor, by topic, from the rooms that have it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from importlib import import_module

import flask_babel
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.learner.careers.operations import kept
from lti_tool.learner.digital.operations import areas_of
from lti_tool.learner.digital.operations import find_walk as find_check
from lti_tool.learner.digital.words import say
from lti_tool.learner.mastery import finished_lessons
from lti_tool.learner.profile import current_profile
from lti_tool.learner.shared import shared_with
from lti_tool.learner.words import INTERESTS
from lti_tool.lti.sessions import Launch


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of lti_tool.mentoring.codes.SHARES in short lines, none where nothing is there."""

    code: str
    lines: list[str]


def topics_of(
    session: Session, launch: Launch, tenant_id: str, user_id: str, codes: Collection[str]
) -> list[Topic]:
    """Return the topics `codes` of a learner in the order given; nothing else of theirs is read.

    `launch` is that of whoever looks; it lends the language, not the rights.
    """
    learner = replace(launch, tenant_id=tenant_id, user_id=user_id)
    return [Topic(code, _READERS[code](session, learner)) for code in codes if code in _READERS]


def _interests(session: Session, learner: Launch) -> list[str]:
    profile = current_profile(session, learner)
    if profile is None:
        return []
    if profile.flat:
        return [_("No interest stands out. Many things are liked about equally.")]
    return [str(INTERESTS[letter].name) for letter in profile.top3]


def _favourites(session: Session, learner: Launch) -> list[str]:
    return [one.title(str(flask_babel.get_locale())) for one in kept(session, learner)]


def _levels(session: Session, learner: Launch) -> list[str]:
    walk = find_check(session, learner, finished=True)
    here = str(flask_babel.get_locale())
    return [
        # Translators: an area of digital skills and how far somebody is in it.
        _(
            "%(area)s: %(level)s",
            area=say(f"area-{one.area}", here),
            level=say(f"band-{one.band}", here),
        )
        for one in (areas_of(walk) if walk else ())
        if one.band is not None
    ]


def _situation(session: Session, learner: Launch) -> list[str]:
    return [
        # Translators: a question and what somebody answered.
        _("%(question)s – %(answer)s", question=question, answer=answer)
        for question, answer in shared_with(session, learner.tenant_id, learner.user_id, "mentor")
    ]


def _plan(session: Session, learner: Launch) -> list[str]:
    try:
        face = import_module(_GOALS)
    except ModuleNotFoundError as missing:
        if missing.name != _GOALS:
            raise
        return []
    return [one.title for one in face.goals_of(session, learner.tenant_id, learner.user_id)]


def _lessons(session: Session, learner: Launch) -> list[str]:
    return [one.title for one in finished_lessons(session, learner)]


_GOALS = "lti_tool.learner.goals"
"""The plan's shared face; an installation without plans has no goals."""
_READERS = {
    "interests": _interests,
    "favourites": _favourites,
    "levels": _levels,
    "situation": _situation,
    "plan": _plan,
    "lessons": _lessons,
}
