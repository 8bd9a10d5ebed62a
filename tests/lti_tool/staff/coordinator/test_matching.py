"""The matching desk: a try, its reasons, decisions, publishing by a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lti_tool.mentoring import consent, mentees
from lti_tool.mentoring.models import Pair, Ruling, Run
from tests.lti_tool.mentoring.stage import OFFER, YOUNG


@pytest.fixture
def people(desk):
    """Two mentors with one place; Cyd speaks Romanian only, Dan is young."""
    with desk.stage() as stage:
        for name in ("Mira", "Noor"):
            stage.mentor(desk.tenant, name)
        for name in ("Ana", "Ben"):
            stage.mentee(desk.tenant, name)
        cyd = stage.mentee(desk.tenant, "Cyd")
        mentees.say_preferences(stage.session, cyd, replace(OFFER, languages={"ro": 6}))
        stage.mentee(desk.tenant, "Dan", YOUNG)
    return desk


def pairs(desk) -> list[tuple[str, str]]:
    names = {actor.user_id: name for name, actor in desk.people.items()}
    with desk.stage() as stage:
        return sorted((names[p.mentee_id], names[p.mentor_id]) for p in stage.session.query(Pair))


def try_out(desk, **values: str):
    browser = desk.coordinator()
    page = browser.get("/desk/match")
    weights = {i["name"]: i["value"] for i in page.select("input[name^=weight_]")}
    browser.submit(weights | values)
    return browser


def test_a_try_says_who_and_why_and_what_to_find(people):
    page = people.coordinator().get("/desk/match")
    assert "3 learners wait. 2 places are free." in page.main.text
    assert "1 more learner waits, but a yes is missing." in page.main.text
    page = try_out(people).page
    text = " ".join(page.main.text.split())
    assert page.h1.string == "Who could fit whom"
    assert "No mentor speaks Romanian well enough. Find 1 more mentor." in text
    assert "The yes of a parent or guardian is missing." in text
    assert "Both speak: Hungarian and English" in text or "Both speak: " in text
    assert "Second best: " in text
    assert "hidden" in page.select_one("table:last-of-type").text or "hidden" in text
    assert pairs(people) == []


def test_a_person_publishes_what_is_ticked(people):
    browser = try_out(people)
    ana = people.people["Ana"].user_id
    forms = [f for f in browser.page.select("main form") if f.get("id") == "publish"]
    boxes = browser.page.select("input[name=mentee]")
    assert len(boxes) == 2
    assert all(box["form"] == "publish" and box.has_attr("checked") for box in boxes)
    where = forms[0]["action"].removeprefix(browser.home)
    values = {"csrf": browser.token(), "ticked": "1", "mentee": ana}
    page = browser.post(where, values, status=200)
    assert [mentee for mentee, _ in pairs(people)] == ["Ana"]
    assert "You left this pair out." in page.main.text
    assert "Published" in page.main.text
    browser.post(where, values, status=409)
    assert len(pairs(people)) == 1


def test_what_changed_meanwhile_is_left_out_and_said(people):
    browser = try_out(people)
    with people.stage() as stage:
        consent.withdraw_consent(stage.session, stage.people["Ana"], stage.now)
    form = browser.page.select_one("#publish")
    where = form["action"].removeprefix(browser.home)
    page = browser.post(where, {"csrf": browser.token()}, status=200)
    assert "Was not offered: A yes to the text about mentoring is missing" in page.main.text
    assert [mentee for mentee, _ in pairs(people)] == ["Ben"]


def test_weights_are_the_runs_own_and_wrong_ones_are_shown_again(people):
    browser = try_out(people, weight_help="90")
    assert "The help that is wanted: 90" in browser.page.main.text
    browser.get("/desk/match")
    page = browser.submit({"weight_help": "lots"}, status=400)
    assert page.find("input", {"name": "weight_help"})["value"] == "lots"
    browser.get("/desk/match")
    weights = {i["name"]: "0" for i in browser.page.select("input[name^=weight_]")}
    browser.submit(weights, status=400)


def test_a_try_is_dropped_and_earlier_ones_are_listed(people):
    browser = try_out(people)
    token = browser.token()
    with people.stage() as stage:
        run_id = stage.session.query(Run).one().id
    browser.post(f"/desk/match/{run_id}/drop", {"csrf": token}, status=200)
    assert "Dropped" in browser.page.main.text
    assert browser.page.h1.string == "Matching"
    page = browser.get(f"/desk/match/{run_id}")
    assert page.select_one("#publish") is None


def test_lock_and_forbid_count_from_the_next_try_and_can_be_taken_back(people):
    ana, mira = people.people["Ana"].user_id, people.people["Mira"].user_id
    browser = people.coordinator()
    browser.get(f"/desk/choose/{ana}?q=mira")
    browser.submit({"word": "lock"})
    assert "Locked together" in browser.page.main.text
    page = try_out(people).page
    locked = next(card for card in page.select(".card") if "Locked together" in card.text)
    assert "Ana" in locked.h3.text
    assert "Mira" in locked.h3.text
    browser.get("/desk/match")
    browser.submit({"word": "free"}, form=1)
    assert "Your decisions" not in browser.page.main.text
    browser.get(f"/desk/choose/{ana}?q=mira")
    browser.submit({"word": "forbid"})
    browser.submit({"word": "offer"}, status=409)
    with people.stage() as stage:
        assert [row.mentor_id for row in stage.session.query(Ruling)] == [mira]


def test_decisions_that_contradict_each_other_are_said(people):
    mira = people.people["Mira"].user_id
    browser = people.coordinator()
    for name in ("Ana", "Ben"):
        browser.get(f"/desk/choose/{people.people[name].user_id}?q=mira")
        browser.submit({"word": "lock"})
    browser.get("/desk/match")
    weights = {i["name"]: i["value"] for i in browser.page.select("input[name^=weight_]")}
    page = browser.submit(weights, status=409)
    assert "Your decisions do not go together" in page.main.text
    assert mira in str(page)


def test_an_offer_by_hand(people):
    ana = people.people["Ana"].user_id
    browser = people.coordinator()
    page = browser.get(f"/desk/choose/{ana}")
    assert "2 mentors" in page.main.text
    browser.get(f"/desk/choose/{ana}?q=noor")
    page = browser.submit({"word": "offer"})
    assert "Offer waits for answers" in page.main.text
    assert pairs(people) == [("Ana", "Noor")]
    for path in (f"choose/{ana}/{ana}", f"choose/{'0' * 32}/{people.people['Mira'].user_id}"):
        values = {"csrf": browser.token(), "word": "offer"}
        browser.post(f"/desk/{path}", values, status=404)


def test_a_run_of_many_pairs_is_paged_and_published_whole(desk):
    with desk.stage() as stage:
        for number in range(27):
            stage.mentor(desk.tenant, f"mentor{number}")
            stage.mentee(desk.tenant, f"learner{number}")
    browser = try_out(desk)
    page = browser.page
    assert len(page.select(".card h3")) == 25
    assert page.select("input[name=mentee]") == []
    assert page.select_one("#publish button").string == "Offer all 27 pairs"
    where = page.select_one("#publish")["action"].removeprefix(browser.home)
    token = browser.token()
    page = browser.get(page.find("a", rel="next")["href"])
    assert len(page.select(".card h3")) == 2
    browser.post(where, {"csrf": token}, status=200)
    assert len(pairs(desk)) == 27
