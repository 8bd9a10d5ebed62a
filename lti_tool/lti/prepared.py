"""Statements of the launch path, compiled once for each kind of database.

SQLAlchemy's own cache of compiled statements still walks the statement at every execution to find
its key, and wraps each result; on the launch path, where three statements are most of the work,
that is more than half of their cost. Types of columns and parameters, the transaction and the
errors are SQLAlchemy's all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Select
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase

_Convert = Callable[[Any], Any]


class _Compiled:
    """One statement in the words of one dialect."""

    def __init__(self, statement: Select[Any] | UpdateBase, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - for the type checker
        self.sql = str(compiled)
        self.names = tuple(compiled.positiontup or ())
        self.constants = {name: value for name, value in compiled.params.items() if value}
        """What the statement itself compares with."""
        self.converts: dict[str, _Convert] = {}
        for name, parameter in compiled.binds.items():
            convert = parameter.type.dialect_impl(dialect).bind_processor(dialect)
            if convert is not None:
                self.converts[name] = convert
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        self.columns: tuple[tuple[str, _Convert | None], ...] = tuple(
            (str(column.key), column.type.dialect_impl(dialect).result_processor(dialect, None))
            for column in columns
        )

    def bind(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - tuple or dict, by driver
        """Return the parameters as the driver takes them."""
        bound = {**self.constants, **values}
        for name, convert in self.converts.items():
            bound[name] = convert(bound[name])
        return tuple(bound[name] for name in self.names) if self.names else bound


class Prepared:
    """A statement whose parameters are all named with `bindparam` or by their columns."""

    def __init__(self, statement: Select[Any] | UpdateBase) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Execute a change and return the number of rows that it changed."""
        compiled = self._for(connection)
        with _cursor(connection) as cursor:
            cursor.execute(compiled.sql, compiled.bind(values))
            return int(cursor.rowcount)

    def first(self, connection: Connection, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Execute a query and return its first row by column names, None where there is none."""
        compiled = self._for(connection)
        with _cursor(connection) as cursor:
            cursor.execute(compiled.sql, compiled.bind(values))
            row = cursor.fetchone()
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


@contextmanager
def _cursor(connection: Connection) -> Iterator[DBAPICursor]:
    """A cursor of the driver inside the connection's transaction, with SQLAlchemy's errors.

    The parameters of a launch name a person, so an error never shows them.
    """
    cursor = connection.connection.cursor()
    try:
        yield cursor
    except Exception as error:
        base = connection.dialect.loaded_dbapi.Error
        if not isinstance(error, base):
            raise
        raise DBAPIError.instance(None, None, error, base, hide_parameters=True) from error
    finally:
        cursor.close()
