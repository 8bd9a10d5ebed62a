"""What a learner's pages weigh, how soon they show on a bad line, how fast an answer is saved."""

from __future__ import annotations

import gzip
import http.client
import re
import shutil
import statistics
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urlsplit

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page, sync_playwright

import lti_tool
from adaptive.interests import languages as bank_languages
from lti_tool.people.roles import Role
from lti_tool.web.locale import LANGUAGES
from tests.browser import start
from tests.browser.stage import AXE_SCRIPT, WIDTHS, Demo, Tabs, answer_all, axe, finish

Figure = dict[str, Any]
PAINTS = 5
ANSWERS = 600
_LINE = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
_BOOTSTRAP = "bootstrap@5.3.8"
_TOOL = Path(lti_tool.__file__).parent


class Learner:
    """Somebody in a launch, over plain HTTP as a browser would speak it."""

    def __init__(self, demo: Demo) -> None:
        self.home, cookie, _link = demo.launch()
        host = urlsplit(demo.tool)
        self.origin = demo.tool
        self.connection = http.client.HTTPConnection(str(host.hostname), host.port or 80)
        self.headers = {
            "Cookie": f"{cookie['name']}={cookie['value']}",
            "Accept-Encoding": "gzip",
            "Origin": self.origin,
        }

    def get(self, url: str) -> bytes:
        """The body as it travels."""
        self.connection.request("GET", url.removeprefix(self.origin), headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (url, answer.status)
        return body

    def html(self, url: str) -> str:
        return gzip.decompress(self.get(url)).decode()

    def post(self, url: str, form: dict[str, str]) -> str:
        """Send a form as the page's script does; returns where to go next."""
        more = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        path = url.removeprefix(self.origin)
        self.connection.request("POST", path, urlencode(form), self.headers | more)
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (url, answer.status, body[:200])
        return re.search(rb'"next":\s*"([^"]+)"', body)[1].decode()  # type: ignore[index]

    def begin(self) -> tuple[str, str]:
        """Press Start; returns the forgery token and the first question's address."""
        welcome = self.html(f"{self.home}/interests/")
        token = re.search(r'name="csrf" value="([^"]+)"', welcome)[1]  # type: ignore[index]
        return token, self.post(f"{self.home}/interests/start", {"csrf": token})


def _kb(size: int) -> float:
    return round(size / 1000, 2)


def weights(demo: Demo) -> Iterator[Figure]:
    """Bytes over the wire, without headers."""
    learner = Learner(demo)
    welcome = learner.get(f"{learner.home}/interests/")
    page = gzip.decompress(welcome).decode()
    css, script = (
        len(learner.get(re.search(rf'"(/static/{name}[^"]*)"', page)[1]))  # type: ignore[index]
        for name in ("app.css", "app.js")
    )
    token, address = learner.begin()
    question = learner.get(address)
    while "/q/" in address:
        address = learner.post(address, {"csrf": token, "value": "4"})
    result = learner.get(address)
    for name, html in (("first", welcome), ("question", question), ("result", result)):
        yield {"name": f"{name}_page_kb", "value": _kb(len(html) + css), "unit": "kB", "goal": 14}
    yield {"name": "script_kb", "value": _kb(script), "unit": "kB", "goal": 5}
    # The page itself and what it names; headless browsers do not ask for the icon.
    parts = re.findall(r'<(?:link|script|img)[^>]*(?:href|src)="/', page)
    yield {"name": "requests_first_page", "value": 1 + len(parts), "unit": "count", "goal": 4}


def answers(demo: Demo) -> Iterator[Figure]:
    """Time to save one answer and name the next question, as the learner's browser waits for it."""
    took: list[float] = []
    while len(took) < ANSWERS:
        learner = Learner(demo)
        token, address = learner.begin()
        given = 0
        while "/q/" in address:
            value = "54321"[given % 5]
            began = time.perf_counter()
            address = learner.post(address, {"csrf": token, "value": value})
            took.append((time.perf_counter() - began) * 1000)
            given += 1
        learner.connection.close()
    unit = "ms, served by gunicorn, SQLite synchronous=FULL, one learner at a time"
    cut = statistics.quantiles(took, n=100)
    yield {"name": "answer_ms_p50", "value": round(cut[49], 2), "unit": unit, "goal": 10}
    yield {"name": "answer_ms_p99", "value": round(cut[98], 2), "unit": unit, "goal": 50}


def paint(tabs: Tabs, url: str, cookie: dict[str, Any] | None) -> float:
    """Seconds to first contentful paint at 400 kbps, 400 ms, CPU ÷ 4, nothing cached; median."""
    seen = []
    for _ in range(PAINTS):
        context = tabs.context()
        if cookie:
            context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.send("Network.emulateNetworkConditions", _LINE)
        wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.goto(url, timeout=60_000)
        first = page.wait_for_function(
            "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        )
        seen.append(first.json_value())
        context.close()
    return round(statistics.median(seen) / 1000, 3)


class _Compressed(SimpleHTTPRequestHandler):
    """Static files, gzipped as any server would; logs nothing."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path.partition("?")[0]))
        body = gzip.compress(file.read_bytes(), 6) if file.is_file() else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", self.guess_type(file))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


def fetch_bootstrap(folder: Path) -> None:
    """Put Bootstrap's two files into a folder, by the registry's ordinary client.

    Raises:
        RuntimeError: there is no npm, or it does not get them.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("no npm on this machine, which fetches Bootstrap")
    done = subprocess.run(
        [npm, "pack", "--silent", _BOOTSTRAP],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    archives = list(folder.glob("*.tgz"))
    if done.returncode or not archives:
        raise RuntimeError(f"npm pack {_BOOTSTRAP} failed with exit code {done.returncode}")
    with tarfile.open(archives[0]) as archive:
        for kind in ("css/bootstrap.min.css", "js/bootstrap.bundle.min.js"):
            data = archive.extractfile(f"package/dist/{kind}")
            assert data is not None
            (folder / Path(kind).name).write_bytes(data.read())


def bootstrap_twin(ours: str) -> str:
    """The same page with Bootstrap's classes, style and script instead of ours."""
    head = (
        '<link rel="stylesheet" href="/bootstrap.min.css">'
        '<script src="/bootstrap.bundle.min.js" defer></script>'
    )
    page = re.sub(r'<link rel="stylesheet".*?</script>', head, ours, flags=re.DOTALL)
    for old, new in (
        ('class="narrow"', 'class="container py-3"'),
        ('class="small"', 'class="small text-body-secondary"'),
        ('class="ask"', 'class="d-flex gap-3 align-items-center"'),
        ('class="answers"', 'class="d-grid gap-2"'),
        ('<button name="value"', '<button class="btn btn-outline-primary text-start" name="value"'),
        ('class="plain"', 'class="btn btn-outline-primary"'),
        ('class="face"', 'class="me-2" width="30" height="30"'),
        ("<footer", '<footer class="container d-flex gap-3"'),
    ):
        page = page.replace(old, new)
    return page


def paints(demo: Demo, tabs: Tabs) -> Iterator[Figure]:
    """How soon a question shows: as served, and as a file beside its twin in Bootstrap."""
    learner = Learner(demo)
    _token, address = learner.begin()
    page = learner.html(address)
    name, _, value = learner.headers["Cookie"].partition("=")
    cookie = {
        "name": name, "value": value, "path": "/", "domain": urlsplit(demo.tool).hostname,
        "secure": True, "httpOnly": True, "sameSite": "None",
    }  # fmt: skip
    served = paint(tabs, demo.tool + address, cookie)
    yield {"name": "fcp_question_s", "value": served, "unit": "s", "goal": 1.5}
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        folder = Path(place)
        try:
            fetch_bootstrap(folder)
        except (RuntimeError, subprocess.TimeoutExpired, KeyError) as problem:
            yield {"name": "fcp_vs_bootstrap", "value": None, "unit": "ratio", "why": str(problem)}
            return
        static = _TOOL / "web" / "static"
        for file in ("app.css", "app.js", "icon.svg"):
            shutil.copy(static / file, folder)
        page = re.sub(r'"/static/([^"?]+)[^"]*"', r'"/\1"', page)
        (folder / "ours.html").write_text(page, encoding="utf-8")
        (folder / "bootstrap.html").write_text(bootstrap_twin(page), encoding="utf-8")
        handler = partial(_Compressed, directory=place)
        server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), handler))
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        base = f"http://127.0.0.1:{server.server_port}"
        ours, peer = (paint(tabs, f"{base}/{file}.html", None) for file in ("ours", "bootstrap"))
        yield {
            "name": "fcp_vs_bootstrap", "value": round(ours / peer, 3), "unit": "ratio",
            "goal": 0.6, "ours_s": ours, "peer": _BOOTSTRAP, "peer_value": peer,
        }  # fmt: skip


def whole_module(tabs: Tabs) -> Figure:
    """Bytes on the wire, headers included, from the welcome to the result."""
    page = tabs.tool("/healthz")
    home = page.url.removesuffix("/healthz")
    total = 0.0

    def add(event: dict[str, Any]) -> None:
        nonlocal total
        total += event["encodedDataLength"]

    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", add)
    page.goto(f"{home}/interests/")
    page.get_by_role("button", name="Start").click()
    asked = answer_all(page)
    page.wait_for_load_state("networkidle")
    return {
        "name": "whole_module_kb", "value": _kb(round(total)), "unit": "kB", "goal": 150,
        "questions": asked,
    }  # fmt: skip


def axe_violations(demo: Demo, browser: Browser) -> Figure:
    """Violations on a learner's and a teacher's main pages, at three widths."""
    tabs = Tabs(demo, browser)
    found: list[str] = []
    pages = 0

    def look(page: Page) -> None:
        nonlocal pages
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 740})
            page.evaluate(AXE_SCRIPT)
            found.extend(axe(page))
            pages += 1

    page = tabs.tool("/interests/", sub="bench")
    look(page)
    page.get_by_role("button", name="Start").click()
    page.locator(".answers").wait_for()
    look(page)
    page.go_back()
    finish(page)
    look(page)
    page = tabs.tool("/", module="careers", sub="bench")
    look(page)
    page.locator("ol.list a").first.click()
    look(page)
    look(tabs.tool("/", role=Role.INSTRUCTOR))
    for context in tabs.contexts:
        context.close()
    return {
        "name": "axe_violations", "value": len(found), "unit": "count", "goal": 0,
        "pages_times_widths": pages, "found": [one[:200] for one in found],
    }  # fmt: skip


def languages_complete() -> Figure:
    """Languages in which a learner meets no English: every text of the pages and of the bank."""
    texts: set[str] = set()
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    for room in ("learner", "web"):
        for _file, _line, message, _comments, _context in extract_from_dir(
            _TOOL / room, methods, keywords={"_": None, "_l": None, "ngettext": (1, 2)}
        ):
            texts.add(message[0] if isinstance(message, tuple) else message)
    complete = ["en"]
    for code in LANGUAGES:
        file = _TOOL / "web" / "translations" / code / "LC_MESSAGES" / "messages.po"
        in_bank = code.partition("_")[0] in bank_languages()
        if code == "en" or not file.exists() or not in_bank:
            continue
        with file.open("rb") as source:
            catalogue = read_po(source)
        known = {
            one.id[0] if isinstance(one.id, tuple) else one.id
            for one in catalogue
            if one.id and not one.fuzzy and all(one.string if one.pluralizable else [one.string])
        }
        if texts <= known:
            complete.append(code)
    return {
        "name": "languages_complete", "value": len(complete), "unit": "count", "goal": 11,
        "languages": complete, "texts": len(texts),
    }  # fmt: skip


def _guarded(names: tuple[str, ...], take: Callable[[], Iterator[Figure]]) -> Iterator[Figure]:
    """Yield figures; if taking them fails, say of each missing one why."""
    seen = set()
    try:
        for figure in take():
            seen.add(figure["name"])
            yield figure
    except Exception as problem:  # noqa: BLE001 - one figure's failure must not end the others
        why = f"{type(problem).__name__}: {str(problem).splitlines()[0][:200]}"
        for name in names:
            if name not in seen:
                yield {"name": name, "value": None, "why": why}


def figures() -> Iterator[Figure]:
    """Yield the figures of the group `pages`."""
    yield from _guarded(("languages_complete",), lambda: iter((languages_complete(),)))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        demo = stack.enter_context(start.running_demo(folder))
        yield from _guarded(
            ("first_page_kb", "question_page_kb", "result_page_kb", "script_kb",
             "requests_first_page"),
            partial(weights, demo),
        )  # fmt: skip
        yield from _guarded(("answer_ms_p50", "answer_ms_p99"), partial(answers, demo))
        names = ("fcp_question_s", "fcp_vs_bootstrap", "whole_module_kb", "axe_violations")
        chromium = start.find_chromium()
        if chromium is None:
            for name in names:
                yield {"name": name, "value": None, "why": "no Chromium on this machine"}
            return
        playwright = stack.enter_context(sync_playwright())
        browser = stack.enter_context(start.launched(playwright, chromium))
        tabs = Tabs(demo, browser)
        yield from _guarded(names[:2], partial(paints, demo, tabs))
        yield from _guarded(names[2:3], lambda: iter((whole_module(tabs),)))
        yield from _guarded(names[3:], lambda: iter((axe_violations(demo, browser),)))


if __name__ == "__main__":
    import json

    for figure in figures():
        print(json.dumps(figure), flush=True)
