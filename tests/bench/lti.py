"""How much a launch costs: CPU in process, launches a second through gunicorn, key set fetches."""

from __future__ import annotations

import io
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask

from config.database import Base, Database
from config.settings import Settings
from lti_tool import tables
from lti_tool.web.app import create_app  # noqa
from tests.lti_tool.lti.conftest import services_on
from tests.lti_tool.lti.platform import KeyServer, Platform

LAUNCHES = 1000
_WARM_UP = 50
_PUBLIC_URL = "https://tool.example.org"

Answer = tuple[str, list[tuple[str, str]], float]


def bench_settings(url: str) -> Settings:
    """The settings of a production installation."""
    return Settings(
        public_url=_PUBLIC_URL,
        secret_key="a-bench-secret-key-0123456789-abcdefghi",
        seal_keys=("a-bench-seal-key-9876543210-jihgfedcba",),
        database_url=url,
        log_level="ERROR",
    )


def prepare(url: str) -> None:
    """Make the schema."""
    assert tables.TABLES
    database = Database(url)
    Base.metadata.create_all(database.engine)
    database.dispose()


def post(app: Flask, path: str, form: dict[str, str], cookie: str = "") -> Answer:
    """Send one form through WSGI; returns status, headers and the CPU seconds it took."""
    body = urlencode(form).encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "tool.example.org",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "tool.example.org",
        "HTTP_COOKIE": cookie,
        "HTTP_ACCEPT_LANGUAGE": "hu,en;q=0.8",
        "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    seen: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
        seen.update(status=status, headers=headers)

    began = time.process_time()
    b"".join(app(environ, start_response))  # type: ignore[arg-type]
    return seen["status"], seen["headers"], time.process_time() - began


def launch_cpu(app: Flask, platform: Platform, count: int) -> list[float]:
    """CPU seconds of `count` launches, login and launch together.

    All logins come first, then the tokens are signed, then all launches: signing is the platform's
    work and would only blur the tool's.
    """
    waiting = []
    for _ in range(count):
        status, headers, seconds = post(app, "/lti/login", platform.login_params())
        assert status.startswith("302"), status
        found = dict(headers)
        query = dict(parse_qsl(urlsplit(found["Location"]).query))
        cookie = found["Set-Cookie"].partition(";")[0]
        token = platform.sign(platform.claims(query["nonce"]))
        waiting.append((seconds, token, query["state"], cookie))
    spent = []
    for seconds, token, state, cookie in waiting:
        form = {"id_token": token, "state": state}
        status, _, more = post(app, "/lti/launch", form, cookie)
        assert status.startswith("303"), status
        spent.append(seconds + more)
    return spent


def figures() -> Iterator[dict[str, object]]:
    """Yield the figures of the group `lti` that this file takes."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        prepare(url)
        settings = bench_settings(url)
        database, keys = Database(url), KeyServer()
        app = create_app(settings, services_on(settings, database, keys))
        platform = Platform(public_url=_PUBLIC_URL).register(database).serve_keys(keys)
        launch_cpu(app, platform, _WARM_UP)
        spent = launch_cpu(app, platform, LAUNCHES)
        yield {
            "name": "launch_cpu_ms",
            "value": round(statistics.median(spent) * 1000, 3),
            "unit": "ms CPU, median of login + launch, SQLite synchronous=FULL",
        }
        fetches = len(keys.asked) * 1000 / (LAUNCHES + _WARM_UP)
        yield {
            "name": "jwks_fetches_per_1000_launches",
            "value": round(fetches, 2),
            "unit": "count",
        }
        database.dispose()


if __name__ == "__main__":
    for figure in figures():
        print(figure)
