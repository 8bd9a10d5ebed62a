"""LTI platform storage in a real Chromium that drops every cookie inside frames.

The platform's page is on localhost, the tool on 127.0.0.1: two sites. What answers for the storage
is a page of the platform; in the attacks it is somebody else, or the right one with wrong words.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from markupsafe import escape
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select
from werkzeug.serving import BaseWSGIServer, make_server

from config.database import Database
from config.settings import Settings
from lti_tool.lti.models import LaunchSession
from lti_tool.web.app import create_app
from tests.bench.driver import free_port
from tests.lti_tool.lti.conftest import services_on
from tests.lti_tool.lti.platform import KeyServer, Platform

pytestmark = pytest.mark.browser

HONEST = """
const kept = {};
addEventListener("message", (event) => {
  if (event.origin !== TOOL) return;
  const { subject, message_id, key, value } = event.data;
  if (subject === "lti.put_data") kept[key] = value;
  event.source.postMessage(
    { subject: subject + ".response", message_id, key, value: kept[key] }, event.origin);
});
"""
"""The platform's storage as the specification has it."""

WRONG_NUMBER = HONEST.replace("message_id, key, value: kept", 'message_id: "1", key, value: kept')
WRONG_KEY = HONEST.replace("message_id, key, value: kept", 'message_id, key: "x", value: kept')
WRONG_SUBJECT = HONEST.replace('subject + ".response"', '"lti.other.response"')
NO_ANSWER = "const kept = {};"
STRANGER = HONEST.replace(
    "event.source.postMessage(",
    'document.getElementById("stranger").contentWindow.postMessage({ say:',
).replace("}, event.origin);", '} }, "*");')
"""The right words, but a frame of another origin says them."""

STRANGER_PAGE = """<script>
addEventListener("message", (event) => {
  parent.frames["tool"].postMessage(event.data.say, "*");
});
</script>"""

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def without_frame_cookies(app: Wsgi) -> Wsgi:
    """Drop cookies of answers that go into a frame, as the strictest browsers do."""

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        framed = environ.get("HTTP_SEC_FETCH_DEST") == "iframe"

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            kept = [pair for pair in headers if not (framed and pair[0] == "Set-Cookie")]
            return start_response(status, kept, *rest)

        return app(environ, start)

    return wrapped


class Course:
    """A platform with one activity in a frame, and the tool."""

    def __init__(self, folder: Path, template: Path) -> None:
        """Serve both."""
        path = folder / "storage.db"
        shutil.copy(template, path)
        tool_port, port, other_port = free_port(), free_port(), free_port()
        self.tool, self.home = f"http://127.0.0.1:{tool_port}", f"http://localhost:{port}"
        self.stranger = f"http://localhost:{other_port}"
        settings = Settings(
            public_url=self.tool,
            secret_key="a-test-secret-key-0123456789-abcdefghij",
            seal_keys=("a-test-seal-key-9876543210-jihgfedcba",),
            database_url=f"sqlite:///{path}",
            demo=True,
        )
        keys = KeyServer()
        self.database = Database(settings.database_url)
        tool = create_app(settings, services_on(settings, self.database, keys))
        self.platform = Platform(issuer=self.home, public_url=self.tool, product="generic")
        self.platform.register(self.database).serve_keys(keys)
        self.storage = HONEST
        self._servers = [
            self._serve(tool_port, without_frame_cookies(tool)),
            self._serve(port, self._site()),
            self._serve(other_port, self._strangers_site()),
        ]

    def launches(self) -> int:
        """How many launch sessions there are."""
        with self.database.read_connection() as connection:
            return connection.execute(
                select(func.count()).select_from(LaunchSession.__table__)
            ).scalar_one()

    def close(self) -> None:
        """Stop."""
        for server in self._servers:
            server.shutdown()
        self.database.dispose()

    @staticmethod
    def _serve(port: int, app: Any) -> BaseWSGIServer:
        server = make_server("127.0.0.1", port, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    @staticmethod
    def _strangers_site() -> Flask:
        site = Flask("stranger")
        site.add_url_rule("/", "page", lambda: STRANGER_PAGE)
        return site

    def _site(self) -> Flask:
        site = Flask("course")

        @site.get("/course")
        def course() -> str:
            params = self.platform.login_params(lti_storage_target="_parent")
            fields = "".join(
                f'<input name="{name}" value="{escape(value)}">' for name, value in params.items()
            )
            return (
                f"<script>const TOOL = {json.dumps(self.tool)};{self.storage}</script>"
                f'<iframe name="tool" style="width:600px;height:500px"></iframe>'
                f'<iframe id="stranger" src="{self.stranger}/"></iframe>'
                f'<form action="{self.tool}/lti/login" method="post" target="tool">{fields}</form>'
                "<script>addEventListener('load', () => document.forms[0].submit())</script>"
            )

        @site.get("/mod/lti/auth.php")
        def auth() -> str:
            token = self.platform.sign(self.platform.claims(request.args["nonce"]))
            return (
                f'<form action="{self.tool}/lti/launch" method="post">'
                f'<input name="id_token" value="{token}">'
                f'<input name="state" value="{request.args["state"]}"></form>'
                "<script>document.forms[0].submit()</script>"
            )

        return site


@pytest.fixture
def course(tmp_path: Path, sqlite_template: Path) -> Iterator[Course]:
    made = Course(tmp_path, sqlite_template)
    yield made
    made.close()


@pytest.fixture
def page(launched: Browser) -> Iterator[Page]:
    context = launched.new_context()
    yield context.new_page()
    context.close()


def test_storage_recognises_the_browser_and_a_tab_goes_on(course: Course, page: Page) -> None:
    page.goto(f"{course.home}/course")
    frame = page.frame_locator("iframe[name=tool]")
    button = frame.get_by_role("button", name="Continue in a new tab")
    expect(button).to_be_visible(timeout=15_000)
    assert course.launches() == 1
    with page.context.expect_page() as opened:
        button.click()
    tab = opened.value
    tab.wait_for_load_state()
    assert tab.url.startswith(f"{course.tool}/l/")
    expect(tab.locator("h1")).not_to_have_text("Please open the activity again")
    assert tab.evaluate("document.referrer.includes('secret')") is False


@pytest.mark.parametrize(
    "storage",
    [WRONG_NUMBER, WRONG_KEY, WRONG_SUBJECT, NO_ANSWER, STRANGER],
    ids=["wrong number", "wrong key", "wrong subject", "no answer", "another origin"],
)
def test_p1_an_answer_that_is_not_the_platforms_is_ignored(
    course: Course, page: Page, storage: str
) -> None:
    course.storage = storage
    page.goto(f"{course.home}/course")
    frame = page.frame_locator("iframe[name=tool]")
    link = frame.get_by_role("link", name="Continue in a new tab")
    expect(link).to_be_visible(timeout=15_000)
    page.wait_for_timeout(2000)
    expect(link).to_be_visible()
    assert str(link.get_attribute("href")).startswith(f"{course.tool}/lti/login?")
    assert course.launches() == 0
