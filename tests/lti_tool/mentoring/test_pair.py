"""Two answers, an agreement, goals, meetings, messages, check-ins and the goodbye."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lti_tool.mentoring import (
    agreement,
    checkins,
    closure,
    consent,
    goals,
    meetings,
    mentees,
    mentors,
    messages,
    notices,
    pairs,
    schedule,
)
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.lifecycle import LIVE
from lti_tool.mentoring.meetings import LogEntry
from tests.lti_tool.mentoring.stage import refused


def test_both_say_yes_or_it_is_no(stage, home, mentee, mentor):
    pair = stage.offer(mentee, mentor)
    pairs.answer(stage.session, mentor, pair.id, stage.now, yes=True)
    assert pair.state == "offered"
    pairs.answer(stage.session, mentee, pair.id, stage.now, yes=False, reason="not_now")
    assert pair.state == "declined"
    with refused(NotAllowed, "state"):
        pairs.answer(stage.session, mentee, pair.id, stage.now, yes=True)
    again = stage.agreed(mentee, mentor)
    assert again.state == "preparing"


def test_an_offer_lapses_after_a_reminder(stage, mentee, mentor):
    pair = stage.offer(mentee, mentor)
    pairs.answer(stage.session, mentor, pair.id, stage.now, yes=True)
    schedule.run_due(stage.session, stage.later(days=5))
    kinds = [one.kind for one in notices.unseen(stage.session, mentee)]
    assert kinds.count("remind_offer") == 1
    assert "remind_offer" not in [one.kind for one in notices.unseen(stage.session, mentor)]
    with refused(NotAllowed, "late"):
        pairs.answer(stage.session, mentee, pair.id, stage.later(days=3), yes=True)
    assert schedule.run_due(stage.session, stage.now)["lapsed"] == 1
    assert pair.state == "lapsed"


def test_the_second_yes_asks_the_gates_again(stage, mentee, mentor):
    pair = stage.offer(mentee, mentor)
    pairs.answer(stage.session, mentee, pair.id, stage.now, yes=True)
    stage.check(mentor, "failed", ("record",))
    with refused(NotAllowed, "mentor"):
        pairs.answer(stage.session, mentor, pair.id, stage.now, yes=True)
    assert (pair.state, pair.mentor_said) == ("offered", None)


def test_nothing_passes_before_both_accepted_the_agreement(stage, mentee, mentor):
    pair = stage.agreed(mentee, mentor)
    row = agreement.propose_terms(stage.session, mentor, pair.id, stage.terms(), stage.now)
    for actor in (mentee, mentor):
        with refused(NotAllowed, "state"):
            messages.write(stage.session, actor, pair.id, "Hello", stage.now)
        with refused(NotAllowed, "state"):
            meet(stage, actor, pair)
    other = agreement.propose_terms(
        stage.session, mentee, pair.id, stage.terms(scope=("learn",)), stage.later(minutes=1)
    )
    with refused(NotAllowed, "replaced"):
        agreement.accept_terms(stage.session, mentee, pair.id, row.id, stage.now)
    agreement.accept_terms(stage.session, mentee, pair.id, other.id, stage.now)
    assert pair.state == "preparing"
    agreement.accept_terms(stage.session, mentor, pair.id, other.id, stage.now)
    assert pair.state == "active"
    assert agreement.terms_in_force(stage.session, pair).scope == ["learn"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scope": ()}, "scope"),
        ({"scope": ("find_job", "learn", "apply", "digital")}, "scope"),
        ({"scope": ("magic",)}, "scope"),
        ({"meetings_a_month": 9}, "meetings"),
        ({"rules_version": 0}, "rules"),
    ],
)
def test_terms_are_checked(stage, mentee, mentor, changes, code):
    pair = stage.agreed(mentee, mentor)
    with refused(NotValid, code):
        agreement.propose_terms(stage.session, mentee, pair.id, stage.terms(**changes), stage.now)


def test_terms_have_days_in_order(stage, mentee, mentor):
    pair = stage.agreed(mentee, mentor)
    today = stage.now.date()
    for first, last in ((today, today), (today - timedelta(days=9), today),
                        (today, today + timedelta(days=800))):  # fmt: skip
        terms = stage.terms(starts_on=first, ends_on=last)
        with refused(NotValid, "dates"):
            agreement.propose_terms(stage.session, mentee, pair.id, terms, stage.now)


def test_up_to_three_own_goals_by_id(stage, pair, mentee, mentor, stranger):
    own = ["g1", "g2", "g3", "g4"]
    goals.link_goals(stage.session, mentee, pair.id, own[:3], own, stage.now)
    assert goals.linked_goals(stage.session, mentor, pair.id) == ["g1", "g2", "g3"]
    for wrong in (own, ["g1", "g1"], ["not-mine"]):
        with refused(NotValid, "goals"):
            goals.link_goals(stage.session, mentee, pair.id, wrong, own, stage.now)
    for actor in (mentor, stranger):
        with refused(NotYours, "pair"):
            goals.link_goals(stage.session, actor, pair.id, ["g1"], own, stage.now)
    goals.link_goals(stage.session, mentee, pair.id, ["g4"], own, stage.now)
    assert goals.linked_goals(stage.session, mentee, pair.id) == ["g4"]
    closure.close(stage.session, mentee, pair.id, stage.now)
    assert goals.linked_goals(stage.session, mentor, pair.id) == []


def meet(stage, actor, pair, hours=24, topic="first_talk"):
    start = stage.now + timedelta(hours=hours)
    return meetings.propose_meeting(
        stage.session, actor, pair.id, [start, start + timedelta(hours=1)], 30, "online", topic,
        stage.now,
    )  # fmt: skip


def test_a_meeting_from_proposal_to_log(stage, pair, mentee, mentor, stranger):
    times = meetings.suggest_times(stage.session, mentee, pair.id, stage.now)
    assert {f"{one:%a %H}" for one in times} == {"Mon 17", "Tue 17"}
    row = meet(stage, mentee, pair)
    with refused(NotYours, "meeting"):
        meetings.confirm_meeting(stage.session, mentee, pair.id, row.id, 0, stage.now)
    with refused(NotYours, "pair"):
        meetings.confirm_meeting(stage.session, stranger, pair.id, row.id, 0, stage.now)
    with refused(NotValid, "option"):
        meetings.confirm_meeting(stage.session, mentor, pair.id, row.id, 2, stage.now)
    meetings.confirm_meeting(stage.session, mentor, pair.id, row.id, 1, stage.now)
    assert row.starts_at == stage.now + timedelta(hours=25)
    entry = LogEntry(happened=True, happened_on=stage.now.date(), minutes=25, feeling=4)
    with refused(NotAllowed, "early"):
        meetings.log_meeting(stage.session, mentor, pair.id, entry, stage.now, row.id)
    stage.later(hours=26)
    entry = LogEntry(happened=True, happened_on=stage.now.date(), minutes=25, feeling=4)
    for actor in (mentor, mentee):
        meetings.log_meeting(stage.session, actor, pair.id, entry, stage.now, row.id)
        with refused(NotAllowed, "given"):
            meetings.log_meeting(stage.session, actor, pair.id, entry, stage.now, row.id)
    assert row.state == "happened"
    assert pair.last_contact_at == stage.now
    assert [one.side for one in meetings.logs_of(stage.session, mentor, pair.id)] == ["mentor"]
    assert len(meetings.logs_of(stage.session, stage.boss(mentee), pair.id)) == 2


def test_a_meeting_can_be_missed_declined_or_called_off(stage, pair, mentee, mentor):
    late, no, off = (meet(stage, mentee, pair) for _ in range(3))
    with refused(NotAllowed, "many"):
        meet(stage, mentor, pair)
    meetings.confirm_meeting(stage.session, mentor, pair.id, late.id, 0, stage.now)
    meetings.turn_down_meeting(stage.session, mentor, pair.id, no.id, stage.now)
    meetings.call_off_meeting(stage.session, mentee, pair.id, off.id, stage.now)
    with refused(NotAllowed, "state"):
        meetings.confirm_meeting(stage.session, mentor, pair.id, off.id, 0, stage.now)
    contact = pair.last_contact_at
    stage.later(days=2)
    entry = LogEntry(happened=False, happened_on=stage.now.date(), minutes=30, feeling=1)
    log = meetings.log_meeting(stage.session, mentee, pair.id, entry, stage.now, late.id)
    assert (late.state, no.state, off.state) == ("missed", "declined", "cancelled")
    assert (log.minutes, log.feeling, pair.last_contact_at) == (None, None, contact)


@pytest.mark.parametrize(
    ("hours", "minutes", "way", "topic", "code"),
    [
        (-1, 30, "online", "goals", "times"),
        (24 * 91, 30, "online", "goals", "times"),
        (24, 31, "online", "goals", "minutes"),
        (24, 30, "phone", "goals", "way"),
        (24, 30, "near", "secrets", "topic"),
    ],
)
def test_a_proposal_is_checked(stage, pair, mentee, hours, minutes, way, topic, code):
    start = stage.now + timedelta(hours=hours)
    with refused(NotValid, code):
        meetings.propose_meeting(stage.session, mentee, pair.id, [start], minutes, way, topic,
                                 stage.now)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"days": 1}, "happened_on"),
        ({"days": -9}, "happened_on"),
        ({"minutes": 0}, "minutes"),
        ({"feeling": 6}, "feeling"),
        ({"topics": ("secrets",)}, "topics"),
    ],
)
def test_a_log_is_checked(stage, pair, mentee, changes, code):
    day = stage.now.date() + timedelta(days=changes.pop("days", 0))
    entry = LogEntry(happened=True, happened_on=day, **changes)
    with refused(NotValid, code):
        meetings.log_meeting(stage.session, mentee, pair.id, entry, stage.now)


def test_a_message_arrives_or_is_held(stage, pair, mentee, mentor, stranger):
    boss = stage.boss(mentee)
    messages.write(stage.session, mentee, pair.id, "Hello, how are you?", stage.now)
    held = messages.write(
        stage.session, mentee, pair.id, "Call me on 06 30 123 4567", stage.later(minutes=1)
    )
    assert (held.state, held.findings) == ("held", ["phone"])
    assert messages.unread(stage.session, mentor, pair.id) == 1
    theirs = messages.thread(stage.session, mentor, pair.id, stage.now)
    assert [one.text for one in theirs] == ["Hello, how are you?"]
    own = messages.thread(stage.session, mentee, pair.id, stage.now)
    assert [(one.state, one.read) for one in own] == [("sent", True), ("held", False)]
    assert messages.held_messages(stage.session, boss) == [held]
    for actor in (stranger, boss):
        with refused(NotYours, "pair"):
            messages.thread(stage.session, actor, pair.id, stage.now)
    for actor in (stranger, mentor, mentee):
        with pytest.raises(NotYours):
            messages.release(stage.session, actor, held.id, stage.now)
    messages.release(stage.session, boss, held.id, stage.now)
    assert messages.unread(stage.session, mentor, pair.id) == 1
    with refused(NotAllowed, "state"):
        messages.block(stage.session, boss, held.id, "contact", stage.now)


def test_a_blocked_message_never_arrives_and_its_author_sees_that(stage, pair, mentee, mentor):
    row = messages.write(stage.session, mentor, pair.id, "This is our secret", stage.now)
    with refused(NotValid, "reason"):
        messages.block(stage.session, stage.boss(mentee), row.id, "because", stage.now)
    messages.block(stage.session, stage.boss(mentee), row.id, "harm", stage.now)
    assert messages.thread(stage.session, mentee, pair.id, stage.now) == []
    assert messages.thread(stage.session, mentor, pair.id, stage.now)[0].state == "blocked"


def test_a_held_message_does_not_arrive_where_contact_has_stopped(stage, pair, mentee, mentor):
    row = messages.write(stage.session, mentor, pair.id, "see www.example.org", stage.now)
    consent.withdraw_consent(stage.session, mentee, stage.now)
    with refused(NotAllowed, "consent"):
        messages.release(stage.session, stage.boss(mentee), row.id, stage.now)
    assert row.state == "held"


def test_a_message_has_bounds(stage, pair, mentee):
    for text in ("", "   ", "x" * 2001, "a\x00b"):
        with refused(NotValid, "text"):
            messages.write(stage.session, mentee, pair.id, text, stage.now)
    for _ in range(messages.MOST_A_DAY):
        messages.write(stage.session, mentee, pair.id, "Hello", stage.now)
    with refused(NotAllowed, "many"):
        messages.write(stage.session, mentee, pair.id, "Hello", stage.now)
    messages.write(stage.session, mentee, pair.id, "Hello", stage.later(days=1))


def test_a_coordinator_does_not_release_in_their_own_pair(stage, home, mentee):
    boss = stage.boss(mentee)
    mentors.begin(stage.session, boss, stage.now)
    assert pairs.own_pairs(stage.session, boss) == []
    second = stage.mentor(home, "second")
    from lti_tool.mentoring import access

    access.appoint(stage.session, home, second.user_id, "coordinator", stage.now, boss)
    pair = stage.started(mentee, second)
    row = messages.write(stage.session, second, pair.id, "mail me: a@b.example", stage.now)
    assert messages.held_messages(stage.session, second) == []
    with refused(NotYours, "pair"):
        messages.release(stage.session, second, row.id, stage.now)


def test_consent_taken_back_stops_contact_and_given_again_opens_it(stage, pair, mentee, mentor):
    consent.withdraw_consent(stage.session, mentee, stage.now)
    for actor in (mentee, mentor):
        with refused(NotAllowed, "consent"):
            messages.write(stage.session, actor, pair.id, "Hello", stage.now)
        with refused(NotAllowed, "consent"):
            meet(stage, actor, pair)
    stage.consent(mentee)
    messages.write(stage.session, mentor, pair.id, "Hello", stage.now)


@pytest.mark.parametrize(
    ("days", "number"), [(9, 0), (10, 1), (24, 1), (25, 2), (54, 2), (55, 3), (85, 4)]
)
def test_check_ins_are_due_on_day_10_25_and_monthly(stage, days, number):
    assert checkins.due_number(stage.now, stage.now + timedelta(days=days)) == number
    if number:
        assert checkins.day_of(number) <= days < checkins.day_of(number + 1)


def test_both_are_asked_once_and_the_measure_reaches_the_pair(stage, pair, mentee, mentor):
    assert schedule.run_due(stage.session, stage.later(days=10))["asked"] == 1
    assert schedule.run_due(stage.session, stage.now)["asked"] == 0
    (asked,) = checkins.open_checkins(stage.session, mentee, stage.now)
    answers = {"at_ease": 1, "listened_to": 2, "useful": 1}
    for wrong in ({"at_ease": 6}, {"magic": 3}):
        with refused(NotValid, "answers"):
            checkins.answer_checkin(stage.session, mentee, asked.id, wrong, stage.now)
    with refused(NotYours, "checkin"):
        checkins.answer_checkin(stage.session, mentor, asked.id, answers, stage.now)
    measure = checkins.answer_checkin(
        stage.session, mentee, asked.id, answers, stage.now, wants_talk=True
    )
    assert (measure, pair.mentee_measure, pair.mentor_measure) == (8, 8, None)
    with refused(NotAllowed, "given"):
        checkins.answer_checkin(stage.session, mentee, asked.id, answers, stage.now)
    boss = stage.boss(mentee)
    assert "wants_talk" in [one.kind for one in notices.unseen(stage.session, boss)]
    (asked,) = checkins.open_checkins(stage.session, mentor, stage.now)
    schedule.run_due(stage.session, stage.later(days=8))
    kinds = [one.kind for one in notices.unseen(stage.session, mentor)]
    assert kinds.count("remind_checkin") == 1
    with refused(NotAllowed, "late"):
        checkins.answer_checkin(stage.session, mentor, asked.id, answers, stage.later(days=14))


def test_the_measure_needs_two_answers():
    assert checkins.measure_of({"at_ease": 5}) is None
    assert checkins.measure_of(dict.fromkeys(checkins.MEASURE, 5)) == 100
    assert checkins.measure_of(dict.fromkeys(checkins.MEASURE, 1)) == 0


def test_reminders_are_few(stage, pair, mentee, mentor):
    meet(stage, mentee, pair, hours=24 * 30)
    messages.write(stage.session, mentor, pair.id, "Hello", stage.now)
    for _ in range(3):
        schedule.run_due(stage.session, stage.later(days=8))
    mine = [one.kind for one in notices.unseen(stage.session, mentee)]
    theirs = [one.kind for one in notices.unseen(stage.session, mentor)]
    assert mine.count("remind_message") == theirs.count("remind_meeting") == 1
    notices.see(stage.session, mentee, stage.now)
    assert notices.unseen(stage.session, mentee) == []


def test_goodbye_then_the_end_by_itself_then_feedback(stage, pair, mentee, mentor, stranger):
    for reason in ("because", ""):
        with refused(NotValid, "reason"):
            closure.begin_goodbye(stage.session, mentee, pair.id, reason, stage.now)
    closure.begin_goodbye(stage.session, mentee, pair.id, "goals_reached", stage.now)
    messages.write(stage.session, mentor, pair.id, "It was good.", stage.now)
    stage.later(days=14)
    assert schedule.run_due(stage.session, stage.now)["closed"] == 1
    assert (pair.state, pair.close_reason) == ("closed", "goals_reached")
    for actor, again in ((mentor, "yes"), (mentee, "yes")):
        closure.give_feedback(stage.session, actor, pair.id, {"helped": 5}, again, stage.now,
                              keep_contact=True)  # fmt: skip
    assert pair.contact_after == "through"
    with refused(NotAllowed, "given"):
        closure.give_feedback(stage.session, mentee, pair.id, {}, "no", stage.now)
    with refused(NotYours, "pair"):
        closure.give_feedback(stage.session, stranger, pair.id, {}, "no", stage.now)
    assert mentees.find_mentee(stage.session, mentee).state == "waiting"


@pytest.mark.parametrize(
    ("again", "state"), [("yes", "waiting"), ("later", "paused"), ("no", "left")]
)
def test_feedback_leads_to_a_new_match_or_not(stage, pair, mentee, again, state):
    with refused(NotAllowed, "state"):
        closure.give_feedback(stage.session, mentee, pair.id, {}, again, stage.now)
    closure.close(stage.session, mentee, pair.id, stage.now)
    with refused(NotValid, "again"):
        closure.give_feedback(stage.session, mentee, pair.id, {}, "maybe", stage.now)
    with refused(NotValid, "answers"):
        closure.give_feedback(stage.session, mentee, pair.id, {"helped": 0}, again, stage.now)
    closure.give_feedback(stage.session, mentee, pair.id, {}, again, stage.now)
    assert mentees.find_mentee(stage.session, mentee).state == state
    assert pair.contact_after == "none"


def test_feedback_closes_after_sixty_days(stage, pair, mentee):
    closure.close(stage.session, mentee, pair.id, stage.now)
    with refused(NotAllowed, "state"):
        closure.give_feedback(stage.session, mentee, pair.id, {}, "no", stage.later(days=61))


def test_no_during_the_goodbye_keeps_new_matches_away_only(stage, pair, mentee):
    closure.begin_goodbye(stage.session, mentee, pair.id, "time_over", stage.now)
    closure.give_feedback(stage.session, mentee, pair.id, {}, "no", stage.now)
    assert (mentees.find_mentee(stage.session, mentee).state, pair.state) == ("paused", "closing")


def test_closed_is_closed(stage, pair, mentee, mentor):
    row = meet(stage, mentee, pair)
    closure.close(stage.session, mentor, pair.id, stage.now, "no_time")
    assert row.state == "cancelled"
    entry = LogEntry(happened=True, happened_on=stage.now.date())
    for act in (
        lambda: messages.write(stage.session, mentor, pair.id, "Hello", stage.now),
        lambda: meet(stage, mentee, pair),
        lambda: meetings.log_meeting(stage.session, mentee, pair.id, entry, stage.now),
        lambda: closure.close(stage.session, mentor, pair.id, stage.now),
        lambda: closure.begin_goodbye(stage.session, mentee, pair.id, "moved", stage.now),
        lambda: pairs.other_side(stage.session, mentor, pair.id),
        lambda: agreement.propose_terms(stage.session, mentee, pair.id, stage.terms(), stage.now),
    ):
        with refused(NotAllowed, "state"):
            act()
    assert pairs.own_pairs(stage.session, mentee) == []
    assert [one.id for one, _ in pairs.own_pairs(stage.session, mentee, ended=True)] == [pair.id]


def test_who_leaves_ends_every_pair(stage, home):
    mentor = stage.mentor(home, "mira", 3)
    live = [stage.started(stage.mentee(home, name), mentor) for name in ("ana", "ben")]
    live.append(stage.offer(stage.mentee(home, "cyd"), mentor))
    assert mentors.leave(stage.session, mentor, mentor.user_id, stage.now) == 3
    assert [one.state for one in live] == ["closed", "closed", "withdrawn"]
    assert not {one.state for one in live} & set(LIVE)


def test_the_other_side_is_what_the_pair_needs(stage, pair, mentee, mentor, stranger):
    seen = pairs.other_side(stage.session, mentor, pair.id)
    assert (seen.nickname, seen.about) == ("ana", "")
    assert pairs.other_side(stage.session, mentee, pair.id).about == "I like to help."
    for actor in (stranger, stage.boss(mentee)):
        with refused(NotYours, "pair"):
            pairs.other_side(stage.session, actor, pair.id)
