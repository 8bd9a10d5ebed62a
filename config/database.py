"""The database: one engine, short transactions, the same rules on SQLite and PostgreSQL.

SQLite in WAL mode with `synchronous=FULL`: what was acknowledged survives a power cut. Writers
begin with BEGIN IMMEDIATE, because a transaction that reads first and writes later fails with
SQLITE_BUSY whatever the time-out; a file lock around them keeps waiting fair between processes.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    create_engine,
    event,
)
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

_transactions: ContextVar[int] = ContextVar("open_transactions", default=0)


class TransactionOpen(RuntimeError):
    """A network call was about to happen inside a database transaction."""


def forbid_open_transaction() -> None:
    """Refuse to go on while this thread holds a transaction; the HTTP door calls it first.

    Raises:
        TransactionOpen: always a mistake in our code, because the peer's silence would hold locks.
    """
    if _transactions.get():
        raise TransactionOpen("no network call inside a database transaction")


def execute_bare(
    connection: Connection,
    sql: str,
    parameters: Any = (),  # noqa: ANN401 - list or dict, by driver
) -> DBAPICursor:
    """Execute one statement on the driver itself, in the connection's transaction.

    Costs a fifth of SQLAlchemy's own way: nothing is compiled, converted or wrapped. Read what you
    need from the cursor and drop it.

    Raises:
        DBAPIError: SQLAlchemy's class for what the driver raised, as from `Connection.execute`. It
            never shows the parameters, because those of a launch name a person.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        base = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(None, None, error, base, hide_parameters=True) from error
    return cursor


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every database; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive datetimes, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return aware UTC whatever the driver gave."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The parent of every table of every package."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - the attribute's name and form are SQLAlchemy's
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        list[str]: JSON(),
    }


ID = String(32)
"""The column type of our own identifiers (config.ids.new_id)."""


class Database:
    """Hands out transactions on the installation's database."""

    def __init__(self, url: str) -> None:
        """Open the database that `url` names; nothing is created and nothing read yet."""
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if self.is_sqlite and not parsed.database:
            raise ValueError("an in-memory SQLite has no durability; name a file")
        self._mutex = Lock()
        self.path = Path(parsed.database) if self.is_sqlite and parsed.database else None
        self.engine: Engine = create_engine(
            parsed,
            # The parameters of a statement name people; an error is written to the log.
            hide_parameters=True,
            pool_pre_ping=not self.is_sqlite,
            connect_args={"timeout": 10, "check_same_thread": False} if self.is_sqlite else {},
        )
        self._writing = self.engine.execution_options(backontrack_write=True)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def write_connection(self) -> Iterator[Connection]:
        """One writing transaction on a bare connection: commits at the end, rolls back on error."""
        with self._counted(), self._write_lock(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def read_connection(self) -> Iterator[Connection]:
        """One reading transaction on a bare connection: a consistent view, never commits."""
        with self._counted(), self.engine.connect() as connection, connection.begin() as reading:
            yield connection
            reading.rollback()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One writing transaction as an ORM session: commits at the end, rolls back on error."""
        with self.write_connection() as connection, Session(connection) as session:
            yield session
            session.flush()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One reading transaction as an ORM session; changes made in it are lost."""
        with (
            self.read_connection() as connection,
            Session(connection, autoflush=False, expire_on_commit=False) as session,
        ):
            yield session

    def dispose(self) -> None:
        """Close the pool."""
        self.engine.dispose()

    def shrink_log(self) -> None:
        """Take what was committed out of SQLite's log, where older versions of rows still are.

        Does nothing while somebody reads; PostgreSQL looks after its log by itself.
        """
        if self.is_sqlite:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _counted(self) -> Iterator[None]:
        token = _transactions.set(_transactions.get() + 1)
        try:
            yield
        finally:
            _transactions.reset(token)

    @contextmanager
    def _write_lock(self) -> Iterator[None]:
        """Queue SQLite writers of all processes in order, instead of letting them busy-wait."""
        if self.path is None:
            yield
            return
        # Threads queue on the mutex, so that only one of each process waits in the kernel.
        with self._mutex:
            handle = os.open(f"{self.path}.wlock", os.O_WRONLY | os.O_CREAT, 0o666)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)


_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "wal_autocheckpoint=1000",
    "temp_store=MEMORY",
    "trusted_schema=OFF",
    # What is deleted is overwritten, not only forgotten: people have the right to be erased.
    "secure_delete=ON",
)


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:  # noqa: ANN401
    # The driver must not open transactions by itself: _begin_sqlite does, with the right kind.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("backontrack_write", False)
    execute_bare(connection, "BEGIN IMMEDIATE" if writes else "BEGIN").close()
