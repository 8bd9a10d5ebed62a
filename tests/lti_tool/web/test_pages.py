"""What every page shares: language, frame, errors."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from lti_tool.people.roles import Role
from lti_tool.web.locale import LANGUAGES, known_locale, resolve_locale
from tests.lti_tool.critic import faults_of


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("sr_lt", "sr_Latn"), ("sr_cr", "sr_Cyrl"), ("sr", "sr_Cyrl"), ("sr-Latn-RS", "sr_Latn"),
        ("sr_Latn_RS", "sr_Latn"), ("sr-Cyrl", "sr_Cyrl"), ("bs", "bs"), ("bs_BA", "bs"),
        ("hr", "bs"), ("de_du", "de"), ("de_utf8", "de"), ("de_comm", "de"), ("de_kids", "de"),
        ("de-AT", "de"), ("hu_wp", "hu"), ("en_us", "en"), ("EN", "en"), ("cs_CZ.UTF-8", "cs"),
        ("ro_md", "ro"), ("xx", None), ("", None), (None, None), ("../etc", None), ("*", None),
        ("de;drop", None), ("en" * 4000, None),
    ],
)  # fmt: skip
def test_platform_codes_become_ours(code, ours):
    assert known_locale(code) == ours


def test_serbian_without_a_script_follows_the_site():
    assert known_locale("sr", "Latn") == "sr_Latn"


def test_own_choice_wins_over_claim_over_browser_over_site():
    wishes = {
        "chosen": "hu", "claim": "sr_lt", "accept_language": ["fr", "de-AT"], "site_default": "bg",
    }  # fmt: skip
    found = []
    for gone in ("chosen", "claim", "accept_language", "site_default"):
        found.append(resolve_locale(**wishes))
        wishes[gone] = [] if gone == "accept_language" else "xx"
    assert [*found, resolve_locale(**wishes)] == ["hu", "sr_Latn", "de", "bg", "en"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_a_page(world, code):
    browser = world.visit("interests", locale=code)
    page = browser.get("/")
    assert page.html["lang"] == LANGUAGES[code].tag


@pytest.mark.parametrize("claim", ["sr_lt", "de_du", "xx", "", "sr-Latn"])
def test_moodles_codes_never_break_a_page(world, claim):
    world.visit("interests", locale=claim).get("/")


def test_the_chosen_language_stays_for_the_next_launch(world):
    browser = world.visit("interests", locale="en")
    page = browser.get("/")
    form = page.footer.form
    answer = browser.client.post(
        form["action"],
        data={"csrf": form.find("input", {"name": "csrf"})["value"], "locale": "hu", "back": ""},
    )
    assert answer.status_code == 303
    assert browser.get("/").html["lang"] == "hu"


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/lti/login", "\\x"])
def test_the_language_switch_leads_nowhere_else(world, back):
    browser = world.visit("interests")
    browser.get("/")
    answer = browser.client.post(
        f"{browser.home}/language", data={"csrf": browser.token(), "locale": "de", "back": back}
    )
    assert answer.headers["Location"] == f"{browser.home}/"


def test_an_unknown_language_is_refused(world):
    browser = world.visit("interests")
    browser.get("/")
    browser.post("/language", {"csrf": browser.token(), "locale": "xx"}, status=400)


def test_only_this_launchs_platform_may_frame_the_page(world):
    browser = world.visit("interests")
    answer = browser.client.get(f"{browser.home}/interests/")
    assert "frame-ancestors https://moodle.example;" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    answer = browser.client.get("/healthz")
    assert "frame-ancestors 'none';" in answer.headers["Content-Security-Policy"]


def test_an_unconfigured_link_is_explained_to_learner_and_teacher(world):
    page = world.visit(None).get("/", status=404)
    assert page.h1.string == "This activity is not ready yet"
    assert "link_not_configured" in page.code.text
    page = world.visit(None, role=Role.INSTRUCTOR).get("/")
    assert "Select content" in page.main.text


def test_a_module_that_was_removed_is_explained(world):
    world.visit("gone-module").get("/", status=404)


def test_a_bug_becomes_a_page_and_a_log_line_without_data(world, monkeypatch, capsys):
    def explode(*_args):
        raise RuntimeError("secret agnes@example.org")

    monkeypatch.setattr("lti_tool.learner.interests.operations.find_walk", explode)
    page = world.visit("interests").get("/interests/", status=500)
    assert "internal" in page.code.text
    assert "agnes" not in page.text
    written = capsys.readouterr().err
    assert "request.failed" in written
    assert "agnes" not in written


def test_a_locked_database_becomes_a_page_that_says_wait(world, monkeypatch):
    def locked(*_args, **_options):
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr("lti_tool.learner.interests.operations.start_walk", locked)
    browser = world.visit("interests")
    browser.get("/")
    answer = browser.client.post(f"{browser.home}/interests/start", data={"csrf": browser.token()})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert faults_of(answer.text) == []


def test_too_much_text_is_refused_readably(world):
    browser = world.visit("interests")
    browser.get("/")
    answer = browser.client.post(f"{browser.home}/interests/start", data={"csrf": "x" * 300_000})
    assert answer.status_code == 413
    assert faults_of(answer.text) == []


def test_pages_are_compressed_where_the_browser_can(world):
    browser = world.visit("interests")
    url = f"{browser.home}/interests/"
    plain = browser.client.get(url)
    small = browser.client.get(url, headers={"Accept-Encoding": "gzip, br"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) < len(plain.data) / 2


def test_static_files_are_kept_for_ever_by_their_content(world):
    browser = world.visit("interests")
    page = browser.get("/")
    for tag in (page.find("link", rel="stylesheet")["href"], page.find("script")["src"]):
        with browser.client.get(tag) as answer:
            assert answer.status_code == 200
            assert "immutable" in answer.headers["Cache-Control"]
