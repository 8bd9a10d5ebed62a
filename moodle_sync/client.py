"""One request to Moodle's REST server, and what may be believed of its answer."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from config.http import (
    HttpDoor,
    HttpError,
    HttpProtocolError,
    HttpRefused,
    HttpResponse,
    HttpTooLarge,
)
from moodle_sync.errors import Kind, MoodleError, from_moodle
from moodle_sync.form import Params, fields

MAX_FIELDS = 900
"""PHP's `max_input_vars` is 1000 where nobody raised it; what is over it is dropped silently."""
DEADLINE = 55.0
"""Seconds; gateways in front of Moodle give up at 60."""
MAX_BYTES = 24_000_000

_PATH = "/webservice/rest/server.php"
# In the query string, where PHP counts its variables apart from the form's. English and UTC keep
# report cells readable whatever the account's own language and zone are.
_QUERY = {
    "moodlewsrestformat": "json",
    "moodlewssettinglang": "en",
    "moodlewssettingtimezone": "UTC",
}
_TRUNCATED = b"Input variables exceeded"
_JSON_START = re.compile(r'(?:^|>|\n)\s*([\[{"]|null\b|true\b|false\b|-?\d)')
_MAX_NOISE_STARTS = 20
_PROBE_FIELDS = 1200


class Caller(Protocol):
    """Whatever can run a web-service function: the client, or a double in a trial."""

    def call(self, function: str, params: Params | None = None) -> Any:  # noqa: ANN401
        """Return the decoded answer of `function`; raise `MoodleError`."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """A decoded answer; `moodle_time` is Moodle's own clock (Unix seconds) from its Date header."""

    data: Any
    moodle_time: int | None
    seconds: float
    size: int


@dataclass(slots=True)
class Usage:
    """What a client has cost Moodle so far."""

    requests: int = 0
    seconds: float = 0.0
    received: int = 0


class MoodleClient:
    """Calls one Moodle with one token; safe for many threads.

    The token goes first in the body and `wsfunction` last: a form that PHP cut off then names no
    function and fails as a whole, where it would otherwise act on what is left. `on_answer` hears
    of each answer (function, seconds, bytes, error or None), for pace and figures. `moodle_time`
    is the clock of Moodle (Unix seconds) when it answered last.
    """

    def __init__(
        self,
        door: HttpDoor,
        wwwroot: str,
        token: str,
        *,
        deadline: float = DEADLINE,
        max_bytes: int = MAX_BYTES,
        on_answer: Callable[[str, float, int, MoodleError | None], None] | None = None,
    ) -> None:
        self._door = door
        self._url = wwwroot.rstrip("/") + _PATH
        self._token = token
        self._deadline = deadline
        self._max_bytes = max_bytes
        self.on_answer = on_answer
        self._lock = threading.Lock()
        self.usage = Usage()
        self.moodle_time: int | None = None

    def call(self, function: str, params: Params | None = None) -> Any:  # noqa: ANN401
        """Return the decoded answer of `function`; raises `MoodleError`."""
        return self.ask(function, params).data

    def ask(self, function: str, params: Params | None = None) -> Answer:
        """Return the answer of `function` with Moodle's clock; raises `MoodleError`."""
        form = [("wstoken", self._token), *fields(params or {}), ("wsfunction", function)]
        if len(form) > MAX_FIELDS:
            raise MoodleError(
                Kind.TRUNCATED, "toomanyfields", function=function, may_have_arrived=False
            )
        return self._send(function, form)

    def probe_form_size(self) -> None:
        """Send a greeting behind 1,200 copies of a field that says nothing.

        A form that PHP cuts off at its default of 1000 names no function, which Moodle refuses;
        one that arrives whole is answered, or refused for the unknown field. Raises `MoodleError`
        where it was cut off.
        """
        function = "core_course_get_courses_by_field"
        padding = [(f"value[{number}]", "") for number in range(_PROBE_FIELDS)]
        token = ("wstoken", self._token)
        form = [token, ("field", "id"), *padding, ("wsfunction", function)]
        whole = [token, ("field", "id"), ("value[0]", ""), ("wsfunction", function)]
        codes = []
        for shape in (whole, form):
            try:
                self._send(function, shape)
                codes.append("")
            except MoodleError as error:
                codes.append(f"{error.code}: {error.message}")
        if codes[0] != codes[1]:
            raise MoodleError(Kind.TRUNCATED, codes[1].partition(":")[0], function=function)

    def _send(self, function: str, form: list[tuple[str, str]]) -> Answer:
        failure: MoodleError | None = None
        response: HttpResponse | None = None
        data: Any = None
        try:
            response = self._door.post(
                self._url,
                params=_QUERY,
                data=form,
                deadline=self._deadline,
                max_bytes=self._max_bytes,
            )
            data = read_answer(function, response)
        except HttpError as error:
            failure = _from_transport(function, error)
        except MoodleError as error:
            failure = error
        seconds = response.elapsed if response else self._deadline
        size = len(response.body) if response else 0
        self._count(seconds if response else 0.0, size)
        if self.on_answer is not None:
            self.on_answer(function, seconds, size, failure)
        if failure is not None:
            # Raised outside the except blocks: what they hold names the token's address.
            raise failure.with_traceback(None)
        self.moodle_time = _date(response) or self.moodle_time
        return Answer(data, self.moodle_time, seconds, size)

    def _count(self, seconds: float, size: int) -> None:
        with self._lock:
            self.usage.requests += 1
            self.usage.seconds += seconds
            self.usage.received += size


def read_answer(function: str, response: HttpResponse) -> Any:  # noqa: ANN401
    """Return the JSON of an answer, or raise the `MoodleError` that it means."""
    if 300 <= response.status < 400:
        raise MoodleError(
            Kind.CONFIG,
            "redirect",
            function=function,
            message=f"The address redirects to {_place(response.location)}; enter that address.",
        )
    if _TRUNCATED in response.body:
        raise MoodleError(Kind.TRUNCATED, "inputvarsexceeded", function=function)
    if response.status != 200:
        raise _from_status(function, response)
    data = parse(function, response.body)
    if isinstance(data, dict) and "exception" in data and "errorcode" in data:
        raise from_moodle(function, data)
    return data


def parse(function: str, body: bytes) -> Any:  # noqa: ANN401
    """Return the JSON in `body`, past a byte order mark and past PHP's start-up warnings.

    Warnings are only looked for where the body does not begin like JSON: the tail of a JSON
    document that was cut or damaged may be JSON itself, and must not be taken for the answer.
    """
    text = body.decode("utf-8-sig", errors="replace").strip()
    starts = [0]
    if not text or text[0] not in '[{"-0123456789ntf':
        starts = [match.start(1) for match in _JSON_START.finditer(text)][:_MAX_NOISE_STARTS]
    for start in starts:
        try:
            return json.loads(text[start:] if start else text)
        except (ValueError, RecursionError):
            continue
    raise MoodleError(Kind.PROTOCOL, "notjson", function=function)


def _from_status(function: str, response: HttpResponse) -> MoodleError:
    status = response.status
    patience = _retry_after(response)
    if status in {429, 503} or patience is not None:
        return MoodleError(Kind.BUSY, f"http{status}", function=function, retry_after=patience)
    if status == 403 and not response.body.strip():
        return MoodleError(
            Kind.CONFIG,
            "webservicesoff",
            function=function,
            message="Web services or the REST protocol are switched off.",
        )
    if status == 403:
        return MoodleError(Kind.BUSY, "http403", function=function)  # a gate in front of Moodle
    if status >= 500 or status == 408:
        return MoodleError(Kind.TRANSIENT, f"http{status}", function=function)
    return MoodleError(Kind.CONFIG, f"http{status}", function=function)


def _from_transport(function: str, error: HttpError) -> MoodleError:
    if isinstance(error, HttpRefused):
        kind = Kind.CONFIG
    elif isinstance(error, HttpProtocolError | HttpTooLarge):
        kind = Kind.PROTOCOL
    else:
        kind = Kind.TRANSIENT
    return MoodleError(
        kind,
        error.reason.replace(" ", ""),
        function=function,
        message=error.public_message,
        may_have_arrived=error.may_have_arrived,
    )


def _retry_after(response: HttpResponse) -> float | None:
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        now = parsedate_to_datetime(response.headers.get("Date", ""))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):
        return None


def _date(response: HttpResponse | None) -> int | None:
    if response is None:
        return None
    try:
        return int(parsedate_to_datetime(response.headers.get("Date", "")).timestamp())
    except (TypeError, ValueError):
        return None


def _place(url: str | None) -> str:
    parts = urlsplit(url or "")
    path = parts.path.removesuffix(_PATH)
    return f"{parts.scheme}://{parts.netloc}{path}" if parts.netloc else "an unreadable address"
