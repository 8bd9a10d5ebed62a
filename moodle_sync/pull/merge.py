"""From the rows of a report to one person in one course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from moodle_sync.models import MoodleCourseCompletion
from moodle_sync.pull.apply import apply_rows
from moodle_sync.pull.context import Run
from moodle_sync.pull.report_format import Row


def member_values(rows: Iterable[Row], *, keep_names: bool) -> dict[str, Any]:
    """Return what the rows of one person in one course say together.

    Active by one method is active; enrolled since the first; roles and methods are all there are.
    """
    told = list(rows)
    statuses = {row.status for row in told if row.status}
    values: dict[str, Any] = {
        "roles": sorted({row.role for row in told if row.role}),
        "methods": sorted({row.method for row in told if row.method}),
        "enrolled_at": earliest(row.enrolled_at for row in told),
        "last_access": latest(row.last_access for row in told),
    }
    if statuses:
        values["status"] = "active" if "active" in statuses else "suspended"
    if keep_names:
        values["name"] = told[0].name
    return values


def together(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return a member's values with those of some more rows of the same person.

    News is not the whole: what it does not mention stays as it is until the next sweep.
    """
    merged = dict(new)
    merged["roles"] = sorted({*old["roles"], *new["roles"]})
    merged["methods"] = sorted({*old["methods"], *new["methods"]})
    merged["enrolled_at"] = earliest([old["enrolled_at"], new["enrolled_at"]])
    merged["last_access"] = latest([old["last_access"], new["last_access"]])
    if old["status"] == "active" and new.get("status") == "suspended":
        merged["status"] = "active" if len(merged["methods"]) > 1 else "suspended"
    return merged


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    """Return the first of some moments, None where there is none."""
    return min((moment for moment in moments if moment), default=None)


def latest(moments: Iterable[datetime | None]) -> datetime | None:
    """Return the last of some moments, None where there is none."""
    return max((moment for moment in moments if moment), default=None)


def apply_course_completion(
    run: Run,
    connection: Connection,
    course_id: str,
    completed: Mapping[str, datetime | None],
    *,
    whole: bool,
) -> None:
    """Write {user id: completion time or None}; in a whole read, None takes a completion back."""
    table: Any = MoodleCourseCompletion.__table__
    known = {
        user_id
        for (user_id,) in connection.execute(
            select(table.c.user_id).where(
                *(table.c[c] == v for c, v in run.key.items()), table.c.course_id == course_id
            )
        )
    }
    seen = {
        (course_id, user_id): {"completed": moment is not None, "completed_at": moment}
        for user_id, moment in completed.items()
        if moment is not None or (whole and user_id in known)
    }
    apply_rows(
        run,
        connection,
        table,
        "course completion",
        ("course_id", "user_id"),
        table.c.course_id == course_id,
        seen,
    )
