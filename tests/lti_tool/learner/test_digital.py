"""The digital check as a learner without JavaScript walks through it, and what follows from it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from time_machine import travel

from adaptive.digital import Practice
from config.clock import utcnow
from lti_tool.learner.digital import words
from lti_tool.learner.digital.models import DigitalAnswer, DigitalCheck, DigitalPractice
from lti_tool.learner.digital_levels import current_levels
from lti_tool.learner.models import Progress
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.people.roles import Role
from lti_tool.web.locale import LANGUAGES


def rows(world, table, *order) -> list:
    with world.services.database.read() as session:
        return list(session.scalars(select(table).order_by(*order)))


def walk(browser, value="own") -> int:
    """Answer everything alike until the result; returns the number of questions."""
    count = 0
    while browser.page.select(".answers"):
        browser.submit({"value": value})
        count += 1
        assert count <= 15
    return count


def finish(browser, value="own") -> None:
    browser.get("/digital/")
    browser.submit()
    walk(browser, value)


@pytest.mark.parametrize(
    ("value", "band"),
    [("own", "Ready to help others"), ("help", "Getting there"), ("not_yet", "Just starting")],
)
def test_a_learner_walks_from_welcome_to_result(world, value, band):
    browser = world.visit("digital")
    page = browser.get("/")
    assert page.h1.string == "My digital skills"
    assert "Only you see your answers" in page.main.text
    browser.submit()
    assert 10 <= walk(browser, value) <= 15
    page = browser.page
    assert page.h1.string == "What you can do"
    cells = [cell.string for cell in page.select("tbody td")]
    assert cells == [band] * 5
    assert len(page.select("#practice ~ ul > li.card")) == 5


def test_not_sure_everywhere_is_fine(world):
    browser = world.visit("digital")
    finish(browser, "not_sure")
    assert "Everybody starts somewhere" in browser.page.main.text
    assert "You were not sure" in browser.page.main.text
    assert levels(world) == {}


def levels(world, sub="7") -> dict[str, int]:
    launch, _secret = world.launch("digital", sub=sub)
    with world.services.database.read() as session:
        return current_levels(session, launch)


def test_other_rooms_read_levels_of_the_finished_check_only(world):
    browser = world.visit("digital")
    browser.get("/")
    browser.submit()
    browser.submit({"value": "own"})
    assert levels(world) == {}
    walk(browser)
    assert levels(world) == dict.fromkeys(
        ("information", "communication", "creation", "safety", "problems"), 6
    )
    assert levels(world, sub="8") == {}


def test_each_answer_is_a_row_at_once_and_another_device_goes_on(world):
    browser = world.visit("digital")
    browser.get("/")
    browser.submit()
    for number in range(1, 4):
        browser.submit({"value": "help"})
        found = rows(world, DigitalAnswer, DigitalAnswer.position)
        assert (len(found), found[-1].value) == (number, "help")
    phone = world.visit("digital")
    phone.get("/")
    phone.submit()
    assert phone.page.h1.string == browser.page.h1.string


def test_an_answer_may_be_changed_and_sent_twice(world):
    one, two = world.visit("digital"), world.visit("digital")
    one.get("/")
    one.submit()
    two.get("/digital/q/info-0")
    one.submit({"value": "own"})
    two.submit({"value": "own"})
    assert len(rows(world, DigitalAnswer)) == 1
    page = one.get("/digital/q/info-0")
    assert page.select_one("button[aria-pressed=true]")["value"] == "own"
    one.submit({"value": "not_yet"})
    assert [row.value for row in rows(world, DigitalAnswer)] == ["not_yet"]


@pytest.mark.parametrize("value", ["", "yes", "5", "own ", "' OR 1=1"])
def test_an_answer_that_is_not_offered_is_refused(world, value):
    browser = world.visit("digital")
    browser.get("/")
    browser.submit()
    page = browser.submit({"value": value}, status=404)
    assert "answer_unknown" in page.code.text
    assert rows(world, DigitalAnswer) == []


@pytest.mark.parametrize("question", ["nowhere", "safe-3b", "info-step-0", "status"])
def test_a_question_out_of_order_leads_to_the_open_one_and_takes_no_answer(world, question):
    browser = world.visit("digital")
    browser.get("/")
    page = browser.submit()
    first, token = page.h1.string, browser.token()
    assert browser.get(f"/digital/q/{question}").h1.string == first
    browser.post(f"/digital/q/{question}", {"value": "own", "csrf": token}, status=404)
    assert rows(world, DigitalAnswer) == []


def test_pages_before_the_start_lead_to_the_welcome(world):
    browser = world.visit("digital")
    for path in ("/digital/q/info-0", "/digital/result"):
        assert browser.get(path).h1.string == "My digital skills"


def test_the_check_is_most_and_one_thing_tried_is_all(world):
    browser = world.visit("digital", grading="progress")
    finish(browser)
    (progress,) = rows(world, Progress)
    assert progress.percent == 80
    browser.submit()
    (progress,) = rows(world, Progress)
    assert (progress.percent, progress.completed_at is not None) == (100, True)
    (row,) = rows(world, ScoreDelivery)
    assert (row.score, row.comment) == (100.0, "Finished: My digital skills")


def test_what_was_tried_makes_room_for_the_next_thing(world):
    browser = world.visit("digital")
    finish(browser, "not_yet")
    first = browser.page.select_one("#practice ~ ul > li p").string
    page = browser.submit()
    assert "Well done!" in page.main.text
    second = page.select_one("#practice ~ ul > li p").string
    assert first != second
    for _ in range(3):
        browser.submit()
    assert "You tried everything here" in browser.page.select_one("#practice ~ ul > li").text
    assert len(rows(world, DigitalPractice)) == 4


def test_each_thing_to_try_has_small_steps_and_the_band_beside_it(world):
    browser = world.visit("digital")
    finish(browser, "not_yet")
    for card in browser.page.select("#practice ~ ul > li.card"):
        assert 2 <= len(card.select("ol > li")) <= 5
        assert card.select_one(".tag").string == "Just starting"


def test_a_language_without_steps_has_the_short_text_alone(world, monkeypatch):
    monkeypatch.setattr(words, "practice", lambda: Practice({}, ()))
    browser = world.visit("digital", locale="sr_Latn")
    finish(browser, "not_yet")
    assert len(browser.page.select("#practice ~ ul > li.card")) == 5
    assert browser.page.select("ol") == []


def test_steps_in_serbian_come_in_the_script_of_the_page(world, monkeypatch):
    steps = {"sr": {"info-step-0": ("Отвори мапу.", "Тражи аутобус.")}}
    monkeypatch.setattr(words, "practice", lambda: Practice(steps, ()))
    for locale, first in (("sr_Latn", "Otvori mapu."), ("sr_Cyrl", "Отвори мапу.")):
        browser = world.visit("digital", locale=locale)
        browser.get("/digital/")
        if browser.page.select_one("form[action$=start]") and not browser.page.select("figure"):
            browser.submit()
            walk(browser, "not_yet")
        assert browser.page.select_one("ol > li").string == first


def test_saying_it_twice_keeps_one_row_and_only_what_was_offered_counts(world):
    one, two = world.visit("digital"), world.visit("digital")
    finish(one, "not_yet")
    two.get("/digital/result")
    one.submit()
    two.submit()
    assert len(rows(world, DigitalPractice)) == 1
    for step in ("info-step-3", "info-0", "", "<script>"):
        page = one.post("/digital/practice", {"step": step, "csrf": one.token()}, status=404)
        assert "answer_unknown" in page.code.text
        one.get("/digital/result")


def test_practice_before_the_check_is_refused(world):
    browser = world.visit("digital")
    browser.get("/")
    values = {"step": "info-step-0", "csrf": browser.token()}
    browser.post("/digital/practice", values, status=404)
    assert rows(world, DigitalPractice) == []


def test_lessons_of_the_area_are_offered(world):
    browser = world.visit("digital")
    finish(browser)
    links = [link["href"] for link in browser.page.select("li.card a")]
    assert any(link.endswith("/path/lesson/passwords") for link in links)


def test_a_second_check_shows_kindly_what_grew(world):
    browser = world.visit("digital")
    finish(browser, "not_yet")
    with travel(utcnow() + timedelta(days=30)):
        browser = world.visit("digital")
        browser.get("/digital/result")
        browser.submit(form=len(browser.page.select("main form")) - 1)
        walk(browser, "own")
        page = browser.page
        assert len(page.select("p.note.good")) == 5
        assert "More than last time: Finding information." in page.main.text
        assert "Last time" in page.thead.text
    assert [check.number for check in rows(world, DigitalCheck, DigitalCheck.number)] == [1, 2]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_its_words(world, code):
    browser = world.visit("digital", locale=code)
    browser.get("/")
    page = browser.submit()
    english = "I can find what I need on the internet and see if I can trust it."
    assert (page.h1.string == english) == (code == "en")
    if code == "sr_Latn":
        assert not any("Ѐ" <= letter <= "ӿ" for letter in page.h1.string)


def test_a_teacher_tries_it_without_a_grade(world):
    teacher = world.visit("digital", sub="1", role=Role.INSTRUCTOR)
    finish(teacher)
    assert rows(world, Progress) == []
    assert rows(world, ScoreDelivery) == []


def test_nobody_sees_the_answers_of_another(world):
    finish(world.visit("digital", sub="7"))
    other = world.visit("digital", sub="8")
    assert other.get("/digital/result").h1.string == "My digital skills"
