"""Whose completion and grades are read next: who was active first, then who was never read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from moodle_sync.models import MoodleCourse, MoodleMember
from moodle_sync.pull.context import OVERLAP, Run

TEACHING = frozenset({"manager", "coursecreator", "editingteacher", "teacher"})
"""Role shortnames of Moodle's own archetypes whose holders have no progress of their own."""
ROLLING = timedelta(days=7)
"""Everybody is read again within this time: a teacher's override shows in nothing else."""


@dataclass(frozen=True, slots=True)
class Due:
    """One person in one course, with what decides the order."""

    course_id: str
    user_id: str
    rank: int
    moment: float

    @property
    def order(self) -> tuple[int, float]:
        """Small comes first."""
        return self.rank, self.moment


def due_details(
    run: Run, connection: Connection, hints: Collection[tuple[str, str]], now: datetime
) -> list[Due]:
    """Return who is due, in order.

    First `hints` (course, person pairs that we know were active, from launches), then who was in
    the course since the last reading, newest first; then who was never read; then who was read
    longest ago, once that is a week.
    """
    wanted = set(hints)
    rows = connection.execute(
        select(
            MoodleMember.course_id,
            MoodleMember.user_id,
            MoodleMember.roles,
            MoodleMember.last_access,
            MoodleMember.details_read_at,
        )
        .join(
            MoodleCourse,
            (MoodleCourse.tenant_id == MoodleMember.tenant_id)
            & (MoodleCourse.site_id == MoodleMember.site_id)
            & (MoodleCourse.course_id == MoodleMember.course_id),
        )
        .where(
            MoodleMember.tenant_id == run.site.tenant_id,
            MoodleMember.site_id == run.site.id,
            MoodleMember.presence == "present",
            MoodleMember.status != "suspended",
            MoodleCourse.presence == "present",
            MoodleCourse.accessible,
        )
    )
    found = []
    for course_id, user_id, roles, last_access, read_at in rows:
        if roles and TEACHING.issuperset(roles):
            continue
        rank = _rank(last_access, read_at, now, everybody=run.options.reread_all)
        if (course_id, user_id) in wanted:
            rank = 0
        if rank is not None:
            newest = -last_access.timestamp() if last_access else 0.0
            moment = read_at.timestamp() if rank == 3 and read_at else newest
            found.append(Due(course_id, user_id, rank, moment))
    return sorted(found, key=lambda item: (*item.order, item.course_id, item.user_id))


def _rank(
    last_access: datetime | None, read_at: datetime | None, now: datetime, *, everybody: bool
) -> int | None:
    if read_at is None:
        return 2 if last_access is None else 1
    if last_access is not None and last_access >= read_at - timedelta(seconds=OVERLAP):
        return 1
    if everybody or read_at < now - ROLLING:
        return 3
    return None
