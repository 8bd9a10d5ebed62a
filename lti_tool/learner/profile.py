"""A learner's interest profile, as other rooms may read it."""

from __future__ import annotations

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from adaptive.interests import Profile
from lti_tool.learner.interests.operations import find_walk, profile_of
from lti_tool.learner.standing import Standing, by_percent
from lti_tool.lti.sessions import Launch


def current_profile(session: Session, launch: Launch) -> Profile | None:
    """Return what the newest finished walk says, None while there is none."""
    walk = find_walk(session, launch)
    return profile_of(walk) if walk and walk.finished else None


def standing_of(session: Session, launch: Launch, since: datetime | None) -> Standing:
    """Return how far the learner is with "What do I like doing?"."""
    del since
    walk = find_walk(session, launch)
    if walk is None:
        return by_percent(0, _("Tap what you like doing."), url_for("interests.show"))
    step = _("Look at what you like doing.") if walk.finished else _("Answer the next question.")
    return by_percent(max(walk.percent, 1), step, url_for("interests.show"))
