"""Rules, numbers to call, duties, borders, and the thresholds of the early warning."""

from __future__ import annotations

import pytest

from lti_tool.engagement.rules import NotUsable, set_thresholds, thresholds_of
from lti_tool.mentoring import borders
from lti_tool.mentoring.access import Actor, has_duty
from lti_tool.mentoring.models import Border
from lti_tool.mentoring.programme import rules_of
from lti_tool.mentoring.reports import desks_of
from lti_tool.people.models import Tenant
from lti_tool.people.roles import Role
from tests.lti_tool.staff.coordinator.conftest import BOSS


def values_of(page) -> dict[str, str]:
    """Return what a form would send as it stands."""
    form = page.select("main form")[-1]
    found = {i["name"]: i.get("value", "") for i in form.select("input[type=text]")}
    for choice in form.select("select"):
        found[choice["name"]] = choice.select_one("[selected]")["value"]
    return found


def test_rules_are_shown_and_set(desk):
    browser = desk.coordinator()
    values = values_of(browser.get("/desk/rules"))
    assert values["near_km"] == "60"
    browser.submit(values | {"near_km": "80", "guardian_age": "17", "weight_wish": "55",
                             "language_level": "4", "answer_days": "10"})  # fmt: skip
    with desk.stage() as stage:
        rules = rules_of(stage.session, desk.tenant)
    assert (rules.near_km, rules.guardian_age, rules.weights.wish) == (80, 17, 0.55)
    assert (rules.language_level, rules.answer_days, rules.message_days) == (4, 10, 180)
    assert values_of(browser.get("/desk/rules"))["weight_wish"] == "55"


@pytest.mark.parametrize(
    ("name", "value"),
    [("near_km", "0"), ("near_km", "x"), ("guardian_age", "19"), ("answer_days", "1"),
     ("message_days", "9999"), ("weight_wish", "-1"), ("weight_wish", "101"),
     ("language_level", "7")],
)  # fmt: skip
def test_a_rule_out_of_bounds_is_asked_again(desk, name, value):
    browser = desk.coordinator()
    values = values_of(browser.get("/desk/rules"))
    page = browser.submit(values | {name: value, "answer_days": "12"} | {name: value}, status=400)
    assert page.select_one(".note.warn")
    if name != "language_level":
        assert page.find("input", {"name": name})["value"] == value
    with desk.stage() as stage:
        assert rules_of(stage.session, desk.tenant).answer_days == 7


def test_numbers_to_call(desk):
    browser = desk.coordinator()
    browser.get("/desk/contacts")
    typed = {"label": "Mária", "phone": "+36 1 234", "email": "m@x.hu", "hours": "9-17"}
    browser.submit(typed)
    page = browser.submit(typed | {"phone": ""}, form=1, status=400)
    assert page.find("input", {"id": "label-urgent_need"})["value"] == "Mária"
    browser.post("/desk/contacts/other", {"csrf": browser.token(), **typed}, status=400)
    with desk.stage() as stage:
        found = desks_of(stage.session, desk.tenant)
        assert found["safety_risk"].phone == "+36 1 234"
        assert found["urgent_need"].phone == "112"


def test_duties_are_given_and_taken_and_the_last_one_stays(desk):
    second = desk.world.user("902", Role.INSTRUCTOR)
    learner = desk.world.user("7")
    boss = desk.people["boss"].user_id
    browser = desk.coordinator()
    page = browser.get("/desk/team")
    offered = [option["value"] for option in page.select("#user option")]
    assert second in offered
    assert learner not in offered
    browser.submit({"user": second, "duty": "coordinator"})
    with desk.stage() as stage:
        assert has_duty(stage.session, Actor(desk.tenant, second), "coordinator")
    token = browser.token()
    values = {"csrf": token, "user": second, "duty": "everything"}
    browser.post("/desk/team/appoint", values, status=400)
    values = {"csrf": token, "user": "0" * 32, "duty": "coordinator"}
    browser.post("/desk/team/appoint", values, status=404)
    values = {"csrf": token, "user": boss, "duty": "coordinator"}
    page = browser.post("/desk/team/dismiss", values, status=200)
    assert page.h1.string != "Duties"
    browser.get("/desk/team", status=404)
    other = desk.world.visit("mentor", sub="902", role=Role.INSTRUCTOR)
    other.get("/desk/team")
    values = {"csrf": other.token(), "user": second, "duty": "coordinator"}
    page = other.post("/desk/team/dismiss", values, status=409)
    assert "Somebody has to stay" in page.main.text
    assert BOSS in desk.world.users


def test_a_border_is_asked_agreed_and_ended(desk):
    with desk.stage() as stage:
        away = stage.tenant("away", "RO")
        stage.session.get(Tenant, away).name = "Away"
    browser = desk.coordinator()
    browser.get("/desk/partners")
    page = browser.submit({"partner": away, "way": "their_mentors"})
    assert "Asked, not answered yet" in page.main.text
    values = {"partner": away, "way": "their_mentors", "csrf": browser.token()}
    browser.post("/desk/partners/agree", values, status=404)
    with desk.stage() as stage:
        borders.agree_border(stage.session, stage.people["away-boss"], desk.tenant, away,
                             stage.now)  # fmt: skip
    assert "Your learners, their mentors Open" in " ".join(
        browser.get("/desk/partners").main.text.split()
    )
    browser.submit()
    with desk.stage() as stage:
        assert stage.session.get(Border, (desk.tenant, away)).state == "ended"
        borders.ask_border(stage.session, stage.people["away-boss"], away, desk.tenant, stage.now)
    page = browser.get("/desk/partners")
    yes = next(n for n, f in enumerate(page.select("main form")) if "Say yes" in f.text)
    browser.submit(form=yes)
    with desk.stage() as stage:
        assert borders.is_open(stage.session, away, desk.tenant)
    for word, partner in (("ask", "0" * 32), ("hug", away)):
        values = {"partner": partner, "csrf": browser.token()}
        answer = browser.client.post(f"{browser.home}/desk/partners/{word}", data=values)
        assert answer.status_code in {400, 404}


def test_thresholds_are_set_and_wrong_ones_asked_again(desk):
    browser = desk.coordinator()
    values = values_of(browser.get("/desk/learners/rules"))
    assert values["silent_days_start"] == "2"
    page = browser.submit(values | {"silent_days_start": "9"}, status=400)
    assert page.find("input", {"name": "silent_days_start"})["value"] == "9"
    for name, value in (("watch", "9"), ("act", "x"), ("act", "nan"), ("watch", "0")):
        browser.get("/desk/learners/rules")
        browser.submit(values | {name: value}, status=400)
    browser.get("/desk/learners/rules")
    browser.submit(values | {"silent_days_start": "5,5", "silent_days_full": "14"})
    with desk.stage() as stage:
        found = thresholds_of(stage.session, desk.tenant)
        assert (found.silent_days.start, found.silent_days.full) == (5.5, 14)
        assert found.act == 4
        with pytest.raises(NotUsable):
            set_thresholds(stage.session, desk.tenant, {}, 1, 2)
