"""Links by which a coordinator lets people apply as mentors."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.secrets import digest, new_secret
from lti_tool.mentoring.access import Actor, require
from lti_tool.mentoring.errors import NotValid, NotYours
from lti_tool.mentoring.lifecycle import record
from lti_tool.mentoring.models import Invitation

MOST_USES = 200


def invite(
    session: Session, actor: Actor, now: datetime, *, uses: int = 1, days: int = 30
) -> tuple[Invitation, str]:
    """Make an invitation and return it with the code for the link; only its hash is kept.

    Raises:
        NotYours: the actor is no coordinator.
        NotValid: "uses" (1 to 200) or "days" (1 to 365).
    """
    require(session, actor, "coordinator")
    if not 1 <= uses <= MOST_USES:
        raise NotValid("uses")
    if not 1 <= days <= 365:
        raise NotValid("days")
    code = new_secret()
    row = Invitation(
        tenant_id=actor.tenant_id,
        user_id=actor.user_id,
        code_hash=digest(code),
        uses_left=uses,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    record(session, row.tenant_id, "invitation", row.id, "make", actor_id=actor.user_id, now=now)
    return row, code


def take_back(session: Session, actor: Actor, invitation_id: str, now: datetime) -> None:
    """End an invitation; raises NotYours if there is none of this organisation."""
    require(session, actor, "coordinator")
    row = session.get(Invitation, (actor.tenant_id, invitation_id))
    if row is None:
        raise NotYours("invitation")
    row.uses_left = 0
    record(session, row.tenant_id, "invitation", row.id, "end", actor_id=actor.user_id, now=now)


def redeem(session: Session, actor: Actor, code: str, now: datetime) -> None:
    """Use an invitation once; the caller then begins the application (mentors.begin).

    Raises:
        NotYours: "invitation": unknown, used up, too old, or of another organisation.
    """
    row = session.scalars(
        select(Invitation)
        .where(Invitation.tenant_id == actor.tenant_id, Invitation.code_hash == digest(code))
        .with_for_update()
    ).one_or_none()
    if row is None or row.uses_left < 1 or row.expires_at <= now:
        raise NotYours("invitation")
    row.uses_left -= 1
    record(session, row.tenant_id, "invitation", row.id, "use", actor_id=actor.user_id, now=now)
    session.flush()
