"""The thresholds of an organisation: read, and set by its coordinator."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from adaptive.engagement import EngagementError, Thresholds
from adaptive.engagement.warning import Sign
from lti_tool.engagement.models import EngagementRules

SIGNS = ("silent_days", "unfinished_days", "missed_meetings", "failing_streak")
MOST = 365.0


class NotUsable(ValueError):
    """Thresholds that contradict each other or are out of bounds; nothing was changed."""


def thresholds_of(session: Session, tenant_id: str) -> Thresholds:
    """Return an organisation's thresholds."""
    row = session.get(EngagementRules, tenant_id)
    if row is None:
        return Thresholds()
    signs = {name: Sign(*row.signs[name]) for name in SIGNS}
    return Thresholds(**signs, watch=row.watch, act=row.act)


def set_thresholds(
    session: Session,
    tenant_id: str,
    signs: Mapping[str, tuple[float, float, float]],
    watch: float,
    act: float,
) -> None:
    """Set the thresholds: {sign: (start, full, points)}, and from how many points to look and act.

    Raises:
        NotUsable: a sign is missing, a number out of bounds, or they contradict each other.
    """
    numbers = [watch, act, *(value for sign in signs.values() for value in sign)]
    if set(signs) != set(SIGNS) or not all(0 <= value <= MOST for value in numbers):
        raise NotUsable
    try:
        Thresholds(**{name: Sign(*signs[name]) for name in SIGNS}, watch=watch, act=act)
    except EngagementError as error:
        raise NotUsable from error
    row = session.get(EngagementRules, tenant_id)
    if row is None:
        row = EngagementRules(tenant_id=tenant_id)
        session.add(row)
    row.signs = {name: list(signs[name]) for name in SIGNS}
    row.watch, row.act = watch, act
    session.flush()
