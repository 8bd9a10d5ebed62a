"""Mentoring across organisations: open only while both coordinators say so.

Each row has a direction: mentees of `tenant_id`, mentors of `partner_id`. What a pair needs crosses
the border with the pair (nickname, languages, times, messages); everything else stays.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.mentoring.access import Actor, named, require
from lti_tool.mentoring.errors import NotValid, NotYours
from lti_tool.mentoring.lifecycle import BORDER, move
from lti_tool.mentoring.models import Border
from lti_tool.mentoring.notices import tell
from lti_tool.people.models import Tenant


def ask_border(
    session: Session, actor: Actor, mentees_of: str, mentors_of: str, now: datetime
) -> Border:
    """Ask another organisation to open the border in one direction; its coordinator answers.

    Raises:
        NotYours: the actor coordinates neither of the two; no such organisation.
        NotValid: "partner", for one organisation with itself.
        NotAllowed: "state", where it was asked already or is open.
    """
    require(session, actor, "coordinator")
    if actor.tenant_id not in {mentees_of, mentors_of}:
        raise NotYours("border")
    if mentees_of == mentors_of:
        raise NotValid("partner")
    if any(session.get(Tenant, one) is None for one in (mentees_of, mentors_of)):
        raise NotYours("partner")
    row = session.get(Border, (mentees_of, mentors_of), with_for_update=True)
    if row is None:
        row = Border(tenant_id=mentees_of, partner_id=mentors_of, state="new", state_at=now)
        session.add(row)
    move(session, row, BORDER, "ask", actor_id=actor.user_id, now=now)
    row.asked_by = actor.tenant_id
    session.flush()
    other = mentors_of if actor.tenant_id == mentees_of else mentees_of
    for user_id in named(session, other, "coordinator"):
        occasion = f"{mentees_of}:{now:%y%m%d}"
        tell(session, other, user_id, "border_asked", occasion, now)
    return row


def agree_border(
    session: Session, actor: Actor, mentees_of: str, mentors_of: str, now: datetime
) -> None:
    """Say yes for the organisation that was asked.

    Raises:
        NotYours: there is no such request to this coordinator.
        NotAllowed: "state".
    """
    row = _mine(session, actor, mentees_of, mentors_of)
    if row.asked_by == actor.tenant_id:
        raise NotYours("border")
    move(session, row, BORDER, "agree", actor_id=actor.user_id, now=now)


def end_border(
    session: Session, actor: Actor, mentees_of: str, mentors_of: str, now: datetime
) -> None:
    """Close the border again, from either side. Pairs across it fall silent at once.

    Raises:
        NotYours: no such border of this coordinator.
        NotAllowed: "state".
    """
    row = _mine(session, actor, mentees_of, mentors_of)
    move(session, row, BORDER, "end", actor_id=actor.user_id, now=now)


def list_borders(session: Session, actor: Actor) -> list[Border]:
    """Return the coordinator's borders, in both directions."""
    require(session, actor, "coordinator")
    return list(
        session.scalars(
            select(Border)
            .where(or_(Border.tenant_id == actor.tenant_id, Border.partner_id == actor.tenant_id))
            .order_by(Border.tenant_id, Border.partner_id)
        )
    )


def is_open(session: Session, mentees_of: str, mentors_of: str) -> bool:
    """Return whether a mentee of one may have a mentor of the other."""
    if mentees_of == mentors_of:
        return True
    row = session.get(Border, (mentees_of, mentors_of))
    return row is not None and row.state == "open"


def partners_of(session: Session, tenant_id: str) -> list[str]:
    """Return whose mentors may be offered to this organisation's mentees."""
    return list(
        session.scalars(
            select(Border.partner_id)
            .where(Border.tenant_id == tenant_id, Border.state == "open")
            .order_by(Border.partner_id)
        )
    )


def _mine(session: Session, actor: Actor, mentees_of: str, mentors_of: str) -> Border:
    require(session, actor, "coordinator")
    row = session.get(Border, (mentees_of, mentors_of), with_for_update=True)
    if row is None or actor.tenant_id not in {mentees_of, mentors_of}:
        raise NotYours("border")
    return row
