"""My way: one step with a reason, how far each part is, and what is new since the last visit."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from config.clock import utcnow
from lti_tool.learner import MODULES, standing
from lti_tool.learner.home.choosing import HELPS, choose
from lti_tool.learner.home.models import HomeVisit
from lti_tool.learner.needs.words import MEANINGS
from lti_tool.learner.standing import WAY, Standing, by_percent, standings
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.people.roles import Role
from tests.lti_tool.learner.test_interests import walk
from tests.lti_tool.learner.test_needs import answer, finish


def stored(world, table):
    with world.services.database.read() as session:
        return list(session.scalars(select(table)))


def states(page) -> dict[str, str]:
    return {
        card.h3.text: card.select_one(".step span").text for card in page.select("ol.list li.card")
    }


def way(**changes: Standing) -> dict[str, Standing]:
    """Return a way that nobody has begun, but for the changes."""
    return {key: by_percent(0, f"step {key}", f"/{key}") for key in WAY} | changes


def at(percent: int, step: str = "step", *, urgent: bool = False) -> Standing:
    return by_percent(percent, step, "/", urgent=urgent)


def test_the_first_visit_shows_the_whole_way_and_where_to_begin(world):
    page = world.visit("interests").get("/home/")
    assert set(states(page)) == {str(MODULES[key].title) for key in WAY if key in MODULES}
    assert set(states(page).values()) == {"Not started"}
    step = page.select_one("section")
    assert "Tap what you like doing." in step.text
    assert "Then you see work that fits you." in step.text
    assert step.select_one("a.button")["href"].endswith("/interests/")
    assert "What is new" not in page.main.text


def test_each_page_of_a_learner_leads_home(world):
    page = world.visit("interests").get("/interests/")
    assert page.footer.find("a", string="My way")["href"].endswith("/home/")
    staff = world.visit("interests", sub="1", role=Role.INSTRUCTOR).get("/teacher/")
    assert staff.footer.find("a", string="My way") is None


def test_the_way_fills_and_the_step_follows_what_was_told(world):
    browser = world.visit("interests")
    browser.get("/interests/")
    browser.submit()
    walk(browser)
    page = browser.get("/home/")
    assert states(page)["What do I like doing?"] == "Done"
    assert "Say how you are doing right now." in page.select_one("section").text
    answer(browser, "hopes", "job")
    page = browser.get("/home/")
    assert states(page)["Where am I now?"].startswith("Started: ")
    assert "You have begun this. Everything is saved." in page.select_one("section").text
    finish(browser)
    page = browser.get("/home/")
    assert "You hope for a job. This can help." in page.select_one("section").text
    assert page.select_one("section a.button")["href"].endswith("/careers/")


def test_what_is_new_stays_for_the_visit_and_is_gone_at_the_next(world):
    browser = world.visit("needs", grading="progress")
    start = utcnow()
    with time_machine.travel(start, tick=False):
        browser.get("/home/")
    with time_machine.travel(start + timedelta(minutes=5), tick=False):
        finish(browser)
        assert "You finished" not in browser.get("/home/").main.text
    with time_machine.travel(start + timedelta(hours=1), tick=False):
        with world.services.database.write() as session:
            session.execute(update(ScoreDelivery).values(state="delivered", settled_at=utcnow()))
        for _reload in range(2):
            page = browser.get("/home/")
            assert "You finished “Where am I now?”." in page.main.text
            assert "Your grade for “Where am I now?” has arrived in the course." in page.main.text
    with time_machine.travel(start + timedelta(hours=3), tick=False):
        page = browser.get("/home/")
    assert "Nothing new since your last visit." in page.main.text


def test_another_person_has_own_way_and_own_news(world):
    browser = world.visit("needs", sub="7")
    browser.get("/home/")
    finish(browser)
    page = world.visit("needs", sub="8").get("/home/")
    assert set(states(page).values()) == {"Not started"}


def test_staff_who_look_leave_no_trace(world):
    world.visit("home", sub="1", role=Role.INSTRUCTOR).get("/home/")
    assert stored(world, HomeVisit) == []
    assert stored(world, ScoreDelivery) == []


def test_placed_in_a_course_the_way_is_graded_as_a_whole(world):
    browser = world.visit("home", grading="progress")
    browser.get("/home/")
    assert stored(world, ScoreDelivery) == []
    finish(browser)
    browser.get("/home/")
    (row,) = stored(world, ScoreDelivery)
    assert row.score == 100 // sum(key in MODULES for key in WAY)


def test_a_module_without_a_word_of_its_own_is_known_by_its_progress(world, monkeypatch):
    browser = world.visit("needs", grading="progress")
    finish(browser)
    monkeypatch.setattr(standing, "FACES", dict.fromkeys(WAY, "no_such_face"))
    page = browser.get("/home/")
    assert states(page)["Where am I now?"] == "Done"
    assert "Open “What do I like doing?”." in page.select_one("section").text


def test_a_fault_inside_a_face_is_not_taken_for_a_missing_one(world, monkeypatch):
    def broken(_name):
        raise ModuleNotFoundError(name="something_else")

    monkeypatch.setattr(standing, "import_module", broken)
    launch, _secret = world.launch("needs")
    with (
        world.app.test_request_context(),
        world.services.database.read() as session,
        pytest.raises(ModuleNotFoundError),
    ):
        standings(session, launch, None)


@pytest.mark.parametrize(
    ("changes", "needs", "expected"),
    [
        ({}, (), ("interests", "order")),
        ({}, ("alone",), ("interests", "order")),
        ({"interests": at(100)}, (), ("needs", "order")),
        ({"digital": at(40)}, (), ("digital", "begun")),
        ({"mentor": at(60, urgent=True)}, (), ("mentor", "urgent")),
        ({"plan": at(100, urgent=True)}, (), ("plan", "urgent")),
        ({"mentor": at(60, "", urgent=True)}, (), ("interests", "order")),
        ({"interests": at(100), "needs": at(100)}, (), ("digital", "order")),
        ({"interests": at(100), "needs": at(100)}, ("alone",), ("mentor", "need")),
        ({"interests": at(100), "needs": at(100), "mentor": at(30)}, ("alone",),
         ("digital", "order")),
        ({"interests": at(100), "needs": at(100), "path": at(30)}, (), ("path", "begun")),
        ({key: at(100, "") for key in WAY} | {"path": at(100)}, (), ("path", "again")),
    ],
)  # fmt: skip
def test_one_step_is_chosen(changes, needs, expected):
    found = choose(way(**changes), needs)
    assert (found.module, found.ground) == expected


def test_when_nothing_is_left_there_is_no_step():
    assert choose({key: at(100, "") for key in WAY}, ()) is None
    assert choose({}, ()) is None


def test_every_need_that_leads_somewhere_has_words():
    assert {need for needs in HELPS.values() for need in needs} <= set(MEANINGS)
