"""Which courses there are, and which of them the account may read."""

from __future__ import annotations

from html import unescape
from typing import Any

from sqlalchemy import Connection, select

from moodle_sync.calls.courses import Course, get_courses_by_field
from moodle_sync.models import MoodleCourse
from moodle_sync.pull.apply import Target, apply_seen
from moodle_sync.pull.context import Run, moment

_BLANK: dict[str, Any] = {
    "shortname": "",
    "fullname": "",
    "accessible": True,
    "visible": True,
    "tracks_completion": True,
    "group_mode": 0,
    "starts_at": None,
    "ends_at": None,
}


def list_courses(run: Run) -> list[Course]:
    """Read the list of courses in scope, in one request."""
    run.progress("courses", 0, None)
    scope = run.site.scope
    found = (
        get_courses_by_field(run.reader)
        if scope is None
        else get_courses_by_field(run.reader, "ids", ",".join(scope))
    )
    return [course for course in found if scope is None or str(course.id) in scope]


def apply_courses(run: Run, courses: list[Course]) -> None:
    """Bring the list of courses into the mirror."""
    seen = {str(course.id): _told(course) for course in courses}
    with run.commit() as connection:
        apply_seen(run, connection, course_target(), seen)
    hidden = sum(1 for course in courses if not course.accessible)
    if hidden:
        run.note(f"{hidden} listed courses are not readable for the account")
    run.progress("courses", len(courses), len(courses))


def course_target() -> Target:
    """Return the courses of the site as the target of a sweep."""
    return Target(MoodleCourse.__table__, "course", "course_id", {}, _BLANK)  # type: ignore[arg-type]


def _told(course: Course) -> dict[str, Any]:
    """Return what Moodle told of a course: for an unreadable one that is its names."""
    names = {"shortname": unescape(course.shortname), "fullname": unescape(course.fullname)}
    if not course.accessible:
        return {**names, "accessible": False}
    return {
        **names,
        "accessible": True,
        "visible": course.visible,
        "tracks_completion": course.tracks_completion,
        "group_mode": course.group_mode,
        "starts_at": moment(course.starts_at),
        "ends_at": moment(course.ends_at),
    }


def readable_courses(run: Run, connection: Connection) -> list[str]:
    """Return the ids of the courses that are there and may be read."""
    rows = connection.execute(
        select(MoodleCourse.course_id).where(
            MoodleCourse.tenant_id == run.site.tenant_id,
            MoodleCourse.site_id == run.site.id,
            MoodleCourse.presence == "present",
            MoodleCourse.accessible,
        )
    )
    return sorted((course_id for (course_id,) in rows), key=int)
