"""Sends launches to a served tool, as many browsers at once would, and counts them."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.lti_tool.lti.platform import Platform

BROWSERS = 8
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class KeySite:
    """The platform's key URL on a port of its own; counts how often it is asked."""

    def __init__(self, platform: Platform) -> None:
        """Start to serve."""
        site = self
        body = json.dumps({"keys": platform.keys}).encode()
        self.asked = 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked += 1
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/keys"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(module: str, port: int, *arguments: str) -> Iterator[None]:
    """Run `python -m module port …` until the block ends; waits until it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(port), *arguments], stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                raise RuntimeError(f"{module} did not start")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


class Browser:
    """One browser: keeps its connection open, forgets its cookies after each launch."""

    def __init__(self, port: int, platform: Platform) -> None:
        """Open the connection."""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._platform = platform

    def launch(self) -> int:
        """Log in and launch; returns the status of the launch."""
        status, headers = self._post("/lti/login", self._platform.login_params(), "")
        location = dict(headers).get("Location", "")
        if status != 302:
            return status
        cookie = "; ".join(
            value.partition(";")[0] for name, value in headers if name == "Set-Cookie"
        )
        query = dict(parse_qsl(urlsplit(location).query))
        token = self._platform.sign(self._platform.claims(query["nonce"]))
        form = {"id_token": token, "state": query["state"]}
        return self._post("/lti/launch", form, cookie)[0]

    def _post(
        self, path: str, form: dict[str, str], cookie: str
    ) -> tuple[int, list[tuple[str, str]]]:
        self._connection.request("POST", path, urlencode(form), {**_FORM, "Cookie": cookie})
        answer = self._connection.getresponse()
        answer.read()
        return answer.status, answer.getheaders()


def launches_per_second(port: int, platform: Platform, count: int, expected: int) -> float:
    """Send `count` launches from `BROWSERS` browsers at once; all must end with `expected`."""
    left = iter(range(count))
    lock, bad = threading.Lock(), []

    def work() -> None:
        browser = Browser(port, platform)
        while True:
            with lock:
                if next(left, None) is None:
                    return
            status = browser.launch()
            if status != expected:
                bad.append(status)

    Browser(port, platform).launch()
    threads = [threading.Thread(target=work) for _ in range(BROWSERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if bad:
        raise RuntimeError(f"{len(bad)} launches ended with {sorted(set(bad))}")
    return count / seconds
