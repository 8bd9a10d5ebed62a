"""Who is who on the desk: a nickname, and the name or number that the course site gives."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lti_tool.mentoring.access import Actor, Duty, named
from lti_tool.mentoring.lifecycle import LIVE
from lti_tool.mentoring.models import (
    Checkin,
    Consent,
    Event,
    Feedback,
    Invitation,
    Meeting,
    Mentee,
    Mentor,
    Pair,
    Ruling,
    ScreeningCheck,
)
from lti_tool.people.models import Membership, Tenant, User
from lti_tool.people.roles import Role

PAGE = 50
MOST_FOUND = 500
"""People whom one search finds; whoever has more types more letters."""


@dataclass(frozen=True, slots=True)
class Turned:
    """One page of a list."""

    rows: list[tuple[str, str]]
    """(user id, state)."""
    count: int
    page: int

    @property
    def pages(self) -> int:
        """Return how many pages there are, at least one."""
        return max(-(-self.count // PAGE), 1)


@dataclass(frozen=True, slots=True)
class Checked:
    """One check of a mentor: the state, the day, until when, and by whom."""

    state: str
    checked_on: date
    valid_until: date | None
    checker_id: str


def names_of(session: Session, actor: Actor, ids: Iterable[str | None]) -> dict[str, str]:
    """Return what to call people of the organisation's pairs.

    Of a mentor of another organisation only the nickname is known here.
    """
    wanted = {one for one in ids if one}
    nicknames: dict[str, str] = {}
    for table in (Mentee, Mentor):
        rows = session.execute(
            select(table.user_id, table.nickname).where(table.user_id.in_(wanted))
        )
        nicknames |= {user_id: nickname for user_id, nickname in rows if nickname}
    known = {
        user_id: name or _("number %(number)s", number=sub)
        for user_id, name, sub in session.execute(
            select(User.id, User.name, User.sub).where(
                User.tenant_id == actor.tenant_id, User.id.in_(wanted)
            )
        )
    }
    return {one: _called(nicknames.get(one), known.get(one)) for one in wanted}


def _called(nickname: str | None, name: str | None) -> str:
    if nickname and name and nickname != name:
        return str(_("%(nickname)s (%(name)s)", nickname=nickname, name=name))
    return nickname or name or str(_("somebody of another organisation"))


def find_people(session: Session, actor: Actor, words: str) -> list[str] | None:
    """Return the ids of people whose nickname, name or number has these letters; None for none."""
    if not words:
        return None
    sought = words.casefold()
    found: dict[str, None] = {}
    for table in (Mentee, Mentor):
        for user_id, nickname, name, sub in session.execute(
            select(table.user_id, table.nickname, User.name, User.sub)
            .join(User, (User.tenant_id == table.tenant_id) & (User.id == table.user_id))
            .where(table.tenant_id == actor.tenant_id)
            .order_by(table.nickname, table.user_id)
        ):
            if sought in f"{nickname}\n{name or ''}".casefold() or sought == sub.casefold():
                found[user_id] = None
    return list(found)[:MOST_FOUND]


def list_people(
    session: Session,
    actor: Actor,
    table: type[Mentor | Mentee],
    page: int,
    state: str | None,
    words: str,
) -> Turned:
    """Return mentors or mentees, page by page, those who wait longest first."""
    query = select(table.user_id, table.state).where(table.tenant_id == actor.tenant_id)
    if state:
        query = query.where(table.state == state)
    elif not words:
        query = query.where(table.state.not_in(("left", "refused", "draft")))
    if (found := find_people(session, actor, words)) is not None:
        query = query.where(table.user_id.in_(found))
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = min(page, max(-(-count // PAGE), 1))
    order = (table.state == "applied").desc(), table.state_at, table.user_id
    rows = session.execute(query.order_by(*order).limit(PAGE).offset((page - 1) * PAGE))
    return Turned([(user_id, found_state) for user_id, found_state in rows], count, page)


def checks_of(session: Session, actor: Actor, mentor_id: str) -> dict[str, Checked]:
    """Return what was noted of each check of a mentor."""
    return {
        row.check: Checked(row.state, row.checked_on, row.valid_until, row.checker_id)
        for row in session.scalars(
            select(ScreeningCheck).where(
                ScreeningCheck.tenant_id == actor.tenant_id, ScreeningCheck.user_id == mentor_id
            )
        )
    }


def consents_of(session: Session, actor: Actor, mentee_id: str) -> list[Consent]:
    """Return every yes of a mentee and of a guardian, the newest first."""
    return list(
        session.scalars(
            select(Consent)
            .where(Consent.tenant_id == actor.tenant_id, Consent.user_id == mentee_id)
            .order_by(Consent.given_at.desc(), Consent.id)
        )
    )


def invitations_of(session: Session, actor: Actor, now: datetime) -> list[Invitation]:
    """Return the invitations that still work, the newest first."""
    return list(
        session.scalars(
            select(Invitation)
            .where(
                Invitation.tenant_id == actor.tenant_id,
                Invitation.uses_left > 0,
                Invitation.expires_at > now,
            )
            .order_by(Invitation.created_at.desc(), Invitation.id)
            .limit(PAGE)
        )
    )


def pairs_with(session: Session, actor: Actor, user_id: str) -> list[Pair]:
    """Return the pairs of somebody in which the coordinator's mentees are, the newest first."""
    mine = (Pair.mentee_id == user_id) | (
        (Pair.mentor_tenant_id == actor.tenant_id) & (Pair.mentor_id == user_id)
    )
    return list(
        session.scalars(
            select(Pair)
            .where(Pair.tenant_id == actor.tenant_id, mine)
            .order_by(Pair.offered_at.desc(), Pair.id)
            .limit(PAGE)
        )
    )


def abroad(session: Session, actor: Actor, mentor_id: str) -> int:
    """Return how many live pairs a mentor has with mentees of other organisations."""
    query = select(func.count()).where(
        Pair.tenant_id != actor.tenant_id,
        Pair.mentor_tenant_id == actor.tenant_id,
        Pair.mentor_id == mentor_id,
        Pair.state.in_(LIVE),
    )
    return session.scalar(query) or 0


def history_of(session: Session, pair: Pair) -> list[Event]:
    """Return what happened to a pair, the newest first; codes only, no text of anybody."""
    return list(
        session.scalars(
            select(Event)
            .where(
                Event.tenant_id == pair.tenant_id,
                Event.kind == "pair",
                Event.subject_id == pair.id,
            )
            .order_by(Event.at.desc(), Event.id.desc())
            .limit(200)
        )
    )


def checkins_of(session: Session, pair: Pair) -> list[Checkin]:
    """Return the answers to "how does it go", the newest first."""
    return list(
        session.scalars(
            select(Checkin)
            .where(
                Checkin.tenant_id == pair.tenant_id,
                Checkin.pair_id == pair.id,
                Checkin.answered_at.is_not(None),
            )
            .order_by(Checkin.answered_at.desc(), Checkin.id)
            .limit(PAGE)
        )
    )


def feedback_of(session: Session, pair: Pair) -> list[Feedback]:
    """Return how it was, from both sides."""
    return list(
        session.scalars(
            select(Feedback)
            .where(Feedback.tenant_id == pair.tenant_id, Feedback.pair_id == pair.id)
            .order_by(Feedback.side)
        )
    )


def meetings_by_state(session: Session, pair: Pair) -> dict[str, int]:
    """Return how many meetings of a pair are in each state."""
    return dict(
        session.execute(
            select(Meeting.state, func.count())
            .where(Meeting.tenant_id == pair.tenant_id, Meeting.pair_id == pair.id)
            .group_by(Meeting.state)
        ).all()
    )


def rulings_of(session: Session, actor: Actor) -> list[Ruling]:
    """Return the coordinators' words on two people that stand."""
    return list(
        session.scalars(
            select(Ruling).where(Ruling.tenant_id == actor.tenant_id).order_by(Ruling.at.desc())
        )
    )


def mentors_to_choose(
    session: Session, actor: Actor, partners: Collection[str], words: str, most: int = 20
) -> tuple[list[Mentor], int]:
    """Return admitted mentors for a choice by hand, and how many there are in all.

    Own ones, and those of organisations with an open border who offer it.
    """
    ours = Mentor.tenant_id == actor.tenant_id
    theirs = Mentor.tenant_id.in_(partners) & Mentor.across.is_(True)
    query: Select[Mentor] = select(Mentor).where(ours | theirs, Mentor.state == "active")
    sought = words.casefold()
    rows = [
        row
        for row in session.scalars(query.order_by(Mentor.nickname, Mentor.user_id))
        if sought in row.nickname.casefold()
    ]
    return rows[:most], len(rows)


def on_duty(session: Session, actor: Actor) -> dict[Duty, list[str]]:
    """Return who has which duty."""
    duties: tuple[Duty, ...] = ("coordinator", "safeguarding")
    return {duty: named(session, actor.tenant_id, duty) for duty in duties}


def staff_to_appoint(session: Session, actor: Actor) -> list[str]:
    """Return who came to a course as staff, the last who came first: whom one can appoint."""
    rows = session.execute(
        select(User.id, Membership.roles)
        .join(
            Membership,
            (Membership.tenant_id == User.tenant_id) & (Membership.user_id == User.id),
        )
        .where(User.tenant_id == actor.tenant_id, User.disabled_at.is_(None))
        .order_by(User.last_seen_at.desc(), User.id)
    )
    found = (user_id for user_id, roles in rows if set(roles) - {Role.LEARNER})
    return list(dict.fromkeys(found))[:200]


def other_organisations(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Return (id, name) of the other organisations of this installation."""
    rows = session.execute(
        select(Tenant.id, Tenant.name).where(Tenant.id != actor.tenant_id).order_by(Tenant.name)
    )
    return [(tenant_id, name) for tenant_id, name in rows]


def halves_of(
    session: Session, actor: Actor, pair_ids: Collection[str]
) -> dict[str, tuple[str, str]]:
    """Return {pair: (mentee, mentor)}, people by user id."""
    rows = session.execute(
        select(Pair.id, Pair.mentee_id, Pair.mentor_id).where(
            Pair.tenant_id == actor.tenant_id, Pair.id.in_(pair_ids)
        )
    )
    return {pair_id: (mentee, mentor) for pair_id, mentee, mentor in rows}


def tenants_of_mentor(session: Session, mentor_id: str) -> list[str]:
    """Return the organisation of a mentor, by the user id."""
    return list(session.scalars(select(Mentor.tenant_id).where(Mentor.user_id == mentor_id)))


def mentees_among(session: Session, actor: Actor, ids: Collection[str]) -> set[str]:
    """Return which of some people are mentees."""
    return set(
        session.scalars(
            select(Mentee.user_id).where(
                Mentee.tenant_id == actor.tenant_id, Mentee.user_id.in_(ids)
            )
        )
    )
