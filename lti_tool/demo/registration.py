"""Dynamic Registration as Moodle does it (LTI Dynamic Registration 1.0, Moodle 4.5.6)."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from lti_tool.demo.access import needs
from lti_tool.demo.keys import NotVerified
from lti_tool.demo.site import RELEASE, Site, site

blueprint = Blueprint("registration", __name__)

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NRPS_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
TOOL_SETTING_SCOPE = "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting"
READ_SCOPES = (AGS + "lineitem.readonly", AGS + "result.readonly", AGS + "score")
VARIABLES = (  # noqa: SIM905 - forty quoted names would hide them
    "basic-lti-launch-request ContentItemSelectionRequest ToolProxyRegistrationRequest Context.id "
    "Context.title Context.label Context.id.history Context.sourcedId Context.longDescription "
    "Context.timeFrame.begin CourseSection.title CourseSection.label CourseSection.sourcedId "
    "CourseSection.longDescription CourseSection.timeFrame.begin CourseSection.timeFrame.end "
    "ResourceLink.id ResourceLink.title ResourceLink.description User.id User.username "
    "Person.name.full Person.name.given Person.name.family Person.email.primary Person.sourcedId "
    "Person.name.middle Person.address.street1 Person.address.locality Person.address.country "
    "Person.address.timezone Person.phone.primary Person.phone.mobile Person.webaddress "
    "Membership.role Result.sourcedId Result.autocreate BasicOutcome.sourcedId BasicOutcome.url "
    "Moodle.Person.userGroupIds"
).split()


class Refused(Exception):
    """The registration is refused: status and Moodle's reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@blueprint.get("/mod/lti/openid-configuration.php")
def configuration() -> Response:
    """Say what this platform is and where its endpoints are."""
    return jsonify(openid_configuration(site().url))


def openid_configuration(url: str) -> dict[str, Any]:
    """Return the platform's configuration, as a Moodle 4.5.6 writes it."""
    return {
        "issuer": url,
        "token_endpoint": f"{url}/mod/lti/token.php",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": f"{url}/mod/lti/certs.php",
        "authorization_endpoint": f"{url}/mod/lti/auth.php",
        "registration_endpoint": f"{url}/mod/lti/openid-registration.php",
        "scopes_supported": [
            "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome",
            *READ_SCOPES,
            AGS + "lineitem",
            NRPS_SCOPE,
            TOOL_SETTING_SCOPE,
            "openid",
        ],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        PLATFORM: {
            "product_family_code": "moodle",
            "version": RELEASE,
            "messages_supported": [
                {"type": "LtiResourceLinkRequest"},
                {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
            ],
            "variables": VARIABLES,
        },
    }


@blueprint.get("/mod/lti/certs.php")
def certs() -> Response:
    """Publish the key that signs our messages."""
    return jsonify(site().keys.public())


@blueprint.get("/mod/lti/startltiadvregistration.php")
@needs("admin", sesskey=True)
def start() -> BaseResponse:
    """Send the admin's frame to the tool with a one-hour registration token.

    A tool of the same domain is updated: its token has the scope reg-update and names the type.
    """
    here = site()
    url = request.args.get("url", "")
    known = here.store.one("SELECT id FROM tool WHERE domain=?", urlsplit(url).netloc)
    now = int(time.time())
    claims: dict[str, Any] = {"iat": now, "exp": now + 3600}
    if known:
        claims |= {"sub": str(known["id"]), "scope": "reg-update"}
    else:
        claims |= {"sub": secrets.token_urlsafe(11).replace("_", "A"), "scope": "reg"}
    query = {
        "openid_configuration": f"{here.url}/mod/lti/openid-configuration.php",
        "registration_token": here.keys.sign(claims),
    }
    here.note("Registration", "The admin's frame was sent to the tool", url=url, token=claims)
    return redirect(f"{url}{'&' if '?' in url else '?'}{urlencode(query)}")


@blueprint.post("/mod/lti/openid-registration.php")
def register() -> tuple[Response, int] | Response:
    """Take a tool's configuration. The tool stays PENDING until the admin activates it."""
    here = site()
    asked = request.get_json(force=True, silent=True)
    try:
        answer = _register(here, asked if isinstance(asked, dict) else {})
    except Refused as refusal:
        here.note("Registration", f"Refused: {refusal.reason}", asked=asked)
        return jsonify(
            {
                "status": refusal.status,
                "reason": refusal.reason,
                "request": {"method": "POST", "url": request.full_path},
            }
        ), refusal.status
    here.note("Registration", "A tool registered itself", asked=asked, answered=answer)
    return jsonify(answer)


def _register(here: Site, asked: dict[str, Any]) -> dict[str, Any]:
    header = request.headers.get("Authorization", "")
    if not header.startswith("Bearer "):
        raise Refused(401, "missing_registration_token")
    try:
        token = here.keys.read_own(header.removeprefix("Bearer ").strip())
    except NotVerified:
        raise Refused(401, "invalid_registration_token") from None
    config = read_configuration(asked)
    name, domain = str(asked["client_name"]), config["domain"]
    body = json.dumps(config)
    with here.store.transaction():
        if token["scope"] == "reg-update":
            tool = int(token["sub"])
            here.store.run(
                "UPDATE tool SET name=?, domain=?, config=?, issuer=? WHERE id=?",
                name, domain, body, here.url, tool,
            )  # fmt: skip
        else:
            if here.store.one("SELECT 1 FROM tool WHERE client_id=?", token["sub"]):
                raise Refused(401, "token_already_used")
            tool = here.store.run(
                "INSERT INTO tool (client_id, state, name, domain, config, issuer)"
                " VALUES (?, 'pending', ?, ?, ?, ?)",
                token["sub"], name, domain, body, here.url,
            )  # fmt: skip
    row = here.store.one("SELECT * FROM tool WHERE id=?", tool)
    return _answer(row["client_id"], tool, name, config)


def read_configuration(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what we keep of a tool's configuration. Raises `Refused` with Moodle's reasons."""
    tool = asked.get(TOOL)
    redirects = asked.get("redirect_uris")
    checks = [
        ("invalid_response_types", "id_token" in (asked.get("response_types") or [])),
        ("missing_initiate_login_uri", asked.get("initiate_login_uri")),
        ("missing_redirect_uris", redirects and isinstance(redirects, list)),
        ("missing_client_name", asked.get("client_name")),
        ("missing_jwks_uri", asked.get("jwks_uri")),
        (
            "invalid_token_endpoint_auth_method",
            asked.get("token_endpoint_auth_method") == "private_key_jwt",
        ),
        ("invalid_application_type", asked.get("application_type", "web") == "web"),
        ("missing_lti_tool_configuration", isinstance(tool, dict)),
    ]
    for reason, fine in checks:
        if not fine:
            raise Refused(400, reason)
    assert isinstance(tool, dict)  # noqa: S101 - the last check above
    if not tool.get("domain"):
        raise Refused(400, "missing_domain")
    if urlsplit(str(tool.get("target_link_uri", ""))).netloc != tool["domain"]:
        raise Refused(400, "domain_targetlinkuri_mismatch")
    scopes = str(asked.get("scope", "")).split()
    messages = [m for m in tool.get("messages", []) if isinstance(m, dict)]
    deep = next((m for m in messages if m.get("type") == "LtiDeepLinkingRequest"), None)
    reads = any(scope in scopes for scope in READ_SCOPES)
    claims = tool.get("claims") or []
    return {
        "domain": tool["domain"],
        "description": tool.get("description", ""),
        "target_link_uri": tool["target_link_uri"],
        "initiate_login_uri": asked["initiate_login_uri"],
        "redirect_uris": asked["redirect_uris"],
        "jwks_uri": asked["jwks_uri"],
        "logo_uri": asked.get("logo_uri", ""),
        "custom": tool.get("custom_parameters") or {},
        "messages": messages,
        "deep_linking": deep is not None,
        "deep_linking_uri": (deep or {}).get("target_link_uri") or tool["target_link_uri"],
        "ags": 2 if AGS + "lineitem" in scopes else int(reads),
        "nrps": NRPS_SCOPE in scopes,
        "send_name": bool({"name", "given_name", "family_name"} & set(claims)),
        "send_email": "email" in claims,
        "asked_scope": " ".join(scopes),
        "asked_claims": claims,
    }


def granted(config: dict[str, Any]) -> list[str]:
    """Return the scopes that a tool may really ask tokens for, sorted."""
    scopes = [*READ_SCOPES] if config["ags"] else []
    if config["ags"] == 2:
        scopes.append(AGS + "lineitem")
    if config["nrps"]:
        scopes.append(NRPS_SCOPE)
    return sorted(scopes)


def _answer(client_id: str, tool: int, name: str, config: dict[str, Any]) -> dict[str, Any]:
    """Return Moodle's answer. Its scopes and claims say more than was granted: a Moodle bug that
    a tool must be able to live with."""
    every = [*READ_SCOPES, AGS + "lineitem", NRPS_SCOPE, TOOL_SETTING_SCOPE]
    return {
        "client_id": client_id,
        "response_types": ["id_token"],
        "jwks_uri": config["jwks_uri"],
        "initiate_login_uri": config["initiate_login_uri"],
        "grant_types": ["client_credentials", "implicit"],
        "redirect_uris": config["redirect_uris"],
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "client_name": name,
        "logo_uri": config["logo_uri"],
        "scope": " ".join(every),
        TOOL: {
            "version": "1.3.0",
            "deployment_id": str(tool),
            "target_link_uri": config["target_link_uri"],
            "domain": config["domain"],
            "description": config["description"],
            "messages": [
                {"type": m.get("type"), "target_link_uri": m.get("target_link_uri", "")}
                for m in config["messages"]
            ],
            "custom_parameters": config["custom"],
            "claims": ["sub", "iss", "name", "family_name", "given_name", "email"],
        },
    }
