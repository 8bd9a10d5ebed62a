"""A browser for scripts: it keeps cookies, follows redirects and sends forms, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

from config.http import HttpResponse
from lti_tool.demo.keys import door_for

_MAX_STEPS = 12


@dataclass(frozen=True, slots=True)
class Box:
    """A box to tick, or one of several round ones."""

    name: str
    value: str
    ticked: bool
    round: bool


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes and what it holds."""

    origin: str
    action: str
    method: str = "get"
    auto: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(
        self, tick: Callable[[str], bool] | None = None, press: str = ""
    ) -> list[tuple[str, str]]:
        """Return what the form sends.

        `tick` decides by value over the boxes that are not round. The button `press` is pressed,
        or the first one where there is none of that name.
        """
        ticked = [
            (box.name, box.value)
            for box in self.boxes
            if (tick(box.value) if tick and not box.round else box.ticked)
        ]
        pressed = [button for button in self.buttons if button[0] == press] or self.buttons
        return [*self.fields, *ticked, *pressed[:1]]


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it arrived, with its forms and the sources of its frames."""

    url: str
    status: int
    text: str
    forms: tuple[Form, ...]
    frames: tuple[str, ...]


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.forms, self.frames = url, list[Form](), list[str]()
        self._open = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "iframe" and found.get("src"):
            self.frames.append(urljoin(self.url, found["src"]))
        elif tag == "form":
            action = urljoin(self.url, found.get("action") or self.url)
            method = found.get("method", "get").lower()
            self.forms.append(Form(_origin(self.url), action, method, "data-auto" in found))
            self._open = True
        elif self._open and tag in {"input", "button", "select", "option"}:
            self._field(self.forms[-1], tag, found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False

    def _field(self, form: Form, tag: str, found: dict[str, str]) -> None:
        name, value = found.get("name", ""), found.get("value", "")
        kind = found.get("type", "submit" if tag == "button" else "text").lower()
        if tag == "select":
            self._select = name
        elif tag == "option":
            # A browser sends the first option unless another one is selected.
            sent = next((f for f in form.fields if f[0] == self._select), None)
            if sent is not None and "selected" in found:
                form.fields.remove(sent)
            if sent is None or "selected" in found:
                form.fields.append((self._select, value))
        elif not name or "disabled" in found:
            return
        elif kind in {"checkbox", "radio"}:
            value = found.get("value", "on")
            form.boxes.append(Box(name, value, "checked" in found, kind == "radio"))
        elif kind == "submit":
            form.buttons.append((name, value))
        else:
            form.fields.append((name, value))


def read_page(url: str, status: int, text: str) -> Page:
    """Return a page with its forms and frames."""
    reader = _Reader(url)
    reader.feed(text)
    return Page(url, status, text, tuple(reader.forms), tuple(reader.frames))


class Browser:
    """One person at one browser. Cookies are kept by host and port: it needs no finer rules."""

    def __init__(self) -> None:
        self._cookies: dict[str, dict[str, str]] = {}

    def get(self, url: str) -> Page:
        """Open an address."""
        return self._go("GET", url)

    def post(self, url: str, fields: list[tuple[str, str]] | dict[str, str]) -> Page:
        """Post fields to an address."""
        pairs = list(fields.items()) if isinstance(fields, dict) else fields
        return self._go("POST", url, pairs, _origin(url))

    def send(self, form: Form, tick: Callable[[str], bool] | None = None, press: str = "") -> Page:
        """Send a form, filled as `Form.filled` says."""
        fields = form.filled(tick, press)
        if form.method == "post":
            return self._go("POST", form.action, fields, form.origin)
        return self._go("GET", f"{form.action}?{urlencode(fields)}")

    def settle(self, page: Page) -> Page:
        """Follow the practice LMS's forms that send themselves."""
        for _ in range(_MAX_STEPS):
            if page.status != 200 or not page.forms or not page.forms[0].auto:
                return page
            page = self.send(page.forms[0])
        return page

    def _go(
        self,
        method: str,
        url: str,
        fields: list[tuple[str, str]] | None = None,
        origin: str = "",
    ) -> Page:
        for _ in range(_MAX_STEPS):
            answer = self._request(method, url, fields, origin)
            if answer.status not in {301, 302, 303, 307, 308} or not answer.location:
                break
            url = answer.location
            if answer.status not in {307, 308}:
                method, fields = "GET", None
        return read_page(url, answer.status, answer.text)

    def _request(
        self, method: str, url: str, fields: list[tuple[str, str]] | None, origin: str
    ) -> HttpResponse:
        jar = self._cookies.setdefault(urlsplit(url).netloc, {})
        headers = {"Accept": "text/html"}
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = origin
        body = None if fields is None else urlencode(fields)
        answer = door_for(url).request(method, url, headers=headers, data=body)
        for name, value in _set_cookies(answer.headers.get("Set-Cookie", "")):
            jar[name] = value
        return answer


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _set_cookies(header: str) -> list[tuple[str, str]]:
    """Return names and values from Set-Cookie fields that were joined with commas."""
    found = []
    for part in header.split(", "):
        head = part.partition(";")[0]
        name, equals, value = head.partition("=")
        if equals and name.strip() and " " not in name.strip():
            found.append((name.strip(), value.strip()))
    return found
