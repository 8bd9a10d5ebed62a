from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config.clock import utcnow
from lti_tool.lti.models import Context
from lti_tool.lti.services.nrps import MEMBERSHIPS
from lti_tool.lti.services.outcome import ServiceFailed
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.lti.services.roster import RosterChange, refresh_roster
from lti_tool.people.models import Membership, Tenant, User
from lti_tool.services import Services
from tests.lti_tool.lti.services.stub import Reply, Seen, StubPlatform, add_tenant

PATH = "/mod/lti/services.php/CourseSection/2/bindings/1/memberships"


def person(sub: str, role: str = "Learner", **more: Any) -> dict[str, Any]:
    return {"user_id": sub, "roles": [role], "name": f"Name {sub}", **more}


def enrolled(stub: StubPlatform, *members: dict[str, Any]) -> None:
    body = json.dumps({"context": {"id": "2"}, "members": members})
    stub.on("GET", PATH, Reply(200, body, {"Content-Type": MEMBERSHIPS}))


@pytest.fixture
def course(services: Services, stub: StubPlatform, moodle: PlatformRef) -> str:
    return add_course(services, stub, moodle)


def add_course(services: Services, stub: StubPlatform, platform: PlatformRef) -> str:
    with services.database.write() as session:
        row = Context(
            tenant_id=platform.tenant_id,
            platform_id=platform.platform_id,
            lti_id="2",
            memberships_url=stub.url + PATH,
        )
        session.add(row)
        session.flush()
        return row.id


def refresh(services: Services, platform: PlatformRef, course: str) -> RosterChange:
    return refresh_roster(services, platform.tenant_id, course)


def members(services: Services, course: str) -> dict[str, list[str]]:
    with services.database.read() as session:
        rows = session.execute(
            select(User.sub, Membership.roles)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.context_id == course)
        )
        return {sub: list(roles) for sub, roles in rows}


def names(services: Services) -> dict[str, str | None]:
    with services.database.read() as session:
        return {row.sub: row.name for row in session.execute(select(User.sub, User.name))}


def test_who_never_launched_is_there(
    services: Services, stub: StubPlatform, moodle: PlatformRef, course: str
) -> None:
    enrolled(stub, person("3", "Instructor"), person("7"), person("8", status="Inactive"))
    assert refresh(services, moodle, course) == RosterChange(members=2, joined=2, left=0)
    assert members(services, course) == {"3": ["instructor"], "7": ["learner"]}


def test_a_second_refresh_changes_nothing(
    services: Services, stub: StubPlatform, moodle: PlatformRef, course: str
) -> None:
    enrolled(stub, person("3", "Instructor"), person("7"))
    refresh(services, moodle, course)
    assert refresh(services, moodle, course) == RosterChange(members=2, joined=0, left=0)


def test_who_is_missing_has_left_this_course_and_stays_known(
    services: Services, stub: StubPlatform, moodle: PlatformRef, course: str
) -> None:
    enrolled(stub, person("3"), person("7"))
    refresh(services, moodle, course)
    enrolled(stub, person("3"))
    assert refresh(services, moodle, course) == RosterChange(members=1, joined=0, left=1)
    assert set(members(services, course)) == {"3"}
    assert set(names(services)) == {"3", "7"}


def test_members_of_other_courses_are_left_alone(
    services: Services, stub: StubPlatform, moodle: PlatformRef, other: PlatformRef, course: str
) -> None:
    second = add_course(services, stub, other)
    enrolled(stub, person("3"), person("7"))
    refresh(services, other, second)
    enrolled(stub, person("3"))
    refresh(services, moodle, course)
    assert set(members(services, second)) == {"3", "7"}


def test_who_launches_while_the_roster_is_read_has_not_left(
    services: Services, stub: StubPlatform, moodle: PlatformRef, course: str
) -> None:
    enrolled(stub, person("3"), person("7"))
    refresh(services, moodle, course)

    def launched_meanwhile(_seen: Seen) -> Reply:
        with services.database.write() as session:
            for row in session.scalars(select(Membership)):
                row.seen_at = utcnow() + timedelta(seconds=1)
        body = json.dumps({"context": {"id": "2"}, "members": [person("3")]})
        return Reply(200, body, {"Content-Type": MEMBERSHIPS})

    stub.on("GET", PATH, launched_meanwhile)
    assert refresh(services, moodle, course).left == 0


def test_a_read_that_fails_changes_nothing(
    services: Services, stub: StubPlatform, moodle: PlatformRef, course: str
) -> None:
    enrolled(stub, person("3"), person("7"))
    refresh(services, moodle, course)
    for reply in (
        Reply(500),
        Reply(200, "<html></html>", {"Content-Type": "text/html"}),
        Reply(200, '{"context":{"id":"2"},"members":[]}', {"Content-Type": MEMBERSHIPS}),
        Reply(200, json.dumps({"context": {"id": "9"}, "members": [person("3")]}),
              {"Content-Type": MEMBERSHIPS}),
        Reply(200, json.dumps({"context": {"id": "2"}, "members": [person("x" * 256)]}),
              {"Content-Type": MEMBERSHIPS}),
    ):  # fmt: skip
        stub.on("GET", PATH, reply)
        with pytest.raises(ServiceFailed):
            refresh(services, moodle, course)
    assert set(members(services, course)) == {"3", "7"}


@pytest.mark.parametrize("wants_names", [False, True])
def test_names_are_kept_only_where_the_organisation_wants_them(
    services: Services, stub: StubPlatform, moodle: PlatformRef, course: str, *, wants_names: bool
) -> None:
    with services.database.write() as session:
        session.get_one(Tenant, moodle.tenant_id).wants_names = wants_names
    enrolled(stub, person("7"))
    refresh(services, moodle, course)
    assert names(services) == {"7": "Name 7" if wants_names else None}
    enrolled(stub, person("7", name="Married"))
    refresh(services, moodle, course)
    assert names(services) == {"7": "Married" if wants_names else None}


def test_moodles_roster_does_not_make_a_mentor_a_learner_again(
    services: Services, stub: StubPlatform, moodle: PlatformRef, course: str
) -> None:
    enrolled(stub, person("4", "Instructor"), person("5"))
    refresh(services, moodle, course)
    enrolled(stub, person("4"), person("5", "Instructor"))
    refresh(services, moodle, course)
    assert members(services, course) == {"4": ["instructor"], "5": ["instructor"]}


def test_other_platforms_rosters_are_believed(
    services: Services, stub: StubPlatform, other: PlatformRef
) -> None:
    course = add_course(services, stub, other)
    enrolled(stub, person("4", "Instructor"))
    refresh(services, other, course)
    enrolled(stub, person("4"))
    refresh(services, other, course)
    assert members(services, course) == {"4": ["learner"]}


def test_a_course_of_another_organisation_is_unknown(
    services: Services, stub: StubPlatform, course: str
) -> None:
    with pytest.raises(LookupError):
        refresh_roster(services, add_tenant(services, "two"), course)
    assert stub.seen == []


@pytest.mark.parametrize(
    "change",
    ["UPDATE context SET memberships_url = NULL", "UPDATE platform SET status = 'disabled'"],
)
def test_where_there_is_no_roster(
    services: Services, stub: StubPlatform, moodle: PlatformRef, course: str, change: str
) -> None:
    with services.database.write_connection() as connection:
        connection.exec_driver_sql(change)
    with pytest.raises(LookupError):
        refresh(services, moodle, course)
    assert stub.seen == []


def test_ten_thousand_people(
    services: Services, stub: StubPlatform, moodle: PlatformRef, course: str
) -> None:
    enrolled(stub, *(person(str(number)) for number in range(10_000)))
    assert refresh(services, moodle, course).joined == 10_000
    enrolled(stub, *(person(str(number)) for number in range(5_000, 10_000)))
    assert refresh(services, moodle, course) == RosterChange(members=5_000, joined=0, left=5_000)
