"""A test client that refuses bad pages: every test of a page is a test of its manners."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import lti_tool.web

CSS = Path(lti_tool.web.__file__).parent / "static" / "app.css"
LEARNER_BUDGET = 14 * 1024
STAFF_BUDGET = 60 * 1024


@cache
def css_bytes() -> int:
    return len(gzip.compress(CSS.read_bytes(), 6))


def faults_of(html: str, *, budget: int = LEARNER_BUDGET) -> list[str]:
    """Say what is wrong with a page."""
    page = BeautifulSoup(html, "html5lib")
    found = [
        *_head_faults(page),
        *_form_faults(page),
        *(f"inline script: {tag}" for tag in page.find_all("script") if not tag.get("src")),
        *(f"inline style on <{tag.name}>" for tag in page.find_all(style=True)),
        *(f"<{tag.name}> with {name}" for tag in page.find_all(True) for name in tag.attrs
          if name.startswith("on")),
        *(f"id twice: {name}" for name, count in
          Counter(tag["id"] for tag in page.find_all(id=True)).items() if count > 1),
        *(f"image without alt: {tag}" for tag in page.find_all("img") if not tag.has_attr("alt")),
        *(f"link without words: {a}" for a in page.find_all("a") if not a.get_text(strip=True)),
        *(f"foreign resource: {tag}" for tag in page.find_all(["script", "link", "img"])
          if (tag.get("src") or tag.get("href") or "").startswith(("http", "//"))),
    ]  # fmt: skip
    text = page.get_text(" ")
    found += [f"left over in the text: {bit}" for bit in re.findall(r"%\(\w+\)s|\{\{|None\b", text)]
    found += [f"word not to be used: {word}" for word in re.findall(r"\b(?:NEET|[Tt]est)\b", text)]
    weight = len(gzip.compress(html.encode(), 6)) + css_bytes()
    if weight > budget:
        found.append(f"{weight} bytes of HTML and CSS, the budget is {budget}")
    return found


def _head_faults(page: BeautifulSoup) -> list[str]:
    found = []
    headings = page.find_all("h1")
    title = page.title.get_text(strip=True) if page.title else ""
    if len(headings) != 1:
        found.append(f"{len(headings)} h1")
    elif not title.startswith(heading := headings[0].get_text(" ", strip=True)):
        found.append(f"title {title!r} does not start with the heading {heading!r}")
    if page.html is None or not page.html.get("lang"):
        found.append("no lang")
    levels = [int(tag.name[1]) for tag in page.find_all(re.compile("^h[1-6]$"))]
    found += [
        f"heading jumps from h{before} to h{after}"
        for before, after in pairwise(levels)
        if after > before + 1
    ]
    return found


def _form_faults(page: BeautifulSoup) -> list[str]:
    found = []
    for form in page.find_all("form"):
        if not form.get("action"):
            found.append("form without action")
        ours = form.get("method") == "post" and (form.get("action") or "").startswith("/l/")
        if ours and not form.find("input", {"name": "csrf"}):
            found.append(f"form without csrf token: {form['action']}")
        if form.get("method") == "post" and not form.find("button"):
            found.append("form without a button")
    for field in page.find_all(["input", "select", "textarea"]):
        if field.get("type") in {"hidden", "submit"}:
            continue
        labelled = field.find_parent("label") or (
            field.get("id") and page.find("label", {"for": field["id"]})
        )
        if not labelled and not field.get("aria-label"):
            found.append(f"field without label: {field}")
    return found


class Critic:
    """A browser without JavaScript inside one launch."""

    def __init__(self, app: Flask, launch_id: str, secret: str, *, staff: bool = False) -> None:
        self.client: FlaskClient = app.test_client()
        self.client.set_cookie(f"__Host-ls-{launch_id}", secret, secure=True, domain="localhost")
        self.home = f"/l/{launch_id}"
        self.budget = STAFF_BUDGET if staff else LEARNER_BUDGET
        self.page: BeautifulSoup | None = None

    def get(self, path: str, *, status: int = 200, follow: bool = True) -> BeautifulSoup:
        """Open a page below the launch and return it, after looking at it hard."""
        url = path if path.startswith("/l/") else self.home + path
        return self._look(self.client.get(url, follow_redirects=follow), status)

    def submit(
        self, values: dict[str, str] | None = None, *, form: int = 0, status: int = 200
    ) -> BeautifulSoup:
        """Send a POST form of the present page, with its hidden fields, as a browser would."""
        assert self.page is not None
        forms = [f for f in self.page.select("main form") if f.get("method") == "post"]
        chosen = forms[form]
        data = {
            field["name"]: field.get("value", "")
            for field in chosen.find_all("input", {"type": "hidden"})
        } | (values or {})
        response = self.client.post(chosen["action"], data=data, follow_redirects=True)
        return self._look(response, status)

    def post(self, path: str, values: dict[str, str], *, status: int) -> BeautifulSoup:
        """Post anything anywhere, for what a browser would not do."""
        response = self.client.post(self.home + path, data=values, follow_redirects=True)
        return self._look(response, status)

    def token(self) -> str:
        """Return an anti-forgery token from the present page."""
        assert self.page is not None
        return str(self.page.find("input", {"name": "csrf"})["value"])

    def _look(self, response: TestResponse, status: int) -> BeautifulSoup:
        assert response.status_code == status, _summary(response)
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert faults_of(response.text, budget=self.budget) == []
        self.page = BeautifulSoup(response.text, "html5lib")
        return self.page


def _summary(response: TestResponse) -> str:
    page = BeautifulSoup(response.text, "html5lib")
    return f"{response.status}: {page.main.get_text(' ', strip=True)[:300] if page.main else ''}"
