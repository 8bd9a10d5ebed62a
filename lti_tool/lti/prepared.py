"""Statements of the launch path, compiled once for each kind of database.

SQLAlchemy's own cache of compiled statements still walks the statement at every execution to find
its key, and wraps each result; on the launch path, where three statements are most of the work,
that is more than half of their cost. Types of columns and parameters, the transaction and the
errors are SQLAlchemy's all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql import Select
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase

from config.database import execute_bare

_Convert = Callable[[Any], Any]
_Named = tuple[str, _Convert | None]


class _Compiled:
    """One statement in the words of one dialect."""

    def __init__(self, statement: Select[Any] | UpdateBase, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - for the type checker
        self.sql = str(compiled)
        self._positional = compiled.positiontup is not None
        self._constants = {name: value for name, value in compiled.params.items() if value}
        """What the statement itself compares with."""
        types = {name: parameter.type for parameter, name in compiled.bind_names.items()}
        self._parameters: list[_Named] = [
            (name, types[name].dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or types
        ]
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        self.columns: list[_Named] = [
            (str(column.key), column.type.dialect_impl(dialect).result_processor(dialect, None))
            for column in columns
        ]

    def bind(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - list or dict, by driver
        """Return the parameters as the driver takes them."""
        if self._constants:
            values = {**self._constants, **values}
        bound = [
            values[name] if convert is None else convert(values[name])
            for name, convert in self._parameters
        ]
        if self._positional:
            return bound
        return {name: value for (name, _), value in zip(self._parameters, bound, strict=True)}


class Prepared:
    """A statement whose parameters are all named with `bindparam` or by their columns."""

    def __init__(self, statement: Select[Any] | UpdateBase) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Execute a change and return the number of rows that it changed."""
        compiled = self._for(connection)
        return int(execute_bare(connection, compiled.sql, compiled.bind(values)).rowcount)

    def first(self, connection: Connection, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Execute a query and return its first row by column names, None where there is none."""
        compiled = self._for(connection)
        row = execute_bare(connection, compiled.sql, compiled.bind(values)).fetchone()
        if row is None:
            return None
        return {
            name: value if convert is None or value is None else convert(value)
            for (name, convert), value in zip(compiled.columns, row, strict=True)
        }

    def _for(self, connection: Connection) -> _Compiled:
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        return compiled
