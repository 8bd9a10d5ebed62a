"""What a learner may show to a mentor, by topic, from the rooms that have it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import flask_babel
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.learner.careers.operations import kept
from lti_tool.learner.mastery import finished_lessons
from lti_tool.learner.profile import current_profile
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


def _lessons(session: Session, learner: Launch) -> list[str]:
    return [one.title for one in finished_lessons(session, learner)]


_READERS = {"interests": _interests, "favourites": _favourites, "lessons": _lessons}
