"""How far a learner is in each module, as the module itself says, or by what was reported.

A module speaks through its shared face: a file in this folder that has

    def standing_of(session: Session, launch: Launch, since: datetime | None) -> Standing | None

`since` is the last visit at home, None before the first. Where a face or the function is missing,
or gives None, the rows of progress speak.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, Literal

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.learner import MODULES
from lti_tool.learner.models import Progress
from lti_tool.lti.linking import linked_users
from lti_tool.lti.sessions import Launch

WAY = ("interests", "needs", "digital", "careers", "plan", "path", "mentor", "near")
"""The modules of a learner's way, in its order."""
FACES: Mapping[str, str] = {
    "interests": "profile",
    "needs": "situation",
    "digital": "digital_levels",
    "careers": "favourites",
    "plan": "goals",
    "path": "mastery",
    "mentor": "mentoring",
    "near": "nearby",
}
"""Module -> its shared face, lti_tool.learner.<face>."""

State = Literal["new", "started", "done"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one learner is in one module.

    percent: 0 to 100. step: one small next step as a whole sentence in the page's language, "" for
    none. url: where that step is done. news: what has changed since the last visit, each a whole
    sentence. urgent: today matters, such as a date that is due or a person who waits.
    """

    state: State
    percent: int
    step: str
    url: str
    news: tuple[str, ...] = ()
    urgent: bool = False


def by_percent(
    percent: int, step: str, url: str, news: tuple[str, ...] = (), *, urgent: bool = False
) -> Standing:
    """Return a standing whose state follows from how far it is."""
    percent = min(max(percent, 0), 100)
    state: State = "done" if percent == 100 else "started" if percent else "new"
    return Standing(state, percent, step, url, news, urgent)


def standings(session: Session, launch: Launch, since: datetime | None) -> dict[str, Standing]:
    """Return the standing in each module of the way that this installation has, in its order."""
    reported = _reported(session, launch)
    found = {}
    for key in WAY:
        if key in MODULES:
            said = _said(key, session, launch, since)
            found[key] = said or by_percent(
                reported.get(key, 0), "", url_for(MODULES[key].endpoint)
            )
    return found


def _said(key: str, session: Session, launch: Launch, since: datetime | None) -> Standing | None:
    name = f"lti_tool.learner.{FACES[key]}"
    try:
        face: Any = import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name:
            raise
        return None
    speak = getattr(face, "standing_of", None)
    said: Standing | None = speak(session, launch, since) if speak else None
    return said


def _reported(session: Session, launch: Launch) -> dict[str, int]:
    people = linked_users(session.connection(), launch.tenant_id, launch.user_id)
    rows = session.execute(
        select(Progress.module, func.max(Progress.percent).label("percent"))
        .where(Progress.tenant_id == launch.tenant_id, Progress.user_id.in_(people))
        .group_by(Progress.module)
    )
    return {row.module: row.percent for row in rows}
