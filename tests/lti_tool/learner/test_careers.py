"""The careers module as a learner without JavaScript uses it."""

from __future__ import annotations

from sqlalchemy import select

from lti_tool.learner.careers.models import Favourite
from lti_tool.learner.careers.operations import MOST_KEPT
from lti_tool.learner.occupations import catalogue
from lti_tool.outbox.models import ScoreDelivery
from tests.lti_tool.learner.test_interests import walk


def finish_interests(world) -> None:
    browser = world.visit("interests")
    browser.get("/")
    browser.submit()
    walk(browser)


def deliveries(world) -> list[ScoreDelivery]:
    with world.services.database.read() as session:
        return list(session.scalars(select(ScoreDelivery)))


def test_without_a_profile_search_is_offered(world):
    page = world.visit("careers").get("/")
    assert "First do “What do I like doing?”" in page.main.text
    assert page.find("input", {"name": "q"})


def test_with_a_profile_jobs_come_with_reasons(world):
    finish_interests(world)
    page = world.visit("careers").get("/")
    cards = page.select("ol.list li.card")
    assert len(cards) == 12
    assert all("Why:" in card.text for card in cards)


def test_filters_narrow_the_list(world):
    finish_interests(world)
    browser = world.visit("careers")
    page = browser.get("/careers/?outdoors=1")
    assert page.find("input", {"name": "outdoors"}).has_attr("checked")
    for card in page.select("ol.list li.card a"):
        assert catalogue().get(card["href"].rsplit("/", 1)[1]).outdoors


def test_keeping_a_job_finishes_the_module_and_letting_go_lowers_nothing(world):
    browser = world.visit("careers")
    browser.get("/careers/job/6111")
    page = browser.submit()
    assert page.select_one("#kept")
    (row,) = deliveries(world)
    assert row.score == 100.0
    browser.get("/careers/job/6111")
    page = browser.submit()
    assert not page.select_one("#kept")
    (row,) = deliveries(world)
    assert (row.score, row.seq) == (100.0, 1)


def test_keeping_twice_leaves_one_row(world):
    browser = world.visit("careers")
    browser.get("/careers/job/6111")
    token = browser.token()
    for _ in range(2):
        browser.post("/careers/job/6111/keep", {"csrf": token}, status=200)
    with world.services.database.read() as session:
        assert len(session.scalars(select(Favourite)).all()) == 1


def test_an_unknown_job_is_refused(world):
    browser = world.visit("careers")
    page = browser.get("/careers/job/0000", status=404)
    assert "job_unknown" in page.code.text


def test_a_full_list_says_what_to_do(world):
    browser = world.visit("careers")
    ids = [occupation.id for occupation in catalogue().occupations[: MOST_KEPT + 1]]
    browser.get(f"/careers/job/{ids[0]}")
    token = browser.token()
    for one in ids[:-1]:
        browser.post(f"/careers/job/{one}/keep", {"csrf": token}, status=200)
    page = browser.post(f"/careers/job/{ids[-1]}/keep", {"csrf": token}, status=400)
    assert "too_many_kept" in page.code.text


def test_search_finds_by_own_words_with_a_slip(world):
    page = world.visit("careers").get("/careers/?q=carpentr")
    titles = [link.string for link in page.select("ul.list a")]
    assert any("arpenter" in title for title in titles[:5])


def test_a_search_without_a_find_says_so(world):
    page = world.visit("careers").get("/careers/?q=%F0%9F%98%80%F0%9F%98%80")
    assert "found no job" in page.main.text


def test_script_in_the_search_is_only_text(world):
    page = world.visit("careers").get("/careers/?q=<script>alert(1)</script>")
    assert page.find("input", {"name": "q"})["value"] == "<script>alert(1)</script>"


def test_work_in_another_module_does_not_finish_the_activity_of_this_one(world):
    browser = world.visit("interests")
    browser.get("/careers/job/6111")
    browser.submit()
    assert deliveries(world) == []
