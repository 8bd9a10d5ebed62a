"""The learning path as a learner without JavaScript walks it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from time_machine import travel

from adaptive.lessons import load_library
from config.clock import utcnow
from lti_tool.learner.models import Progress
from lti_tool.learner.path.models import LessonAnswer, LessonWalk, OpenCourse, SkillTry
from lti_tool.learner.path.operations import GOAL
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.people.roles import Role

LIBRARY = load_library()
ROWS = (LessonWalk, LessonAnswer, SkillTry, Progress, ScoreDelivery)


def rows(world, table) -> list:
    with world.services.database.read() as session:
        return list(session.scalars(select(table)))


def read_blocks(browser, lesson: str) -> None:
    """Open a lesson and read all of its blocks."""
    browser.get(f"/path/lesson/{lesson}/read/1")
    for _ in range(LIBRARY.lessons[lesson].blocks):
        browser.submit()


def good_answer(lesson: str, number: int) -> dict:
    exercise = LIBRARY.lessons[lesson].exercises[number - 1]
    texts = LIBRARY.lesson_texts(lesson, "en").exercises[number - 1]
    if exercise.type == "words":
        return {"answer": texts.accept[0] if texts.accept else "My own words"}
    if exercise.type == "order":
        return {"order": exercise.options}
    return {"answer": list(exercise.right) if exercise.type == "several" else exercise.right[0]}


def answer_all(browser, lesson: str) -> None:
    """Answer all exercises of a lesson well, reading each reply."""
    for number in range(1, len(LIBRARY.lessons[lesson].exercises) + 1):
        browser.get(f"/path/lesson/{lesson}/exercise/{number}")
        browser.submit(good_answer(lesson, number))


def finish(browser, lesson: str) -> None:
    read_blocks(browser, lesson)
    answer_all(browser, lesson)


def test_the_first_page_offers_a_lesson_with_a_reason_and_all_others_to_choose(world):
    page = world.visit("path").get("/")
    assert page.h1.string == "My learning path"
    card = page.select_one("main .card")
    assert "good place to start" in card.text
    assert "neither too easy nor too hard" in card.text
    assert len(page.select("details li a")) == 30
    assert "Your teacher sees how far you are" in page.main.text
    assert all(rows(world, table) == [] for table in ROWS)


def test_the_offer_stays_the_same_until_something_was_learned(world):
    first = [card.text for card in world.visit("path").get("/").select("main .card")]
    again = [card.text for card in world.visit("path").get("/").select("main .card")]
    assert first == again


@pytest.mark.parametrize("lesson", list(LIBRARY.lessons))
def test_every_lesson_is_walked_from_its_first_block_to_its_end(world, lesson):
    browser = world.visit("path")
    page = browser.get(f"/path/lesson/{lesson}")
    texts = LIBRARY.lesson_texts(lesson, "en")
    assert page.h1.string == texts.title
    assert texts.why in page.main.text
    finish(browser, lesson)
    following = browser.page.select_one("main a.button")
    page = browser.get(following["href"])
    assert page.h1.string == "Lesson finished"
    assert texts.tip in page.main.text
    assert "1 of 6 lessons" in page.main.text
    assert all(row.share in {1.0, None} for row in rows(world, LessonAnswer))


def test_a_learner_goes_on_where_they_stopped_on_another_device(world):
    browser = world.visit("path")
    browser.get("/path/lesson/email/read/1")
    browser.submit()
    phone = world.visit("path")
    page = phone.get("/")
    assert "Go on where you stopped" in page.main.text
    page = phone.get("/path/lesson/email")
    assert page.h1.string == LIBRARY.lesson_texts("email", "en").blocks[1].heading
    phone.submit()
    phone.submit()
    phone.submit(good_answer("email", 1))
    page = browser.get("/path/lesson/email")
    assert page.h1.string == LIBRARY.lesson_texts("email", "en").exercises[1].ask


def test_a_reply_is_kind_and_the_answer_may_be_changed(world):
    browser = world.visit("path")
    read_blocks(browser, "passwords")
    page = browser.submit({"answer": "a"})
    texts = LIBRARY.lesson_texts("passwords", "en").exercises[0]
    assert texts.replies["a"] in page.select_one(".note").text
    assert "good" not in page.select_one(".note")["class"]
    page = browser.get("/path/lesson/passwords/exercise/1?again=1")
    assert page.find("button", {"aria-pressed": "true"})["value"] == "a"
    page = browser.submit({"answer": "c"})
    assert "good" in page.select_one(".note")["class"]
    (row,) = rows(world, LessonAnswer)
    assert (row.answer, row.share, row.tries) == ("c", 1.0, 2)
    (shown,) = rows(world, SkillTry)
    assert (shown.good, shown.skill, shown.answer) == (False, "passwords", "a")


def test_not_sure_is_an_answer_and_shows_what_we_would_say(world):
    browser = world.visit("path")
    read_blocks(browser, "passwords")
    page = browser.submit({"unsure": "1"})
    assert "That is fine" in page.main.text
    assert len(page.select("main li.card")) == 3
    for number in (2, 3, 4):
        browser.get(f"/path/lesson/passwords/exercise/{number}")
        browser.submit({"unsure": "1"})
    assert browser.get("/path/lesson/passwords").h1.string == "Lesson finished"
    assert [row.good for row in rows(world, SkillTry)] == [False, False, False]


def test_lines_are_moved_by_buttons_and_the_order_is_kept(world):
    browser = world.visit("path")
    read_blocks(browser, "phone")
    for number in (1, 2):
        browser.get(f"/path/lesson/phone/exercise/{number}")
        browser.submit(good_answer("phone", number))
    page = browser.get("/path/lesson/phone/exercise/3")
    assert page.find("input", {"name": "order"})["value"] == "cadb"
    page = browser.submit({"move": "a up"})
    assert page.find("input", {"name": "order"})["value"] == "acdb"
    page = browser.submit({"move": "b up"})
    assert page.find("input", {"name": "order"})["value"] == "acbd"
    page = browser.submit({"move": "c down"})
    assert page.find("input", {"name": "order"})["value"] == "abcd"
    assert not page.find("button", {"value": "a up"})
    assert len(rows(world, LessonAnswer)) == 2
    page = browser.submit()
    texts = LIBRARY.lesson_texts("phone", "en").exercises[2]
    assert texts.good in page.main.text


def test_an_order_half_right_is_shown_beside_ours(world):
    browser = world.visit("path")
    read_blocks(browser, "phone")
    for number in (1, 2):
        browser.get(f"/path/lesson/phone/exercise/{number}")
        browser.submit(good_answer("phone", number))
    browser.get("/path/lesson/phone/exercise/3")
    page = browser.submit()
    assert "Our order" in page.main.text
    row = rows(world, LessonAnswer)[-1]
    assert (row.answer, row.share) == ("cadb", 0.5)


def test_written_words_are_kept_and_the_learner_says_how_it_went(world):
    browser = world.visit("path")
    read_blocks(browser, "passwords")
    for number in (1, 2, 3):
        browser.get(f"/path/lesson/passwords/exercise/{number}")
        browser.submit(good_answer("passwords", number))
    browser.get("/path/lesson/passwords/exercise/4")
    page = browser.submit({"answer": "My e-mail 🙂 <script>alert(1)</script>"})
    assert "My e-mail 🙂 <script>alert(1)</script>" in page.main.text
    assert "Are you happy with your answer?" in page.main.text
    page = browser.submit({"said": "partly"})
    assert page.find("button", {"aria-pressed": "true"})["value"] == "partly"
    row = next(row for row in rows(world, LessonAnswer) if row.exercise == 4)
    assert (row.share, row.said) == (None, "partly")
    assert len(rows(world, SkillTry)) == 3


def test_an_accepted_short_answer_counts_and_another_may_be_meant_the_same(world):
    browser = world.visit("path")
    read_blocks(browser, "payslip")
    browser.submit(good_answer("payslip", 1))
    browser.get("/path/lesson/payslip/exercise/2")
    page = browser.submit({"answer": "six times ten"})
    assert "Did you mean the same?" in page.main.text
    page = browser.submit({"said": "yes"})
    assert "good" in page.select_one(".note")["class"]
    page = browser.get("/path/lesson/payslip/exercise/2?again=1")
    assert page.textarea.string == "six times ten"
    page = browser.submit({"answer": "It is SIXTY."})
    assert not page.select("#said")
    row = next(row for row in rows(world, LessonAnswer) if row.exercise == 2)
    assert (row.share, row.said, row.tries) == (1.0, None, 2)


def test_nothing_ticked_or_written_is_asked_again_kindly(world):
    browser = world.visit("path")
    read_blocks(browser, "passwords")
    browser.submit(good_answer("passwords", 1))
    browser.get("/path/lesson/passwords/exercise/2")
    page = browser.submit()
    assert "Choose at least one" in page.find(role="alert").text
    assert len(rows(world, LessonAnswer)) == 1


def test_the_same_answer_twice_and_two_tabs_leave_one_row(world):
    one, two = world.visit("path"), world.visit("path")
    read_blocks(one, "passwords")
    two.get("/path/lesson/passwords/exercise/1")
    one.submit({"answer": "c"})
    two.submit({"answer": "c"})
    (row,) = rows(world, LessonAnswer)
    assert row.tries == 1
    two.get("/path/lesson/passwords/exercise/1?again=1")
    two.submit({"answer": "a"})
    (row,) = rows(world, LessonAnswer)
    assert (row.answer, row.tries) == ("a", 2)
    assert len(rows(world, SkillTry)) == 1


BAD = [
    ("exercise/1", {"answer": "z"}),
    ("exercise/1", {"answer": "ab"}),
    ("exercise/1", {"answer": "' OR 1=1"}),
    ("exercise/1", {"order": "abc", "move": "a up"}),
    ("exercise/9", {"answer": "a"}),
    ("exercise/2", {"answer": ["a", "q"]}),
    ("exercise/1/said", {"said": "yes"}),
    ("exercise/4/said", {"said": "yes"}),
    ("exercise/4/said", {"said": "very"}),
    ("read/9", {}),
    ("read/0", {}),
]


@pytest.mark.parametrize(("where", "values"), BAD)
def test_what_was_not_offered_is_refused_and_nothing_is_kept(world, where, values):
    browser = world.visit("path")
    read_blocks(browser, "passwords")
    token = browser.token()
    before = len(rows(world, LessonAnswer))
    page = browser.post(f"/path/lesson/passwords/{where}", values | {"csrf": token}, status=404)
    assert "step_not_open" in page.code.text
    assert len(rows(world, LessonAnswer)) == before


@pytest.mark.parametrize(
    "values",
    [
        {"move": "a up", "order": "abc"},
        {"move": "a up", "order": "aaaa"},
        {"move": "z up", "order": "abcd"},
        {"move": "a left", "order": "abcd"},
        {"move": "", "order": "abcd"},
        {"order": "abca"},
        {"order": "é"},
    ],
)
def test_a_tampered_order_is_refused(world, values):
    browser = world.visit("path")
    read_blocks(browser, "phone")
    token = browser.token()
    browser.post("/path/lesson/phone/exercise/3", values | {"csrf": token}, status=404)
    page = browser.get("/path/lesson/phone/exercise/1?order=zzz")
    assert page.h1


def test_too_long_a_text_is_refused_with_the_mend(world):
    browser = world.visit("path")
    read_blocks(browser, "passwords")
    values = {"answer": "x" * 401, "csrf": browser.token()}
    page = browser.post("/path/lesson/passwords/exercise/4", values, status=400)
    assert "at most 400 letters" in page.main.text


def test_steps_out_of_order_lead_to_the_open_one(world):
    browser = world.visit("path")
    title = LIBRARY.lesson_texts("email", "en").title
    for step in ("read/3", "exercise/1", "exercise/4", "done"):
        assert browser.get(f"/path/lesson/email/{step}").h1.string == title
    token = browser.token()
    browser.post("/path/lesson/email/read/3", {"csrf": token}, status=404)
    browser.post("/path/lesson/email/exercise/1", {"answer": "a", "csrf": token}, status=404)
    assert rows(world, LessonAnswer) == []


def test_an_unknown_lesson_is_refused(world):
    page = world.visit("path").get("/path/lesson/nowhere", status=404)
    assert "lesson_unknown" in page.code.text


def test_a_lesson_read_again_after_its_end_loses_nothing(world):
    browser = world.visit("path")
    finish(browser, "email")
    browser.get("/path/lesson/email/read/1")
    browser.submit()
    assert browser.get("/path/lesson/email").h1.string == "Lesson finished"
    browser.get("/path/lesson/email/exercise/1?again=1")
    browser.submit({"answer": "b"})
    (walk,) = rows(world, LessonWalk)
    assert (walk.block, walk.finished_at is not None) == (3, True)


def test_the_grade_follows_finished_lessons_and_is_never_lowered(world):
    browser = world.visit("path", grading="progress")
    chosen = list(LIBRARY.lessons)[: GOAL + 1]
    for number, lesson in enumerate(chosen, start=1):
        finish(browser, lesson)
        (row,) = rows(world, ScoreDelivery)
        assert row.score == min(100, round(100 * number / GOAL))
    (progress,) = rows(world, Progress)
    assert (progress.percent, progress.module) == (100, "path")
    page = browser.get("/")
    assert "You have reached your goal" in page.main.text
    assert "7 lessons finished" in page.main.text


def test_with_grading_by_completion_the_grade_comes_at_the_goal(world):
    browser = world.visit("path")
    for lesson in list(LIBRARY.lessons)[: GOAL - 1]:
        finish(browser, lesson)
    assert rows(world, ScoreDelivery) == []
    finish(browser, list(LIBRARY.lessons)[GOAL - 1])
    (row,) = rows(world, ScoreDelivery)
    assert row.score == 100.0


def test_what_was_finished_elsewhere_is_graded_on_the_first_visit_here(world):
    browser = world.visit("interests")
    for lesson in list(LIBRARY.lessons)[:GOAL]:
        finish(browser, lesson)
    assert rows(world, ScoreDelivery) == []
    world.visit("path").get("/")
    assert len(rows(world, ScoreDelivery)) == 1


def test_staff_try_everything_and_leave_no_trace(world):
    teacher = world.visit("path", sub="1", role=Role.INSTRUCTOR)
    teacher.get("/path/")
    teacher.get("/path/lesson/passwords/exercise/4")
    page = teacher.submit({"answer": "A teacher's words"})
    assert "A teacher's words" in page.main.text
    page = teacher.submit({"said": "yes"})
    assert page.find("button", {"aria-pressed": "true"})["value"] == "yes"
    teacher.get("/path/lesson/phone/exercise/3")
    teacher.submit({"move": "a up"})
    page = teacher.submit()
    assert "Our order" in page.main.text
    read_blocks(teacher, "email")
    assert teacher.get("/path/lesson/email/done").h1.string == "Lesson finished"
    assert teacher.get("/path/look-back").h1.string == "My learning path"
    assert all(rows(world, table) == [] for table in ROWS)


def test_nobody_sees_the_answers_of_another_learner(world):
    browser = world.visit("path", sub="7")
    read_blocks(browser, "passwords")
    browser.submit({"answer": "c"})
    other = world.visit("path", sub="8")
    assert other.get("/path/lesson/passwords/exercise/1").h1.string == (
        LIBRARY.lesson_texts("passwords", "en").title
    )
    teacher = world.visit("path", sub="1", role=Role.INSTRUCTOR)
    page = teacher.get("/path/lesson/passwords/exercise/1")
    assert not page.find("button", {"aria-pressed": "true"})


def test_after_some_days_one_question_is_asked_again_once_a_day(world):
    browser = world.visit("path")
    finish(browser, "email")
    finish(browser, "passwords")
    assert "A short look back" not in browser.get("/path/").main.text
    now = utcnow()
    with travel(now + timedelta(days=4), tick=True):
        browser = world.visit("path")
        page = browser.get("/path/")
        assert "A short look back" in page.main.text
        page = browser.get("/path/look-back")
        assert "A short look back" in page.main.text
        form = page.select_one("main form")
        token = browser.token()
        if form.find("input", {"name": "order"}):
            browser.submit()
        else:
            page = browser.post("/path/look-back", {"answer": "z", "csrf": token}, status=404)
            browser.get("/path/look-back")
            kind = "input" if form.find("input", {"name": "answer"}) else "button"
            value = form.find(kind, {"name": "answer"})["value"]
            browser.submit({"answer": value})
        assert browser.page.select("main .note")
        assert "A short look back" not in browser.get("/path/").main.text
        browser.post("/path/look-back", {"answer": "a", "csrf": token}, status=200)
        looked = [row for row in rows(world, SkillTry) if row.asked_on]
        assert len(looked) == 1
    with travel(now + timedelta(days=5), tick=True):
        assert "A short look back" in world.visit("path").get("/path/").main.text


def test_a_chosen_lesson_and_an_offered_one_are_told_apart(world):
    browser = world.visit("path")
    page = browser.get("/")
    offered = page.select_one("main .card a")["href"].rsplit("/", 1)[1]
    other = page.select("main .card a")[1]["href"].rsplit("/", 1)[1]
    browser.get(f"/path/lesson/{offered}/read/1")
    browser.submit()
    browser.get(f"/path/lesson/{other}/read/1")
    browser.submit()
    found = {row.lesson: row for row in rows(world, LessonWalk)}
    assert found[offered].chosen_by == "policy"
    assert 0 < found[offered].propensity <= 1
    assert (found[other].chosen_by, found[other].propensity) == ("learner", None)


def test_a_lesson_without_a_translation_says_so_and_marks_its_language(world, monkeypatch):
    monkeypatch.setattr(
        "adaptive.lessons.library.Library._path",
        lambda library, pack, name, _locale: library.folder / pack / f"{name}.none.toml",
    )
    monkeypatch.setattr(
        "lti_tool.learner.path.standing.library", lambda: load_library.__wrapped__(LIBRARY.folder)
    )
    browser = world.visit("path", locale="hu")
    monkeypatch.setattr(
        "lti_tool.learner.path.routes.library", lambda: load_library.__wrapped__(LIBRARY.folder)
    )
    page = browser.get("/path/lesson/email/read/1")
    assert page.h1.find_parent(lang="en")
    assert page.html["lang"] == "hu"


def test_all_lessons_finished_is_said(world):
    browser = world.visit("path")
    now = utcnow()
    user_id = world.user("7")
    with world.services.database.write() as session:
        for lesson in LIBRARY.lessons:
            session.add(
                LessonWalk(
                    tenant_id=world.tenant_id,
                    user_id=user_id,
                    lesson=lesson,
                    block=3,
                    chosen_by="learner",
                    model_version="1",
                    started_at=now,
                    finished_at=now,
                )
            )
        session.add(
            LessonWalk(
                tenant_id=world.tenant_id,
                user_id=user_id,
                lesson="gone-lesson",
                block=1,
                chosen_by="learner",
                model_version="1",
                started_at=now,
            )
        )
    page = browser.get("/")
    assert "You have finished all lessons" in page.main.text
    with world.services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(OpenCourse)) == 0
