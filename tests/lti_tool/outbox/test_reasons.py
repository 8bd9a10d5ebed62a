"""What people read about late and stuck grades, and what a launch does for them."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from lti_tool.outbox.models import ScoreDelivery
from lti_tool.outbox.reasons import TEXTS, explain
from lti_tool.outbox.settle import Reason
from lti_tool.people.roles import Role
from tests.lti_tool.conftest import *  # noqa: F403 - the small world, not this folder's services
from tests.lti_tool.staff.test_teacher import finish


def test_every_reason_has_a_text_and_no_text_is_left_over():
    assert set(TEXTS) == set(Reason)
    assert explain(None) is None
    assert explain("refused by an older version") is None


@pytest.mark.parametrize("reason", sorted(Reason))
def test_texts_are_for_teachers(app, reason):
    with app.test_request_context():
        text = str(explain(reason))
    assert text.endswith(".")
    assert len(text) < 250
    for word in ("LTI", "AGS", "token", "409", "HTTP", "payload"):
        assert word not in text


def settled(world, **values) -> None:
    with world.services.database.write() as session:
        session.execute(update(ScoreDelivery).values(**values))


def teachers_page(world):
    return world.visit("interests", sub="3", role=Role.INSTRUCTOR).get("/teacher/")


def test_a_teacher_reads_why_and_may_send_again(world):
    finish(world, "7")
    settled(world, state="parked", reason="refused")
    page = teachers_page(world)
    assert "no longer a student" in page.main.text
    assert page.main.find("button", string="Send again")


def test_a_teacher_reads_that_it_is_late(world):
    finish(world, "7")
    settled(world, state="waiting", reason="busy")
    page = teachers_page(world)
    assert "We send the grade when it is back" in page.main.text
    assert page.main.find("button", string="Send again") is None


def test_a_teacher_may_prefer_our_grade(world):
    finish(world, "7")
    settled(world, state="superseded", reason="newer_grade")
    browser = world.visit("interests", sub="3", role=Role.INSTRUCTOR)
    page = browser.get("/teacher/")
    assert "left it as it is" in page.main.text
    [button] = page.main.find_all("button", string="Use our grade instead")
    field = button.find_parent("form").find("input", {"name": "delivery"})
    values = {"csrf": browser.token(), "delivery": field["value"]}
    browser.post("/teacher/grade", values, status=200)
    assert state_of(world) == ("waiting", None)


def state_of(world) -> tuple[str, str | None]:
    with world.services.database.read() as session:
        row = session.scalars(select(ScoreDelivery)).one()
        return row.state, row.reason


def test_a_launch_tries_a_parked_grade_again(world):
    finish(world, "7")
    settled(world, state="parked", reason="no_column")
    world.visit("interests", sub="7").get("/")
    assert state_of(world) == ("waiting", None)


def test_a_launch_of_somebody_else_does_not(world):
    finish(world, "7")
    settled(world, state="parked", reason="refused")
    world.visit("interests", sub="8").get("/")
    assert state_of(world) == ("parked", "refused")
