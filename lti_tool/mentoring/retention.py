"""Deleting what mentoring kept long enough: messages, dry runs, reports, old notices."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.mentoring.lifecycle import record
from lti_tool.mentoring.models import (
    GoalLink,
    Invitation,
    Meeting,
    Message,
    Notice,
    Pair,
    Report,
    Run,
)
from lti_tool.mentoring.programme import rules_of

MOST_PAIRS = 200
"""In one transaction; the next run goes on."""
RUNS = timedelta(days=90)
NOTICES = timedelta(days=90)
REPORTS = timedelta(days=5 * 365)
"""After a report was closed."""


def purge_mentoring(session: Session, now: datetime) -> dict[str, int]:
    """Delete what is due and return how many rows of what.

    Messages, linked goals and meetings of a pair go together, the tenant's `message_days` after
    its end; the pair itself stays, as a figure, until one of its people is erased.
    """
    counts = {"messages": _conversations(session, now)}
    for name, query in (
        ("runs", delete(Run).where(Run.created_at < now - RUNS)),
        ("notices", delete(Notice).where(Notice.at < now - NOTICES)),
        ("invitations", delete(Invitation).where(Invitation.expires_at < now - NOTICES)),
        ("reports", delete(Report).where(Report.closed_at < now - REPORTS)),
    ):
        counts[name] = session.connection().execute(query).rowcount
    return counts


def _conversations(session: Session, now: datetime) -> int:
    ended = session.scalars(
        select(Pair)
        .where(Pair.ended_at.is_not(None), Pair.purged_at.is_(None))
        .order_by(Pair.ended_at)
        .with_for_update()
    )
    gone, done = 0, 0
    days: dict[str, int] = {}
    for pair in ended:
        if pair.tenant_id not in days:
            days[pair.tenant_id] = rules_of(session, pair.tenant_id).message_days
        if pair.ended_at is None or now < pair.ended_at + timedelta(days=days[pair.tenant_id]):
            continue
        for table in (Message, GoalLink, Meeting):
            rows = session.connection().execute(
                delete(table).where(table.tenant_id == pair.tenant_id, table.pair_id == pair.id)
            )
            gone += rows.rowcount if table is Message else 0
        pair.purged_at = now
        session.flush()
        record(session, pair.tenant_id, "pair", pair.id, "purge", actor_id=None, now=now)
        done += 1
        if done == MOST_PAIRS:
            break
    return gone
