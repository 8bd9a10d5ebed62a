"""What is in the courses, and which of it is an LTI placement."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from html import unescape
from typing import Any

from sqlalchemy import or_, select, update

from config.clock import utcnow
from moodle_sync.calls.courses import CONTENTS, Module, get_contents
from moodle_sync.calls.lti import BY_COURSES, get_ltis_by_courses
from moodle_sync.errors import Kind, MoodleError
from moodle_sync.models import MoodleActivity, MoodleCourse
from moodle_sync.pull.apply import Target, apply_seen, mark_leavers
from moodle_sync.pull.context import Run
from moodle_sync.pull.drive import Job, drive

FRESH = timedelta(hours=20)
_COURSES_AT_ONCE = 200
_BLANK: dict[str, Any] = {
    "modname": "",
    "instance": "",
    "name": "",
    "tracking": 0,
    "visible": True,
    "lti_id": None,
}


def pull_activities(run: Run, course_ids: list[str]) -> None:
    """Read the activities of the courses whose list is older than a day."""
    due = _due(run, course_ids)
    if not due or not run.may(CONTENTS):
        return
    placements = _placements(run, due)
    finished = 0

    def job(course_id: str) -> Job:
        nonlocal finished
        yield from _course(run, course_id, placements)
        finished += 1
        run.progress("activities", finished, len(due))

    drive((job(course_id) for course_id in due), run.pace, run.pool)


def _due(run: Run, course_ids: list[str]) -> list[str]:
    if run.options.reread_all:
        return course_ids
    with run.database.read_connection() as connection:
        rows = connection.execute(
            select(MoodleCourse.course_id).where(
                MoodleCourse.tenant_id == run.site.tenant_id,
                MoodleCourse.site_id == run.site.id,
                or_(MoodleCourse.read_at.is_(None), MoodleCourse.read_at < utcnow() - FRESH),
            )
        )
        old = {course_id for (course_id,) in rows}
    return [course_id for course_id in course_ids if course_id in old]


def _placements(run: Run, course_ids: list[str]) -> dict[str, str] | None:
    """Return {cmid: resource-link id}, or None where the account may not know."""
    if not run.may(BY_COURSES):
        return None
    found: dict[str, str] = {}
    try:
        for start in range(0, len(course_ids), _COURSES_AT_ONCE):
            part = [int(course_id) for course_id in course_ids[start : start + _COURSES_AT_ONCE]]
            for item in get_ltis_by_courses(run.reader, part):
                found[str(item.cmid)] = str(item.lti_id)
    except MoodleError as error:
        if error.kind is not Kind.CONFIG:
            raise
        run.refused[BY_COURSES] = error.code
        return None
    return found


def _course(run: Run, course_id: str, placements: dict[str, str] | None) -> Job:
    try:
        modules = yield partial(get_contents, run.reader, int(course_id))
    except MoodleError as error:
        if error.kind in {Kind.AUTH, Kind.BUSY, Kind.TRANSIENT}:
            raise
        run.note(f"course {course_id}: activities not readable ({error.code})")
        return
    seen = {str(module.cmid): _told(module, placements) for module in modules}
    with run.commit() as connection:
        apply_seen(run, connection, activity_target(course_id), seen)
        held = mark_leavers(run, connection, activity_target(course_id))
        connection.execute(
            update(MoodleCourse)
            .where(
                MoodleCourse.tenant_id == run.site.tenant_id,
                MoodleCourse.site_id == run.site.id,
                MoodleCourse.course_id == course_id,
            )
            .values(read_at=utcnow())
        )
    if held:
        run.note(f"course {course_id}: {held} activities are not listed any more; held")


def activity_target(course_id: str) -> Target:
    """Return the activities of a course as the target of a sweep."""
    table: Any = MoodleActivity.__table__
    return Target(table, "activity", "cmid", {"course_id": course_id}, _BLANK)


def _told(module: Module, placements: dict[str, str] | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "modname": module.modname,
        "instance": str(module.instance),
        "name": unescape(module.name),
        "tracking": module.tracking,
        "visible": module.visible,
    }
    if placements is not None:
        row["lti_id"] = placements.get(str(module.cmid))
    return row
