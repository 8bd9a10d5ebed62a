"""The occupations that a learner keeps, as other rooms may read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from adaptive.occupations import Occupation
from lti_tool.learner.careers.operations import kept
from lti_tool.learner.careers.skills import gap
from lti_tool.learner.standing import Standing, by_percent
from lti_tool.lti.sessions import Launch


@dataclass(frozen=True, slots=True)
class SkillToLearn:
    """A skill that a kept job asks for and that the learner has not ticked."""

    id: str
    words: str
    job: Occupation


def kept_jobs(session: Session, launch: Launch) -> list[Occupation]:
    """Return the occupations that the learner keeps, oldest first."""
    return kept(session, launch)


def skills_to_learn(session: Session, launch: Launch) -> list[SkillToLearn]:
    """Return what kept jobs ask for, most useful first; empty where skills are not known."""
    found: dict[str, SkillToLearn] = {}
    for job in kept(session, launch):
        compared = gap(session, launch, job)
        for skill in compared.missing if compared else ():
            found.setdefault(skill.uri, SkillToLearn(skill.uri, skill.words, job))
    return list(found.values())


def standing_of(session: Session, launch: Launch, since: datetime | None) -> Standing:
    """Return where the learner is with "Work that could suit me": the first one kept is all."""
    del since
    if kept(session, launch):
        return by_percent(100, "", url_for("careers.show"))
    return by_percent(
        0, _("Find one job that you want to know more about."), url_for("careers.show")
    )
