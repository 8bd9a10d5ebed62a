"""What is wrong with this installation, and the mend."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from config import migrations
from config.clock import utcnow
from config.http import HttpError
from lti_tool.lti.models import Platform
from lti_tool.lti.platforms import list_platforms
from lti_tool.outbox import status
from lti_tool.services import Services
from lti_tool.tables import METADATA

MAX_SKEW = timedelta(seconds=30)
_FIXED_SQLITE = (3, 51, 3)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: good, or what is wrong and how to mend it."""

    level: str
    """ok, note, or bad."""
    subject: str
    message: str
    mend: str = ""


def examine(services: Services) -> Iterator[Finding]:
    """Look at settings, database, schema, clock, platforms and the outbox, in this order.

    A database that does not answer ends the examination, because nothing after it would be true.
    """
    yield Finding("ok", "settings", f"safe; public address {services.settings.public_url}")
    if services.settings.demo:
        yield Finding(
            "note", "settings", "demo mode allows http and loopback", "unset BACKONTRACK_DEMO"
        )
    database = list(_database(services))
    yield from database
    if any(finding.level == "bad" for finding in database):
        return
    yield from _platforms(services)
    yield from _outbox(services)


def _database(services: Services) -> Iterator[Finding]:
    database = services.database
    try:
        if database.path is not None and not database.path.exists():
            yield Finding(
                "bad", "database", f"{database.path} does not exist", "run: backontrack db upgrade"
            )
            return
        with database.write_connection() as connection:
            connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError) as error:
        yield Finding(
            "bad",
            "database",
            f"cannot be written ({type(error).__name__})",
            "check BACKONTRACK_DATABASE_URL, that the server runs, and the folder's permissions",
        )
        return
    yield Finding("ok", "database", f"{database.engine.dialect.name} answers and can be written")
    if database.is_sqlite and sqlite3.sqlite_version_info < _FIXED_SQLITE:
        yield Finding(
            "note",
            "database",
            f"SQLite {sqlite3.sqlite_version} has the WAL-reset fault fixed in 3.51.3; our writers"
            " take turns by a file lock, which keeps clear of it",
            "newer SQLite, or PostgreSQL for more than one machine",
        )
    current, newest = migrations.current(database), migrations.head()
    if current != newest:
        yield Finding(
            "bad",
            "schema",
            f"is at {current or 'nothing'}, this version needs {newest}",
            "back up, then run: backontrack db upgrade",
        )
    elif migrations.differences(database, METADATA):
        yield Finding("bad", "schema", "differs from the models", "restore it from a backup")
    else:
        yield Finding("ok", "schema", f"at revision {current}")


def _platforms(services: Services) -> Iterator[Finding]:
    with services.database.read() as session:
        platforms = list_platforms(session)
    if not platforms:
        yield Finding(
            "note", "platforms", "none is registered yet", "run: backontrack invite --tenant …"
        )
    for platform in platforms:
        yield _platform(services, platform)


def _platform(services: Services, platform: Platform) -> Finding:
    subject = f"platform {platform.name} ({platform.id})"
    if platform.status == "pending":
        return Finding(
            "note",
            subject,
            "waits for approval",
            f"run: backontrack platform approve {platform.id}",
        )
    if platform.status == "disabled":
        return Finding("note", subject, "is disabled")
    try:
        answer = services.door.get(platform.jwks_url)
    except HttpError as error:
        return Finding(
            "bad",
            subject,
            f"its keys cannot be fetched: {error.public_message}",
            "check that the Moodle is up and that this server may reach it "
            "(a private address needs BACKONTRACK_ALLOWED_HOSTS)",
        )
    if answer.status != 200:
        return Finding(
            "bad", subject, f"its key address answers {answer.status}", "check the Moodle's site"
        )
    skew = _skew(answer.headers.get("Date"))
    if skew is not None and abs(skew) > MAX_SKEW:
        return Finding(
            "bad",
            subject,
            f"its clock and ours differ by {skew.total_seconds():.0f} s; launches fail beyond 60 s",
            "switch on time synchronisation (NTP) on both machines",
        )
    return Finding("ok", subject, "keys reachable, clocks agree")


def _skew(date: str | None) -> timedelta | None:
    try:
        return parsedate_to_datetime(date) - utcnow() if date else None
    except ValueError:
        return None


def _outbox(services: Services) -> Iterator[Finding]:
    with services.database.read() as session:
        counts = status.counts(session)
        columnless = status.without_column(session)
        oldest = status.oldest_waiting(session)
    stuck = counts.get("parked", 0) - columnless
    if columnless:
        yield Finding(
            "note",
            "outbox",
            f"{columnless} results belong to activities without a grade column",
            "where a grade is wanted, the teacher allows grades in the activity's settings",
        )
    if stuck:
        yield Finding(
            "bad",
            "outbox",
            f"{stuck} grades could not be delivered",
            "teachers see the reason on the activity's page and can send again",
        )
    if oldest is not None and utcnow() - oldest > timedelta(minutes=15):
        yield Finding(
            "bad",
            "outbox",
            f"the oldest grade has waited since {oldest:%Y-%m-%d %H:%M} UTC",
            "is the worker running? start it with: backontrack worker",
        )
    elif not stuck:
        yield Finding("ok", "outbox", f"{counts.get('waiting', 0)} waiting, none stuck")
