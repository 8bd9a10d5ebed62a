"""Courses and what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moodle_sync.client import Caller
from moodle_sync.form import Value, options
from moodle_sync.record import Record, records

BY_FIELD = "core_course_get_courses_by_field"
COURSES = "core_course_get_courses"
CONTENTS = "core_course_get_contents"
MODULE = "core_course_get_course_module"
CHECK_UPDATES = "core_course_check_updates"
UPDATES_SINCE = "core_course_get_updates_since"


@dataclass(frozen=True, slots=True)
class Course:
    """A course as the account sees it.

    `accessible` is False for a course whose public information alone is shown: being listed does
    not mean being readable. Times are Unix seconds; None where unset or not shown. `group_mode`
    is 0 none, 1 separate, 2 visible.
    """

    id: int
    shortname: str
    fullname: str
    category_id: int
    format: str
    accessible: bool
    visible: bool
    tracks_completion: bool
    starts_at: int | None
    ends_at: int | None
    group_mode: int
    idnumber: str | None


@dataclass(frozen=True, slots=True)
class Module:
    """An activity in a course. `tracking` is 0 none, 1 by hand, 2 automatic completion."""

    cmid: int
    instance: int
    modname: str
    name: str
    section: int
    visible: bool
    tracking: int


@dataclass(frozen=True, slots=True)
class Update:
    """What changed in a module, as far as the token's own user is told; see the field's limits.

    `completion` and `gradeitems` here are those of the account itself, never of other people.
    """

    cmid: int
    names: frozenset[str]


def get_courses_by_field(caller: Caller, field: str = "", value: str = "") -> list[Course]:
    """Return the courses whose `field` (id, ids, shortname, idnumber, category) is `value`.

    Without a field: all that are visible to the account, filtered silently.
    """
    params: dict[str, Value] = {"field": field, "value": value} if field else {}
    return read_courses(caller.call(BY_FIELD, params))


def read_courses(data: object) -> list[Course]:
    """Read the answer of `core_course_get_courses_by_field`, without the site's front page."""
    found = [_course(item) for item in Record(BY_FIELD, data).records("courses")]
    return [course for course in found if course.format != "site" and course.id != 1]


def get_courses(caller: Caller, ids: Sequence[int]) -> list[Course]:
    """Return courses by id; one forbidden course fails the whole call."""
    data = caller.call(COURSES, {"options": {"ids": list(ids)}})
    return [_course(item) for item in records(COURSES, data)]


def _course(item: Record) -> Course:
    return Course(
        id=item.integer("id"),
        shortname=item.text("shortname"),
        fullname=item.text("fullname"),
        category_id=item.integer("categoryid"),
        format=item.text_or_none("format") or "",
        accessible="format" in item,
        visible=item.flag("visible", default=True),
        tracks_completion=item.flag("enablecompletion", default=True),
        starts_at=item.time_or_none("startdate"),
        ends_at=item.time_or_none("enddate"),
        group_mode=item.integer_or_none("groupmode") or 0,
        idnumber=item.text_or_none("idnumber") or None,
    )


def get_contents(caller: Caller, course_id: int) -> list[Module]:
    """Return the activities of a course, without their contents (125 reads instead of 313)."""
    params: dict[str, Value] = {"courseid": course_id, "options": options(excludecontents=1)}
    sections = records(CONTENTS, caller.call(CONTENTS, params))
    return [
        _module(item, section.integer_or_none("section") or 0)
        for section in sections
        for item in section.records("modules")
    ]


def _module(item: Record, section: int) -> Module:
    return Module(
        cmid=item.integer("id"),
        instance=item.integer_or_none("instance") or 0,
        modname=item.text("modname"),
        name=item.text("name"),
        section=section,
        visible=item.flag("visible", default=True),
        tracking=item.integer_or_none("completion") or 0,
    )


def get_course_module(caller: Caller, cmid: int) -> Module:
    """Return one activity by its course-module id."""
    item = Record(MODULE, caller.call(MODULE, {"cmid": cmid})).record("cm")
    return _module(item, item.integer_or_none("sectionnum") or 0)


def check_updates(caller: Caller, course_id: int, cmids: Sequence[int], since: int) -> list[Update]:
    """Return which of the activities changed since a Unix second."""
    check: list[Value] = [{"contextlevel": "module", "id": cmid, "since": since} for cmid in cmids]
    params: dict[str, Value] = {"courseid": course_id, "tocheck": check}
    return _updates(CHECK_UPDATES, caller.call(CHECK_UPDATES, params))


def get_updates_since(caller: Caller, course_id: int, since: int) -> list[Update]:
    """Return which activities of a course changed since a Unix second."""
    data = caller.call(UPDATES_SINCE, {"courseid": course_id, "since": since})
    return _updates(UPDATES_SINCE, data)


def _updates(function: str, data: object) -> list[Update]:
    return [
        Update(item.integer("id"), frozenset(u.text("name") for u in item.records("updates")))
        for item in Record(function, data).records("instances")
        if item.text("contextlevel") == "module"
    ]
