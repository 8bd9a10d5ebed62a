"""The tool, started for a real Moodle, and a real browser that blocks third-party cookies."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from config import migrations
from config.database import Database
from config.http import HttpDoor, HttpError

pytestmark = pytest.mark.live


@dataclass(frozen=True)
class Live:
    """What the environment says about the Moodle and about our address."""

    moodle: str
    admin: tuple[str, str]
    teacher: tuple[str, str]
    learners: tuple[tuple[str, str], ...]
    course: str
    token: str
    tool: str
    port: int
    ca_bundle: str | None


def _account(text: str) -> tuple[str, str]:
    name, _, password = text.partition(":")
    return name, password


@pytest.fixture(scope="session")
def live() -> Live:
    """The variables of tests/live/README.md."""
    get = os.environ.get
    missing = [
        name
        for name in (
            "LIVE_MOODLE_URL", "LIVE_MOODLE_ADMIN", "LIVE_MOODLE_TEACHER", "LIVE_MOODLE_LEARNERS",
            "LIVE_MOODLE_COURSE", "LIVE_MOODLE_TOKEN", "LIVE_TOOL_URL",
        )
        if not get(name)
    ]  # fmt: skip
    if missing:
        pytest.fail(f"set {', '.join(missing)}; see tests/live/README.md")
    return Live(
        moodle=os.environ["LIVE_MOODLE_URL"].rstrip("/"),
        admin=_account(os.environ["LIVE_MOODLE_ADMIN"]),
        teacher=_account(os.environ["LIVE_MOODLE_TEACHER"]),
        learners=tuple(_account(one) for one in os.environ["LIVE_MOODLE_LEARNERS"].split(",")),
        course=os.environ["LIVE_MOODLE_COURSE"],
        token=os.environ["LIVE_MOODLE_TOKEN"],
        tool=os.environ["LIVE_TOOL_URL"].rstrip("/"),
        port=int(get("LIVE_TOOL_PORT") or 5000),
        ca_bundle=get("LIVE_CA_BUNDLE"),
    )


@dataclass
class Tool:
    """The running tool and its command line."""

    environment: dict[str, str]
    database: Database

    def run(self, *command: str, stdin: str | None = None) -> str:
        """Run `backontrack …` and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "lti_tool.cli", *command],
            env=self.environment, input=stdin, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="session")
def tool(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tool]:
    """The tool with its worker, at LIVE_TOOL_URL, on a fresh database."""
    folder = tmp_path_factory.mktemp("tool")
    url = f"sqlite:///{folder / 'tool.db'}"
    hosts = [urlsplit(one) for one in (live.moodle, live.tool)]
    environment = os.environ | {
        "BACKONTRACK_PUBLIC_URL": live.tool,
        "BACKONTRACK_SECRET_KEY": secrets.token_urlsafe(48),
        "BACKONTRACK_SEAL_KEYS": secrets.token_urlsafe(48),
        "BACKONTRACK_DATABASE_URL": url,
        "BACKONTRACK_ALLOWED_HOSTS": ",".join(
            f"{host.hostname}:{host.port or 443}" for host in hosts
        ),
    }
    environment.pop("BACKONTRACK_DEMO", None)
    if live.ca_bundle:
        environment["BACKONTRACK_CA_BUNDLE"] = live.ca_bundle
    database = Database(url)
    migrations.upgrade(database)
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "lti_tool.cli", "serve", "--with-worker",
             "--port", str(live.port)],
            env=environment, stderr=log,
        )  # fmt: skip
        try:
            _wait(live)
            yield Tool(environment, database)
        finally:
            process.terminate()
            process.wait(20)
            database.dispose()
            print((folder / "log.txt").read_text()[-4000:])


def _wait(live: Live) -> None:
    host = urlsplit(live.tool)
    door = HttpDoor(
        allowed_hosts=((str(host.hostname), host.port or 443),),
        ca_bundle=live.ca_bundle,
        user_agent="live test",
    )
    for _ in range(150):
        try:
            if door.get(f"{live.tool}/healthz").status == 200:
                return
        except HttpError:
            pass
        time.sleep(0.2)
    pytest.fail(f"the tool cannot be reached at {live.tool}")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium whose own preferences block third-party cookies, as a careful user's do.

    Playwright's own launch switches storage partitioning off, which would show us a browser that
    nobody has; so Chromium is started as people start it and only watched.
    """
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        pytest.skip("no Chromium on this machine")
    profile = tmp_path_factory.mktemp("profile")
    (profile / "Default").mkdir()
    preferences = {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}
    (profile / "Default" / "Preferences").write_text(json.dumps(preferences))
    process = subprocess.Popen(
        [binary, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--ignore-certificate-errors", "--remote-debugging-port=0",
         f"--user-data-dir={profile}", "about:blank"],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        port = _debugging_port(profile)
        with sync_playwright() as playwright:
            yield playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(20)


def _debugging_port(profile: Path) -> str:
    for _ in range(100):
        try:
            return (profile / "DevToolsActivePort").read_text().splitlines()[0]
        except (FileNotFoundError, IndexError):
            time.sleep(0.1)
    pytest.fail("Chromium did not start")


@dataclass
class Person:
    """Somebody signed in at the Moodle, with a browser of 360 px."""

    live: Live
    page: Page

    def open(self, path: str) -> Page:
        """Open a page of the Moodle."""
        self.page.goto(self.live.moodle + path, wait_until="load")
        return self.page


@pytest.fixture
def sign_in(
    live: Live, chromium: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Person]]:
    """A function that signs somebody in, each in cookies of their own."""
    contexts: list[BrowserContext] = []

    def enter(account: tuple[str, str], width: int = 360) -> Person:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, ignore_https_errors=True
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        # A Moodle with its user tours switched on lays one over a person's first course page.
        tour = page.locator("[data-flexitour=container] [data-role=end]").first
        page.add_locator_handler(tour, lambda end: end.click())
        # Moodle's own script empties the fields while the page settles.
        page.goto(f"{live.moodle}/login/index.php", wait_until="networkidle")
        page.fill("#username", account[0])
        page.fill("#password", account[1])
        page.click("#loginbtn")
        page.wait_for_url(lambda url: "/login/index.php" not in url)
        return Person(live, page)

    yield enter
    folder = os.environ.get("LIVE_SCREENSHOTS")
    for number, context in enumerate(contexts):
        for page in context.pages if folder else ():
            name = request.node.name.replace("/", "_")
            page.screenshot(path=f"{folder}/{name}-{number}.png")
        context.close()
