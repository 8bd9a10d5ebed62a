"""Who acts, and which rows are theirs. Whatever is not theirs is as if it did not exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.lifecycle import record
from lti_tool.mentoring.models import Pair, Staff
from lti_tool.people.models import User

Duty = Literal["coordinator", "safeguarding"]
DUTIES: tuple[Duty, ...] = ("coordinator", "safeguarding")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something; of a launch: `Actor(launch.tenant_id, launch.user_id)`."""

    tenant_id: str
    user_id: str


class Side(StrEnum):
    """What somebody is to a pair."""

    MENTEE = "mentee"
    MENTOR = "mentor"
    COORDINATOR = "coordinator"
    PARTNER = "partner"
    """Coordinator of the mentor's organisation, where that is another one than the mentee's."""

    @property
    def other(self) -> Side:
        """Return the other half of the pair."""
        return Side.MENTOR if self is Side.MENTEE else Side.MENTEE


OWN = (Side.MENTEE, Side.MENTOR)


def has_duty(session: Session, actor: Actor, duty: Duty) -> bool:
    """Return whether somebody is named for a duty in their organisation."""
    return session.get(Staff, (actor.tenant_id, actor.user_id, duty)) is not None


def require(session: Session, actor: Actor, duty: Duty) -> None:
    """Go on only for a coordinator, or for a named person.

    Raises:
        NotYours: "duty".
    """
    if not has_duty(session, actor, duty):
        raise NotYours("duty")


def appoint(
    session: Session, tenant_id: str, user_id: str, duty: Duty, now: datetime, by: Actor | None
) -> None:
    """Name somebody of the organisation for a duty; `by` None is the operator.

    Raises:
        NotYours: the one who names is no coordinator here, or there is no such user.
        NotValid: an unknown duty.
    """
    if duty not in DUTIES:
        raise NotValid("duty")
    if by is not None:
        require(session, by, "coordinator")
    if (by is not None and by.tenant_id != tenant_id) or (
        session.get(User, (tenant_id, user_id)) is None
    ):
        raise NotYours("user")
    if session.get(Staff, (tenant_id, user_id, duty)) is None:
        session.add(Staff(tenant_id=tenant_id, user_id=user_id, duty=duty, since=now))
        record(session, tenant_id, "staff", user_id, f"appoint_{duty}",
               actor_id=by.user_id if by else None, now=now)  # fmt: skip
        session.flush()


def dismiss(session: Session, by: Actor, user_id: str, duty: Duty, now: datetime) -> None:
    """Take a duty from somebody; the last one who has it stays.

    Raises:
        NotYours: the one who acts is no coordinator, or the other one does not have the duty.
        NotAllowed: "last_one".
    """
    require(session, by, "coordinator")
    take_duty(session, by.tenant_id, user_id, duty, now, by.user_id)


def take_duty(
    session: Session, tenant_id: str, user_id: str, duty: Duty, now: datetime, by_id: str | None
) -> None:
    """Take a duty from somebody, by a coordinator or (`by_id` None) the operator.

    Raises:
        NotYours: they do not have it.
        NotAllowed: "last_one".
    """
    found = session.get(Staff, (tenant_id, user_id, duty))
    if found is None:
        raise NotYours("duty")
    if len(named(session, tenant_id, duty)) == 1:
        raise NotAllowed("last_one")
    session.delete(found)
    record(session, tenant_id, "staff", user_id, f"dismiss_{duty}", actor_id=by_id, now=now)
    session.flush()


def named(session: Session, tenant_id: str, duty: Duty) -> list[str]:
    """Return the user ids of an organisation's people with a duty."""
    return list(
        session.scalars(
            select(Staff.user_id)
            .where(Staff.tenant_id == tenant_id, Staff.duty == duty)
            .order_by(Staff.user_id)
        )
    )


def pair_for(
    session: Session, actor: Actor, pair_id: str, *sides: Side, lock: bool = False
) -> tuple[Pair, Side]:
    """Return a pair and what the actor is to it; `sides` are those that may go on (default: all).

    `lock` takes the row for this transaction, for a change that depends on what it says.

    Raises:
        NotYours: "pair": there is none, it is a stranger's, or the side may not.
    """
    query = select(Pair).where(
        Pair.id == pair_id,
        or_(Pair.tenant_id == actor.tenant_id, Pair.mentor_tenant_id == actor.tenant_id),
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    pair = session.scalars(query).one_or_none()
    side = None if pair is None else side_of(session, actor, pair)
    if pair is None or side is None or (sides and side not in sides):
        raise NotYours("pair")
    return pair, side


def side_of(session: Session, actor: Actor, pair: Pair) -> Side | None:
    """Return what the actor is to a pair; being one half of it goes before any duty."""
    me = actor.tenant_id, actor.user_id
    if me == (pair.tenant_id, pair.mentee_id):
        return Side.MENTEE
    if me == (pair.mentor_tenant_id, pair.mentor_id):
        return Side.MENTOR
    if has_duty(session, actor, "coordinator"):
        if actor.tenant_id == pair.tenant_id:
            return Side.COORDINATOR
        if actor.tenant_id == pair.mentor_tenant_id:
            return Side.PARTNER
    return None
