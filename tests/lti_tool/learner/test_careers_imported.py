"""The careers module on imported occupations: skills to tick, what is missing, two side by side."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from config.clock import utcnow
from lti_tool.learner.careers.models import OwnSkill
from lti_tool.occupations.operations import import_esco, import_onet
from tests.lti_tool.learner.test_careers import finish_interests
from tests.lti_tool.occupations.files import BEES, CARE, STRANGER, WOOD, School


@pytest.fixture
def imported(world, tmp_path):
    """The world after an operator imported ESCO and O*NET."""
    renew(world, School(), tmp_path)
    return world


def renew(world, school: School, folder) -> None:
    import_esco(world.services.database, school.esco(folder), utcnow())
    import_onet(world.services.database, school.onet(folder), utcnow())


def keep(browser, *ids: str) -> None:
    for one in ids:
        browser.get(f"/careers/job/{one}")
        browser.submit()


def own(world) -> set[str]:
    with world.services.database.read() as session:
        return set(session.scalars(select(OwnSkill.skill)))


def lines(page, selector: str) -> list[str]:
    return [" ".join(tag.get_text(" ").split()) for tag in page.select(selector)]


def test_search_and_suggestions_are_the_imported_occupations(imported):
    page = imported.visit("careers").get("/careers/?q=joiner")
    assert lines(page, "ul.list h3")[0] == "Carpenter"
    finish_interests(imported)
    page = imported.visit("careers").get("/")
    assert set(lines(page, "ol.list h3")) <= {
        "Carpenter", "Beekeeper", "Scan helper", "Ray helper"
    }  # fmt: skip


def test_readers_without_imported_names_keep_the_embedded_groups(imported):
    page = imported.visit("careers", locale="sr").get("/careers/?q=stolar")
    hrefs = [link["href"] for link in page.select("ul.list a")]
    assert hrefs
    assert all(href.rsplit("/", 1)[1].isdigit() for href in hrefs)
    assert "Carpenter" in imported.visit("careers", locale="sr").get(f"/careers/job/{WOOD}").text


def test_a_language_with_few_names_counts_as_none(imported):
    page = imported.visit("careers", locale="sk").get("/careers/?q=stolar")
    assert page.select_one("ul.list a")["href"].rsplit("/", 1)[1].isdigit()


def test_what_was_kept_before_the_import_stays(world, tmp_path):
    browser = world.visit("careers")
    keep(browser, "6111")
    renew(world, School(), tmp_path)
    keep(browser, WOOD)
    page = browser.get("/careers/")
    assert [a["href"].rsplit("/", 1)[1] for a in page.select("#kept + ul a")] == ["6111", WOOD]
    browser.get("/careers/job/6111")
    browser.submit()
    assert lines(browser.get("/careers/"), "#kept + ul h3") == ["Carpenter"]


def test_a_later_import_is_seen_without_a_restart(imported, tmp_path):
    browser = imported.visit("careers")
    assert "Carpenters build with wood." in browser.get(f"/careers/job/{WOOD}").main.text
    assert not lines(browser.get("/careers/?q=dachmacher"), "ul.list h3")
    school = School()
    school.occupations[0][4] = "Carpenters make roofs."
    school.labels[WOOD]["de_alt"] = "Dachmacher"
    renew(imported, school, tmp_path)
    assert "Carpenters make roofs." in browser.get(f"/careers/job/{WOOD}").main.text
    assert lines(browser.get("/careers/?q=dachmacher"), "ul.list h3")[0] == "Carpenter"


def test_what_people_do_is_the_imported_sentence_or_the_groups(imported):
    browser = imported.visit("careers")
    assert lines(browser.get(f"/careers/job/{WOOD}"), "p.lead") == ["Carpenters build with wood."]
    assert len(lines(browser.get(f"/careers/job/{STRANGER}"), "p.lead")[0]) > 20


def test_a_job_says_at_most_five_things_to_learn_transferable_first(imported):
    page = imported.visit("careers").get(f"/careers/job/{WOOD}")
    missing = lines(page, "#skills ~ ul")[0]
    items = lines(page, "#skills ~ ul li")
    assert len(items) == 5
    assert items[:2] == ["Work in a team", "Stay safe"]
    assert missing.count("Saw board") == 3
    assert "And 5 things more." in page.main.text


def test_a_group_says_nothing_about_skills(imported):
    page = imported.visit("careers").get("/careers/job/6111")
    assert not page.select("#skills")


def test_ticked_skills_move_from_missing_to_there(imported):
    browser = imported.visit("careers")
    keep(browser, WOOD)
    page = browser.get(f"/careers/skills?job={WOOD}")
    assert lines(page, "label.check")[:2] == ["Work in a team", "Stay safe"]
    page = browser.submit({"can": ["team", "w3"]})
    assert own(imported) == {"team", "w3"}
    there, here = page.select("#skills ~ ul")
    assert "Work in a team" not in there.text
    assert set(lines(here, "li")) == {"Work in a team", "Saw board 3"}


def test_everything_ticked_is_said(imported):
    browser = imported.visit("careers")
    browser.get(f"/careers/skills?job={CARE}")
    page = browser.submit({"can": ["safe"]})
    assert "You ticked everything" in page.main.text


def test_unticking_takes_back_and_what_was_not_shown_stays(imported):
    browser = imported.visit("careers")
    browser.get(f"/careers/skills?job={WOOD}")
    browser.submit({"can": ["team", "w3"]})
    page = browser.get(f"/careers/skills?job={BEES}")
    assert lines(page, "label.check:has([checked])") == ["Work in a team", "Saw board 3"]
    token = browser.token()
    sent = {"csrf": token, "shown": "bee,team", "can": "bee", "job": BEES}
    browser.post("/careers/skills", sent, status=200)
    assert own(imported) == {"bee", "w3"}


def test_only_known_and_shown_skills_are_kept(imported):
    browser = imported.visit("careers")
    browser.get(f"/careers/skills?job={BEES}")
    sent = {"csrf": browser.token(), "shown": "bee,nonsense", "can": ["bee", "nonsense", "w1"]}
    browser.post("/careers/skills", sent, status=200)
    assert own(imported) == {"bee"}


def test_saving_twice_leaves_one_row_each(imported):
    browser = imported.visit("careers")
    keep(browser, BEES)
    for _ in range(2):
        browser.get("/careers/skills")
        page = browser.submit({"can": ["bee"]})
    assert own(imported) == {"bee"}
    assert page.select_one(".note.good")


def test_nobody_sees_or_changes_another_persons_skills(imported):
    browser = imported.visit("careers", sub="7")
    browser.get(f"/careers/skills?job={BEES}")
    browser.submit({"can": ["bee"]})
    other = imported.visit("careers", sub="8")
    page = other.get(f"/careers/skills?job={BEES}")
    assert not page.select("[checked]")
    other.submit({})
    assert own(imported) == {"bee"}


def test_without_a_kept_job_the_page_says_what_to_do(imported):
    assert "First keep a job" in imported.visit("careers").get("/careers/skills").main.text


def test_without_an_import_the_page_says_so(world):
    browser = world.visit("careers")
    keep(browser, "6111")
    assert "do not know what these jobs ask for" in browser.get("/careers/skills").main.text
    assert not browser.get("/careers/").find("a", href=lambda h: h and "careers/skills" in h)


def test_two_jobs_side_by_side(imported):
    finish_interests(imported)
    browser = imported.visit("careers")
    keep(browser, WOOD, BEES)
    link = browser.get("/careers/").find("a", href=lambda h: h and "compare" in h)
    page = browser.get(link["href"])
    table = page.table
    assert lines(table, "thead th[scope=col]") == ["Carpenter", "Beekeeper"]
    assert table.caption.text
    rows = {tag.th.text: [cell.text.strip() for cell in tag.select("td")]
            for tag in table.select("tbody tr")}  # fmt: skip
    assert all(tag["scope"] == "row" for tag in table.select("tbody th"))
    assert rows["What people do"] == ["Carpenters build with wood.", "Beekeepers look after bees."]
    assert rows["With people"] == ["No", "No"]
    assert rows["Outdoors"] == ["Yes", "Yes"]
    assert rows["Schooling or training before"][0] == "A good deal, such as a trade"
    assert "Calm bees" in rows["You may still learn"][1]
    assert rows["You can do already"] == ["Nothing ticked yet"] * 2
    assert all(rows["Why it may be worth a look"])
    for said in rows["Why it may be worth a look"]:
        assert "less, and you like" not in said  # what is liked comes first
    assert table.find_parent(attrs={"role": "region"})["tabindex"] == "0"


def test_a_group_beside_an_imported_job(imported):
    page = imported.visit("careers").get(f"/careers/compare?a={WOOD}&b=6111")
    assert "We do not know" in page.table.text


@pytest.mark.parametrize("query", ["", "?a=6111", "?a=6111&b=6111"])
def test_without_two_different_jobs_the_page_asks(world, query):
    browser = world.visit("careers")
    assert "Keep two jobs first" in browser.get(f"/careers/compare{query}").main.text
    keep(browser, "6111", "7115")
    page = browser.get(f"/careers/compare{query}")
    assert not page.table
    assert len(page.select("select[name=a] option")) == 2


def test_an_unknown_job_cannot_be_compared(world):
    page = world.visit("careers").get("/careers/compare?a=6111&b=nothing", status=404)
    assert "job_unknown" in page.code.text
