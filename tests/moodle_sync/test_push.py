"""What is asked for arrives in Moodle once, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from moodle_sync.models import MoodleIntent, MoodleSite
from moodle_sync.pace import Politeness
from moodle_sync.push.deliver import DeliverySummary, deliver
from moodle_sync.push.intents import intend, rearm
from tests.moodle_sync.conftest import Bench
from tests.moodle_sync.school import Person

ENROL = {"course": 3, "user": 99}


def ask(bench: Bench, kind: str, key: str, payload: dict[str, Any]) -> str:
    with bench.database.write() as session:
        site = session.get(MoodleSite, (bench.tenant_id, bench.site_id))
        assert site is not None
        return intend(session, site, kind, key, payload).id


def send(bench: Bench) -> DeliverySummary:
    """Deliver once more, after all waiting times and leases have passed."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    with bench.database.write() as session:
        session.execute(update(MoodleIntent).values(due_at=past, lease_until=past))
        session.execute(update(MoodleSite).values(paused_until=None))
    return deliver(
        bench.database, bench.door, bench.seal, bench.site_id,
        politeness=Politeness(tries=2), sleep=bench.slept.append,
    )  # fmt: skip


def states(bench: Bench) -> dict[str, tuple[str, str | None]]:
    return {i.natural_key: (i.state, i.reason) for i in bench.rows(MoodleIntent)}


@pytest.fixture
def push(make: Callable[..., Bench]) -> Bench:
    bench = make()
    bench.moodle.school.people[99] = Person(99, "New")
    return bench


def test_enrols_who_is_not_in(push: Bench) -> None:
    ask(push, "enrol", "3:99", {**ENROL, "starts_at": 5})
    assert send(push).total == {"done": 1}
    (enrolment,) = push.moodle.school.of(3, 99)
    assert (enrolment.role, enrolment.starts_at, enrolment.suspended) == ("student", 5, False)


def test_who_is_enrolled_keeps_dates(push: Bench) -> None:
    push.moodle.school.enrol(3, 99, ends_at=777)
    ask(push, "enrol", "3:99", ENROL)
    send(push)
    assert push.moodle.school.of(3, 99)[0].ends_at == 777
    assert "enrol_manual_enrol_users" not in push.moodle.calls


def test_whom_somebody_else_suspended_is_not_woken(push: Bench) -> None:
    push.moodle.school.enrol(3, 99, suspended=True)
    ask(push, "enrol", "3:99", ENROL)
    send(push)
    assert push.moodle.school.of(3, 99)[0].suspended
    assert states(push)["3:99"][0] == "parked"


def test_suspends_only_what_we_enrolled_and_keeps_its_dates(push: Bench) -> None:
    ask(push, "enrol", "3:99", {**ENROL, "ends_at": 777})
    send(push)
    ask(push, "suspend", "3:99", ENROL)
    ask(push, "suspend", "2:10", {"course": 2, "user": 10})
    send(push)
    (ours,) = push.moodle.school.of(3, 99)
    assert (ours.suspended, ours.ends_at) == (True, 777)
    assert not push.moodle.school.of(2, 10)[0].suspended
    found = {(i.kind, i.natural_key): i.state for i in push.rows(MoodleIntent)}
    assert found["suspend", "3:99"] == "done"
    assert found["suspend", "2:10"] == "parked"


def test_teacher_is_never_suspended(push: Bench) -> None:
    ask(push, "enrol", "3:99", ENROL)
    send(push)
    push.moodle.school.enrol(3, 99, role="editingteacher", method="Self enrolment")
    ask(push, "suspend", "3:99", ENROL)
    send(push)
    assert not any(e.suspended for e in push.moodle.school.of(3, 99))


def test_one_bad_record_does_not_stop_the_others(push: Bench) -> None:
    for user in range(200, 220):
        if user != 207:
            push.moodle.school.people[user] = Person(user, "x")
        ask(push, "enrol", f"3:{user}", {"course": 3, "user": user})
    assert send(push).total == {"done": 19, "parked": 1}
    assert states(push)["3:207"] == ("parked", "invaliduser (enrol_manual_enrol_users)")


def test_group_with_members_and_out_again(push: Bench) -> None:
    ask(push, "group", "2:m1", {"course": 2, "idnumber": "bot-m1", "name": "Mentor: Milan"})
    member = {"course": 2, "idnumber": "bot-m1", "user": 12}
    ask(push, "group_member", "2:m1:12", {**member, "present": True})
    assert send(push).total == {"done": 2}
    group = next(g for g, v in push.moodle.school.groups.items() if v["idnumber"] == "bot-m1")
    assert (group, 12) in push.moodle.school.group_members
    ask(push, "group_member", "2:m1:12", {**member, "present": False})
    send(push)
    assert (group, 12) not in push.moodle.school.group_members


def test_meeting_appears_once_and_can_be_cancelled(push: Bench) -> None:
    ask(push, "group", "2:m1", {"course": 2, "idnumber": "bot-m1", "name": "Mentor: Milan"})
    event = {"course": 2, "group": "bot-m1", "name": "Meeting", "starts_at": 9_000_000,
             "seconds": 1800}  # fmt: skip
    ask(push, "event", "meeting-1", event)
    send(push)
    assert len(push.moodle.school.events) == 1
    ask(push, "event", "meeting-1", {**event, "cancelled": True})
    send(push)
    assert push.moodle.school.events == []


def test_message_refused_for_one_person_is_parked_with_moodles_words(push: Bench) -> None:
    push.moodle.school.people[11].takes_messages = False
    ask(push, "message", "a", {"user": 10, "text": "Your mentor wrote"})
    ask(push, "message", "b", {"user": 11, "text": "Your mentor wrote"})
    send(push)
    assert push.moodle.school.messages == [(10, "Your mentor wrote")]
    assert states(push)["b"] == ("parked", "You can't message this user.")


def test_completion_is_set_and_left_alone_when_set(push: Bench) -> None:
    wish = {"course": 2, "cmid": 100, "user": 11, "state": 1}
    ask(push, "completion", "100:11", wish)
    ask(push, "completion", "100:10", {**wish, "user": 10})
    send(push)
    assert push.moodle.school.completion[100, 11][0] == 1
    assert push.moodle.calls.count("core_completion_override_activity_completion_status") == 1


def test_plan_is_made_once(push: Bench) -> None:
    ask(push, "plan", "10:first", {"user": 10, "name": "Plan", "competencies": []})
    push.moodle.faults.extend(["", "", "lost answer"])
    send(push)
    send(push)
    assert len(push.moodle.school.plans) == 1
    assert states(push)["10:first"][0] == "done"


WISHES: list[tuple[str, str, dict[str, Any]]] = [
    ("enrol", "3:99", ENROL),
    ("group", "2:m1", {"course": 2, "idnumber": "bot-m1", "name": "Mentor: Milan"}),
    ("message", "a", {"user": 10, "text": "Hello & <welcome>"}),
    ("note", "n", {"course": 2, "user": 10, "text": "Met today"}),
]


@pytest.mark.parametrize(("kind", "key", "payload"), WISHES, ids=[w[0] for w in WISHES])
@pytest.mark.parametrize("fault", ["lost answer", "reset", "http 500", "html", "truncated body"])
@pytest.mark.parametrize("at", range(5))
def test_one_visible_effect_whatever_request_fails(
    push: Bench, kind: str, key: str, payload: dict[str, Any], fault: str, at: int
) -> None:
    ask(push, kind, key, payload)
    push.moodle.faults.extend([""] * at + [fault])
    for _ in range(3):
        send(push)
    school = push.moodle.school
    effects = {
        "enrol": len(school.of(3, 99)),
        "group": sum(1 for g in school.groups.values() if g["idnumber"] == "bot-m1"),
        "message": len(school.messages),
        "note": len(school.notes),
    }
    assert effects[kind] == 1
    assert states(push)[key] == ("done", None)


def test_worker_that_died_after_sending_does_not_send_twice(push: Bench) -> None:
    ask(push, "message", "a", {"user": 10, "text": "Hello"})
    push.moodle.school.messages.append((10, "Hello"))
    with push.database.write() as session:
        session.execute(update(MoodleIntent).values(state="sending", sent=True))
    send(push)
    assert push.moodle.school.messages == [(10, "Hello")]
    assert states(push)["a"] == ("done", None)


def test_wish_that_changes_while_it_is_sent_is_sent_again(push: Bench) -> None:
    wish = {"course": 2, "idnumber": "", "user": 12, "present": True}
    push.moodle.school.groups[5] = {"id": 5, "courseid": 2, "name": "g", "idnumber": "g"}
    ask(push, "group_member", "k", {**wish, "idnumber": "g"})

    def change(function: str) -> None:
        if function == "core_group_add_group_members":
            push.moodle.before = None
            ask(push, "group_member", "k", {**wish, "idnumber": "g", "present": False})

    push.moodle.before = change
    send(push)
    assert states(push)["k"][0] == "waiting"
    send(push)
    assert (5, 12) not in push.moodle.school.group_members


def test_asking_again_is_the_same_wish(push: Bench) -> None:
    first = ask(push, "message", "a", {"user": 10, "text": "Hello"})
    send(push)
    assert ask(push, "message", "a", {"user": 10, "text": "other words"}) == first
    send(push)
    assert push.moodle.school.messages == [(10, "Hello")]


def test_parked_wish_can_be_armed_again(push: Bench) -> None:
    push.moodle.rights.discard("moodle/course:managegroups")
    wish = ask(push, "group", "2:m1", {"course": 2, "idnumber": "m1", "name": "x"})
    send(push)
    assert states(push)["2:m1"][0] == "parked"
    push.moodle.rights.add("moodle/course:managegroups")
    with push.database.write() as session:
        assert rearm(session, push.tenant_id, [wish]) == 1
    send(push)
    assert states(push)["2:m1"] == ("done", None)


def test_refused_token_stops_the_site_and_keeps_the_wishes(push: Bench) -> None:
    ask(push, "message", "a", {"user": 10, "text": "Hello"})
    push.moodle.token_state = "deleted"
    send(push)
    assert push.site().state == "stopped"
    assert states(push)["a"][0] == "waiting"
    push.moodle.token_state = "valid"
    push.resume()
    send(push)
    assert push.moodle.school.messages == [(10, "Hello")]
