"""Competencies and learning plans."""

from __future__ import annotations

from dataclasses import dataclass

from moodle_sync.client import Caller
from moodle_sync.form import Value
from moodle_sync.record import Record, records

COURSE = "core_competency_list_course_competencies"
CREATE_PLAN = "core_competency_create_plan"
ADD_TO_PLAN = "core_competency_add_competency_to_plan"
PLAN_COMPETENCIES = "core_competency_list_plan_competencies"
USER_PLANS = "core_competency_list_user_plans"
GRADE = "core_competency_grade_competency"
GRADE_IN_PLAN = "core_competency_grade_competency_in_plan"

DRAFT, ACTIVE = 0, 1
"""The states of a plan that we set."""


@dataclass(frozen=True, slots=True)
class Competency:
    """A competency; `idnumber` is unique in its framework."""

    id: int
    shortname: str
    idnumber: str
    framework_id: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A learning plan of one person."""

    id: int
    user_id: int
    name: str
    status: int
    due_at: int | None
    description: str


def _competency(item: Record) -> Competency:
    return Competency(
        item.integer("id"),
        item.text("shortname"),
        item.text_or_none("idnumber") or "",
        item.integer("competencyframeworkid"),
    )


def _plan(item: Record) -> Plan:
    return Plan(
        id=item.integer("id"),
        user_id=item.integer("userid"),
        name=item.text("name"),
        status=item.integer("status"),
        due_at=item.time_or_none("duedate"),
        description=item.text_or_none("description") or "",
    )


def list_course_competencies(caller: Caller, course_id: int) -> list[Competency]:
    """Return the competencies of a course."""
    data = caller.call(COURSE, {"id": course_id})
    return [_competency(item.record("competency")) for item in records(COURSE, data)]


def list_plan_competencies(caller: Caller, plan_id: int) -> list[Competency]:
    """Return the competencies of a plan."""
    data = caller.call(PLAN_COMPETENCIES, {"id": plan_id})
    return [_competency(item.record("competency")) for item in records(PLAN_COMPETENCIES, data)]


def list_user_plans(caller: Caller, user_id: int) -> list[Plan]:
    """Return a person's plans."""
    return [_plan(i) for i in records(USER_PLANS, caller.call(USER_PLANS, {"userid": user_id}))]


def create_plan(caller: Caller, user_id: int, name: str, description: str, due_at: int = 0) -> Plan:
    """Create an active plan. Moodle has no natural key for plans: keep the id."""
    plan: dict[str, Value] = {
        "name": name,
        "description": description,
        "userid": user_id,
        "status": ACTIVE,
        "duedate": due_at,
    }
    return _plan(Record(CREATE_PLAN, caller.call(CREATE_PLAN, {"plan": plan})))


def add_competency_to_plan(caller: Caller, plan_id: int, competency_id: int) -> bool:
    """Put a competency into a plan; False where it was there."""
    params: dict[str, Value] = {"planid": plan_id, "competencyid": competency_id}
    return bool(caller.call(ADD_TO_PLAN, params))


def grade_competency(
    caller: Caller, user_id: int, competency_id: int, grade: int, note: str
) -> int:
    """Give a competency a grade of its scale, which leaves evidence; return the evidence's id."""
    params: dict[str, Value] = {
        "userid": user_id,
        "competencyid": competency_id,
        "grade": grade,
        "note": note,
    }
    return Record(GRADE, caller.call(GRADE, params)).integer("id")


def grade_competency_in_plan(
    caller: Caller, plan_id: int, competency_id: int, grade: int, note: str
) -> int:
    """Give a competency of a plan a grade; return the evidence's id."""
    params: dict[str, Value] = {
        "planid": plan_id,
        "competencyid": competency_id,
        "grade": grade,
        "note": note,
    }
    return Record(GRADE_IN_PLAN, caller.call(GRADE_IN_PLAN, params)).integer("id")
