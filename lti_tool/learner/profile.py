"""A learner's interest profile, as other rooms may read it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from adaptive.interests import Profile
from lti_tool.learner.interests.operations import find_walk, profile_of
from lti_tool.lti.sessions import Launch


def current_profile(session: Session, launch: Launch) -> Profile | None:
    """Return what the newest finished walk says, None while there is none."""
    walk = find_walk(session, launch)
    return profile_of(walk) if walk and walk.finished else None
