"""Tier 2: everybody in all courses from one report, a few thousand rows a request."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from moodle_sync.calls.reports import (
    LIST,
    PARTICIPANTS,
    RETRIEVE,
    SET_FILTERS,
    ReportPage,
    list_reports,
    retrieve_report,
    set_filters,
)
from moodle_sync.errors import Kind, MoodleError
from moodle_sync.models import MoodleSighting
from moodle_sync.pull import cursors
from moodle_sync.pull.context import Run, moment
from moodle_sync.pull.cursors import Cursor
from moodle_sync.pull.members import apply_members
from moodle_sync.pull.merge import apply_course_completion, member_values
from moodle_sync.pull.report_format import Row, check_shape, read_rows

STREAM = "report"
NEWS = "news"
"""The stream whose `since` is where the next reading of news begins."""
_TRIES = 3
_MAX_PAGES = 1000


def find_report(run: Run) -> int | None:
    """Return the id of a report that we can read, or None; what is wrong with it is noted."""
    if not all(run.may(name) for name in (LIST, RETRIEVE, SET_FILTERS)):
        return None
    try:
        for report in list_reports(run.reader):
            if report.source == PARTICIPANTS and report_is_usable(run, report.id):
                return report.id
    except MoodleError as error:
        if error.kind is not Kind.CONFIG:
            raise
        run.note(f"no report to read in bulk: {error.message or error.code}")
    return None


def report_is_usable(run: Run, report_id: int) -> bool:
    """Whether a report has the shape we read; the reason is noted where it has not."""
    try:
        check_shape(retrieve_report(run.reader, report_id, 0, 1))
    except MoodleError as error:
        if error.kind is not Kind.CONFIG:
            raise
        run.note(error.message or error.code)
        return False
    return True


def pull_report(run: Run, report_id: int, course_ids: list[str]) -> list[str]:
    """Read the whole report and bring it into the mirror; return the courses it does not cover.

    Nothing enters the mirror before rows, distinct rows and Moodle's own count are the same
    number. Raises `MoodleError` (CONFIG) where they never are.
    """
    for _ in range(_TRIES):
        if _read_all(run, report_id):
            return _apply_all(run, course_ids)
        _begin(run)
    raise MoodleError(
        Kind.CONFIG,
        "reportunstable",
        function=RETRIEVE,
        message="The report's pages overlap: sort it by uid, cid, enrol, enrolled and role.",
    )


def _begin(run: Run) -> Cursor:
    cursor = Cursor(generation=run.generation, since=run.moodle_now, state={})
    with run.commit() as connection:
        cursors.clear(run, connection, STREAM)
        cursors.save(run, connection, STREAM, "", cursor)
    return cursor


def _read_all(run: Run, report_id: int) -> bool:
    """Read the pages that are not read yet; return whether the sweep adds up."""
    with run.database.read_connection() as connection:
        cursor = cursors.load(run, connection, STREAM)
    if cursor.generation != run.generation:
        cursor = _begin(run)
    if cursor.done:
        return True
    set_filters(run.reader, report_id, {})
    size = run.options.report_page_size
    ahead = _fetch(run, report_id, int(cursor.state.get("page", 0)), size)
    for _ in range(_MAX_PAGES):
        page = ahead.result()
        number = int(cursor.state.get("page", 0))
        if page.total != cursor.state.get("total", page.total):
            return False  # somebody came or went while we read: the pages do not fit together
        last = (number + 1) * size >= page.total
        if not last:
            ahead = _fetch(run, report_id, number + 1, size)
        check_shape(page)
        with run.commit() as connection:
            state = _stage(run, connection, page, cursor.state)
            whole = last and _adds_up(run, connection, state)
            cursor = Cursor(run.generation, done=whole, since=cursor.since, state=state)
            cursors.save(run, connection, STREAM, "", cursor)
        run.progress("people", int(state["rows"]), page.total)
        if last:
            return whole
    return False


def _fetch(run: Run, report_id: int, number: int, size: int) -> Future[ReportPage]:
    """Ask for a page while the page before is being stored."""
    return run.pool.submit(retrieve_report, run.reader, report_id, number, size)


def _stage(
    run: Run, connection: Connection, page: ReportPage, state: Mapping[str, Any]
) -> dict[str, Any]:
    """Put a page aside and return the place after it.

    Two methods of one kind can make two rows that are the same to the letter. Sorted, such twins
    stand side by side; rows that come twice for any other reason do not.
    """
    newest, twins = state.get("newest", ""), int(state.get("twins", 0))
    staged: dict[str, dict[str, Any]] = {}
    for cells, row in zip(page.rows, read_rows(page), strict=True):
        part = hashlib.sha256("\x00".join(cell or "" for cell in cells).encode()).hexdigest()
        twins += part == newest
        newest = part
        staged[part] = _sighting(part, row, keep_name=run.site.keep_names)
    cursors.stage(run, connection, STREAM, list(staged.values()))
    return {
        "page": int(state.get("page", 0)) + 1,
        "rows": int(state.get("rows", 0)) + len(page.rows),
        "total": page.total,
        "twins": twins,
        "newest": newest,
    }


def _sighting(part: str, row: Row, *, keep_name: bool) -> dict[str, Any]:
    seen = [
        row.name if keep_name else "",
        row.method,
        row.status,
        _seconds(row.enrolled_at),
        row.role,
        _seconds(row.completed_at),
        _seconds(row.last_access),
    ]
    return {"course_id": row.course_id, "user_id": row.user_id, "part": part, "seen": seen}


def _seconds(value: datetime | None) -> int | None:
    return None if value is None else int(value.astimezone(UTC).timestamp())


def _adds_up(run: Run, connection: Connection, state: Mapping[str, Any]) -> bool:
    distinct = connection.execute(
        select(func.count())
        .select_from(MoodleSighting)
        .where(
            MoodleSighting.tenant_id == run.site.tenant_id,
            MoodleSighting.site_id == run.site.id,
            MoodleSighting.stream == STREAM,
        )
    ).scalar_one()
    return bool(distinct + state["twins"] == state["rows"] == state["total"])


def _apply_all(run: Run, course_ids: list[str]) -> list[str]:
    """Bring the whole sweep into the mirror, a course at a time."""
    with run.database.read_connection() as connection:
        cursor = cursors.load(run, connection, STREAM)
        found = _staged_courses(run, connection)
    covered = found | set(cursor.state.get("covered", ()))
    if not cursor.state.get("applying"):
        state = {**cursor.state, "applying": True, "covered": sorted(covered)}
        with run.commit() as connection:
            cursors.save(
                run, connection, STREAM, "", Cursor(run.generation, True, cursor.since, state)
            )
    strange = covered - set(course_ids)
    if strange:
        run.note(f"the report covers {len(strange)} courses that the account cannot read")
    todo = [course_id for course_id in course_ids if course_id in found]
    for finished, course_id in enumerate(todo, start=1):
        _apply(run, course_id)
        run.progress("courses", finished, len(todo))
    with run.commit() as connection:
        cursors.clear(run, connection, STREAM)
        news = Cursor(run.generation, done=True, since=cursor.since)
        cursors.save(run, connection, NEWS, "", news)
    return [course_id for course_id in course_ids if course_id not in covered]


def _staged_courses(run: Run, connection: Connection) -> set[str]:
    rows = connection.execute(
        select(MoodleSighting.course_id)
        .where(
            MoodleSighting.tenant_id == run.site.tenant_id,
            MoodleSighting.site_id == run.site.id,
            MoodleSighting.stream == STREAM,
        )
        .distinct()
    )
    return {course_id for (course_id,) in rows}


def _apply(run: Run, course_id: str) -> None:
    with run.database.read_connection() as connection:
        found = cursors.sightings(run, connection, STREAM, course_id)
    rows: dict[str, list[Row]] = defaultdict(list)
    for user_id, _, seen in found:
        if not user_id:
            continue
        rows[user_id].append(restore(course_id, user_id, seen))
    values = {
        user_id: member_values(part, keep_names=run.site.keep_names)
        for user_id, part in rows.items()
    }
    completed = {
        user_id: max((r.completed_at for r in part if r.completed_at), default=None)
        for user_id, part in rows.items()
    }
    with run.commit() as connection:
        apply_members(run, connection, course_id, values)
        apply_course_completion(run, connection, course_id, completed, whole=True)
        cursors.clear(run, connection, STREAM, course_id)


def restore(course_id: str, user_id: str, seen: list[Any]) -> Row:
    """Return a row as it was put aside."""
    name, method, status, enrolled, role, completed, access = seen
    return Row(
        user_id=user_id,
        course_id=course_id,
        name=name,
        method=method,
        status=status,
        enrolled_at=moment(enrolled),
        role=role,
        completed_at=moment(completed),
        last_access=moment(access),
    )
