"""A learner's levels in the five areas of digital skills, as other rooms may read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from lti_tool.learner.digital.operations import areas_of, find_walk
from lti_tool.lti.sessions import Launch

LESSON_AREAS: Final[Mapping[str, str]] = {
    "info": "information",
    "comm": "communication",
    "make": "creation",
    "safe": "safety",
    "solve": "problems",
}
"""The check's areas, by the names that lessons use."""
LEVELS: Final = (1, 2, 4, 6)
"""Our four bands as levels of DigComp 2.2, which has eight: below the basics, then the upper end of
foundation, intermediate and advanced."""


def current_levels(session: Session, launch: Launch) -> dict[str, int]:
    """Return area -> level 1 to 8 of the newest finished check, without areas nobody is sure of."""
    walk = find_walk(session, launch, finished=True)
    if walk is None:
        return {}
    return {
        LESSON_AREAS[one.area]: LEVELS[one.band] for one in areas_of(walk) if one.band is not None
    }
