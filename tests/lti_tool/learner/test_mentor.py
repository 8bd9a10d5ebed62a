"""My mentor: a learner asks for one, decides what is shared, waits, pauses and leaves."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from lti_tool.learner.mentor.words import STEPS
from lti_tool.learner.models import Progress
from lti_tool.mentoring.models import Consent, Mentee
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.people.models import Tenant
from lti_tool.people.roles import Role
from tests.lti_tool.pair.conftest import Programme, programme

__all__ = ["programme"]

ANSWERS: dict[str, dict] = {
    "about": {"nickname": "Ana", "birth_year": "2001", "gender": "woman"},
    "languages": {"language1": "hu", "level1": "6", "language2": "en", "level2": "3"},
    "times": {"slot": ["tue-evening", "sat-morning"]},
    "ways": {"way": ["online", "near"], "town": "Pécs", "reach": "60"},
    "help": {"help": ["find_job", "confidence"], "field": ["care"], "background": ["village"]},
    "wanted": {"with": ["woman"], "ages": "younger"},
}


def texts(page) -> str:
    return page.main.get_text(" ", strip=True)


def rows(world, table) -> list:
    with world.services.database.read() as session:
        return list(session.scalars(session.query(table).statement))


def start(world, **options):
    with world.services.database.write() as session:
        session.execute(update(Tenant).values(country="HU"))
    browser = world.visit("mentor", **options)
    browser.get("/")
    browser.submit()
    return browser


def walk(browser, upto: str | None = None):
    """Answer all pages, or those before one."""
    for step in STEPS:
        if step == upto:
            return browser.page
        assert browser.page.h1.string == STEPS[step], step
        browser.submit(ANSWERS[step])
    return browser.page


def join(world, **options):
    browser = start(world, **options)
    walk(browser)
    browser.submit()
    browser.submit()
    return browser


def test_the_first_page_says_what_mentoring_can_and_cannot_do(world):
    page = world.visit("mentor").get("/")
    assert page.h1.string == "My mentor"
    assert "listens to you" in texts(page)
    assert "cannot promise you a job" in texts(page)
    assert "The coordinator of Partner looks for a mentor" in texts(page)
    assert page.find("a", string="Something is wrong: tell us")
    assert rows(world, Mentee) == []


def test_a_learner_asks_for_a_mentor_in_six_pages_a_yes_and_a_check(world):
    browser = start(world)
    page = walk(browser)
    assert page.h1.string == "Do you say yes to this?"
    assert "You can stop at any time." in texts(page)
    page = browser.submit()
    assert page.h1.string == "Is this right?"
    for words in ("Ana", "Hungarian", "Tuesday: Evening", "Pécs", "Find a job", "16 to 35"):
        assert words in texts(page), words
    page = browser.submit()
    assert "We are looking for your mentor" in texts(page)
    assert "Ask the coordinator of Partner." in texts(page)
    (row,) = rows(world, Mentee)
    assert row.state == "waiting"
    assert row.languages == {"hu": 6, "en": 3}
    assert (row.latitude, row.longitude, row.reach_km) == (46.1, 18.2, 60)
    assert (row.genders, row.age_from, row.age_to) == (["woman"], 16, 35)
    (given,) = rows(world, Consent)
    assert (given.given_by, given.locale) == ("self", "en")


def test_asking_is_thirty_of_a_hundred_and_nothing_else_is_told(world):
    join(world, grading="progress")
    (row,) = rows(world, Progress)
    assert row.percent == 30
    (score,) = rows(world, ScoreDelivery)
    assert score.score == 30


def test_a_learner_goes_on_where_they_stopped(world):
    browser = start(world)
    walk(browser, "times")
    page = world.visit("mentor").get("/")
    assert "You have begun. Your answers are saved." in texts(page)
    page = world.visit("mentor").get("/mentor/go-on")
    assert page.h1.string == STEPS["times"]
    page = world.visit("mentor").get("/mentor/check")
    assert page.h1.string == STEPS["times"]
    page = world.visit("mentor").get("/mentor/ask/languages")
    assert page.select_one("#language1 option[selected]")["value"] == "hu"


@pytest.mark.parametrize(
    ("step", "changes", "words"),
    [
        ("about", {"nickname": "  "}, "1 to 40 letters"),
        ("about", {"nickname": "x" * 41}, "1 to 40 letters"),
        ("about", {"birth_year": "last"}, "four digits"),
        ("about", {"birth_year": "1066"}, "four digits"),
        ("about", {"birth_year": "²⁰⁰¹"}, "four digits"),
        ("about", {"gender": "made up"}, "pick one"),
        ("languages", {"language1": "", "level1": "", "language2": "", "level2": ""}, "at least"),
        ("languages", {"level2": ""}, "at least one language"),
        ("languages", {"language2": "tlh"}, "at least one language"),
        ("languages", {"level1": "7"}, "at least one language"),
        ("times", {"slot": []}, "at least one time"),
        ("times", {"slot": ["mon-night"]}, "at least one time"),
        ("ways", {"way": []}, "online, near you, or both"),
        ("ways", {"way": ["moon"]}, "online, near you, or both"),
        ("ways", {"town": ""}, "name of a town near you"),
        ("ways", {"town": "Nowhere at all"}, "name of a town near you"),
        ("ways", {"reach": "9999"}, "distance from the list"),
        ("help", {"help": ["made up"]}, "choose from what the page offers"),
        ("wanted", {"with": ["made up"]}, "choose from what the page offers"),
        ("wanted", {"ages": "made up"}, "two ages"),
    ],
)
def test_what_does_not_fit_is_asked_again_and_nothing_is_lost(world, step, changes, words):
    browser = start(world)
    walk(browser, step)
    page = browser.submit(ANSWERS[step] | changes, status=400)
    assert page.h1.string == STEPS[step]
    assert words in page.select_one("[role=alert]").text
    if step == "about" and "nickname" not in changes:
        assert page.select_one("#nickname")["value"] == "Ana"
    if step == "ways" and "reach" not in changes:
        assert page.select_one("#reach option[selected]")["value"] == "60"
    browser.submit(ANSWERS[step])


def test_a_name_of_several_towns_is_asked_about(world):
    browser = start(world)
    walk(browser, "ways")
    page = browser.submit(ANSWERS["ways"] | {"town": "Szent"}, status=400)
    choices = page.select("[name=town_id]")
    assert len(choices) > 1
    page = browser.submit(ANSWERS["ways"] | {"town": "Szent", "town_id": choices[1]["value"]})
    assert page.h1.string == STEPS["help"]


def test_no_place_is_needed_online(world):
    browser = start(world)
    walk(browser, "ways")
    browser.submit({"way": ["online"], "town": "", "reach": "30"})
    (row,) = rows(world, Mentee)
    assert (row.online, row.near, row.latitude) == (True, False, None)


def test_writing_is_enough_instead_of_times(world):
    browser = start(world)
    walk(browser, "times")
    page = browser.submit({"in_writing": "1"})
    assert page.h1.string == STEPS["ways"]


def test_an_answer_is_changed_and_the_others_stay(world):
    browser = join(world)
    page = browser.get("/mentor/answers")
    link = page.find("a", string=lambda text: text and text.startswith("Change"))
    assert link or page.select("dd a")
    browser.get("/mentor/ask/times?change=1")
    page = browser.submit({"slot": ["fri-morning"]})
    assert page.h1.string == "My answers"
    assert "Friday: Morning" in texts(page)
    browser.get("/mentor/ask/times?change=1")
    browser.submit({"slot": []}, status=400)
    (row,) = rows(world, Mentee)
    assert (row.slots, row.languages) == (["fri-morning"], {"hu": 6, "en": 3})


def test_who_is_too_young_alone_hears_whom_to_ask(world):
    browser = start(world)
    browser.submit(ANSWERS["about"] | {"birth_year": "2012"})
    for step in list(STEPS)[1:]:
        browser.submit(ANSWERS[step])
    page = browser.submit()
    assert "A parent or guardian has to sign too." in texts(page)
    page = browser.submit()
    assert "Before that no mentor can be found for you." in texts(page)


def test_without_a_year_a_guardian_is_needed_too(world):
    browser = start(world)
    browser.submit(ANSWERS["about"] | {"birth_year": ""})
    page = browser.get("/mentor/consent")
    assert "A parent or guardian has to sign too." in texts(page)


def test_a_yes_is_taken_back_and_given_again(world):
    browser = join(world)
    page = browser.get("/mentor/consent")
    assert "You have said yes to this text." in texts(page)
    page = browser.submit()
    assert page.main.button.string == "Yes, I agree"
    assert "Without your yes" in texts(browser.get("/mentor/"))
    browser.get("/mentor/consent")
    browser.submit()
    assert "Without your yes" not in texts(browser.get("/mentor/"))
    assert len(rows(world, Consent)) == 2


@pytest.mark.parametrize("version", ["0", "999", "x", "²"])
def test_a_yes_to_a_text_that_was_not_shown_is_none(world, version):
    browser = start(world)
    browser.get("/mentor/consent")
    page = browser.submit({"version": version}, status=400)
    assert page.h1.string == "There is a newer text"
    assert rows(world, Consent) == []


def test_nobody_joins_with_a_page_left_out(world):
    browser = start(world)
    token = browser.token()
    page = browser.post("/mentor/join", {"csrf": token}, status=409)
    assert page.h1.string == "Your name is still missing"
    browser.get("/mentor/ask/about")
    browser.submit(ANSWERS["about"])
    page = browser.post("/mentor/join", {"csrf": token}, status=409)
    assert page.h1.string == "Some answers are still missing"
    browser.get("/mentor/ask/languages")
    for step in list(STEPS)[1:]:
        browser.submit(ANSWERS[step])
    page = browser.post("/mentor/join", {"csrf": token}, status=409)
    assert "mentoring_consent" in page.code.text


def test_nothing_is_changed_by_who_has_not_begun(world):
    browser = world.visit("mentor")
    browser.get("/")
    token = browser.token()
    for path in ("ask/about", "ask/times", "consent", "join", "mentors", "share", "pause", "leave"):
        values = {"csrf": token, "version": "1", "nickname": "x", "slot": "mon-morning"}
        browser.post(f"/mentor/{path}", values, status=404)
    for path in ("ask/about", "consent", "check", "answers", "mentors", "share", "stop", "go-on"):
        assert browser.get(f"/mentor/{path}").h1.string == "My mentor"
    browser.get("/mentor/ask/nothing", status=404)
    browser.post("/mentor/ask/nothing", {"csrf": token}, status=404)
    assert rows(world, Mentee) == []


def test_what_the_mentor_may_see_is_nothing_until_it_is_chosen(world):
    browser = join(world)
    page = browser.get("/mentor/share")
    assert not page.select("[name=share][checked]")
    page = browser.submit({"share": ["plan", "interests"]})
    assert {box["value"] for box in page.select("[name=share][checked]")} == {"plan", "interests"}
    browser.submit({"share": ["everything"]}, status=400)
    (row,) = rows(world, Mentee)
    assert row.shares == ["interests", "plan"]


def test_a_break_and_its_end(world):
    browser = join(world)
    browser.get("/mentor/stop")
    page = browser.submit()
    assert "You take a break." in texts(page)
    page = browser.submit()
    assert "We are looking for your mentor" in texts(page)


def test_leaving_needs_no_reason_and_one_may_come_back(world):
    browser = join(world)
    browser.get("/mentor/stop")
    token = browser.token()
    page = browser.submit(form=1)
    assert "You have stopped with mentoring." in texts(page)
    browser.post("/mentor/leave", {"csrf": token}, status=200)
    assert page.main.button.string == "Come back"
    page = browser.submit()
    assert page.h1.string == "Is this right?"
    assert [row.percent for row in rows(world, Progress)] == [30]


class TestMentors:
    def ready(self, programme: Programme):
        with programme.stage() as stage:
            stage.mentee(programme.world.tenant_id, "ana")
            stage.mentor(programme.world.tenant_id, "otto")
        return programme.browser("ana")

    def test_wishes_and_vetoes_are_said_on_cards(self, programme):
        browser = self.ready(programme)
        page = browser.get("/mentor/mentors")
        assert [card.string for card in page.select(".card h2")] == ["mira", "otto"]
        assert page.find("a", string="Something is wrong: tell us")
        mira, otto = (programme.people[name].user_id for name in ("mira", "otto"))
        page = browser.submit({f"mentor-{mira}": "yes", f"mentor-{otto}": "no"})
        assert "Saved." in texts(page)
        assert [card.string for card in page.select(".card h2")] == ["mira"]
        assert page.select_one(f"[name=mentor-{mira}][checked]")["value"] == "yes"
        row = programme.row(Mentee, user_id=programme.people["ana"].user_id)
        assert (row.wishes, row.not_with) == ([mira], [otto])
        assert "You said no to 1 mentor." in texts(page)
        page = browser.submit(form=1)
        assert len(page.select(".card h2")) == 2

    def test_a_stranger_is_no_mentor_to_wish_for(self, programme):
        browser = self.ready(programme)
        browser.get("/mentor/mentors")
        boss = programme.people["boss"].user_id
        browser.submit({f"mentor-{boss}": "yes"}, status=404)
        browser.get("/mentor/mentors")
        browser.submit({f"mentor-{boss}": "no"}, status=404)
        browser.get("/mentor/mentors")
        mira = programme.people["mira"].user_id
        browser.submit({f"mentor-{mira}": "forever"}, status=400)

    def test_more_than_five_wishes_are_too_many(self, programme):
        browser = self.ready(programme)
        with programme.stage() as stage:
            for number in range(8):
                stage.mentor(programme.world.tenant_id, f"m{number}")
        page = browser.get("/mentor/mentors")
        names = {box["name"] for box in page.select("[type=radio]")}
        assert len(names) == 8
        page = browser.submit(dict.fromkeys(sorted(names)[:6], "yes"), status=400)
        assert page.h1.string == "That is too many wishes"
        first = sorted(names)[0]
        browser.get("/mentor/mentors")
        browser.submit({first: "yes"})
        page = browser.get("/mentor/mentors?page=2")
        assert len(page.select(".card h2")) == 2
        second = page.select_one("[type=radio]")["name"]
        browser.submit({second: "yes"})
        row = programme.row(Mentee, user_id=programme.people["ana"].user_id)
        assert row.wishes == [name.removeprefix("mentor-") for name in (first, second)]
        browser.get("/mentor/mentors")
        browser.submit({first: ""})
        row = programme.row(Mentee, user_id=programme.people["ana"].user_id)
        assert row.wishes == [second.removeprefix("mentor-")]

    def test_whoever_has_not_joined_sees_no_mentor(self, programme):
        browser = start(programme.world, sub="99")
        assert browser.get("/mentor/mentors").h1.string == "My mentor"


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.MENTOR, Role.COORDINATOR, Role.ADMIN])
def test_staff_see_what_learners_are_asked_and_leave_no_trace(world, role):
    browser = world.visit("mentor", role=role)
    page = browser.get("/mentor/")
    assert "Only learners can ask for a mentor here." in texts(page)
    browser.get("/mentor/ask/about", status=403)
    values = {"csrf": browser.token()}
    browser.post("/mentor/begin", values, status=403)
    assert rows(world, Mentee) == []
