"""Rows in every table that knows people: somebody, and a bystander who must keep theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, String, Table, Text, insert
from sqlalchemy.types import JSON

from config.clock import utcnow
from config.database import Database, UtcDateTime
from config.ids import new_id
from lti_tool.people.data_map import PERSONAL, Whose
from lti_tool.tables import TABLES

PARENTS = ("tenant", "platform", "context", "resource_link", "moodle_site", "moodle_run")
ISSUER = "https://moodle.example"


def value_of(column: Column[Any], text: str, now: datetime) -> Any:
    """A value that fits a column; texts carry the person's mark."""
    if isinstance(column.type, UtcDateTime):
        return now
    if isinstance(column.type, Date):
        return now.date()
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, String | Text):
        return text[: getattr(column.type, "length", None) or 40]
    if isinstance(column.type, JSON):
        return [text]
    return 1


def row_of(table: Table, known: dict[str, Any], text: str, now: datetime) -> dict[str, Any]:
    """A full row."""
    return {
        column.name: known.get(column.name, value_of(column, text, now)) for column in table.columns
    }


def add_school(connection: Connection, issuer: str = ISSUER, now: datetime | None = None) -> dict:
    """Add an organisation with a platform, a course, an activity and a synced site."""
    ids: dict[str, Any] = {"tenant_id": new_id(), "issuer": issuer, "client_id": "c"}
    for name in PARENTS:
        table = TABLES[name]
        known = {**ids, "id": ids["tenant_id"] if name == "tenant" else new_id()}
        known |= {"slug": known["id"], "lti_id": "2"}
        row = row_of(table, known, "school", now or utcnow())
        connection.execute(insert(table).values(row))
        ids[{"moodle_site": "site_id", "moodle_run": "run_id"}.get(name, f"{name}_id")] = row["id"]
    return ids


def add_person(
    connection: Connection, school: dict[str, Any], sub: str, now: datetime | None = None
) -> str:
    """Add somebody with one row in every table that knows people; returns our id of them."""
    now = now or utcnow()
    mark = f"kanarek-{sub}"
    user_id, attempt_id = new_id(), new_id()
    of_pairs = {"mentee_id": user_id, "mentor_id": user_id, "mentor_tenant_id": school["tenant_id"]}
    of_pairs |= {"pair_id": new_id(), "report_id": new_id(), "goal_id": new_id()}
    run_id = new_id()
    of_parents = {
        "plan_goal": {"id": of_pairs["goal_id"]},
        "mentoring_pair": {"id": of_pairs["pair_id"]},
        "mentoring_report": {"id": of_pairs["report_id"]},
        "mentoring_run": {"id": run_id},
        "mentoring_suggestion": {"run_id": run_id},
    }
    for table in TABLES.values():
        declared = PERSONAL.get(table.name)
        if declared is None:
            continue
        known = {**school, "user_id": user_id, "attempt_id": attempt_id, "sub": sub}
        known |= {"id": new_id(), "left_at": None, "presence": "present", "entity": "member"}
        known |= of_pairs
        known |= {"key": f"2:{sub}", "code_hash": new_id(), "course_id": "2", "person_id": new_id()}
        if declared.whose is Whose.SELF:
            known["id"] = user_id
        if declared.whose is Whose.MOODLE:
            known["user_id"] = sub
        if declared.whose in {Whose.INTENT, Whose.OWNED}:
            known |= {"natural_key": f"2:{sub}", "kind": "enrolment"}
            # Payloads have the number as a number or as a text.
            known["payload"] = {"user": int(sub) if len(sub) > 3 else sub}
        if table.name == "interest_attempt":
            known["id"] = attempt_id
        known |= of_parents.get(table.name, {})
        if table.name == "launch_session":
            known["details"] = {}
        connection.execute(insert(table).values(row_of(table, known, mark, now)))
    return user_id


def contents(database: Database) -> dict[str, list[str]]:
    """Every row of every table."""
    with database.read_connection() as connection:
        return {
            name: sorted(repr(tuple(row)) for row in connection.execute(table.select()))
            for name, table in TABLES.items()
        }
