"""Deleting everything that we know about one person (GDPR Art. 17)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete

from config.secrets import Signer
from lti_tool.people.data_map import PERSONAL, Whose
from lti_tool.people.export import joined_accounts
from lti_tool.people.person import Person, rows_of
from lti_tool.tables import METADATA

PURPOSE = "erasure receipt"
"""Of the signer that marks receipts."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of an erasure that names nobody.

    `person` is a keyed hash of organisation, platform and person: whoever asks about somebody can
    be shown that this receipt is theirs, and nobody can read it back. `rows` counts what was
    deleted by table; nothing is counted where it was done before.
    """

    person: str
    erased_at: str
    rows: dict[str, int]
    joined_accounts: int
    """Accounts on other platforms that were joined with this one; they are not erased with it."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return asdict(self)


def mark_of(signer: Signer, person: Person) -> str:
    """Return the keyed hash by which a receipt knows a person."""
    return signer.mac(f"erased {person.tenant_id} {person.issuer} {person.sub}")


def erase_person(connection: Connection, signer: Signer, person: Person, now: datetime) -> Receipt:
    """Delete every row about the person; doing it again deletes nothing and is no error.

    A score that was not delivered yet is not delivered any more. What the platform keeps is the
    platform's; while the person is enrolled there, its course list can bring them back.
    """
    joined = joined_accounts(connection, person)
    return Receipt(
        person=mark_of(signer, person),
        erased_at=now.isoformat(),
        rows=delete_rows(connection, person),
        joined_accounts=joined,
    )


def delete_rows(connection: Connection, person: Person) -> dict[str, int]:
    """Delete the person's rows, those that others point to last; returns how many by table."""
    counts: dict[str, int] = {}
    personal = [table for table in reversed(METADATA.sorted_tables) if table.name in PERSONAL]
    # What we made at a site is found by what it was asked to do, so it goes before that.
    for table in sorted(personal, key=lambda one: PERSONAL[one.name].whose is not Whose.OWNED):
        declared = PERSONAL[table.name]
        gone = connection.execute(
            delete(table).where(rows_of(person, table.name, declared.whose))
        ).rowcount
        if table.name == "launch_session":
            gone += connection.execute(
                delete(table).where(
                    table.c.tenant_id == person.tenant_id,
                    table.c.platform_id == person.platform_id,
                    table.c.details["for_user"].as_string() == person.sub,
                )
            ).rowcount
        if gone:
            counts[table.name] = gone
    return counts
