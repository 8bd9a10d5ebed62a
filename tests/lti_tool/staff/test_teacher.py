"""The teacher's page: who is where, whose grade is stuck, never an answer."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from lti_tool.lti.models import Context
from lti_tool.lti.services.nrps import Member, Roster
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.people.models import Tenant
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


@pytest.mark.parametrize("role", [Role.MENTOR, Role.ADMIN])
def test_who_does_not_teach_sees_the_module_and_nobody_in_it(world, role):
    finish(world, "7")
    browser = world.visit("interests", sub="4", role=role)
    page = browser.get("/")
    assert page.main.button.string == "Start"
    browser.get("/teacher/", status=403)
    token = browser.get("/interests/").find("input", {"name": "csrf"})["value"]
    browser.post("/teacher/roster", {"csrf": token}, status=403)
    browser.post("/teacher/grade", {"csrf": token, "delivery": "x"}, status=403)


class TestCourseList:
    """NRPS: who has not begun shows too, leavers go, names only where they are wanted."""

    def answer(self, monkeypatch, *members, whole=True):
        roster = Roster("2", tuple(members), whole)
        monkeypatch.setattr(
            "lti_tool.staff.teacher.roster.read_roster", lambda *_args, **_options: roster
        )

    def member(self, sub, role=Role.LEARNER, *, active=True, name="Ágnes"):
        return Member(sub, frozenset({role}), active, name)

    def desk(self, world):
        with world.services.database.write() as session:
            session.execute(update(Context).values(memberships_url="https://moodle.example/m"))
        browser = world.visit("interests", sub="3", role=Role.INSTRUCTOR)
        browser.get("/")
        return browser

    def rows(self, page):
        return {row.th.string: row.td.string for row in page.select("tbody tr")}

    def test_who_has_not_begun_is_listed_and_teachers_are_not(self, world, monkeypatch):
        finish(world, "7")
        world.user("4", Role.MENTOR)
        self.answer(monkeypatch, *(self.member(sub) for sub in ("7", "8", "4")))
        page = self.desk(world)
        page.submit()
        assert self.rows(page.page) == {
            "Learner number 8": "not begun",
            "Learner number 7": "finished",
        }

    def test_who_left_goes_and_who_comes_back_returns(self, world, monkeypatch):
        desk = self.desk(world)
        self.answer(monkeypatch, self.member("8"), self.member("9"))
        desk.submit()
        self.answer(monkeypatch, self.member("9"))
        desk.submit()
        assert list(self.rows(desk.page)) == ["Learner number 9"]
        self.answer(monkeypatch, self.member("8"), self.member("9"))
        desk.submit()
        assert len(self.rows(desk.page)) == 2

    def test_names_are_kept_only_where_the_tenant_wants_them(self, world, monkeypatch):
        self.answer(monkeypatch, self.member("8"))
        desk = self.desk(world)
        desk.submit()
        assert "Ágnes" not in desk.page.text
        with world.services.database.write() as session:
            session.execute(update(Tenant).values(wants_names=True))
        desk.submit()
        assert "Ágnes" in desk.page.text

    def test_a_failed_read_changes_nothing_and_says_so(self, world, monkeypatch):
        desk = self.desk(world)
        self.answer(monkeypatch, self.member("8"))
        desk.submit()

        def fail(*_args, **_options):
            raise ServiceFailed(Outcome.UNKNOWN, "truncated")

        monkeypatch.setattr("lti_tool.staff.teacher.roster.read_roster", fail)
        page = desk.submit(status=502)
        assert "course_list_failed" in page.code.text
        assert list(self.rows(desk.get("/teacher/"))) == ["Learner number 8"]

    def test_without_the_service_it_is_explained(self, world):
        browser = world.visit("interests", sub="3", role=Role.INSTRUCTOR)
        browser.get("/")
        page = browser.submit(status=404)
        assert "no_course_list" in page.code.text
