"""What happens by itself: offers lapse, check-ins are asked, reminders go out, goodbyes end.

Everything is idempotent: a second run in the same hour, or on another worker, does nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.mentoring.access import named
from lti_tool.mentoring.checkins import ask_due
from lti_tool.mentoring.closure import close_due
from lti_tool.mentoring.lifecycle import TALKING
from lti_tool.mentoring.models import Checkin, Meeting, Message, Pair, Report
from lti_tool.mentoring.notices import tell
from lti_tool.mentoring.pairs import keys_of, lapse_due
from lti_tool.people.models import Tenant

BEFORE_LAPSE = timedelta(days=3)
AFTER = timedelta(days=7)
"""One reminder after a week without an answer, and no second one."""


def run_due(session: Session, now: datetime) -> dict[str, int]:
    """Do for every organisation what is due; returns how many of what."""
    totals: dict[str, int] = {}
    for tenant_id in session.scalars(select(Tenant.id).order_by(Tenant.id)).all():
        done = {
            "lapsed": lapse_due(session, tenant_id, now),
            "closed": close_due(session, tenant_id, now),
            "asked": ask_due(session, tenant_id, now),
            "reminded": remind_due(session, tenant_id, now),
        }
        for name, count in done.items():
            totals[name] = totals.get(name, 0) + count
    return totals


def remind_due(session: Session, tenant_id: str, now: datetime) -> int:
    """Remind once of an offer, a proposed meeting, an unread message, a check-in, a late report."""
    return sum(
        step(session, tenant_id, now)
        for step in (_offers, _meetings, _messages, _checkins, _reports)
    )


def _offers(session: Session, tenant_id: str, now: datetime) -> int:
    rows = session.scalars(
        select(Pair).where(
            Pair.tenant_id == tenant_id,
            Pair.state == "offered",
            Pair.answer_by < now + BEFORE_LAPSE,
        )
    ).all()
    count = 0
    for pair in rows:
        mentee_key, mentor_key = keys_of(pair)
        for said, key in ((pair.mentee_said, mentee_key), (pair.mentor_said, mentor_key)):
            if said is None:
                count += tell(session, *key, "remind_offer", pair.id, now)
    return count


def _meetings(session: Session, tenant_id: str, now: datetime) -> int:
    rows = session.execute(
        select(Pair, Meeting.id, Meeting.side)
        .join(Meeting, (Meeting.tenant_id == Pair.tenant_id) & (Meeting.pair_id == Pair.id))
        .where(
            Pair.tenant_id == tenant_id,
            Pair.state.in_(TALKING),
            Meeting.state == "proposed",
            Meeting.state_at < now - AFTER,
        )
    ).all()
    return sum(
        tell(session, *_other(pair, side), "remind_meeting", meeting_id, now)
        for pair, meeting_id, side in rows
    )


def _messages(session: Session, tenant_id: str, now: datetime) -> int:
    rows = session.execute(
        select(Pair, Message.id, Message.side)
        .join(Message, (Message.tenant_id == Pair.tenant_id) & (Message.pair_id == Pair.id))
        .where(
            Pair.tenant_id == tenant_id,
            Pair.state.in_(TALKING),
            Message.state == "sent",
            Message.read_at.is_(None),
            Message.at < now - AFTER,
            Message.at > now - 2 * AFTER,
        )
        .order_by(Message.at)
    ).all()
    newest = {(pair.id, side): (pair, message_id) for pair, message_id, side in rows}
    return sum(
        tell(session, *_other(pair, side), "remind_message", message_id, now)
        for (_pair_id, side), (pair, message_id) in newest.items()
    )


def _checkins(session: Session, tenant_id: str, now: datetime) -> int:
    rows = session.execute(
        select(Pair, Checkin.id, Checkin.side)
        .join(Checkin, (Checkin.tenant_id == Pair.tenant_id) & (Checkin.pair_id == Pair.id))
        .where(
            Pair.tenant_id == tenant_id,
            Pair.state.in_(TALKING),
            Checkin.answered_at.is_(None),
            Checkin.due_at < now - AFTER,
            Checkin.due_at > now - 2 * AFTER,
        )
    ).all()
    count = 0
    for pair, checkin_id, side in rows:
        mentee_key, mentor_key = keys_of(pair)
        key = mentee_key if side == "mentee" else mentor_key
        count += tell(session, *key, "remind_checkin", checkin_id, now)
    return count


def _reports(session: Session, tenant_id: str, now: datetime) -> int:
    """Tell the named people once more when nobody took a report in hand in time."""
    late = session.scalars(
        select(Report).where(
            Report.tenant_id == tenant_id, Report.state == "open", Report.answer_by < now
        )
    ).all()
    count = 0
    for row in late:
        pair = session.get(Pair, (tenant_id, row.pair_id)) if row.pair_id else None
        halves = {pair.mentee_id, pair.mentor_id} if pair else set()
        for user_id in named(session, tenant_id, "safeguarding"):
            if user_id not in halves:
                count += tell(session, tenant_id, user_id, "report_late", row.id, now)
    return count


def _other(pair: Pair, side: str) -> tuple[str, str]:
    mentee_key, mentor_key = keys_of(pair)
    return mentor_key if side == "mentee" else mentee_key
