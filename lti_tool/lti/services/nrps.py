"""Rosters: who is in a course (NRPS 2.0).

A roster is read whole or not at all. Platforms list only who is there now, so somebody has left
when they are missing from a complete read, and a read that broke off says nothing about anybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lti_tool.lti.quirks import for_product
from lti_tool.lti.roles import normalise
from lti_tool.lti.services.client import Call, read_json
from lti_tool.lti.services.lineitems import json_list
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from lti_tool.lti.services.pages import read_pages
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.people.roles import Role
from lti_tool.services import Services

MEMBERSHIPS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
SCOPE_ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"

_SECONDS = 60.0
"""Moodle computes capabilities person by person and sends a whole course in one answer."""
_MAX_BYTES = 30_000_000


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a course. `name` is None where the platform keeps it to itself.

    `roles` are ours. Moodle calls a non-editing teacher Learner here and Instructor in launches,
    so a launch is the better witness of who teaches.
    """

    user_sub: str
    roles: frozenset[Role]
    active: bool
    name: str | None
    group_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """A complete read. `whole` is False where a filter was set, so that absence says nothing."""

    context_id: str
    members: tuple[Member, ...]
    whole: bool

    def leavers(self, before: Iterable[str]) -> frozenset[str]:
        """Return who of `before` (their `sub`) is no longer active in the course.

        Raises:
            ValueError: the roster was filtered.
        """
        if not self.whole:
            raise ValueError("a filtered roster does not say who has left")
        return frozenset(before) - {member.user_sub for member in self.members if member.active}


def read_roster(
    services: Services,
    platform: PlatformRef,
    memberships_url: str,
    *,
    context_id: str | None = None,
    rlid: str | None = None,
    role: str | None = None,
) -> Roster:
    """Read the members of a course, each once.

    `context_id` is the course that we expect. `rlid` restricts the roster to who may open that
    resource link, `role` (a full URI) to who has that role.

    Raises:
        ServiceFailed: it could not be read whole, changes its course between pages, or is that of
            another course.
    """
    filters = {name: value for name, value in (("rlid", rlid), ("role", role)) if value}
    drops_role = for_product(platform.product).roster_links_drop_role
    call = Call(
        "GET",
        memberships_url,
        (SCOPE_ROSTER,),
        accept=MEMBERSHIPS,
        params=filters or None,
        deadline=_SECONDS,
        max_bytes=_MAX_BYTES,
    )
    members: dict[str, Member] = {}
    course = context_id
    for response in read_pages(services, platform, call, keep=filters if drops_role else None):
        page = read_json(response, MEMBERSHIPS)
        found = _context_id(page)
        if course is not None and found != course:
            raise ServiceFailed(Outcome.UNKNOWN, "roster of another course")
        course = found
        new = {member.user_sub: member for member in map(_member, json_list(page.get("members")))}
        if new and new.keys() <= members.keys():
            # People who enrol meanwhile shift the pages by a few, never by a whole page.
            raise ServiceFailed(Outcome.UNKNOWN, "roster repeats a page")
        members.update(new)
    if not filters and not any(member.active for member in members.values()):
        # A course that launches us has at least the one who launched.
        raise ServiceFailed(Outcome.UNKNOWN, "roster is empty")
    return Roster(course or "", tuple(members.values()), whole=not filters)


def _context_id(page: object) -> str:
    context = page.get("context") if isinstance(page, dict) else None
    found = context.get("id") if isinstance(context, dict) else None
    if not isinstance(found, str | int) or found == "":
        raise ServiceFailed(Outcome.UNKNOWN, "roster without a course")
    return str(found)


def _member(value: Any) -> Member:  # noqa: ANN401 - any JSON value
    if not isinstance(value, dict) or not isinstance(value.get("user_id"), str | int):
        raise ServiceFailed(Outcome.UNKNOWN, "member without an id")
    roles = value.get("roles")
    groups = value.get("group_enrollments")
    return Member(
        user_sub=str(value["user_id"]),
        roles=normalise(role for role in roles if isinstance(role, str))
        if isinstance(roles, list)
        else normalise(()),
        active=str(value.get("status") or "Active").lower() == "active",
        name=str(value["name"])[:200] if value.get("name") else None,
        group_ids=tuple(
            str(group["group_id"])
            for group in (groups if isinstance(groups, list) else ())
            if isinstance(group, dict) and group.get("group_id")
        ),
    )
