"""A plan as files: paper, calendar, text, page, Europass."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
import time_machine
from bs4 import BeautifulSoup

from tests.lti_tool.learner.test_plan import with_goal, with_step

ALPHABETS = {
    "de": "äöüßÄÖÜ„“",
    "hu": "áéíóöőúüűŐŰ",
    "sk": "áäčďéíĺľňóôŕšťúýžĽ",
    "cs": "áčďéěíňóřšťúůýžŘ",
    "sl": "čšžČŠŽ",
    "ro": "ăâîșțȘȚ",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюяЩЪ",
    "sr": "ђјљњћџЂЈЉЊЋЏ",
    "bs": "čćđšžĆĐ",
}
ODD = 'Ask <b>"her"</b>, & him; then \\ go'


@pytest.fixture(autouse=True)
def on_a_wednesday():
    """Weeks and days of these tests are counted from one Wednesday."""
    with time_machine.travel("2027-03-03T09:00:00Z", tick=True):
        yield


@pytest.fixture
def browser(world):
    """A learner with one goal, a step with a day and help, and one that is done."""
    browser = world.visit("plan")
    goal = with_goal(browser, "Find a job")
    browser.get(f"/plan/goal/{goal}/step")
    browser.submit({"words": ODD, "when": "this_week", "helper": "friend"})
    done = with_step(browser, goal, "Call the baker", when="none")
    browser.post("/plan/tick", {"csrf": browser.token(), "step": done}, status=200)
    return browser


def fetch(browser, name: str):
    answer = browser.client.get(f"{browser.home}/plan/take/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Cache-Control"] == "no-store"
    return answer


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def letters_of(pdf: bytes) -> str:
    """Return the letters that a PDF says it shows."""
    found = set()
    for table in re.findall(rb"beginbfchar(.*?)endbfchar", pdf, re.DOTALL):
        for pair in re.findall(rb"<[0-9A-F]+> <([0-9A-F]+)>", table):
            found.add(bytes.fromhex(pair.decode()).decode("utf-16-be"))
    return "".join(sorted(found))


def test_the_page_to_keep_offers_each_file(browser):
    page = browser.get("/plan/take")
    names = [link["href"].rpartition("/")[2] for link in page.select("a[download]")]
    assert names == ["plan.pdf", "plan.ics", "plan.txt", "plan.html", "europass.xml"]
    assert "Help: a friend" in page.main.text


def test_without_a_goal_there_is_nothing_to_keep(world):
    page = world.visit("plan").get("/plan/take")
    assert not page.select("a[download]")
    assert page.find("a", string="Choose a goal")


def test_a_pdf_says_its_title_and_language_and_is_small(browser):
    answer = fetch(browser, "plan.pdf")
    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF-1.")
    assert b"/Lang (en)" in answer.data
    assert b"/Outlines" in answer.data
    assert len(answer.data) < 40_000


@pytest.mark.parametrize("language", ALPHABETS)
def test_a_pdf_has_the_letters_of_each_language(world, language):
    browser = world.visit("plan", locale=language)
    browser.get("/plan/goal/new")
    page = browser.submit({"title": ALPHABETS[language]})
    goal = page.form["action"].split("/")[-2]
    browser.get(f"/plan/goal/{goal}/step")
    browser.submit({"words": ALPHABETS[language], "when": "this_week"})
    pdf = fetch(browser, "plan.pdf").data
    missing = set(ALPHABETS[language]) - set(letters_of(pdf))
    assert not missing
    assert b"/Lang (" + language.encode() in pdf


def test_a_picture_in_the_words_is_a_question_mark_on_paper(world):
    browser = world.visit("plan")
    with_goal(browser, "Be happy 🙂")
    pdf = fetch(browser, "plan.pdf").data
    assert "?" in letters_of(pdf)
    assert "🙂" in fetch(browser, "plan.txt").text


def test_a_long_plan_goes_over_pages(world):
    browser = world.visit("plan")
    goal = with_goal(browser)
    for number in range(30):
        browser.get(f"/plan/goal/{goal}/step")
        browser.submit({"words": f"{number} " + "word " * 35, "when": "this_week"})
    assert fetch(browser, "plan.pdf").data.count(b"/Type /Page\n") > 1


def test_a_calendar_has_the_open_steps_with_a_day(browser):
    answer = fetch(browser, "plan.ics")
    lines = unfolded(answer.text)
    assert lines.count("BEGIN:VEVENT") == 1
    assert "DTSTART;VALUE=DATE:20270307" in lines
    assert "DTEND;VALUE=DATE:20270308" in lines
    assert 'SUMMARY:Ask <b>"her"</b>\\, & him\\; then \\\\ go' in lines
    assert "DESCRIPTION:Help: a friend" in lines
    assert lines.count("BEGIN:VALARM") == 1
    assert all(len(line.encode()) <= 75 for line in answer.text.split("\r\n"))


def test_a_postponed_step_replaces_itself_in_the_calendar(browser):
    before = unfolded(fetch(browser, "plan.ics").text)
    uid = next(line for line in before if line.startswith("UID:"))
    step = uid.removeprefix("UID:").partition("@")[0]
    browser.post(
        f"/plan/step/{step}/later", {"csrf": browser.token(), "due": "2027-03-21"}, status=200
    )
    after = unfolded(fetch(browser, "plan.ics").text)
    assert uid in after
    assert "SEQUENCE:1" in before
    assert "SEQUENCE:2" in after
    assert "DTSTART;VALUE=DATE:20270321" in after


def test_plain_text_has_everything(browser):
    text = fetch(browser, "plan.txt").text
    assert f"[ ] {ODD}" in text
    assert "[x] Call the baker" in text
    assert "By Sun, Mar 7 2027" in text


def test_a_page_to_keep_needs_nothing_from_anywhere(browser):
    page = BeautifulSoup(fetch(browser, "plan.html").text, "html5lib")
    assert page.html["lang"] == "en"
    assert ODD in page.body.text
    assert not page.select("script, link, img, style, b, a")


def test_a_europass_file_is_a_candidate_with_one_section_a_goal(browser):
    with_goal(browser, "Have a good CV")
    first, again = (fetch(browser, "europass.xml").data for _time in range(2))
    assert first == again
    spaces = {"e": "http://www.europass.eu/1.0", "hr": "http://www.hr-xml.org/3"}
    root = ET.fromstring(first)
    assert root.tag == "{http://www.europass.eu/1.0}Candidate"
    assert [one.tag.partition("}")[2] for one in root] == [
        "DocumentID", "CandidateSupplier", "CandidatePerson", "CandidateProfile",
    ]  # fmt: skip
    profile = root.find("e:CandidateProfile", spaces)
    assert profile.get("languageCode") == "en"
    titles = [one.text for one in profile.findall("e:Others/e:Other/e:Title", spaces)]
    assert titles == ["Find a job", "Have a good CV"]
    words = profile.find("e:Others/e:Other/e:Description", spaces).text
    assert words.startswith("<ul><li>Ask &lt;b&gt;&quot;her&quot;&lt;/b&gt;, &amp; him; then")
    assert "Call the baker (done)" in words


def test_signs_that_no_file_may_hold_are_left_out(world):
    browser = world.visit("plan")
    with_goal(browser, "Find\x01 a\x0b job")
    root = ET.fromstring(fetch(browser, "europass.xml").data)
    assert "Find a job" in "".join(root.itertext())
