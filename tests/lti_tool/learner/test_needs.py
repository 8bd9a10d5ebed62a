"""The module "Where am I now?" as a learner without JavaScript uses it, and who may see answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from adaptive.lessons import NEEDS
from adaptive.situation import load_questions
from config.clock import utcnow
from lti_tool.learner.needs.models import NeedsAnswer, NeedsShare
from lti_tool.learner.needs.operations import AUDIENCES, UnknownQuestion, share, stop_sharing
from lti_tool.learner.needs.words import MEANINGS
from lti_tool.learner.path.hints import hints_for
from lti_tool.learner.shared import shared_with
from lti_tool.learner.situation import HOPES, current_situation
from lti_tool.lti.models import AccountLink
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.people.roles import Role
from lti_tool.staff.teacher.sharing import shared_in_course

QUESTIONS = load_questions()


def stored(world, table):
    with world.services.database.read() as session:
        return list(session.scalars(select(table)))


def answer(browser, question: str, value: str = "", **more: str):
    browser.get(f"/needs/q/{question}")
    return browser.submit({"option": value} | more)


def finish(browser):
    """Answer everything with "Not sure" but two things."""
    for question in QUESTIONS.all:
        page = answer(browser, question, {"transport": "hard", "hopes": "job"}.get(question, ""))
    return page


def shown(world, audience, sub="7"):
    user_id = world.user(sub)
    with world.app.test_request_context(), world.services.database.read() as session:
        return shared_with(session, world.tenant_id, user_id, audience)


def test_a_learner_walks_from_the_welcome_to_what_it_means(world):
    browser = world.visit("needs", grading="progress")
    page = browser.get("/needs/")
    assert f"There are {len(QUESTIONS.all)} short questions." in page.main.text
    first = next(iter(QUESTIONS.all))
    assert page.select_one("a.button")["href"].endswith(f"/q/{first}")
    page = finish(browser)
    assert page.h1.text == "What this means for your next steps"
    assert "You hope for a job." in page.main.text
    assert "It is hard for you to get around." in page.main.text
    assert "Money is a worry" not in page.main.text
    (row,) = stored(world, ScoreDelivery)
    assert (row.score, row.comment) == (100.0, "Finished: Where am I now?")
    assert browser.get("/needs/").h1.text == page.h1.text


def test_each_answer_is_kept_at_once_and_the_walk_goes_on_there(world):
    browser = world.visit("needs", grading="progress")
    answer(browser, "hopes", "training")
    page = answer(browser, "time", "hardly")
    assert page.h1.text == QUESTIONS.words("care", "en").ask
    assert {(row.question, row.answer) for row in stored(world, NeedsAnswer)} == {
        ("hopes", "training"),
        ("time", "hardly"),
    }
    again = world.visit("needs", grading="progress").get("/needs/")
    assert "Your answers are saved." in again.main.text
    assert again.select_one("a.button")["href"].endswith("/q/care")
    assert stored(world, ScoreDelivery)[0].score == 100 * 2 // len(QUESTIONS.all)


@pytest.mark.parametrize("question", list(QUESTIONS.all))
def test_every_question_can_be_left_open(world, question):
    browser = world.visit("needs")
    page = browser.get(f"/needs/q/{question}")
    kind = QUESTIONS.all[question].kind
    assert page.find("button", string="Leave it empty" if kind == "text" else None)
    if kind != "text":
        assert any(button.text == "Not sure" for button in page.select("main button"))
    browser.submit({"unsure": "1", "text": "typed", "option": ""})
    assert [row.answer for row in stored(world, NeedsAnswer)] == [""]


def test_several_answers_are_kept_in_one_order_and_none_gives_way(world):
    browser = world.visit("needs")
    browser.get("/needs/q/hurdles")
    browser.client.post(
        f"{browser.home}/needs/q/hurdles",
        data={"csrf": browser.page.select_one("main [name=csrf]")["value"],
              "option": ["none", "language", "alone"]},
    )  # fmt: skip
    assert [row.answer for row in stored(world, NeedsAnswer)] == ["alone language"]
    page = browser.get("/needs/q/hurdles")
    assert [box["value"] for box in page.select("input[checked]")] == ["alone", "language"]


def test_an_answer_is_changed_from_the_list_and_back_to_it(world):
    browser = world.visit("needs")
    answer(browser, "transport", "hard")
    browser.get("/needs/q/transport?back=answers")
    page = browser.submit({"option": "easy"})
    assert page.h1.text == "My answers"
    assert "I can go when I want" in page.select_one("#transport").text
    assert "Only you see this." in page.select_one("#transport").text
    assert [row.answer for row in stored(world, NeedsAnswer)] == ["easy"]


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/needs/q/transport", {"option": "by_broom"}),
        ("/needs/q/transport", {"option": "<script>"}),
        ("/needs/share/transport", {"with": "everybody"}),
    ],
)
def test_what_is_not_offered_is_refused(world, path, values):
    browser = world.visit("needs")
    answer(browser, "transport", "hard")
    browser.get(path)
    page = browser.submit(values, status=404)
    assert "We do not know this question or answer" in page.h1.text
    assert [row.answer for row in stored(world, NeedsAnswer)] == ["hard"]
    assert stored(world, NeedsShare) == []


def test_an_unknown_question_is_refused(world):
    browser = world.visit("needs")
    for path in ("/needs/q/shoe_size", "/needs/share/shoe_size"):
        assert "We do not know" in browser.get(path, status=404).h1.text
    launch, _secret = world.launch("needs")
    with world.services.database.write() as session, pytest.raises(UnknownQuestion):
        share(session, launch, "transport", ["mentor"], utcnow())


def test_a_text_too_long_comes_back_whole(world):
    browser = world.visit("needs")
    browser.get("/needs/q/more")
    typed = "ž" * 401
    page = browser.submit({"text": typed}, status=400)
    assert page.textarea.text.strip() == typed
    assert "at most 400 letters" in page.main.text
    assert stored(world, NeedsAnswer) == []
    browser.submit({"text": f"  <b>{'ž' * 390}  "})
    assert stored(world, NeedsAnswer)[0].answer == f"<b>{'ž' * 390}"
    page = browser.get("/needs/answers")
    assert "<b>ž" in page.select_one("#more").text


def test_nobody_sees_an_answer_before_the_learner_says_so(world):
    browser = world.visit("needs")
    finish(browser)
    assert [shown(world, audience) for audience in AUDIENCES] == [[], [], []]


def test_one_answer_is_shared_with_one_audience_and_taken_back(world):
    browser = world.visit("needs")
    finish(browser)
    browser.get("/needs/share/transport")
    page = browser.submit({"with": "mentor"})
    assert "My mentor" in page.select_one("#transport").text
    asked = ("How do you get to the next town?", "It is hard to get there")
    assert shown(world, "mentor") == [asked]
    assert shown(world, "teacher") == shown(world, "coordinator") == []
    answer(browser, "transport", "some_days")
    assert shown(world, "mentor")[0][1] == "Only on some days or at some hours"
    browser.get("/needs/share/transport")
    browser.submit()
    assert shown(world, "mentor") == []
    assert stored(world, NeedsShare) == []


def test_everything_is_taken_back_at_once(world):
    browser = world.visit("needs")
    finish(browser)
    for question, audience in (("transport", "mentor"), ("hopes", "teacher")):
        browser.get(f"/needs/share/{question}")
        browser.submit({"with": audience})
    assert shown(world, "teacher") == [("What do you hope for?", "A job")]
    page = browser.get("/needs/answers")
    assert page.find("button", string="Stop sharing everything")
    browser.submit()
    assert [shown(world, audience) for audience in AUDIENCES] == [[], [], []]


def test_another_person_has_own_answers_and_own_shares(world):
    first = world.visit("needs", sub="7")
    answer(first, "transport", "hard")
    first.get("/needs/share/transport")
    first.submit({"with": "teacher"})
    other = world.visit("needs", sub="8")
    assert "Good to see you again" not in other.get("/needs/").main.text
    launch, _secret = world.launch("needs", sub="8")
    with world.services.database.write() as session:
        stop_sharing(session, launch)
    assert shown(world, "teacher", "8") == []
    assert len(shown(world, "teacher", "7")) == 1
    user_id = world.user("7")
    with world.app.test_request_context(), world.services.database.read() as session:
        assert shared_with(session, "another", user_id, "teacher") == []


def test_a_joined_account_goes_on_with_the_newest_answer_and_can_take_it_back(world):
    users = [world.user(sub) for sub in ("7", "8")]
    with world.services.database.write() as session:
        session.add_all(
            AccountLink(
                tenant_id=world.tenant_id,
                user_id=user,
                person_id="1" * 32,
                consented_at=utcnow(),
            )
            for user in users
        )
    first, second = world.visit("needs", sub="7"), world.visit("needs", sub="8")
    answer(first, "transport", "hard")
    first.get("/needs/share/transport")
    first.submit({"with": "mentor"})
    answer(second, "transport", "some_days")
    assert shown(world, "mentor", "7") == shown(world, "mentor", "8")
    assert shown(world, "mentor", "7")[0][1] == "Only on some days or at some hours"
    second.get("/needs/answers")
    second.submit()
    assert shown(world, "mentor", "7") == []


def test_the_path_hears_of_hurdles_and_hopes(world):
    launch, _secret = world.launch("needs")
    browser = world.visit("needs")
    with world.services.database.read() as session:
        assert current_situation(session, launch) is None
    for question, value in {"hopes": "job", "sure_start": "bit", "device": "shared"}.items():
        answer(browser, question, value)
    with world.services.database.read() as session:
        here = current_situation(session, launch)
        assert (here.barriers, here.hopes, here.finished) == ({"device"}, {"job"}, False)
    answer(browser, "sure_ask", "not")
    with world.services.database.read() as session:
        assert hints_for(session, launch).needs == {"device", "job", "confidence"}


def test_every_need_is_told_to_the_learner():
    assert set(MEANINGS) == NEEDS
    assert HOPES < NEEDS


def test_teachers_see_only_what_was_shown_to_them(world):
    learner = world.visit("needs", sub="7")
    finish(learner)
    for question, audience in (("transport", "teacher"), ("hopes", "coordinator")):
        learner.get(f"/needs/share/{question}")
        learner.submit({"with": audience})
    world.visit("needs", sub="8")
    teacher = world.visit("needs", sub="1", role=Role.INSTRUCTOR)
    page = teacher.get("/teacher/shared")
    assert [card.h2.text for card in page.select(".card")] == ["Learner number 7"]
    assert "It is hard to get there" in page.main.text
    assert "A job" not in page.main.text
    coordinator = world.visit("needs", sub="2", role=Role.COORDINATOR)
    page = coordinator.get("/teacher/shared")
    assert "A job" in page.main.text
    assert "It is hard to get there" not in page.main.text
    learner.get("/needs/answers")
    learner.submit()
    assert "Nobody shows you anything" in teacher.get("/teacher/shared").main.text


def test_teachers_of_another_course_and_learners_see_nothing(world):
    learner = world.visit("needs", sub="7")
    answer(learner, "transport", "hard")
    learner.get("/needs/share/transport")
    learner.submit({"with": "teacher"})
    learner.get("/teacher/shared", status=403)
    launch, _secret = world.launch("needs", sub="1", role=Role.INSTRUCTOR)
    with world.app.test_request_context(), world.services.database.read() as session:
        assert len(shared_in_course(session, launch)) == 1
        assert shared_in_course(session, replace(launch, context_id="other")) == []
        assert shared_in_course(session, replace(launch, context_id=None)) == []


def test_staff_who_look_leave_no_grade(world):
    browser = world.visit("needs", sub="1", role=Role.INSTRUCTOR, grading="progress")
    answer(browser, "time", "some")
    assert stored(world, ScoreDelivery) == []
