"""What we tell a platform of ourselves, and why we ask for what we ask for.

LTI Dynamic Registration 1.0 §3.4, §3.6 (OpenID Connect Dynamic Client Registration 1.0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from lti_tool.lti.registration.configuration import PlatformConfiguration
from lti_tool.lti.services.ags import SCOPE_RESULT, SCOPE_SCORE
from lti_tool.lti.services.groups import SCOPE_GROUPS
from lti_tool.lti.services.lineitems import SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY
from lti_tool.lti.services.nrps import SCOPE_ROSTER

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
CLIENT_NAME = "Back on Track"

_DEEP_LINKING = "LtiDeepLinkingRequest"
_RESOURCE_LINK = "LtiResourceLinkRequest"
_REVIEW = "LtiSubmissionReviewRequest"
_NAMES = ("name", "given_name", "family_name")


@dataclass(frozen=True, slots=True)
class Asked:
    """One right or one datum that we ask for, in words, with the reason."""

    key: str
    what: LazyString
    why: LazyString


SCOPES = (
    Asked(
        SCOPE_SCORE,
        _l("Send points to the gradebook"),
        _l("So that finished work shows up in the course by itself."),
    ),
    Asked(
        SCOPE_RESULT,
        _l("Read the points that we sent"),
        _l("So that we notice when points got lost, and never overwrite a teacher's."),
    ),
    Asked(
        SCOPE_LINEITEM_READONLY,
        _l("See our own columns in the gradebook"),
        _l("So that points go to the right column, also in a copied course."),
    ),
    Asked(
        SCOPE_LINEITEM,
        _l("Make our own columns in the gradebook"),
        _l("So that an activity that was added without a column can still have one."),
    ),
    Asked(
        SCOPE_ROSTER,
        _l("Read who is in a course that uses an activity of ours"),
        _l("So that a teacher also sees who has not started yet."),
    ),
    Asked(
        SCOPE_GROUPS,
        _l("Read the groups of such a course"),
        _l("So that a teacher can look at one group at a time."),
    ),
)
_BASIC_SCOPES = frozenset(asked.key for asked in SCOPES) - {SCOPE_GROUPS}
"""What a platform has that does not list its scopes."""

CLAIMS = (
    Asked(
        "sub",
        _l("A number for each person"),
        _l("So that everybody finds their own answers again. It says nothing about the person."),
    ),
    Asked(
        "name",
        _l("Names"),
        _l("So that teachers and mentors see names in place of numbers. No e-mail address."),
    ),
)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Our own addresses, the same for every platform."""

    login: str
    launch: str
    jwks: str
    logo: str
    domain: str
    """Host and port: Moodle compares it with the host and port of the launch address."""


def endpoints(public_url: str) -> Endpoints:
    """Return our addresses for an installation at `public_url`."""
    return Endpoints(
        login=f"{public_url}/lti/login",
        launch=f"{public_url}/lti/launch",
        jwks=f"{public_url}/lti/jwks.json",
        logo=f"{public_url}/static/icon.svg",
        domain=urlsplit(public_url).netloc,
    )


def asked_scopes(platform: PlatformConfiguration) -> tuple[Asked, ...]:
    """Return the scopes to ask for: those of ours that the platform offers."""
    offered = _BASIC_SCOPES if platform.scopes is None else platform.scopes
    return tuple(asked for asked in SCOPES if asked.key in offered)


def asked_claims(*, wants_names: bool) -> tuple[Asked, ...]:
    """Return the personal data to ask for; names only where the organisation wants them."""
    return CLAIMS if wants_names else CLAIMS[:1]


def tool_configuration(
    public_url: str, platform: PlatformConfiguration, *, wants_names: bool
) -> dict[str, Any]:
    """Return the registration request for `platform`, ready to be sent as JSON."""
    ours = endpoints(public_url)
    names = [
        name
        for name in _NAMES
        if wants_names and (platform.claims is None or name in platform.claims)
    ]
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": ours.login,
        "redirect_uris": [ours.launch],
        "client_name": CLIENT_NAME,
        "jwks_uri": ours.jwks,
        "logo_uri": ours.logo,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(asked.key for asked in asked_scopes(platform)),
        TOOL_CONFIGURATION: {
            "domain": ours.domain,
            "description": "Career guidance and mentoring, step by step.",
            "target_link_uri": ours.launch,
            "custom_parameters": {},
            "claims": ["iss", "sub", *names],
            "messages": _messages(platform, ours),
        },
    }


def _messages(platform: PlatformConfiguration, ours: Endpoints) -> list[dict[str, Any]]:
    offered = platform.messages
    messages: list[dict[str, Any]] = [
        {"type": _RESOURCE_LINK, "target_link_uri": ours.launch, "label": CLIENT_NAME}
    ]
    if offered is None or _DEEP_LINKING in offered:
        deep_linking = {
            "type": _DEEP_LINKING,
            "target_link_uri": ours.launch,
            "label": CLIENT_NAME,
        }
        if offered is None or "ContentArea" in offered[_DEEP_LINKING]:
            messages.append({**deep_linking, "placements": ["ContentArea"]})
        else:
            messages.append(deep_linking)
    if offered is not None and _REVIEW in offered:
        messages.append({"type": _REVIEW, "target_link_uri": ours.launch, "label": CLIENT_NAME})
    return messages
