"""The same rules on SQLite and PostgreSQL: atomic, durable, fair to writers, UTC only."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from config import migrations
from config.clock import utcnow
from config.database import Database, TransactionOpen, forbid_open_transaction
from config.ids import new_id
from lti_tool.lti.models import Platform
from lti_tool.people.models import Tenant, User
from lti_tool.tables import METADATA


def make_tenant(slug: str) -> Tenant:
    return Tenant(slug=slug, name=slug)


def make_platform(tenant: Tenant, client: str = "c1") -> Platform:
    return Platform(
        tenant_id=tenant.id, issuer="https://m.example", client_id=client, name="M",
        auth_url="https://m.example/a", token_url="https://m.example/t",
        jwks_url="https://m.example/k",
    )  # fmt: skip


def test_an_error_rolls_everything_back(database: Database):
    def fail() -> None:
        with database.write() as session:
            session.add(make_tenant("half"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as session:
        assert session.scalar(select(Tenant)) is None


def test_reading_never_writes(database: Database):
    with database.read() as session:
        session.add(make_tenant("never"))
        session.flush()
    with database.read() as session:
        assert session.scalar(select(Tenant)) is None


def test_times_come_back_as_aware_utc(database: Database):
    vienna = timezone(timedelta(hours=2))
    with database.write() as session:
        tenant = make_tenant("t")
        tenant.created_at = datetime(2026, 6, 1, 12, tzinfo=vienna)
        session.add(tenant)
    with database.read() as session:
        assert session.scalar(select(Tenant.created_at)) == datetime(2026, 6, 1, 10, tzinfo=UTC)


def test_naive_times_are_refused(database: Database):
    def store() -> None:
        with database.write() as session:
            tenant = make_tenant("t")
            tenant.created_at = datetime(2026, 6, 1, 12)  # noqa: DTZ001 - that is the point
            session.add(tenant)

    with pytest.raises(StatementError, match="time zone"):
        store()


def test_a_row_cannot_point_into_another_tenant(database: Database):
    with database.write() as session:
        one, two = make_tenant("one"), make_tenant("two")
        session.add_all([one, two])
        session.flush()
        platform = make_platform(one)
        session.add(platform)
        session.flush()
        stranger = User(tenant_id=two.id, platform_id=platform.id, sub="5")
        session.add(stranger)
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_many_writers_lose_nothing(database: Database):
    def add(worker: int) -> None:
        for number in range(10):
            with database.write() as session:
                count = len(session.scalars(select(Tenant.id)).all())
                session.add(make_tenant(f"w{worker}-{number}-{count}"))

    threads = [threading.Thread(target=add, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert len(session.scalars(select(Tenant.id)).all()) == 60


def test_no_network_inside_a_transaction(database: Database):
    forbid_open_transaction()
    with database.read(), pytest.raises(TransactionOpen):
        forbid_open_transaction()
    forbid_open_transaction()


def test_sqlite_survives_a_power_cut(sqlite_database: Database):
    with sqlite_database.engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_ids_sort_by_time_and_never_repeat():
    ids = [new_id() for _ in range(2000)]
    assert len(set(ids)) == 2000
    assert [one[:12] for one in ids] == sorted(one[:12] for one in ids)
    assert all(len(one) == 32 and one[12] == "7" and one[16] in "89ab" for one in ids)
    assert abs(int(ids[0][:12], 16) / 1000 - utcnow().timestamp()) < 60


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_migrations_lead_to_the_models_and_back(kind, tmp_path, request):
    if kind == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'sub' / 'new.db'}")
    else:
        database = request.getfixturevalue("postgres_database")
        METADATA.drop_all(database.engine)
    migrations.upgrade(database)
    assert migrations.current(database) == migrations.head()
    assert migrations.differences(database, METADATA) == []
    migrations.downgrade(database, "base")
    assert migrations.current(database) is None
    migrations.upgrade(database)
    assert migrations.differences(database, METADATA) == []
    database.dispose()
