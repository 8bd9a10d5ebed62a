"""Mentors: an application in two steps, admission by a person, pause, leave, capacity."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.mentoring.access import Actor, has_duty, named, require
from lti_tool.mentoring.closure import end_all
from lti_tool.mentoring.codes import REFUSE_REASONS
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.lifecycle import MENTOR, move, record
from lti_tool.mentoring.models import Mentor
from lti_tool.mentoring.notices import tell
from lti_tool.mentoring.places import places_taken
from lti_tool.mentoring.screening import clearance
from lti_tool.mentoring.values import Offer, fill_offer, gender_of, short, year_of_birth

MOST_MENTEES = 10


def find_mentor(session: Session, actor: Actor) -> Mentor | None:
    """Return the actor's own row as a mentor."""
    return session.get(Mentor, (actor.tenant_id, actor.user_id))


def begin(session: Session, actor: Actor, now: datetime) -> Mentor:
    """Begin an application, or come back after leaving; doing it again changes nothing.

    The page that calls this has seen an invitation (invitations.redeem) or an activity that a
    teacher placed for mentors.
    """
    row = session.get(Mentor, (actor.tenant_id, actor.user_id))
    if row is None:
        row = Mentor(tenant_id=actor.tenant_id, user_id=actor.user_id, created_at=now, state_at=now)
        session.add(row)
        session.flush()
        record(session, actor.tenant_id, "mentor", actor.user_id, "begin",
               actor_id=actor.user_id, now=now)  # fmt: skip
    elif row.state == "left":
        move(session, row, MENTOR, "come_back", actor_id=actor.user_id, now=now)
    return row


def say_about(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    nickname: str,
    about: str,
    birth_year: int | None = None,
    gender: str | None = None,
    employer: str | None = None,
) -> Mentor:
    """Step one, "about me"; also later, to change it.

    Raises:
        NotYours: the actor has not begun.
        NotValid: the field.
    """
    row = _own(session, actor)
    values = {
        "nickname": short("nickname", nickname, 40),
        "about": short("about", about),
        "birth_year": year_of_birth(birth_year, now),
        "gender": gender_of(gender),
        "employer": short("employer", employer, 80, needed=False) or None if employer else None,
    }
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return row


def say_offer(
    session: Session,
    actor: Actor,
    offer: Offer,
    capacity: int,
    now: datetime,
    *,
    across: bool = False,
) -> Mentor:
    """Step two, "what I offer"; also later, to change it. The last step applies by itself.

    Raises:
        NotYours: the actor has not begun.
        NotValid: the field; "capacity" (1 to 10).
        NotAllowed: "about" before step one; "capacity" below the mentees that are there.
    """
    row = _own(session, actor)
    if not (row.nickname and row.about):
        raise NotAllowed("about")
    _check_capacity(session, row, capacity)
    fill_offer(row, offer)
    row.capacity, row.across = capacity, across
    session.flush()
    if row.state == "draft":
        move(session, row, MENTOR, "apply", actor_id=actor.user_id, now=now)
        for user_id in named(session, row.tenant_id, "coordinator"):
            tell(session, row.tenant_id, user_id, "application", f"{row.user_id}:{now:%y%m%d}", now)
    return row


def admit(session: Session, actor: Actor, mentor_id: str, now: datetime) -> None:
    """Let an applicant be matched: a coordinator's act, after all checks and all units.

    Raises:
        NotYours: the actor is no coordinator, or admits themself; no such applicant here.
        NotAllowed: "screening" or "training" is not complete; "state".
    """
    row = _for_coordinator(session, actor, mentor_id)
    clear = clearance(session, row.tenant_id, row.user_id, now)
    if not clear.screened:
        raise NotAllowed("screening")
    if not clear.trained:
        raise NotAllowed("training")
    move(session, row, MENTOR, "admit", actor_id=actor.user_id, now=now)
    tell(session, row.tenant_id, row.user_id, "admitted", f"{now:%y%m%d}", now)


def refuse(session: Session, actor: Actor, mentor_id: str, reason: str, now: datetime) -> None:
    """Say no to an applicant; they may apply again.

    Raises:
        NotYours, NotAllowed: as for `admit`.
        NotValid: "reason".
    """
    row = _for_coordinator(session, actor, mentor_id)
    if reason not in REFUSE_REASONS:
        raise NotValid("reason")
    move(session, row, MENTOR, "refuse", actor_id=actor.user_id, now=now, reason=reason)


def apply_again(session: Session, actor: Actor, now: datetime) -> None:
    """Apply after a no; raises NotYours or NotAllowed ("state")."""
    row = _own(session, actor)
    if row.state != "refused":
        raise NotAllowed("state")
    move(session, row, MENTOR, "apply", actor_id=actor.user_id, now=now)


def set_pause(
    session: Session, actor: Actor, mentor_id: str, now: datetime, *, paused: bool
) -> None:
    """Take no new mentees for a while, or take them again; the mentor or a coordinator says so.

    Those who are there stay.

    Raises:
        NotYours: somebody else's row.
        NotAllowed: "state".
    """
    row = _own_or_coordinated(session, actor, mentor_id)
    verb = "pause" if paused else "resume"
    move(session, row, MENTOR, verb, actor_id=actor.user_id, now=now)


def leave(session: Session, actor: Actor, mentor_id: str, now: datetime) -> int:
    """Stop being a mentor; returns how many pairs end by it.

    Raises:
        NotYours: somebody else's row.
        NotAllowed: "state".
    """
    row = _own_or_coordinated(session, actor, mentor_id)
    move(session, row, MENTOR, "leave", actor_id=actor.user_id, now=now)
    return end_all(session, "mentor", row.tenant_id, row.user_id, "mentor_left", actor, now)


def _check_capacity(session: Session, row: Mentor, capacity: int) -> None:
    if not 1 <= capacity <= MOST_MENTEES:
        raise NotValid("capacity")
    if capacity < places_taken(session, row):
        raise NotAllowed("capacity")


def _own(session: Session, actor: Actor) -> Mentor:
    row = session.get(Mentor, (actor.tenant_id, actor.user_id), with_for_update=True)
    if row is None or row.state == "left":
        raise NotYours("mentor")
    return row


def _for_coordinator(session: Session, actor: Actor, mentor_id: str) -> Mentor:
    require(session, actor, "coordinator")
    row = session.get(Mentor, (actor.tenant_id, mentor_id), with_for_update=True)
    if row is None or mentor_id == actor.user_id:
        raise NotYours("mentor")
    return row


def _own_or_coordinated(session: Session, actor: Actor, mentor_id: str) -> Mentor:
    row = session.get(Mentor, (actor.tenant_id, mentor_id), with_for_update=True)
    if row is None or not (mentor_id == actor.user_id or has_duty(session, actor, "coordinator")):
        raise NotYours("mentor")
    return row
