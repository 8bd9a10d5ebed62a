"""The accessibility statement: in every language, for everybody, and looked at when it changes."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import lti_tool.web
from lti_tool.web.locale import LANGUAGES
from lti_tool.web.statement import REVIEWED
from tests.lti_tool.critic import faults_of

PAGE = Path(lti_tool.web.__file__).parent / "templates" / "accessibility.html"
SAID_ON = {"2026-11-27": "2b65c7896584509f"}
"""The fingerprint of the statement's words on the day they were last held against the pages."""


def test_new_words_come_with_a_new_date():
    words = "\n".join(re.findall(r'_\("(.+?)"', PAGE.read_text("utf-8")))
    found = hashlib.sha256(words.encode()).hexdigest()[:16]
    assert {REVIEWED.isoformat(): found} == SAID_ON


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_speaks_every_language_without_a_launch(app, code):
    answer = app.test_client().get(f"/accessibility?lang={code}")
    assert answer.status_code == 200
    assert faults_of(answer.text) == []
    page = BeautifulSoup(answer.text, "html5lib")
    assert page.html["lang"] == LANGUAGES[code].tag
    assert len(page.select("nav a")) == len(LANGUAGES)


@pytest.mark.parametrize("lang", ["", "xx", "../etc", "<script>", "\x00"])
def test_an_unknown_language_falls_back_to_the_browsers(app, lang):
    answer = app.test_client().get(
        "/accessibility", query_string={"lang": lang}, headers={"Accept-Language": "hu"}
    )
    assert BeautifulSoup(answer.text, "html5lib").html["lang"] == "hu"


def test_every_page_leads_there(world):
    page = world.visit("interests").get("/")
    link = page.select_one('footer a[href^="/accessibility"]')
    assert link["href"].endswith("lang=en")
    assert link["target"] == "_blank"


def test_the_address_to_write_to_is_the_installations_own(app, services):
    assert "mailto:" not in app.test_client().get("/accessibility").text
    object.__setattr__(services.settings, "help_email", "help@example.org")
    assert 'href="mailto:help@example.org"' in app.test_client().get("/accessibility").text
