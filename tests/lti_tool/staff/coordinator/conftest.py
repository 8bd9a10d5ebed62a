"""A desk with people: the world's organisation as a stage of mentoring, and who works there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from config.clock import utcnow
from lti_tool.mentoring import access, reports
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.codes import DANGERS
from lti_tool.people.roles import Role
from tests.lti_tool.conftest import World
from tests.lti_tool.critic import Critic
from tests.lti_tool.mentoring.stage import Stage

BOSS, GUARD = "900", "901"


@dataclass
class Desk:
    """The world's organisation with a coordinator and a named person."""

    world: World
    people: dict[str, Actor] = field(default_factory=dict)

    @contextmanager
    def stage(self) -> Iterator[Stage]:
        """Let things happen in one transaction, now."""
        world = self.world
        with world.services.database.write() as session:
            yield Stage(
                session,
                utcnow(),
                self.people,
                {world.tenant_id: world.platform_id},
                {world.tenant_id: world.context_id},
            )

    @property
    def tenant(self) -> str:
        """The organisation."""
        return self.world.tenant_id

    def coordinator(self, **options: str) -> Critic:
        """Let the coordinator in."""
        return self.world.visit("mentor", sub=BOSS, role=Role.INSTRUCTOR, **options)

    def guard(self) -> Critic:
        """Let the person in who reads reports of harm."""
        return self.world.visit("mentor", sub=GUARD, role=Role.INSTRUCTOR)


@pytest.fixture
def desk(world: World) -> Desk:
    """A desk where pairs can begin."""
    made = Desk(world)
    boss = Actor(world.tenant_id, world.user(BOSS, Role.INSTRUCTOR))
    guard = Actor(world.tenant_id, world.user(GUARD, Role.INSTRUCTOR))
    made.people |= {"boss": boss, "guard": guard}
    with made.stage() as stage:
        access.appoint(stage.session, boss.tenant_id, boss.user_id, "coordinator", stage.now, None)
        access.appoint(stage.session, boss.tenant_id, guard.user_id, "safeguarding", stage.now,
                       None)  # fmt: skip
        for danger in DANGERS:
            reports.set_desk(stage.session, boss, danger, stage.now, label="Office", phone="112",
                             email="help@example.org", hours="always")  # fmt: skip
    return made


@pytest.fixture
def pair_id(desk: Desk) -> str:
    """A pair that may talk."""
    with desk.stage() as stage:
        mentor, mentee = stage.mentor(desk.tenant, "Mira"), stage.mentee(desk.tenant, "Ana")
        return stage.started(mentee, mentor).id
