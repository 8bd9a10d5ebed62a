"""What can go wrong behind the door, in words that name no URL, no header and no body.

None of these is an `OSError`: urllib3 wraps an `OSError` as "Connection aborted", and a layer that
retries would then try a refused address again.
"""

from __future__ import annotations

from typing import ClassVar

NOT_REACHED = "We could not reach this address."


class HttpError(Exception):
    """A request that brought no usable answer.

    `reason` is a short fixed code for logs and for the operator, `host` the host name where it is
    known to be well formed. `may_have_arrived` is False only where no byte of the request left us;
    True means that the other side may have acted on it, so the outcome is unknown.
    `public_message` is all that the person who typed the address may see.
    """

    public_message: ClassVar[str] = NOT_REACHED

    def __init__(self, reason: str, *, host: str = "", may_have_arrived: bool = False) -> None:
        super().__init__(f"{reason} ({host})" if host else reason)
        self.reason = reason
        self.host = host
        self.may_have_arrived = may_have_arrived


class HttpRefused(HttpError):
    """The rules forbid this request; nothing was connected.

    It shares its public message with `HttpUnreachable`: a different text would tell a stranger
    which names and addresses exist inside the operator's network.
    """


class HttpUnreachable(HttpError):
    """No connection could be made, or it broke before the answer was complete."""


class HttpTimedOut(HttpError):
    """The connection stood, but the deadline passed before the answer was complete."""

    public_message = "The other site took too long to answer."


class HttpTooLarge(HttpError):
    """The answer, decoded, is longer than the caller takes."""

    public_message = "The other site sent more than we can take."


class HttpProtocolError(HttpError):
    """What came back is not a whole HTTP message, or not the JSON that was asked for."""

    public_message = "We could not read what the other site sent."
