"""Who needs a hand: the right people, the right reasons, and less of it for a teacher."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from config.clock import utcnow
from lti_tool.engagement.rules import set_thresholds
from lti_tool.engagement.watch import watch_list
from lti_tool.learner.models import Progress
from lti_tool.learner.path.models import SkillTry
from lti_tool.mentoring.meetings import LogEntry, log_meeting
from lti_tool.mentoring.models import Pair
from lti_tool.people.models import User
from lti_tool.people.roles import Role
from tests.lti_tool.staff.coordinator.conftest import desk, pair_id

__all__ = ["desk", "pair_id"]


def seen(world, sub: str, days: float) -> str:
    """Let a learner have been here last some days ago."""
    user_id = world.user(sub)
    at = utcnow() - timedelta(days=days)
    with world.services.database.write() as session:
        session.execute(
            update(User)
            .where(User.id == user_id)
            .values(last_seen_at=at, created_at=at - timedelta(days=20))
        )
    return user_id


def begin(world, user_id: str, days: int, *, finished: bool = False) -> None:
    at, link_id = utcnow() - timedelta(days=days), world.link("interests")
    with world.services.database.write() as session:
        session.add(
            Progress(tenant_id=world.tenant_id, resource_link_id=link_id,
                     user_id=user_id, module="interests", started_at=at, updated_at=at,
                     completed_at=at if finished else None)
        )  # fmt: skip


def listed(world, context_id: str | None = None) -> dict[str, tuple[str, list[str]]]:
    """Return {number: (level, codes of the reasons)}."""
    subs = {user_id: sub for sub, user_id in world.users.items()}
    with world.services.database.read() as session:
        found = watch_list(session, world.tenant_id, utcnow(), context_id)
    return {
        subs[one.user_id]: (one.level, [reason.code for reason in one.reasons]) for one in found
    }


def test_silence_and_unfinished_work_count_with_their_reasons(world):
    seen(world, "7", 0.5)
    seen(world, "8", 8)
    begin(world, seen(world, "9", 3), 4)
    assert listed(world) == {
        "8": ("act", ["silent_days"]),
        "9": ("act", ["silent_days", "unfinished_days"]),
    }


def test_whoever_finished_or_left_long_ago_or_teaches_is_not_listed(world):
    begin(world, seen(world, "7", 9), 9, finished=True)
    seen(world, "8", 61)
    seen(world, "9", 59)
    world.user("3", Role.INSTRUCTOR)
    seen(world, "3", 30)
    assert set(listed(world)) == {"9"}


def test_the_heaviest_come_first(world):
    seen(world, "7", 4)
    begin(world, seen(world, "8", 10), 10)
    assert list(listed(world)) == ["8", "7"]


def test_hard_exercises_and_missed_meetings_are_no_teachers_matter(desk, pair_id):
    world = desk.world
    with desk.stage() as stage:
        ana, mira = stage.people["Ana"], stage.people["Mira"]
        for number in range(6):
            stage.session.add(
                SkillTry(tenant_id=desk.tenant, user_id=ana.user_id, lesson="x", exercise=number,
                         skill="s", good=False, at=stage.now)
            )  # fmt: skip
        stage.session.execute(update(Pair).values(started_at=stage.now - timedelta(days=9)))
        stage.session.expire_all()
        for days in (5, 2):
            missed = LogEntry(happened=False, happened_on=(stage.now - timedelta(days=days)).date())
            for side in (ana, mira):
                log_meeting(stage.session, side, pair_id, missed, stage.now)
        world.users["ana"] = ana.user_id
    level, reasons = listed(world)["ana"]
    assert (level, reasons) == ("act", ["missed_meetings", "failing_streak"])
    assert "ana" not in listed(world, world.context_id)
    page = desk.coordinator().get("/desk/learners")
    assert "2 meetings in a row with the mentor did not take place." in page.main.text
    assert "6 exercises in a row did not work out." in page.main.text
    with desk.stage() as stage:
        met = LogEntry(happened=True, happened_on=stage.now.date())
        log_meeting(stage.session, stage.people["Mira"], pair_id, met, stage.now)
    assert "ana" not in listed(world)


def test_an_organisation_has_its_own_thresholds(world):
    seen(world, "7", 5)
    assert set(listed(world)) == {"7"}
    signs = dict.fromkeys(
        ("silent_days", "unfinished_days", "missed_meetings", "failing_streak"), (10, 20, 4)
    )
    with world.services.database.write() as session:
        set_thresholds(session, world.tenant_id, signs, 2, 4)
    assert listed(world) == {}
    seen(world, "8", 15)
    assert listed(world)["8"] == ("watch", ["silent_days"])


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.COORDINATOR])
def test_a_teacher_sees_the_list_of_the_own_course(world, role):
    seen(world, "7", 8)
    teacher = world.visit("interests", sub="3", role=role)
    page = teacher.get("/")
    link = page.find("a", string="Who needs a hand")
    page = teacher.get(link["href"])
    assert page.h2.string == "Learner number 7"
    assert "No visit for 8 days." in page.main.text
    assert "learners do not see" not in page.main.text.lower()
    learner = world.visit("interests", sub="7")
    learner.get("/teacher/hand", status=403)


def test_a_course_shows_its_own_learners_only(world):
    seen(world, "7", 8)
    assert listed(world, "0" * 32) == {}
