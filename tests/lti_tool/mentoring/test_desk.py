"""The matching desk, the coordinator's desk, and organisations that work together."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lti_tool.mentoring import (
    borders,
    candidates,
    checkins,
    closure,
    consent,
    desk,
    figures,
    mentees,
    mentors,
    messages,
    pairs,
    programme,
    reports,
    schedule,
)
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from tests.lti_tool.mentoring.stage import OFFER, YOUNG, refused
from tests.lti_tool.mentoring.test_pair import meet


def run(stage, boss, **weights):
    found = candidates.gather(stage.session, boss.tenant_id, stage.now, weights or None)
    return desk.keep(stage.session, boss, found, desk.solve(found), stage.now)


def test_a_dry_run_says_who_and_why_and_tells_nobody(stage, home, mentor):
    ana, ben, cyd = (stage.mentee(home, name) for name in ("ana", "ben", "cyd"))
    young = stage.mentee(home, "dan", YOUNG)
    mentees.say_preferences(stage.session, cyd, replace(OFFER, languages={"ro": 6}))
    boss = stage.boss(ana)
    made = run(stage, boss)
    _, rows = desk.find_run(stage.session, boss, made.id)
    by = {row.mentee_id: row for row in rows}
    matched = [row for row in rows if row.mentor_id]
    assert [row.mentor_id for row in matched] == [mentor.user_id]
    codes = {one["code"] for one in matched[0].why["reasons"]}
    assert {"language", "times", "help"} <= codes
    assert by[cyd.user_id].why["rule"] == "language"
    assert by[young.user_id].why == {"rule": "guardian", "opens": 0, "values": {}}
    (other,) = {ana.user_id, ben.user_id} - {matched[0].mentee_id}
    assert by[other].why["rule"] == "places"
    assert {"rule": "language", "kind": "ro", "mentees": 1, "mentors": 1} in made.summary["needs"]
    assert pairs.own_pairs(stage.session, mentor) == []
    assert stage.people["ana"].user_id not in str(made.summary)


def test_publishing_is_an_act_and_happens_once(stage, home, mentor, stranger):
    ana = stage.mentee(home, "ana")
    boss = stage.boss(ana)
    made = run(stage, boss)
    for actor in (stranger, ana, mentor):
        with refused(NotYours, "duty"):
            desk.publish(stage.session, actor, made.id, stage.now)
    done = desk.publish(stage.session, boss, made.id, stage.now)
    assert [pair.state for pair in done.pairs] == ["offered"]
    assert done.pairs[0].why["reasons"]
    with refused(NotAllowed, "state"):
        desk.publish(stage.session, boss, made.id, stage.now)
    assert run(stage, boss).summary["mentees"] == 0


def test_what_changed_since_the_dry_run_is_left_out_by_name(stage, home):
    names = ("ana", "ben", "cyd", "dan", "eva")
    people = [stage.mentee(home, name) for name in names]
    for number in range(5):
        stage.mentor(home, f"mentor{number}")
    boss = stage.boss(people[0])
    made = run(stage, boss)
    _, rows = desk.find_run(stage.session, boss, made.id)
    of = {row.mentee_id: row.mentor_id for row in rows}
    ana, ben, cyd, dan, eva = people
    consent.withdraw_consent(stage.session, ana, stage.now)
    mentors.set_pause(stage.session, boss, of[ben.user_id], stage.now, paused=True)
    mentees.veto(stage.session, cyd, [of[cyd.user_id]])
    key = (home, of[dan.user_id])
    desk.rule(stage.session, boss, dan.user_id, key, "forbid", stage.now)
    done = desk.publish(stage.session, boss, made.id, stage.now)
    assert [pair.mentee_id for pair in done.pairs] == [eva.user_id]
    assert done.skipped == {
        ana.user_id: "consent",
        ben.user_id: "paused",
        cyd.user_id: "forbidden",
        dan.user_id: "forbidden",
    }


def test_a_place_is_given_once_whatever_the_runs_say(stage, home, mentor):
    ana, ben = stage.mentee(home, "ana"), stage.mentee(home, "ben")
    boss = stage.boss(ana)
    first = run(stage, boss)
    desk.rule(stage.session, boss, ben.user_id, (home, mentor.user_id), "lock", stage.now)
    second = run(stage, boss)
    desk.publish(stage.session, boss, second.id, stage.now)
    done = desk.publish(stage.session, boss, first.id, stage.now)
    assert done.pairs == []
    assert set(done.skipped.values()) <= {"places", "has_pair"}
    assert done.skipped


def test_a_mentee_has_one_offer_at_a_time(stage, home, mentor, mentee):
    stage.offer(mentee, mentor)
    with refused(NotAllowed, "has_pair"):
        stage.offer(mentee, stage.mentor(home, "second"))


def test_lock_and_forbid_bind_the_next_run_until_taken_back(stage, home, mentor):
    ana, ben = stage.mentee(home, "ana"), stage.mentee(home, "ben")
    boss, key = stage.boss(ana), (home, mentor.user_id)

    def matched():
        _, rows = desk.find_run(stage.session, boss, run(stage, boss).id)
        return [row.mentee_id for row in rows if row.mentor_id]

    for one, other in ((ana, ben), (ben, ana)):
        desk.rule(stage.session, boss, one.user_id, key, "lock", stage.now)
        assert matched() == [one.user_id]
        desk.rule(stage.session, boss, one.user_id, key, "forbid", stage.now)
        assert matched() == [other.user_id]
        desk.rule(stage.session, boss, one.user_id, key, None, stage.now)
    for one in (ana, ben):
        desk.rule(stage.session, boss, one.user_id, key, "lock", stage.now)
    with refused(desk.CannotMatch, "rulings"):
        matched()
    with refused(NotValid, "word"):
        desk.rule(stage.session, boss, ana.user_id, key, "love", stage.now)


def test_two_who_parted_are_not_offered_again_by_themselves(stage, home, pair, mentee, mentor):
    closure.close(stage.session, mentee, pair.id, stage.now, "not_fitting")
    boss = stage.boss(mentee)
    made = run(stage, boss)
    assert made.summary["matched"] == 0
    desk.rule(stage.session, boss, mentee.user_id, (home, mentor.user_id), "lock", stage.now)
    assert run(stage, boss).summary["matched"] == 1


def test_pairs_that_stand_are_never_touched(stage, home):
    mentor = stage.mentor(home, "mira", 2)
    stage.started(stage.mentee(home, "ana"), mentor)
    for name in ("ben", "cyd"):
        stage.mentee(home, name)
    boss = stage.boss(mentor)
    assert run(stage, boss).summary["matched"] == 1


def test_weights_are_the_programmes_or_the_runs_own(stage, home, mentor, mentee):
    boss = stage.boss(mentee)
    rules = programme.Rules(weights=programme.weights_from({"help": 0.9}))
    programme.set_rules(stage.session, boss, rules, stage.now)
    assert run(stage, boss).weights["help"] == 0.9
    stage.later(minutes=5)
    made = run(stage, boss, help=0.1)
    assert (made.weights["help"], made.weights["fields"]) == (0.1, 0.3)
    with refused(NotValid, "weights"):
        run(stage, boss, magic=1.0)
    desk.discard(stage.session, boss, made.id, stage.now)
    with refused(NotAllowed, "state"):
        desk.publish(stage.session, boss, made.id, stage.now)
    assert desk.list_runs(stage.session, boss)[0].id == made.id


def test_a_run_is_its_own_organisations(stage, home, mentor, mentee):
    made = run(stage, stage.boss(mentee))
    away = stage.tenant("away")
    other = stage.person(away, "x")
    boss = stage.boss(other)
    for act in (desk.find_run, lambda *a: desk.publish(*a, stage.now)):
        with refused(NotYours, "run"):
            act(stage.session, boss, made.id)
    found = candidates.gather(stage.session, home, stage.now)
    with refused(NotYours, "run"):
        desk.keep(stage.session, boss, found, desk.solve(found), stage.now)
    with refused(NotYours, "pair"):
        desk.offer_by_hand(stage.session, boss, mentee.user_id, (home, mentor.user_id), stage.now)


def test_across_borders_both_coordinators_agree(stage, home):
    away = stage.tenant("away", "RO")
    mentor = stage.mentor(away, "mihai", across=True)
    stays = stage.mentor(away, "stays")
    ana = stage.mentee(home, "ana")
    ours, theirs = stage.boss(ana), stage.boss(mentor)
    key = (away, mentor.user_id)
    assert run(stage, ours).summary["mentors"] == 0
    with refused(NotAllowed, "border"):
        stage.offer(ana, mentor)
    with refused(NotYours, "border"):
        borders.agree_border(stage.session, ours, home, away, stage.now)
    borders.ask_border(stage.session, ours, home, away, stage.now)
    with refused(NotYours, "border"):
        borders.agree_border(stage.session, ours, home, away, stage.now)
    with refused(NotAllowed, "border"):
        stage.offer(ana, mentor)
    borders.agree_border(stage.session, theirs, home, away, stage.now)
    with refused(NotAllowed, "border"):
        stage.offer(ana, stays)
    made = run(stage, ours)
    assert (made.summary["mentors"], made.summary["matched"]) == (1, 1)
    (pair,) = desk.publish(stage.session, ours, made.id, stage.now).pairs
    assert (pair.tenant_id, pair.mentor_tenant_id, pair.mentor_id) == (home, *key)
    assert not borders.is_open(stage.session, away, home)


def test_a_pair_across_borders_lives_and_falls_silent_with_the_border(stage, home):
    away = stage.tenant("away", "RO")
    mentor, ana = stage.mentor(away, "mihai", across=True), stage.mentee(home, "ana")
    stage.open_border(home, away)
    pair = stage.started(ana, mentor)
    messages.write(stage.session, mentor, pair.id, "Hello", stage.now)
    assert messages.unread(stage.session, ana, pair.id) == 1
    assert pairs.other_side(stage.session, mentor, pair.id).nickname == "ana"
    theirs = stage.boss(mentor)
    for act in (
        lambda: messages.thread(stage.session, theirs, pair.id, stage.now),
        lambda: closure.close(stage.session, theirs, pair.id, stage.now),
    ):
        with refused(NotYours, "pair"):
            act()
    row = messages.write(stage.session, mentor, pair.id, "see www.x.example", stage.now)
    assert messages.held_messages(stage.session, theirs) == []
    with refused(NotYours, "message"):
        messages.release(stage.session, theirs, row.id, stage.now)
    borders.end_border(stage.session, theirs, home, away, stage.now)
    with refused(NotAllowed, "border"):
        messages.write(stage.session, ana, pair.id, "Hello", stage.now)
    reports.report(stage.session, mentor, "urgent_need", "Help", stage.now, pair.id)
    assert reports.open_reports(stage.session, stage.guard(ana))
    assert reports.open_reports(stage.session, stage.guard(mentor)) == []


def codes(stage, boss):
    return {one.code: one.count for one in figures.desk(stage.session, boss, stage.now).exceptions}


def test_exceptions_come_first_and_only_real_ones(stage, home, pair, mentee, mentor, stranger):
    boss = stage.boss(mentee)
    found = figures.desk(stage.session, boss, stage.now)
    assert (found.exceptions, found.pairs) == ([], {"active": 1})
    meet(stage, mentee, pair, hours=24 * 60)
    messages.write(stage.session, mentor, pair.id, "a@b.example", stage.now)
    stage.later(days=14)
    assert codes(stage, boss) == {"held": 1, "unanswered": 1}
    stage.later(days=1)
    assert codes(stage, boss) == {"held": 1, "silent": 1, "unanswered": 1}
    schedule.run_due(stage.session, stage.now)
    (asked,) = checkins.open_checkins(stage.session, mentee, stage.now)
    low = dict.fromkeys(("at_ease", "useful"), 2)
    checkins.answer_checkin(stage.session, mentee, asked.id, low, stage.now, wants_talk=True)
    stage.check(mentor, "waiting", ("record",))
    slow = stage.applicant(home, "slow")
    assert codes(stage, boss) == {
        "held": 1, "screening": 1, "silent": 1, "measure": 1, "unanswered": 1, "wants_talk": 1,
    }  # fmt: skip
    stage.later(days=31)
    screening = next(
        one for one in figures.desk(stage.session, boss, stage.now).exceptions
        if one.code == "screening"
    )  # fmt: skip
    assert {one for one, _ in screening.first} == {mentor.user_id, slow.user_id}
    reports.report(stage.session, mentee, "urgent_need", "Help", stage.now, pair.id)
    after = figures.desk(stage.session, boss, stage.now).exceptions
    assert (after[0].code, after[0].count, after[0].first) == ("report", 1, [])
    with refused(NotYours, "duty"):
        figures.desk(stage.session, stranger, stage.now)


def test_lists_and_export_name_nobody(stage, home, pair, mentee, mentor, stranger):
    boss = stage.boss(mentee)
    lines, count = figures.pair_lines(stage.session, boss)
    assert (count, lines[0].id, lines[0].low) == (1, pair.id, False)
    assert figures.pair_lines(stage.session, boss, state="closed") == ([], 0)
    (row,) = figures.export_pairs(stage.session, boss)
    people = {mentee.user_id, mentor.user_id, pair.id, "ana", "mira"}
    assert not people & {str(value) for value in row.values()}
    (row,) = figures.export_pairs(stage.session, boss, with_ids=True)
    assert row["mentee"] == mentee.user_id
    other = stage.boss(stage.person(stage.tenant("away"), "x"))
    assert list(figures.export_pairs(stage.session, other)) == []
    with pytest.raises(NotYours):
        list(figures.export_pairs(stage.session, stranger))


def test_a_screening_that_runs_out_is_on_the_desk(stage, home, mentor):
    from lti_tool.mentoring import screening

    boss, day = stage.boss(mentor), stage.now.date()
    screening.note_check(stage.session, boss, mentor.user_id, "record", "passed", day, stage.now,
                         day + timedelta(days=5))  # fmt: skip
    stage.later(days=5)
    assert codes(stage, boss) == {}
    stage.later(days=1)
    assert codes(stage, boss) == {"screening": 1}
