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
from lti_tool.staff.teacher import operations
from tests.lti_tool.learner.test_interests import walk


def finish(world, sub: str) -> None:
    browser = world.visit("interests", sub=sub)
    browser.get("/")
    browser.submit()
    walk(browser)


def states(page) -> dict[str, str]:
    """Whom the page shows, and how far: who has not begun has no such column."""
    return {
        row.th.string: row.td.string if row.td else "not begun" for row in page.select("tbody tr")
    }


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
    rows = states(page)
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


def test_a_coordinator_may_send_again_too(world):
    finish(world, "7")
    with world.services.database.write() as session:
        session.execute(update(ScoreDelivery).values(state="parked", reason="refused"))
    browser = world.visit("interests", sub="3", role=Role.COORDINATOR)
    assert "could not be delivered" in browser.get("/").main.text
    browser.submit()
    assert "on its way" in browser.page.main.text


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

    def test_who_has_not_begun_is_listed_and_teachers_are_not(self, world, monkeypatch):
        finish(world, "7")
        world.user("4", Role.MENTOR)
        self.answer(monkeypatch, *(self.member(sub) for sub in ("7", "8", "4")))
        page = self.desk(world)
        page.submit()
        assert states(page.page) == {
            "Learner number 8": "not begun",
            "Learner number 7": "finished",
        }

    def test_who_left_goes_and_who_comes_back_returns(self, world, monkeypatch):
        desk = self.desk(world)
        self.answer(monkeypatch, self.member("8"), self.member("9"))
        desk.submit()
        self.answer(monkeypatch, self.member("9"))
        desk.submit()
        assert list(states(desk.page)) == ["Learner number 9"]
        self.answer(monkeypatch, self.member("8"), self.member("9"))
        desk.submit()
        assert len(states(desk.page)) == 2

    def test_a_learner_who_left_the_course_goes_with_all_progress(self, world, monkeypatch):
        finish(world, "7")
        desk = self.desk(world)
        self.answer(monkeypatch, self.member("7"), self.member("9"))
        desk.submit()
        assert set(states(desk.page)) == {"Learner number 7", "Learner number 9"}
        self.answer(monkeypatch, self.member("9"))
        desk.submit()
        assert set(states(desk.page)) == {"Learner number 9"}

    def test_a_large_course_shows_some_of_each_and_all_on_request(self, world, monkeypatch):
        finish(world, "7")
        self.answer(monkeypatch, *(self.member(str(sub)) for sub in range(100, 175)))
        desk = self.desk(world)
        desk.submit()
        assert [link.string for link in desk.page.select("main p.row a[href^='#']")] == [
            "Not begun yet: 75",
            "Finished: 1",
        ]
        assert len(states(desk.page)) == operations.PREVIEW + 1
        first = desk.get("/teacher/?group=new")
        assert list(states(first)) == [f"Learner number {sub}" for sub in range(100, 150)]
        assert first.find("a", rel="next")["href"].endswith("?group=new&page=2")
        second = desk.get("/teacher/?group=new&page=2")
        assert list(states(second)) == [f"Learner number {sub}" for sub in range(150, 175)]
        for odd in ("group=new&page=99", "group=new&page=-1", "group=x&page=x"):
            assert desk.get(f"/teacher/?{odd}").main

    def test_namesakes_can_be_told_apart(self, world, monkeypatch):
        with world.services.database.write() as session:
            session.execute(update(Tenant).values(wants_names=True))
        self.answer(monkeypatch, self.member("8"), self.member("9"), self.member("10", name="Béla"))
        desk = self.desk(world)
        desk.submit()
        assert set(states(desk.page)) == {"Ágnes (number 8)", "Ágnes (number 9)", "Béla"}

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
        assert list(states(desk.get("/teacher/"))) == ["Learner number 8"]

    def test_without_the_service_it_is_explained(self, world):
        browser = world.visit("interests", sub="3", role=Role.INSTRUCTOR)
        browser.get("/")
        page = browser.submit(status=404)
        assert "no_course_list" in page.code.text
