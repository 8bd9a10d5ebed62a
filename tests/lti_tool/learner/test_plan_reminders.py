"""Messages of the course site on days with a step: asked for, without detail, once a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from config.clock import utcnow
from lti_tool.chores import run_chores
from lti_tool.learner.plan.models import PlanGoal, PlanReminder
from lti_tool.learner.plan.reminders import send_due
from lti_tool.people.models import User
from moodle_sync.models import MoodleIntent, MoodleSite
from tests.lti_tool.learner.test_plan import with_goal, with_step

MORNING = datetime(2027, 3, 3, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_the_morning():
    """Every test begins on one Wednesday morning."""
    with time_machine.travel(MORNING, tick=True):
        yield


@pytest.fixture
def site(world):
    """The organisation connected its Moodle."""
    with world.services.database.write() as session:
        row = MoodleSite(
            tenant_id=world.tenant_id,
            platform_id=world.platform_id,
            issuer="i",
            wwwroot="w",
            sealed_token="t",
        )
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def browser(world, site):
    """A learner who asked for messages and has a step today."""
    browser = world.visit("plan")
    with_step(browser, with_goal(browser), "Ask the baker", when="day", day="2027-03-03")
    ask(browser)
    return browser


def ask(browser, wanted: str = "1"):
    page = browser.get("/plan/")
    forms = [one for one in page.select("main form") if one["action"].endswith("/messages")]
    place = page.select("main form").index(forms[0])
    return browser.submit({"wanted": wanted}, form=place)


def sent(world) -> list[MoodleIntent]:
    with world.services.database.read() as session:
        return list(session.scalars(select(MoodleIntent).order_by(MoodleIntent.natural_key)))


def test_nothing_is_offered_where_no_site_is_connected(world):
    browser = world.visit("plan")
    with_goal(browser)
    page = browser.get("/plan/")
    assert not page.select_one("#reminders")
    browser.get("/plan/goal/new")
    browser.post("/plan/messages", {"csrf": browser.token(), "wanted": "1"}, status=200)
    with world.services.database.read() as session:
        assert session.scalars(select(PlanReminder)).all() == []


def test_a_message_says_that_a_step_is_due_and_not_which(world, browser):
    assert send_due(world.services.database, utcnow()) == 1
    (row,) = sent(world)
    assert (row.kind, row.payload["user"]) == ("message", "7")
    assert row.payload["text"] == "A step of your plan is for today. Open “My plan” in your course."
    assert "baker" not in str(row.payload) + row.natural_key


def test_a_day_has_one_message_and_a_day_without_a_step_none(world, browser):
    for hours in (0, 1, 2):
        send_due(world.services.database, utcnow() + timedelta(hours=hours))
    assert len(sent(world)) == 1
    assert send_due(world.services.database, utcnow() + timedelta(days=1)) == 0


def test_nobody_is_written_to_at_night(world, browser):
    assert send_due(world.services.database, MORNING.replace(hour=3)) == 0
    assert send_due(world.services.database, MORNING.replace(hour=22)) == 0


def test_done_deleted_or_reached_is_no_reason_to_write(world, browser):
    with world.services.database.write() as session:
        goal = session.scalars(select(PlanGoal)).one()
        goal.done_at = utcnow()
    assert send_due(world.services.database, utcnow()) == 0
    with world.services.database.write() as session:
        goal = session.scalars(select(PlanGoal)).one()
        goal.done_at, goal.deleted_at = None, utcnow()
    assert send_due(world.services.database, utcnow()) == 0


def test_messages_end_when_they_are_not_wanted_any_more(world, browser):
    page = ask(browser, "0")
    assert page.find("button", string="Yes, write to me")
    assert send_due(world.services.database, utcnow()) == 0
    assert sent(world) == []


def test_a_stopped_site_and_a_closed_account_get_nothing(world, browser, site):
    with world.services.database.write() as session:
        session.get_one(MoodleSite, (world.tenant_id, site)).state = "stopped"
    send_due(world.services.database, utcnow())
    assert sent(world) == []
    page = browser.get("/plan/")
    assert page.find("button", string="No messages any more")
    with world.services.database.write() as session:
        session.get_one(MoodleSite, (world.tenant_id, site)).state = "active"
        session.get_one(User, (world.tenant_id, world.users["7"])).disabled_at = utcnow()
    send_due(world.services.database, utcnow())
    assert sent(world) == []


def test_the_hour_sends_and_sweeps(world, browser):
    with world.services.database.write() as session:
        session.add(
            PlanGoal(
                tenant_id=world.tenant_id,
                user_id=world.users["7"],
                title="Old",
                deleted_at=utcnow() - timedelta(days=2),
            )
        )
    assert run_chores(world.services, utcnow()) == 0
    assert len(sent(world)) == 1
    with world.services.database.read() as session:
        assert [row.title for row in session.scalars(select(PlanGoal))] == ["Find a job"]
