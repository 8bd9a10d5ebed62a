"""Writing into a real Moodle: each wish arrives once, and all of it is taken back afterwards.

Needs LIVE_MOODLE_URL, LIVE_MOODLE_TOKEN and LIVE_CA_BUNDLE as tests/live/README.md says, and

- LIVE_PUSH_COURSE: id of a course with manual enrolment,
- LIVE_PUSH_OUTSIDERS: ids of two learners who are not in it, with a comma between,
- LIVE_PUSH_LEARNER: id of a learner who is in it and whom a teacher enrolled,
- LIVE_PUSH_CMID: id of an activity of it that people tick off by hand.

The service of the token must also hold `enrol_manual_unenrol_users` and `core_group_delete_groups`:
the tests clean up with them.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

import lti_tool.people.models as people
from config.database import Database, forbid_open_transaction
from config.http import HttpDoor, HttpResponse, HttpTimedOut
from config.secrets import Seal
from moodle_sync.calls.completion import get_activities_completion_status
from moodle_sync.calls.contact import get_events
from moodle_sync.calls.groups import get_course_groups, get_group_members
from moodle_sync.calls.people import get_enrolled_users, get_users_courses, unenrol_users
from moodle_sync.client import MoodleClient
from moodle_sync.models import MoodleIntent, MoodleSite
from moodle_sync.push.deliver import DeliverySummary, deliver
from moodle_sync.push.intents import intend
from moodle_sync.sites import connect_site

pytestmark = pytest.mark.live

TENANT, PLATFORM = "t" * 32, "p" * 32


class LosingDoor(HttpDoor):
    """Loses the next answer of the functions in `lose`, after Moodle has acted."""

    lose: set[str]
    calls: list[str]

    def post(self, url: str, **options: Any) -> HttpResponse:
        response = super().post(url, **options)
        function = dict(options["data"])["wsfunction"]
        self.calls.append(function)
        if function in self.lose:
            self.lose.remove(function)
            raise HttpTimedOut("timed out", may_have_arrived=True)
        return response


@dataclass
class Bench:
    """A fresh database with the Moodle connected."""

    database: Database
    door: LosingDoor
    seal: Seal
    site_id: str
    moodle: MoodleClient
    course: int
    outsiders: tuple[int, ...]
    learner: int
    cmid: int
    mark: str

    def ask(self, kind: str, key: str, payload: dict[str, Any]) -> None:
        with self.database.write() as session:
            site = session.get_one(MoodleSite, (TENANT, self.site_id))
            intend(session, site, kind, key, payload)

    def push(self) -> DeliverySummary:
        """Deliver once, after all waiting times have passed."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        with self.database.write() as session:
            session.execute(update(MoodleIntent).values(due_at=past))
        return deliver(self.database, self.door, self.seal, self.site_id)

    def state(self, kind: str, key: str) -> tuple[str, str | None]:
        with self.database.read() as session:
            row = session.query(MoodleIntent).filter_by(kind=kind, natural_key=key).one()
            return row.state, row.reason

    def enrolled(self) -> set[int]:
        found = get_enrolled_users(self.moodle, self.course, user_fields="id")
        return {person.id for person in found}

    def is_active(self, user: int) -> bool:
        """Whether a person may enter the course now: readable without any right to review."""
        return self.course in {one.course_id for one in get_users_courses(self.moodle, user)}

    def groups(self) -> list[int]:
        """Return the ids of the groups that this run made."""
        found = get_course_groups(self.moodle, self.course)
        return [group.id for group in found if group.idnumber == self.mark]


@pytest.fixture
def bench(sqlite_database: Database) -> Iterator[Bench]:
    """Everything that a test writes is taken back at its end, whatever happened."""
    names = ("LIVE_MOODLE_URL", "LIVE_MOODLE_TOKEN", "LIVE_PUSH_COURSE", "LIVE_PUSH_OUTSIDERS",
             "LIVE_PUSH_LEARNER", "LIVE_PUSH_CMID")  # fmt: skip
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        pytest.fail(f"set {', '.join(missing)}; see the head of {__name__}")
    url, token, course, outsiders, learner, cmid = (os.environ[name] for name in names)
    url = url.rstrip("/")
    host = urlsplit(url)
    door = LosingDoor(
        allowed_hosts=((str(host.hostname), host.port or 443),),
        ca_bundle=os.environ.get("LIVE_CA_BUNDLE"),
        user_agent="live test",
        before_request=forbid_open_transaction,
    )
    door.lose, door.calls = set(), []
    seal = Seal(["k" * 40])
    with sqlite_database.write() as session:
        session.add(people.Tenant(id=TENANT, slug="live", name="Live"))
    with sqlite_database.write() as session:
        site_id = connect_site(session, seal, TENANT, PLATFORM, url, url, token).id
    bench = Bench(
        sqlite_database, door, seal, site_id, MoodleClient(door, url, token), int(course),
        tuple(int(one) for one in outsiders.split(",")), int(learner), int(cmid),
        f"live-{secrets.token_hex(4)}",
    )  # fmt: skip
    assert not bench.enrolled() & set(bench.outsiders), "an outsider is in the course already"
    assert bench.learner in bench.enrolled()
    yield bench
    door.lose.clear()
    unenrol_users(bench.moodle, [(bench.course, user) for user in bench.outsiders])
    if groups := bench.groups():
        bench.moodle.call("core_group_delete_groups", {"groupids": groups})
    door.close()


def wish(bench: Bench, user: int, **more: int) -> tuple[str, dict[str, Any]]:
    return f"{bench.course}:{user}", {"course": bench.course, "user": user, **more}


def test_a_learner_is_enrolled_put_to_rest_and_nobody_else_is(bench: Bench) -> None:
    user = bench.outsiders[0]
    bench.ask("enrol", *wish(bench, user))
    assert bench.push().total == {"done": 1}
    assert bench.is_active(user)
    bench.ask("suspend", *wish(bench, user))
    bench.ask("suspend", *wish(bench, bench.learner))
    bench.push()
    assert user in bench.enrolled()
    assert not bench.is_active(user)
    assert bench.is_active(bench.learner)
    assert bench.state("suspend", wish(bench, bench.learner)[0])[0] == "parked"


def test_a_lost_answer_is_looked_up(bench: Bench) -> None:
    user = bench.outsiders[0]
    bench.ask("enrol", *wish(bench, user))
    bench.door.lose = {"enrol_manual_enrol_users"}
    assert bench.push().error is not None
    assert user in bench.enrolled()
    assert bench.push().total == {"done": 1}
    assert bench.door.calls.count("enrol_manual_enrol_users") == 1


def test_the_bad_record_of_a_batch_stands_alone(bench: Bench) -> None:
    for user in (*bench.outsiders, 2_000_000_000):
        bench.ask("enrol", *wish(bench, user))
    assert bench.push().total == {"done": len(bench.outsiders), "parked": 1}
    assert set(bench.outsiders) <= bench.enrolled()


def test_an_enrolment_that_begins_later_is_done(bench: Bench) -> None:
    """Moodle lists who is not in their dates among the suspended."""
    key, payload = wish(bench, bench.outsiders[0], starts_at=int(time.time()) + 7 * 86_400)
    bench.ask("enrol", key, payload)
    bench.push()
    assert bench.outsiders[0] in bench.enrolled()
    assert not bench.is_active(bench.outsiders[0])
    assert bench.state("enrol", key) == ("done", None)


def test_group_members_and_a_meeting_come_and_go(bench: Bench) -> None:
    group = {"course": bench.course, "idnumber": bench.mark, "name": f"Mentor {bench.mark}"}
    member = {"course": bench.course, "idnumber": bench.mark, "user": bench.learner}
    start = int(time.time()) + 86_400
    meeting = {"course": bench.course, "group": bench.mark, "name": "Meeting & tea",
               "starts_at": start, "seconds": 1800}  # fmt: skip
    bench.ask("group", f"{bench.course}:{bench.mark}", group)
    bench.ask("group_member", "member", {**member, "present": True})
    bench.ask("event", bench.mark, meeting)
    bench.door.lose = {"core_group_create_groups"}
    bench.push()
    bench.door.lose = {"core_group_add_group_members"}
    bench.push()
    bench.door.lose = {"core_calendar_create_calendar_events"}
    bench.push()
    bench.push()
    (number,) = bench.groups()
    assert get_group_members(bench.moodle, [number])[number] == (bench.learner,)
    window = {"after": start - 60, "before": start + 60}
    assert len(get_events(bench.moodle, group_ids=[number], **window)) == 1
    bench.ask("event", bench.mark, {**meeting, "cancelled": True})
    bench.ask("group_member", "member", {**member, "present": False})
    assert bench.push().total == {"done": 2}
    assert get_events(bench.moodle, group_ids=[number], **window) == []
    assert get_group_members(bench.moodle, [number])[number] == ()


def test_a_message_is_sent_or_parked_with_moodles_words(bench: Bench) -> None:
    bench.ask("message", bench.mark, {"user": bench.learner, "text": f"Hello {bench.mark}"})
    bench.push()
    state, reason = bench.state("message", bench.mark)
    assert state == "done" or (state == "parked" and reason), (state, reason)


def test_an_activity_is_ticked_off_and_back(bench: Bench) -> None:
    def is_done() -> bool:
        found = get_activities_completion_status(bench.moodle, bench.course, bench.learner)
        return bool({one.cmid: one.state for one in found}[bench.cmid])

    assert not is_done()
    payload = {"course": bench.course, "cmid": bench.cmid, "user": bench.learner}
    try:
        bench.ask("completion", "tick", {**payload, "state": 1})
        assert bench.push().total == {"done": 1}
        assert is_done()
    finally:
        bench.ask("completion", "tick", {**payload, "state": 0})
        bench.push()
    assert not is_done()
