"""The pseudo-locale: no text of a page skips translation, whoever reads it.

Whatever stands outside the pseudo-locale's brackets must be content (questions, lessons, titles of
jobs: data with languages of their own), a name, or a number.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from bs4 import BeautifulSoup, NavigableString
from bs4.element import PreformattedString

import adaptive
from lti_tool.people.roles import Role
from lti_tool.web.locale import LANGUAGES, Language
from lti_tool.web.translations import pseudo
from tests.lti_tool.critic import Critic

CONTENT = Path(adaptive.__file__).parent / "content"
NAMES = {"Back on Track", "Pseudo", "Moodle", *(language.name for language in LANGUAGES.values())}
_INSIDE = re.compile(r"⟦[^⟦⟧]*⟧")


@pytest.fixture(autouse=True)
def spoken(tmp_path, monkeypatch, app):
    """Offer the pseudo-locale in this application."""
    pseudo.write(tmp_path)
    app.extensions["babel"].translation_directories[:] = [str(tmp_path)]
    monkeypatch.setitem(LANGUAGES, pseudo.CODE, Language(pseudo.CODE, pseudo.CODE, "Pseudo"))


@cache
def content() -> frozenset[str]:
    """Every text of the content files, whole and line by line; and names from CLDR."""
    cldr = Locale.parse(pseudo.CODE)
    texts = {*cldr.languages.values(), *cldr.territories.values()}
    for path in CONTENT.rglob("*"):
        if path.suffix == ".toml":
            texts.update(_strings(tomllib.loads(path.read_text("utf-8"))))
        elif path.suffix == ".csv":
            with path.open(encoding="utf-8", newline="") as handle:
                texts.update(cell for row in csv.reader(handle) for cell in row)
    lines = {line.removeprefix("- ") for text in texts for line in text.splitlines()}
    return frozenset(_plain(text) for text in texts | lines)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" \n–·:,.()-→←↑↓✓×")


def foreign(page: BeautifulSoup) -> list[str]:
    """Return the texts of a page that nobody can translate."""
    for tag in page.select("code, script, style"):
        tag.decompose()
    found = []
    pieces = [
        node for node in page.find_all(string=True) if not isinstance(node, PreformattedString)
    ]
    pieces += [
        NavigableString(tag[name])
        for tag in page.find_all(True)
        for name in ("aria-label", "title", "placeholder", "alt", "data-text")
        if tag.has_attr(name)
    ]
    for piece in pieces:
        rest = _plain(_INSIDE.sub(" ", str(piece)))
        if re.search(r"[A-Za-z]{2,}", rest) and rest not in NAMES and rest not in content():
            found.append(rest)
    return found


def pages(app, launch_home: str) -> list[str]:
    """Addresses of all pages that need nothing but a launch."""
    return sorted(
        rule.rule.replace("/l/<launch_id>", "")
        for rule in app.url_map.iter_rules()
        if rule.arguments == {"launch_id"} and "GET" in rule.methods
    )


@pytest.mark.parametrize("role", list(Role))
def test_every_text_of_every_page_can_be_translated(world, role):
    browser: Critic = world.visit("interests", role=role, locale=pseudo.CODE)
    left = {}
    for path in pages(world.app, browser.home):
        answer = browser.client.get(browser.home + path, follow_redirects=True)
        if answer.mimetype != "text/html":
            continue
        page = BeautifulSoup(answer.text, "html5lib")
        assert page.html["lang"] == pseudo.CODE, path
        left[path] = foreign(page)
    assert {path: texts for path, texts in left.items() if texts} == {}


def test_what_skips_translation_is_found():
    page = BeautifulSoup("<h1>⟦Ýéš⟧</h1><p aria-label='Help'>⟦Ñó⟧ thing</p><p>12 %</p>", "html5lib")
    assert foreign(page) == ["thing", "Help"]


def test_places_and_tags_stay():
    assert pseudo.stretch("<b>Hi</b> %(name)s &amp;") == "⟦<b>Hí</b> %(name)s &amp; añó añó⟧"
