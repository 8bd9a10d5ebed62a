"""The demo as people start it, and a real Chromium in two flavours."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from config.database import Database
from tests.browser.stage import AXE_SCRIPT, Demo, Tabs

_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser of this machine; nothing is downloaded."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("NO CHROMIUM on this machine: no page was looked at (apt-get install chromium)")


@pytest.fixture(scope="session")
def playwright(chromium: str) -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def launched(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """Chromium as Playwright launches it: quick, but its storage is not what people have."""
    browser = playwright.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def careful(
    playwright: Playwright, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """Chromium as a careful person has it: third-party cookies blocked, storage partitioned.

    Playwright's own launch switches storage partitioning off, which would show us a browser that
    nobody has; so Chromium is started as people start it and only watched.
    """
    profile = tmp_path_factory.mktemp("profile")
    (profile / "Default").mkdir()
    preferences = {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}
    (profile / "Default" / "Preferences").write_text(json.dumps(preferences))
    process = subprocess.Popen(
        [chromium, "--headless=new", *_ARGUMENTS, "--remote-debugging-port=0", "--no-first-run",
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
    pytest.fail("Chromium did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`backontrack demo` on ports and data of its own."""
    data = tmp_path_factory.mktemp("demo")
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
                    pytest.fail(f"the demo did not start: {log.read_text()[-2000:]}")
                time.sleep(0.1)
            else:
                pytest.fail(f"the demo did not start: {log.read_text()[-2000:]}")
            database = Database(f"sqlite:///{data / 'tool.db'}")
            tool, lms = f"http://127.0.0.1:{port}", f"http://localhost:{lms_port}"
            yield Demo(tool, lms, data, database)
            database.dispose()
        finally:
            process.terminate()
            process.wait(30)


def _watched(demo: Demo, browser: Browser) -> Iterator[Tabs]:
    tabs = Tabs(demo, browser)
    yield tabs
    for context in tabs.contexts:
        context.close()
    assert tabs.unexpected() == [], "the browser's console complains"


@pytest.fixture
def tabs(demo: Demo, launched: Browser) -> Iterator[Tabs]:
    """Pages in the launched Chromium; a complaint in the console fails the test."""
    yield from _watched(demo, launched)


@pytest.fixture
def careful_tabs(demo: Demo, careful: Browser) -> Iterator[Tabs]:
    """The same in the Chromium that blocks third-party cookies."""
    yield from _watched(demo, careful)


@pytest.fixture
def axe_tabs(tabs: Tabs) -> Tabs:
    """Pages that bring axe along, into frames as well."""
    plain = tabs.context

    def with_axe(*args: object, **options: object) -> object:
        made = plain(*args, **options)  # type: ignore[arg-type]
        made.add_init_script(AXE_SCRIPT)
        return made

    tabs.context = with_axe  # type: ignore[method-assign, assignment]
    return tabs
