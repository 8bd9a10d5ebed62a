"""A stage for each test, and a pair that may talk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from config.database import Base, Database
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.models import Pair
from tests.lti_tool.mentoring.stage import Stage


@pytest.fixture(scope="session")
def shared_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all tests: a new engine would compile every statement again."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('mentoring') / 'tool.db'}")
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def stage(shared_database: Database) -> Iterator[Stage]:
    """An open transaction with nothing in it, never committed: the next test finds nothing."""
    with shared_database.engine.connect() as connection, Session(connection) as session:
        yield Stage(session)


@pytest.fixture
def home(stage: Stage) -> str:
    """An organisation."""
    return stage.tenant("home")


@pytest.fixture
def mentor(stage: Stage, home: str) -> Actor:
    """A mentor with one place."""
    return stage.mentor(home, "mira")


@pytest.fixture
def mentee(stage: Stage, home: str) -> Actor:
    """A grown-up learner who waits."""
    return stage.mentee(home, "ana")


@pytest.fixture
def stranger(stage: Stage, home: str) -> Actor:
    """Somebody of the same course."""
    return stage.person(home, "stranger")


@pytest.fixture
def pair(stage: Stage, mentor: Actor, mentee: Actor) -> Pair:
    """A pair that may talk."""
    return stage.started(mentee, mentor)
