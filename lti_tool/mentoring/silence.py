"""What falls silent with a pair: meetings that wait are cancelled, groups are left."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.mentoring import moodle
from lti_tool.mentoring.lifecycle import MEETING, move
from lti_tool.mentoring.models import Meeting, Pair


def fall_silent(session: Session, pair: Pair, actor_id: str | None, now: datetime) -> None:
    """Cancel what the two still planned and take them out of their groups at the course site."""
    cancel_meetings(session, pair, actor_id, now)
    moodle.want_groups(session, pair, present=False)


def cancel_meetings(session: Session, pair: Pair, actor_id: str | None, now: datetime) -> None:
    """Cancel every meeting that is proposed, or confirmed and not over."""
    waiting = session.scalars(
        select(Meeting).where(
            Meeting.tenant_id == pair.tenant_id,
            Meeting.pair_id == pair.id,
            Meeting.state.in_(("proposed", "confirmed")),
        )
    ).all()
    for meeting in waiting:
        if meeting.starts_at is not None and meeting.starts_at <= now:
            continue
        cancel_meeting(session, pair, meeting, actor_id, now)


def cancel_meeting(
    session: Session, pair: Pair, meeting: Meeting, actor_id: str | None, now: datetime
) -> None:
    """Cancel one meeting, here and in the calendar; raises NotAllowed ("state")."""
    was_planned = meeting.state == "confirmed"
    move(session, meeting, MEETING, "cancel", actor_id=actor_id, now=now)
    meeting.sequence += 1
    session.flush()
    if was_planned:
        moodle.want_event(session, pair, meeting, cancelled=True)
