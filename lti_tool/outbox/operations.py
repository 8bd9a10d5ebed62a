"""Putting things into the outbox, always inside the transaction that they report."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.lti.sessions import Launch
from lti_tool.outbox.models import ScoreDelivery

_SECOND = timedelta(seconds=1)


def record_score(
    session: Session, launch: Launch, *, score: float, comment: str, now: datetime
) -> ScoreDelivery:
    """Let the platform of `launch` hear that its learner has `score` points out of 100.

    One row a learner and activity; a newer score replaces the older one in place. Its time is
    strictly newer by whole seconds, or Moodle would refuse it with 409.

    Raises:
        ValueError: the launch has no activity, or the score lies outside 0 to 100.
    """
    if launch.resource_link_id is None:
        raise ValueError("a launch without a resource link has no grade")
    if not 0 <= score <= 100:
        raise ValueError(f"a score of {score} is not between 0 and 100")
    second = now.replace(microsecond=0)
    row = session.scalar(
        select(ScoreDelivery).where(
            ScoreDelivery.tenant_id == launch.tenant_id,
            ScoreDelivery.resource_link_id == launch.resource_link_id,
            ScoreDelivery.user_id == launch.user_id,
        )
    )
    if row is None:
        row = ScoreDelivery(
            tenant_id=launch.tenant_id,
            platform_id=launch.platform_id,
            resource_link_id=launch.resource_link_id,
            user_id=launch.user_id,
            score_at=second,
            seq=0,
            sent_seq=0,
            state="waiting",
            waiting_since=now,
            created_at=now,
        )
        session.add(row)
    else:
        row.score_at = max(second, row.score_at + _SECOND)
    if row.state != "waiting" or row.sent_seq == row.seq:
        row.waiting_since = now
    row.score = score
    row.comment = comment
    row.activity_progress = "Completed" if score >= 100 else "InProgress"
    row.seq += 1
    row.state = "waiting"
    row.reason = None
    row.attempts = 0
    row.due_at = now
    return row


def rearm(session: Session, tenant_id: str, delivery_id: str, now: datetime) -> None:
    """Try a parked or superseded delivery once more, because a person asked for it."""
    row = session.get_one(ScoreDelivery, (tenant_id, delivery_id))
    row.score_at = max(now.replace(microsecond=0), row.score_at + _SECOND)
    row.state, row.reason, row.attempts = "waiting", None, 0
    row.due_at = row.waiting_since = now
