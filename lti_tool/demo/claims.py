"""What a launch says: the claims of Moodle 4.5.6, in its order and with its habits."""

from __future__ import annotations

import hashlib
import html
import json
import re
import time
from typing import Any

from lti_tool.demo.access import role_in
from lti_tool.demo.registration import AGS, granted
from lti_tool.demo.site import NAME, VERSION, Site, plain
from lti_tool.demo.store import Row

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"
_STAFF = frozenset({"admin", "manager", "editingteacher", "teacher"})


def launch_claims(
    here: Site,
    launch: Row,
    user: Row,
    sesskey: str,
    nonce: str,
) -> dict[str, Any]:
    """Return the claims of one id_token; `launch` and `user` are rows."""
    tool = here.store.one("SELECT * FROM tool WHERE id=?", launch["tool"])
    course = here.store.one("SELECT * FROM course WHERE id=?", launch["course"])
    lti = here.store.one("SELECT * FROM lti WHERE id=?", launch["lti"])
    config = json.loads(tool["config"])
    roles = roles_of(role_in(course["id"], user))
    now = int(time.time())
    target = config["target_link_uri"] if lti else config["deep_linking_uri"]
    claims: dict[str, Any] = {
        "nonce": nonce,
        "iat": now,
        "exp": now + 60,
        "iss": here.url,
        "aud": tool["client_id"],
        LTI + "deployment_id": str(tool["id"]),
        LTI + "target_link_uri": (lti and lti["toolurl"]) or target,
        "sub": str(user["id"]),
        LTI + "lis": {"person_sourcedid": user["idnumber"], "course_section_sourcedid": ""},
        LTI + "roles": roles,
        LTI + "context": {
            "id": str(course["id"]),
            "label": course["shortname"],
            "title": plain(course["fullname"]),
            "type": ["CourseSection"],
        },
        LTI + "message_type": launch["message_type"],
    }
    graded = lti and here.store.one("SELECT id FROM gradeitem WHERE lti=?", lti["id"])
    if lti:
        claims[LTI + "resource_link"] = {
            "title": lti["name"],
            "description": lti["intro"],
            "id": str(lti["id"]),
        }
    if graded:
        claims["https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"] = basic_outcome(
            here, lti["id"], user["id"], tool["id"]
        )
    claims |= person_claims(user, config)
    if launch["foruser"]:
        other = here.store.one("SELECT * FROM user WHERE id=?", launch["foruser"])
        claims[LTI + "for_user"] = {
            "user_id": str(other["id"]),
            **{k: v for k, v in person_claims(other, config).items() if not k.startswith(LTI)},
            "roles": roles_of(role_in(course["id"], other)),
        }
    claims[LTI + "launch_presentation"] = _presentation(here, user, lti, course, sesskey)
    claims[LTI + "tool_platform"] = {
        "product_family_code": "moodle",
        "version": VERSION,
        "guid": here.store.setting("guid"),
        "name": "PL",
        "description": NAME,
    }
    claims[LTI + "version"] = "1.3.0"
    claims |= _services(here, config, tool["id"], course["id"], lti)
    facts = _variables(claims, user, course, here)
    claims[LTI + "custom"] = _custom(config, lti, facts) | _setting_urls(
        here, config, tool["id"], course["id"], lti
    )
    if lti is None:
        claims["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"] = {
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["frame", "iframe", "window"],
            "accept_copy_advice": False,
            "accept_multiple": True,
            "accept_unsigned": False,
            "auto_create": False,
            "can_confirm": False,
            "deep_link_return_url": f"{here.url}/mod/lti/contentitem_return.php"
            f"?course={course['id']}&id={tool['id']}&sesskey={sesskey}",
            "title": launch["title"],
            "text": "",
        }
    return claims


def roles_of(role: str | None) -> list[str]:
    """Return the roles of a launch: a non-editing teacher is an Instructor here (but see NRPS)."""
    member = "Instructor" if role in _STAFF else "Learner"
    roles = [f"{VOCABULARY}membership#{member}"]
    if role == "admin":
        roles += [f"{VOCABULARY}{kind}/person#Administrator" for kind in ("system", "institution")]
    return sorted(roles)


def person_claims(user: Row, config: dict[str, Any]) -> dict[str, Any]:
    """Return name and e-mail, so far as the tool's registration asked for them."""
    claims: dict[str, Any] = {}
    if config["send_name"]:
        claims |= {
            "given_name": user["firstname"],
            "family_name": user["lastname"],
            "name": f"{user['firstname']} {user['lastname']}",
        }
    claims[LTI + "ext"] = ({"user_username": user["username"]} if config["send_name"] else {}) | {
        "lms": "moodle-2"
    }
    if config["send_email"]:
        claims["email"] = f"{user['username']}@example.org"
    return claims


def basic_outcome(here: Site, lti: int, user: int, tool: int) -> dict[str, str]:
    """Return the claim of the old outcomes service; the practice LMS offers AGS instead."""
    data = {"instanceid": str(lti), "userid": str(user), "typeid": str(tool), "launchid": lti}
    secret = here.store.setting("guid") + json.dumps(data)
    sourced = {"data": data, "hash": hashlib.sha256(secret.encode()).hexdigest()}
    return {
        "lis_result_sourcedid": json.dumps(sourced, separators=(",", ":")),
        "lis_outcome_service_url": f"{here.url}/mod/lti/service.php",
    }


def _presentation(
    here: Site,
    user: Row,
    lti: Row,
    course: Row,
    sesskey: str,
) -> dict[str, str]:
    if lti is None:
        return {"locale": user["lang"]}
    return {
        "locale": user["lang"],
        "document_target": "iframe",
        "return_url": f"{here.url}/mod/lti/return.php?course={course['id']}&launch_container=3"
        f"&instanceid={lti['id']}&sesskey={sesskey}",
    }


def memberships_url(here: Site, course: int, tool: int) -> str:
    """Return the NRPS address of a course."""
    return f"{here.url}/mod/lti/services.php/CourseSection/{course}/bindings/{tool}/memberships"


def _services(
    here: Site,
    config: dict[str, Any],
    tool: int,
    course: int,
    lti: Row,
) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    base = f"{here.url}/mod/lti/services.php/{course}/lineitems"
    if config["ags"]:
        endpoint = claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"] = {
            "scope": [scope for scope in granted(config) if scope.startswith(AGS)],
            "lineitems": f"{base}?type_id={tool}",
        }
        coupled = lti and here.store.all(
            "SELECT id FROM gradeitem WHERE lti=?1 OR linked=?1", lti["id"]
        )
        if coupled and len(coupled) == 1:
            endpoint["lineitem"] = f"{base}/{coupled[0]['id']}/lineitem?type_id={tool}"
    used = here.store.one("SELECT 1 FROM lti WHERE course=? AND tool=?", course, tool)
    if config["nrps"] and used:
        claims["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"] = {
            "context_memberships_url": memberships_url(here, course, tool),
            "service_versions": ["1.0", "2.0"],
        }
    return claims


def _setting_urls(
    here: Site,
    config: dict[str, Any],
    tool: int,
    course: int,
    lti: Row,
) -> dict[str, str]:
    """Return the service addresses that Moodle puts among the custom parameters."""
    if lti is None or not config["nrps"]:
        return {}
    base = f"{here.url}/mod/lti/services.php"
    return {
        "context_memberships_url": memberships_url(here, course, tool),
        "system_setting_url": f"{base}/tool/{tool}/custom",
        "context_setting_url": f"{base}/CourseSection/{course}/bindings/tool/{tool}/custom",
        "link_setting_url": f"{base}/links/{{link_id}}/custom",
    }


def _custom(
    config: dict[str, Any],
    lti: Row,
    facts: dict[str, str],
) -> dict[str, str]:
    """Return the custom parameters: each under its own key and under Moodle's simplified one.

    Variables that Moodle does not know stay as they were written.
    """
    lines = [f"{key}={value}" for key, value in config["custom"].items()]
    lines += lti["custom"].splitlines() if lti else []
    found = {}
    for line in lines:
        key, equals, value = line.partition("=")
        if not equals:
            continue
        key, value = key.strip(), value.strip()
        if value.startswith("$"):
            value = facts.get(value[1:], value)
        found[re.sub(r"[^a-z0-9]", "_", key.lower())] = value
        found[key] = value
    return found


def _variables(
    claims: dict[str, Any],
    user: Row,
    course: Row,
    here: Site,
) -> dict[str, str]:
    link = claims.get(LTI + "resource_link", {})
    groups = here.store.all(
        "SELECT grp.id FROM grp JOIN grp_member m ON m.grp=grp.id WHERE m.user=? AND grp.course=?",
        user["id"], course["id"],
    )  # fmt: skip
    return {
        "Context.id": str(course["id"]),
        "Context.title": plain(course["fullname"]),
        "Context.label": course["shortname"],
        "Context.id.history": "",
        "CourseSection.title": plain(course["fullname"]),
        "CourseSection.label": course["shortname"],
        "ResourceLink.id": link.get("id", ""),
        "ResourceLink.title": link.get("title", ""),
        "ResourceLink.description": html.unescape(link.get("description", "")),
        "User.id": str(user["id"]),
        "User.username": user["username"],
        "Person.name.full": claims.get("name", ""),
        "Person.name.given": claims.get("given_name", ""),
        "Person.name.family": claims.get("family_name", ""),
        "Person.email.primary": claims.get("email", ""),
        "Person.sourcedId": user["idnumber"],
        "Membership.role": ",".join(r.rpartition("#")[2] for r in claims[LTI + "roles"]),
        "Moodle.Person.userGroupIds": ",".join(str(row["id"]) for row in groups),
    }
