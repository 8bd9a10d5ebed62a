"""Typed calls against what a real Moodle 4.5.6 answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.http import HttpResponse
from moodle_sync.calls import (
    competencies,
    completion,
    contact,
    courses,
    grades,
    groups,
    people,
    site,
)
from moodle_sync.client import read_answer
from moodle_sync.errors import Kind, MoodleError
from moodle_sync.form import Params

FOLDER = Path(__file__).parents[1] / "recordings" / "moodle-4.5.6" / "ws"


@dataclass
class Recorded:
    """Answers one recorded exchange."""

    name: str

    def call(self, function: str, params: Params | None = None) -> Any:
        recording = json.loads((FOLDER / f"{self.name}.json").read_text())
        body = recording["body"]
        raw = body if isinstance(body, str) else json.dumps(body)
        response = HttpResponse(
            status=recording["status"],
            reason="",
            headers={"Content-Type": recording.get("content_type", "")},
            body=raw.encode(),
            url="https://moodle.example",
            elapsed=0.0,
        )
        return read_answer(function, response)


def test_site_info() -> None:
    info = site.get_site_info(Recorded("site_info"))
    assert (info.siteurl, info.user_id, info.version) == (
        "https://moodle.localhost:8443", 5, 2024100706,
    )  # fmt: skip
    assert len(info.functions) == 424


def test_courses_without_the_front_page() -> None:
    (course,) = courses.get_courses_by_field(Recorded("courses_by_field"), "shortname", "BOT1")
    assert (course.id, course.accessible, course.tracks_completion) == (2, True, True)
    assert len(courses.get_courses(Recorded("courses"), [1, 2, 3, 4])) == 4


def test_contents() -> None:
    modules = courses.get_contents(Recorded("course_contents"), 2)
    assert [(m.cmid, m.modname, m.tracking) for m in modules][:2] == [
        (1, "forum", 0), (2, "page", 1),
    ]  # fmt: skip


def test_updates() -> None:
    assert [u.cmid for u in courses.get_updates_since(Recorded("updates_since"), 2, 0)] == [2, 3, 4]
    assert courses.check_updates(Recorded("check_updates"), 2, [13], 0) == []


def test_roster() -> None:
    users = people.get_enrolled_users(Recorded("enrolled_users"), 2)
    assert (users[0].id, users[0].roles, users[0].sees_access) == (3, ("editingteacher",), True)
    assert any(user.groups == ((1, "Village A"),) for user in users)
    last = people.get_enrolled_users(Recorded("enrolled_users_page_last"), 2)
    assert [user.id for user in last] == [34, 35]


def test_person_reads() -> None:
    found = people.get_users_by_id(Recorded("users_by_field"), [6, 7])
    assert [(p.id, p.deleted) for p in found] == [(6, False), (7, False)]
    (course,) = people.get_users_courses(Recorded("users_courses"), 6)
    assert (course.course_id, course.progress, course.completed) == (2, 100.0, False)
    assert people.get_course_enrolment_methods(Recorded("enrolment_methods"), 2) == []


def test_completion() -> None:
    states = completion.get_activities_completion_status(Recorded("activities_completion"), 2, 6)
    assert [(s.cmid, s.state, s.overridden_by) for s in states] == [
        (2, 1, None), (3, 1, 2), (4, 1, 2),
    ]  # fmt: skip
    none = completion.get_course_completion_status(Recorded("course_completion_nocriteria"), 2, 6)
    assert none.completed is None
    state = completion.override_activity_completion_status(Recorded("override_completion"), 8, 3, 1)
    assert (state.state, state.overridden_by) == (1, 5)


def test_grades() -> None:
    found = grades.get_grade_items(Recorded("grade_items_user"), 2, 7)
    assert (found[0].item_id, found[0].raw, found[0].maximum) == (4, None, 10.0)
    assert {grade.user_id for grade in found} == {7}
    assert len({g.user_id for g in grades.get_grade_items(Recorded("grade_items_bulk"), 2, 0)}) == 2


def test_groups() -> None:
    (group,) = groups.get_course_groups(Recorded("groups"), 2)
    assert (group.id, group.name, group.idnumber) == (1, "Village A", "")
    assert len(groups.get_group_members(Recorded("group_members"), [1])[1]) == 10
    (made,) = groups.create_groups(Recorded("create_group"), [groups.NewGroup(2, "x", "")])
    assert made.id == 2
    groups.add_group_members(Recorded("add_group_member"), [(2, 7)])
    assert groups.search_cohorts(Recorded("cohorts"), "", 1) == []


def test_writes_that_answer_nothing() -> None:
    people.enrol_users(Recorded("enrol_user_ok"), [people.Enrolment(4, 6, 5)])
    people.unenrol_users(Recorded("unenrol_user_ok"), [(4, 6)])


def test_contact() -> None:
    (sent,) = contact.send_instant_messages(Recorded("send_message"), [contact.Message(7, "x")])
    assert sent.id is None
    assert sent.refusal.startswith("You can't message this user")
    event = contact.Event(0, 2, "Mentoring session", "Video call", 1795600000, 1800)
    (made,) = contact.create_events(Recorded("create_calendar_event"), [event])
    assert (made.id, made.group_id) == (1, 2)
    assert contact.get_user_badges(Recorded("user_badges"), 7) == []
    assert competencies.list_user_plans(Recorded("learning_plans"), 7) == []


REFUSALS: list[tuple[str, Kind, str]] = [
    ("error_invalidtoken", Kind.AUTH, "invalidtoken"),
    ("error_invalid_parameter", Kind.VALIDATION, "invalidparameter"),
    ("error_unknown_function", Kind.CONFIG, "invalidrecord"),
    ("error_no_course", Kind.GONE, "invalidrecord"),
    ("error_maintenance_mode", Kind.BUSY, "http503"),
    ("error_webservices_disabled", Kind.CONFIG, "webservicesoff"),
    ("error_database_down", Kind.TRANSIENT, "dbconnectionfailed"),
    ("enrolled_users_slim", Kind.CONFIG, "nopermissions"),
    ("enrol_bad_role", Kind.VALIDATION, "wsusercannotassign"),
    ("create_group_duplicate", Kind.VALIDATION, "invalidparameter"),
    ("add_group_member_not_enrolled", Kind.VALIDATION, "invalidparameter"),
]


@pytest.mark.parametrize(("name", "kind", "code"), REFUSALS, ids=[r[0] for r in REFUSALS])
def test_refusals_have_their_class(name: str, kind: Kind, code: str) -> None:
    with pytest.raises(MoodleError) as caught:
        Recorded(name).call("f")
    assert (caught.value.kind, caught.value.code) == (kind, code)
    assert "<" not in caught.value.message


@pytest.mark.parametrize(
    "read",
    [
        lambda: site.read_site_info({"siteurl": "x"}),
        lambda: people.read_roster([{"fullname": "x"}]),
        lambda: people.read_roster("no list"),
        lambda: completion.read_activities({"statuses": [{"cmid": None, "state": 1}]}),
        lambda: grades.read_grade_items([]),
    ],
)
def test_answers_without_key_fields_are_refused(read: Callable[[], object]) -> None:
    with pytest.raises(MoodleError) as caught:
        read()
    assert caught.value.kind is Kind.PROTOCOL
