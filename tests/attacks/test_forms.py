"""C2 and C1: no form of another site changes anything, and every answer carries its headers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from config.settings import Settings
from lti_tool.services import Services
from lti_tool.web.app import create_app
from tests.attacks.house import House, Visit, address
from tests.lti_tool.conftest import services

__all__ = ["services"]

WITHOUT_SESSION = {
    "lti.login": "writes nothing; the state it gives is bound to the browser",
    "lti.launch": "needs a state of this browser and a signed token",
    "lti.go_on": "needs a one-use secret, and the browser's word that our page sent it",
    "registration.confirm": "needs an invite, which no other site knows",
}
EVIL = {"Origin": "https://evil.example.net", "Sec-Fetch-Site": "cross-site"}


def changing_routes(app: Flask) -> Iterator[tuple[str, str]]:
    """Every route with a method that changes something: its endpoint and address."""
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        assert methods <= {"POST"}, rule.endpoint
        if methods:
            yield rule.endpoint, rule.rule


def below(visit: Visit, rule: str) -> str:
    return address(rule, visit.home.split("/")[2], "R1" if "interests" in rule else "8322")


def test_c2_every_route_that_changes_something_is_known(house: House) -> None:
    open_ones = {name for name, rule in changing_routes(house.app) if "launch_id" not in rule}
    assert open_ones == set(WITHOUT_SESSION)


@pytest.mark.parametrize("forgery", ["no token", "wrong", "another launch's", "origin", "null"])
def test_c2_a_forged_form_changes_nothing(house: House, forgery: str) -> None:
    victim, attacker = house.visit("teacher"), house.visit("teacher", sub="666")
    good = victim.token()
    values, headers = {
        "no token": ({}, {}),
        "wrong": ({"csrf": good[:-3] + "xxx"}, {}),
        "another launch's": ({"csrf": attacker.token()}, {}),
        "origin": ({"csrf": good}, EVIL),
        "null": ({"csrf": good}, {"Origin": "null"}),
    }[forgery]
    fields = {"locale": "hu", "value": "5", "delivery": "x", "cancel": "1", "fits": "yes"}
    before, tried = house.contents(), 0
    for _endpoint, rule in changing_routes(house.app):
        if "launch_id" not in rule:
            continue
        answer = victim.client.post(below(victim, rule), data=fields | values, headers=headers)
        # What this role may not do is refused before the form is looked at.
        assert answer.status_code == 403, rule
        tried += 1
    assert tried >= 9
    assert house.contents() == before


def test_c2_the_same_forms_with_a_token_are_taken(house: House) -> None:
    """The control: without it the test above would pass for forms that are broken."""
    learner = house.visit()
    assert learner.post("language", locale="hu").status_code == 303
    assert learner.post("interests/start").status_code == 303
    assert learner.post("careers/job/8322/keep").status_code == 303


@pytest.mark.parametrize("headers", [EVIL, {"Origin": "null"}, {}])
def test_c2_another_site_cannot_go_on_with_a_launch(house: House, headers: dict[str, str]) -> None:
    visit = house.visit()
    secret = next(c.value for c in visit.client._cookies.values() if "__Host-ls-" in c.key)
    before = house.contents()
    form = {"launch": visit.home.split("/")[2], "secret": secret}
    answer = house.app.test_client().post("/lti/continue", data=form, headers=headers)
    assert (answer.status_code, "hand_over_used" in answer.text) == (401, True)
    assert house.contents() == before


SEEN = "home_visit"
"""When somebody last looked at the page with their news: noted as they look, and read by nobody
else."""


def test_c2_no_get_changes_anything(house: House) -> None:
    visit = house.visit()
    before = house.contents(SEEN)
    for rule in house.app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and "launch_id" in rule.arguments:
            visit.client.get(below(visit, rule.rule))
    assert house.contents(SEEN) == before


# C1.


def answers(house: House) -> Iterator[tuple[str, TestResponse]]:
    """An answer of every kind: pages, forms, refusals, files, redirects, keys."""
    teacher, stranger = house.visit("teacher"), house.app.test_client()
    for rule in house.app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            path = below(teacher, rule.rule)
            yield f"{method} {rule.rule}", teacher.client.open(path, method=method)
            yield f"{method} {rule.rule} as a stranger", stranger.open(path, method=method)
    yield "static", stranger.get("/static/app.css")
    yield "nothing", stranger.get("/nothing")
    yield "too much", stranger.post("/lti/launch", data={"id_token": "x" * 300_000})
    yield "a method that is not offered", stranger.delete("/lti/launch")


@pytest.fixture
def safe_house(house: House, settings: Settings) -> House:
    """The same on https, as installations are."""
    safe = settings.model_copy(update={"public_url": "https://tool.example.org", "demo": False})
    parts = Services(
        safe,
        *(
            getattr(house.services, name)
            for name in ("database", "door", "seal", "state_signer", "form_signer")
        ),
    )
    house.platform.public_url = safe.public_url
    return House(create_app(safe, parts), parts, house.keys, house.platform)


def test_c1_every_answer_has_its_headers(safe_house: House) -> None:
    own = "https://moodle.example.org"
    for what, answer in answers(safe_house):
        policy = dict(
            part.strip().partition(" ")[::2]
            for part in answer.headers["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == "'none'", what
        assert policy["script-src"] == policy["style-src"] == "'self'", what
        assert policy["base-uri"] == "'none'", what
        assert policy["form-action"] == "'self'", what
        assert policy["frame-ancestors"] in {"'none'", own, "*"}, what
        if policy["frame-ancestors"] == "*":
            # Only a refusal that shows nothing of anybody and has no form.
            assert answer.status_code >= 400, what
            assert "<form" not in answer.text, what
        assert answer.headers["X-Content-Type-Options"] == "nosniff", what
        assert answer.headers["Referrer-Policy"] == "same-origin", what
        assert answer.headers["Strict-Transport-Security"].startswith("max-age="), what
        assert "X-Frame-Options" not in answer.headers, what
        assert "Server" not in answer.headers, what
        for cookie in answer.headers.getlist("Set-Cookie"):
            assert cookie.startswith("__Host-"), what
            for word in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
                assert word in cookie, what
        answer.close()


def test_c1_pages_of_a_launch_are_framed_by_its_platform_only(house: House) -> None:
    other = house.neighbour()
    for platform in (house.platform, other):
        visit = house.visit(platform=platform)
        policy = visit.get("careers/").headers["Content-Security-Policy"]
        assert f"frame-ancestors {platform.issuer};" in policy + ";"


@pytest.mark.parametrize("host", ["evil.example.net", "127.0.0.1:5000@evil.example.net", 'x"y'])
def test_c1_the_host_header_ends_in_no_address(house: House, host: str) -> None:
    visit = house.visit()
    for answer in (
        visit.client.get(visit.home, headers={"Host": host}),
        visit.client.get(visit.home + "careers/", headers={"Host": host}),
        house.app.test_client().post(
            "/lti/login", data=house.platform.login_params(), headers={"Host": host}
        ),
    ):
        assert "evil" not in answer.headers.get("Location", "")
        assert "evil" not in answer.text
