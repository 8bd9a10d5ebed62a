"""How the outbox is doing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.lti.models import Platform
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.outbox.settle import Reason, State


def counts(session: Session) -> dict[str, int]:
    """Return how many deliveries are in each state."""
    rows = session.execute(select(ScoreDelivery.state, func.count()).group_by(ScoreDelivery.state))
    return {state: count for state, count in rows}  # noqa: C416 - rows are not yet pairs to mypy


def without_column(session: Session) -> int:
    """Return how many parked deliveries have nowhere to go: their activities give no grades."""
    found = session.scalar(
        select(func.count()).where(
            ScoreDelivery.state == State.PARKED, ScoreDelivery.reason == Reason.NO_COLUMN
        )
    )
    return found or 0


def oldest_waiting(session: Session) -> datetime | None:
    """Return since when the longest waiting delivery waits, None when none does.

    What waits for a platform that is switched off does not count: that is as somebody wished.
    """
    return session.scalar(
        select(func.min(ScoreDelivery.waiting_since))
        .join(
            Platform,
            (Platform.tenant_id == ScoreDelivery.tenant_id)
            & (Platform.id == ScoreDelivery.platform_id),
        )
        .where(ScoreDelivery.state == State.WAITING, Platform.status == "active")
    )
