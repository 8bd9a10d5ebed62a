"""The groups of a course, where the platform offers them (Course Groups Service 1.0).

Moodle does not: its groups come from web services.
"""

from __future__ import annotations

from dataclasses import dataclass

from lti_tool.lti.services.client import Call, read_json
from lti_tool.lti.services.lineitems import json_list
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from lti_tool.lti.services.pages import read_pages
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.services import Services

GROUPS = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
SCOPE_GROUPS = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"


@dataclass(frozen=True, slots=True)
class Group:
    """One group; `set_id` names the set of groups that it belongs to, if any."""

    id: str
    name: str
    tag: str | None = None
    set_id: str | None = None


def read_groups(
    services: Services, platform: PlatformRef, groups_url: str, *, user_sub: str | None = None
) -> tuple[Group, ...]:
    """Return the groups of a course, or only those of one person.

    Raises:
        ServiceFailed: they could not be read whole.
    """
    params = {"user_id": user_sub} if user_sub else None
    call = Call("GET", groups_url, (SCOPE_GROUPS,), accept=GROUPS, params=params)
    found: dict[str, Group] = {}
    for response in read_pages(services, platform, call, keep=params):
        page = read_json(response, GROUPS)
        for value in json_list(page.get("groups") if isinstance(page, dict) else None):
            group = _group(value)
            found[group.id] = group
    return tuple(found.values())


def _group(value: object) -> Group:
    if not isinstance(value, dict) or not isinstance(value.get("id"), str | int):
        raise ServiceFailed(Outcome.UNKNOWN, "group without an id")
    return Group(
        id=str(value["id"]),
        name=str(value.get("name") or ""),
        tag=str(value["tag"]) if value.get("tag") else None,
        set_id=str(value["set_id"]) if value.get("set_id") else None,
    )
