"""Tier 2 between two sweeps: only what is new since the last reading, in one request."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from moodle_sync.calls.batch import BATCH, Inner, Outcome, call_many
from moodle_sync.calls.reports import (
    RETRIEVE,
    SET_FILTERS,
    filter_params,
    read_page,
    retrieve_params,
    since,
)
from moodle_sync.calls.site import SITE_INFO, read_site_info
from moodle_sync.models import MoodleMember
from moodle_sync.pull import cursors
from moodle_sync.pull.apply import apply_seen
from moodle_sync.pull.bulk import NEWS
from moodle_sync.pull.context import OVERLAP, Run
from moodle_sync.pull.courses import readable_courses
from moodle_sync.pull.members import member_target
from moodle_sync.pull.merge import apply_course_completion, member_values, together
from moodle_sync.pull.probe import check_identity, remember
from moodle_sync.pull.report_format import ACCESSED, COMPLETED, CREATED, Row, check_shape, read_rows

_STREAMS = (CREATED, COMPLETED, ACCESSED)


def pull_news(run: Run, report_id: int) -> bool:
    """Read enrolments, completions and visits since the last reading; return whether it sufficed.

    False where there is more news than one page, or a course that we have not heard of: then a
    sweep is due. Removals and suspensions have no date in Moodle and wait for the sweep.
    """
    with run.database.read_connection() as connection:
        cursor = cursors.load(run, connection, NEWS)
    if cursor.since is None:
        return False
    size = run.options.report_page_size
    calls = [Inner(SITE_INFO, {})]
    for name in _STREAMS:
        values = since(name, cursor.since - OVERLAP)
        calls.append(Inner(SET_FILTERS, filter_params(report_id, values)))
        calls.append(Inner(RETRIEVE, retrieve_params(report_id, 0, size)))
    answers = _ask(run, calls)
    # The site's clock before any of the reads: what happens while they run is news next time.
    began = run.moodle_now - _elapsed(run)
    info = read_site_info(answers[0])
    check_identity(run.site.wwwroot, run.site.issuer, info.siteurl)
    if info.functions != run.site.functions:
        remember(run, info)
    run.functions = info.functions
    rows: list[Row] = []
    for answer in answers[2::2]:
        page = read_page(answer)
        check_shape(page)
        if page.total > len(page.rows):
            return False
        rows.extend(read_rows(page))
    return _apply(run, rows, replace(cursor, since=began, done=True))


def _elapsed(run: Run) -> int:
    return int(run.client.usage.seconds) + 1


def _ask(run: Run, calls: list[Inner]) -> list[Any]:
    """Return the answers, in one request where the service allows it."""
    if BATCH in run.site.functions:
        outcomes: list[Outcome] = call_many(run.reader, calls)
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
        return [outcome.data for outcome in outcomes]
    return [run.reader.call(call.function, call.params) for call in calls]


def _apply(run: Run, rows: list[Row], cursor: cursors.Cursor) -> bool:
    with run.database.read_connection() as connection:
        courses = set(readable_courses(run, connection))
    people: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.user_id:
            people[row.course_id][row.user_id].append(row)
    with run.commit() as connection:
        for course_id in sorted(people.keys() & courses):
            _apply_course(run, connection, course_id, people[course_id])
        cursors.save(run, connection, NEWS, "", cursor)
    run.progress("news", len(rows), len(rows))
    return people.keys() <= courses


def _apply_course(
    run: Run, connection: Connection, course_id: str, people: dict[str, list[Row]]
) -> None:
    known = _known(run, connection, course_id, list(people))
    seen: dict[str, dict[str, Any]] = {}
    for user_id, rows in people.items():
        values = member_values(rows, keep_names=run.site.keep_names)
        old = known.get(user_id)
        seen[user_id] = together(old, values) if old is not None else values
    completed = {
        user_id: max((row.completed_at for row in rows if row.completed_at), default=None)
        for user_id, rows in people.items()
    }
    apply_seen(run, connection, member_target(course_id), seen)
    apply_course_completion(run, connection, course_id, completed, whole=False)


def _known(
    run: Run, connection: Connection, course_id: str, user_ids: list[str]
) -> dict[str, dict[str, Any]]:
    names = ("user_id", "roles", "methods", "enrolled_at", "last_access", "status")
    table: Any = MoodleMember.__table__
    rows = connection.execute(
        select(*(table.c[name] for name in names)).where(
            *(table.c[column] == value for column, value in run.key.items()),
            table.c.course_id == course_id,
            table.c.user_id.in_(user_ids),
            table.c.presence == "present",
        )
    )
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}
