"""Where a mentor is, who may apply, and what changes here beyond lti_tool.mentoring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.learner.progress import advance
from lti_tool.learner.topics import topics_of
from lti_tool.lti.sessions import Launch
from lti_tool.mentoring import invitations, mentors, screening
from lti_tool.mentoring.access import Actor, Side, named, pair_for
from lti_tool.mentoring.codes import CHECKS, UNITS
from lti_tool.mentoring.contact import barriers
from lti_tool.mentoring.errors import NotYours
from lti_tool.mentoring.lifecycle import LIVE, TALKING
from lti_tool.mentoring.meetings import waiting_meetings
from lti_tool.mentoring.mentees import shared_with_mentor
from lti_tool.mentoring.messages import unread
from lti_tool.mentoring.models import (
    Border,
    Meeting,
    Mentee,
    Mentor,
    Notice,
    Pair,
    ScreeningCheck,
)
from lti_tool.mentoring.moments import zone_of_tenant
from lti_tool.mentoring.notices import unseen
from lti_tool.mentoring.pairs import other_side, own_pairs
from lti_tool.mentoring.places import places_taken
from lti_tool.mentoring.screening import Clearance, clearance
from lti_tool.mentoring.words import SHARES
from lti_tool.people.models import Tenant, User
from lti_tool.people.roles import Role

MODULE = "mentoring"
"""The activity that a teacher places for mentors."""
_FOR_MENTORS = frozenset({MODULE, "mentor"})
_STAFF = frozenset({Role.INSTRUCTOR, Role.COORDINATOR})
_LONGEST_LINK = 300
_FIRST, _TRUST = timedelta(days=14), timedelta(days=60)
"""How long after the beginning the prompts are about the first meeting, and about trust."""


@dataclass(frozen=True, slots=True)
class Check:
    """What is known of one check: its state, the last day it was looked at, until when it holds."""

    state: str
    on: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Shared:
    """What a mentee shows of one topic."""

    title: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Line:
    """One pair as its mentor sees it in a list."""

    pair: Pair
    name: str
    zone: ZoneInfo
    barriers: tuple[str, ...]
    meeting: Meeting | None
    """The next one that is planned."""
    proposed: bool
    """Whether times of the mentee wait for an answer."""
    unread: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody is on the way to being a mentor, and with whom."""

    mentor: Mentor | None
    tenant: Tenant
    clear: Clearance
    checks: dict[str, Check]
    coordinators: list[str]
    """Names of the people who check, where the organisation keeps names."""
    taken: int
    abroad: list[str]
    """Organisations whose learners may have mentors of this one."""
    news: list[Notice]

    @property
    def state(self) -> str:
        """Of lifecycle.MENTOR; "none" before the beginning."""
        return self.mentor.state if self.mentor else "none"

    @property
    def step(self) -> str:
        """The step of the application to go on with."""
        done = self.mentor is not None and self.mentor.nickname and self.mentor.about
        return "offer" if done else "about"


def may_apply(launch: Launch) -> bool:
    """Return whether a launch lets somebody apply without an invitation.

    A teacher placed the activity for mentors, and the course says that this is no learner; or it
    says that this is a mentor. The right to be a mentor comes from the checks, never from here.
    """
    if Role.MENTOR in launch.roles:
        return True
    return bool(launch.roles & _STAFF) and launch.module in _FOR_MENTORS


def belongs_here(session: Session, tenant_id: str, user_id: str) -> bool:
    """Return whether somebody is a mentor, or on the way to it, and is no mentee at that."""
    mentor = session.get(Mentor, (tenant_id, user_id))
    mentee = session.get(Mentee, (tenant_id, user_id))
    return (
        mentor is not None and mentor.state != "left" and (mentee is None or mentee.state == "left")
    )


def find_standing(session: Session, actor: Actor, now: datetime) -> Standing:
    """Return where somebody is."""
    mentor = mentors.find_mentor(session, actor)
    clear = clearance(session, actor.tenant_id, actor.user_id, now)
    found = {
        row.check: row
        for row in session.scalars(
            select(ScreeningCheck).where(
                ScreeningCheck.tenant_id == actor.tenant_id,
                ScreeningCheck.user_id == actor.user_id,
            )
        )
    }
    return Standing(
        mentor=mentor,
        tenant=session.get_one(Tenant, actor.tenant_id),
        clear=clear,
        checks={
            check: Check(
                clear.checks[check],
                found[check].checked_on if check in found else None,
                found[check].valid_until if check in found else None,
            )
            for check in CHECKS
        },
        coordinators=_names(session, actor.tenant_id),
        taken=places_taken(session, mentor) if mentor else 0,
        abroad=_abroad(session, actor.tenant_id),
        news=list(unseen(session, actor)),
    )


def find_lines(session: Session, actor: Actor, now: datetime) -> list[Line]:
    """Return the actor's own pairs as their mentor: offers first, then by the next meeting."""
    found = [
        find_line(session, actor, pair, now)
        for pair, side in own_pairs(session, actor)
        if side is Side.MENTOR
    ]
    return sorted(found, key=lambda line: (line.pair.state != "offered", _when(line, now)))


def find_line(session: Session, actor: Actor, pair: Pair, now: datetime) -> Line:
    """Return one pair of the actor's as the mentor sees it."""
    waiting = waiting_meetings(session, pair, now) if pair.state in TALKING else []
    planned = [one for one in waiting if one.state == "confirmed"]
    live = pair.state in LIVE
    return Line(
        pair=pair,
        name=(other_side(session, actor, pair.id).nickname if live else "") or _("your mentee"),
        zone=zone_of_tenant(session, pair.tenant_id),
        barriers=barriers(session, pair, now) if live else ("state",),
        meeting=planned[0] if planned else None,
        proposed=any(one.state == "proposed" and one.side == Side.MENTEE for one in waiting),
        unread=unread(session, actor, pair.id),
    )


def find_mentee(
    session: Session, actor: Actor, pair_id: str, now: datetime
) -> tuple[Line, frozenset[str]]:
    """Return a pair and which topics its mentee shows to this mentor; none behind a barrier.

    Raises:
        NotYours: the actor is not the mentor of the pair.
    """
    pair, _side = pair_for(session, actor, pair_id, Side.MENTOR)
    line = find_line(session, actor, pair, now)
    return line, frozenset() if line.barriers else shared_with_mentor(session, actor, pair_id)


def stage_of(pair: Pair, now: datetime) -> str:
    """Return the stage of words.STAGES whose prompts fit a pair now."""
    if pair.state == "closing":
        return "goodbye"
    if pair.started_at is None or now - pair.started_at < _FIRST:
        return "first"
    return "trust" if now - pair.started_at < _TRUST else "goals"


def find_shared(
    session: Session, launch: Launch, pair: Pair, topics: frozenset[str]
) -> list[Shared]:
    """Return what the mentee of a pair shows, of the topics they chose; nothing else is read."""
    found = {
        topic.code: topic.lines
        for topic in topics_of(session, launch, pair.tenant_id, pair.mentee_id, topics)
    }
    return [
        Shared(str(title), found.get(code, [])) for code, title in SHARES.items() if code in topics
    ]


def begin(session: Session, launch: Launch, actor: Actor, now: datetime) -> None:
    """Begin an application from an activity for mentors.

    Raises:
        NotYours: "invitation", for whoever needs one.
    """
    if not may_apply(launch) and mentors.find_mentor(session, actor) is None:
        raise NotYours("invitation")
    mentors.begin(session, actor, now)


def accept_invitation(session: Session, actor: Actor, typed: str, now: datetime) -> None:
    """Begin an application by the link or the code of an invitation.

    Whoever is a mentor already uses nothing up.

    Raises:
        NotYours: "invitation": unknown, used up, too old, or of another organisation.
    """
    row = mentors.find_mentor(session, actor)
    if row is not None and row.state != "left":
        return
    code = typed.strip()[:_LONGEST_LINK].rstrip("/").rpartition("/")[2]
    invitations.redeem(session, actor, code, now)
    mentors.begin(session, actor, now)


def leave(session: Session, actor: Actor, now: datetime) -> None:
    """Stop being a mentor; doing it again changes nothing.

    Raises:
        NotYours: the actor never began.
    """
    row = mentors.find_mentor(session, actor)
    if row is None or row.state != "left":
        mentors.leave(session, actor, actor.user_id, now)


def finish_unit(session: Session, launch: Launch, actor: Actor, unit: str, now: datetime) -> None:
    """Note a unit as done, and carry it to the activity of somebody enrolled as a learner.

    Raises as screening.finish_unit.
    """
    done = screening.finish_unit(session, actor, unit, now)
    percent = 100 * len(done & set(UNITS)) // len(UNITS)
    comment = _("Training for mentors: %(done)s of %(all)s units", done=len(done), all=len(UNITS))
    advance(session, launch, MODULE, percent, comment, now)


def _when(line: Line, now: datetime) -> tuple[bool, datetime, str]:
    at = line.meeting.starts_at if line.meeting else None
    return at is None, at or now, line.pair.id


def _names(session: Session, tenant_id: str) -> list[str]:
    ids = named(session, tenant_id, "coordinator")
    rows = session.scalars(
        select(User.name)
        .where(User.tenant_id == tenant_id, User.id.in_(ids), User.name.is_not(None))
        .order_by(User.name)
    )
    return [name for name in rows if name]


def _abroad(session: Session, tenant_id: str) -> list[str]:
    rows = session.scalars(
        select(Tenant.name)
        .join(Border, Border.tenant_id == Tenant.id)
        .where(Border.partner_id == tenant_id, Border.state == "open")
        .order_by(Tenant.name)
    )
    return list(rows)
