"""The module "My plan" as a learner without JavaScript uses it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from config.clock import utcnow
from lti_tool.learner.plan.days import NotADay, chosen_day, later_days, quick_days, read_day
from lti_tool.learner.plan.models import PlanGoal, PlanStep
from lti_tool.learner.plan.operations import MOST_STEPS, sweep
from lti_tool.outbox.models import ScoreDelivery

WEDNESDAY = date(2027, 3, 3)


@pytest.fixture(autouse=True)
def on_a_wednesday():
    """Weeks and days of these tests are counted from one Wednesday."""
    with time_machine.travel("2027-03-03T09:00:00Z", tick=True):
        yield


def stored(world, table):
    with world.services.database.read() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def scores(world) -> list[float]:
    return [row.score for row in stored(world, ScoreDelivery)]


def with_goal(browser, title: str = "Find a job") -> str:
    """Add a goal in own words; returns its id."""
    browser.get("/plan/goal/new")
    page = browser.submit({"title": title})
    assert page.h1.text == "One small step"
    return page.form["action"].split("/")[-2]


def with_step(browser, goal_id: str, words: str = "Ask the baker", **values: str) -> str:
    """Add a step; returns its id."""
    browser.get(f"/plan/goal/{goal_id}/step")
    page = browser.submit({"words": words, "when": "this_week"} | values)
    (found,) = [card for card in page.select("li.card") if words in card.text]
    return found["id"].removeprefix("step-")


def test_without_a_goal_the_page_says_how_to_begin(world):
    page = world.visit("plan").get("/plan/")
    assert page.find("a", string="Choose a goal")
    assert not page.select("li.card")


def test_a_goal_a_day_and_a_tick_are_forty_seventy_and_all(world):
    browser = world.visit("plan", grading="progress")
    goal = with_goal(browser)
    assert scores(world)[-1] == 40.0
    step = with_step(browser, goal)
    assert scores(world)[-1] == 70.0
    browser.get("/plan/")
    page = browser.submit({"step": step})
    assert "Done: “Ask the baker”" in page.find(role="status").text
    assert scores(world)[-1] == 100.0
    page = browser.submit({"open": step}, form=1)
    assert "By Sun" in page.select_one(f"#step-{step}").text
    assert scores(world)[-1] == 100.0
    (row,) = [row for row in stored(world, ScoreDelivery) if row.score == 100.0]
    assert row.comment == "Finished: My plan"


def test_a_step_without_a_day_is_no_progress(world):
    browser = world.visit("plan", grading="progress")
    with_step(browser, with_goal(browser), when="none")
    assert scores(world)[-1] == 40.0


def test_what_was_planned_in_another_activity_counts_once_the_module_is_placed(world):
    browser = world.visit("interests")
    with_step(browser, with_goal(browser))
    assert scores(world) == []
    world.visit("plan", grading="progress").get("/plan/")
    assert scores(world) == [70.0]


def test_a_suggestion_becomes_a_goal_with_fitting_first_steps(world):
    browser = world.visit("plan")
    browser.get("/plan/goal/new")
    page = browser.submit({"take": "cv"}, form=1)
    assert "Have a good CV" in page.main.text
    ideas = [box["value"] for box in page.select("input[name=idea]")]
    assert "Write the first half of my CV" in ideas
    page = browser.submit({"idea": ideas[0], "words": " ", "when": "next_week"})
    assert ideas[0] in page.select_one("li.card").text
    assert "By Sun, Mar 14 2027" in page.select_one("li.card").text
    page = browser.get("/plan/goal/new")
    assert page.find("button", {"value": "cv"}) is None


def test_what_a_learner_keeps_and_says_elsewhere_comes_first(world):
    browser = world.visit("careers")
    browser.get("/careers/job/8322")
    browser.submit()
    browser.get("/needs/q/transport")
    browser.submit({"option": "hard"})
    page = browser.get("/plan/goal/new")
    first, second = page.select("button[name=take]")[:2]
    assert first["value"] == "job:8322"
    assert "You keep this job." in first.text
    assert second["value"] == "transport"
    assert "It is hard for you to get around." in second.text
    page = browser.submit({"take": "transport"}, form=1)
    assert page.find("input", {"name": "idea", "value": "Look up the buses and trains"})


def test_three_goals_are_enough_and_typed_words_stay(world):
    browser = world.visit("plan")
    for title in ("One", "Two", "Three"):
        with_goal(browser, title)
    page = browser.get("/plan/")
    assert not page.find("a", string="Choose another goal")
    browser.get("/plan/goal/new")
    page = browser.submit({"title": "Four"}, status=400)
    assert page.find("input", {"name": "title"})["value"] == "Four"
    assert "Reach one or delete one first" in page.main.text
    assert len(stored(world, PlanGoal)) == 3


@pytest.mark.parametrize(
    ("title", "says"),
    [("", "Write a few words"), ("x" * 121, "up to 120"), ("\x00", "Write a")],
)
def test_a_goal_without_words_or_too_long_is_asked_for_again(world, title, says):
    browser = world.visit("plan")
    browser.get("/plan/goal/new")
    page = browser.submit({"title": title}, status=400)
    assert says in page.select_one("#title-problem").text
    assert page.find("input", {"name": "title"})["value"] == title.replace("\x00", "\ufffd")
    assert stored(world, PlanGoal) == []


def test_a_form_sent_twice_makes_one_goal_and_one_step(world):
    browser = world.visit("plan")
    goal = with_goal(browser)
    assert with_goal(browser) == goal
    step = with_step(browser, goal)
    assert with_step(browser, goal, when="none") == step
    (row,) = stored(world, PlanStep)
    assert row.due is None
    browser.get("/plan/goal/new")
    browser.submit({"take": "cv"}, form=1)
    browser.post("/plan/goals", {"csrf": browser.token(), "take": "cv"}, status=200)
    assert len(stored(world, PlanGoal)) == 2


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ({"words": ""}, "words", "Write a few words"),
        ({"words": "y" * 201}, "words", "up to 200"),
        ({"day": "2027-02-01"}, "day", "This day is over"),
        ({"day": "soon"}, "day", "could not read this day"),
        ({"day": "31.2.2027"}, "day", "could not read this day"),
        ({"day": "2099-01-01"}, "day", "very far away"),
        ({"when": "day", "day": ""}, "day", "Choose a day"),
        ({"helper_words": "z" * 81}, "helper_words", "up to 80"),
        ({"helper": "boss"}, "helper_words", "Choose from the list"),
    ],
)
def test_a_step_that_does_not_work_comes_back_as_it_was_typed(world, values, field, says):
    browser = world.visit("plan")
    goal = with_goal(browser)
    browser.get(f"/plan/goal/{goal}/step")
    sent = {"words": "Ask <b>her</b> 🙂", "when": "next_week", "helper_words": "Ana"} | values
    page = browser.submit(sent, status=400)
    assert says in page.find(role="alert").text
    assert page.find("input", {"name": field})["aria-invalid"] == "true"
    assert page.find("input", {"name": "words"})["value"] == sent["words"]
    assert page.find("input", {"name": "helper_words"})["value"] == sent["helper_words"]
    assert page.find("input", {"name": "day"})["value"] == values.get("day", "")
    assert stored(world, PlanStep) == []


def test_who_helps_is_chosen_or_written(world):
    browser = world.visit("plan")
    goal = with_goal(browser)
    with_step(browser, goal, "Call", helper="mentor")
    with_step(browser, goal, "Write", helper="mentor", helper_words="Uncle Jóska")
    page = browser.get("/plan/")
    call, write = page.select("li.card")
    assert "Help: my mentor" in call.text
    assert "Help: Uncle Jóska" in write.text


def test_a_step_is_changed_postponed_and_moved_once_however_often_it_is_sent(world):
    browser = world.visit("plan")
    goal = with_goal(browser)
    first, second = (with_step(browser, goal, words) for words in ("First", "Second"))
    page = browser.get(f"/plan/step/{first}")
    later = [button["value"] for button in page.select("button[name=due]")]
    assert later == ["2027-03-08", "2027-03-14", "2027-03-21"]
    token = browser.token()
    for _again in range(2):
        browser.post(f"/plan/step/{first}/later", {"csrf": token, "due": later[1]}, status=200)
    assert {row.words: row.due for row in stored(world, PlanStep)}["First"] == date(2027, 3, 14)
    page = browser.get(f"/plan/step/{first}")
    (down,) = page.select("button[name=before]")
    for _again in range(2):
        browser.post(
            f"/plan/step/{first}/place", {"csrf": token, "before": down["value"]}, status=200
        )
    page = browser.get("/plan/")
    assert [card["id"] for card in page.select("li.card")] == [f"step-{second}", f"step-{first}"]
    page = browser.get(f"/plan/step/{second}")
    browser.submit({"words": "Second, better", "day": "24.12.2027", "when": "day"}, form=1)
    page = browser.get("/plan/")
    assert "By Fri, Dec 24 2027" in page.select_one(f"#step-{second}").text


def test_a_step_moves_to_another_goal_of_ones_own_only(world):
    browser = world.visit("plan")
    goal, other = with_goal(browser), with_goal(browser, "Meet people")
    stranger = world.visit("plan", sub="8")
    foreign = with_goal(stranger, "Theirs")
    step = with_step(browser, goal)
    browser.get(f"/plan/step/{step}")
    values = {"words": "Ask the baker", "when": "this_week"}
    page = browser.submit(values | {"goal": foreign}, form=1, status=400)
    assert "Choose one of your goals" in page.main.text
    browser.submit(values | {"goal": other}, form=1)
    (row,) = stored(world, PlanStep)
    assert row.goal_id == other


def test_two_windows_lose_nothing(world):
    browser, window = world.visit("plan"), world.visit("plan")
    goal = with_goal(browser)
    step = with_step(browser, goal)
    browser.get(f"/plan/step/{step}")
    window.get(f"/plan/step/{step}")
    window.submit({"words": "Ask the butcher", "when": "none"}, form=1)
    page = browser.submit({"words": "Ask the miller", "when": "none"}, form=1, status=400)
    assert "Ask the butcher" in page.find(role="alert").text
    assert page.find("input", {"name": "words"})["value"] == "Ask the miller"
    page = browser.submit({"words": "Ask the miller", "when": "none"}, form=1)
    assert "Ask the miller" in page.select_one("li.card").text
    browser.get(f"/plan/goal/{goal}")
    window.get(f"/plan/goal/{goal}")
    window.submit({"title": "A good job"})
    page = browser.submit({"title": "Any job"}, status=400)
    assert "A good job" in page.find(role="alert").text
    page = browser.submit({"title": "Any job"})
    assert page.find("h2", string="Any job")


def test_deleted_is_taken_back_for_a_day_and_then_gone(world):
    browser = world.visit("plan")
    goal = with_goal(browser)
    step = with_step(browser, goal)
    page = browser.get(f"/plan/step/{step}")
    page = browser.submit(form=len(page.select("main form")) - 1)
    assert "Deleted: “Ask the baker”" in page.find(role="status").text
    assert not page.select("li.card")
    browser.submit()
    assert browser.get("/plan/").select_one(f"#step-{step}")
    page = browser.get(f"/plan/goal/{goal}")
    page = browser.submit(form=2)
    assert "Choose a goal" in page.main.text
    browser.get(f"/plan/step/{step}", status=404)
    browser.get("/plan/")
    page = browser.submit()
    assert page.select_one(f"#step-{step}")
    browser.get(f"/plan/goal/{goal}")
    browser.submit(form=2)
    with world.services.database.write() as session:
        assert sweep(session, utcnow() + timedelta(hours=23)) == 0
    with time_machine.travel(utcnow() + timedelta(hours=25)):
        with world.services.database.write() as session:
            assert sweep(session, utcnow()) == 2
        late = world.visit("plan")
        late.get("/plan/goal/new")
        late.post(f"/plan/goal/{goal}/restore", {"csrf": late.token()}, status=404)
    assert stored(world, PlanStep) == []


def test_a_goal_cannot_come_back_as_the_fourth(world):
    browser = world.visit("plan")
    first = with_goal(browser, "One")
    browser.get(f"/plan/goal/{first}")
    browser.submit(form=2)
    for title in ("Two", "Three", "Four"):
        with_goal(browser, title)
    page = browser.get("/plan/goal/new")
    page = browser.post(f"/plan/goal/{first}/restore", {"csrf": browser.token()}, status=400)
    assert "You have three goals already" in page.h1.text


def test_a_reached_goal_is_cheered_and_makes_room(world):
    browser = world.visit("plan", grading="progress")
    goal = with_goal(browser)
    step = with_step(browser, goal)
    browser.get("/plan/")
    page = browser.submit({"step": step})
    assert "Have you reached it?" in page.main.text
    page = browser.submit({"reached": "1"})
    assert "You reached your goal: “Find a job”" in page.find(role="status").text
    assert page.find("h2", string="Goals that I reached")
    for title in ("Two", "Three", "Four"):
        with_goal(browser, title)
    browser.get(f"/plan/goal/{goal}")
    browser.submit({"reached": "0"}, form=1, status=400)
    assert scores(world)[-1] == 100.0


def test_steps_that_are_due_or_over_wait_kindly(world):
    browser = world.visit("plan")
    goal = with_goal(browser)
    with_step(browser, goal, "Late", day="2027-03-03", when="day")
    with time_machine.travel("2027-03-05T09:00:00Z"):
        browser = world.visit("plan")
        with_step(browser, goal, "Now", day="2027-03-05", when="day")
        page = browser.get("/plan/")
        now, late = page.select("section.note li")
        assert "today" in now.text
        assert "was for Wed, Mar 3" in late.text
        home = browser.get("/home/")
        assert "Today is the day for this step: “Now”." in home.select_one("section.card").text


def test_home_leads_from_the_first_goal_to_the_next_step(world):
    from flask import g

    from lti_tool.learner.goals import goals_of, standing_of

    browser = world.visit("plan")
    launch, _secret = world.launch("plan")

    def now_at():
        with world.app.test_request_context(), world.services.database.read() as session:
            g.launch_id = launch.id
            return standing_of(session, launch, None)

    assert (now_at().state, now_at().step) == ("new", "Choose one goal that matters to you.")
    goal = with_goal(browser)
    assert (now_at().percent, now_at().step) == (40, "Think of one small step to your goal.")
    step = with_step(browser, goal)
    assert now_at().step == "The next step of your plan: “Ask the baker”."
    assert not now_at().urgent
    with time_machine.travel("2027-03-09T09:00:00Z"):
        late = now_at()
    assert late.urgent
    assert late.step == "This step still waits for you: “Ask the baker”."
    assert late.url.endswith(f"#step-{step}")
    with world.services.database.read() as session:
        (face,) = goals_of(session, launch.tenant_id, launch.user_id)
    assert (face.id, face.title, face.done, face.next_step) == (
        goal, "Find a job", False, "Ask the baker",
    )  # fmt: skip


@pytest.mark.parametrize(
    "path",
    ["goal/{0}", "goal/{0}/step", "step/{1}", "goal/nope", "step/nope", "take/plan.doc"],
)
def test_nobody_opens_what_is_not_theirs(world, path):
    browser = world.visit("plan")
    goal = with_goal(browser)
    step = with_step(browser, goal)
    world.visit("plan", sub="8").get(f"/plan/{path.format(goal, step)}", status=404)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("goal/{0}", {"title": "Mine now"}),
        ("goal/{0}/reached", {"reached": "1"}),
        ("goal/{0}/delete", {}),
        ("goal/{0}/restore", {}),
        ("goal/{0}/step", {"words": "In"}),
        ("step/{1}", {"words": "In"}),
        ("step/{1}/later", {"due": "2027-03-09"}),
        ("step/{1}/place", {"before": ""}),
        ("step/{1}/delete", {}),
        ("step/{1}/restore", {}),
        ("tick", {"step": "{1}"}),
        ("goals", {"take": "nope"}),
    ],
)
def test_nobody_changes_what_is_not_theirs(world, path, values):
    browser = world.visit("plan")
    goal = with_goal(browser)
    step = with_step(browser, goal)
    before = [row.version for row in stored(world, PlanGoal)]
    stranger = world.visit("plan", sub="8")
    stranger.get("/plan/goal/new")
    sent = {name: value.format(goal, step) for name, value in values.items()}
    page = stranger.post(
        f"/plan/{path.format(goal, step)}", {"csrf": stranger.token()} | sent, status=404
    )
    assert "We do not know this" in page.h1.text
    (row,) = stored(world, PlanStep)
    assert (row.words, row.done_at, row.deleted_at, row.version) == ("Ask the baker", None, None, 1)
    assert before == [row.version for row in stored(world, PlanGoal)]


@pytest.mark.parametrize("due", ["", "x", "2020-01-01", "2099-01-01"])
def test_a_step_is_not_postponed_to_a_day_that_no_button_names(world, due):
    browser = world.visit("plan")
    step = with_step(browser, with_goal(browser))
    browser.get("/plan/goal/new")
    page = browser.post(
        f"/plan/step/{step}/later", {"csrf": browser.token(), "due": due}, status=400
    )
    assert "We could not read this day" in page.h1.text


def test_a_goal_has_an_end_of_steps(world):
    browser = world.visit("plan")
    goal = with_goal(browser)
    with world.services.database.write() as session:
        row = session.scalars(select(PlanGoal)).one()
        session.add_all(
            PlanStep(
                tenant_id=row.tenant_id, user_id=row.user_id, goal_id=row.id, words=f"Step {n}"
            )
            for n in range(MOST_STEPS)
        )
    browser.get(f"/plan/goal/{goal}/step")
    page = browser.submit({"words": "One more", "when": "none"}, status=400)
    assert "very many steps" in page.h1.text


def test_a_full_plan_stays_within_the_budget(world):
    browser = world.visit("plan")
    for title in ("Find work near my home", "Have a good CV", "Speak the language better"):
        goal = with_goal(browser, title)
        for number in range(8):
            browser.get(f"/plan/goal/{goal}/step")
            words = f"Ask person number {number} about {title.lower()} and write it down"
            browser.submit({"words": words, "when": "this_week", "helper": "friend"})
    for path in ("", "take", f"goal/{goal}", "goal/new", f"goal/{goal}/step"):
        browser.get(f"/plan/{path}")
    page = browser.get("/plan/")
    assert len(page.select("li.card")) == 18
    assert len(page.find_all("a", string=lambda text: text and "All steps" in text)) <= 3


def test_days_are_read_as_people_write_them():
    day = date(2027, 3, 1)
    for typed in (
        "2027-03-01",
        "1.3.2027",
        "01. 03. 2027.",
        "1/3/2027",
        "2027. 03. 01.",
        "1-3-2027",
    ):
        assert read_day(typed) == day
    for typed in ("", "1.3.27", "2027-13-01", "0.0.2027", "1.3.2027x", "١.٣.٢٠٢٧x"):
        with pytest.raises(NotADay):
            read_day(typed)


def test_quick_days_end_on_sundays():
    assert quick_days(WEDNESDAY)["this_week"] == date(2027, 3, 7)
    assert quick_days(date(2027, 3, 7)) == {
        "this_week": date(2027, 3, 7),
        "next_week": date(2027, 3, 14),
    }
    assert later_days(date(2027, 3, 1), WEDNESDAY)[0] == date(2027, 3, 4)
    assert later_days(None, WEDNESDAY)[1] == date(2027, 3, 10)


def test_a_typed_day_wins_and_an_old_one_may_stay():
    old = date(2027, 3, 1)
    assert chosen_day("next_week", "5.3.2027", WEDNESDAY) == date(2027, 3, 5)
    assert chosen_day("day", "2027-03-01", WEDNESDAY, old) == old
    assert chosen_day("this_week", "2027-03-01", WEDNESDAY, old) == date(2027, 3, 7)
    assert chosen_day("none", "2027-03-01", WEDNESDAY, old) is None
    assert chosen_day("", "", WEDNESDAY) is None
