"""Grades. Our own line items are written by AGS, never here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moodle_sync.client import Caller
from moodle_sync.errors import Kind, MoodleError
from moodle_sync.form import Value
from moodle_sync.record import Record

ITEMS = "gradereport_user_get_grade_items"
OVERVIEW = "gradereport_overview_get_course_grades"
GRADE_ITEMS = "core_grades_get_gradeitems"
UPDATE = "core_grades_update_grades"

_UPDATE_REFUSED = {1: "gradeupdatefailed", 2: "gradeupdatemultiple", 4: "gradelocked"}


@dataclass(frozen=True, slots=True)
class Grade:
    """One person's grade for one item.

    `kind` is course, category, manual or mod; `raw` is None where nothing was graded; times are
    Unix seconds.
    """

    item_id: int
    user_id: int
    kind: str
    module: str | None
    cmid: int | None
    raw: float | None
    minimum: float
    maximum: float
    graded_at: int | None
    submitted_at: int | None
    hidden: bool


@dataclass(frozen=True, slots=True)
class CourseTotal:
    """The course total of one person; `raw` is None where there is none."""

    course_id: int
    raw: float | None


@dataclass(frozen=True, slots=True)
class GradeItem:
    """A column of the gradebook."""

    id: int
    name: str


def get_grade_items(caller: Caller, course_id: int, user_id: int) -> list[Grade]:
    """Return one person's grades in a course; `user_id` 0 means everybody (215 reads a person)."""
    return read_grade_items(caller.call(ITEMS, {"courseid": course_id, "userid": user_id}))


def read_grade_items(data: object) -> list[Grade]:
    """Read the answer of `gradereport_user_get_grade_items`."""
    return [
        _grade(item, person.integer("userid"))
        for person in Record(ITEMS, data).records("usergrades")
        for item in person.records("gradeitems")
    ]


def _grade(item: Record, user_id: int) -> Grade:
    return Grade(
        item_id=item.integer("id"),
        user_id=user_id,
        kind=item.text("itemtype"),
        module=item.text_or_none("itemmodule"),
        cmid=item.integer_or_none("cmid"),
        raw=item.number_or_none("graderaw"),
        minimum=item.number_or_none("grademin") or 0.0,
        maximum=item.number_or_none("grademax") or 0.0,
        graded_at=item.time_or_none("gradedategraded"),
        submitted_at=item.time_or_none("gradedatesubmitted"),
        hidden=item.flag("gradeishidden"),
    )


def get_course_totals(caller: Caller, user_id: int) -> list[CourseTotal]:
    """Return one person's course totals, all courses in one request."""
    data = caller.call(OVERVIEW, {"userid": user_id})
    return [
        CourseTotal(item.integer("courseid"), item.number_or_none("rawgrade"))
        for item in Record(OVERVIEW, data).records("grades")
    ]


def get_gradeitems(caller: Caller, course_id: int) -> list[GradeItem]:
    """Return the columns of a course's gradebook."""
    data = caller.call(GRADE_ITEMS, {"courseid": course_id})
    return [
        GradeItem(item.integer("id"), item.text("itemname"))
        for item in Record(GRADE_ITEMS, data).records("gradeItems")
    ]


def update_grades(
    caller: Caller, course_id: int, component: str, cmid: int, grades: Sequence[tuple[int, float]]
) -> None:
    """Write (user id, grade) pairs of an activity; a locked one is an error, not an exception.

    Raises `MoodleError` (VALIDATION) for the number with which Moodle says no.
    """
    rows: list[Value] = [{"studentid": user, "grade": grade} for user, grade in grades]
    params: dict[str, Value] = {
        "source": "backontrack",
        "courseid": course_id,
        "component": component,
        "activityid": cmid,
        "itemnumber": 0,
        "grades": rows,
    }
    result = caller.call(UPDATE, params)
    if result != 0:
        code = _UPDATE_REFUSED.get(result, "gradeupdateunknown")
        raise MoodleError(Kind.VALIDATION, code, function=UPDATE)
