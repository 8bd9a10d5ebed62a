"""A stand-in Moodle on a real socket that reproduces, by name, the traps met on real ones.

    with StandIn(small_school()) as moodle:
        moodle.traps.add("startup noise")          # stays until it is taken away
        moodle.faults += ["reset", "http 500"]     # each spoils one request, in turn
        moodle.rights.discard("moodle/user:viewdetails")   # lists get shorter without a word

Traps: "truncation", "startup noise", "maintenance by gui", "maintenance by cli", "upgrade",
"database down", "web services off", "redirect", "html", "wrong site", "repeating page".
Faults: "reset", "truncated body", "html", "http 500", "http 503", "http 429", "lost answer",
"silence". Token faults: `moodle.expire_token()`.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl

from tests.moodle_sync.answers import Answers, Refusal
from tests.moodle_sync.school import ALL_RIGHTS, School

TOKEN = "0123456789abcdef0123456789abcdef"
BULK = frozenset(
    {
        "core_reportbuilder_list_reports",
        "core_reportbuilder_retrieve_report",
        "core_reportbuilder_set_filters",
        "tool_mobile_call_external_functions",
    }
)
NOISE = (
    "<br />\n<b>Warning</b>:  PHP Startup: Unable to load dynamic library 'x' in <b>Unknown</b> "
    "on line <b>0</b><br />\n"
)
TRUNCATED_NOISE = (
    "<br />\n<b>Warning</b>:  PHP Request Startup: Input variables exceeded 1000. To increase the "
    "limit change max_input_vars in php.ini. in <b>Unknown</b> on line <b>0</b><br />\n"
)
PAGE = "<!DOCTYPE html><html><head><title>Busy</title></head><body>{not json}</body></html>"


class StandIn:
    """One Moodle. `tier` 2 gives it a report and the batch function as well."""

    def __init__(
        self, school: School, *, tier: int = 1, latency: Callable[[str, int], float] | None = None
    ) -> None:
        self.school = school
        self.rights = set(ALL_RIGHTS)
        self.traps: set[str] = set()
        self.faults: deque[str] = deque()
        self.calls: list[str] = []
        self.forms: list[list[tuple[str, str]]] = []
        self.token_state = "valid"
        self.max_input_vars = 1000
        self.latency = latency
        self.answer_seconds = 0.0
        self.before: Callable[[str], None] | None = None
        self._lock = threading.RLock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.moodle = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.answers = Answers(school, self.url, self.rights, set())
        self.answers.functions |= {
            name for name in self.answers.table if tier == 2 or name not in BULK
        }
        self.answers.has_report = tier == 2
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for the door's list."""
        return "127.0.0.1", int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def expire_token(self) -> None:
        """The first use is refused as accessexception and deletes the token."""
        self.token_state = "expired"

    def respond(self, body: bytes) -> tuple[int, dict[str, str], bytes, str]:
        """Return status, headers, body and the socket fault for one request."""
        started = time.monotonic()
        form = parse_qsl(body.decode(), keep_blank_values=True)
        with self._lock:
            fault = self.faults.popleft() if self.faults else ""
            function = dict(form).get("wsfunction", "")
            self.calls.append(function)
            self.forms.append(form)
            if self.before is not None:
                self.before(function)
            status, headers, text = self._respond(form, fault)
        if self.latency is not None:
            time.sleep(max(0.0, started + self.latency(function, len(text)) - time.monotonic()))
            with self._lock:
                self.answer_seconds += time.monotonic() - started
        return status, headers, text.encode(), fault

    def _respond(self, form: list[tuple[str, str]], fault: str) -> tuple[int, dict[str, str], str]:
        whole = _WHOLE_SITE.get(next(iter(self.traps & _WHOLE_SITE.keys()), ""))
        if whole is not None:
            return whole
        if "redirect" in self.traps:
            return (
                301,
                {"Location": "https://www.example.org/moodle/webservice/rest/server.php"},
                "",
            )
        if fault in _SPOILED:
            return _SPOILED[fault]
        noise = NOISE if "startup noise" in self.traps else ""
        if len(form) > self.max_input_vars:
            form = form[: self.max_input_vars]
            noise = TRUNCATED_NOISE if "truncation" in self.traps else ""
        try:
            answer = json.dumps(self._call(form))
        except Refusal as refusal:
            answer = json.dumps(
                {
                    "exception": "core\\exception\\moodle_exception",
                    "errorcode": refusal.code,
                    "message": refusal.message,
                }
            )
        return 200, {"Content-Type": "application/json"}, noise + answer

    def _call(self, form: list[tuple[str, str]]) -> Any:
        fields = dict(form)
        if "database down" in self.traps:
            raise Refusal("dbconnectionfailed", "<p>Error: Database connection failed</p>")
        if "maintenance by gui" in self.traps:
            raise Refusal("sitemaintenance")
        if "upgrade" in self.traps:
            raise Refusal("upgraderunning")
        if self.token_state == "expired":
            self.token_state = "deleted"
            raise Refusal("accessexception")
        if self.token_state == "deleted" or fields.get("wstoken") != TOKEN:
            raise Refusal("invalidtoken", "Invalid token - token not found")
        if "webservice/rest:use" not in self.rights:
            raise Refusal("accessexception")
        if "wsfunction" not in fields:
            raise Refusal("invalidparameter")
        self.answers.siteurl = "https://clone.example" if "wrong site" in self.traps else self.url
        params = nested([f for f in form if f[0] not in {"wstoken", "wsfunction"}])
        if "repeating page" in self.traps:
            params["options"] = [o for o in params.get("options", []) if o["name"] != "limitfrom"]
        return self.answers.answer(fields["wsfunction"], params)


_WHOLE_SITE = {
    "web services off": (403, {}, ""),
    "maintenance by cli": (503, {"Retry-After": "300", "Content-Type": "text/html"}, PAGE),
    "html": (200, {"Content-Type": "text/html"}, PAGE),
}
_SPOILED = {
    "html": (200, {"Content-Type": "text/html"}, PAGE),
    "http 500": (500, {}, ""),
    "http 503": (503, {"Retry-After": "120"}, PAGE),
    "http 429": (429, {"Retry-After": "7"}, ""),
}


def nested(form: list[tuple[str, str]]) -> dict[str, Any]:
    """Read PHP-style names back into lists and objects."""
    root: dict[str, Any] = {}
    for name, value in form:
        path = re.findall(r"[^\[\]]+", name)
        node = root
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = value
    return {key: _lists(value) for key, value in root.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _lists(item) for key, item in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    moodle: StandIn

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: clients that go away are part of the trial."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # headers and body in one packet: no delayed acknowledgement in between
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, text, fault = self.server.moodle.respond(body)
        if fault in {"reset", "lost answer"}:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.connection.close()
            return
        self.send_response_only(status)
        self.send_header("Date", formatdate(self.server.moodle.school.clock, usegmt=True))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if fault == "truncated body":
            self.wfile.write(text[: len(text) // 2])
            self.close_connection = True
            return
        self.wfile.write(text)

    do_GET = do_POST  # noqa: N815 - the base class's spelling

    def log_message(self, *_: object) -> None:
        """Say nothing."""
