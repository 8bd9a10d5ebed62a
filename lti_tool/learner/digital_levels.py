"""A learner's levels in the five areas of digital skills, as other rooms may read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.learner.digital.operations import areas_of, find_walk, percent_of
from lti_tool.learner.standing import Standing, by_percent
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


def standing_of(session: Session, launch: Launch, since: datetime | None) -> Standing:
    """Return where the learner is with the module; nobody else changes anything in it."""
    del since
    percent = percent_of(session, launch)
    if percent == 100:
        step = ""
    elif find_walk(session, launch, finished=True):
        step = _("Try one small thing with your phone or computer.")
    elif percent:
        step = _("Go on with the questions about your digital skills.")
    else:
        step = _("Say what you can do with a phone or a computer.")
    return by_percent(percent, step, url_for("digital.show"))
