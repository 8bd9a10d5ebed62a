"""The partners' desk: write, look, publish, share, end, import; nothing typed is lost."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from lti_tool.opportunities.models import Opportunity
from lti_tool.people.roles import Role
from tests.lti_tool.critic import Critic
from tests.lti_tool.learner.test_near import RAW, offer, other_tenant, titles
from tests.lti_tool.opportunities.test_table import GOOD, text

STAFF = (Role.COORDINATOR, Role.INSTRUCTOR, Role.ADMIN)


def staff(world, role: Role = Role.COORDINATOR) -> Critic:
    return world.visit("near", sub=f"staff {role}", role=role)


def stored(world) -> list[Opportunity]:
    with world.services.database.read() as session:
        return list(session.scalars(select(Opportunity)))


@pytest.mark.parametrize("role", STAFF)
def test_from_an_empty_list_to_an_opportunity_that_learners_see(world, role):
    browser = staff(world, role)
    page = browser.get("/opportunities/")
    assert "nothing of your own yet" in page.main.text
    browser.get("/opportunities/new")
    page = browser.submit(RAW)
    assert "Only staff see this draft" in page.main.text
    assert "No texts yet in" in page.main.text
    page = browser.submit()
    assert "Learners can see it now" in page.main.text
    assert "Repair bicycles" in titles(world.visit("near").get("/"))
    page = browser.submit()
    assert "This has ended" in page.main.text
    assert "Repair bicycles" not in titles(world.visit("near").get("/"))
    assert browser.get("/opportunities/").find("td", string="Ended")


@pytest.mark.parametrize("role", [Role.LEARNER, Role.MENTOR])
def test_the_desk_is_for_staff_only(world, role):
    browser = world.visit("near", sub="9", role=role)
    for path in ("", "new", "import", "example.csv", "x", "x/edit"):
        assert "role_not_allowed" in browser.get(f"/opportunities/{path}", status=403).code.text


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(world):
    browser = staff(world)
    browser.get("/opportunities/new")
    sent = RAW | {"url": "http://x.example", "age_from": "x", "title.en": "", "title.de": "Nur so",
                  "interests": "R", "languages": "hu", "network": "yes"}  # fmt: skip
    page = browser.submit(sent, status=400)
    said = page.select_one("[role=alert]").text
    assert "is no safe web address" in said
    assert "Title (English)" in said
    assert "What it is (German)" in said
    for name in ("url", "age_from", "title.de"):
        assert page.find("input", {"name": name})["value"] == sent[name]
    assert page.find("textarea", {"name": "about.en"}).text == RAW["about.en"]
    assert page.find("option", {"value": "course"}).has_attr("selected")
    for name, code in (("interests", "R"), ("languages", "hu"), ("network", "yes")):
        assert page.find("input", {"name": name, "value": code}).has_attr("checked")
    assert page.find("input", {"name": "url"})["aria-describedby"] == "url-problem"
    assert page.find(id="url-problem")
    for link in page.select("[role=alert] a"):
        assert page.find(id=link["href"][1:]), link
    assert stored(world) == []


def test_an_opportunity_is_changed_where_it_stands(world):
    found = offer(world, network="yes", countries="HU", age_to="29", title__de="Rad",
                  about__de="Du lernst.")  # fmt: skip
    browser = staff(world)
    page = browser.get(f"/opportunities/{found}/edit")
    assert page.find("input", {"name": "place"})["value"] == "Szeged, HU"
    assert "readers see: English" in page.main.text
    raw = {field["name"]: field.get("value", "") for field in page.select("main input[type=text]")}
    raw |= {area["name"]: area.text for area in page.select("main textarea")}
    raw |= {"kind": "course", "languages": "en", "title.en": "Bicycles"}
    page = browser.submit(raw)
    assert page.h1.text == "Bicycles"
    (row,) = stored(world)
    assert (row.state, row.network, row.countries, row.place, row.age_to) == (
        "open", False, [], "715429", 29,
    )  # fmt: skip
    assert {words.language for words in row.words} == {"en", "de"}


def test_sharing_shows_it_to_the_learners_of_other_partners(world):
    other = other_tenant(world)
    theirs = offer(world, other, network="yes")
    assert "Repair bicycles" in titles(world.visit("near").get("/"))
    browser = staff(world)
    assert "Repair bicycles" not in browser.get("/opportunities/").main.text
    token = (browser.get("/opportunities/new"), browser.token())[1]
    for path in (f"{theirs}", f"{theirs}/edit"):
        assert "opportunity_unknown" in browser.get(f"/opportunities/{path}", status=404).code.text
    for path in ("publish", "end", "edit"):
        browser.post(f"/opportunities/{theirs}/{path}", {"csrf": token} | RAW, status=404)
    assert [row.state for row in stored(world)] == ["open"]


def test_a_last_day_that_has_passed_is_mended_before_publishing(world):
    browser = staff(world)
    browser.get("/opportunities/new")
    browser.submit(RAW | {"last_day": "2020-05-01"})
    page = browser.submit(status=400)
    assert "2020-05-01 has passed" in page.select_one("[role=alert]").text
    page = browser.submit(RAW | {"last_day": "2099-05-01"})
    assert "Learners can see it now" in browser.submit().main.text


def test_staff_find_the_desk_from_their_pages(world):
    browser = staff(world, Role.INSTRUCTOR)
    for path, words in (
        ("/teacher/", "Opportunities for learners"),
        ("/near/", "Edit what your organisation offers"),
    ):
        link = browser.get(path).find("a", string=words)
        assert browser.get(link["href"]).h1.text == "Opportunities for learners"
    page = world.visit("near").get("/near/")
    assert not page.find("a", string="Edit what your organisation offers")


def upload(browser: Critic, content: bytes, **values: str):
    browser.get("/opportunities/import")
    return browser.client.post(
        f"{browser.home}/opportunities/import",
        data={"csrf": browser.token(), "file": (io.BytesIO(content), "x.csv"), **values},
        follow_redirects=True,
    )


def test_a_file_is_imported_as_drafts_or_open(world):
    browser = staff(world)
    answer = upload(browser, text(GOOD).encode())
    page = browser._look(answer, 200)
    assert "1 added, 0 changed, 0 as before" in page.main.text
    assert [row.state for row in stored(world)] == ["draft"]
    upload(browser, text(GOOD | {"reference": "b"}).encode(), open="1")
    assert sorted(row.state for row in stored(world)) == ["draft", "open"]


def test_a_broken_file_is_shown_again_to_be_mended_in_place(world):
    browser = staff(world)
    content = text(GOOD | {"kind": "</textarea><script>"})
    page = browser._look(upload(browser, content.encode()), 400)
    assert "Line 2, column kind: Choose one of the kinds." in page.main.text
    kept = page.find("textarea", {"name": "text"}).text
    assert "</textarea><script>" in kept
    page = browser.submit({"text": kept.replace("</textarea><script>", "job")})
    assert "1 added" in page.main.text


def test_nothing_chosen_says_so(world):
    browser = staff(world)
    browser.get("/opportunities/import")
    page = browser.submit({"text": ""}, status=400)
    assert "There is nothing in the file" in page.main.text


def test_the_example_is_a_file(world):
    browser = staff(world)
    answer = browser.client.get(f"{browser.home}/opportunities/example.csv")
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith("\ufeffreference,kind,organisation,")
