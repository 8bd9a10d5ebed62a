"""What browser tests act on: the running demo, tabs that are watched, people who walk in."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import axe_playwright_python
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Frame, FrameLocator, Page, expect
from sqlalchemy import select, update

from config.clock import utcnow
from config.database import Database
from config.ids import new_id
from lti_tool.lti.models import Context, LaunchSession, Platform, ResourceLink
from lti_tool.lti.platforms import find_by_id
from lti_tool.lti.sessions import Entry, launch_cookie, open_launch
from lti_tool.people.models import Membership, User
from lti_tool.people.roles import Role

TEACHER, ADMIN = 3, 2
CIARA, AGNES, ANA = 11, 6, 9
"""Learners of the practice LMS who use it in English, Hungarian, Serbian in Latin script."""

INTERESTS, CAREERS = "What do I like doing?", "Work that could suit me"
WIDTHS = (320, 360, 1280)

WITHOUT_SCRIPTS: set[BrowserContext] = set()
"""Contexts in which nothing sends itself: what carries onward has to be pressed."""

_AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
# Without allowedOrigins axe calls a frame of another origin clean without having looked.
AXE_SCRIPT = _AXE + "\n;axe.configure({allowedOrigins: ['<unsafe_all_origins>']});"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Demo:
    """The tool and the practice LMS, running; two sites to a browser."""

    tool: str
    lms: str
    data: Path
    database: Database
    _fresh: Iterator[int] = field(default_factory=lambda: iter(range(15, 36)))
    _subs: Iterator[int] = field(default_factory=lambda: count(9000))

    def somebody(self) -> int:
        """A learner of the practice LMS's first course whom no test has used yet."""
        return next(self._fresh)

    def lms_session(self, user: int) -> dict[str, Any]:
        """The practice LMS's session cookie for any of its people; its front page offers a few."""
        with closing(sqlite3.connect(self.data / "practice-lms.sqlite3")) as store:
            (key,) = store.execute(
                "SELECT value FROM setting WHERE name='session_secret'"
            ).fetchone()
        app = Flask("practice")
        app.secret_key = key
        serializer = app.session_interface.get_signing_serializer(app)
        session = {"user": user, "id": new_id()[:16], "sesskey": "sesskey"}
        return {"name": "practice_session", "value": serializer.dumps(session), "url": self.lms}

    def tell_lms(self, statement: str, *values: object) -> None:
        """Change something in the practice LMS's own data."""
        with closing(sqlite3.connect(self.data / "practice-lms.sqlite3", timeout=20)) as store:
            store.execute(statement, values)
            store.commit()

    def launch(
        self,
        module: str | None = "interests",
        *,
        role: Role = Role.LEARNER,
        sub: str | None = None,
        locale: str = "en",
        message: str = "LtiResourceLinkRequest",
        link: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> tuple[str, dict[str, Any], str]:
        """Open a launch session past the protocol; returns its address, cookie and link.

        For states of pages; the protocol's own way is walked by the journeys.
        """
        with self.database.write() as session:
            platform = session.scalars(select(Platform)).first()
            context = session.scalars(select(Context)).first()
            assert platform is not None
            assert context is not None
            sub = sub or str(next(self._subs))
            user = session.scalar(select(User).where(User.sub == sub))
            if user is None:
                user = User(tenant_id=platform.tenant_id, platform_id=platform.id, sub=sub)
                session.add(user)
                session.flush()
                session.add(
                    Membership(
                        tenant_id=platform.tenant_id, context_id=context.id, user_id=user.id,
                        roles=[role],
                    )
                )  # fmt: skip
            if link is None:
                row = ResourceLink(
                    tenant_id=platform.tenant_id, platform_id=platform.id, context_id=context.id,
                    lti_id=new_id(), title=str(module), module=module, settings={},
                )  # fmt: skip
                session.add(row)
                session.flush()
                link = row.id
            ids = platform.id, context.id, user.id
        with self.database.write_connection() as connection:
            registration = find_by_id(connection, ids[0])
            assert registration is not None
            entry = Entry(
                deployment_id="1", context_id=ids[1], user_id=ids[2], resource_link_id=link,
                module=module, message_type=message, roles=frozenset({role}), locale=locale,
                return_url=f"{self.lms}/course/view.php?id=2",
                details=details or {"again": f"{self.lms}/mod/lti/launch.php?id=1&triggerview=0"},
            )  # fmt: skip
            launch, secret = open_launch(connection, registration, entry, utcnow())
        cookie = {
            "name": launch_cookie(launch.id), "value": secret, "path": "/",
            "domain": urlsplit(self.tool).hostname, "secure": True, "httpOnly": True,
            "sameSite": "None",
        }  # fmt: skip
        return f"{self.tool}/l/{launch.id}", cookie, link

    def expire(self, page_url: str) -> None:
        """Let the launch of a page end now."""
        launch_id = re.search(r"/l/([^/]+)", page_url)
        assert launch_id is not None
        with self.database.write() as session:
            session.execute(
                update(LaunchSession)
                .where(LaunchSession.id == launch_id[1])
                .values(closed_at=utcnow())
            )


@dataclass
class Tabs:
    """Opens pages and listens: nothing may be written to a console, nothing may be blocked."""

    demo: Demo
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """Let a test cause complaints of one kind on purpose, a refused page for example."""
        self.allowed.append(pattern)

    def context(self, width: int = 360, height: int = 740, **options: Any) -> BrowserContext:
        options.setdefault("reduced_motion", "reduce")
        made = self.browser.new_context(viewport={"width": width, "height": height}, **options)
        made.set_default_timeout(15_000)
        if options.get("java_script_enabled") is False:
            WITHOUT_SCRIPTS.add(made)
        self.contexts.append(made)
        return made

    def page(self, context: BrowserContext | None = None, **options: Any) -> Page:
        page = (context or self.context(**options)).new_page()
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self._hear("error", str(error)))
        return page

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def unexpected(self) -> list[str]:
        """Complaints that no test asked for."""
        return [
            text for text in self.complaints if not any(re.search(p, text) for p in self.allowed)
        ]

    def lms(self, user: int, path: str = "/", **options: Any) -> Page:
        """A page of the practice LMS for somebody who is signed in there."""
        context = self.context(**options)
        context.add_cookies([self.demo.lms_session(user)])
        page = self.page(context)
        page.goto(self.demo.lms + path)
        return page

    def tool(self, path: str = "/", module: str | None = "interests", **options: Any) -> Page:
        """A page of the tool in a window of its own; options of `launch` and of a context."""
        for_launch = {
            name: options.pop(name)
            for name in ("role", "sub", "locale", "message", "link", "details")
            if name in options
        }
        home, cookie, _link = self.demo.launch(module, **for_launch)
        context = self.context(**options)
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = self.page(context)
        page.goto(home + path)
        return page

    def activity(self, user: int, title: str = INTERESTS, course: int = 2, **options: Any) -> Page:
        """The activity of a course in its frame, after a real launch."""
        page = self.lms(user, f"/course/view.php?id={course}", **options)
        open_activity(page, title)
        return page


def open_activity(page: Page, title: str) -> FrameLocator:
    """Follow the link of an activity and wait until the tool's page is in the frame."""
    page.get_by_role("link", name=title, exact=True).last.click()
    return settle(page)


def settle(page: Page) -> FrameLocator:
    """Wait for a page of the tool in the frame; without scripts, press what carries onward."""
    frame = page.frame_locator("iframe")
    ours = frame.locator("footer .language")
    onward = frame.locator("#ltiLaunchForm button")
    if page.context not in WITHOUT_SCRIPTS:
        ours.wait_for(state="attached")
        return frame
    for _ in range(8):
        expect(ours.or_(onward).first).to_be_attached()
        if ours.count():
            return frame
        with page.expect_event("framenavigated"):
            onward.click()
    raise AssertionError("the launch did not end")


def frame_of(page: Page) -> Frame:
    """The tool's frame in a page of the practice LMS."""
    return page.frames[1]


def answer_all(where: FrameLocator | Page, pattern: str = "54321") -> int:
    """Answer questions until there are none left; returns how many there were."""
    item = where.locator("input[name=item]")
    where.locator(".answers").wait_for()
    for step in range(40):
        where.get_by_role("heading", level=1).wait_for()
        if not item.count():
            return step
        answer(where, pattern[step % len(pattern)])
    raise AssertionError("more than forty questions")


_FINISH = """async (pattern) => {
  const form = document.querySelector("main form"), csrf = form.elements.csrf.value;
  const headers = {Accept: "application/json"};
  const post = async (url, more) => {
    const body = new URLSearchParams({csrf, ...more});
    return (await (await fetch(url, {method: "POST", headers, body})).json()).next;
  };
  let next = await post(form.action, {});
  for (let at = 0; next.includes("/q/"); at++) next = await post(next, {value: pattern[at % 5]});
  return next;
}"""


def finish(page: Page, pattern: str = "54321") -> None:
    """From the welcome page to the result in one go, for tests of what comes after."""
    page.goto(urljoin(page.url, page.evaluate(_FINISH, pattern)))


def answer(where: FrameLocator | Page, value: str) -> None:
    """Give one answer and wait until its question is gone."""
    before = item_of(where)
    where.locator(f".answers button[value='{value}']").click()
    expect(where.locator(f"input[name=item][value='{before}']")).to_have_count(0)


def item_of(where: FrameLocator | Page) -> str:
    """The id of the question that is shown."""
    return str(where.locator("input[name=item]").get_attribute("value"))


def axe(page: Page) -> list[str]:
    """What axe has to say about the page as it is now, frames included."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes:"
        " ['violations']}).then(r => r.violations.map(v => [v.id, v.nodes.map(n =>"
        " [n.target.flat().join(' '), n.failureSummary])]))",
        _TAGS,
    )
    return [f"{rule}: {json.dumps(nodes)[:600]}" for rule, nodes in found]


def too_wide(page: Page) -> list[str]:
    """Addresses of frames that scroll sideways (WCAG 2.2, 1.4.10)."""
    return [
        f"{frame.url} {wide}"
        for frame in page.frames
        for wide in [frame.evaluate("[document.documentElement.scrollWidth, innerWidth]")]
        if wide[0] > wide[1]
    ]


def faults(page: Page, name: str, widths: tuple[int, ...] = WIDTHS) -> list[str]:
    """What is wrong with one state of a page at each width."""
    found = []
    size = page.viewport_size
    for width in widths:
        page.set_viewport_size({"width": width, "height": 740})
        found += [f"{name} at {width}: {fault}" for fault in axe(page)]
        found += [f"{name} at {width} scrolls sideways: {place}" for place in too_wide(page)]
    if size:
        page.set_viewport_size(size)
    return found
