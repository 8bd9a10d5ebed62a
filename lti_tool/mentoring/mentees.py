"""Mentees: short preferences, wishes and vetoes, what the mentor may see, pause and leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.mentoring.access import Actor, Side, has_duty, pair_for
from lti_tool.mentoring.closure import end_all
from lti_tool.mentoring.codes import GENDERS, SHARES
from lti_tool.mentoring.consent import missing_consents
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.lifecycle import MENTEE, move, record
from lti_tool.mentoring.models import Mentee, Mentor
from lti_tool.mentoring.values import (
    Offer,
    chosen,
    fill_offer,
    gender_of,
    missing_of,
    offer_of,
    short,
    year_of_birth,
)

MOST_WISHES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class MentorCard:
    """What a mentee sees of a mentor before they are a pair."""

    mentor_id: str
    nickname: str
    about: str
    languages: dict[str, int]
    fields: list[str]
    help: list[str]


def find_mentee(session: Session, actor: Actor) -> Mentee | None:
    """Return the actor's own row as a mentee."""
    return session.get(Mentee, (actor.tenant_id, actor.user_id))


def begin(session: Session, actor: Actor, now: datetime) -> Mentee:
    """Begin, or come back after leaving; doing it again changes nothing."""
    row = find_mentee(session, actor)
    if row is None:
        row = Mentee(tenant_id=actor.tenant_id, user_id=actor.user_id, created_at=now, state_at=now)
        session.add(row)
        session.flush()
        record(session, actor.tenant_id, "mentee", actor.user_id, "begin",
               actor_id=actor.user_id, now=now)  # fmt: skip
    elif row.state == "left":
        move(session, row, MENTEE, "come_back", actor_id=actor.user_id, now=now)
    return row


def say_about(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    nickname: str,
    birth_year: int | None,
    gender: str | None = None,
) -> Mentee:
    """Say who one is, by a nickname. Raises NotYours or NotValid (the field)."""
    row = _own(session, actor)
    name, year, who = (
        short("nickname", nickname, 40),
        year_of_birth(birth_year, now),
        gender_of(gender),
    )
    row.nickname, row.birth_year, row.gender = name, year, who
    session.flush()
    return row


def say_preferences(
    session: Session,
    actor: Actor,
    offer: Offer,
    *,
    genders: Sequence[str] = (),
    ages: tuple[int, int] | None = None,
    whole: bool = True,
) -> Mentee:
    """Say languages, times, ways, kinds of help, and requests about the mentor.

    `whole` False saves a part on the way; it is for somebody who has not joined yet.

    Raises:
        NotYours: the actor has not begun, or left.
        NotValid: the field.
    """
    row = _own(session, actor)
    wanted = chosen("genders", genders, GENDERS)
    if ages is not None and not 16 <= ages[0] <= ages[1] <= 100:
        raise NotValid("ages")
    fill_offer(row, offer, whole=whole or row.state != "draft")
    row.genders = wanted
    row.age_from, row.age_to = ages or (None, None)
    session.flush()
    return row


def join(session: Session, actor: Actor, now: datetime) -> Mentee:
    """Ask to be matched.

    Raises:
        NotYours: the actor has not begun.
        NotAllowed: "about" or "preferences" is missing; "consent"; "state".
    """
    row = _own(session, actor)
    if not row.nickname:
        raise NotAllowed("about")
    if missing_of(offer_of(row)):
        raise NotAllowed("preferences")
    if "consent" in missing_consents(session, row, now):
        raise NotAllowed("consent")
    move(session, row, MENTEE, "join", actor_id=actor.user_id, now=now)
    return row


def wish(session: Session, actor: Actor, mentor_ids: Sequence[str]) -> None:
    """Name mentors, dearest first.

    Raises:
        NotYours: the actor is no mentee; a mentor who is not offered to them.
        NotValid: "wishes", for more than five or one twice.
    """
    row = _own(session, actor)
    if len(mentor_ids) > MOST_WISHES or len(set(mentor_ids)) != len(mentor_ids):
        raise NotValid("wishes")
    if not set(mentor_ids) <= {card.mentor_id for card in mentor_cards(session, actor)}:
        raise NotYours("mentor")
    row.wishes = list(mentor_ids)
    session.flush()


def veto(session: Session, actor: Actor, mentor_ids: Sequence[str]) -> None:
    """Name mentors whom one does not want, without a reason; only the matching reads it.

    Raises:
        NotYours: the actor is no mentee; somebody who is no mentor here.
    """
    row = _own(session, actor)
    known = session.scalars(
        select(Mentor.user_id).where(
            Mentor.tenant_id == actor.tenant_id, Mentor.user_id.in_(mentor_ids)
        )
    )
    if set(mentor_ids) != set(known):
        raise NotYours("mentor")
    row.not_with = sorted(set(mentor_ids))
    session.flush()


def share(session: Session, actor: Actor, topics: Sequence[str]) -> None:
    """Choose what the mentor may see; the choice replaces the one before.

    Raises NotYours or NotValid ("shares").
    """
    row = _own(session, actor)
    row.shares = chosen("shares", topics, SHARES)
    session.flush()


def shared_with_mentor(session: Session, actor: Actor, pair_id: str) -> frozenset[str]:
    """Return what the mentee of a pair lets this mentor see; nothing once the pair has ended.

    Raises:
        NotYours: the actor is not the mentor of the pair.
    """
    pair, _side = pair_for(session, actor, pair_id, Side.MENTOR)
    if pair.state not in {"active", "closing"}:
        return frozenset()
    mentee = session.get_one(Mentee, (pair.tenant_id, pair.mentee_id))
    return frozenset(mentee.shares)


def mentor_cards(session: Session, actor: Actor) -> list[MentorCard]:
    """Return the own organisation's admitted mentors, for wishes; whoever has not joined sees none.

    Nothing by which a mentor could be found outside is on a card.
    """
    row = find_mentee(session, actor)
    if row is None or row.state != "waiting":
        return []
    found = session.scalars(
        select(Mentor)
        .where(Mentor.tenant_id == actor.tenant_id, Mentor.state == "active")
        .order_by(Mentor.user_id)
    )
    return [
        MentorCard(
            mentor_id=one.user_id,
            nickname=one.nickname,
            about=one.about,
            languages=one.languages,
            fields=one.fields,
            help=one.help,
        )
        for one in found
        if one.user_id not in {actor.user_id, *row.not_with}
    ]


def set_pause(
    session: Session, actor: Actor, mentee_id: str, now: datetime, *, paused: bool
) -> None:
    """Wait with a new mentor, or ask again; an own pair goes on. A coordinator may say so too.

    Raises:
        NotYours: somebody else's row.
        NotAllowed: "state".
    """
    row = _own_or_coordinated(session, actor, mentee_id)
    verb = "pause" if paused else "resume"
    move(session, row, MENTEE, verb, actor_id=actor.user_id, now=now)


def leave(session: Session, actor: Actor, mentee_id: str, now: datetime) -> int:
    """Stop with mentoring; returns how many pairs end by it.

    Raises:
        NotYours: somebody else's row.
        NotAllowed: "state".
    """
    row = _own_or_coordinated(session, actor, mentee_id)
    move(session, row, MENTEE, "leave", actor_id=actor.user_id, now=now)
    return end_all(session, "mentee", row.tenant_id, row.user_id, "mentee_left", actor, now)


def _own(session: Session, actor: Actor) -> Mentee:
    row = session.get(Mentee, (actor.tenant_id, actor.user_id), with_for_update=True)
    if row is None or row.state == "left":
        raise NotYours("mentee")
    return row


def _own_or_coordinated(session: Session, actor: Actor, mentee_id: str) -> Mentee:
    row = session.get(Mentee, (actor.tenant_id, mentee_id), with_for_update=True)
    if row is None or not (mentee_id == actor.user_id or has_duty(session, actor, "coordinator")):
        raise NotYours("mentee")
    return row
