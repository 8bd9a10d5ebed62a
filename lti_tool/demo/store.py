"""The practice LMS keeps its data in one SQLite file of its own."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

Row: TypeAlias = Any
"""A row, read by column name; None where there is none."""

SCHEMA = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE user (
  id INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE, firstname TEXT NOT NULL,
  lastname TEXT NOT NULL, lang TEXT NOT NULL DEFAULT 'en', idnumber TEXT NOT NULL DEFAULT '',
  siterole TEXT NOT NULL DEFAULT '', suspended INTEGER NOT NULL DEFAULT 0,
  messages INTEGER NOT NULL DEFAULT 1, firstaccess INTEGER NOT NULL DEFAULT 0,
  lastaccess INTEGER NOT NULL DEFAULT 0);
CREATE TABLE course (
  id INTEGER PRIMARY KEY, shortname TEXT NOT NULL, fullname TEXT NOT NULL,
  criteria INTEGER NOT NULL DEFAULT 0, timecreated INTEGER NOT NULL);
CREATE TABLE enrolment (
  course INTEGER NOT NULL, user INTEGER NOT NULL, role TEXT NOT NULL,
  status INTEGER NOT NULL DEFAULT 0, timestart INTEGER NOT NULL DEFAULT 0,
  timeend INTEGER NOT NULL DEFAULT 0, lastaccess INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (course, user));
CREATE TABLE module (
  id INTEGER PRIMARY KEY AUTOINCREMENT, course INTEGER NOT NULL, section INTEGER NOT NULL,
  modname TEXT NOT NULL, instance INTEGER NOT NULL, name TEXT NOT NULL,
  tracking INTEGER NOT NULL DEFAULT 0, timemodified INTEGER NOT NULL);
CREATE TABLE completion (
  cmid INTEGER NOT NULL, user INTEGER NOT NULL, state INTEGER NOT NULL,
  timemodified INTEGER NOT NULL, overrideby INTEGER, PRIMARY KEY (cmid, user));
CREATE TABLE tool (
  id INTEGER PRIMARY KEY AUTOINCREMENT, client_id TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
  name TEXT NOT NULL, domain TEXT NOT NULL, config TEXT NOT NULL, issuer TEXT NOT NULL);
CREATE TABLE lti (
  id INTEGER PRIMARY KEY AUTOINCREMENT, course INTEGER NOT NULL, tool INTEGER NOT NULL,
  name TEXT NOT NULL, intro TEXT NOT NULL DEFAULT '', toolurl TEXT NOT NULL DEFAULT '',
  custom TEXT NOT NULL DEFAULT '');
CREATE TABLE gradeitem (
  id INTEGER PRIMARY KEY AUTOINCREMENT, course INTEGER NOT NULL, itemtype TEXT NOT NULL,
  lti INTEGER, tool INTEGER, name TEXT, grademax REAL NOT NULL DEFAULT 100,
  resource_id TEXT NOT NULL DEFAULT '', tag TEXT NOT NULL DEFAULT '',
  review TEXT NOT NULL DEFAULT '', linked INTEGER);
CREATE TABLE grade (
  item INTEGER NOT NULL, user INTEGER NOT NULL, value REAL, comment TEXT, timemodified INTEGER,
  PRIMARY KEY (item, user));
CREATE TABLE grp (
  id INTEGER PRIMARY KEY AUTOINCREMENT, course INTEGER NOT NULL, name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '', descriptionformat INTEGER NOT NULL DEFAULT 0,
  enrolmentkey TEXT, idnumber TEXT NOT NULL DEFAULT '', visibility INTEGER NOT NULL DEFAULT 0,
  participation INTEGER NOT NULL DEFAULT 1, UNIQUE (course, name));
CREATE TABLE grp_member (grp INTEGER NOT NULL, user INTEGER NOT NULL, PRIMARY KEY (grp, user));
CREATE TABLE event (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
CREATE TABLE message (
  id INTEGER PRIMARY KEY AUTOINCREMENT, touser INTEGER NOT NULL, text TEXT NOT NULL,
  timecreated INTEGER NOT NULL);
CREATE TABLE launch (
  id TEXT PRIMARY KEY, session TEXT NOT NULL, course INTEGER NOT NULL, tool INTEGER NOT NULL,
  lti INTEGER, message_type TEXT NOT NULL, foruser INTEGER, title TEXT NOT NULL DEFAULT '');
CREATE TABLE selection (
  id INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL, course INTEGER NOT NULL,
  tool INTEGER NOT NULL, items TEXT NOT NULL);
CREATE TABLE access_token (
  token TEXT PRIMARY KEY, tool INTEGER NOT NULL, scopes TEXT NOT NULL, expires INTEGER NOT NULL);
CREATE TABLE exchange (
  id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, kind TEXT NOT NULL,
  title TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX exchange_kind ON exchange (kind, id);
"""


class Store:
    """One connection behind one lock: plenty for a practice LMS, and nothing can interleave.

    Never call another site inside `transaction()`: it may call back and wait for the same lock.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self.is_new = self.one("SELECT 1 FROM sqlite_master WHERE name='setting'") is None
        if self.is_new:
            self._connection.executescript(f"BEGIN;{SCHEMA}COMMIT;")

    def all(self, sql: str, *values: object) -> list[Row]:
        """Return every row."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Row:
        """Return the first row, or None."""
        with self._lock:
            return self._connection.execute(sql, values).fetchone()

    def run(self, sql: str, *values: object) -> int:
        """Execute one statement and return the id of the row that it inserted."""
        with self._lock:
            return self._connection.execute(sql, values).lastrowid or 0

    def take(self, sql: str, *values: object) -> Row:
        """Execute a `DELETE … RETURNING` to its end and return the row, or None."""
        with self._lock:
            rows = self._connection.execute(sql, values).fetchall()
            return rows[0] if rows else None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; not to be nested."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def setting(self, name: str, default: str = "") -> str:
        """Return a setting of the site."""
        row = self.one("SELECT value FROM setting WHERE name=?", name)
        return str(row["value"]) if row else default

    def set_setting(self, name: str, value: str) -> None:
        """Keep a setting of the site."""
        self.run("INSERT OR REPLACE INTO setting VALUES (?,?)", name, value)

    def close(self) -> None:
        """Close the file; the store is of no use afterwards."""
        with self._lock:
            self._connection.close()
