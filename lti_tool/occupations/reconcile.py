"""Bring tables to the rows that a file wants: new rows in, changed ones changed, others out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, insert, select, update

Key = tuple[Any, ...]
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rows that a table shall have: key -> the other columns, in the table's order.

    `scope` limits what is looked at; rows outside it stay as they are.
    """

    table: Table
    rows: Mapping[Key, Sequence[Any]]
    scope: ColumnElement[bool] | None = None


@dataclass(slots=True)
class Change:
    """How many rows were new, different, gone, and the same."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    same: int = 0

    @property
    def nothing(self) -> bool:
        """Whether every row was there already and none was too many."""
        return not (self.added or self.changed or self.removed)


def reconcile(
    connection: Connection, plan: Sequence[Wanted], on_progress: Callable[[float], None]
) -> Change:
    """Carry out a plan whose tables stand with parents before children.

    Rows come in from the first table to the last and go out from the last to the first, so that
    no foreign key is ever without its row. `on_progress` hears the share that is done.
    """
    total = Change()
    work = sum(len(wanted.rows) for wanted in plan) or 1
    done = 0
    gone: list[tuple[Table, list[Key]]] = []
    for wanted in plan:
        new, different, unwanted = _difference(connection, wanted)
        for statement, rows in (
            (insert(wanted.table), new),
            (_update(wanted.table), different),
        ):
            for batch in _batches(rows):
                connection.execute(statement, batch)
                done += len(batch)
                on_progress(min(1.0, done / work))
        gone.append((wanted.table, unwanted))
        total.added += len(new)
        total.changed += len(different)
        total.removed += len(unwanted)
        total.same += len(wanted.rows) - len(new) - len(different)
    for table, keys in reversed(gone):
        for batch in _batches([_bound(table, key) for key in keys]):
            connection.execute(_delete(table), batch)
    on_progress(1.0)
    return total


def _difference(
    connection: Connection, wanted: Wanted
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[Key]]:
    table = wanted.table
    keys = list(table.primary_key)
    others = [column for column in table.columns if not column.primary_key]
    query = select(*keys, *others)
    if wanted.scope is not None:
        query = query.where(wanted.scope)
    different, unwanted = [], []
    seen: set[Key] = set()
    for row in connection.execute(query, execution_options={"yield_per": BATCH}):
        key, rest = tuple(row[: len(keys)]), tuple(row[len(keys) :])
        values = wanted.rows.get(key)
        if values is None:
            unwanted.append(key)
            continue
        seen.add(key)
        if tuple(values) != rest:
            changed = dict(zip((column.name for column in others), values, strict=True))
            different.append(_bound(table, key) | changed)
    names = [column.name for column in (*keys, *others)]
    new = [
        dict(zip(names, (*key, *values), strict=True))
        for key, values in wanted.rows.items()
        if key not in seen
    ]
    return new, different, unwanted


def _bound(table: Table, key: Key) -> dict[str, Any]:
    return {f"key_{c.name}": value for c, value in zip(table.primary_key, key, strict=True)}


def _here(table: Table) -> list[ColumnElement[bool]]:
    return [column == bindparam(f"key_{column.name}") for column in table.primary_key]


def _update(table: Table) -> Any:  # noqa: ANN401 - Update, whose type parameters say nothing here
    return update(table).where(*_here(table))


def _delete(table: Table) -> Any:  # noqa: ANN401
    return delete(table).where(*_here(table))


def _batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
