"""A database, a door to loopback, and a stand-in Moodle that is connected as a site."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

import lti_tool.people.models as people
from config.database import Database, forbid_open_transaction
from config.http import HttpDoor
from config.secrets import Seal
from moodle_sync.models import MoodleSite
from moodle_sync.pace import Politeness
from moodle_sync.pull.context import Options
from moodle_sync.pull.run import run_sync
from moodle_sync.sites import connect_site, resume_site
from moodle_sync.summary import RunSummary
from tests.moodle_sync.school import small_school
from tests.moodle_sync.standin import TOKEN, StandIn


@dataclass
class Bench:
    """One tenant with one site on a stand-in."""

    moodle: StandIn
    database: Database
    door: HttpDoor
    seal: Seal
    tenant_id: str
    site_id: str
    slept: list[float] = field(default_factory=list)

    def sync(self, **options: Any) -> RunSummary:
        self.release()
        return run_sync(
            self.database,
            self.door,
            self.seal,
            self.site_id,
            options=Options(**options),
            politeness=Politeness(tries=3),
            sleep=self.slept.append,
        )

    def release(self) -> None:
        """Let time pass until no pause and no lease of a dead run is in the way."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        with self.database.write() as session:
            session.execute(
                update(MoodleSite)
                .where(MoodleSite.id == self.site_id, MoodleSite.lease_until.is_not(None))
                .values(lease_until=past)
            )

    def resume(self) -> None:
        with self.database.write() as session:
            resume_site(session, self.site_id)

    def site(self) -> MoodleSite:
        with self.database.read() as session:
            site = session.get(MoodleSite, (self.tenant_id, self.site_id))
            assert site is not None
            return site

    def rows(self, model: Any, **where: Any) -> list[Any]:
        with self.database.read() as session:
            return list(session.query(model).filter_by(**where).all())


def make_bench(moodle: StandIn, database: Database) -> Bench:
    """Connect a stand-in as the site of a tenant of an empty installation."""
    with database.write() as session:
        session.add(people.Tenant(id="t" * 32, slug="partner", name="Partner"))
    seal = Seal(["k" * 40])
    with database.write() as session:
        site = connect_site(session, seal, "t" * 32, "p" * 32, moodle.url, moodle.url, TOKEN)
        site_id = site.id
    door = HttpDoor(
        user_agent="trial",
        allow_http=True,
        allowed_hosts=[moodle.address],
        before_request=forbid_open_transaction,
    )
    return Bench(moodle, database, door, seal, "t" * 32, site_id)


@pytest.fixture
def make(tmp_path: Path, sqlite_template: Path) -> Iterator[Callable[..., Bench]]:
    """Makes stand-ins that are connected; everything is closed at the end."""
    made: list[Bench] = []

    def _make(tier: int = 1, **school: int) -> Bench:
        moodle = StandIn(small_school(**school), tier=tier)
        moodle.__enter__()
        path = tmp_path / f"{len(made)}.db"
        shutil.copy(sqlite_template, path)
        made.append(make_bench(moodle, Database(f"sqlite:///{path}")))
        return made[-1]

    yield _make
    for bench in made:
        bench.door.close()
        bench.moodle.__exit__()
        bench.database.dispose()


@pytest.fixture(params=[1, 2], ids=["tier1", "tier2"])
def bench(request: pytest.FixtureRequest, make: Callable[..., Bench]) -> Bench:
    """A connected stand-in, once in each tier."""
    return make(tier=request.param)
