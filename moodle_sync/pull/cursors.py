"""How far each stream has been read, in the same transaction as what was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from config.clock import utcnow
from moodle_sync.models import MoodleCursor, MoodleSighting
from moodle_sync.pull.context import Run


@dataclass(frozen=True, slots=True)
class Cursor:
    """A stream's place: in which sweep, whether that is read to its end, and the stream's own."""

    generation: int = 0
    done: bool = False
    since: int | None = None
    state: Mapping[str, Any] = field(default_factory=dict)


def load(run: Run, connection: Connection, stream: str, scope: str = "") -> Cursor:
    """Return the place of a stream; a blank one where it was never read."""
    found = connection.execute(
        select(
            MoodleCursor.generation, MoodleCursor.done, MoodleCursor.since, MoodleCursor.state
        ).where(
            MoodleCursor.tenant_id == run.site.tenant_id,
            MoodleCursor.site_id == run.site.id,
            MoodleCursor.stream == stream,
            MoodleCursor.scope == scope,
        )
    ).one_or_none()
    return Cursor(*found) if found else Cursor()


def save(run: Run, connection: Connection, stream: str, scope: str, cursor: Cursor) -> None:
    """Write the place of a stream."""
    row = {
        **run.key,
        "stream": stream,
        "scope": scope,
        "generation": cursor.generation,
        "done": cursor.done,
        "since": cursor.since,
        "state": dict(cursor.state),
        "updated_at": utcnow(),
    }
    upsert(connection, MoodleCursor.__table__, [row])


def stage(run: Run, connection: Connection, stream: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put rows of an unfinished sweep aside; the same row twice is one."""
    upsert(connection, MoodleSighting.__table__, [{**run.key, "stream": stream, **r} for r in rows])


def sightings(
    run: Run, connection: Connection, stream: str, course_id: str
) -> list[tuple[str, str, list[Any]]]:
    """Return (user id, part, what was seen) of one course, in order."""
    rows = connection.execute(
        select(MoodleSighting.user_id, MoodleSighting.part, MoodleSighting.seen)
        .where(
            MoodleSighting.tenant_id == run.site.tenant_id,
            MoodleSighting.site_id == run.site.id,
            MoodleSighting.stream == stream,
            MoodleSighting.course_id == course_id,
        )
        .order_by(MoodleSighting.user_id, MoodleSighting.part)
    )
    return [(user_id, part, seen) for user_id, part, seen in rows]


def clear(run: Run, connection: Connection, stream: str, course_id: str | None = None) -> None:
    """Forget the rows put aside, of one course or of all."""
    statement = delete(MoodleSighting).where(
        MoodleSighting.tenant_id == run.site.tenant_id,
        MoodleSighting.site_id == run.site.id,
        MoodleSighting.stream == stream,
    )
    if course_id is not None:
        statement = statement.where(MoodleSighting.course_id == course_id)
    connection.execute(statement)


def upsert(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:  # noqa: ANN401
    """Insert rows, or overwrite those with the same key."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    statement = statement.on_conflict_do_update(
        index_elements=keys,
        set_={name: statement.excluded[name] for name in rows[0] if name not in keys},
    )
    connection.execute(statement, list(rows))
