"""What can go wrong between us and a Moodle, in nine classes that decide what to do next.

Moodle answers errors with HTTP 200 and `{"exception", "errorcode", "message"}`. Only `errorcode`
is stable: exception classes were renamed in 4.5 and messages are translated.
"""

from __future__ import annotations

import re
from enum import StrEnum

_MESSAGE_LENGTH = 300
_TAGS = re.compile(r"<[^>]*>")


class Kind(StrEnum):
    """The class of a failure, and with it what may be done about it."""

    AUTH = "auth"
    """The token or the account is refused: stop the site and tell somebody."""
    CONFIG = "config"
    """A right, a setting or a function is missing: a person has to change Moodle."""
    GONE = "gone"
    """The thing we asked for does not exist any more."""
    TRANSIENT = "transient"
    """It may work in a moment: network, database, lock, 5xx."""
    BUSY = "busy"
    """The whole site asks for patience: maintenance, upgrade, 503, 429."""
    TRUNCATED = "truncated"
    """PHP cut our form off: nothing of the answer may be believed."""
    PROTOCOL = "protocol"
    """Not what a Moodle says: no JSON, or JSON without its key fields."""
    VALIDATION = "validation"
    """Moodle refuses this very request; the same again would fail the same."""
    PARTIAL = "partial"
    """A bulk call did a part of its work and named the rest as refused."""


RETRYABLE = frozenset({Kind.TRANSIENT, Kind.PROTOCOL})
"""Reads that failed so are tried again within a run; BUSY pauses the whole site instead."""

_BY_CODE = {
    Kind.AUTH: (
        "invalidtoken",
        "forcepasswordchangenotice",
        "mustchangepassword",
        "usernotfullysetup",
        "sitepolicynotagreed",
        "wsaccessuserdeleted",
        "wsaccessuserexpired",
        "wsaccessusernologin",
        "wsaccessusersuspended",
        "wsaccessuserunconfirmed",
    ),
    Kind.CONFIG: (
        "accessexception",
        "accessdenied",
        "cannotviewreport",
        "cannotviewprofile",
        "errorcoursecontextnotvalid",
        "requireloginerror",
        "coursehidden",
        "notingroup",
        "customreportsdisabled",
        "enablewsdescription",
        "disabled",
        "notlocalisederrormessage",
    ),
    Kind.GONE: (
        "invaliduser",
        "userdeleted",
        "usernotenroled",
        "invalidcourseid",
        "invalidcoursemodule",
        "invalidcoursemoduleid",
        "invalidrecord",
        "invalidrecordunknown",
        "cannotfinduser",
    ),
    Kind.TRANSIENT: ("dbconnectionfailed", "ex_unabletolock", "locktimeout", "cannotgetlock"),
    Kind.BUSY: ("sitemaintenance", "upgraderunning"),
    Kind.PROTOCOL: ("invalidresponse",),
}
_KIND_OF = {code: kind for kind, codes in _BY_CODE.items() for code in codes}


class MoodleError(Exception):
    """A call that brought nothing to build on.

    `kind` decides what happens next. `code` is Moodle's errorcode or our own short code.
    `function` is the web-service function. `message` is Moodle's text without markup: shown to
    operators, never logged, because it may name people. `retry_after` is in seconds.
    `may_have_arrived` tells that Moodle may have acted on the request: read before sending again.
    """

    def __init__(
        self,
        kind: Kind,
        code: str,
        *,
        function: str = "",
        message: str = "",
        retry_after: float | None = None,
        may_have_arrived: bool = True,
    ) -> None:
        super().__init__(f"{kind}: {code}" + (f" ({function})" if function else ""))
        self.kind = kind
        self.code = code
        self.function = function
        self.message = _TAGS.sub("", message)[:_MESSAGE_LENGTH].strip()
        self.retry_after = retry_after
        self.may_have_arrived = may_have_arrived


class SiteChanged(Exception):
    """The Moodle behind the address is not the one we know: a clone, a rename, a wrong address.

    User and course ids of a copied site mean other people and courses, so nothing may be read or
    written until a person has answered which it is.
    """

    def __init__(self, known: str, found: str) -> None:
        super().__init__(f"we know this site as {known}, it calls itself {found}")
        self.known = known
        self.found = found


def from_moodle(function: str, body: dict[str, object]) -> MoodleError:
    """Return the error that Moodle's error body `{"exception", "errorcode", "message"}` means."""
    code = str(body.get("errorcode") or "unknown")
    message = str(body.get("message") or "")
    return MoodleError(kind_of(code, message), code, function=function, message=message)


def kind_of(code: str, message: str = "") -> Kind:
    """Return the class of a Moodle errorcode; an unknown one is the refusal of this request."""
    if code == "invalidrecord" and "external_functions" in message:
        return Kind.CONFIG  # the table's name is not translated: this Moodle lacks the function
    if code in _KIND_OF:
        return _KIND_OF[code]
    if code.startswith(("dml", "ddl")):
        return Kind.TRANSIENT
    if code.startswith(("nopermission", "notpermitted")):
        return Kind.CONFIG
    return Kind.VALIDATION
