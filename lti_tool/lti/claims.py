"""What we take from a verified token; everything else in it is dropped at the door.

`lis`, e-mail and user names are never read; the display name only where the tenant wants names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lti_tool.lti.roles import normalise
from lti_tool.people.roles import Role

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MESSAGE_TYPE = LTI + "message_type"
VERSION = LTI + "version"
DEPLOYMENT_ID = LTI + "deployment_id"
TARGET_LINK_URI = LTI + "target_link_uri"
RESOURCE_LINK = LTI + "resource_link"
CONTEXT = LTI + "context"
ROLES = LTI + "roles"
CUSTOM = LTI + "custom"
PRESENTATION = LTI + "launch_presentation"
PLATFORM = LTI + "tool_platform"
FOR_USER = LTI + "for_user"
MIGRATION = LTI + "lti1p1"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GROUPS = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"

OBJECT_CLAIMS = (
    RESOURCE_LINK,
    CONTEXT,
    CUSTOM,
    PRESENTATION,
    PLATFORM,
    FOR_USER,
    MIGRATION,
    AGS,
    NRPS,
    GROUPS,
    DEEP_LINKING,
)
"""Claims that must be JSON objects where they are present."""

STRING_MEMBERS = (
    (RESOURCE_LINK, "id"),
    (RESOURCE_LINK, "title"),
    (CONTEXT, "id"),
    (CONTEXT, "label"),
    (CONTEXT, "title"),
    (PRESENTATION, "locale"),
    (PRESENTATION, "return_url"),
    (FOR_USER, "user_id"),
    (AGS, "lineitems"),
    (AGS, "lineitem"),
    (NRPS, "context_memberships_url"),
    (GROUPS, "context_groups_url"),
    (DEEP_LINKING, "deep_link_return_url"),
    (DEEP_LINKING, "data"),
)
"""Members that must be strings where they are present and not null."""

MAX_ID = 255
SETTINGS = frozenset({"grading", "language"})
"""Custom parameters besides `module` and `deep_link_uuid` that a resource link keeps."""

_DEEP_LINKING_MEMBERS = (
    "deep_link_return_url",
    "accept_types",
    "accept_presentation_document_targets",
    "accept_media_types",
    "accept_multiple",
    "accept_lineitem",
    "auto_create",
    "title",
    "text",
    "data",
)
_MODULE = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_UNSAFE_URL = re.compile(r"[\x00-\x20\x7f\\<>\"]")


@dataclass(frozen=True, slots=True)
class Claims:
    """One launch, typed; texts are cut to what their columns hold."""

    message_type: str
    deployment_id: str
    sub: str | None
    """None for an anonymous launch."""
    name: str | None
    roles: frozenset[Role]
    nonce: str
    context_id: str | None = None
    context_label: str | None = None
    context_title: str | None = None
    resource_link_id: str | None = None
    resource_link_title: str | None = None
    module: str | None = None
    deep_link_uuid: str | None = None
    settings: dict[str, str] = field(default_factory=dict)
    lineitems_url: str | None = None
    lineitem_url: str | None = None
    memberships_url: str | None = None
    groups_url: str | None = None
    locale: str | None = None
    return_url: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


def read_claims(claims: dict[str, Any], *, wants_names: bool) -> Claims:
    """Return what we keep of claims whose shapes verify.py has checked."""
    link = claims.get(RESOURCE_LINK) or {}
    context = claims.get(CONTEXT) or {}
    custom = claims.get(CUSTOM) or {}
    presentation = claims.get(PRESENTATION) or {}
    ags = claims.get(AGS) or {}
    return Claims(
        message_type=claims[MESSAGE_TYPE],
        deployment_id=claims[DEPLOYMENT_ID],
        sub=claims.get("sub"),
        name=_name(claims) if wants_names else None,
        roles=normalise(claims[ROLES]),
        nonce=claims["nonce"],
        context_id=context.get("id"),
        context_label=text(context.get("label"), 255),
        context_title=text(context.get("title"), 255),
        resource_link_id=link.get("id"),
        resource_link_title=text(link.get("title"), 255),
        module=_matching(_MODULE, custom.get("module")),
        deep_link_uuid=_matching(_UUID, custom.get("deep_link_uuid")),
        settings={
            key: custom[key]
            for key in sorted(SETTINGS & custom.keys())
            if isinstance(custom[key], str) and len(custom[key]) <= 64
        },
        lineitems_url=web_url(ags.get("lineitems")),
        lineitem_url=web_url(ags.get("lineitem")),
        memberships_url=web_url((claims.get(NRPS) or {}).get("context_memberships_url")),
        groups_url=web_url((claims.get(GROUPS) or {}).get("context_groups_url")),
        locale=_matching(_LOCALE, presentation.get("locale"), 16),
        return_url=web_url(presentation.get("return_url")),
        details=_details(claims, ags),
    )


def _details(claims: dict[str, Any], ags: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    scopes = ags.get("scope")
    if isinstance(scopes, list):
        found["ags_scopes"] = [scope for scope in scopes if isinstance(scope, str)]
    settings = claims.get(DEEP_LINKING)
    if settings:
        found["deep_linking"] = {
            member: settings[member] for member in _DEEP_LINKING_MEMBERS if member in settings
        }
    person = claims.get(FOR_USER)
    if person:
        found["for_user"] = text(person.get("user_id"), MAX_ID)
    return found


def _name(claims: dict[str, Any]) -> str | None:
    parts = (claims.get("given_name"), claims.get("family_name"))
    joined = " ".join(part for part in parts if isinstance(part, str) and part)
    return text(claims.get("name"), 200) or text(joined, 200)


def text(value: object, limit: int) -> str | None:
    """Return a text for people: no control characters, cut to `limit`; None where it is empty."""
    if not isinstance(value, str):
        return None
    return _CONTROL.sub(" ", value).strip()[:limit] or None


def _matching(pattern: re.Pattern[str], value: object, limit: int = 64) -> str | None:
    """Return a word of a known form; variables that the platform left as `$…` are none."""
    if not isinstance(value, str) or len(value) > limit or not pattern.fullmatch(value):
        return None
    return value


def web_url(value: object) -> str | None:
    """Return an absolute http(s) URL of at most 2,000 characters, None for anything else."""
    if not isinstance(value, str) or not 0 < len(value) <= 2000 or _UNSAFE_URL.search(value):
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    if parts.scheme not in {"https", "http"} or not parts.hostname or "@" in parts.netloc:
        return None
    return value
