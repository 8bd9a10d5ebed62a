"""A small world: one organisation, one Moodle, one course, and people who walk in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask

from config.clock import utcnow
from config.database import Database
from config.ids import new_id
from config.settings import Settings
from lti_tool.lti.models import Context, Deployment, Platform, ResourceLink
from lti_tool.lti.platforms import find_by_id
from lti_tool.lti.sessions import Entry, Launch, open_launch
from lti_tool.people.models import Membership, Tenant, User
from lti_tool.people.roles import Role
from lti_tool.services import Services, build_services
from lti_tool.web.app import create_app
from tests.lti_tool.critic import Critic


@pytest.fixture
def services(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Services]:
    """The parts of the application on a fresh database: SQLite, or TEST_DATABASE=postgres."""
    kind = os.environ.get("TEST_DATABASE", "sqlite")
    database: Database = request.getfixturevalue(f"{kind}_database")
    parts = replace(build_services(settings), database=database)
    yield parts
    parts.door.close()


@pytest.fixture
def app(settings: Settings, services: Services) -> Flask:
    """The whole application."""
    return create_app(settings, services)


@dataclass
class World:
    """One organisation's Moodle with one course."""

    app: Flask
    services: Services
    tenant_id: str
    platform_id: str
    context_id: str
    links: dict[str | None, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)

    def link(self, module: str | None, **settings: str) -> str:
        """Place an activity; the same module gives the same one again."""
        key = f"{module} {settings}" if settings else module
        if key not in self.links:
            with self.services.database.write() as session:
                row = ResourceLink(
                    tenant_id=self.tenant_id,
                    platform_id=self.platform_id,
                    context_id=self.context_id,
                    lti_id=new_id(),
                    title=str(module),
                    module=module,
                    settings=settings,
                )
                session.add(row)
                session.flush()
                self.links[key] = row.id
        return self.links[key]

    def user(self, sub: str, role: Role = Role.LEARNER) -> str:
        """Let somebody be enrolled; the same number is the same person again."""
        if sub not in self.users:
            with self.services.database.write() as session:
                row = User(tenant_id=self.tenant_id, platform_id=self.platform_id, sub=sub)
                session.add(row)
                session.flush()
                session.add(
                    Membership(
                        tenant_id=self.tenant_id,
                        context_id=self.context_id,
                        user_id=row.id,
                        roles=[role],
                    )
                )
                self.users[sub] = row.id
        return self.users[sub]

    def launch(
        self,
        module: str | None = "interests",
        *,
        sub: str = "7",
        role: Role = Role.LEARNER,
        locale: str = "en",
        message: str = "LtiResourceLinkRequest",
        **settings: str,
    ) -> tuple[Launch, str]:
        """Let somebody launch; returns the launch and the cookie's secret."""
        user_id = self.user(sub, role)
        link_id = self.link(module, **settings)
        with self.services.database.write_connection() as connection:
            registration = find_by_id(connection, self.platform_id)
            assert registration is not None
            return open_launch(
                connection,
                registration,
                Entry(
                    deployment_id="1",
                    user_id=user_id,
                    context_id=self.context_id,
                    resource_link_id=link_id,
                    module=module,
                    message_type=message,
                    roles=frozenset({role}),
                    locale=locale,
                    return_url="https://moodle.example/course/view.php?id=2",
                    details={},
                ),
                utcnow(),
            )

    def visit(self, *args: str | None, role: Role = Role.LEARNER, **options: str) -> Critic:
        """Launch and return a browser that is in."""
        launch, secret = self.launch(*args, role=role, **options)
        return Critic(self.app, launch.id, secret, staff=role is not Role.LEARNER)


def make_world(app: Flask, services: Services) -> World:
    """Make an organisation whose Moodle is registered, with one course."""
    with services.database.write() as session:
        tenant = Tenant(slug="partner", name="Partner")
        session.add(tenant)
        session.flush()
        platform = Platform(
            tenant_id=tenant.id,
            issuer="https://moodle.example",
            client_id="client",
            name="Moodle",
            product="moodle",
            auth_url="https://moodle.example/mod/lti/auth.php",
            token_url="https://moodle.example/mod/lti/token.php",
            jwks_url="https://moodle.example/mod/lti/certs.php",
            status="active",
        )
        session.add(platform)
        session.flush()
        context = Context(
            tenant_id=tenant.id, platform_id=platform.id, lti_id="2", title="First steps"
        )
        deployment = Deployment(tenant_id=tenant.id, platform_id=platform.id, deployment_id="1")
        session.add_all([context, deployment])
        session.flush()
        return World(app, services, tenant.id, platform.id, context.id)


@pytest.fixture
def world(app: Flask, services: Services) -> World:
    """An organisation whose Moodle is registered, with one course."""
    return make_world(app, services)
