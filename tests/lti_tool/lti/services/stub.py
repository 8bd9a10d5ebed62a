"""A platform on a real socket that answers as it is told, by default as Moodle 4.5.6 did."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from config.clock import utcnow
from config.database import Base
from config.ids import new_id
from config.settings import Settings
from lti_tool.lti.keys import ACTIVE, key_ring, store_key
from lti_tool.lti.models import Deployment, Platform
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.people.models import Tenant
from lti_tool.services import Services, build_services

RECORDINGS = Path(__file__).parents[3] / "recordings" / "moodle-4.5.6" / "lti"
RECORDED_ORIGIN = "https://moodle.localhost:8443"
TOKEN_PATH = "/mod/lti/token.php"


def recording(name: str) -> Any:
    return json.loads((RECORDINGS / f"{name}.json").read_text())


@dataclass
class Seen:
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    raw_query: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


Answer = Reply | Callable[[Seen], Reply]


class StubPlatform:
    """Hands out tokens t1, t2, …; services take those that were not revoked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: list[Seen] = []
        self.answers: dict[tuple[str, str], list[Answer]] = {}
        self.token_count = 0
        self.token_answer: Answer | None = None
        self.tokens: dict[str, str] = {}

    def on(self, method: str, path: str, *answers: Answer) -> None:
        """Answer one after the other; the last one stays."""
        self.answers[method, path] = list(answers)

    def replay(self, name: str, **headers: str) -> None:
        """Answer the recorded request as it was answered."""
        known = recording(name)
        path = urlsplit(known["request"]["url"]).path
        self.on(known["request"]["method"], path, self.reply(name, **headers))

    def reply(self, name: str, **headers: str) -> Reply:
        known = recording(name)
        body = known["body"] if isinstance(known["body"], str) else json.dumps(known["body"])
        moved = {key: self._moved(value) for key, value in known.get("headers", {}).items()}
        return Reply(known["status"], self._moved(body), {**moved, **headers})

    def _moved(self, text: str) -> str:
        return text.replace(RECORDED_ORIGIN, self.url)

    def answer(self, seen: Seen) -> Reply:
        self.seen.append(seen)
        if seen.path == TOKEN_PATH:
            return self._token(seen)
        answers = self.answers.get((seen.method, seen.path))
        if answers is None:
            return Reply(404, "[]", {"Content-Type": "application/json"})
        if seen.path.startswith("/mod/lti/services.php") and not self._may(seen):
            return self.reply("nrps_badtoken", **{"Content-Type": "application/json"})
        chosen = answers.pop(0) if len(answers) > 1 else answers[0]
        return chosen(seen) if callable(chosen) else chosen

    def revoke(self) -> None:
        """Take every token back."""
        self.tokens.clear()

    def _may(self, seen: Seen) -> bool:
        return seen.headers.get("authorization", "").removeprefix("Bearer ") in self.tokens

    def _token(self, seen: Seen) -> Reply:
        if self.token_answer is not None:
            answer = self.token_answer
            return answer(seen) if callable(answer) else answer
        self.token_count += 1
        token = f"t{self.token_count}"
        self.tokens[token] = seen.form["scope"]
        body = {**recording("token_response"), "access_token": token}
        return Reply(200, json.dumps(body), {"Content-Type": "application/json"})

    def calls(self, path_end: str = "") -> list[Seen]:
        """The requests that were not for tokens."""
        return [
            seen for seen in self.seen if seen.path != TOKEN_PATH and seen.path.endswith(path_end)
        ]

    def token_calls(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.path == TOKEN_PATH]


def _handler(stub: StubPlatform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            seen = Seen(
                method=self.command,
                path=parts.path,
                query=parse_qs(parts.query),
                raw_query=parts.query,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length).decode(),
            )
            reply = stub.answer(seen)
            body = reply.body.encode()
            self.send_response_only(reply.status)
            if "Date" not in reply.headers:
                self.send_header("Date", format_datetime(utcnow(), usegmt=True))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    return Handler


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the tool hangs up on answers that are too long."""


@contextmanager
def running_platform() -> Iterator[StubPlatform]:
    server = _Server(("127.0.0.1", 0), BaseHTTPRequestHandler)
    stub = StubPlatform(f"http://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass = _handler(stub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@cache
def tool_key() -> RSAKey:
    """One key for all tests: making one takes tenths of a second."""
    return RSAKey.generate_key(2048)


@contextmanager
def running_services(
    folder: Path, *urls: str, demo: bool = True, database_url: str | None = None
) -> Iterator[Services]:
    """The tool's shared parts on an own database, allowed to call `urls`."""
    services = build_services(
        Settings(
            public_url="http://127.0.0.1:5000" if demo else "https://tool.example.org",
            secret_key="tests-only-0123456789-abcdefghijklmnop",
            seal_keys="tests-only-seal-0123456789-abcdefghij",
            database_url=database_url or f"sqlite:///{folder / 'tool.db'}",
            demo=demo,
            allowed_hosts=",".join(urlsplit(url).netloc for url in urls),
        )
    )
    Base.metadata.create_all(services.database.engine)
    with services.database.write() as session:
        store_key(session, services.seal, tool_key(), ACTIVE, utcnow())
    try:
        yield services
    finally:
        services.door.close()
        services.database.dispose()


def add_tenant(services: Services, slug: str, *, wants_names: bool = False) -> str:
    with services.database.write() as session:
        tenant = Tenant(id=new_id(), slug=slug, name=f"Partner {slug}", wants_names=wants_names)
        session.add(tenant)
        session.flush()
        return tenant.id


def add_platform_row(
    services: Services,
    tenant_id: str,
    url: str,
    *,
    client_id: str = "UQHV8AnDORXdsbb",
    product: str = "moodle",
) -> PlatformRef:
    with services.database.write() as session:
        platform = Platform(
            tenant_id=tenant_id,
            issuer=url,
            client_id=client_id,
            name="stub",
            product=product,
            auth_url=f"{url}/mod/lti/auth.php",
            token_url=f"{url}{TOKEN_PATH}",
            jwks_url=f"{url}/mod/lti/certs.php",
            status="active",
            frame_origins=[],
        )
        session.add(platform)
        session.flush()
        session.add(Deployment(tenant_id=tenant_id, platform_id=platform.id, deployment_id="1"))
        return PlatformRef(tenant_id, platform.id, client_id, platform.token_url, product)


def published_keys(services: Services) -> KeySet:
    keys = [dict(key) for key in key_ring(services).published()]
    return KeySet.import_key_set({"keys": keys})


def decode(services: Services, token: str) -> jwt.Token:
    """Check a JWT of ours against our published keys, as a platform does."""
    return jwt.decode(token, published_keys(services), algorithms=["RS256"])
