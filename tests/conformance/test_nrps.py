"""Names and Role Provisioning Services, 6 checks by the names of the certification guide."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from lti_tool.lti.services.nrps import Roster, read_roster
from lti_tool.people.roles import Role
from tests.lti_tool.lti.services.stub import (
    Reply,
    StubPlatform,
    add_platform_row,
    add_tenant,
    running_platform,
    running_services,
)

CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
PATH = "/mod/lti/services.php/sections/2923/memberships"
# NRPS 2.0 §2.1, "Membership container media type", shortened.
EXAMPLE = {
    "id": "https://lms.example.com/sections/2923/memberships?rlid=49566-rkk96",
    "context": {"id": "2923-abc", "label": "CPS 435", "title": "CPS 435 Learning Analytics"},
    "members": [
        {
            "status": "Active",
            "name": "Jane Q. Public",
            "user_id": "0ae836b9-7fc9-4060-006f-27b2066ac545",
            "roles": ["Instructor", "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"],
        }
    ],
}


@dataclass
class Read:
    """One read of a roster, seen from both sides."""

    stub: StubPlatform
    roster: Roster


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    folder = tmp_path_factory.mktemp("nrps")
    with running_platform() as stub, running_services(folder, stub.url) as services:
        stub.on("GET", PATH, Reply(200, json.dumps(EXAMPLE), {"Content-Type": CONTAINER}))
        tenant = add_tenant(services, "one")
        platform = add_platform_row(services, tenant, stub.url, product="imsglc")
        yield Read(stub, read_roster(services, platform, stub.url + PATH, context_id="2923-abc"))


def _received(read: Read) -> bool:
    (member,) = read.roster.members
    return (
        member.user_sub == "0ae836b9-7fc9-4060-006f-27b2066ac545"
        and member.roles == {Role.INSTRUCTOR, Role.MENTOR}
        and member.name == "Jane Q. Public"
        and member.active
    )


CHECKS: dict[str, Callable[[Read], bool]] = {
    "Request received": lambda r: [(c.method, c.path) for c in r.stub.calls()] == [("GET", PATH)],
    "Accept header": lambda r: r.stub.calls()[0].headers["accept"] == CONTAINER,
    "Bearer token": lambda r: r.stub.calls()[0].headers["authorization"] == "Bearer t1",
    "Scope": lambda r: [c.form["scope"] for c in r.stub.token_calls()] == [SCOPE],
    "Response": lambda r: r.roster.context_id == "2923-abc" and r.roster.whole,
    "Membership received": _received,
}


def test_the_suite_is_complete() -> None:
    assert len(CHECKS) == 6


@pytest.mark.parametrize("name", CHECKS)
def test_nrps(read: Read, name: str) -> None:
    assert CHECKS[name](read)
