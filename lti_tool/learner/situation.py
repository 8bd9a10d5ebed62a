"""What a learner said about their situation, as the other rooms of the same learner may use it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from adaptive.situation import said
from lti_tool.learner.needs.operations import find_walk, questions
from lti_tool.learner.needs.words import MEANINGS
from lti_tool.learner.standing import Standing, by_percent
from lti_tool.lti.sessions import Launch

HOPES = frozenset({"job", "training", "routine", "people"})
"""The words of adaptive.lessons.NEEDS that are hopes; the others are hurdles."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Words of adaptive.lessons.NEEDS that the learner's answers tell. finished: all answered."""

    barriers: frozenset[str]
    hopes: frozenset[str]
    finished: bool


def current_situation(session: Session, launch: Launch) -> Situation | None:
    """Return what the answers so far tell, None before the first. For the learner's own pages."""
    walk = find_walk(session, launch)
    if not walk.answers:
        return None
    needs = said(questions(), walk.answers)
    return Situation(needs - HOPES, needs & HOPES, walk.open is None)


def told(need: str) -> str:
    """Return what a need says, as a whole sentence to the learner."""
    return str(MEANINGS[need].told)


def standing_of(session: Session, launch: Launch, since: datetime | None) -> Standing:
    """Return how far the learner is with "Where am I now?"."""
    del since
    walk = find_walk(session, launch)
    if walk.open is None:
        return by_percent(100, _("See what your answers mean."), url_for("needs.result"))
    left = len(questions().all) - len(walk.answers)
    step = (
        ngettext(
            "Answer the %(num)s question that is left.",
            "Answer the %(num)s questions that are left.",
            left,
        )
        if walk.answers
        else _("Say how you are doing right now. You can skip any question.")
    )
    return by_percent(walk.percent, step, url_for("needs.show"))
