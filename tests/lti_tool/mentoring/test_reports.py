"""Reports of harm: who hears of them, what stops, and what is left afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lti_tool.mentoring import (
    access,
    closure,
    meetings,
    mentors,
    messages,
    notices,
    pairs,
    reports,
    schedule,
)
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.models import Event, Notice
from tests.lti_tool.mentoring.stage import refused
from tests.lti_tool.mentoring.test_pair import meet

TEXT = "He asked me for money."


def open_report(stage, actor, pair, danger="safety_risk"):
    return reports.report(stage.session, actor, danger, TEXT, stage.now, pair.id if pair else None)


def test_a_report_silences_the_pair_at_once(stage, pair, mentee, mentor):
    row = meet(stage, mentee, pair)
    meetings.confirm_meeting(stage.session, mentor, pair.id, row.id, 0, stage.now)
    report = open_report(stage, mentee, pair)
    assert (pair.state, row.state) == ("suspended", "cancelled")
    assert report.answer_by == stage.now + timedelta(hours=2)
    for actor in (mentee, mentor):
        with refused(NotAllowed, "state"):
            messages.write(stage.session, actor, pair.id, "Hello", stage.now)
        with refused(NotAllowed, "state"):
            meet(stage, actor, pair)
        with refused(NotAllowed, "state"):
            closure.close(stage.session, actor, pair.id, stage.now)


def test_named_people_read_it_and_nobody_else(stage, pair, mentee, mentor, stranger):
    report = open_report(stage, mentee, pair, "urgent_need")
    guard = stage.guard(mentee)
    for actor in (mentee, mentor, stranger, stage.boss(mentee)):
        for act, more in (
            (reports.read_report, (report.id, stage.now)),
            (reports.open_reports, ()),
            (reports.take_report, (report.id, stage.now)),
            (reports.add_step, (report.id, "note", "", stage.now)),
            (reports.close_report, (report.id, "helped", stage.now)),
            (reports.reopen_report, (report.id, stage.now)),
        ):
            with pytest.raises(NotYours):
                act(stage.session, actor, *more)
    row, steps = reports.read_report(stage.session, guard, report.id, stage.now)
    assert (row.text, [one.step for one in steps]) == (TEXT, ["read"])
    (own,) = reports.own_reports(stage.session, mentee)
    assert (own.state, hasattr(own, "text")) == ("open", False)


def test_a_named_person_who_is_half_of_the_pair_reads_nothing(stage, home, pair, mentee, mentor):
    boss = stage.boss(mentee)
    access.appoint(stage.session, home, mentor.user_id, "safeguarding", stage.now, boss)
    report = open_report(stage, mentee, pair)
    assert reports.open_reports(stage.session, mentor) == []
    with refused(NotYours, "report"):
        reports.read_report(stage.session, mentor, report.id, stage.now)
    assert "report" not in [one.kind for one in notices.unseen(stage.session, mentor)]
    assert "report" in [one.kind for one in notices.unseen(stage.session, stage.guard(mentee))]


def test_every_step_is_logged_without_its_text(stage, pair, mentee):
    report, guard = open_report(stage, mentee, pair), stage.guard(mentee)
    reports.take_report(stage.session, guard, report.id, stage.later(minutes=5))
    reports.add_step(
        stage.session, guard, report.id, "called", "Called Ana.", stage.later(minutes=5)
    )
    for step, note, code in (("magic", "", "step"), ("read", "", "step"),
                             ("note", "x" * 4001, "note")):  # fmt: skip
        with refused(NotValid, code):
            reports.add_step(stage.session, guard, report.id, step, note, stage.now)
    reports.close_report(stage.session, guard, report.id, "helped", stage.later(minutes=5))
    with refused(NotAllowed, "state"):
        reports.add_step(stage.session, guard, report.id, "note", "late", stage.now)
    log = stage.session.scalars(
        select(Event).where(Event.kind == "report").order_by(Event.at, Event.id)
    ).all()
    assert [one.verb for one in log] == ["open", "take", "step_called", "close"]
    kept = stage.session.scalars(select(Notice.kind)).all()
    assert not [kind for kind in kept if "money" in kind]


def test_after_the_report_it_goes_on_as_before(stage, pair, mentee, mentor):
    closure.begin_goodbye(stage.session, mentor, pair.id, "time_over", stage.now)
    report = open_report(stage, mentor, pair)
    reports.close_report(stage.session, stage.guard(mentee), report.id, "no_risk", stage.now)
    assert (pair.state, pair.suspended_from) == ("closing", None)
    messages.write(stage.session, mentee, pair.id, "Hello", stage.now)


def test_a_second_report_keeps_it_silent(stage, pair, mentee, mentor):
    first, second = open_report(stage, mentee, pair), open_report(stage, mentor, pair)
    guard = stage.guard(mentee)
    reports.close_report(stage.session, guard, first.id, "no_risk", stage.now)
    assert pair.state == "suspended"
    reports.close_report(stage.session, guard, second.id, "passed_on", stage.now)
    assert pair.state == "active"
    reports.reopen_report(stage.session, guard, second.id, stage.now)
    assert pair.state == "suspended"
    reports.close_report(stage.session, guard, second.id, "ended", stage.now)
    assert (pair.state, pair.close_reason) == ("closed", "safety")
    with refused(NotValid, "outcome"):
        reports.reopen_report(stage.session, guard, second.id, stage.now)
        reports.close_report(stage.session, guard, second.id, "nothing", stage.now)
    assert pair.state == "closed"


def test_who_leaves_while_it_is_open_does_not_come_back_by_it(stage, pair, mentee, mentor):
    report = open_report(stage, mentee, pair)
    assert mentors.leave(stage.session, mentor, mentor.user_id, stage.now) == 0
    assert pair.state == "suspended"
    reports.close_report(stage.session, stage.guard(mentee), report.id, "helped", stage.now)
    assert (pair.state, pair.close_reason) == ("closed", "mentor_left")


def test_a_report_on_an_offer_withdraws_it_and_after_the_end_it_is_still_heard(
    stage, home, mentee, mentor
):
    offer = stage.offer(mentee, mentor)
    open_report(stage, mentee, offer)
    assert offer.state == "withdrawn"
    pair = stage.started(mentee, mentor)
    closure.close(stage.session, mentee, pair.id, stage.now)
    assert open_report(stage, mentee, pair).state == "open"
    assert pair.state == "closed"


def test_anybody_may_report_without_a_pair_but_not_on_a_strangers(stage, pair, stranger):
    assert open_report(stage, stranger, None).pair_id is None
    with refused(NotYours, "pair"):
        open_report(stage, stranger, pair)
    for danger, text, code in (("fun", TEXT, "danger"), ("safety_risk", " ", "text")):
        with refused(NotValid, code):
            reports.report(stage.session, stranger, danger, text, stage.now)


def test_a_late_report_is_told_once_more(stage, pair, mentee):
    open_report(stage, mentee, pair)
    guard = stage.guard(mentee)
    schedule.run_due(stage.session, stage.later(hours=1))
    assert "report_late" not in [one.kind for one in notices.unseen(stage.session, guard)]
    for _ in range(2):
        schedule.run_due(stage.session, stage.later(hours=2))
    kinds = [one.kind for one in notices.unseen(stage.session, guard)]
    assert kinds.count("report_late") == 1


def test_nobody_is_offered_where_reports_would_reach_nobody(stage, home, mentee, mentor):
    guard = stage.guard(mentee)
    stage.session.delete(stage.session.get_one(reports.SafeDesk, (home, "safety_risk")))
    stage.session.flush()
    with refused(NotAllowed, "safeguarding"):
        stage.offer(mentee, mentor)
    assert not pairs.is_safe(stage.session, home)
    assert stage.session.scalar(select(func.count()).select_from(Notice)
                                .where(Notice.user_id == guard.user_id)) == 0  # fmt: skip
