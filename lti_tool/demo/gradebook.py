"""Activities, their grades and their completion, the way Moodle's gradebook keeps them."""

from __future__ import annotations

import json
import time
from typing import Any

from lti_tool.demo.store import Row, Store

AUTOMATIC = 2


def add_activity(
    store: Store,
    course: int,
    tool: int,
    *,
    name: str,
    intro: str = "",
    url: str = "",
    custom: str = "",
    line: dict[str, Any] | None,
) -> int:
    """Create an external activity, and its grade item if there is a `line`; returns the cmid."""
    now = int(time.time())
    with store.transaction():
        lti = store.run(
            "INSERT INTO lti (course, tool, name, intro, toolurl, custom) VALUES (?,?,?,?,?,?)",
            course, tool, name, intro, url, custom,
        )  # fmt: skip
        if line is not None:
            review = line.get("submissionReview")
            store.run(
                "INSERT INTO gradeitem (course, itemtype, lti, tool, name, grademax, resource_id,"
                " tag, review) VALUES (?, 'mod', ?,?,?,?,?,?,?)",
                course, lti, tool, name, min(float(line.get("scoreMaximum") or 100), 100),
                str(line.get("resourceId") or ""), str(line.get("tag") or ""),
                json.dumps(review) if review else "",
            )  # fmt: skip
        return store.run(
            "INSERT INTO module (course, section, modname, instance, name, tracking, timemodified)"
            " VALUES (?, 0, 'lti', ?,?,?,?)",
            course, lti, name, AUTOMATIC if line is not None else 0, now,
        )  # fmt: skip


def set_grade(
    store: Store, item: Row, user: int, value: float | None, comment: str | None, stamp: int | None
) -> None:  # fmt: skip
    """Keep a grade; None takes it away. An activity is complete while it has a grade."""
    with store.transaction():
        store.run(
            "INSERT OR REPLACE INTO grade VALUES (?,?,?,?,?)",
            item["id"], user, value, comment, stamp,
        )  # fmt: skip
        module = item["lti"] and store.one(
            "SELECT id FROM module WHERE modname='lti' AND instance=?", item["lti"]
        )
        if module:
            set_completion(store, module["id"], user, int(value is not None))


def set_completion(
    store: Store, cmid: int, user: int, state: int, overrideby: int | None = None
) -> int:
    """Keep a completion state (0 or 1) and return the second of the change."""
    now = int(time.time())
    store.run(
        "INSERT INTO completion VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET"
        " timemodified=IIF(state=excluded.state, timemodified, excluded.timemodified),"
        " state=excluded.state, overrideby=excluded.overrideby",
        cmid, user, state, now, overrideby,
    )  # fmt: skip
    row = store.one("SELECT timemodified FROM completion WHERE cmid=? AND user=?", cmid, user)
    return int(row["timemodified"])


def items(store: Store, course: int) -> list[Row]:
    """Return the rows of a course's grade items, the course total last."""
    return store.all(
        "SELECT g.*, m.id AS cmid FROM gradeitem g"
        " LEFT JOIN module m ON m.modname='lti' AND m.instance=g.lti"
        " WHERE g.course=? ORDER BY g.itemtype='course', g.id",
        course,
    )


def grades(store: Store, course: int) -> dict[tuple[int, int], Row]:
    """Return the grade rows of a course by (item, user)."""
    rows = store.all(
        "SELECT grade.* FROM grade JOIN gradeitem i ON i.id=grade.item WHERE i.course=?", course
    )
    return {(row["item"], row["user"]): row for row in rows}


def total(
    rows: list[Row], found: dict[tuple[int, int], Row], user: int
) -> tuple[float | None, float, int | None]:
    """Return a person's course total, its maximum and its second: the sum of what was graded.

    Moodle's "natural" weighting leaves out empty grades; with no grade, all maxima are summed.
    """
    parts = [row for row in rows if row["itemtype"] != "course"]
    graded = [
        (row, found[row["id"], user])
        for row in parts
        if (row["id"], user) in found and found[row["id"], user]["value"] is not None
    ]
    if not graded:
        return None, sum(row["grademax"] for row in parts) or 100, None
    stamp = max(grade["timemodified"] or 0 for _, grade in graded)
    return (
        sum(grade["value"] for _, grade in graded),
        sum(row["grademax"] for row, _ in graded),
        stamp,
    )


def gradable(store: Store, course: int, user: int) -> bool:
    """Say whether a person has an active enrolment with a role that is graded."""
    found = store.one(
        "SELECT 1 FROM enrolment WHERE course=? AND user=? AND role='student' AND status=0",
        course, user,
    )  # fmt: skip
    return found is not None
