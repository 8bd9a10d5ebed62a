"""What a whole sweep saw of one course's people, and how it enters the mirror."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection, update

from moodle_sync.calls.people import USERS_COURSES, get_users_courses
from moodle_sync.errors import Kind, MoodleError
from moodle_sync.models import MoodleCourse, MoodleGroup, MoodleMember
from moodle_sync.pull.apply import Target, apply_sweep, leaving
from moodle_sync.pull.context import Run

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


def member_target(course_id: str) -> Target:
    """Return the people of a course as the target of a sweep."""
    table: Any = MoodleMember.__table__
    return Target(table, "member", "user_id", {"course_id": course_id}, _MEMBER_BLANK)


def group_target(course_id: str) -> Target:
    """Return the groups of a course as the target of a sweep."""
    table: Any = MoodleGroup.__table__
    return Target(table, "group", "group_id", {"course_id": course_id}, {"name": ""})


def contradicted(run: Run, course_id: str, seen: Iterable[str]) -> Generator[Any, Any, bool]:
    """Ask Moodle another way about the people who are about to be marked as gone.

    A list that got shorter because a right was lost looks like people who left. Their own list of
    courses comes by other rights: where it still names the course, the short list is not believed.
    """
    if not run.may(USERS_COURSES):
        return False
    with run.database.read_connection() as connection:
        going = leaving(run, connection, member_target(course_id), seen)
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


def apply_members(
    run: Run,
    connection: Connection,
    course_id: str,
    seen: Mapping[str, Mapping[str, Any]],
    *,
    short: bool,
) -> None:
    """Bring one course's people into the mirror after a complete read of them."""
    outcome = apply_sweep(run, connection, member_target(course_id), seen, contradicted=short)
    connection.execute(
        update(MoodleCourse)
        .where(
            MoodleCourse.tenant_id == run.site.tenant_id,
            MoodleCourse.site_id == run.site.id,
            MoodleCourse.course_id == course_id,
            MoodleCourse.held != outcome.held,
        )
        .values(held=outcome.held)
    )
    if outcome.held:
        run.note(f"course {course_id}: {outcome.held} people not listed any more; held, not marked")


def apply_groups(
    run: Run, connection: Connection, course_id: str, groups: Mapping[str, str]
) -> None:
    """Bring the groups {id: name} that the course's people were seen in into the mirror."""
    seen = {group_id: {"name": name} for group_id, name in groups.items()}
    apply_sweep(run, connection, group_target(course_id), seen)
