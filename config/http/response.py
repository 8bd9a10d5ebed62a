"""An answer that was received whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, NoReturn
from urllib.parse import urljoin

from config.http.errors import HttpProtocolError


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One answer, of any status; a redirect is an answer like any other.

    `headers` ignores the case of its keys and joins repeated fields with a comma. `body` is decoded
    from its content coding. `elapsed` is in seconds. The representation shows neither URL, headers
    nor body, so that it may be logged.
    """

    status: int
    reason: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)
    elapsed: float

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def location(self) -> str | None:
        """The absolute target of a redirect, or None where there is none or it is no URL."""
        target = self.headers.get("Location")
        if target is None:
            return None
        try:
            return urljoin(self.url, target)
        except ValueError:
            return None

    @property
    def media_type(self) -> str:
        """The content type in lower case without its parameters, "" where it is missing."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body in the charset it names, else UTF-8; what does not fit shows as U+FFFD."""
        header = Message()
        header["Content-Type"] = self.headers.get("Content-Type", "text/plain")
        charset = header.get_content_charset("utf-8")
        try:
            return self.body.decode(charset, errors="replace")
        except (LookupError, ValueError):
            return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:  # noqa: ANN401 - any JSON value; callers check its shape
        """Return the body as strict JSON (RFC 8259: UTF-8, no byte order mark, no NaN).

        Raises `HttpProtocolError`, which names nothing of the body.
        """
        value, readable = None, True
        try:
            value = json.loads(self.body.decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError):
            # Raised below, outside: the decoder's error holds the whole document.
            readable = False
        if not readable:
            raise HttpProtocolError("not JSON", may_have_arrived=True)
        return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
