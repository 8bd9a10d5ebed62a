"""What a job asks for, what the learner can do already, and what is still to learn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from adaptive.occupations import Occupation, SkillGap, skill_gap
from adaptive.occupations.skills import Needed, plain_words
from lti_tool.learner.careers.models import OwnSkill
from lti_tool.learner.occupations import imported
from lti_tool.lti.sessions import Launch
from lti_tool.occupations.models import Skill
from lti_tool.occupations.reading import essentials

MOST_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Choice:
    """A skill with a box to tick."""

    id: str
    words: str
    ticked: bool


def own_skills(session: Session, launch: Launch) -> set[str]:
    """Return the ids of the skills that the learner ticked."""
    return set(
        session.scalars(
            select(OwnSkill.skill).where(
                OwnSkill.tenant_id == launch.tenant_id, OwnSkill.user_id == launch.user_id
            )
        )
    )


def gap(session: Session, launch: Launch, occupation: Occupation) -> SkillGap | None:
    """Compare the learner's skills with those of an occupation.

    None when nothing is known of its skills: no import, or a whole ISCO-08 group.
    """
    known = imported()
    if known is None:
        return None
    needed, groups = essentials(session.connection(), occupation.id)
    if not needed:
        return None
    return skill_gap(own_skills(session, launch), needed, known.use, groups)


def choices(session: Session, launch: Launch, occupations: Iterable[Occupation]) -> list[Choice]:
    """Return the skills that the occupations ask for, to tick.

    Those that serve in most kinds of work come first, then those that most of the occupations
    ask for. What was ticked before stays in the list, so that it can be taken back.
    """
    known = imported()
    if known is None:
        return []
    found: dict[str, Needed] = {}
    wanted_by: Counter[str] = Counter()
    for occupation in occupations:
        needed, _groups = essentials(session.connection(), occupation.id)
        everything = skill_gap((), needed, known.use, limit=len(needed)).missing
        found.update((skill.uri, skill) for skill in everything)
        wanted_by.update(skill.uri for skill in everything)
    own = own_skills(session, launch)
    order = sorted(
        found.values(), key=lambda skill: (skill.reach, -wanted_by[skill.uri], skill.words)
    )
    offered = [skill.uri for skill in order[:MOST_SHOWN]]
    words = _labels(session, {*offered, *own})
    before = sorted(own.intersection(words).difference(offered), key=words.__getitem__)
    return [Choice(key, words[key], key in own) for key in (*offered, *before)]


def _labels(session: Session, keys: Collection[str]) -> dict[str, str]:
    rows = session.execute(select(Skill.id, Skill.label).where(Skill.id.in_(keys)))
    return {key: plain_words(label) for key, label in rows}


def say_skills(
    session: Session,
    launch: Launch,
    shown: Collection[str],
    ticked: Collection[str],
    now: datetime,
) -> None:
    """Keep which of the shown skills the learner ticked; skills that were not shown stay."""
    own = own_skills(session, launch)
    off = own.intersection(shown).difference(ticked)
    session.execute(
        delete(OwnSkill).where(
            OwnSkill.tenant_id == launch.tenant_id,
            OwnSkill.user_id == launch.user_id,
            OwnSkill.skill.in_(off),
        )
    )
    for key in sorted(_labels(session, set(ticked).intersection(shown).difference(own))):
        session.add(
            OwnSkill(tenant_id=launch.tenant_id, user_id=launch.user_id, skill=key, said_at=now)
        )
