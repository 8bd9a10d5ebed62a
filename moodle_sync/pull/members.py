"""What a whole sweep saw of one course's people, and how it enters the mirror."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection, select, update

from moodle_sync.calls.people import USERS_COURSES, get_users_courses
from moodle_sync.errors import Kind, MoodleError
from moodle_sync.models import MoodleCourse, MoodleCursor, MoodleGroup, MoodleMember
from moodle_sync.pull import cursors
from moodle_sync.pull.apply import Target, apply_seen, leaving, mark_leavers
from moodle_sync.pull.context import Run
from moodle_sync.pull.courses import course_target
from moodle_sync.pull.cursors import Cursor
from moodle_sync.pull.drive import Job, drive

_MEMBER_BLANK: dict[str, Any] = {
    "name": None,
    "roles": [],
    "group_ids": [],
    "status": "unknown",
    "methods": [],
    "enrolled_at": None,
    "last_access": None,
}
_MAX_QUESTIONS = 20
WHOLE = "whole"
"""The stream that says of which courses a sweep has read everybody."""


def member_target(course_id: str) -> Target:
    """Return the people of a course as the target of a sweep."""
    table: Any = MoodleMember.__table__
    return Target(table, "member", "user_id", {"course_id": course_id}, _MEMBER_BLANK)


def group_target(course_id: str) -> Target:
    """Return the groups of a course as the target of a sweep."""
    table: Any = MoodleGroup.__table__
    return Target(table, "group", "group_id", {"course_id": course_id}, {"name": ""})


def apply_members(
    run: Run, connection: Connection, course_id: str, seen: Mapping[str, Mapping[str, Any]]
) -> None:
    """Bring one course's people into the mirror, and remember that all of them were read."""
    apply_seen(run, connection, member_target(course_id), seen)
    cursors.save(run, connection, WHOLE, course_id, Cursor(run.generation, done=True))


def apply_groups(
    run: Run, connection: Connection, course_id: str, groups: Mapping[str, str]
) -> None:
    """Bring the groups {id: name} that the course's people were seen in into the mirror."""
    seen = {group_id: {"name": name} for group_id, name in groups.items()}
    apply_seen(run, connection, group_target(course_id), seen)


def settle_leavers(run: Run, course_ids: list[str]) -> None:
    """Mark who has left, in the courses whose people this sweep has read to the end."""
    whole = set(_whole_courses(run))
    with run.commit() as connection:
        held = mark_leavers(run, connection, course_target())
    if held:
        run.note(f"{held} courses are not listed any more; held until that is explained")
    drive((_settle(run, c) for c in course_ids if c in whole), run.pace, run.pool)


def _whole_courses(run: Run) -> list[str]:
    with run.database.read_connection() as connection:
        rows = connection.execute(
            select(MoodleCursor.scope).where(
                MoodleCursor.tenant_id == run.site.tenant_id,
                MoodleCursor.site_id == run.site.id,
                MoodleCursor.stream == WHOLE,
                MoodleCursor.generation == run.generation,
                MoodleCursor.done,
            )
        )
        return [course_id for (course_id,) in rows]


def _settle(run: Run, course_id: str) -> Job:
    short = yield from _contradicted(run, course_id)
    with run.commit() as connection:
        held = mark_leavers(run, connection, member_target(course_id), contradicted=short)
        if run.tier < 2:
            mark_leavers(run, connection, group_target(course_id), contradicted=short)
        connection.execute(
            update(MoodleCourse)
            .where(
                MoodleCourse.tenant_id == run.site.tenant_id,
                MoodleCourse.site_id == run.site.id,
                MoodleCourse.course_id == course_id,
                MoodleCourse.held != held,
            )
            .values(held=held)
        )
    if held:
        run.note(f"course {course_id}: {held} people are not listed any more; held, not marked")


def _contradicted(run: Run, course_id: str) -> Generator[Any, Any, bool]:
    """Ask Moodle another way about the people who are about to be marked as gone.

    A list that got shorter because a right was lost looks like people who left. Their own list of
    courses comes by other rights: where it still names the course, the short list is not believed.
    """
    if not run.may(USERS_COURSES) or not run.leavers_allowed:
        return False
    with run.database.read_connection() as connection:
        going = leaving(run, connection, member_target(course_id))
    for user_id in going[:_MAX_QUESTIONS]:
        try:
            courses = yield partial(get_users_courses, run.reader, int(user_id))
        except MoodleError as error:
            if error.kind in {Kind.GONE, Kind.CONFIG, Kind.VALIDATION}:
                continue
            raise
        if any(str(course.course_id) == course_id for course in courses):
            run.note(f"course {course_id}: the list of people is short, a right may be missing")
            return True
    return False
