"""Names and Role Provisioning Services 2.0 with the habits of Moodle 4.5.6."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from lti_tool.demo.claims import LTI, basic_outcome, memberships_url, person_claims
from lti_tool.demo.registration import NRPS_SCOPE
from lti_tool.demo.service import Call, Handler, Reply
from lti_tool.demo.site import plain
from lti_tool.demo.store import Row

CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
_INSTRUCTORS = frozenset({"editingteacher", "manager"})


def memberships(call: Call) -> Reply:
    """List the active people of a course by family name.

    Roles are short names; who may not edit the course is a Learner here, so the non-editing
    teacher is Instructor in launches and Learner in this list. The `next` link drops `role`.
    """
    if NRPS_SCOPE not in call.scopes:
        return Reply(401, reason="Unauthorized")
    course = call.here.store.one("SELECT * FROM course WHERE id=?", call.course)
    link = call.query.get("rlid")
    if course is None or (link and not _is_ours(call, link)):
        return Reply(404, reason="Not found")
    members = [_member(call, row, link) for row in _people(call)]
    wanted = call.query.get("role", "").rpartition("#")[2]
    if wanted:
        members = [member for member in members if wanted in member["roles"]]
    url = memberships_url(call.here, call.course, call.tool)
    limit, start = int(call.query.get("limit") or 0), int(call.query.get("from") or 0)
    headers = {}
    if limit > 0:
        if start + limit < len(members):
            query = {"limit": limit, "from": start + limit} | ({"rlid": link} if link else {})
            headers["Link"] = f'<{url}?{urlencode(query)}>; rel="next"'
        members = members[start : start + limit]
    context = {"id": str(course["id"]), "label": course["shortname"]}
    body = {
        "id": url,
        "context": context | {"title": plain(course["fullname"])},
        "members": members,
    }
    return Reply(200, json.dumps(body, ensure_ascii=False), CONTAINER, headers=headers)


def _is_ours(call: Call, link: str) -> bool:
    found = call.here.store.one(
        "SELECT 1 FROM lti WHERE id=? AND course=? AND tool=?", link, call.course, call.tool
    )
    return found is not None


def _people(call: Call) -> list[Row]:
    return call.here.store.all(
        "SELECT u.*, e.role FROM user u JOIN enrolment e ON e.user=u.id"
        " WHERE e.course=? AND e.status=0 AND u.suspended=0"
        " ORDER BY u.lastname, u.firstname, u.id",
        call.course,
    )


def _member(call: Call, row: Row, link: str | None) -> dict[str, Any]:
    config = json.loads(
        call.here.store.one("SELECT config FROM tool WHERE id=?", call.tool)["config"]
    )
    claims = person_claims(row, config)
    member: dict[str, Any] = {
        "status": "Active",
        "roles": ["Instructor" if row["role"] in _INSTRUCTORS else "Learner"],
    }
    if link:
        message: dict[str, Any] = {LTI + "message_type": "LtiResourceLinkRequest"}
        message["https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"] = basic_outcome(
            call.here, int(link), row["id"], call.tool
        )
        member["message"] = [message]
    member |= {"user_id": str(row["id"]), "lis_person_sourcedid": row["idnumber"]}
    member |= {key: claims[key] for key in ("name", "given_name", "family_name") if key in claims}
    if config["send_email"]:
        member["email"] = claims["email"]
    if config["send_name"]:
        member["ext_user_username"] = row["username"]
    return member


HANDLERS = (
    Handler(
        r"CourseSection/(?P<course>\d+)/bindings/(?P<tool>\d+)/memberships",
        (CONTAINER,), ("GET",), memberships,
    ),
)  # fmt: skip
