"""Deep Linking 2.0: reading the request, and answering it once.

A request is answered by closing its launch session, so the same request is never answered twice,
and everything that goes back comes from the session and from our own catalogue, never from a form.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from sqlalchemy import select, update

from config.secrets import new_secret
from lti_tool.lti.keys import ALGORITHM, signing_key
from lti_tool.lti.models import LaunchSession, Platform
from lti_tool.lti.quirks import for_product
from lti_tool.lti.services.links import same_origin
from lti_tool.lti.sessions import Launch
from lti_tool.services import Services

MESSAGE_TYPE = "LtiDeepLinkingRequest"
SCORE_MAXIMUM = 100
"""An integer of at most 100: a Moodle site may cap its grades there."""

_CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
_DL_CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim/"
_BACKDATED = 10
"""Seconds. Moodle's JWT library knows no leeway: an `iat` in its future is an error."""
_LIFE = 600
_LINK = "ltiResourceLink"
_PLAIN = re.compile(r"[!-~]+")


class DeepLinkingRefused(Exception):
    """A request that we do not answer; `code` is short and safe to show and to log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class DeepLinkingRequest:
    """What a platform asks for.

    `data` is to be sent back as it came, None where it did not come. `targets` are the places that
    the platform can open an item in; `many` and `columns` say whether it takes several items and
    line items.
    """

    return_url: str
    many: bool
    columns: bool
    links: bool
    targets: frozenset[str]
    data: str | None

    @property
    def return_origin(self) -> str:
        """Scheme, host and port of the return URL, for the form's permission."""
        parts = urlsplit(self.return_url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class Item:
    """One activity to be placed. `custom` comes back with each of its launches."""

    title: str
    text: str
    module: str
    grading: str
    language: str | None = None


def read_request(launch: Launch, *, demo: bool) -> DeepLinkingRequest:
    """Return the request that a launch brought.

    The answer carries a signed message and leaves our pages, so it goes to the platform's own
    origins and to those that an operator added, and over https (http in the demo only).

    Raises:
        DeepLinkingRefused: the launch is of another kind, or wants the answer elsewhere.
    """
    settings = launch.details.get("deep_linking")
    if launch.message_type != MESSAGE_TYPE or not isinstance(settings, dict):
        raise DeepLinkingRefused("no_deep_linking")
    return_url = settings.get("deep_link_return_url")
    if not isinstance(return_url, str) or not _may_return(return_url, launch, demo=demo):
        raise DeepLinkingRefused("return_url_foreign")
    types = settings.get("accept_types")
    targets = settings.get("accept_presentation_document_targets")
    data = settings.get("data")
    return DeepLinkingRequest(
        return_url=return_url,
        many=_is_true(settings.get("accept_multiple")),
        columns=_is_true(settings.get("accept_lineitem", True)),
        links=not isinstance(types, list) or _LINK in types,
        targets=frozenset(
            target
            for target in (targets if isinstance(targets, list) else ())
            if isinstance(target, str)
        ),
        data=data if isinstance(data, str) else None,
    )


def _is_true(value: object) -> bool:
    """Some platforms write booleans as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _may_return(url: str, launch: Launch, *, demo: bool) -> bool:
    try:
        parts = urlsplit(url)
        own = any(same_origin(url, known) for known in launch.frame_origins)
    except ValueError:
        return False
    if parts.scheme not in ({"https", "http"} if demo else {"https"}):
        return False
    return own and "@" not in parts.netloc and "\\" not in url and _PLAIN.fullmatch(url) is not None


def content_item(
    item: Item, request: DeepLinkingRequest, *, product: str, launch_url: str
) -> dict[str, Any]:
    """Return an item as the platform's product wants it.

    Its identity is in `custom`: course copies keep that, while resource link ids change. The fresh
    `deep_link_uuid` tells a link that was chosen anew from one that was only opened again.
    """
    quirks = for_product(product)
    custom = {
        "module": item.module,
        "deep_link_uuid": str(uuid.uuid4()),
        "grading": item.grading,
    }
    if item.language:
        custom["language"] = item.language
    made: dict[str, Any] = {
        "type": _LINK,
        "title": item.title,
        "text": item.text,
        "custom": custom,
    }
    if request.columns:
        made["lineItem"] = {
            "scoreMaximum": SCORE_MAXIMUM,
            "label": item.title,
            "resourceId": item.module,
            "tag": item.grading,
            # Puts a link to our page of one learner beside the grade (Submission Review 1.0).
            "submissionReview": {"reviewableStatus": ["InProgress", "Submitted", "Completed"]},
        }
    if quirks.deep_link_url:
        made["url"] = launch_url
    if quirks.deep_link_presentation:
        if "iframe" in request.targets:
            made["iframe"] = {"width": 900, "height": 700}
        elif "window" in request.targets:
            made["window"] = {"targetName": "backontrack"}
    return made


@dataclass(frozen=True, slots=True)
class Answer:
    """A signed response and where its form goes."""

    return_url: str
    return_origin: str
    token: str


def answer(
    services: Services,
    launch: Launch,
    items: Sequence[Item],
    *,
    now: datetime,
    message: str | None = None,
    error: str | None = None,
) -> Answer:
    """Answer the request of `launch` with `items`, for good: its session is closed.

    No items and no `error` is a cancel. `message` and `error` are for the teacher, in their
    language; the platform shows them.

    Raises:
        DeepLinkingRefused: there is nothing to answer, it was answered before, or it does not take
            these items.
    """
    request = read_request(launch, demo=services.settings.demo)
    if (items and not request.links) or (len(items) > 1 and not request.many):
        raise DeepLinkingRefused("items_not_taken")
    issuer, client_id = _close(services, launch, now)
    issued_at = int(now.timestamp()) - _BACKDATED
    claims: dict[str, Any] = {
        "iss": client_id,
        "aud": issuer,
        "iat": issued_at,
        "exp": issued_at + _LIFE,
        "nonce": new_secret(),
        f"{_CLAIM}deployment_id": launch.deployment_id,
        f"{_CLAIM}message_type": "LtiDeepLinkingResponse",
        f"{_CLAIM}version": "1.3.0",
        f"{_DL_CLAIM}content_items": [
            content_item(
                item,
                request,
                product=launch.product,
                launch_url=f"{services.settings.public_url}/lti/launch",
            )
            for item in items
        ],
    }
    for name, value in (("data", request.data), ("msg", message), ("errormsg", error)):
        if value is not None:
            claims[f"{_DL_CLAIM}{name}"] = value
    kid, key = signing_key(services)
    token = jwt.encode({"alg": ALGORITHM, "kid": kid}, claims, key, algorithms=[ALGORITHM])
    return Answer(request.return_url, request.return_origin, token)


def _close(services: Services, launch: Launch, now: datetime) -> tuple[str, str]:
    """Use the launch up and return whom the answer is for and from: (issuer, client id)."""
    with services.database.write_connection() as connection:
        closed = connection.execute(
            update(LaunchSession)
            .where(
                LaunchSession.tenant_id == launch.tenant_id,
                LaunchSession.id == launch.id,
                LaunchSession.closed_at.is_(None),
            )
            .values(closed_at=now)
        )
        if closed.rowcount != 1:
            raise DeepLinkingRefused("answered_before")
        row = connection.execute(
            select(Platform.issuer, Platform.client_id).where(
                Platform.tenant_id == launch.tenant_id, Platform.id == launch.platform_id
            )
        ).one()
    return row.issuer, row.client_id
