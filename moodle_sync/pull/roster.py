"""Tier 1: the people of each course, page by page."""

from __future__ import annotations

from functools import partial
from html import unescape
from typing import Any

from moodle_sync.calls.people import RosterUser, get_enrolled_users
from moodle_sync.errors import Kind, MoodleError
from moodle_sync.pull import cursors
from moodle_sync.pull.context import Run, moment
from moodle_sync.pull.cursors import Cursor
from moodle_sync.pull.drive import Job, drive
from moodle_sync.pull.members import apply_groups, apply_members

STREAM = "roster"
_SMALLEST_PAGE = 25
_MAX_PAGES = 2000
_PERSON, _SUSPENDED = "", "suspended"


def pull_rosters(run: Run, course_ids: list[str]) -> None:
    """Read the people, roles, groups and last access of all courses, a few courses at a time."""
    finished = 0

    def job(course_id: str) -> Job:
        nonlocal finished
        yield from _course(run, course_id)
        finished += 1
        run.progress("people", finished, len(course_ids))

    run.progress("people", 0, len(course_ids))
    drive((job(course_id) for course_id in course_ids), run.pace, run.pool)


def _course(run: Run, course_id: str) -> Job:
    with run.database.read_connection() as connection:
        cursor = cursors.load(run, connection, STREAM, course_id)
    if cursor.generation == run.generation and cursor.done:
        return
    if cursor.generation != run.generation:
        cursor = Cursor(generation=run.generation)
        with run.commit() as connection:
            cursors.clear(run, connection, STREAM, course_id)
            cursors.save(run, connection, STREAM, course_id, cursor)
    try:
        yield from _pages(run, course_id, cursor)
        knows_status = yield from _suspended(run, course_id)
        _apply(run, course_id, knows_status=knows_status)
    except MoodleError as error:
        # One course that cannot be read leaves the others, and all that is known of it, alone.
        if error.kind in {Kind.AUTH, Kind.BUSY, Kind.TRANSIENT}:
            raise
        run.note(f"course {course_id}: people not readable ({error.code})")


def _pages(run: Run, course_id: str, cursor: Cursor) -> Job:
    """Read pages until Moodle has no more; page and place are committed together."""
    offset = int(cursor.state.get("offset", 0))
    limit = int(cursor.state.get("limit", run.options.page_size))
    if cursor.state.get("complete"):
        return
    for _ in range(_MAX_PAGES):
        try:
            page = yield partial(
                get_enrolled_users, run.reader, int(course_id), offset=offset, limit=limit
            )
        except MoodleError as error:
            if error.kind is not Kind.TRANSIENT or not 0 < limit // 2 >= _SMALLEST_PAGE:
                raise
            limit //= 2  # a page that is too heavy for the gateway in front of Moodle
            continue
        # A short page may only be one of hidden people: what follows it is asked for as a whole.
        rest, complete = len(page) < limit, limit == 0
        offset, limit = offset + limit, 0 if rest else limit
        state = {"offset": offset, "limit": limit, "complete": complete}
        with run.commit() as connection:
            known = {user for user, _, _ in cursors.sightings(run, connection, STREAM, course_id)}
            if page and not complete and known.issuperset(str(user.id) for user in page):
                raise MoodleError(Kind.PROTOCOL, "repeatingpage")
            cursors.stage(run, connection, STREAM, [_sighting(course_id, user) for user in page])
            place = Cursor(run.generation, done=False, state=state)
            cursors.save(run, connection, STREAM, course_id, place)
        if complete:
            return
    raise MoodleError(Kind.PROTOCOL, "endlesspages")


def _sighting(course_id: str, user: RosterUser) -> dict[str, Any]:
    seen = [
        user.name,
        list(user.roles) if user.sees_roles else None,
        [[str(group_id), unescape(name)] for group_id, name in user.groups],
        user.last_access,
        user.sees_access,
    ]
    return {"course_id": course_id, "user_id": str(user.id), "part": _PERSON, "seen": seen}


def _suspended(run: Run, course_id: str) -> Any:  # noqa: ANN401 - a job that returns a truth value
    """Ask who is suspended; return whether the account may know."""
    try:
        page = yield partial(get_enrolled_users, run.reader, int(course_id), only_suspended=True,
                             user_fields="id")  # fmt: skip
    except MoodleError as error:
        if error.kind is not Kind.CONFIG:
            raise
        run.note("who is suspended cannot be seen: moodle/course:enrolreview is missing")
        return False
    rows = [
        {"course_id": course_id, "user_id": str(user.id), "part": _SUSPENDED, "seen": []}
        for user in page
    ]
    with run.commit() as connection:
        cursors.stage(run, connection, STREAM, rows)
    return True


def _apply(run: Run, course_id: str, *, knows_status: bool) -> None:
    with run.database.read_connection() as connection:
        found = cursors.sightings(run, connection, STREAM, course_id)
    suspended = {user_id for user_id, part, _ in found if part == _SUSPENDED}
    seen: dict[str, dict[str, Any]] = {}
    groups: dict[str, str] = {}
    for user_id, part, told in found:
        if part != _PERSON:
            continue
        name, roles, in_groups, last_access, sees_access = told
        row: dict[str, Any] = {"group_ids": sorted(group_id for group_id, _ in in_groups)}
        groups.update(dict(in_groups))
        if run.site.keep_names:
            row["name"] = unescape(name)
        if roles is not None:
            row["roles"] = roles
        if sees_access:
            row["last_access"] = moment(last_access)
        if knows_status:
            row["status"] = "suspended" if user_id in suspended else "active"
        seen[user_id] = row
    with run.commit() as connection:
        apply_members(run, connection, course_id, seen)
        apply_groups(run, connection, course_id, groups)
        cursors.clear(run, connection, STREAM, course_id)
        cursors.save(run, connection, STREAM, course_id, Cursor(run.generation, done=True))
