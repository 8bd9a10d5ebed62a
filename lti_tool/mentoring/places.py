"""How many places a mentor has, and how many are taken."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.mentoring.lifecycle import LIVE
from lti_tool.mentoring.models import Mentor, Pair


def places_taken(session: Session, mentor: Mentor) -> int:
    """Return how many pairs take a place now; an offer that waits for an answer takes one."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Pair)
            .where(
                Pair.mentor_tenant_id == mentor.tenant_id,
                Pair.mentor_id == mentor.user_id,
                Pair.state.in_(LIVE),
            )
        )
        or 0
    )


def taken_by_mentor(session: Session, tenant_ids: list[str]) -> dict[str, int]:
    """Return {mentor's user id: places taken} for all mentors of some organisations."""
    rows = session.execute(
        select(Pair.mentor_id, func.count())
        .where(Pair.mentor_tenant_id.in_(tenant_ids), Pair.state.in_(LIVE))
        .group_by(Pair.mentor_id)
    )
    return dict(rows.all())


def live_pair_of(session: Session, tenant_id: str, mentee_id: str) -> Pair | None:
    """Return the mentee's pair, from the offer to the goodbye; there is one at most."""
    return session.scalars(
        select(Pair).where(
            Pair.tenant_id == tenant_id, Pair.mentee_id == mentee_id, Pair.state.in_(LIVE)
        )
    ).one_or_none()
