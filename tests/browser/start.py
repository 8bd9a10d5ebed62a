"""Starts what a browser test needs: the demo as people start it, Chromium as people have it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from config.database import Database
from tests.browser.stage import Demo

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


class NotStarted(Exception):
    """The demo or the browser did not come up; the text says what it wrote."""


def find_chromium() -> str | None:
    """The browser of this machine; nothing is downloaded."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


@contextmanager
def launched(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """Chromium as Playwright launches it: quick, but its storage is not what people have."""
    browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
    yield browser
    browser.close()


@contextmanager
def careful(playwright: Playwright, chromium: str, profile: Path) -> Iterator[Browser]:
    """Chromium as a careful person has it: third-party cookies blocked, storage partitioned.

    Playwright's own launch switches storage partitioning off, which would show us a browser that
    nobody has; so Chromium is started as people start it and only watched.
    """
    (profile / "Default").mkdir()
    preferences = {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}
    (profile / "Default" / "Preferences").write_text(json.dumps(preferences))
    process = subprocess.Popen(
        [chromium, "--headless=new", *ARGUMENTS, "--remote-debugging-port=0", "--no-first-run",
         f"--user-data-dir={profile}", "about:blank"],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{_port_of(profile)}")
        yield browser
        browser.close()
    finally:
        process.terminate()
        process.wait(20)


def _port_of(profile: Path) -> str:
    for _ in range(200):
        try:
            return (profile / "DevToolsActivePort").read_text().splitlines()[0]
        except (FileNotFoundError, IndexError):
            time.sleep(0.1)
    raise NotStarted("Chromium opened no port")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_demo(data: Path) -> Iterator[Demo]:
    """`backontrack demo` on ports and data of its own."""
    port, lms_port = _free_port(), _free_port()
    log = data / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "lti_tool.cli", "demo", "--data", str(data),
             "--port", str(port), "--lms-port", str(lms_port)],
            stdout=output, stderr=subprocess.STDOUT, env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    try:
        for _ in range(600):
            if "is running" in log.read_text():
                break
            if process.poll() is not None:
                raise NotStarted(log.read_text()[-2000:])
            time.sleep(0.1)
        else:
            raise NotStarted(log.read_text()[-2000:])
        database = Database(f"sqlite:///{data / 'tool.db'}")
        yield Demo(f"http://127.0.0.1:{port}", f"http://localhost:{lms_port}", data, database)
        database.dispose()
    finally:
        process.terminate()
        process.wait(30)
