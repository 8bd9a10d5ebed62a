"""What a delivery works with, and what each kind of intent has to answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import select

from config.clock import utcnow
from config.database import Database
from moodle_sync.client import Caller
from moodle_sync.models import MoodleOwned
from moodle_sync.pull.cursors import upsert
from moodle_sync.push.intents import Intent, Verdict


@dataclass(slots=True)
class Push:
    """One delivery: `reader` tries again by itself, `writer` never does."""

    database: Database
    tenant_id: str
    site_id: str
    service_user_id: int
    reader: Caller
    writer: Caller
    learner_role_id: int = 5
    seen: dict[str, Any] = field(default_factory=dict)

    def owned(self, kind: str, keys: Iterable[str]) -> dict[str, tuple[str | None, dict[str, Any]]]:
        """Return {key: (Moodle's id, what we wrote)} of the objects that we made."""
        with self.database.read_connection() as connection:
            rows = connection.execute(
                select(MoodleOwned.natural_key, MoodleOwned.moodle_id, MoodleOwned.details).where(
                    MoodleOwned.tenant_id == self.tenant_id,
                    MoodleOwned.site_id == self.site_id,
                    MoodleOwned.kind == kind,
                    MoodleOwned.natural_key.in_(sorted(keys)),
                )
            ).all()
        return {key: (moodle_id, details) for key, moodle_id, details in rows}

    def own(self, kind: str, key: str, moodle_id: int | None, details: Mapping[str, Any]) -> None:
        """Remember that we made an object, before or as soon as it exists."""
        row = {
            "tenant_id": self.tenant_id,
            "site_id": self.site_id,
            "kind": kind,
            "natural_key": key,
            "moodle_id": None if moodle_id is None else str(moodle_id),
            "details": dict(details),
            "created_at": utcnow(),
        }
        with self.database.write_connection() as connection:
            upsert(connection, MoodleOwned.__table__, [row])


class Handler(Protocol):
    """One kind of intent.

    `look` reads Moodle and returns a verdict for each intent that needs no request: done because
    the effect is there, or parked. The others are given to `send`, at most `batch` at once, which
    returns verdicts or raises `MoodleError` for all of them. `proves` tells that the answer of
    `send` itself proves the effect; else it is looked for once more.
    """

    batch: int
    proves: bool

    def look(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Return the verdicts that reading alone gives."""
        ...

    def send(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Send; return verdicts."""
        ...
