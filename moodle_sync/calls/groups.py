"""Groups of courses and cohorts of the site; reading groups so needs the right to write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moodle_sync.client import Caller
from moodle_sync.form import Value
from moodle_sync.record import Record, records

COURSE_GROUPS = "core_group_get_course_groups"
GROUPS = "core_group_get_groups"
MEMBERS = "core_group_get_group_members"
CREATE = "core_group_create_groups"
ADD = "core_group_add_group_members"
REMOVE = "core_group_delete_group_members"
SEARCH_COHORTS = "core_cohort_search_cohorts"
COHORT_MEMBERS = "core_cohort_get_cohort_members"
ADD_COHORT = "core_cohort_add_cohort_members"
REMOVE_COHORT = "core_cohort_delete_cohort_members"


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a course; `idnumber` is unique in its course where it is not empty."""

    id: int
    course_id: int
    name: str
    idnumber: str


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group to create; participation on, members seen as the course's group mode says."""

    course_id: int
    name: str
    idnumber: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort of the site or of a category."""

    id: int
    name: str
    idnumber: str


def _group(item: Record) -> Group:
    return Group(
        item.integer("id"),
        item.integer("courseid"),
        item.text("name"),
        item.text_or_none("idnumber") or "",
    )


def get_course_groups(caller: Caller, course_id: int) -> list[Group]:
    """Return the groups of a course."""
    data = caller.call(COURSE_GROUPS, {"courseid": course_id})
    return [_group(item) for item in records(COURSE_GROUPS, data)]


def get_groups(caller: Caller, group_ids: Sequence[int]) -> list[Group]:
    """Return groups by id."""
    return [_group(i) for i in records(GROUPS, caller.call(GROUPS, {"groupids": list(group_ids)}))]


def get_group_members(caller: Caller, group_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Return {group id: user ids}."""
    data = caller.call(MEMBERS, {"groupids": list(group_ids)})
    return {item.integer("groupid"): item.integers("userids") for item in records(MEMBERS, data)}


def create_groups(caller: Caller, groups: Sequence[NewGroup]) -> list[Group]:
    """Create groups: all or nothing; a name or idnumber that exists refuses all."""
    rows: list[Value] = [
        {
            "courseid": group.course_id,
            "name": group.name,
            "description": group.description,
            "idnumber": group.idnumber,
        }
        for group in groups
    ]
    return [_group(item) for item in records(CREATE, caller.call(CREATE, {"groups": rows}))]


def add_group_members(caller: Caller, pairs: Sequence[tuple[int, int]]) -> None:
    """Add (group id, user id) pairs: all or nothing; who is in stays in."""
    caller.call(ADD, {"members": _pairs("groupid", pairs)})


def delete_group_members(caller: Caller, pairs: Sequence[tuple[int, int]]) -> None:
    """Remove (group id, user id) pairs."""
    caller.call(REMOVE, {"members": _pairs("groupid", pairs)})


def search_cohorts(caller: Caller, query: str, context_id: int, limit: int = 100) -> list[Cohort]:
    """Return cohorts of a context and its parents by name."""
    params: dict[str, Value] = {
        "query": query,
        "context": {"contextid": context_id},
        "limitnum": limit,
    }
    return [
        Cohort(item.integer("id"), item.text("name"), item.text_or_none("idnumber") or "")
        for item in Record(SEARCH_COHORTS, caller.call(SEARCH_COHORTS, params)).records("cohorts")
    ]


def get_cohort_members(caller: Caller, cohort_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Return {cohort id: user ids}."""
    data = caller.call(COHORT_MEMBERS, {"cohortids": list(cohort_ids)})
    return {
        item.integer("cohortid"): item.integers("userids") for item in records(COHORT_MEMBERS, data)
    }


def add_cohort_members(caller: Caller, pairs: Sequence[tuple[int, int]]) -> list[str]:
    """Add (cohort id, user id) pairs; return the warning codes, this function's way of refusing."""
    rows: list[Value] = [
        {
            "cohorttype": {"type": "id", "value": str(cohort)},
            "usertype": {"type": "id", "value": str(user)},
        }
        for cohort, user in pairs
    ]
    found = Record(ADD_COHORT, caller.call(ADD_COHORT, {"members": rows}))
    return [item.text("warningcode") for item in found.records("warnings")]


def delete_cohort_members(caller: Caller, pairs: Sequence[tuple[int, int]]) -> None:
    """Remove (cohort id, user id) pairs."""
    caller.call(REMOVE_COHORT, {"members": _pairs("cohortid", pairs)})


def _pairs(name: str, pairs: Sequence[tuple[int, int]]) -> list[Value]:
    return [{name: owner, "userid": user} for owner, user in pairs]
