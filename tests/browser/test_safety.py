"""What only a real browser can prove: who may frame a page, and that names stay mere text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import INTERESTS, TEACHER, Tabs, frame_of, open_activity, settle

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

POLYGLOT = (
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=window.__xss=1 )//</stYle/</titLe/</teXtarEa/"
    "</scRipt/--!>\\x3csVg/<sVg/oNloAd=window.__xss=1//>\\x3e<img src=x onerror=window.__xss=1>"
    "{{7*7}}\u202eRTL"
)


def _frame_there(tabs: Tabs, framer: str) -> Page:
    """A page at `framer` that frames a page of a launch."""
    home, cookie, _link = tabs.demo.launch()
    context = tabs.context()
    host = f"http://{urlsplit(framer).hostname}"
    context.add_cookies([cookie, cookie | {"partitionKey": host}])  # type: ignore[list-item]
    page = tabs.page(context)
    page.goto(framer)
    page.evaluate(
        "url => document.body.append(Object.assign(document.createElement('iframe'), {src: url}))",
        f"{home}/interests/",
    )
    page.wait_for_load_state("networkidle")
    return page


def test_the_platform_may_frame_the_page(tabs: Tabs):
    page = _frame_there(tabs, tabs.demo.lms)
    expect(page.frame_locator("iframe").get_by_role("button", name="Start")).to_be_visible()


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A port of this machine with an empty page: another origin than tool and platform."""
    folder = tmp_path_factory.mktemp("stranger")
    (folder / "index.html").write_text(
        "<!doctype html><title>Stranger</title><link rel=icon href=data:,>"
    )
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: object) -> None:
        pass


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_stranger_may_not_frame_the_page(tabs: Tabs, stranger: int, host: str):
    """Neither from the platform's host nor from the tool's own: another port is a stranger."""
    tabs.allow("frame-ancestors|Failed to load|Framing")
    page = _frame_there(tabs, f"http://{host}:{stranger}/")
    expect(page.frame_locator("iframe").get_by_role("button", name="Start")).to_have_count(0)
    assert any("frame-ancestors" in text for text in tabs.complaints)


def _unharmed(page: Page) -> None:
    for frame in page.frames:
        assert frame.evaluate("window.__xss") is None


@pytest.fixture
def polyglot(tabs: Tabs):
    """The practice LMS with a name that is an attack wherever a teacher or learner may write."""
    demo = tabs.demo
    user = demo.somebody()
    before = "Back on Track: first steps", INTERESTS
    demo.tell_lms("UPDATE user SET firstname=?, lastname=? WHERE id=?", POLYGLOT, "X", user)
    demo.tell_lms("UPDATE course SET fullname=? WHERE id=2", POLYGLOT)
    demo.tell_lms("UPDATE lti SET intro=? WHERE course=2 AND name=?", POLYGLOT, INTERESTS)
    yield user
    demo.tell_lms("UPDATE course SET fullname=? WHERE id=2", before[0])
    demo.tell_lms("UPDATE lti SET intro='' WHERE course=2")
    demo.tell_lms("UPDATE user SET firstname='Ana', lastname='Marin' WHERE id=?", user)


def test_names_and_titles_are_mere_text(tabs: Tabs, polyglot: int):
    page = tabs.lms(polyglot, "/course/view.php?id=2")
    frame = open_activity(page, INTERESTS)
    frame.get_by_role("button", name="Start").click()
    frame.locator(".answers button").first.click()
    expect(frame.get_by_text("Question 2")).to_be_visible()
    _unharmed(page)
    teacher = tabs.lms(TEACHER, "/course/view.php?id=2", width=1280)
    frame = open_activity(teacher, INTERESTS)
    expect(frame.get_by_role("rowheader").filter(has_text="onerror=window.__xss")).to_be_visible()
    _unharmed(teacher)
    teacher.goto(f"{tabs.demo.lms}/course/view.php?id=2")
    teacher.get_by_role("link", name="Add activities from").click()
    settle(teacher)
    _unharmed(teacher)


@pytest.mark.parametrize("path", ["/careers/?q={}", "/careers/job/{}", "/interests/q/{}"])
def test_an_attack_in_the_address_is_mere_text(tabs: Tabs, path):
    tabs.allow("status of (400|404)")
    page = tabs.tool("/", module="careers")
    home = page.url.split("/careers")[0]
    attack = "\"'><img src=x onerror=window.__xss=1><script>window.__xss=1</script>{{7*7}}"
    page.goto(home + path.format(attack.replace("<", "%3C").replace("/", "%2F")))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    _unharmed(page)
    assert "49" not in page.locator("main").inner_text()


def test_the_policy_would_stop_an_inline_script(tabs: Tabs):
    """The control: if an attack got through the escaping, the browser would still refuse it."""
    tabs.allow("Content Security Policy")
    page = tabs.activity(tabs.demo.somebody())
    frame_of(page).evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.__xss = 1';"
        " document.body.append(s) }"
    )
    _unharmed(page)
    assert any("Content Security Policy" in text for text in tabs.complaints)
