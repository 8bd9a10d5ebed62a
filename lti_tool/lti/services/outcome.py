"""How a platform may answer a service call, in classes that callers settle by."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from config.clock import utcnow
from config.http import HttpResponse

_MAX_RETRY_AFTER = 24 * 3600


class Outcome(StrEnum):
    """The classes of answers; each calls for another way to go on."""

    ACCEPTED = "accepted"
    """Done."""
    OLDER = "older"
    """409: the platform holds something that is as new or newer."""
    REFUSED = "refused"
    """The platform, or our own rules for addresses, will not take this; repeating cannot help."""
    UNAUTHORISED = "unauthorised"
    """No token to be had, or a fresh token was refused."""
    GONE = "gone"
    """403, 404 or 410: what the URL named is not there for us (any more)."""
    BUSY = "busy"
    """429 or 503: later, after `retry_after` seconds where the platform said so."""
    UNKNOWN = "unknown"
    """No usable answer: it may or may not have been done, so send the very same again."""


class ServiceFailed(Exception):
    """A service call that did not bring what it was to bring.

    `detail` is a short code for logs and for the operator: a status, a fixed word of ours, or an
    OAuth error code; never a URL, a body or a name.
    """

    def __init__(
        self,
        outcome: Outcome,
        detail: str,
        *,
        retry_after: int | None = None,
        server_time: datetime | None = None,
    ) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome = outcome
        self.detail = detail
        self.retry_after = retry_after
        self.server_time = server_time


_BY_STATUS = {
    401: Outcome.UNAUTHORISED,
    403: Outcome.GONE,
    404: Outcome.GONE,
    408: Outcome.UNKNOWN,
    409: Outcome.OLDER,
    410: Outcome.GONE,
    429: Outcome.BUSY,
    503: Outcome.BUSY,
}


def check_status(response: HttpResponse) -> None:
    """Raise `ServiceFailed` unless the status is 2xx.

    A redirect is no answer to a service call: following it would carry the token elsewhere.
    """
    if response.ok:
        return
    refused = Outcome.REFUSED if 400 <= response.status < 500 else Outcome.UNKNOWN
    raise ServiceFailed(
        _BY_STATUS.get(response.status, refused),
        str(response.status),
        retry_after=retry_after(response),
        server_time=server_time(response),
    )


def server_time(response: HttpResponse) -> datetime | None:
    """Return the platform's clock as its Date header tells it, None where it does not."""
    return _http_date(response.headers.get("Date"))


def retry_after(response: HttpResponse) -> int | None:
    """Return the seconds to wait that the platform asks for (RFC 9110 §10.2.3), at most a day."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(int(value[:9]), _MAX_RETRY_AFTER)
    moment = _http_date(value)
    if moment is None:
        return None
    now = server_time(response) or utcnow()
    return min(max(0, int((moment - now).total_seconds())), _MAX_RETRY_AFTER)


def _http_date(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
