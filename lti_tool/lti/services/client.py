"""One authorised request to a platform: token, exact media types, one renewal on 401."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.http import HttpError, HttpProtocolError, HttpRefused, HttpResponse
from lti_tool.lti.services.outcome import Outcome, ServiceFailed, check_status, server_time
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.lti.services.tokens import access_token
from lti_tool.services import Services


@dataclass(frozen=True, slots=True)
class Call:
    """What to send.

    `accept` and `content_type` are exactly one media type each, without parameters: Moodle answers
    "No handler found" to a list, to quality values and to a charset.
    """

    method: str
    url: str
    scopes: tuple[str, ...]
    accept: str | None = None
    content_type: str | None = None
    body: Mapping[str, Any] | None = None
    params: Mapping[str, str] | None = None
    deadline: float = 15.0
    max_bytes: int = 5_000_000


def send(services: Services, platform: PlatformRef, call: Call) -> HttpResponse:
    """Send `call` and return its answer, whose status is 2xx.

    A 401 is answered once with a fresh token: the cached one may have been revoked, or signed off
    with the platform's old key.

    Raises:
        ServiceFailed: everything else, by its class.
    """
    token = access_token(services, platform, call.scopes)
    response = _send(services, call, token)
    if response.status == 401:
        token = access_token(services, platform, call.scopes, refused=token)
        response = _send(services, call, token)
    check_status(response)
    return response


def _send(services: Services, call: Call, token: str) -> HttpResponse:
    headers = {"Authorization": f"Bearer {token}"}
    if call.accept:
        headers["Accept"] = call.accept
    body = None
    if call.body is not None:
        headers["Content-Type"] = call.content_type or "application/json"
        # ASCII on one line: Moodle repeats a body that it cannot read in its reason phrase, and
        # a line break there turns its refusal into a 200.
        body = json.dumps(call.body, separators=(",", ":"))
    try:
        return services.door.request(
            call.method,
            call.url,
            headers=headers,
            params=call.params,
            data=body,
            deadline=call.deadline,
            max_bytes=call.max_bytes,
        )
    except HttpRefused as error:
        raise ServiceFailed(Outcome.REFUSED, "address refused") from error
    except HttpError as error:
        raise ServiceFailed(Outcome.UNKNOWN, error.reason) from error


def read_json(response: HttpResponse, media_type: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON of an answer that says it is of `media_type` or plain JSON.

    A maintenance page comes with status 200 and as HTML.

    Raises:
        ServiceFailed: `unknown`, it is something else.
    """
    if response.media_type not in {media_type, "application/json"}:
        raise ServiceFailed(
            Outcome.UNKNOWN, "not the media type", server_time=server_time(response)
        )
    try:
        return response.json()
    except HttpProtocolError as error:
        raise ServiceFailed(Outcome.UNKNOWN, "not JSON") from error
