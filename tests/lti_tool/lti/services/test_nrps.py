from __future__ import annotations

import json
from typing import Any

import pytest

from lti_tool.lti.services.groups import GROUPS, SCOPE_GROUPS, Group, read_groups
from lti_tool.lti.services.nrps import MEMBERSHIPS, SCOPE_ROSTER, Roster, read_roster
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.people.roles import Role
from lti_tool.services import Services
from tests.lti_tool.lti.services.stub import Reply, Seen, StubPlatform, recording

PATH = "/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
TYPE = {"Content-Type": MEMBERSHIPS}
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"


def url(stub: StubPlatform) -> str:
    return stub.url + PATH


def page(*members: Any, course: str = "2", following: str | None = None, **more: Any) -> Reply:
    body = {"id": "x", "context": {"id": course}, "members": list(members), **more}
    link = {"Link": f'<{following}>; rel="next"'} if following else {}
    return Reply(200, json.dumps(body), {**TYPE, **link})


def person(sub: str, *roles: str, **more: Any) -> dict[str, Any]:
    return {"user_id": sub, "roles": list(roles), "status": "Active", **more}


def test_a_whole_course(services: Services, stub: StubPlatform, moodle: PlatformRef) -> None:
    stub.replay("nrps_all")
    roster = read_roster(services, moodle, url(stub), context_id="2")
    recorded = recording("nrps_all")["body"]["members"]
    assert [member.user_sub for member in roster.members] == [m["user_id"] for m in recorded]
    by_sub = {member.user_sub: member for member in roster.members}
    assert by_sub["3"].roles == {Role.INSTRUCTOR}
    assert by_sub["3"].name == "Tereza Teacher"
    assert by_sub["14"].roles == {Role.LEARNER}
    # Moodle calls the non-editing teacher a learner here.
    assert by_sub["4"].roles == {Role.LEARNER}
    assert roster.whole
    (seen,) = stub.calls()
    assert seen.headers["accept"] == MEMBERSHIPS
    assert seen.raw_query == ""
    assert stub.token_calls()[0].form["scope"] == SCOPE_ROSTER


def test_pages_are_read_to_the_end(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    def answer(seen: Seen) -> Reply:
        if seen.query.get("from") == ["2"]:
            return page(person("4", "Learner"), person("24", "Learner"))
        return stub.reply("nrps_limit2")

    stub.on("GET", PATH, answer)
    roster = read_roster(services, moodle, url(stub))
    # 24 slid onto the next page because somebody enrolled meanwhile; it counts once.
    assert [member.user_sub for member in roster.members] == ["14", "24", "4"]


def test_both_vocabularies_and_both_spellings_of_roles(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    base = "http://purl.imsglobal.org/vocab/lis/v2"
    stub.on(
        "GET",
        PATH,
        page(
            person("a", "Instructor"),
            person("b", f"{base}/membership#Instructor"),
            person("c", f"{base}/membership/Instructor#TeachingAssistant"),
            person("d", "urn:lti:role:ims/lis/Learner"),
            person("e", f"{base}/person#Administrator"),
            person("f", f"{base}/institution/person#Instructor", "Learner"),
            person("g"),
        ),
    )
    roster = read_roster(services, moodle, url(stub))
    found = {member.user_sub: member.roles for member in roster.members}
    assert [found[sub] for sub in "abc"] == [{Role.INSTRUCTOR}] * 3
    assert [found[sub] for sub in "dfg"] == [{Role.LEARNER}] * 3
    assert Role.INSTRUCTOR not in found["e"]


def test_rlid_and_role_are_sent_and_make_a_partial_roster(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.on("GET", PATH, page(person("1", "Learner")))
    roster = read_roster(services, moodle, url(stub), rlid="5", role=LEARNER)
    assert stub.calls()[0].query == {"rlid": ["5"], "role": [LEARNER]}
    assert not roster.whole
    with pytest.raises(ValueError, match="filtered"):
        roster.leavers(["9"])


def test_moodles_next_link_forgets_the_role(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.on(
        "GET",
        PATH,
        page(person("1", "Learner"), following=f"{url(stub)}?limit=1&from=1"),
        page(person("2", "Learner")),
    )
    read_roster(services, moodle, url(stub), role=LEARNER)
    assert stub.calls()[1].query == {"limit": ["1"], "from": ["1"], "role": [LEARNER]}


def test_other_platforms_links_are_taken_as_they_are(
    services: Services, stub: StubPlatform, other: PlatformRef
) -> None:
    stub.on(
        "GET",
        PATH,
        page(person("1", "Learner"), following=f"{url(stub)}?Cursor=AbC"),
        page(person("2", "Learner")),
    )
    read_roster(services, other, url(stub), role=LEARNER)
    assert stub.calls()[1].raw_query == "Cursor=AbC"


def test_leavers_are_who_is_missing_from_a_complete_read(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.on(
        "GET",
        PATH,
        page(
            person("1", "Learner"),
            person("2", "Learner", status="Inactive"),
            person("3", "Learner", status="Deleted"),
            {"user_id": "4", "roles": ["Learner"]},
        ),
    )
    roster = read_roster(services, moodle, url(stub))
    assert roster.leavers(["1", "2", "3", "4", "5"]) == {"2", "3", "5"}


def test_a_read_that_breaks_off_tells_nothing(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.on("GET", PATH, page(person("1", "Learner"), following=f"{url(stub)}?from=1"), Reply(500))
    with pytest.raises(ServiceFailed):
        read_roster(services, moodle, url(stub))


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (page(person("2"), course="3"), "another course"),
        (page(person("1")), "repeats a page"),
        (Reply(200, "<html></html>", {"Content-Type": "text/html"}), "media type"),
        (Reply(200, "[]", TYPE), "without a course"),
        (Reply(200, '{"context":{"id":"2"}}', TYPE), "not a list"),
        (page({"roles": []}), "without an id"),
        (page("x"), "without an id"),
    ],
)
def test_what_makes_a_roster_useless(
    services: Services, stub: StubPlatform, moodle: PlatformRef, second: Reply, message: str
) -> None:
    stub.on("GET", PATH, page(person("1"), following=f"{url(stub)}?from=1"), second)
    with pytest.raises(ServiceFailed, match=message):
        read_roster(services, moodle, url(stub))


def test_a_roster_of_another_course_than_expected(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.on("GET", PATH, page(person("1"), course="3"))
    with pytest.raises(ServiceFailed, match="another course"):
        read_roster(services, moodle, url(stub), context_id="2")


def test_an_empty_course_never_makes_everybody_a_leaver(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.on("GET", PATH, page())
    with pytest.raises(ServiceFailed, match="empty"):
        read_roster(services, moodle, url(stub))
    assert read_roster(services, moodle, url(stub), role=LEARNER) == Roster("2", (), whole=False)


def test_ten_thousand_members_in_pages(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    def answer(seen: Seen) -> Reply:
        start = int(seen.query.get("from", ["0"])[0])
        members = [person(str(n), "Learner") for n in range(start, start + 500)]
        following = f"{url(stub)}?from={start + 500}" if start < 9500 else None
        return page(*members, following=following)

    stub.on("GET", PATH, answer)
    assert len(read_roster(services, moodle, url(stub)).members) == 10_000


def test_group_enrolments_come_with_the_roster(
    services: Services, stub: StubPlatform, other: PlatformRef
) -> None:
    stub.on("GET", PATH, page(person("1", group_enrollments=[{"group_id": "g1"}, {}, "x"])))
    assert read_roster(services, other, url(stub)).members[0].group_ids == ("g1",)


def test_groups(services: Services, stub: StubPlatform, other: PlatformRef) -> None:
    path = "/mod/lti/services.php/groups"
    body = {"groups": [{"id": 1, "name": "A", "tag": "t", "set_id": "s"}, {"id": "2"}]}
    stub.on("GET", path, Reply(200, json.dumps(body), {"Content-Type": GROUPS}))
    found = read_groups(services, other, stub.url + path, user_sub="7")
    assert found == (Group("1", "A", "t", "s"), Group("2", ""))
    (seen,) = stub.calls()
    assert seen.headers["accept"] == GROUPS
    assert seen.query == {"user_id": ["7"]}
    assert stub.token_calls()[0].form["scope"] == SCOPE_GROUPS


@pytest.mark.parametrize("body", ["[]", "{}", '{"groups":[{}]}', '{"groups":["x"]}'])
def test_what_are_no_groups(
    services: Services, stub: StubPlatform, other: PlatformRef, body: str
) -> None:
    path = "/mod/lti/services.php/groups"
    stub.on("GET", path, Reply(200, body, {"Content-Type": GROUPS}))
    with pytest.raises(ServiceFailed) as caught:
        read_groups(services, other, stub.url + path)
    assert caught.value.outcome is Outcome.UNKNOWN
