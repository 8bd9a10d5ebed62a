"""The dry run: everything is read and compared, nothing is written, here or in Moodle.

The site's mirror is copied into a scratch database that is thrown away, and the ordinary run works
on the copy: what it would change is what it did change there. The one thing that Moodle remembers
of it is the account's own filter setting of the report.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from config.database import Base, Database
from config.http import HttpDoor
from config.secrets import Seal
from moodle_sync import models
from moodle_sync.pull.context import Options, Progress
from moodle_sync.pull.run import run_sync
from moodle_sync.sites import find_site
from moodle_sync.summary import RunSummary

_COPIED = (
    models.MoodleCourse,
    models.MoodleGroup,
    models.MoodleMember,
    models.MoodleActivity,
    models.MoodleCompletion,
    models.MoodleCourseCompletion,
    models.MoodleGrade,
    models.MoodleCursor,
)
_EMPTY = (models.MoodleSighting, models.MoodleRun, models.MoodleChange)
_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """One difference that a run would bring; see `MoodleChange`."""

    entity: str
    key: str
    kind: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do: pulled differences, and wishes (kind, key) that wait to be pushed."""

    summary: RunSummary
    changes: tuple[Change, ...]
    wishes: tuple[tuple[str, str], ...]


def plan_sync(
    database: Database,
    door: HttpDoor,
    seal: Seal,
    site_id: str,
    *,
    options: Options | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    **running: Any,  # noqa: ANN401 - handed on to run_sync as it is
) -> Plan:
    """Return what a full run would change now; errors as for `run_sync`.

    A site that another run holds may be planned: the copy is our own.
    """
    options = replace(options or Options(), full=True, list_all=True)
    with tempfile.TemporaryDirectory(prefix="moodle-plan-") as folder:
        scratch = Database(f"sqlite:///{Path(folder) / 'plan.db'}")
        try:
            _copy(database, scratch, site_id)
            summary = run_sync(
                scratch, door, seal, site_id, options=options, on_progress=on_progress, **running
            )
            changes = _changes(scratch)
        finally:
            scratch.dispose()
    return Plan(summary, changes, _wishes(database, site_id))


def _copy(database: Database, scratch: Database, site_id: str) -> None:
    tenant: Any = Base.metadata.tables["tenant"]
    site_table: Any = models.MoodleSite.__table__
    tables: list[Any] = [model.__table__ for model in (*_COPIED, *_EMPTY)]
    Base.metadata.create_all(scratch.engine, tables=[tenant, site_table, *tables])
    with database.read() as session, scratch.write_connection() as target:
        site = find_site(session, site_id)
        source = session.connection()
        _rows(source, target, tenant, tenant.c.id == site.tenant_id)
        _rows(source, target, site_table, site_table.c.id == site.id, lease_until=None)
        for model in _COPIED:
            table: Any = model.__table__
            _rows(source, target, table, table.c.site_id == site.id)


def _rows(
    source: Connection,
    target: Connection,
    table: Any,  # noqa: ANN401
    where: Any,  # noqa: ANN401
    **instead: Any,  # noqa: ANN401
) -> None:
    result = source.execute(select(table).where(where)).mappings()
    for part in result.partitions(_ROWS):
        target.execute(insert(table), [{**row, **instead} for row in part])


def _changes(scratch: Database) -> tuple[Change, ...]:
    with scratch.read() as session:
        rows = session.execute(
            select(models.MoodleChange).order_by(models.MoodleChange.id)
        ).scalars()
        return tuple(Change(c.entity, c.key, c.kind, c.before, c.after) for c in rows)


def _wishes(database: Database, site_id: str) -> tuple[tuple[str, str], ...]:
    with database.read() as session:
        rows: Sequence[Any] = session.execute(
            select(models.MoodleIntent.kind, models.MoodleIntent.natural_key)
            .where(models.MoodleIntent.site_id == site_id, models.MoodleIntent.state == "waiting")
            .order_by(models.MoodleIntent.created_at)
        ).all()
    return tuple((kind, key) for kind, key in rows)
