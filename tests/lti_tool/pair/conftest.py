"""Two people of one organisation and their browsers, at any moment of a pair's life."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select, update

from config.clock import utcnow
from lti_tool.mentoring import access, reports
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.codes import DANGERS
from lti_tool.mentoring.models import Pair
from lti_tool.people.models import Tenant, User
from lti_tool.people.roles import Role
from tests.lti_tool.conftest import World
from tests.lti_tool.critic import LEARNER_BUDGET, Critic
from tests.lti_tool.mentoring.stage import Stage


@dataclass
class Programme:
    """Mentoring in the world's organisation."""

    world: World
    people: dict[str, Actor] = field(default_factory=dict)

    @contextmanager
    def stage(self) -> Iterator[Stage]:
        """Do something as the operations do it, in one transaction."""
        world = self.world
        with world.services.database.write() as session:
            yield Stage(
                session,
                now=utcnow(),
                people=self.people,
                platforms={world.tenant_id: world.platform_id},
                courses={world.tenant_id: world.context_id},
            )
        with world.services.database.read() as session:
            for actor in self.people.values():
                if actor.tenant_id != world.tenant_id:
                    continue
                user = session.get_one(User, (actor.tenant_id, actor.user_id))
                world.users[user.sub] = user.id

    def browser(
        self, name: str, module: str | None = "mentor", role: Role = Role.LEARNER, **options: str
    ) -> Critic:
        """Let somebody launch; every page has to keep to the learner's budget."""
        user_id = self.people[name].user_id
        sub = next(sub for sub, known in self.world.users.items() if known == user_id)
        found = self.world.visit(module, role=role, sub=sub, **options)
        found.budget = LEARNER_BUDGET
        return found

    def row(self, table: type, **values: object) -> object:
        """Return the one row of a table with these values."""
        with self.world.services.database.read() as session:
            return session.scalars(select(table).filter_by(**values)).one()

    def rows(self, table: type, **values: object) -> list:
        """Return the rows of a table with these values."""
        with self.world.services.database.read() as session:
            return list(session.scalars(select(table).filter_by(**values)))


@pytest.fixture
def programme(world: World) -> Programme:
    """An organisation in Hungary with a coordinator, a named person, numbers, and one mentor."""
    found = Programme(world)
    with found.stage() as stage:
        tenant = world.tenant_id
        stage.session.execute(update(Tenant).values(country="HU"))
        boss, guard = stage.person(tenant, "boss"), stage.person(tenant, "guard")
        access.appoint(stage.session, tenant, boss.user_id, "coordinator", stage.now, None)
        access.appoint(stage.session, tenant, guard.user_id, "safeguarding", stage.now, boss)
        for danger in DANGERS:
            reports.set_desk(
                stage.session,
                boss,
                danger,
                stage.now,
                label=f"Line {danger}",
                phone="+36 1 234",
                email="help@example.org",
                hours="8 to 16",
            )
        stage.mentor(tenant, "mira", capacity=3)
    return found


@dataclass
class Couple:
    """A pair and both browsers."""

    programme: Programme
    pair_id: str
    mentee: Critic
    mentor: Critic

    @property
    def pair(self) -> Pair:
        """Return the pair as it is now."""
        return self.programme.row(Pair, id=self.pair_id)

    @property
    def home(self) -> str:
        """Where the pair's pages are, below a launch."""
        return f"/pair/{self.pair_id}"


def couple(programme: Programme, moment: str) -> Couple:
    """Bring Ana and Mira to a moment: offer, agreed or started."""
    with programme.stage() as stage:
        ana = stage.mentee(programme.world.tenant_id, "ana")
        pair = getattr(stage, moment)(ana, programme.people["mira"])
        pair_id = pair.id
    return Couple(
        programme, pair_id, programme.browser("ana"), programme.browser("mira", role=Role.MENTOR)
    )


@pytest.fixture
def offered(programme: Programme) -> Couple:
    """An offer that waits for both."""
    return couple(programme, "offer")


@pytest.fixture
def preparing(programme: Programme) -> Couple:
    """Both said yes."""
    return couple(programme, "agreed")


@pytest.fixture
def talking(programme: Programme) -> Couple:
    """A pair that may talk."""
    return couple(programme, "started")
