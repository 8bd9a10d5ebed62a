"""Who is in a course, and people as Moodle knows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moodle_sync.client import Caller
from moodle_sync.form import Value, options
from moodle_sync.record import Record, records

ROSTER = "core_enrol_get_enrolled_users"
WITH_CAPABILITY = "core_enrol_get_enrolled_users_with_capability"
USERS_COURSES = "core_enrol_get_users_courses"
METHODS = "core_enrol_get_course_enrolment_methods"
ENROL = "enrol_manual_enrol_users"
UNENROL = "enrol_manual_unenrol_users"
BY_FIELD = "core_user_get_users_by_field"
ASSIGN_ROLES = "core_role_assign_roles"
UNASSIGN_ROLES = "core_role_unassign_roles"

SLIM = "id,lastcourseaccess,roles,groups"
"""All the fields that the mirror needs (3 reads a person; all fields cost 7 and 4 kB)."""


@dataclass(frozen=True, slots=True)
class RosterUser:
    """A person in a course.

    `last_access` (Unix seconds) is None for "never" and `sees_access` False where the account may
    not see it. `groups` are None where the field was not sent. `name` is always sent by Moodle.
    """

    id: int
    name: str
    roles: tuple[str, ...]
    groups: tuple[tuple[int, str], ...]
    last_access: int | None
    sees_access: bool
    sees_roles: bool


@dataclass(frozen=True, slots=True)
class UserCourse:
    """One course of a person: `progress` in percent, None where completion is not tracked."""

    course_id: int
    progress: float | None
    completed: bool
    has_criteria: bool
    last_access: int | None


@dataclass(frozen=True, slots=True)
class Person:
    """A person's account. `deleted` is read off the mangled username, where that is visible."""

    id: int
    suspended: bool
    deleted: bool


@dataclass(frozen=True, slots=True)
class Method:
    """An enrolment method that describes itself (self, guest); manual enrolment does not."""

    id: int
    type: str
    active: bool


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What we write of an enrolment; times are Unix seconds, 0 for none."""

    course_id: int
    user_id: int
    role_id: int
    starts_at: int = 0
    ends_at: int = 0
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """A role in a context; `level` is course, user, coursecat, …"""

    role_id: int
    user_id: int
    level: str
    instance_id: int


def get_enrolled_users(
    caller: Caller,
    course_id: int,
    *,
    offset: int = 0,
    limit: int = 0,
    only_suspended: bool = False,
    user_fields: str = SLIM,
) -> list[RosterUser]:
    """Return a page of a course's people in the order of their ids.

    Moodle applies the limit before it drops the people that the account may not see, so a short
    page, even an empty one, is not the last. `limit` 0 asks for all the rest.
    """
    params: dict[str, Value] = {
        "courseid": course_id,
        "options": options(
            userfields=user_fields,
            limitfrom=offset or None,
            limitnumber=limit or None,
            onlysuspended=1 if only_suspended else None,
            sortby="id",
            sortdirection="ASC",
        ),
    }
    return read_roster(caller.call(ROSTER, params))


def read_roster(data: object) -> list[RosterUser]:
    """Read the answer of `core_enrol_get_enrolled_users`."""
    return [_roster_user(item) for item in records(ROSTER, data)]


def _roster_user(item: Record) -> RosterUser:
    return RosterUser(
        id=item.integer("id"),
        name=item.text("fullname"),
        roles=tuple(sorted(role.text("shortname") for role in item.records("roles"))),
        groups=tuple((g.integer("id"), g.text("name")) for g in item.records("groups")),
        last_access=item.time_or_none("lastcourseaccess"),
        sees_access="lastcourseaccess" in item,
        sees_roles="roles" in item,
    )


def get_enrolled_users_with_capability(
    caller: Caller, course_ids: Sequence[int], capability: str
) -> dict[int, list[int]]:
    """Return {course id: ids of the people who have the capability there}."""
    wanted: list[Value] = [
        {"courseid": course_id, "capabilities": [capability]} for course_id in course_ids
    ]
    params: dict[str, Value] = {"coursecapabilities": wanted, "options": options(userfields="id")}
    return {
        item.integer("courseid"): [user.integer("id") for user in item.records("users")]
        for item in records(WITH_CAPABILITY, caller.call(WITH_CAPABILITY, params))
    }


def get_users_courses(caller: Caller, user_id: int) -> list[UserCourse]:
    """Return the courses in which a person is *active*, with progress and completion.

    A course that the account may not read is left out without a word.
    """
    return read_users_courses(caller.call(USERS_COURSES, users_courses_params(user_id)))


def users_courses_params(user_id: int) -> dict[str, Value]:
    """Return the parameters of `core_enrol_get_users_courses`, without the costly head count."""
    return {"userid": user_id, "returnusercount": False}


def read_users_courses(data: object) -> list[UserCourse]:
    """Read the answer of `core_enrol_get_users_courses`."""
    return [
        UserCourse(
            course_id=item.integer("id"),
            progress=item.number_or_none("progress"),
            completed=item.flag("completed"),
            has_criteria=item.flag("completionhascriteria"),
            last_access=item.time_or_none("lastaccess"),
        )
        for item in records(USERS_COURSES, data)
    ]


def get_course_enrolment_methods(caller: Caller, course_id: int) -> list[Method]:
    """Return the self-describing methods of a course; manual enrolment is never among them."""
    return [
        Method(item.integer("id"), item.text("type"), item.text("status") in {"1", "True", "true"})
        for item in records(METHODS, caller.call(METHODS, {"courseid": course_id}))
    ]


def enrol_users(caller: Caller, enrolments: Sequence[Enrolment]) -> None:
    """Enrol by the manual method: all or nothing.

    Every attribute is sent, because Moodle takes a missing date as "no date" and a missing
    `suspend` as "wake up", also for people who are enrolled already.
    """
    rows: list[Value] = [
        {
            "roleid": item.role_id,
            "userid": item.user_id,
            "courseid": item.course_id,
            "timestart": item.starts_at,
            "timeend": item.ends_at,
            "suspend": item.suspended,
        }
        for item in enrolments
    ]
    caller.call(ENROL, {"enrolments": rows})


def unenrol_users(caller: Caller, pairs: Sequence[tuple[int, int]]) -> None:
    """Remove (course id, user id) pairs from manual enrolment, with groups and grades.

    Nothing in this package calls it on its own: suspending keeps what a person did.
    """
    rows: list[Value] = [{"courseid": course, "userid": user} for course, user in pairs]
    caller.call(UNENROL, {"enrolments": rows})


def get_users_by_id(caller: Caller, user_ids: Sequence[int]) -> list[Person]:
    """Return the accounts that exist and are visible; deleted ones come back too."""
    data = caller.call(BY_FIELD, {"field": "id", "values": list(user_ids)})
    return [
        Person(
            id=item.integer("id"),
            suspended=item.flag("suspended"),
            deleted=_is_mangled(item.text_or_none("username") or ""),
        )
        for item in records(BY_FIELD, data)
    ]


def _is_mangled(username: str) -> bool:
    """Whether Moodle renamed a deleted account: `mail.<10-digit time>`."""
    tail = username.rpartition(".")[2]
    return "@" in username and len(tail) == 10 and tail.isdigit()


def assign_roles(caller: Caller, assignments: Sequence[RoleAssignment]) -> None:
    """Assign roles: all or nothing; `level` user makes a mentor of a mentee."""
    caller.call(ASSIGN_ROLES, {"assignments": _role_rows(assignments)})


def unassign_roles(caller: Caller, assignments: Sequence[RoleAssignment]) -> None:
    """Take roles back: all or nothing."""
    caller.call(UNASSIGN_ROLES, {"unassignments": _role_rows(assignments)})


def _role_rows(assignments: Sequence[RoleAssignment]) -> list[Value]:
    return [
        {
            "roleid": item.role_id,
            "userid": item.user_id,
            "contextlevel": item.level,
            "instanceid": item.instance_id,
        }
        for item in assignments
    ]
