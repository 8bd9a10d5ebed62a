"""Brings what a read saw into the mirror, and decides who has left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table, and_, bindparam, insert, select, update

from config.clock import utcnow
from config.ids import new_id
from moodle_sync.models import MoodleChange
from moodle_sync.pull.context import Run, Tally

Values: TypeAlias = Mapping[str, Any]

SMALL_DROP = 5
DROP_SHARE = 0.10
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Target:
    """A table with presence, or the part of it that one read covers.

    `scope` are the columns that limit it (a course), `key` the column that names a row in it,
    `blank` what a new row holds where the read said nothing.
    """

    table: Table
    entity: str
    key: str
    scope: Values
    blank: Values


def apply_seen(
    run: Run, connection: Connection, target: Target, seen: Mapping[str, Values]
) -> None:
    """Write what a read saw and number it with the sweep.

    A column that `seen` leaves out keeps its value: it was not told. Who is seen again after
    having been missing or gone is present, with all that was kept.
    """
    known = _known(run, connection, target)
    _write_seen(run, connection, target, known, seen, run.tally(target.entity))
    _bump(run, connection, target, seen)


def mark_leavers(
    run: Run, connection: Connection, target: Target, *, contradicted: bool = False
) -> int:
    """After a complete sweep, mark who was not seen in it; return how many were held back.

    Nobody is marked where the account's rights changed since the last sweep, where another call
    contradicts the list, where a list that had people is empty, or where more than five and more
    than a tenth went at once (`Options.accept_drop` lifts the last two). Absent from one sweep is
    missing, from two gone.
    """
    table = target.table
    rows = connection.execute(
        select(
            table.c[target.key], table.c.presence, table.c.missing_generation, table.c.generation
        ).where(_scope(run, target), table.c.presence != "gone")
    ).all()
    absent = [row for row in rows if row.generation < run.generation]
    if not absent:
        return 0
    tally = run.tally(target.entity)
    fresh = [row[0] for row in absent if row.presence == "present"]
    present = sum(1 for row in rows if row.presence == "present")
    emptied = len(absent) == len(rows)
    if contradicted or not run.leavers_allowed or _too_many(run, len(fresh), present, emptied):
        tally.held += len(absent)
        return len(absent)
    going = [
        row[0]
        for row in absent
        if row.presence == "missing" and row.missing_generation < run.generation
    ]
    _mark(run, connection, target, fresh, "missing")
    _mark(run, connection, target, going, "gone")
    tally.missing += len(fresh)
    tally.gone += len(going)
    return 0


def leaving(run: Run, connection: Connection, target: Target) -> list[str]:
    """Return the keys that `mark_leavers` would turn from missing to gone."""
    table = target.table
    rows = connection.execute(
        select(table.c[target.key]).where(
            _scope(run, target),
            table.c.presence == "missing",
            table.c.generation < run.generation,
            table.c.missing_generation < run.generation,
        )
    )
    return sorted(key for (key,) in rows)


def _too_many(run: Run, fresh: int, present: int, emptied: bool) -> bool:
    if run.options.accept_drop:
        return False
    return (emptied and fresh > 0) or fresh > max(SMALL_DROP, DROP_SHARE * present)


def _scope(run: Run, target: Target) -> Any:  # noqa: ANN401 - a SQL expression
    table = target.table
    wanted = {**run.key, **target.scope}
    return and_(*(table.c[column] == value for column, value in wanted.items()))


def _known(run: Run, connection: Connection, target: Target) -> dict[str, dict[str, Any]]:
    table = target.table
    columns = [target.key, "presence", "missing_generation", *target.blank]
    rows = connection.execute(
        select(*(table.c[column] for column in columns)).where(_scope(run, target))
    )
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}


def _write_seen(
    run: Run,
    connection: Connection,
    target: Target,
    known: Mapping[str, Values],
    seen: Mapping[str, Values],
    tally: Tally,
) -> None:
    first = not known and not run.options.list_all
    added, changes = [], []
    updates: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for key, values in seen.items():
        row = known.get(key)
        if row is None:
            added.append({**target.blank, **values, target.key: key})
            if not first:
                changes.append(_change(run, target, key, "added", {}, values))
            continue
        back = row["presence"] != "present"
        different = {name: value for name, value in values.items() if row[name] != value}
        if back:
            different |= {"presence": "present", "missing_generation": None, "missing_since": None}
        if not different:
            tally.unchanged += 1
            continue
        names = tuple(sorted(different))
        updates.setdefault(names, []).append({**different, "the_key": key})
        before = {name: row[name] for name in different if name in row}
        changes.append(_change(run, target, key, "back" if back else "changed", before, different))
        tally.back += back
        tally.changed += not back
    tally.added += len(added)
    fixed = {**run.key, **target.scope, "generation": run.generation}
    insert_rows(connection, target.table, [{**fixed, **row} for row in added])
    for names, rows in updates.items():
        _update(run, connection, target, names, rows)
    insert_rows(connection, MoodleChange.__table__, changes)


def _update(
    run: Run,
    connection: Connection,
    target: Target,
    names: Sequence[str],
    rows: Sequence[dict[str, Any]],
) -> None:
    table = target.table
    statement = (
        update(table)
        .where(_scope(run, target), table.c[target.key] == bindparam("the_key"))
        .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names})
    )
    connection.execute(
        statement,
        [
            {"the_key": row["the_key"], **{f"new_{name}": row[name] for name in names}}
            for row in rows
        ],
    )


def _bump(run: Run, connection: Connection, target: Target, seen: Mapping[str, Values]) -> None:
    """Write the sweep's number on what it saw."""
    table = target.table
    keys = list(seen)
    for start in range(0, len(keys), _BATCH):
        connection.execute(
            update(table)
            .where(_scope(run, target), table.c[target.key].in_(keys[start : start + _BATCH]))
            .values(generation=run.generation)
        )


def _mark(
    run: Run, connection: Connection, target: Target, keys: Sequence[str], presence: str
) -> None:
    if not keys:
        return
    table = target.table
    values: dict[str, Any] = {"presence": presence}
    if presence == "missing":
        values |= {"missing_generation": run.generation, "missing_since": utcnow()}
    for start in range(0, len(keys), _BATCH):
        connection.execute(
            update(table)
            .where(_scope(run, target), table.c[target.key].in_(keys[start : start + _BATCH]))
            .values(values)
        )
    insert_rows(
        connection,
        MoodleChange.__table__,
        [_change(run, target, key, presence, {}, {}) for key in keys],
    )


def _change(
    run: Run, target: Target, key: str, kind: str, before: Values, after: Values
) -> dict[str, Any]:
    name = ":".join([*map(str, target.scope.values()), key])
    return change_row(run, target.entity, name, kind, before, after)


def change_row(
    run: Run, entity: str, key: str, kind: str, before: Values, after: Values
) -> dict[str, Any]:
    """Return a row of the list of changes."""
    return {
        **run.key,
        "id": new_id(),
        "run_id": run.id,
        "entity": entity,
        "key": key,
        "kind": kind,
        "before": _plain(before),
        "after": _plain(after),
        "at": utcnow(),
    }


def _plain(values: Values) -> dict[str, Any]:
    """Return values as JSON can hold them; a person's name stays out of the list of changes."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
        if name != "name"
    }


def insert_rows(connection: Connection, table: Any, rows: Sequence[Values]) -> None:  # noqa: ANN401
    """Insert rows, none of which exists."""
    if rows:
        connection.execute(insert(table), list(rows))


def apply_rows(
    run: Run,
    connection: Connection,
    table: Table,
    entity: str,
    names: tuple[str, str],
    known_where: Any,  # noqa: ANN401 - a SQL expression
    seen: Mapping[tuple[str, str], Values],
) -> None:
    """Insert and update rows of a table without presence; nothing is ever taken away.

    `names` are the two key columns below the site, `known_where` limits the rows to compare with.
    """
    tally = run.tally(entity)
    if not seen:
        return
    columns = [*names, *next(iter(seen.values()))]
    found = connection.execute(
        select(*(table.c[c] for c in columns)).where(
            *(table.c[c] == v for c, v in run.key.items()), known_where
        )
    )
    known = {(row[0], row[1]): dict(zip(columns, row, strict=True)) for row in found}
    added, changed, changes = [], [], []
    for key, values in seen.items():
        row = known.get(key)
        if row is None:
            added.append({**run.key, **dict(zip(names, key, strict=True)), **values})
        elif any(row[name] != value for name, value in values.items()):
            changed.append((key, values))
            before = {n: row[n] for n in values if row[n] != values[n]}
            after = {n: values[n] for n in before}
            changes.append(change_row(run, entity, ":".join(key), "changed", before, after))
        else:
            tally.unchanged += 1
        if row is None and run.options.list_all:
            changes.append(change_row(run, entity, ":".join(key), "added", {}, values))
    tally.added += len(added)
    tally.changed += len(changed)
    insert_rows(connection, table, added)
    for key, values in changed:
        connection.execute(
            update(table)
            .where(
                *(table.c[c] == v for c, v in run.key.items()),
                table.c[names[0]] == key[0],
                table.c[names[1]] == key[1],
            )
            .values(**values)
        )
    insert_rows(connection, MoodleChange.__table__, changes)
