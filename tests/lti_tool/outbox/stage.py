"""Organisations with a platform each, learners who earn points, and a worker to deliver them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select, update

from config.clock import utcnow
from config.database import Database
from config.http import HttpDoor, HttpResponse
from config.ids import new_id
from config.settings import Settings
from lti_tool.lti.keys import ACTIVE, store_key
from lti_tool.lti.models import Context, Platform, ResourceLink, ToolKey
from lti_tool.lti.sessions import Launch
from lti_tool.outbox.models import PlatformHealth, ScoreDelivery
from lti_tool.outbox.operations import record_score
from lti_tool.people.models import Tenant, User
from lti_tool.people.roles import Role
from lti_tool.services import Services, build_services
from tests.faults.server import FaultServer
from tests.lti_tool.lti.services.stub import tool_key
from tests.lti_tool.outbox.gradebook import Gradebook


def stage_settings(database_url: str, *addresses: tuple[str, int]) -> Settings:
    return Settings(
        public_url="http://127.0.0.1:5000",
        secret_key="a-test-secret-key-0123456789-abcdefghij",
        seal_keys=("a-test-seal-key-9876543210-jihgfedcba",),
        database_url=database_url,
        allowed_hosts=tuple(f"{host}:{port}" for host, port in addresses),
        demo=True,
    )


@contextmanager
def stage_services(
    database: Database, *servers: FaultServer, addresses: Sequence[tuple[str, int]] = ()
) -> Iterator[Services]:
    """The tool's parts on `database`, allowed to call the servers and addresses."""
    url = database.engine.url.render_as_string(hide_password=False)
    settings = stage_settings(url, *(server.address for server in servers), *addresses)
    services = replace(build_services(settings), database=database)
    with database.write() as session:
        if session.scalar(select(ToolKey).limit(1)) is None:
            store_key(session, services.seal, tool_key(), ACTIVE, utcnow())
    try:
        yield services
    finally:
        services.door.close()


class HastyDoor:
    """The HTTP door, but out of patience after `seconds`, so that silence is a short test."""

    def __init__(self, door: HttpDoor, seconds: float) -> None:
        self._door, self._seconds = door, seconds

    def request(self, method: str, url: str, **options: Any) -> HttpResponse:
        return self._door.request(method, url, **{**options, "deadline": self._seconds})

    def post(self, url: str, **options: Any) -> HttpResponse:
        return self.request("POST", url, **options)

    def close(self) -> None:
        self._door.close()


def hasty(services: Services, seconds: float = 0.3) -> Services:
    return replace(services, door=cast("HttpDoor", HastyDoor(services.door, seconds)))


@dataclass
class School:
    """One organisation: a platform, a course, an activity, learners by their `sub`."""

    services: Services
    tenant_id: str
    platform_id: str
    link_id: str
    link_lti_id: str
    users: dict[str, str] = field(default_factory=dict)

    def launch(self, sub: str = "7") -> Launch:
        if sub not in self.users:
            with self.services.database.write() as session:
                row = User(tenant_id=self.tenant_id, platform_id=self.platform_id, sub=sub)
                session.add(row)
                session.flush()
                self.users[sub] = row.id
        return Launch(
            tenant_id=self.tenant_id,
            id=new_id(),
            platform_id=self.platform_id,
            deployment_id="1",
            user_id=self.users[sub],
            context_id=None,
            resource_link_id=self.link_id,
            module="interests",
            message_type="LtiResourceLinkRequest",
            roles=frozenset({Role.LEARNER}),
            locale="en",
            return_url=None,
            product="moodle",
            frame_origins=(),
        )

    def earns(
        self, score: float, sub: str = "7", *, now: datetime | None = None, comment: str = ""
    ) -> None:
        """A learner reaches `score`; on return it is saved."""
        launch = self.launch(sub)
        with self.services.database.write() as session:
            record_score(session, launch, score=score, comment=comment, now=now or utcnow())

    def row(self, sub: str = "7") -> ScoreDelivery:
        with self.services.database.read() as session:
            return session.scalars(
                select(ScoreDelivery).where(
                    ScoreDelivery.tenant_id == self.tenant_id,
                    ScoreDelivery.user_id == self.users[sub],
                )
            ).one()

    def rows(self) -> Sequence[ScoreDelivery]:
        with self.services.database.read() as session:
            return session.scalars(
                select(ScoreDelivery).where(ScoreDelivery.tenant_id == self.tenant_id)
            ).all()

    def change(self, sub: str = "7", **values: object) -> None:
        """Set columns of a learner's row, as passing time or another process would."""
        with self.services.database.write() as session:
            row = session.get_one(ScoreDelivery, (self.tenant_id, self.row(sub).id))
            for name, value in values.items():
                setattr(row, name, value)

    def due(self) -> None:
        """Let all waits be over, of rows and of the platform."""
        hurry(self.services.database, self.tenant_id)


def hurry(database: Database, tenant_id: str) -> None:
    """Let all waits of an organisation's rows and platforms be over."""
    past = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
    with database.write_connection() as connection:
        connection.execute(
            update(ScoreDelivery)
            .where(ScoreDelivery.tenant_id == tenant_id)
            .values(due_at=past)
            .execution_options(synchronize_session=False)
        )
        connection.execute(
            update(PlatformHealth)
            .where(PlatformHealth.tenant_id == tenant_id, PlatformHealth.closed_until.is_not(None))
            .values(closed_until=past)
            .execution_options(synchronize_session=False)
        )


def open_school(
    services: Services,
    url: str,
    *,
    gradebook: Gradebook | None = None,
    lineitem_url: str | None = None,
    status: str = "active",
    number: int = 1,
) -> School:
    """Found an organisation whose platform is at `url`; with a gradebook, its column is known."""
    link_lti_id = new_id()
    if gradebook is not None:
        lineitem_url = gradebook.add_column(link_lti_id, number)
    with services.database.write() as session:
        tenant = Tenant(slug=new_id(), name="School")
        session.add(tenant)
        session.flush()
        platform = Platform(
            tenant_id=tenant.id,
            issuer=f"{url}/{new_id()}",
            client_id="client",
            name="Moodle",
            product="moodle",
            auth_url=f"{url}/auth",
            token_url=f"{url}/token",
            jwks_url=f"{url}/certs",
            status=status,
        )
        session.add(platform)
        session.flush()
        context = Context(
            tenant_id=tenant.id,
            platform_id=platform.id,
            lti_id="2",
            lineitems_url=f"{url}/lineitems?type_id=1",
        )
        session.add(context)
        session.flush()
        link = ResourceLink(
            tenant_id=tenant.id,
            platform_id=platform.id,
            context_id=context.id,
            lti_id=link_lti_id,
            module="interests",
            lineitem_url=lineitem_url,
        )
        session.add(link)
        session.flush()
        return School(services, tenant.id, platform.id, link.id, link_lti_id)
