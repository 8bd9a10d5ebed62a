"""The interests module as a learner without JavaScript walks through it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from lti_tool.learner.interests.models import InterestAnswer, InterestAttempt
from lti_tool.learner.models import Progress
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.people.roles import Role

# Somebody who loves hands-on work and finding out, is indifferent to order, and dislikes the rest.
TASTE = {"R": "5", "I": "4", "C": "3", "S": "2", "E": "1", "A": "1"}


def current_item(browser) -> str:
    return browser.page.find("input", {"name": "item"})["value"]


def walk(browser, taste=TASTE) -> int:
    """Answer by taste until the result; returns the number of questions."""
    count = 0
    while browser.page.find("input", {"name": "item"}):
        browser.submit({"value": taste[current_item(browser)[0]]})
        count += 1
        assert count <= 24
    return count


def test_a_learner_walks_from_welcome_to_result(world):
    browser = world.visit("interests")
    page = browser.get("/")
    assert page.h1.string == "What do I like doing?"
    assert "Only you see your answers" in page.main.text
    browser.submit()
    count = walk(browser)
    assert 8 <= count <= 24
    page = browser.page
    assert page.h1.string == "What you like doing"
    named = [item.strong.string for item in page.main.ol.find_all("li")]
    assert named[:2] == ["Hands-on", "Finding out"]
    assert len(page.select("ol.list li.card")) == 10
    assert all("Why:" in card.text for card in page.select("ol.list li.card"))
    assert len(page.select("svg rect.bar")) == 6


def test_each_answer_is_its_own_row_before_the_next_question(world):
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    for number in range(1, 4):
        item = current_item(browser)
        browser.submit({"value": "4"})
        with world.services.database.read() as session:
            rows = session.scalars(select(InterestAnswer).order_by(InterestAnswer.position)).all()
        assert (len(rows), rows[-1].item, rows[-1].value) == (number, item, 4)


def test_another_device_goes_on_at_the_same_question(world):
    phone = world.visit("interests")
    phone.get("/")
    phone.submit()
    phone.submit({"value": "4"})
    item = current_item(phone)
    library = world.visit("interests")
    page = library.get("/")
    assert "Your answers are saved" in page.main.text
    library.submit()
    assert current_item(library) == item


def test_finishing_writes_one_outbox_row_in_the_same_transaction(world):
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    walk(browser)
    with world.services.database.read() as session:
        (row,) = session.scalars(select(ScoreDelivery)).all()
        (progress,) = session.scalars(select(Progress)).all()
        (attempt,) = session.scalars(select(InterestAttempt)).all()
    assert (row.score, row.state, row.activity_progress) == (100.0, "waiting", "Completed")
    assert (progress.percent, progress.completed_at) == (100, attempt.finished_at)


def test_progress_grading_sends_each_step(world):
    browser = world.visit("interests", grading="progress")
    browser.get("/")
    browser.submit()
    browser.submit({"value": "4"})
    with world.services.database.read() as session:
        (row,) = session.scalars(select(ScoreDelivery)).all()
        assert 0 < row.score < 100
        first = row.score_at
    browser.submit({"value": "4"})
    with world.services.database.read() as session:
        (row,) = session.scalars(select(ScoreDelivery)).all()
    assert row.seq == 2
    assert row.score_at > first


def test_not_sure_is_always_an_answer_and_all_of_them_end_kindly(world):
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    while browser.page.find("input", {"name": "item"}):
        browser.submit({"value": ""})
    assert "You answered 0 questions" in browser.page.main.text
    assert "We are not sure yet" in browser.page.main.text


def test_a_form_without_an_answer_is_not_taken_for_not_sure(world):
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    browser.submit(status=404)
    with world.services.database.read() as session:
        assert not session.scalars(select(InterestAnswer)).all()


def test_back_shows_the_given_answer_and_changing_it_leaves_one_row(world):
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    first = current_item(browser)
    browser.submit({"value": "5"})
    link = browser.page.find("a", string="Back to the question before")
    browser.get(link["href"])
    assert browser.page.select_one("button[aria-pressed=true]")["value"] == "5"
    browser.submit({"value": "1"})
    with world.services.database.read() as session:
        (row,) = session.scalars(select(InterestAnswer)).all()
    assert (row.item, row.value) == (first, 1)


def test_two_tabs_and_a_resent_answer_leave_one_row(world):
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    item, token = current_item(browser), browser.token()
    for _ in range(3):
        browser.post(f"/interests/q/{item}", {"csrf": token, "value": "3"}, status=200)
    with world.services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(InterestAnswer)) == 1


@pytest.mark.parametrize("value", ["0", "6", "x", "5 ", "-1", "😀"])
def test_a_value_that_is_not_offered_is_refused_and_nothing_is_lost(world, value):
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    browser.submit({"value": "4"})
    page = browser.submit({"value": value}, status=404)
    assert "answer_unknown" in page.code.text
    with world.services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(InterestAnswer)) == 1


@pytest.mark.parametrize("item", ["Z9", "R9", "..", "R1%00"])
def test_an_unknown_question_is_refused(world, item):
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    browser.post(f"/interests/q/{item}", {"csrf": browser.token(), "value": "3"}, status=404)


def test_a_question_out_of_order_leads_to_the_open_one(world):
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    item = current_item(browser)
    other = "C1" if item != "C1" else "C2"
    browser.get(f"/interests/q/{other}")
    assert current_item(browser) == item
    browser.post(f"/interests/q/{other}", {"csrf": browser.token(), "value": "3"}, status=404)


def test_result_before_the_end_leads_back(world):
    browser = world.visit("interests")
    page = browser.get("/interests/result")
    assert page.h1.string == "What do I like doing?"


def test_finished_elsewhere_counts_here_without_a_question(world):
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    walk(browser)
    world.links.pop("interests")
    second = world.visit("interests")
    page = second.get("/")
    assert page.h1.string == "What you like doing"
    with world.services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ScoreDelivery)) == 2


def test_answering_again_never_lowers_the_grade(world):
    browser = world.visit("interests", grading="progress")
    browser.get("/")
    browser.submit()
    walk(browser)
    browser.submit(form=1)
    browser.submit({"value": "1"})
    with world.services.database.read() as session:
        (row,) = session.scalars(select(ScoreDelivery)).all()
    assert row.score == 100.0


def test_the_learners_own_word_is_kept(world):
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    walk(browser)
    page = browser.submit({"fits": "partly"})
    assert page.select_one("button[aria-pressed=true]")["value"] == "partly"
    browser.submit({"fits": "maybe"}, status=404)


def test_a_teacher_who_looks_leaves_no_trace(world):
    browser = world.visit("interests", role=Role.INSTRUCTOR)
    browser.get("/interests/")
    browser.submit()
    walk(browser)
    with world.services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ScoreDelivery)) == 0
        assert session.scalar(select(func.count()).select_from(Progress)) == 0


def test_scripted_send_gets_the_next_address_as_json(world):
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    item = current_item(browser)
    answer = browser.client.post(
        f"{browser.home}/interests/q/{item}",
        data={"csrf": browser.token(), "value": "4"},
        headers={"Accept": "application/json"},
    )
    assert answer.json["next"].startswith(f"{browser.home}/interests/q/")


def test_the_learners_page_never_waits_for_moodle(world, monkeypatch):
    def no_network(*_args, **_options):
        raise AssertionError("a page called out")

    monkeypatch.setattr("config.http.door.HttpDoor.request", no_network)
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    walk(browser)
