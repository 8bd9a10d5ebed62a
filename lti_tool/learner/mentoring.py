"""Where a learner is with mentoring, as other rooms and the course's activity may know it."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.learner.progress import advance
from lti_tool.lti.sessions import Launch
from lti_tool.mentoring.models import MeetingLog, Mentee, Pair

JOINED, MATCHED, MET = 30, 60, 100
"""How far one is with the module: asked for a mentor; both said yes; first meeting written down."""
TOGETHER = ("preparing", "active", "suspended", "closing", "closed")
"""States that a pair reaches only after both said yes."""


def percent_of(session: Session, tenant_id: str, user_id: str) -> int:
    """Return how far a learner is with the module, 0 before they asked for a mentor."""
    own = (Pair.tenant_id == tenant_id, Pair.mentee_id == user_id, Pair.state.in_(TOGETHER))
    met = (
        select(MeetingLog.id)
        .join(Pair, (Pair.tenant_id == MeetingLog.tenant_id) & (Pair.id == MeetingLog.pair_id))
        .where(*own, MeetingLog.happened)
    )
    if session.scalar(met.limit(1)):
        return MET
    if session.scalar(select(Pair.id).where(*own).limit(1)):
        return MATCHED
    mentee = session.get(Mentee, (tenant_id, user_id))
    return JOINED if mentee is not None and mentee.state in {"waiting", "paused"} else 0


def note_progress(session: Session, launch: Launch, now: datetime) -> None:
    """Carry to the activity of this launch how far the learner is, and no more."""
    percent = percent_of(session, launch.tenant_id, launch.user_id)
    if percent:
        comment = {
            JOINED: _("My mentor: asked for a mentor"),
            MATCHED: _("My mentor: has a mentor"),
            MET: _("Finished: My mentor"),
        }[percent]
        advance(session, launch, "mentor", percent, comment, now)
