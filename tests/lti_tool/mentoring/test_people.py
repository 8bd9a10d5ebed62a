"""Applications, gates, consent: who may be matched at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lti_tool.mentoring import access, consent, invitations, mentees, mentors, programme, screening
from lti_tool.mentoring.contact import barriers
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.models import Event, TrainingUnit
from lti_tool.people.models import Tenant
from tests.lti_tool.mentoring.stage import OFFER, YOUNG, refused


def test_an_application_takes_two_steps_then_gates_then_a_person(stage, home):
    actor = stage.person(home, "mira")
    mentors.begin(stage.session, actor, stage.now)
    with refused(NotAllowed, "about"):
        mentors.say_offer(stage.session, actor, OFFER, 2, stage.now)
    mentors.say_about(stage.session, actor, stage.now, nickname=" Mira ", about="Hello")
    row = mentors.say_offer(stage.session, actor, OFFER, 2, stage.now)
    assert (row.state, row.nickname, row.capacity) == ("applied", "Mira", 2)
    boss = stage.boss(actor)
    with refused(NotAllowed, "screening"):
        mentors.admit(stage.session, boss, actor.user_id, stage.now)
    stage.check(actor, checks=("identity", "references"))
    stage.train(actor)
    with refused(NotAllowed, "screening"):
        mentors.admit(stage.session, boss, actor.user_id, stage.now)
    stage.check(actor, checks=("record",))
    mentors.admit(stage.session, boss, actor.user_id, stage.now)
    assert row.state == "active"


def test_training_is_a_gate_of_its_own(stage, home):
    actor = stage.applicant(home, "mira")
    stage.check(actor)
    for unit in ("role", "trust", "listen", "plan", "safe"):
        done = screening.finish_unit(stage.session, actor, unit, stage.now)
    assert len(done) == 5
    with refused(NotAllowed, "training"):
        mentors.admit(stage.session, stage.boss(actor), actor.user_id, stage.now)
    with refused(NotValid, "unit"):
        screening.finish_unit(stage.session, actor, "seventh", stage.now)


def test_nobody_checks_or_admits_themself_or_a_neighbours_mentor(stage, home, mentor):
    boss, abroad = stage.boss(mentor), stage.tenant("away")
    other = next(one for one in stage.people.values() if one.tenant_id == abroad)
    mentors.begin(stage.session, boss, stage.now)
    for actor, whom in ((boss, boss), (mentor, mentor), (other, mentor)):
        with pytest.raises(NotYours):
            screening.note_check(stage.session, actor, whom.user_id, "record", "passed",
                                 stage.now.date(), stage.now)  # fmt: skip
        with pytest.raises(NotYours):
            mentors.admit(stage.session, actor, whom.user_id, stage.now)


def test_a_failed_check_bars_and_an_old_one_runs_out(stage, mentor, pair):
    boss, day = stage.boss(mentor), stage.now.date()
    assert barriers(stage.session, pair, stage.now) == ()
    screening.note_check(stage.session, boss, mentor.user_id, "record", "passed", day, stage.now,
                         day + timedelta(days=30))  # fmt: skip
    assert barriers(stage.session, pair, stage.now + timedelta(days=30)) == ()
    assert barriers(stage.session, pair, stage.now + timedelta(days=31)) == ("screening",)
    screening.note_check(stage.session, boss, mentor.user_id, "identity", "failed", day, stage.now)
    assert mentors.find_mentor(stage.session, mentor).state == "applied"
    assert set(barriers(stage.session, pair, stage.now)) == {"mentor", "screening"}


def test_the_gate_asks_for_the_training_each_time(stage, mentor, pair):
    unit = stage.session.get_one(TrainingUnit, (mentor.tenant_id, mentor.user_id, "safe"))
    stage.session.delete(unit)
    stage.session.flush()
    assert barriers(stage.session, pair, stage.now) == ("training",)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"languages": {}}, "languages"),
        ({"languages": {"xx": 3}}, "languages"),
        ({"languages": {"hu": 7}}, "languages"),
        ({"slots": ()}, "slots"),
        ({"slots": ("someday",)}, "slots"),
        ({"online": False}, "ways"),
        ({"fields": ("magic",)}, "fields"),
        ({"latitude": 47.5}, "place"),
        ({"latitude": 147.5, "longitude": 19.0}, "place"),
        ({"reach_km": -1.0}, "reach_km"),
    ],
)
def test_values_are_checked_and_nothing_is_written(stage, mentor, changes, code):
    row = mentors.find_mentor(stage.session, mentor)
    before = (dict(row.languages), list(row.slots), row.latitude)
    with refused(NotValid, code):
        mentors.say_offer(stage.session, mentor, replace(OFFER, **changes), 1, stage.now)
    assert (row.languages, row.slots, row.latitude) == before


def test_a_place_is_kept_only_roughly(stage, mentor):
    exact = replace(OFFER, latitude=47.49801, longitude=19.03991)
    row = mentors.say_offer(stage.session, mentor, exact, 1, stage.now)
    assert (row.latitude, row.longitude) == (47.5, 19.0)


def test_capacity_never_falls_below_who_is_there(stage, home):
    mentor = stage.mentor(home, "mira", 2)
    for name in ("ana", "ben"):
        stage.offer(stage.mentee(home, name), mentor)
    with refused(NotAllowed, "capacity"):
        mentors.say_offer(stage.session, mentor, OFFER, 1, stage.now)
    for capacity in (0, 11):
        with refused(NotValid, "capacity"):
            mentors.say_offer(stage.session, mentor, OFFER, capacity, stage.now)


def test_refused_then_again_then_gone_then_back(stage, home):
    actor = stage.applicant(home, "mira")
    boss = stage.boss(actor)
    with refused(NotValid, "reason"):
        mentors.refuse(stage.session, boss, actor.user_id, "I do not like her", stage.now)
    mentors.refuse(stage.session, boss, actor.user_id, "places", stage.now)
    mentors.apply_again(stage.session, actor, stage.now)
    assert mentors.leave(stage.session, actor, actor.user_id, stage.now) == 0
    with refused(NotYours, "mentor"):
        mentors.say_about(stage.session, actor, stage.now, nickname="x", about="x")
    assert mentors.begin(stage.session, actor, stage.now).state == "draft"


def test_only_oneself_or_a_coordinator_pauses(stage, mentor, mentee, stranger):
    for actor in (stranger, mentee):
        with refused(NotYours, "mentor"):
            mentors.set_pause(stage.session, actor, mentor.user_id, stage.now, paused=True)
    mentors.set_pause(stage.session, mentor, mentor.user_id, stage.now, paused=True)
    with refused(NotAllowed, "state"):
        mentors.set_pause(stage.session, mentor, mentor.user_id, stage.now, paused=True)
    mentors.set_pause(stage.session, stage.boss(mentor), mentor.user_id, stage.now, paused=False)


def test_an_invitation_counts_its_uses_and_ends(stage, home, stranger):
    boss = stage.boss(stranger)
    row, code = invitations.invite(stage.session, boss, stage.now, uses=2, days=10)
    assert code not in repr(vars(row))
    with refused(NotYours, "invitation"):
        invitations.redeem(stage.session, stranger, "wrong", stage.now)
    for _ in range(2):
        invitations.redeem(stage.session, stranger, code, stage.now)
    with refused(NotYours, "invitation"):
        invitations.redeem(stage.session, stranger, code, stage.now)
    row, code = invitations.invite(stage.session, boss, stage.now)
    with refused(NotYours, "invitation"):
        invitations.redeem(stage.session, stranger, code, stage.now + timedelta(days=30))
    abroad = stage.person(stage.tenant("away"), "cyd")
    with refused(NotYours, "invitation"):
        invitations.redeem(stage.session, abroad, code, stage.now)
    invitations.take_back(stage.session, boss, row.id, stage.now)
    with refused(NotYours, "invitation"):
        invitations.redeem(stage.session, stranger, code, stage.now)
    with refused(NotYours, "duty"):
        invitations.invite(stage.session, stranger, stage.now)


def test_a_mentee_joins_only_with_consent(stage, home):
    actor = stage.person(home, "ana")
    mentees.begin(stage.session, actor, stage.now)
    with refused(NotAllowed, "about"):
        mentees.join(stage.session, actor, stage.now)
    mentees.say_about(stage.session, actor, stage.now, nickname="Ana", birth_year=None)
    with refused(NotAllowed, "preferences"):
        mentees.join(stage.session, actor, stage.now)
    mentees.say_preferences(stage.session, actor, OFFER)
    with refused(NotAllowed, "consent"):
        mentees.join(stage.session, actor, stage.now)
    with refused(NotValid, "version"):
        consent.give_consent(stage.session, actor, 99, "en", stage.now)
    stage.consent(actor)
    assert mentees.join(stage.session, actor, stage.now).state == "waiting"


def test_a_guardian_is_needed_by_the_countrys_age(stage, home):
    actor = stage.mentee(home, "ana", YOUNG)
    row = mentees.find_mentee(stage.session, actor)
    assert consent.missing_consents(stage.session, row, stage.now) == ("guardian",)
    with refused(NotYours, "duty"):
        consent.note_guardian(stage.session, actor, actor.user_id, "A-1", 1, "en", stage.now)
    stage.guardian(actor)
    assert consent.missing_consents(stage.session, row, stage.now) == ()
    consent.end_guardian(stage.session, stage.boss(actor), actor.user_id, stage.now)
    assert consent.missing_consents(stage.session, row, stage.now) == ("guardian",)
    stage.session.execute(update(Tenant).where(Tenant.id == home).values(country="AT"))
    stage.session.expire_all()
    later = stage.now.replace(year=2027)
    assert consent.missing_consents(stage.session, row, later) == ()
    boss = stage.boss(actor)
    programme.set_rules(stage.session, boss, programme.Rules(guardian_age=18), stage.now)
    assert consent.missing_consents(stage.session, row, later) == ("guardian",)


def test_consent_is_one_row_a_yes_and_ends_with_one_call(stage, mentee):
    stage.consent(mentee)
    row = mentees.find_mentee(stage.session, mentee)
    assert consent.withdraw_consent(stage.session, mentee, stage.now) == 1
    assert consent.missing_consents(stage.session, row, stage.now) == ("consent",)
    assert consent.withdraw_consent(stage.session, mentee, stage.now) == 0
    stage.consent(mentee)
    assert consent.missing_consents(stage.session, row, stage.now) == ()


def test_wishes_and_vetoes_name_mentors_who_are_offered(stage, home, mentee, mentor):
    cards = mentees.mentor_cards(stage.session, mentee)
    assert [card.mentor_id for card in cards] == [mentor.user_id]
    mentees.wish(stage.session, mentee, [mentor.user_id])
    with refused(NotYours, "mentor"):
        mentees.wish(stage.session, mentee, [mentee.user_id])
    with refused(NotValid, "wishes"):
        mentees.wish(stage.session, mentee, [mentor.user_id] * 2)
    mentees.veto(stage.session, mentee, [mentor.user_id])
    assert mentees.mentor_cards(stage.session, mentee) == []
    newcomer = stage.person(home, "new")
    assert mentees.mentor_cards(stage.session, newcomer) == []


def test_what_is_shared_is_chosen_and_ends_with_the_pair(stage, pair, mentee, mentor, stranger):
    shared = mentees.shared_with_mentor
    assert shared(stage.session, mentor, pair.id) == frozenset()
    mentees.share(stage.session, mentee, ["interests"])
    assert shared(stage.session, mentor, pair.id) == {"interests"}
    for actor in (stranger, mentee, stage.boss(mentee)):
        with refused(NotYours, "pair"):
            shared(stage.session, actor, pair.id)
    assert mentees.leave(stage.session, mentee, mentee.user_id, stage.now) == 1
    assert shared(stage.session, mentor, pair.id) == frozenset()


def test_duties_are_given_by_coordinators_and_the_last_one_stays(stage, home, stranger):
    boss = stage.boss(stranger)
    with refused(NotYours, "duty"):
        access.appoint(stage.session, home, stranger.user_id, "coordinator", stage.now, stranger)
    with refused(NotAllowed, "last_one"):
        access.dismiss(stage.session, boss, boss.user_id, "coordinator", stage.now)
    access.appoint(stage.session, home, stranger.user_id, "coordinator", stage.now, boss)
    access.dismiss(stage.session, stranger, boss.user_id, "coordinator", stage.now)
    assert not access.has_duty(stage.session, boss, "coordinator")
    away = stage.tenant("away")
    with refused(NotYours, "user"):
        access.appoint(stage.session, away, stranger.user_id, "coordinator", stage.now, stranger)


def test_rules_have_bounds(stage, home, stranger):
    boss = stage.boss(stranger)
    for change, code in (({"answer_days": 1}, "answer_days"), ({"message_days": 7}, "message_days"),
                         ({"guardian_age": 12}, "guardian_age")):  # fmt: skip
        with refused(NotValid, code):
            programme.set_rules(stage.session, boss, programme.Rules(**change), stage.now)
    with refused(NotValid, "weights"):
        programme.weights_from({"magic": 1.0})
    rules = programme.Rules(weights=programme.weights_from({"help": 0.9}), answer_days=14)
    programme.set_rules(stage.session, boss, rules, stage.now)
    stage.session.expire_all()
    assert programme.rules_of(stage.session, home) == rules


def test_the_log_is_only_added_to_and_holds_no_text(stage, pair):
    events = stage.session.scalars(select(Event)).all()
    assert {"appoint_coordinator", "check_record", "unit_safe", "consent_self", "start"} <= {
        one.verb for one in events
    }
    for one in events:
        assert one.reason is None or one.reason.replace("_", "").isalnum()
    names = {"mira", "ana"}
    assert not names & {getattr(one, c.key) for one in events for c in Event.__table__.columns}
    events[0].verb = "other"
    with pytest.raises(RuntimeError, match="never changed"):
        stage.session.flush()
    stage.session.rollback()
