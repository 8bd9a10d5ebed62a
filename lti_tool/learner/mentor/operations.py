"""What changes on the mentee's pages. The rules of mentoring are in lti_tool.mentoring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from adaptive.mentoring.guardians import age_of
from lti_tool.learner.mentor.words import STEPS
from lti_tool.learner.mentoring import note_progress
from lti_tool.lti.sessions import Launch
from lti_tool.mentoring import mentees
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.consent import missing_consents
from lti_tool.mentoring.errors import NotValid, NotYours
from lti_tool.mentoring.models import Mentee, Notice, Pair
from lti_tool.mentoring.notices import unseen
from lti_tool.mentoring.pairs import own_pairs
from lti_tool.mentoring.programme import rules_of
from lti_tool.mentoring.values import missing_of, offer_of
from lti_tool.mentoring.words import NOTICES
from lti_tool.people.models import Tenant

PAGE_OF = {"languages": "languages", "slots": "times", "ways": "ways"}
"""Where an answer that nobody can be matched without is given."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a learner is with mentoring."""

    mentee: Mentee | None
    tenant: Tenant
    missing: tuple[str, ...]
    """Of "consent" and "guardian"."""
    guardian_age: int
    pairs: list[Pair]
    """Live ones in which the learner is the mentee; one at most."""
    ended: list[Pair]
    as_mentor: bool
    news: list[Notice]

    @property
    def state(self) -> str:
        """Of lifecycle.MENTEE; "none" before the beginning."""
        return self.mentee.state if self.mentee else "none"


def find_standing(session: Session, actor: Actor, now: datetime) -> Standing:
    """Return where the learner is."""
    mentee = mentees.find_mentee(session, actor)
    tenant = session.get_one(Tenant, actor.tenant_id)
    live = own_pairs(session, actor)
    ended = own_pairs(session, actor, ended=True)
    raised = rules_of(session, actor.tenant_id).guardian_age or 0
    return Standing(
        mentee=mentee,
        tenant=tenant,
        missing=missing_consents(session, mentee, now) if mentee else ("consent",),
        guardian_age=max(age_of(tenant.country), raised),
        pairs=[pair for pair, side in live if side == "mentee"],
        ended=[pair for pair, side in ended if side == "mentee"],
        as_mentor=any(side == "mentor" for _pair, side in live),
        news=[one for one in unseen(session, actor) if one.kind in NOTICES],
    )


def next_step(mentee: Mentee, missing: tuple[str, ...]) -> str:
    """Return the page to go on with: the first one without an answer, then consent, then check."""
    if not mentee.nickname:
        return "about"
    if found := missing_of(offer_of(mentee)):
        return min((PAGE_OF[name] for name in found), key=list(STEPS).index)
    if not mentee.help:
        return "ways" if not mentee.near and not mentee.fields else "help"
    return "consent" if "consent" in missing else "check"


def say(session: Session, actor: Actor, said: Mapping[str, Any]) -> Mentee:
    """Save some of the preferences; those said before stay. Works before and after joining.

    Raises:
        NotYours: the learner has not begun, or left.
        NotValid: the field; "languages", "slots" or "ways" where nothing is left of it.
    """
    row = mentees.find_mentee(session, actor)
    if row is None:
        raise NotYours("mentee")
    values = dict(said)
    genders = values.pop("genders", row.genders)
    before = None if row.age_from is None or row.age_to is None else (row.age_from, row.age_to)
    ages = values.pop("ages", before)
    offer = replace(offer_of(row), **values)
    touched = {"ways" if name in {"online", "near"} else name for name in values}
    if "in_writing" in values:
        touched.add("slots")
    for name in missing_of(offer):
        if name in touched:
            raise NotValid(name)
    return mentees.say_preferences(
        session, actor, offer, genders=genders, ages=ages, whole=row.state != "draft"
    )


def join(session: Session, launch: Launch, actor: Actor, now: datetime) -> None:
    """Ask for a mentor, and carry that to the activity; raises as mentees.join."""
    mentees.join(session, actor, now)
    note_progress(session, launch, now)


def choose_mentors(session: Session, actor: Actor, choices: Mapping[str, str]) -> None:
    """Keep wishes and vetoes: `choices` is {mentor: "yes", "no" or ""} of cards shown.

    Wishes stay in the order in which they were said, those of other pages too, while the mentor is
    offered; vetoes are added to those before.

    Raises:
        NotYours: the learner is no mentee; a mentor who is not offered.
        NotValid: "wishes", for another choice or more than five.
    """
    row = mentees.find_mentee(session, actor)
    if row is None:
        raise NotYours("mentee")
    if not set(choices.values()) <= {"", "yes", "no"}:
        raise NotValid("wishes")
    wanted = [one for one, word in choices.items() if word == "yes"]
    unwanted = {one for one, word in choices.items() if word == "no"}
    offered = {card.mentor_id for card in mentees.mentor_cards(session, actor)}
    kept = [one for one in row.wishes if one in offered and choices.get(one, "yes") == "yes"]
    mentees.wish(session, actor, [*kept, *(one for one in wanted if one not in kept)])
    mentees.veto(session, actor, sorted({*row.not_with, *unwanted}))


def leave(session: Session, actor: Actor, now: datetime) -> None:
    """Stop with mentoring; doing it again changes nothing.

    Raises:
        NotYours: the learner has not begun.
    """
    row = mentees.find_mentee(session, actor)
    if row is None or row.state != "left":
        mentees.leave(session, actor, actor.user_id, now)
