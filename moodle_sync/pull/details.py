"""Activity completion, course completion and grades, person by person.

Moodle's core has no bulk call for them, so the reading is limited to who may have moved.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import and_, update

from config.clock import utcnow
from moodle_sync.calls import completion, grades, people
from moodle_sync.calls.batch import BATCH, Inner, call_many
from moodle_sync.errors import Kind, MoodleError
from moodle_sync.models import (
    MoodleCompletion,
    MoodleCourseCompletion,
    MoodleGrade,
    MoodleMember,
)
from moodle_sync.pull.apply import apply_rows
from moodle_sync.pull.context import Run, moment
from moodle_sync.pull.drive import Job, drive
from moodle_sync.pull.due import Due, due_details

_PAIRS_IN_A_BATCH = 10
_PAIRS_ALONE = 4
_FAILURES_IN_A_ROW = 5

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Question:
    """One inner call about one pair, and how its answer is read."""

    pair: Pair
    call: Inner
    read: Callable[[Any], Any]


@dataclass(slots=True)
class _Found:
    """What a chunk of questions brought."""

    activities: dict[Pair, list[completion.ActivityState]] = field(default_factory=dict)
    grades: dict[Pair, list[grades.Grade]] = field(default_factory=dict)
    courses: dict[str, list[people.UserCourse]] = field(default_factory=dict)
    failed: set[Pair] = field(default_factory=set)


def pull_details(run: Run, hints: Collection[Pair] = ()) -> int:
    """Read the details of who is due, within the run's budget; return how many are left."""
    with run.database.read_connection() as connection:
        due = due_details(run, connection, hints, utcnow())
    budget = run.options.detail_budget
    now = due if budget is None else due[:budget]
    if not any(run.may(name) for name in (completion.ACTIVITIES, grades.ITEMS)):
        if due:
            run.note("completion and grades are not read: the service does not allow them")
        return len(due)
    size = _PAIRS_IN_A_BATCH if run.may(BATCH) else _PAIRS_ALONE
    chunks = [now[start : start + size] for start in range(0, len(now), size)]
    finished = failures = 0

    def job(chunk: Sequence[Due]) -> Job:
        nonlocal finished, failures
        failed = yield from _chunk(run, [(item.course_id, item.user_id) for item in chunk])
        failures = failures + 1 if failed else 0
        if failures >= _FAILURES_IN_A_ROW:
            raise MoodleError(Kind.TRANSIENT, "toomanyfailures")
        finished += len(chunk)
        run.progress("progress and grades", finished, len(now))

    if now:
        run.progress("progress and grades", 0, len(now))
    drive((job(chunk) for chunk in chunks), run.pace, run.pool)
    return len(due) - len(now)


def _chunk(run: Run, pairs: Sequence[Pair]) -> Any:  # noqa: ANN401 - a job with a result
    """Ask about some pairs and commit the answers in one transaction; return whether any failed."""
    read_at = run.moodle_now
    found = _Found()
    pending = list(_questions(run, pairs))
    together = run.may(BATCH)
    streak = 0
    while pending:
        batch = pending if together else pending[:1]
        try:
            done = yield partial(_ask, run, batch)
            streak = 0
        except MoodleError as error:
            if error.kind in {Kind.AUTH, Kind.BUSY}:
                raise
            if len(batch) > 1:
                together = False  # one question may be what the whole batch stumbles over
                continue
            streak += error.kind is Kind.TRANSIENT
            if streak >= _FAILURES_IN_A_ROW:
                raise
            done = [error]
        for question, answer in zip(batch, done, strict=False):
            if isinstance(answer, MoodleError):
                _settle_failure(run, found, question, answer)
            else:
                _keep(found, question, answer)
        pending = [item for item in pending[len(done) :] if run.may(item.call.function)]
    _store(run, pairs, found, read_at)
    return bool(found.failed)


def _ask(run: Run, batch: Sequence[_Question]) -> list[Any]:
    """Return the read answers, as many as came; an error stands in its question's place."""
    if len(batch) == 1:
        only = batch[0]
        return [only.read(run.reader.call(only.call.function, only.call.params))]
    outcomes = call_many(run.reader, [question.call for question in batch])
    return [
        outcome.error or question.read(outcome.data)
        for question, outcome in zip(batch, outcomes, strict=False)
    ]


def _questions(run: Run, pairs: Sequence[Pair]) -> Iterator[_Question]:
    for course_id, user_id in pairs:
        params = {"courseid": int(course_id), "userid": int(user_id)}
        if run.may(completion.ACTIVITIES):
            call = Inner(completion.ACTIVITIES, params)
            yield _Question((course_id, user_id), call, completion.read_activities)
        if run.may(grades.ITEMS):
            call = Inner(grades.ITEMS, params)
            yield _Question((course_id, user_id), call, grades.read_grade_items)
    if run.tier < 2 and run.may(people.USERS_COURSES):
        for user_id in dict.fromkeys(user_id for _, user_id in pairs):
            call = Inner(people.USERS_COURSES, people.users_courses_params(int(user_id)))
            yield _Question(("", user_id), call, people.read_users_courses)


def _settle_failure(run: Run, found: _Found, question: _Question, error: MoodleError) -> None:
    """Remember a refusal; what may work another time leaves its pair due."""
    if error.kind in {Kind.AUTH, Kind.BUSY}:
        raise error
    if error.kind in {Kind.GONE, Kind.CONFIG, Kind.VALIDATION}:
        run.tally("unreadable").held += 1
    else:
        found.failed.add(question.pair)
    if error.code == "accessexception":
        run.refused[question.call.function] = error.code
    run.note(f"{question.call.function}: {error.code}")


def _keep(found: _Found, question: _Question, answer: Any) -> None:  # noqa: ANN401
    if question.call.function == completion.ACTIVITIES:
        found.activities[question.pair] = answer
    elif question.call.function == grades.ITEMS:
        found.grades[question.pair] = answer
    else:
        found.courses[question.pair[1]] = answer


def _store(run: Run, pairs: Sequence[Pair], found: _Found, read_at: int) -> None:
    """Write what came of a chunk, and for whom it is settled, in one transaction."""
    users = sorted({user_id for _, user_id in pairs})
    wanted = set(pairs)
    states = {
        (str(state.cmid), user_id): {
            "course_id": course_id,
            "state": state.state,
            "completed_at": moment(state.completed_at) if state.state else None,
            "overridden": state.overridden_by is not None,
        }
        for (course_id, user_id), items in found.activities.items()
        for state in items
    }
    marks = {
        (str(grade.item_id), user_id): _mark(course_id, grade)
        for (course_id, user_id), items in found.grades.items()
        for grade in items
    }
    courses = {
        (str(course.course_id), user_id): {
            "completed": course.completed,
            "progress": course.progress,
        }
        for user_id, items in found.courses.items()
        for course in items
        if (str(course.course_id), user_id) in wanted
    }
    done = [pair for pair in pairs if pair not in found.failed]
    completion_table: Any = MoodleCompletion.__table__
    grade_table: Any = MoodleGrade.__table__
    course_table: Any = MoodleCourseCompletion.__table__
    with run.commit() as connection:
        apply_rows(
            run, connection, completion_table, "completion", ("cmid", "user_id"),
            completion_table.c.user_id.in_(users), states,
        )  # fmt: skip
        apply_rows(
            run, connection, grade_table, "grade", ("item_id", "user_id"),
            grade_table.c.user_id.in_(users), marks,
        )  # fmt: skip
        apply_rows(
            run, connection, course_table, "course completion", ("course_id", "user_id"),
            course_table.c.user_id.in_(users), courses,
        )  # fmt: skip
        for course_id, user_id in done:
            connection.execute(
                update(MoodleMember)
                .where(
                    and_(
                        MoodleMember.tenant_id == run.site.tenant_id,
                        MoodleMember.site_id == run.site.id,
                        MoodleMember.course_id == course_id,
                        MoodleMember.user_id == user_id,
                    )
                )
                .values(details_read_at=moment(read_at))
            )


def _mark(course_id: str, grade: grades.Grade) -> dict[str, Any]:
    return {
        "course_id": course_id,
        "cmid": None if grade.cmid is None else str(grade.cmid),
        "kind": grade.kind,
        "module": grade.module,
        "raw": grade.raw,
        "minimum": grade.minimum,
        "maximum": grade.maximum,
        "graded_at": moment(grade.graded_at),
        "submitted_at": moment(grade.submitted_at),
        "hidden": grade.hidden,
    }
