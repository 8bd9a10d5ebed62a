"""A small HTTP server that misbehaves on request, on a real socket.

    with FaultServer() as server:
        server.script("/token", json_answer({"access_token": "x"}))        # the same every time
        server.script("/scores", status(503, retry_after=2), reset(), json_answer({}))
        ...                                       # in turn; the last one answers from then on
        server.script("/ws", lambda request: json_answer(request.form))    # computed per request
        door.post(server.url + "/scores", json=...)
        assert [r.path for r in server.requests] == ["/scores"]

Paths are compared without their query; a path without a script is answered 404. Every request is
recorded before it is answered, so an answer that is lost still leaves its trace. Connections are
kept alive after a whole answer; `server.connections` counts them. `FaultServer(tls=context)` speaks
TLS. Faults that last end at once when the server closes. Allow it in the door with
`allowed_hosts=[server.address]`.
"""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived."""

    method: str
    path: str
    query: str
    headers: Message
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of an urlencoded body."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


# What an answer writes, piece by piece; a number is a pause in seconds.
Pieces = Iterator[bytes | float]


@dataclass(frozen=True, slots=True)
class Answer:
    """How one request is answered: what is written, and how the connection ends."""

    write: Callable[[], Pieces]
    keep: bool = False  # keep the connection alive afterwards
    reset: bool = False  # end it with RST


Script = Answer | Callable[[Request], Answer]


def status(
    code: int = 200,
    body: bytes = b"",
    *,
    headers: Mapping[str, str] | None = None,
    content_type: str = "text/plain",
    retry_after: int | None = None,
) -> Answer:
    """A whole answer of any status."""
    extra = {"Retry-After": str(retry_after)} if retry_after is not None else {}
    fields = {"Content-Type": content_type, "Content-Length": str(len(body)), **extra}
    head = _head(code, {**fields, **(headers or {})})
    return Answer(lambda: iter([head + body]), keep=True)


def json_answer(value: object, code: int = 200, **headers: str) -> Answer:
    """A whole JSON answer; a keyword names a header, `_` standing for `-`."""
    fields = {name.replace("_", "-"): text for name, text in headers.items()}
    body = json.dumps(value).encode()
    return status(code, body, headers=fields, content_type="application/json")


def html(text: str = "<h1>Maintenance</h1>", code: int = 200) -> Answer:
    """An HTML page where something else was asked for."""
    return status(code, text.encode(), content_type="text/html; charset=utf-8")


def redirect(target: str, code: int = 302) -> Answer:
    """A redirect to `target`."""
    return status(code, headers={"Location": target})


def zipped(body: bytes, **headers: str) -> Answer:
    """A whole answer in gzip: with many equal bytes, a bomb."""
    return status(200, gzip.compress(body), headers={"Content-Encoding": "gzip", **headers})


def late(seconds: float, then: Answer) -> Answer:
    """`then`, after a pause."""

    def write() -> Pieces:
        yield seconds
        yield from then.write()

    return Answer(write, keep=then.keep, reset=then.reset)


def silence() -> Answer:
    """Nothing, with the connection left open."""
    return Answer(lambda: iter([3600.0]))


def reset() -> Answer:
    """RST instead of an answer: the answer is lost, the request was received."""
    return Answer(lambda: iter([]), reset=True)


def truncated(body: bytes = b'{"a": 1', missing: int = 100, *, by_reset: bool = False) -> Answer:
    """A body that ends `missing` bytes early, by FIN or by RST."""
    head = _head(200, {"Content-Length": str(len(body) + missing)})
    return Answer(lambda: iter([head + body]), reset=by_reset)


def garbage(data: bytes = b"\x00\xffSSH-2.0-nonsense\r\n\r\n") -> Answer:
    """Bytes that are not HTTP."""
    return Answer(lambda: iter([data]))


def trickle_body(pause: float = 0.05) -> Answer:
    """A body that comes byte by byte and does not end."""
    return Answer(lambda: _trickle(_head(200, {"Content-Length": "1000000"}), b"x", pause))


def trickle_headers(pause: float = 0.05) -> Answer:
    """A header that comes byte by byte and does not end."""
    return Answer(lambda: _trickle(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x", pause))


def endless() -> Answer:
    """A body that comes as fast as it is read and does not end."""
    return Answer(lambda: _trickle(_head(200, {"Content-Type": "text/plain"}), b"x" * 65536, 0.0))


def _head(code: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {code} Scripted", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _trickle(first: bytes, then: bytes, pause: float) -> Pieces:
    yield first
    while True:
        yield pause
        yield then


class FaultServer:
    """The server; `url`, `address`, `requests` and `connections` tell the test about it."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._scripts: dict[str, list[Script]] = {}
        self._lock = threading.Condition()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.address: tuple[str, int] = ("127.0.0.1", self._server.server_address[1])
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def script(self, path: str, *answers: Script) -> None:
        """Answer `path` with each of `answers` in turn, then with the last one."""
        with self._lock:
            self._scripts[path] = list(answers)

    def answer(self, request: Request) -> Answer:
        """Record `request` and choose its answer."""
        with self._lock:
            self.requests.append(request)
            self._lock.notify_all()
            answers = self._scripts.get(request.path, [status(404)])
            script = answers.pop(0) if len(answers) > 1 else answers[0]
        return script if isinstance(script, Answer) else script(request)

    def wait_for(self, count: int, seconds: float = 10.0) -> None:
        """Return when `count` requests have arrived; raise `TimeoutError` if they do not."""
        with self._lock:
            if not self._lock.wait_for(lambda: len(self.requests) >= count, seconds):
                raise TimeoutError(f"{len(self.requests)} of {count} requests came")

    def pause(self, seconds: float) -> bool:
        """Wait; returns False when the server closes meanwhile."""
        return not self._closing.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are what this server is for."""


def _handler(server: FaultServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            server.connections += 1

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            target = urlsplit(self.path)
            answer = server.answer(
                Request(self.command, target.path, target.query, self.headers, body)
            )
            for piece in answer.write():
                if isinstance(piece, bytes):
                    self.wfile.write(piece)
                elif not server.pause(piece):
                    break
            self.close_connection = not answer.keep
            if answer.reset:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Print nothing."""

    return Handler
