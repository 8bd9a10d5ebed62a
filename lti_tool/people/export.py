"""A copy of everything that we know about one person (GDPR Art. 15 and 20)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from lti_tool.people.data_map import PERSONAL
from lti_tool.people.person import Person, rows_of
from lti_tool.tables import TABLES

FORMAT = "backontrack-person-1"


def export_person(connection: Connection, person: Person, now: datetime) -> dict[str, Any]:
    """Return the person's data as plain JSON values, table by table, each with its purpose.

    Times are ISO 8601 in UTC. Tables without a row of the person are left out. Accounts on other
    platforms that the person joined are their own requests; how many there are is said.
    """
    tables: dict[str, Any] = {}
    for name, declared in PERSONAL.items():
        table = TABLES[name]
        rows = connection.execute(
            select(*(table.c[column] for column in declared.exported))
            .where(rows_of(person, name, declared.whose))
            .order_by(*table.primary_key)
        ).mappings()
        found = [{column: _plain(value) for column, value in row.items()} for row in rows]
        if found:
            tables[name] = {
                "purpose": declared.purpose,
                "kept": declared.retention,
                "rows": found,
            }
    return {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "platform": person.issuer,
        "person": person.sub,
        "joined_accounts": joined_accounts(connection, person),
        "data": tables,
    }


def joined_accounts(connection: Connection, person: Person) -> int:
    """Return how many accounts on other platforms the person has joined with this one."""
    links = TABLES["account_link"]
    own = (
        select(links.c.person_id)
        .where(links.c.tenant_id == person.tenant_id, links.c.user_id == person.user_id)
        .scalar_subquery()
    )
    found = connection.execute(
        select(links.c.user_id).where(
            links.c.tenant_id == person.tenant_id,
            links.c.person_id == own,
            links.c.user_id != person.user_id,
        )
    )
    return len(found.all())


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
