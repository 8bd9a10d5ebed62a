"""The teacher's page: who is where, whose grade is stuck, never an answer."""

from __future__ import annotations

from sqlalchemy import select, update

from lti_tool.outbox.models import ScoreDelivery
from lti_tool.people.roles import Role
from tests.lti_tool.learner.test_interests import walk


def finish(world, sub: str) -> None:
    browser = world.visit("interests", sub=sub)
    browser.get("/")
    browser.submit()
    walk(browser)


def test_before_anybody_came(world):
    page = world.visit("interests", sub="3", role=Role.INSTRUCTOR).get("/")
    assert "Nobody has opened" in page.main.text


def test_who_is_where(world):
    finish(world, "7")
    started = world.visit("interests", sub="8")
    started.get("/")
    started.submit()
    started.submit({"value": "4"})
    page = world.visit("interests", sub="3", role=Role.INSTRUCTOR).get("/")
    rows = {row.th.string: row.td.string for row in page.select("tbody tr")}
    assert rows == {"Learner number 8": "6 %", "Learner number 7": "finished"}


def test_a_stuck_grade_is_first_and_can_be_sent_again(world):
    finish(world, "7")
    finish(world, "8")
    with world.services.database.write() as session:
        session.execute(
            update(ScoreDelivery)
            .where(ScoreDelivery.user_id == world.users["8"])
            .values(state="parked", reason="refused")
        )
    browser = world.visit("interests", sub="3", role=Role.INSTRUCTOR)
    page = browser.get("/")
    assert page.select_one("tbody th").string == "Learner number 8"
    browser.submit()
    with world.services.database.read() as session:
        states = session.scalars(select(ScoreDelivery.state)).all()
    assert set(states) == {"waiting"}


def test_a_grade_of_another_activity_cannot_be_touched(world):
    finish(world, "7")
    with world.services.database.write() as session:
        session.execute(update(ScoreDelivery).values(state="parked"))
        delivery_id = session.scalar(select(ScoreDelivery.id))
    browser = world.visit("careers", sub="3", role=Role.INSTRUCTOR)
    browser.get("/")
    token = browser.page.footer.find("input", {"name": "csrf"})["value"]
    browser.post("/teacher/grade", {"csrf": token, "delivery": delivery_id}, status=404)
    browser.post("/teacher/grade", {"csrf": token, "delivery": "x"}, status=404)


def test_answers_never_show(world):
    finish(world, "7")
    page = world.visit("interests", sub="3", role=Role.INSTRUCTOR).get("/")
    assert "Hands-on" not in page.main.text


def test_a_mentor_sees_but_does_not_send(world):
    finish(world, "7")
    browser = world.visit("interests", sub="4", role=Role.MENTOR)
    browser.get("/")
    token = browser.page.footer.find("input", {"name": "csrf"})["value"]
    browser.post("/teacher/grade", {"csrf": token, "delivery": "x"}, status=403)
