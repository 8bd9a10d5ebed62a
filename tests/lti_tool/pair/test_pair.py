"""The pages of a pair, as both sides see them at each moment of its life."""

from __future__ import annotations

import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import update
from time_machine import travel

from config.clock import utcnow
from lti_tool.learner.models import Progress
from lti_tool.mentoring import checkins, closure, consent, reports, schedule
from lti_tool.mentoring.models import (
    Agreement,
    Checkin,
    Feedback,
    Meeting,
    MeetingLog,
    Mentee,
    Message,
    Notice,
    Pair,
    Report,
)
from lti_tool.pair import plan as plans
from lti_tool.people.models import User
from lti_tool.people.roles import Role
from lti_tool.web.locale import LANGUAGES
from tests.lti_tool.conftest import World


def texts(page) -> str:
    return page.main.get_text(" ", strip=True)


def progress(couple) -> list[int]:
    return [row.percent for row in couple.programme.rows(Progress)]


class TestOffer:
    def test_both_see_who_it_is_and_say_yes(self, offered):
        page = offered.mentee.get("/mentor/")
        assert "We have found a mentor who could fit you" in texts(page)
        page = offered.mentee.get(f"{offered.home}/")
        assert page.h1.string == "You and mira"
        assert "I like to help." in texts(page)
        assert "Tuesday: Evening" in texts(page)
        page = offered.mentee.submit({"word": "yes"}, form=1)
        assert "Now we wait for the other answer" in texts(page)
        page = offered.mentor.get(f"{offered.home}/")
        assert "This learner could fit you" in texts(page)
        page = offered.mentor.submit({"word": "yes"}, form=1)
        assert "Before you begin" in texts(page)
        assert offered.pair.state == "preparing"

    def test_the_second_yes_moves_the_activity(self, offered):
        offered.mentor.get(f"{offered.home}/")
        offered.mentor.submit({"word": "yes"}, form=1)
        offered.mentee.get(f"{offered.home}/")
        offered.mentee.submit({"word": "yes"}, form=1)
        assert progress(offered) == [60]

    def test_a_no_has_a_reason_that_the_other_one_never_sees(self, offered):
        offered.mentee.get(f"{offered.home}/no")
        page = offered.mentee.submit({"reason": "distance"})
        assert "The coordinator goes on looking" in texts(page)
        page = offered.mentor.get(f"{offered.home}/")
        assert "far away" not in texts(page)
        assert offered.pair.state == "declined"

    def test_an_answer_that_is_none_is_refused(self, offered):
        page = offered.mentee.get(f"{offered.home}/")
        values = {"csrf": offered.mentee.token(), "word": "maybe"}
        page = offered.mentee.post(f"{offered.home}/answer", values, status=400)
        assert "mentoring_reason" in page.code.text
        offered.mentee.get(f"{offered.home}/no")
        offered.mentee.submit({"reason": "made up"}, status=400)
        assert offered.pair.state == "offered"

    def test_an_answer_after_the_last_day_says_so(self, offered):
        offered.mentee.get(f"{offered.home}/")
        with travel(utcnow() + timedelta(days=8), tick=False):
            visitor = offered.programme.browser("ana")
            visitor.get(f"{offered.home}/")
            page = visitor.submit({"word": "yes"}, form=1, status=409)
        assert page.h1.string == "The time for this is over"

    def test_an_offer_is_declined_by_nobody_twice(self, offered):
        offered.mentee.get(f"{offered.home}/no")
        token = offered.mentee.token()
        offered.mentee.submit({"reason": "times"})
        values = {"csrf": token, "word": "yes"}
        page = offered.mentee.post(f"{offered.home}/answer", values, status=409)
        assert "mentoring_state" in page.code.text
        assert offered.mentee.get(f"{offered.home}/no").h1.string == "You and your mentor"


class TestAgreement:
    def test_one_proposes_and_the_other_one_accepts(self, preparing):
        page = preparing.mentee.get(f"{preparing.home}/agreement")
        assert "No money, no presents, no favours." in texts(page)
        assert page.find("input", {"value": "find_job"}).has_attr("checked")
        page = preparing.mentee.submit(
            {"scope": ["find_job", "apply"], "starts_on": f"{utcnow():%Y-%m-%d}", "months": "6",
             "meetings": "2"}
        )  # fmt: skip
        assert "Your proposal" in texts(page)
        page = preparing.mentor.get(f"{preparing.home}/")
        assert "Read the agreement" in texts(page)
        page = preparing.mentor.get(f"{preparing.home}/agreement")
        assert "Proposed to you" in texts(page)
        assert "2 times a month" in texts(page)
        page = preparing.mentor.submit()
        assert "Plan a meeting" in texts(page)
        assert preparing.pair.state == "active"
        page = preparing.mentor.get(f"{preparing.home}/agreement")
        assert "You both said yes to it." in texts(page)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"scope": []}, "Choose one, two or three topics."),
            ({"scope": ["find_job", "apply", "learn", "digital"]}, "one, two or three"),
            ({"scope": ["made up"]}, "one, two or three"),
            ({"starts_on": "2020-01-01"}, "The first day is today or later"),
            ({"starts_on": "tomorrow"}, "The first day is today or later"),
            ({"starts_on": "9999-12-31"}, "The first day is today or later"),
            ({"months": "1200"}, "The first day is today or later"),
            ({"meetings": "9"}, "Choose one to eight"),
            ({"rules": "0"}, "There are newer rules"),
        ],
    )
    def test_what_does_not_fit_is_asked_again_with_all_that_was_filled_in(
        self, preparing, changes, words
    ):
        preparing.mentor.get(f"{preparing.home}/agreement")
        values = {"scope": ["confidence"], "starts_on": f"{utcnow():%Y-%m-%d}", "months": "9",
                  "meetings": "4"} | changes  # fmt: skip
        page = preparing.mentor.submit(values, status=400)
        assert words in texts(page)
        if "months" not in changes:
            assert page.select_one("#months option[selected]")["value"] == "9"
        assert preparing.programme.rows(Agreement) == []

    def test_a_proposal_that_was_replaced_is_not_accepted(self, preparing):
        values = {"scope": ["find_job"], "starts_on": f"{utcnow():%Y-%m-%d}", "months": "6",
                  "meetings": "2"}  # fmt: skip
        preparing.mentee.get(f"{preparing.home}/agreement")
        preparing.mentee.submit(values)
        preparing.mentor.get(f"{preparing.home}/agreement")
        preparing.mentee.get(f"{preparing.home}/agreement")
        preparing.mentee.submit(values | {"months": "3"})
        page = preparing.mentor.submit(status=409)
        assert page.h1.string == "There is a newer agreement"

    def test_contact_pages_say_what_is_missing_before_it(self, preparing):
        page = preparing.mentee.get(f"{preparing.home}/messages")
        assert "You two cannot write or meet at the moment." in texts(page)
        assert page.textarea is None
        values = {"csrf": preparing.mentee.token() if page.main.form else "", "text": "Hello"}
        preparing.mentee.get("/mentor/stop")
        values["csrf"] = preparing.mentee.token()
        preparing.mentee.post(f"{preparing.home}/messages", values, status=409)
        assert preparing.programme.rows(Message) == []


class TestMeetings:
    def propose(self, couple) -> None:
        page = couple.mentee.get(f"{couple.home}/meetings/new")
        starts = [box["value"] for box in page.select("input[name=start]")]
        assert len(starts) == 6
        couple.mentee.submit(
            {"start": starts[:2], "own_day": "", "minutes": "30", "way": "online",
             "topic": "first_talk"}
        )  # fmt: skip

    def test_times_that_suit_both_are_proposed_and_one_is_taken(self, talking):
        self.propose(talking)
        page = talking.mentee.page
        assert "Waiting for an answer" in texts(page)
        assert "All times are in this time zone: Hungary" in texts(page)
        page = talking.mentor.get(f"{talking.home}/")
        assert "Choose a time for a meeting" in texts(page)
        page = talking.mentor.get(f"{talking.home}/meetings")
        first = page.select_one(".answers button").string
        assert first.endswith("18:00")
        page = talking.mentor.submit({"option": "0"})
        assert first in texts(page)
        page = talking.mentee.get(f"{talking.home}/")
        assert f"Next meeting: {first}" in texts(page)

    def test_a_meeting_goes_into_the_calendar_without_a_name(self, talking):
        self.propose(talking)
        (meeting,) = talking.programme.rows(Meeting)
        address = f"{talking.mentee.home}{talking.home}/meetings/{meeting.id}.ics"
        assert talking.mentee.client.get(address).status_code == 404
        talking.mentor.get(f"{talking.home}/meetings")
        talking.mentor.submit({"option": "1"})
        answer = talking.mentee.client.get(address)
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer.headers["Content-Disposition"] == "attachment; filename=meeting.ics"
        assert "BEGIN:VEVENT\r\n" in answer.text
        assert "mira" not in answer.text
        assert "ana" not in answer.text

    def test_an_own_time_is_read_in_the_time_of_the_country(self, talking):
        talking.mentor.get(f"{talking.home}/meetings/new")
        day = utcnow().date() + timedelta(days=10)
        talking.mentor.submit({"own_day": day.isoformat(), "own_time": "09:30", "minutes": "60",
                               "way": "near", "topic": "goals"})  # fmt: skip
        (meeting,) = talking.programme.rows(Meeting)
        assert meeting.options[0][11:16] in {"08:30", "07:30"}
        page = talking.mentee.get(f"{talking.home}/meetings")
        assert "09:30" in page.select_one(".answers button").string

    @pytest.mark.parametrize(
        "changes",
        [
            {"own_day": ""},
            {"own_day": "2020-02-02"},
            {"own_day": "soon"},
            {"own_time": "noon"},
            {"start": "2030-01-01T10:00:00"},
            {"start": "yesterday"},
            {"minutes": "31"},
            {"way": "moon"},
            {"topic": "made up"},
        ],
    )
    def test_a_time_that_does_not_work_is_asked_again(self, talking, changes):
        talking.mentee.get(f"{talking.home}/meetings/new")
        day = utcnow().date() + timedelta(days=5)
        values = {"own_day": day.isoformat(), "own_time": "10:00", "minutes": "60",
                  "way": "online", "topic": "goals"} | changes  # fmt: skip
        page = talking.mentee.submit(values, status=400)
        assert page.h1.string == "Propose a meeting"
        assert page.select_one("[role=alert]")
        if "topic" not in changes:
            assert page.select_one("#topic option[selected]")["value"] == "goals"
        assert talking.programme.rows(Meeting) == []

    def test_none_fits_and_the_other_one_may_propose_at_once(self, talking):
        self.propose(talking)
        talking.mentor.get(f"{talking.home}/meetings")
        page = talking.mentor.submit(form=1)
        assert page.h1.string == "Propose a meeting"
        page = talking.mentee.get(f"{talking.home}/meetings")
        assert "The times did not fit" in texts(page)

    def test_either_side_calls_off(self, talking):
        self.propose(talking)
        talking.mentor.get(f"{talking.home}/meetings")
        talking.mentor.submit({"option": "0"})
        page = talking.mentor.submit()
        assert "Called off" in texts(page)
        assert [row.state for row in talking.programme.rows(Meeting)] == ["cancelled"]

    def test_the_fourth_that_waits_is_too_many(self, talking):
        for _ in range(3):
            self.propose(talking)
        page = talking.mentee.get(f"{talking.home}/meetings/new")
        start = page.select_one("input[name=start]")["value"]
        values = {"start": start, "minutes": "30", "way": "online", "topic": "goals"}
        page = talking.mentee.submit(values, status=409)
        assert "mentoring_many" in page.code.text

    def test_without_a_common_time_one_is_typed(self, talking):
        with talking.programme.stage() as stage:
            stage.session.execute(update(Mentee).values(slots=["fri-morning"]))
        page = talking.mentee.get(f"{talking.home}/meetings/new")
        assert "You two named no time that is the same" in texts(page)

    def test_an_option_that_was_not_offered_is_refused(self, talking):
        self.propose(talking)
        talking.mentor.get(f"{talking.home}/meetings")
        talking.mentor.submit({"option": "7"}, status=400)
        talking.mentor.get(f"{talking.home}/meetings")
        talking.mentor.submit({"option": "2"}, status=400)
        (meeting,) = talking.programme.rows(Meeting)
        values = {"csrf": talking.mentee.token(), "option": "0"}
        talking.mentee.post(f"{talking.home}/meetings/{meeting.id}/confirm", values, status=404)


TAPS = {"happened": "yes", "minutes": "45", "topic": ["find_job", "goals"], "feeling": "5",
        "next": "14"}  # fmt: skip


class TestLog:
    def test_five_taps_finish_the_activity(self, talking):
        page = talking.mentee.get(f"{talking.home}/log")
        assert page.select_one("[name=happened][checked]")["value"] == "yes"
        page = talking.mentee.submit(TAPS | {"happened_on": ""})
        assert "Very good" in texts(page)
        assert "Only you and the coordinator see" in texts(page)
        (row,) = talking.programme.rows(MeetingLog)
        assert (row.side, row.minutes, row.topics) == ("mentee", 45, ["find_job", "goals"])
        assert row.next_on == utcnow().date() + timedelta(days=14)
        assert progress(talking) == [100]
        assert "Very good" not in texts(talking.mentor.get(f"{talking.home}/meetings"))

    def test_a_meeting_that_was_planned_is_asked_about_once(self, talking):
        TestMeetings().propose(talking)
        talking.mentor.get(f"{talking.home}/meetings")
        talking.mentor.submit({"option": "0"})
        with travel(utcnow() + timedelta(days=8), tick=False):
            mentor = talking.programme.browser("mira", role=Role.MENTOR)
            page = mentor.get(f"{talking.home}/")
            link = next(a for a in page.select("main a") if "How was the meeting" in a.text)
            page = mentor.get(link["href"])
            assert page.select_one("[name=topic][checked]")["value"] == "first_talk"
            page = mentor.submit(TAPS | {"happened": "no"})
            assert "Did not take place" in texts(page)
            page = mentor.get(f"{talking.home}/")
            assert "How was the meeting" not in texts(page)
            page = mentor.get(link["href"])
            page = mentor.submit(TAPS, status=409)
            assert page.h1.string == "You have answered this already"

    @pytest.mark.parametrize(
        "changes",
        [
            {"happened": "maybe"},
            {"happened_on": "2020-01-01"},
            {"happened_on": "9999-12-31"},
            {"minutes": "-5"},
            {"topic": ["find_job", "apply", "learn", "goals"]},
            {"topic": ["made up"]},
            {"feeling": "6"},
            {"next": "365"},
        ],
    )
    def test_a_tap_that_does_not_exist_is_asked_again(self, talking, changes):
        talking.mentor.get(f"{talking.home}/log")
        day = utcnow().date().isoformat()
        page = talking.mentor.submit(TAPS | {"happened_on": day} | changes, status=400)
        assert page.h1.string == "How was the meeting?"
        assert page.select_one("[role=alert]")
        assert talking.programme.rows(MeetingLog) == []

    def test_a_strange_meeting_is_nobodys(self, talking):
        talking.mentor.get(f"{talking.home}/log?meeting=0", status=404)


class TestMessages:
    def test_a_message_arrives_and_is_new_until_it_was_read(self, talking):
        talking.mentee.get(f"{talking.home}/messages")
        page = talking.mentee.submit({"text": "Hello!\nWhen do we talk? <b>"})
        assert "When do we talk? <b>" in texts(page)
        page = talking.mentor.get(f"{talking.home}/")
        assert "1 new message" in texts(page)
        page = talking.mentor.get(f"{talking.home}/messages")
        assert "ana" in page.select_one("#newest").text
        assert "1 new message" not in texts(talking.mentor.get(f"{talking.home}/"))
        page = talking.mentee.get(f"{talking.home}/messages")
        assert page.select_one("#newest .small:last-child").string == "Read"

    def test_a_number_is_held_and_only_its_author_sees_that(self, talking):
        talking.mentee.get(f"{talking.home}/messages")
        page = talking.mentee.submit({"text": "Call me: +36 30 123 4567"})
        assert "The coordinator looks at this message first" in texts(page)
        page = talking.mentor.get(f"{talking.home}/messages")
        assert "123 4567" not in texts(page)
        assert "There are no messages yet" in texts(page)

    @pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "nul\x00"])
    def test_what_cannot_be_sent_stays_in_the_box(self, talking, text):
        talking.mentee.get(f"{talking.home}/messages")
        page = talking.mentee.submit({"text": text}, status=400)
        assert page.select_one("[role=alert]")
        if text.startswith("x"):
            assert page.textarea.string == text
        assert talking.programme.rows(Message) == []

    def test_a_long_thread_has_pages_within_the_budget(self, talking):
        for number in range(12):
            talking.mentee.get(f"{talking.home}/messages")
            talking.mentee.submit({"text": f"Message {number}: " + "words and more " * 120})
        page = talking.mentor.get(f"{talking.home}/messages")
        assert len(page.select("main li.card")) == 8
        assert "Message 11:" in page.select_one("#newest").text
        page = talking.mentor.get(f"{talking.home}/messages?page=2")
        assert "Message 0:" in texts(page)
        page = talking.mentor.get(f"{talking.home}/messages?page=99")
        assert "Message 0:" in texts(page)

    def test_without_consent_nobody_writes(self, talking):
        with talking.programme.stage() as stage:
            consent.withdraw_consent(stage.session, stage.people["ana"], stage.now)
        page = talking.mentor.get(f"{talking.home}/messages")
        assert "has to say yes to the text about mentoring first" in texts(page)
        page = talking.mentee.get("/mentor/")
        assert "Without your yes" in texts(page)


class TestCheckin:
    def ask(self, talking):
        with talking.programme.stage() as stage:
            now = stage.later(days=11)
            checkins.ask_due(stage.session, talking.programme.world.tenant_id, now)
        return travel(utcnow() + timedelta(days=11, hours=1), tick=False)

    def test_both_answer_and_neither_sees_the_other(self, talking):
        with self.ask(talking):
            mentee = talking.programme.browser("ana")
            page = mentee.get(f"{talking.home}/")
            link = next(a for a in page.select("main a") if "Tell us how it goes" in a.text)
            page = mentee.get(link["href"])
            assert len(page.select("fieldset")) == 4
            page = mentee.submit({"at_ease": "5", "useful": "4", "wants_talk": "1"})
            assert "Tell us how it goes" not in texts(page)
            row = next(r for r in talking.programme.rows(Checkin) if r.side == "mentee")
            assert (row.answers, row.wants_talk) == ({"at_ease": 5, "useful": 4}, True)
            assert mentee.get(link["href"]).h1.string == "You and mira"
            mentor = talking.programme.browser("mira", role=Role.MENTOR)
            other = f"{talking.home}/checkin/{row.id}"
            assert mentor.get(other).h1.string == "You and ana"

    def test_an_answer_that_is_not_offered_is_refused(self, talking):
        with self.ask(talking):
            mentee = talking.programme.browser("ana")
            page = mentee.get(f"{talking.home}/")
            link = next(a for a in page.select("main a") if "Tell us how it goes" in a.text)
            mentee.get(link["href"])
            mentee.submit({"at_ease": "9"}, status=400)


class TestReport:
    def test_the_button_is_on_every_page_and_the_numbers_are_there_at_once(self, talking):
        for path in ("", "agreement", "goals", "meetings", "meetings/new", "log", "messages",
                     "goodbye"):  # fmt: skip
            page = talking.mentee.get(f"{talking.home}/{path}")
            link = page.find("a", string="Something is wrong: tell us")
            assert link["href"].endswith(f"/pair/report?pair={talking.pair_id}"), path
        page = talking.mentee.get(link["href"])
        assert "Line safety_risk" in texts(page)
        assert "8 to 16" in texts(page)
        assert page.select_one("a[href='tel:+361234']")

    def test_a_report_puts_the_pair_on_hold_in_the_same_moment(self, talking):
        talking.mentee.get(f"/pair/report?pair={talking.pair_id}")
        page = talking.mentee.submit({"danger": "safety_risk", "text": "He wanted money."})
        assert "within 2 hours" in texts(page)
        assert "It has arrived. Nobody has begun yet." in texts(page)
        assert "He wanted money" not in texts(page)
        assert talking.pair.state == "suspended"
        page = talking.mentor.get(f"{talking.home}/")
        assert "Your mentoring is on hold." in texts(page)
        assert "money" not in texts(page)
        assert "Messages" not in texts(page)
        assert talking.mentor.get(f"{talking.home}/log").main.form is None
        assert "Your reports" not in texts(talking.mentor.get("/pair/report"))
        with talking.programme.stage() as stage:
            (row,) = stage.session.query(Report)
            guard = stage.people["guard"]
            reports.take_report(stage.session, guard, row.id, stage.now)
        assert "takes care of it now" in texts(talking.mentee.get("/pair/report"))

    def test_without_a_pair_it_goes_to_the_own_organisation(self, talking):
        talking.mentor.get("/pair/report")
        page = talking.mentor.submit({"danger": "urgent_need", "text": "I need help."})
        assert "within 24 hours" in texts(page)
        (row,) = talking.programme.rows(Report)
        assert row.pair_id is None
        assert talking.pair.state == "active"

    @pytest.mark.parametrize(
        "changes", [{"danger": "joke"}, {"danger": ""}, {"text": " "}, {"text": "x" * 4001}]
    )
    def test_what_does_not_fit_keeps_the_words(self, talking, changes):
        talking.mentee.get(f"/pair/report?pair={talking.pair_id}")
        values = {"danger": "urgent_need", "text": "My words"} | changes
        page = talking.mentee.submit(values, status=400)
        assert page.select_one("[role=alert]")
        assert (page.textarea.string or "").strip() == values["text"].strip()
        assert talking.pair.state == "active"

    def test_a_coordinator_reports_about_a_pair_and_sees_none_of_its_pages(self, talking):
        boss = talking.programme.browser("boss", role=Role.COORDINATOR)
        boss.get(f"{talking.home}/", status=404)
        boss.get(f"/pair/report?pair={talking.pair_id}")
        page = boss.submit({"danger": "urgent_need", "text": "Something is odd."})
        assert "Thank you" in texts(page)
        assert talking.pair.state == "suspended"

    def test_where_nobody_is_named_the_page_says_so(self, world):
        page = world.visit("mentor").get("/pair/report")
        assert "has not named anybody for this yet" in texts(page)


class TestGoodbye:
    def test_a_goodbye_has_prompts_feedback_and_a_new_beginning(self, talking):
        talking.mentor.get(f"{talking.home}/goodbye")
        page = talking.mentor.submit({"reason": "goals_reached"})
        assert "What are you proud of?" in texts(page)
        page = talking.mentee.get(f"{talking.home}/")
        assert "You two are saying goodbye." in texts(page)
        talking.mentee.get(f"{talking.home}/goodbye")
        page = talking.mentee.submit()
        assert page.h1.string == "How was it?"
        page = talking.mentee.submit({"helped": "5", "again": "yes", "keep_contact": "1"})
        assert "Your mentoring has ended." in texts(page)
        assert "We reached our goals" in texts(page)
        assert "You two do not write here any more" in texts(page)
        page = talking.mentor.get(f"{talking.home}/feedback")
        page = talking.mentor.submit({"again": "later", "keep_contact": "1"})
        assert "You both want to stay in touch" in texts(page)
        assert talking.mentor.get(f"{talking.home}/feedback").h1.string == "You and your mentee"
        assert len(talking.programme.rows(Feedback)) == 2
        page = talking.mentee.get("/mentor/")
        assert "We are looking for your mentor" in texts(page)
        page = talking.mentee.get("/pair/")
        assert "Ended on" in texts(page)
        page = talking.mentee.get(f"{talking.home}/messages")
        assert page.textarea is None

    def test_stopping_at_once_needs_no_reason(self, talking):
        talking.mentee.get(f"{talking.home}/goodbye")
        page = talking.mentee.submit(form=1)
        assert page.h1.string == "How was it?"
        pair = talking.pair
        assert (pair.state, pair.close_reason) == ("closed", "no_reason")

    def test_before_the_agreement_too(self, preparing):
        preparing.mentor.get(f"{preparing.home}/goodbye")
        preparing.mentor.submit({"reason": "no_time"})
        assert preparing.pair.close_reason == "no_time"

    @pytest.mark.parametrize("reason", ["safety", "made up"])
    def test_a_reason_that_is_not_offered_is_refused(self, talking, reason):
        talking.mentee.get(f"{talking.home}/goodbye")
        talking.mentee.submit({"reason": reason}, status=400)
        assert talking.pair.state == "active"

    def test_a_pair_on_hold_is_not_ended_to_be_rid_of_a_report(self, talking):
        talking.mentor.get(f"{talking.home}/goodbye")
        with talking.programme.stage() as stage:
            reports.report(stage.session, stage.people["ana"], "safety_risk", "x", stage.now,
                           talking.pair_id)  # fmt: skip
        talking.mentor.submit(form=1, status=409)
        assert talking.mentor.get(f"{talking.home}/goodbye").h1.string == "You and ana"

    def test_after_the_end_for_safety_the_reason_stays_unsaid(self, talking):
        with talking.programme.stage() as stage:
            pair = stage.session.get_one(Pair, (talking.pair.tenant_id, talking.pair_id))
            closure.end_pair(stage.session, pair, "safety", None, stage.now)
        page = talking.mentor.get(f"{talking.home}/")
        assert "safety" not in texts(page).lower()

    def test_messages_are_gone_after_their_time(self, talking):
        talking.mentee.get(f"{talking.home}/messages")
        talking.mentee.submit({"text": "Hello"})
        talking.mentee.get(f"{talking.home}/goodbye")
        talking.mentee.submit(form=1)
        page = talking.mentee.get(f"{talking.home}/")
        assert "Messages are deleted 180 days after the end." in texts(page)


class TestNews:
    def test_what_is_new_is_said_until_it_was_seen(self, talking):
        page = talking.mentor.get(f"{talking.home}/")
        assert "You can begin: write to each other" in texts(page)
        page = talking.mentor.submit()
        assert "New for you" not in texts(page)
        assert "New for you" in texts(talking.mentee.get("/mentor/"))
        page = talking.mentee.submit()
        assert "New for you" not in texts(page)

    def test_a_reminder_has_words(self, offered):
        with offered.programme.stage() as stage:
            schedule.remind_due(
                stage.session, offered.programme.world.tenant_id, stage.later(days=6)
            )
            kinds = {row.kind for row in stage.session.query(Notice)}
        assert offered.mentee.get(f"{offered.home}/")
        assert kinds >= {"offered"}


class TestStrangers:
    PAGES = ("", "no", "agreement", "goals", "meetings", "meetings/new", "meetings/x.ics", "log",
             "messages", "checkin/x", "goodbye", "feedback")  # fmt: skip
    FORMS = ("answer", "seen", "agreement", "agreement/x/accept", "goals", "meetings/new",
             "meetings/x/confirm", "meetings/x/turn-down", "meetings/x/call-off", "log",
             "messages", "checkin/x", "goodbye", "end", "feedback")  # fmt: skip

    def test_every_page_is_as_if_it_did_not_exist(self, talking):
        with talking.programme.stage() as stage:
            stage.mentee(talking.programme.world.tenant_id, "eva")
        eva = talking.programme.browser("eva")
        for path in self.PAGES:
            page = eva.get(f"{talking.home}/{path}", status=404)
            assert page.h1.string == "There is nothing for you here"
            eva.get(f"/pair/nobody/{path}", status=404)
        eva.get(f"/pair/report?pair={talking.pair_id}", status=404)
        eva.get("/pair/report")
        token = eva.token()
        for path in self.FORMS:
            values = {"csrf": token, "word": "yes", "option": "0"}
            answer = eva.client.post(f"{eva.home}{talking.home}/{path}", data=values)
            assert answer.status_code == 404, path
        values = {"csrf": token, "pair": talking.pair_id, "danger": "urgent_need", "text": "x"}
        assert eva.client.post(f"{eva.home}/pair/report", data=values).status_code == 404
        assert talking.pair.state == "active"

    def test_a_meeting_of_another_pair_is_not_in_mine(self, talking):
        TestMeetings().propose(talking)
        (meeting,) = talking.programme.rows(Meeting)
        with talking.programme.stage() as stage:
            eva = stage.mentee(talking.programme.world.tenant_id, "eva")
            other = stage.started(eva, stage.people["mira"]).id
        eva = talking.programme.browser("eva")
        eva.get(f"/pair/{other}/meetings/new")
        for step in ("confirm", "turn-down", "call-off"):
            values = {"csrf": eva.token(), "option": "0"}
            eva.post(f"/pair/{other}/meetings/{meeting.id}/{step}", values, status=404)
            eva.get(f"/pair/{other}/meetings/new")
        eva.get(f"/pair/{other}/log?meeting={meeting.id}", status=404)

    def test_a_mentor_of_several_chooses_from_a_list(self, talking):
        with talking.programme.stage() as stage:
            eva = stage.mentee(talking.programme.world.tenant_id, "eva")
            stage.offer(eva, stage.people["mira"])
        page = talking.mentor.get("/pair/")
        assert [a.string for a in page.select("h2 a")] == ["You and eva", "You and ana"]
        page = talking.mentor.submit()
        assert page.h1.string == "Your pairs"
        assert "New for you" not in texts(page)
        assert talking.mentee.get("/pair/").h1.string == "You and mira"


class TestGoals:
    @pytest.fixture
    def plan(self, monkeypatch) -> None:
        """Give every learner four goals."""

        def goals_of(_session, _tenant_id, user_id):
            return [SimpleNamespace(id=f"{user_id[-4:]}-{n}", title=f"Goal {n}") for n in range(4)]

        monkeypatch.setitem(sys.modules, plans.FACE, SimpleNamespace(goals_of=goals_of))

    @pytest.mark.usefixtures("plan")
    def test_the_learner_alone_chooses_and_the_mentor_sees_only_these(self, talking):
        page = talking.mentor.get(f"{talking.home}/goals")
        assert "has not shown you any goals yet" in texts(page)
        page = talking.mentee.get(f"{talking.home}/goals")
        ids = [box["value"] for box in page.select("[name=goal]")]
        assert len(ids) == 4
        page = talking.mentee.submit({"goal": [ids[1], ids[3]]})
        assert "Saved." in texts(page)
        assert [box["value"] for box in page.select("[name=goal][checked]")] == [ids[1], ids[3]]
        page = talking.mentor.get(f"{talking.home}/goals")
        assert [line.string for line in page.select("main ul li")] == ["Goal 1", "Goal 3"]
        talking.mentor.get(f"{talking.home}/log")
        values = {"csrf": talking.mentor.token(), "goal": ids[0]}
        talking.mentor.post(f"{talking.home}/goals", values, status=404)

    @pytest.mark.usefixtures("plan")
    def test_four_or_a_strange_one_is_refused(self, talking):
        page = talking.mentee.get(f"{talking.home}/goals")
        ids = [box["value"] for box in page.select("[name=goal]")]
        talking.mentee.submit({"goal": ids}, status=400)
        talking.mentee.get(f"{talking.home}/goals")
        talking.mentee.submit({"goal": ["somebody-else-1"]}, status=400)

    def test_without_a_plan_the_page_says_what_to_do(self, talking, monkeypatch):
        monkeypatch.setattr(plans, "FACE", "lti_tool.learner.no_such_face")
        page = talking.mentee.get(f"{talking.home}/goals")
        assert "Your plan has no goals yet." in texts(page)


@pytest.mark.parametrize("locale", list(LANGUAGES))
def test_days_times_and_languages_are_said_in_every_language(talking, locale):
    TestMeetings().propose(talking)
    browser = talking.programme.browser("mira", role=Role.MENTOR, locale=locale)
    for path in ("", "meetings", "meetings/new", "messages", "agreement"):
        page = browser.get(f"{talking.home}/{path}")
        assert page.html["lang"] == LANGUAGES[locale].tag
    browser = talking.programme.browser("ana", locale=locale)
    for path in ("answers", "ask/times", "ask/languages", "mentors", "consent"):
        browser.get(f"/mentor/{path}")


def test_a_mentor_of_another_organisation_has_the_same_pages(programme):
    world = programme.world
    with programme.stage() as stage:
        other = stage.tenant("other", country="RO")
        abroad = World(
            world.app, world.services, other, stage.platforms[other], stage.courses[other]
        )
        ion = stage.mentor(other, "ion", across=True)
        ana = stage.mentee(world.tenant_id, "ana")
        stage.open_border(world.tenant_id, other)
        pair_id = stage.started(ana, ion).id
        user = stage.session.get_one(User, (other, ion.user_id))
        abroad.users[user.sub] = user.id
        sub = user.sub
    mentor = abroad.visit("mentoring", sub=sub, role=Role.MENTOR)
    page = mentor.get("/pair/")
    assert page.h1.string == "You and ana"
    page = mentor.get(f"/pair/{pair_id}/meetings/new")
    assert "Hungary" in texts(page)
    mentor.get(f"/pair/{pair_id}/messages")
    mentor.submit({"text": "Hello from Romania"})
    page = programme.browser("ana").get(f"/pair/{pair_id}/messages")
    assert "Hello from Romania" in texts(page)
    page = mentor.get(f"/pair/report?pair={pair_id}")
    assert "at Partner read it" in texts(page)
    assert "Line safety_risk" in texts(page)
    page = mentor.get("/pair/report")
    assert "at other read it" in texts(page)
