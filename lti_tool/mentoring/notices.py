"""What waits for whom: a row in the tool, and a message of the course site without detail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.mentoring import moodle
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.models import Notice, Pair


def tell(
    session: Session, tenant_id: str, user_id: str, kind: str, occasion: str, now: datetime
) -> bool:
    """Tell somebody that something of a kind waits; the same occasion never tells twice.

    Returns whether it was news.
    """
    known = session.scalar(
        select(Notice.id).where(
            Notice.tenant_id == tenant_id,
            Notice.user_id == user_id,
            Notice.kind == kind,
            Notice.occasion == occasion,
        )
    )
    if known:
        return False
    row = Notice(tenant_id=tenant_id, user_id=user_id, kind=kind, occasion=occasion, at=now)
    session.add(row)
    session.flush()
    moodle.send_notice(session, tenant_id, user_id, row.id)
    return True


def tell_both(session: Session, pair: Pair, kind: str, occasion: str, now: datetime) -> None:
    """Tell both halves of a pair."""
    tell(session, pair.tenant_id, pair.mentee_id, kind, occasion, now)
    tell(session, pair.mentor_tenant_id, pair.mentor_id, kind, occasion, now)


def unseen(session: Session, actor: Actor) -> Sequence[Notice]:
    """Return the actor's own notices that they have not seen, newest first."""
    return session.scalars(
        select(Notice)
        .where(
            Notice.tenant_id == actor.tenant_id,
            Notice.user_id == actor.user_id,
            Notice.seen_at.is_(None),
        )
        .order_by(Notice.at.desc(), Notice.id)
    ).all()


def see(session: Session, actor: Actor, now: datetime, kind: str | None = None) -> None:
    """Note that the actor saw their notices, of one kind or all."""
    query = update(Notice).where(
        Notice.tenant_id == actor.tenant_id,
        Notice.user_id == actor.user_id,
        Notice.seen_at.is_(None),
    )
    session.execute(
        (query if kind is None else query.where(Notice.kind == kind)).values(seen_at=now)
    )
