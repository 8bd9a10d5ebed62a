"""Deep Linking, 7 checks by the names of the certification guide.

From the platform's login initiation to the response that its teacher's browser posts back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet

from config.clock import utcnow
from config.settings import Settings
from lti_tool.services import Services
from lti_tool.web.app import create_app
from tests.lti_tool.lti.platform import LTI, MEMBERSHIP, KeyServer, Platform

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
SETTINGS = {
    "deep_link_return_url": "https://moodle.example.org/return?course=2",
    "accept_types": ["link", "file", "html", "ltiResourceLink", "image"],
    "accept_media_types": "image/*,text/html",
    "accept_presentation_document_targets": ["iframe", "window", "embed"],
    "accept_multiple": True,
    "auto_create": True,
    "data": "Some random opaque data that MUST be sent back",
}


@pytest.fixture
def app(settings: Settings, services: Services) -> Flask:
    """The whole tool: the picker is part of the exchange."""
    return create_app(settings, services)


@dataclass
class Exchange:
    """What the platform sent and what came back."""

    app: Flask
    platform: Platform
    picker_status: int
    action: str
    header: dict[str, Any]
    claims: dict[str, Any]
    sent_at: float


@pytest.fixture
def exchange(app: Flask, services: Services, key_server: KeyServer) -> Iterator[Exchange]:
    platform = Platform(product="imsglc").register(services.database).serve_keys(key_server)
    browser = app.test_client()
    extra = {
        LTI + "message_type": "LtiDeepLinkingRequest",
        LTI + "roles": [MEMBERSHIP + "Instructor"],
        DL + "deep_linking_settings": SETTINGS,
    }

    def mutate(claims: dict[str, Any]) -> None:
        claims.update(extra)
        claims.pop(LTI + "resource_link")

    landed = platform.launch(browser, mutate)
    assert landed.status_code == 303, landed.text
    picker = browser.get(landed.headers["Location"], follow_redirects=True)
    soup = BeautifulSoup(picker.text, "html5lib")
    form = soup.select_one("main form")
    assert form is not None
    csrf = form.select_one("input[name=csrf]")
    assert csrf is not None
    chosen = {"csrf": str(csrf["value"]), "module": ["interests", "careers"], "add": "1"}
    chosen["language"] = "de"
    sent_at = utcnow().timestamp()
    answer = browser.post(str(form["action"]), data=chosen)
    back = BeautifulSoup(answer.text, "html5lib").select_one("main form")
    assert back is not None
    field = back.select_one("input[name=JWT]")
    assert field is not None
    # As the suite does: with the keys that the tool publishes.
    keys = KeySet.import_key_set(browser.get("/lti/jwks.json").get_json())
    token = jwt.decode(str(field["value"]), keys, algorithms=["RS256"])
    yield Exchange(
        app,
        platform,
        picker.status_code,
        str(back["action"]),
        dict(token.header),
        dict(token.claims),
        sent_at,
    )


def _timestamps(exchange: Exchange) -> bool:
    claims = exchange.claims
    return claims["iat"] <= exchange.sent_at < claims["exp"] <= exchange.sent_at + 3600


def _affirm(exchange: Exchange) -> bool:
    items = exchange.claims[DL + "content_items"]
    return (
        exchange.claims[DL + "data"] == SETTINGS["data"]
        and [item["type"] for item in items] == ["ltiResourceLink"] * 2
        and [item["custom"]["module"] for item in items] == ["interests", "careers"]
        and all(item["url"] == exchange.platform.target for item in items)
        and all(item["lineItem"]["scoreMaximum"] == 100 for item in items)
    )


CHECKS: dict[str, Callable[[Exchange], bool]] = {
    "Deep Linking Request received": lambda e: e.picker_status == 200,
    "Deep Linking Response received": lambda e: e.action == SETTINGS["deep_link_return_url"],
    "Message is LtiDeepLinkingResponse": lambda e: (
        e.claims[LTI + "message_type"] == "LtiDeepLinkingResponse"
        and e.claims[LTI + "version"] == "1.3.0"
    ),
    "Timestamps": _timestamps,
    "Signature": lambda e: e.header["alg"] == "RS256" and bool(e.header["kid"]),
    "Required claims": lambda e: (
        e.claims["iss"] == e.platform.client_id
        and e.claims["aud"] == e.platform.issuer
        and bool(e.claims["nonce"])
        and e.claims[LTI + "deployment_id"] == e.platform.deployment_id
    ),
    "Values affirmed": _affirm,
}


def test_the_suite_is_complete() -> None:
    assert len(CHECKS) == 7


@pytest.mark.parametrize("name", CHECKS)
def test_deep_linking(exchange: Exchange, name: str) -> None:
    assert CHECKS[name](exchange)


def launched(exchange: Exchange, link: str, **custom: str) -> BeautifulSoup:
    """Open an activity as a learner of the platform, whose own language is Hungarian."""
    browser = exchange.app.test_client()
    claims = {LTI + "custom": custom, LTI + "resource_link": {"id": link}}
    landed = exchange.platform.launch(browser, **claims)
    page = browser.get(landed.headers["Location"], follow_redirects=True)
    assert page.status_code == 200
    return BeautifulSoup(page.text, "html5lib")


def test_what_was_placed_opens_its_module_in_the_language_that_was_chosen(
    exchange: Exchange,
) -> None:
    for number, item in enumerate(exchange.claims[DL + "content_items"]):
        page = launched(exchange, f"placed-{number}", **item["custom"])
        assert page.html["lang"] == "de"
        assert f"/{item['custom']['module']}" in str(page.select_one("main"))


def test_a_course_copy_keeps_it_under_another_link(exchange: Exchange) -> None:
    custom = exchange.claims[DL + "content_items"][0]["custom"]
    first = launched(exchange, "in-the-course", **custom)
    copied = launched(exchange, "in-the-copy", **custom)
    assert first.h1.get_text() == copied.h1.get_text()


def test_without_a_choice_the_platforms_language_counts(exchange: Exchange) -> None:
    assert launched(exchange, "plain", module="interests").html["lang"] == "hu"


def test_words_that_are_no_language_do_no_harm(exchange: Exchange) -> None:
    page = launched(exchange, "odd", module="interests", language="<b>")
    assert page.html["lang"] == "hu"
