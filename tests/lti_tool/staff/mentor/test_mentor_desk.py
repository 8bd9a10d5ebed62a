"""The mentors' room: from the invitation to own mentees, and nothing of anybody else's."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from adaptive.guides import load_guides
from config.clock import utcnow
from lti_tool.learner.models import Progress
from lti_tool.learner.needs.models import NeedsAnswer, NeedsShare
from lti_tool.learner.needs.operations import questions
from lti_tool.mentoring import (
    borders,
    closure,
    consent,
    invitations,
    meetings,
    mentees,
    mentors,
    messages,
    reports,
    screening,
)
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.codes import UNITS
from lti_tool.mentoring.models import Event, Invitation, Mentor, Notice, Pair, TrainingUnit
from lti_tool.mentoring.words import SHARES
from lti_tool.mentoring.words import UNITS as TITLES
from lti_tool.people.models import User
from lti_tool.people.roles import Role
from lti_tool.staff.mentor.operations import stage_of
from lti_tool.staff.mentor.words import STAGES
from tests.lti_tool.conftest import World
from tests.lti_tool.critic import Critic, faults_of
from tests.lti_tool.pair.conftest import Programme, offered, programme, talking

__all__ = ["offered", "programme", "talking"]

ABOUT = {
    "nickname": "Teo",
    "about": "I am a joiner and like to explain things.",
    "birth_year": "1970",
    "gender": "man",
    "employer": "Wood Ltd",
}
OFFER: dict = {
    "language1": "hu",
    "level1": "6",
    "language2": "sr",
    "level2": "4",
    "help": ["find_job"],
    "field": ["craft", "farm"],
    "background": ["village"],
    "slot": ["mon-evening", "sat-morning"],
    "in_writing": "1",
    "way": ["online", "near"],
    "town": "Pécs",
    "reach": "60",
    "capacity": "2",
    "across": "1",
}


def topics(page) -> list[str]:
    """What a mentee shows, by the headings of the page."""
    titles = {str(title) for title in SHARES.values()}
    return [tag.string for tag in page.select("h3") if tag.string in titles]


def texts(page) -> str:
    return page.main.get_text(" ", strip=True)


def enter(world: World, sub: str = "50", role: Role = Role.MENTOR, **options: str) -> Critic:
    """Let somebody launch the room, and look at what they see first."""
    browser = world.visit("mentoring", sub=sub, role=role, **options)
    browser.get("/")
    return browser


def apply(world: World, **changes) -> Critic:
    """Apply as a mentor."""
    browser = enter(world)
    browser.submit()
    browser.submit(ABOUT)
    browser.submit(OFFER | changes)
    return browser


def invite(programme: Programme, **options: int) -> str:
    """Let the coordinator make an invitation."""
    with programme.stage() as stage:
        boss = programme.people["boss"]
        return invitations.invite(stage.session, boss, stage.now, **options)[1]


class TestTheDoor:
    @pytest.mark.parametrize(
        ("module", "role"),
        [
            ("mentoring", Role.MENTOR),
            ("mentoring", Role.INSTRUCTOR),
            ("mentoring", Role.COORDINATOR),
            ("mentor", Role.MENTOR),
            (None, Role.MENTOR),
        ],
    )
    def test_who_may_apply_at_once(self, world, module, role):
        page = world.visit(module, sub="50", role=role).get("/")
        assert page.h1.string == "Mentors' room"
        assert page.main.button.string == "Apply as a mentor"
        assert "What is hard about it" in texts(page)

    @pytest.mark.parametrize("role", [Role.LEARNER, Role.ADMIN])
    def test_others_need_a_code(self, world, programme, role):
        browser = enter(world, role=role)
        assert "Code or link of your invitation" in texts(browser.page)
        browser.post("/mentoring/begin", {"csrf": browser.token()}, status=404)
        assert not programme.rows(Mentor, user_id=world.users["50"])

    def test_the_role_of_another_activity_opens_no_application(self, world, programme):
        browser = world.visit("interests", sub="50", role=Role.INSTRUCTOR)
        page = browser.get("/mentoring/")
        assert page.find("input", {"name": "code"})
        browser.post("/mentoring/begin", {"csrf": browser.token()}, status=404)
        assert not programme.rows(Mentor, user_id=world.users["50"])

    def test_a_teacher_goes_to_the_learners_until_they_are_a_mentor(self, world):
        teacher = world.visit("mentor", sub="50", role=Role.INSTRUCTOR)
        assert teacher.get("/").h1.string == "My mentor"
        assert "Nobody has opened" in texts(teacher.page)
        enter(world, role=Role.INSTRUCTOR).submit()
        page = world.visit("mentor", sub="50", role=Role.INSTRUCTOR).get("/")
        assert page.h1.string == "Mentors' room"
        assert "For teachers: who is where" in texts(page)

    def test_a_mentor_enrolled_as_learner_comes_here_unless_they_are_a_mentee(self, programme):
        assert programme.browser("mira").get("/").h1.string == "Mentors' room"
        with programme.stage() as stage:
            mentees.begin(stage.session, programme.people["mira"], stage.now)
        assert programme.browser("mira").get("/").h1.string == "My mentor"

    def test_reviews_of_a_grade_still_go_to_the_teachers_page(self, world):
        browser = world.visit(
            "mentoring", sub="50", role=Role.INSTRUCTOR, message="LtiSubmissionReviewRequest"
        )
        assert "Nobody has opened this activity yet." in texts(browser.get("/"))


class TestAnInvitation:
    def test_the_public_page_says_what_to_do_and_looks_nothing_up(self, app, programme):
        code = invite(programme)
        client = app.test_client()
        pages = []
        for one in (code, "x" * len(code)):
            answer = client.get(f"/mentoring/invitation/{one}")
            assert answer.status_code == 200
            assert faults_of(answer.text) == []
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Partner" not in answer.text
            assert "Set-Cookie" not in answer.headers
            pages.append(answer.text.replace(one, "CODE"))
        assert pages[0] == pages[1]
        assert "Open the course for mentors" in pages[0]
        (row,) = programme.rows(Invitation)
        assert row.uses_left == 1

    def test_the_public_page_speaks_the_language_that_is_asked_for(self, app):
        answer = app.test_client().get("/mentoring/invitation/x?lang=hu")
        assert '<html lang="hu">' in answer.text
        answer = app.test_client().get("/mentoring/invitation/%3Cscript%3E?lang=%22")
        assert "<script>" not in answer.text

    @pytest.mark.parametrize(
        "shape", ["{}", " {} ", "https://tool.example/mentoring/invitation/{}"]
    )
    def test_code_or_link_open_the_application_once(self, programme, shape):
        code, world = invite(programme), programme.world
        browser = enter(world, role=Role.LEARNER)
        page = browser.submit({"code": shape.format(code)})
        assert page.h1.string == "About me"
        other = enter(world, sub="51", role=Role.LEARNER)
        page = other.submit({"code": code}, status=404)
        assert "This invitation does not work any more" in texts(page)
        assert not programme.rows(Mentor, user_id=world.users["51"])

    def test_a_code_of_another_organisation_an_old_one_and_none_open_nothing(self, programme):
        old = invite(programme)
        with programme.stage() as stage:
            stage.session.execute(update(Invitation).values(expires_at=stage.now))
            stage.tenant("away")
            boss = programme.people["away-boss"]
            foreign = invitations.invite(stage.session, boss, stage.now)[1]
        for sub, code in (("60", old), ("61", foreign), ("62", "nothing"), ("63", "")):
            browser = enter(programme.world, sub=sub, role=Role.LEARNER)
            page = browser.submit({"code": code}, status=404)
            assert "Ask the person who sent it" in texts(page)
            assert not programme.rows(Mentor, user_id=programme.world.users[sub])

    def test_a_mentor_uses_nothing_up(self, programme):
        code = invite(programme)
        browser = programme.browser("mira", module="mentoring")
        browser.get("/")
        page = browser.post(
            "/mentoring/invitation", {"csrf": browser.token(), "code": code}, status=200
        )
        assert "My mentees" in texts(page)
        (row,) = programme.rows(Invitation)
        assert row.uses_left == 1


class TestTheApplication:
    def test_two_steps_and_then_the_coordinator_knows(self, programme):
        browser = apply(programme.world)
        page = browser.page
        assert "Thank you! Your application has arrived." in texts(page)
        assert "Nobody contacts anybody before the checks and the training are done." in texts(page)
        row = programme.row(Mentor, user_id=programme.world.users["50"])
        assert (row.state, row.nickname, row.employer) == ("applied", "Teo", "Wood Ltd")
        assert row.languages == {"hu": 6, "sr": 4}
        assert (row.latitude, row.longitude, row.reach_km) == (46.1, 18.2, 60)
        assert (row.capacity, row.across, row.in_writing) == (2, True, True)
        assert (row.online, row.near) == (True, True)
        assert row.fields == ["craft", "farm"]
        boss = programme.people["boss"]
        news = programme.rows(Notice, user_id=boss.user_id, kind="application")
        assert [one.occasion.split(":")[0] for one in news if row.user_id in one.occasion]

    def test_it_goes_on_where_it_stopped_and_the_second_step_waits_for_the_first(self, world):
        browser = enter(world)
        browser.submit()
        assert browser.get("/mentoring/application/offer").h1.string == "About me"
        browser.submit(ABOUT)
        page = enter(world).page
        assert "Your answers are saved." in texts(page)
        assert browser.get("/mentoring/application/").h1.string == "What I offer"
        page = browser.get("/mentoring/application/about")
        assert page.find("textarea").string.strip() == ABOUT["about"]
        browser.get("/mentoring/application/third", status=404)
        browser.post("/mentoring/application/third", {"csrf": browser.token(), **ABOUT}, status=404)

    @pytest.mark.parametrize(
        ("step", "changes", "words"),
        [
            ("about", {"nickname": " "}, "1 to 40 letters"),
            ("about", {"nickname": "x" * 41}, "1 to 40 letters"),
            ("about", {"about": ""}, "This text does not work"),
            ("about", {"about": "x" * 1001}, "This text does not work"),
            ("about", {"birth_year": "70"}, "four digits"),
            ("about", {"birth_year": "1850"}, "four digits"),
            ("about", {"gender": "cat"}, "pick one from the list"),
            ("about", {"employer": "x" * 81}, "One answer does not fit"),
            ("offer", {"language1": "", "level1": "", "language2": "", "level2": ""}, "language"),
            ("offer", {"language1": "xx"}, "A language is missing"),
            ("offer", {"level1": "7"}, "A language is missing"),
            ("offer", {"slot": [], "in_writing": ""}, "A time is missing"),
            ("offer", {"slot": ["mon-night"]}, "A time is missing"),
            ("offer", {"way": []}, "A way to meet is missing"),
            ("offer", {"way": ["by_car"]}, "A way to meet is missing"),
            ("offer", {"town": ""}, "We do not know this place"),
            ("offer", {"town": "Nowherehausen"}, "We do not know this place"),
            ("offer", {"reach": "31"}, "Choose a distance"),
            ("offer", {"capacity": "0"}, "Choose a number from the list"),
            ("offer", {"capacity": "11"}, "Choose a number from the list"),
            ("offer", {"help": ["money"]}, "One answer does not fit"),
            ("offer", {"field": ["spying"]}, "One answer does not fit"),
        ],
    )
    def test_what_does_not_fit_is_asked_again_with_all_that_was_typed(
        self, programme, step, changes, words
    ):
        browser = enter(programme.world)
        browser.submit()
        if step == "offer":
            browser.submit(ABOUT)
        page = browser.submit((ABOUT if step == "about" else OFFER) | changes, status=400)
        assert words in page.find(role="alert").get_text(" ")
        if step == "about":
            kept = page.find(id="employer")["value"]
            assert kept == changes.get("employer", ABOUT["employer"])
        else:
            kept = {one["value"] for one in page.select("[name=field][checked]")}
            assert kept == set(changes.get("field", OFFER["field"])) & {"craft", "farm"}
            assert page.find(id="town")["value"] == changes.get("town", OFFER["town"])
        row = programme.row(Mentor, user_id=programme.world.users["50"])
        assert row.state == "draft"

    def test_a_name_of_several_towns_is_asked_back(self, world):
        browser = enter(world)
        browser.submit()
        browser.submit(ABOUT)
        page = browser.submit(OFFER | {"town": "Neustadt"}, status=400)
        towns = [one["value"] for one in page.select("[name=town_id]")]
        assert len(towns) > 1
        page = browser.submit(OFFER | {"town": "Neustadt", "town_id": towns[1]})
        assert "Your application has arrived." in texts(page)

    def test_it_can_be_changed_later_and_never_below_the_mentees_there(self, programme):
        for name in ("ana", "bea"):
            with programme.stage() as stage:
                mentee = stage.mentee(programme.world.tenant_id, name)
                stage.started(mentee, programme.people["mira"])
        browser = programme.browser("mira", module="mentoring")
        browser.get("/mentoring/application/offer")
        page = browser.submit(OFFER | {"capacity": "1"}, status=409)
        assert "There are more learners than places" in texts(page)
        browser.get("/mentoring/application/offer")
        page = browser.submit(OFFER | {"capacity": "4"})
        assert "2 of 4 places taken" in texts(page)
        assert programme.row(Mentor, nickname="mira").state == "active"

    def test_a_stranger_has_no_step_to_fill_in(self, programme):
        browser = enter(programme.world, sub="70", role=Role.LEARNER)
        assert browser.get("/mentoring/application/about").h1.string == "Mentors' room"
        assert browser.get("/mentoring/stop").h1.string == "Mentors' room"
        for path in ("application/about", "application/offer", "again", "pause", "leave"):
            values = {"csrf": browser.token(), **ABOUT, **OFFER}
            browser.post(f"/mentoring/{path}", values, status=404)
        assert not programme.rows(Mentor, user_id=programme.world.users["70"])

    def test_partners_that_are_open_are_named(self, programme):
        browser = enter(programme.world)
        browser.submit()
        page = browser.submit(ABOUT)
        assert "At the moment no partner is open." in texts(page)
        with programme.stage() as stage:
            away = stage.tenant("Vienna")
            here = programme.world.tenant_id
            boss, other = programme.people["boss"], programme.people["Vienna-boss"]
            borders.ask_border(stage.session, boss, away, here, stage.now)
            borders.agree_border(stage.session, other, away, here, stage.now)
        page = browser.get("/mentoring/application/offer")
        assert "Open at the moment: Vienna." in texts(page)


class TestChecks:
    def test_what_is_missing_and_who_checks(self, programme):
        page = apply(programme.world).page
        assert "The coordinator of Partner checks." in texts(page)
        assert texts(page).count("not looked at yet") == 3
        assert "Show the coordinator your identity card or passport." in texts(page)

    def test_names_of_those_who_check_days_and_what_ran_out(self, programme):
        browser = apply(programme.world)
        today = utcnow().date()
        with programme.stage() as stage:
            boss = programme.people["boss"]
            user = stage.session.get_one(User, (boss.tenant_id, boss.user_id))
            user.name = "Berta Boss"
            for check, state, until in (
                ("identity", "passed", None),
                ("references", "failed", None),
                ("record", "passed", today - timedelta(days=1)),
            ):
                screening.note_check(
                    stage.session, boss, programme.world.users["50"], check, state,
                    today - timedelta(days=9), stage.now, until,
                )  # fmt: skip
        said = texts(browser.get("/mentoring/"))
        assert "These people check: Berta Boss." in said
        for words in ("done", "not passed", "too old, has to be done again", "good until"):
            assert words in said, words

    def test_done_checks_and_training_wait_for_the_coordinator(self, programme):
        browser = apply(programme.world)
        mentor = Actor(programme.world.tenant_id, programme.world.users["50"])
        with programme.stage() as stage:
            stage.check(mentor)
            stage.train(mentor)
        page = browser.get("/mentoring/")
        assert "Now the coordinator of Partner has to admit you." in texts(page)
        with programme.stage() as stage:
            mentors.admit(stage.session, programme.people["boss"], mentor.user_id, stage.now)
        page = browser.get("/mentoring/")
        assert "Welcome! You can have mentees from now on." in texts(page)
        assert "Nobody yet. The coordinator looks" in texts(page)
        assert "Welcome!" not in texts(browser.submit())

    def test_a_no_is_kind_and_one_may_apply_again(self, programme):
        browser = apply(programme.world)
        with programme.stage() as stage:
            mentors.refuse(
                stage.session, programme.people["boss"], programme.world.users["50"],
                "places", stage.now,
            )  # fmt: skip
        page = browser.get("/mentoring/")
        assert "said no for now" in texts(page)
        page = browser.submit()
        assert "Your application has arrived." in texts(page)
        browser.post("/mentoring/again", {"csrf": browser.token()}, status=409)


class TestTheGuides:
    def test_a_unit_is_read_page_by_page_and_done_with_three_answers(self, programme):
        browser = apply(programme.world)
        page = browser.get("/mentoring/guides/")
        assert len(page.select("ol.list > li")) == 6
        page = browser.get("/mentoring/guides/role/1")
        assert page.h1.string == "What a mentor is, and is not"
        for number in range(2, 7):
            page = browser.get(f"/mentoring/guides/role/{number}")
            assert page.select_one("progress")["value"] == str(number - 1)
        page = browser.get(page.find("a", string="Go on")["href"])
        assert page.h1.string == "Three questions for yourself"
        assert len(page.select("fieldset")) == 3
        assert not programme.rows(TrainingUnit, user_id=programme.world.users["50"])
        page = browser.submit({"q1": "b", "q2": "a", "q3": "a"})
        assert "This unit is done." in texts(page)
        assert "But this may be an illness." in texts(page)
        assert page.find("details").find("a")["href"].endswith("/guides/role/3")
        assert page.find("a", string="The next unit")["href"].endswith("/guides/trust/1")
        row = programme.row(TrainingUnit, user_id=programme.world.users["50"])
        assert row.unit == "role"

    @pytest.mark.parametrize(
        "said", [{}, {"q1": "a", "q2": "b"}, {"q1": "a", "q2": "b", "q3": "z"},
                 {"q1": "ab", "q2": "b", "q3": "c"}],
    )  # fmt: skip
    def test_without_three_answers_it_is_asked_again(self, programme, said):
        browser = apply(programme.world)
        browser.get("/mentoring/guides/safe/questions")
        page = browser.submit(said, status=400)
        assert "Please choose one answer to each question." in texts(page)
        kept = {one["name"]: one["value"] for one in page.select("input[checked]")}
        assert kept == {key: value for key, value in said.items() if value in set("abc")}
        assert not programme.rows(TrainingUnit, user_id=programme.world.users["50"])

    def test_all_units_are_the_training_and_a_learners_grade(self, programme):
        code = invite(programme)
        browser = enter(programme.world, role=Role.LEARNER, grading="progress")
        browser.submit({"code": code})
        browser.submit(ABOUT)
        browser.submit(OFFER)
        for number, unit in enumerate(UNITS, start=1):
            browser.get(f"/mentoring/guides/{unit}/questions")
            page = browser.submit({"q1": "a", "q2": "a", "q3": "a"})
            row = programme.row(Progress, user_id=programme.world.users["50"])
            assert row.percent == 100 * number // 6
        assert "The whole training is done." in texts(page)
        assert row.completed_at

    def test_whoever_is_no_mentor_may_read_and_nothing_counts(self, programme):
        browser = enter(programme.world, sub="71", role=Role.INSTRUCTOR)
        browser.get("/mentoring/guides/role/questions")
        page = browser.submit({"q1": "a", "q2": "a", "q3": "a"})
        assert "this unit does not count yet" in texts(page)
        assert not programme.rows(TrainingUnit, user_id=programme.world.users["71"])

    def test_what_is_not_there(self, world):
        browser = enter(world)
        for path in ("nothing/1", "nothing/questions", "nothing/replies"):
            browser.get(f"/mentoring/guides/{path}", status=404)
        assert "1 of" not in texts(browser.get("/mentoring/guides/role/99"))
        assert browser.page.h1.string == "What a mentor is, and is not"
        for said in ("", "ab", "abz", "abcd"):
            page = browser.get(f"/mentoring/guides/role/replies?said={said}")
            assert page.h1.string == "Three questions for yourself"

    def test_another_language_says_that_the_guide_is_in_english(self, world):
        browser = world.visit("mentoring", sub="50", role=Role.MENTOR, locale="hu")
        page = browser.get("/mentoring/guides/role/1")
        assert page.find(lang="en").find("h1").string == "What a mentor is, and is not"
        assert "so it is in English" in texts(page)
        page = enter(world).get("/mentoring/guides/role/1")
        assert "so it is in English" not in texts(page)


class TestOwnMentees:
    def test_an_offer_waits_with_its_last_day(self, offered):
        browser = offered.mentor
        page = browser.get("/mentoring/")
        assert "Offers for you" in texts(page)
        assert "1 of 3 places taken" in texts(page)
        (link,) = page.select(f"a.button[href$='/pair/{offered.pair_id}/']")
        assert link.get_text().startswith("Look at the offer")
        browser.get(link["href"])
        browser.submit({"word": "yes"}, form=1)
        page = browser.get("/mentoring/")
        assert "You said yes. Now we wait for the other answer." in texts(page)

    def test_own_mentees_with_the_next_meeting_messages_and_prompts(self, programme, talking):
        starts = (utcnow() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
        with programme.stage() as stage:
            ana, mira = programme.people["ana"], programme.people["mira"]
            row = meetings.propose_meeting(
                stage.session, ana, talking.pair_id, (starts,), 45, "online", "first_talk",
                stage.now,
            )  # fmt: skip
            messages.write(stage.session, ana, talking.pair_id, "Hello Mira", stage.now)
        page = talking.mentor.get("/mentoring/")
        assert "ana" in texts(page)
        assert "Times for a meeting wait for your answer." in texts(page)
        assert "1 new message" in texts(page)
        with programme.stage() as stage:
            meetings.confirm_meeting(stage.session, mira, talking.pair_id, row.id, 0, stage.now)
        page = talking.mentor.get("/mentoring/")
        assert "Next meeting: " in texts(page)
        page = talking.mentor.get(f"/mentoring/mentee/{talking.pair_id}")
        assert page.h1.string == "ana"
        assert "Next meeting: " in texts(page)
        assert "The first meeting" in texts(page)

    def test_prompts_are_staged(self, talking):
        page = talking.mentor.get("/mentoring/prompts")
        assert [tag.string for tag in page.select("h2")] == [one[0] for one in STAGES.values()]
        page = talking.mentor.get("/mentoring/prompts?stage=hard")
        assert [tag.string for tag in page.select("h2")] == ["Hard times"]
        assert len(talking.mentor.get("/mentoring/prompts?stage=nothing").select("h2")) == 5

    def test_only_what_the_mentee_chose_is_shown_and_only_while_they_are_a_pair(
        self, programme, talking
    ):
        learner = programme.browser("ana", module="careers")
        found = str(learner.get("/careers/?q=nurse"))
        job = re.findall(r"careers/job/([^\"/?]+)", found)[0]
        title = learner.get(f"/careers/job/{job}").h1.string
        learner.post(f"/careers/job/{job}/keep", {"csrf": learner.token()}, status=200)
        path, ana = f"/mentoring/mentee/{talking.pair_id}", programme.people["ana"]
        page = talking.mentor.get(path)
        assert "Nothing so far. That is fine." in texts(page)
        assert title not in texts(page)
        for chosen in (["interests"], ["interests", "favourites"]):
            with programme.stage() as stage:
                mentees.share(stage.session, ana, chosen)
            page = talking.mentor.get(path)
            assert topics(page) == [str(SHARES[code]) for code in chosen]
            assert (title in texts(page)) is ("favourites" in chosen)
            assert "There is nothing yet." in texts(page)
        with programme.stage() as stage:
            consent.withdraw_consent(stage.session, ana, stage.now)
        page = talking.mentor.get(path)
        assert topics(page) == []
        assert "The learner has to say yes to the text" in texts(page)
        with programme.stage() as stage:
            stage.consent(ana)
        assert topics(talking.mentor.get(path))
        with programme.stage() as stage:
            closure.close(stage.session, ana, talking.pair_id, stage.now, "no_reason")
        page = talking.mentor.get(path)
        assert topics(page) == []
        assert title not in texts(page)

    def test_topics_say_what_the_rooms_have_and_the_situation_asks_its_own_yes(
        self, programme, talking
    ):
        learner = programme.browser("ana", module="digital")
        learner.get("/digital/")
        learner.submit()
        while learner.page.select(".answers"):
            learner.submit({"value": "own"})
        ana, first = programme.people["ana"], next(iter(questions().all))
        word = questions().words(first, "en")
        with programme.stage() as stage:
            mentees.share(stage.session, ana, ["levels", "situation", "plan", "lessons"])
            key = {"tenant_id": ana.tenant_id, "user_id": ana.user_id, "question": first}
            stage.session.add(NeedsAnswer(**key, answer=next(iter(word.options))))
        path = f"/mentoring/mentee/{talking.pair_id}"
        page = talking.mentor.get(path)
        assert len(topics(page)) == 4
        assert texts(page).count("Ready to help others") == 5
        assert word.ask not in texts(page)
        with programme.stage() as stage:
            stage.session.add(NeedsShare(**key, audience="teacher"))
        assert word.ask not in texts(talking.mentor.get(path))
        with programme.stage() as stage:
            stage.session.add(NeedsShare(**key, audience="mentor"))
        page = talking.mentor.get(path)
        assert word.ask in texts(page)
        assert next(iter(word.options.values())) in texts(page)
        with programme.stage() as stage:
            mentees.share(stage.session, ana, ["levels"])
        assert word.ask not in texts(talking.mentor.get(path))

    def test_before_the_agreement_nothing_is_shown(self, programme, offered):
        with programme.stage() as stage:
            mentees.share(stage.session, programme.people["ana"], ["interests"])
        page = offered.mentor.get(f"/mentoring/mentee/{offered.pair_id}")
        assert "You see it when you two have begun." in texts(page)
        assert topics(page) == []

    def test_nobody_else_sees_a_mentee(self, programme, talking):
        path = f"/mentoring/mentee/{talking.pair_id}"
        with programme.stage() as stage:
            stage.mentor(programme.world.tenant_id, "otto")
        talking.mentor.get(path)
        for name in ("ana", "otto", "boss", "guard"):
            page = programme.browser(name, module="mentoring").get(path, status=404)
            assert "There is nothing for you here" in texts(page)
            page = programme.browser(name, module="mentoring").get("/mentoring/")
            assert talking.pair_id not in str(page)
        unknown = talking.mentor.get("/mentoring/mentee/nobody", status=404)
        assert "There is nothing for you here" in texts(unknown)

    def test_a_suspended_pair_says_on_hold_and_shows_nothing(self, programme, talking):
        with programme.stage() as stage:
            ana = programme.people["ana"]
            mentees.share(stage.session, ana, ["interests"])
            reports.report(
                stage.session, ana, "urgent_need", "I need help.", stage.now,
                pair_id=talking.pair_id,
            )  # fmt: skip
        page = talking.mentor.get("/mentoring/")
        assert "On hold" in texts(page)
        page = talking.mentor.get(f"/mentoring/mentee/{talking.pair_id}")
        assert "What I like doing" not in texts(page)
        assert "I need help" not in texts(page)

    def test_a_mentee_of_another_organisation_is_one_of_the_own(self, programme):
        world = programme.world
        with programme.stage() as stage:
            away = stage.tenant("away")
            otto = stage.mentor(world.tenant_id, "otto", across=True)
            stage.open_border(away, world.tenant_id)
            cleo = stage.mentee(away, "cleo")
            pair_id = stage.started(cleo, otto).id
        browser = programme.browser("otto", module="mentoring")
        assert "cleo" in texts(browser.get("/mentoring/"))
        assert browser.get(f"/mentoring/mentee/{pair_id}").h1.string == "cleo"
        assert "also offer mentoring to learners of partner" in texts(browser.get("/mentoring/"))


class TestBreakAndLeaving:
    def test_a_break_keeps_those_who_are_there(self, programme, talking):
        browser = talking.mentor
        browser.get("/mentoring/stop")
        page = browser.submit()
        assert "You take a break." in texts(page)
        assert "ana" in texts(page)
        assert programme.row(Mentor, nickname="mira").state == "paused"
        assert "You take a break." not in texts(browser.submit(form=1))
        assert programme.row(Mentor, nickname="mira").state == "active"
        browser.post("/mentoring/pause", {"csrf": browser.token(), "paused": "0"}, status=409)

    def test_leaving_ends_the_pairs_and_one_can_come_back(self, programme, talking):
        browser = talking.mentor
        page = browser.get("/mentoring/stop")
        assert "You have 1 mentee or offer. It ends at once when you stop." in texts(page)
        assert page.find("a", string="Say goodbye to ana first")
        page = browser.submit(form=1)
        assert "You have stopped as a mentor." in texts(page)
        assert programme.row(Mentor, nickname="mira").state == "left"
        assert programme.row(Pair, id=talking.pair_id).state == "closed"
        events = len(programme.rows(Event))
        browser.post("/mentoring/leave", {"csrf": browser.token()}, status=200)
        assert len(programme.rows(Event)) == events
        browser.get("/mentoring/")
        page = browser.submit()
        assert page.h1.string == "What I offer"
        assert programme.row(Mentor, nickname="mira").state == "draft"

    def test_a_learner_who_left_comes_back_without_a_new_code(self, programme):
        browser = programme.browser("mira", module="mentoring")
        browser.get("/mentoring/stop")
        browser.submit(form=1)
        page = browser.submit()
        assert page.h1.string == "What I offer"


def test_every_page_has_the_way_to_report(programme, talking):
    browser = talking.mentor
    for path in (
        "/mentoring/",
        "/mentoring/application/about",
        "/mentoring/application/offer",
        "/mentoring/guides/",
        "/mentoring/guides/safe/4",
        "/mentoring/guides/safe/questions",
        "/mentoring/guides/safe/replies?said=abc",
        "/mentoring/prompts",
        "/mentoring/stop",
        f"/mentoring/mentee/{talking.pair_id}",
    ):
        assert browser.get(path).find("a", string="Something is wrong: tell us"), path


def test_the_guides_are_the_units_of_the_training_with_the_same_names():
    guides = load_guides()
    assert tuple(guides.units) == UNITS == tuple(TITLES)
    assert {one: guides.texts(one, "en").title for one in UNITS} == {
        code: str(title) for code, title in TITLES.items()
    }


@pytest.mark.parametrize(
    ("state", "days", "stage"),
    [
        ("preparing", None, "first"),
        ("active", 13, "first"),
        ("active", 14, "trust"),
        ("active", 60, "goals"),
        ("closing", 3, "goodbye"),
    ],
)
def test_prompts_follow_the_age_of_the_pair(state, days, stage):
    now = utcnow()
    started = None if days is None else now - timedelta(days=days)
    assert stage_of(Pair(state=state, started_at=started), now) == stage
