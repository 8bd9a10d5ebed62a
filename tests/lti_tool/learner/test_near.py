"""The module "Near me and across borders" as a learner without JavaScript uses it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from adaptive.opportunities import load_network
from config.clock import utcnow
from lti_tool.learner.near.models import KeptOpportunity, NearWish
from lti_tool.learner.near.operations import MOST_KEPT
from lti_tool.opportunities import operations as desk
from lti_tool.opportunities.values import read
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.people.models import Tenant
from tests.lti_tool.learner.test_interests import walk

RAW = {
    "kind": "course",
    "organisation": "Village school",
    "url": "https://school.example/courses",
    "phone": "+36 62 123 456",
    "place": "Szeged, HU",
    "languages": "en hu",
    "interests": "R",
    "title.en": "Repair bicycles",
    "about.en": "You learn to repair bicycles on four evenings.",
    "first_step.en": "Call the office.",
}


def offer(world, tenant_id: str | None = None, *, ended: bool = False, **changes: str) -> str:
    """Publish an opportunity and return its id."""
    raw = RAW | {name.replace("__", "."): value for name, value in changes.items()}
    with world.services.database.write() as session:
        row = desk.add(session, tenant_id or world.tenant_id, read(raw), utcnow())
        desk.publish(row, utcnow())
        if ended:
            desk.end(row, utcnow())
        session.flush()
        return row.id


def other_tenant(world) -> str:
    with world.services.database.write() as session:
        tenant = Tenant(slug="other", name="Other")
        session.add(tenant)
        session.flush()
        return tenant.id


def stored(world, table):
    with world.services.database.read() as session:
        return list(session.scalars(select(table)))


def titles(page) -> list[str]:
    return [link.text for link in page.select("ol.list h3 a")]


def look(browser, town: str = "", **values: str):
    browser.get("/near/where")
    return browser.submit({"town": town, "online": "1", "reach": "60", "language": "en"} | values)


def test_the_first_page_has_offers_with_reasons_and_asks_where(world):
    page = world.visit("near").get("/")
    assert len(titles(page)) == len(load_network())
    assert all("Why:" in card.text for card in page.select("ol.list li.card"))
    assert page.find("input", {"name": "town"})
    assert "Do “What do I like doing?”" in page.main.text


def test_saying_where_to_look_is_half_of_it_and_keeping_one_is_all(world):
    browser = world.visit("near", grading="progress")
    browser.get("/")
    page = browser.submit({"town": "szeged", "online": "1", "language": "en"})
    assert "around Szeged, up to 60 km" in page.main.text
    assert [(row.score, row.comment) for row in stored(world, ScoreDelivery)] == [
        (50.0, "On the way")
    ]
    browser.get("/near/o/eurodesk")
    page = browser.submit()
    assert "You keep this one" in page.main.text
    page = browser.submit()
    assert "You got in touch" in page.main.text
    assert page.find("button", string="Let it go")
    page = browser.submit()
    assert not page.select_one("#kept")
    (row,) = stored(world, ScoreDelivery)
    assert (row.score, row.comment) == (100.0, "Finished: Near me and across borders")


def test_neither_town_nor_online_is_no_step_forward(world):
    browser = world.visit("near", grading="progress")
    browser.get("/near/where")
    page = browser.submit({"town": "", "language": "en"})
    assert "You have not named a town." in page.main.text
    assert stored(world, ScoreDelivery) == []


def test_what_was_done_in_another_activity_counts_once_the_module_is_placed(world):
    browser = world.visit("interests")
    look(browser, "Szeged")
    browser.get("/near/o/eurodesk")
    browser.submit()
    assert stored(world, ScoreDelivery) == []
    world.visit("near").get("/")
    assert [row.score for row in stored(world, ScoreDelivery)] == [100.0]


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Bécs", "Wien"), ("ПЛОВДИВ", "Plovdiv"), ("szeged, hungary", "Szeged"), ("715429", "Szeged")],
)
def test_a_town_may_be_typed_as_people_call_it(world, typed, name):
    page = look(world.visit("near"), typed)
    assert f"around {name}," in page.main.text
    (row,) = stored(world, NearWish)
    assert row.place.isdigit()


def test_a_town_that_stands_in_the_form_is_taken_as_it_stands(world):
    browser = world.visit("near")
    look(browser, "Szeged")
    page = browser.get("/near/where")
    shown = page.find("input", {"name": "town"})["value"]
    assert shown == "Szeged (Hungary)"
    assert "around Szeged, up to 10 km" in look(browser, shown, reach="10").main.text


def test_an_unknown_town_says_so_and_keeps_what_was_typed(world):
    browser = world.visit("near")
    browser.get("/near/where")
    page = browser.submit({"town": "Xyzzy <b>😀", "reach": "10", "language": "hu"}, status=400)
    assert "We do not know this town" in page.main.text
    assert page.find("input", {"name": "town"})["value"] == "Xyzzy <b>😀"
    assert page.find("option", {"value": "10"}).has_attr("selected")
    assert not page.find("input", {"name": "online"}).has_attr("checked")
    assert page.find("input", {"value": "hu"}).has_attr("checked")
    assert stored(world, NearWish) == []


def test_of_several_towns_one_is_tapped(world):
    browser = world.visit("near")
    browser.get("/near/where")
    page = browser.submit({"town": "Neustadt", "online": "1", "language": "en"}, status=400)
    buttons = page.select("button[name=place]")
    assert len(buttons) > 2
    page = browser.submit({"place": buttons[0]["value"], "town": "Neustadt", "language": "en"})
    assert "We look around" in page.main.text


def test_a_choice_that_is_not_offered_is_refused(world):
    browser = world.visit("near")
    browser.get("/near/where")
    page = browser.submit({"language": "xx"}, status=400)
    assert "where_unknown" in page.code.text
    browser.get("/near/where")
    assert "You have not named" in browser.submit({"reach": "9999", "language": "en"}).main.text


def test_a_near_offer_comes_first_with_its_distance_and_a_far_one_is_counted(world):
    offer(world)
    offer(world, place="Győr, HU", title__en="Far away")
    browser = world.visit("near")
    page = look(browser, "Hódmezővásárhely")
    assert titles(page)[0] == "Repair bicycles"
    assert "about 23 km from your town" in page.select_one("ol.list li.card").text
    assert "1 more is further away" in page.main.text
    assert "Far away" in titles(browser.get("/near/?where=everywhere"))


def test_interests_are_a_reason(world):
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    walk(browser)
    for letter in "RIASEC":
        offer(world, interests=letter, title__en=f"Only {letter}")
    page = world.visit("near").get("/")
    assert "It may fit, because you like" in page.main.text
    assert "Do “What do I like doing?”" not in page.main.text


def test_another_language_is_left_out_until_it_is_asked_for(world):
    offer(world, languages="ro")
    browser = world.visit("near")
    page = browser.get("/")
    assert "Repair bicycles" not in titles(page)
    assert "1 more is in another language" in page.main.text
    assert "Repair bicycles" in titles(browser.get("/near/?any=1"))


def test_filters_narrow_the_list_and_nonsense_in_them_is_nothing(world):
    offer(world)
    browser = world.visit("near")
    assert titles(browser.get("/near/?kind=course")) == ["Repair bicycles"]
    page = browser.get("/near/?where=abroad")
    assert "See Europe by train for free" in titles(page)
    assert "Repair bicycles" not in titles(page)
    assert len(titles(browser.get("/near/?kind=<script>&where=x&all=9"))) > 5


def test_the_details_say_what_for_whom_and_how_to_reach_them(world):
    found = offer(world, age_from="16", last_day=(utcnow() + timedelta(3)).date().isoformat())
    page = world.visit("near").get(f"/near/o/{found}")
    text = page.main.text
    for words in ("Village school", "Szeged (Hungary)", "from 16 on", "3 days are left",
                  "Call the office.", "English, Hungarian", "Only 3 days are left."):  # fmt: skip
        assert words in text, words
    assert page.find("a", href="https://school.example/courses")["rel"] == [
        "noopener", "noreferrer",
    ]  # fmt: skip
    assert page.find("a", href="tel:+3662123456")


def test_words_in_another_language_are_marked(world):
    found = offer(world)
    page = world.visit("near", locale="hu").get(f"/near/o/{found}")
    assert page.h1["lang"] == "en"
    assert "not in your language yet" in page.main.text


def test_what_is_over_is_gone_but_what_was_kept_says_so(world):
    found = offer(world)
    browser = world.visit("near")
    browser.get(f"/near/o/{found}")
    browser.submit()
    with world.services.database.write() as session:
        desk.end(desk.find(session, world.tenant_id, found), utcnow())
    page = browser.get("/near/")
    assert "Repair bicycles" not in titles(page)
    assert "It has ended." in page.select_one("#kept + ul").text
    page = browser.get(f"/near/o/{found}")
    assert "This has ended" in page.main.text
    assert not page.find("a", href="tel:+3662123456")


def test_a_neighbours_offer_is_seen_only_when_it_is_shared(world):
    other = other_tenant(world)
    own = offer(world, other, title__en="Only theirs")
    shared = offer(world, other, title__en="For the network", network="yes")
    browser = world.visit("near")
    page = browser.get("/")
    assert "For the network" in titles(page)
    assert "Only theirs" not in page.main.text
    browser.get(f"/near/o/{shared}")
    assert "opportunity_unknown" in browser.get(f"/near/o/{own}", status=404).code.text
    token = (browser.get("/near/"), browser.token())[1]
    browser.post(f"/near/o/{own}/keep", {"csrf": token}, status=404)
    assert stored(world, KeptOpportunity) == []


def test_drafts_are_seen_by_no_learner(world):
    with world.services.database.write() as session:
        draft = desk.add(session, world.tenant_id, read(RAW), utcnow()).id
    browser = world.visit("near")
    assert "Repair bicycles" not in browser.get("/").main.text
    browser.get(f"/near/o/{draft}", status=404)


def test_a_full_list_says_what_to_do(world):
    ids = [offer(world, title__en=f"Number {number}") for number in range(MOST_KEPT + 1)]
    browser = world.visit("near")
    browser.get("/near/where")
    token = browser.token()
    for one in ids[:-1]:
        browser.post(f"/near/o/{one}/keep", {"csrf": token}, status=200)
    page = browser.post(f"/near/o/{ids[-1]}/keep", {"csrf": token}, status=400)
    assert "too_many_kept" in page.code.text
    browser.post(f"/near/o/{ids[0]}/keep", {"csrf": token}, status=200)
    assert len(stored(world, KeptOpportunity)) == MOST_KEPT
    everything = titles(browser.get("/near/?all=1"))
    assert sorted(everything) == sorted(
        ["Number 20", *(one.texts["en"].title for one in load_network().values())]
    )


def test_a_long_list_begins_short(world):
    for number in range(20):
        offer(world, title__en=f"Number {number}")
    browser = world.visit("near")
    page = browser.get("/near/")
    assert len(titles(page)) == 12
    link = page.find("a", string=f"Show {20 + len(load_network()) - 12} more")
    assert len(titles(browser.get(link["href"].partition("#")[0]))) == 20 + len(load_network())


def test_telling_a_friend_gives_an_address_and_a_code(world):
    found = offer(world)
    page = world.visit("near").get(f"/near/o/{found}/tell")
    address = page.select_one("p.note a")["href"]
    assert address.endswith(f"/o/{found}")
    code = page.select_one("svg[role=img]")
    assert code["aria-label"] == "QR code of the address above"
    assert code.find("path", {"fill": "#fff"})


def test_staff_who_look_have_no_progress(world):
    from lti_tool.people.roles import Role

    browser = world.visit("near", sub="9", role=Role.INSTRUCTOR)
    look(browser, "Szeged")
    browser.get("/near/o/eurodesk")
    browser.submit()
    assert stored(world, ScoreDelivery) == []
