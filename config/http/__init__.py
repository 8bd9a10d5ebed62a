"""The one door for outgoing HTTP: public addresses only, within a deadline and a size."""

from __future__ import annotations

from config.http.door import HttpDoor
from config.http.errors import (
    HttpError,
    HttpProtocolError,
    HttpRefused,
    HttpTimedOut,
    HttpTooLarge,
    HttpUnreachable,
)
from config.http.response import HttpResponse

__all__ = [
    "HttpDoor",
    "HttpError",
    "HttpProtocolError",
    "HttpRefused",
    "HttpResponse",
    "HttpTimedOut",
    "HttpTooLarge",
    "HttpUnreachable",
]
