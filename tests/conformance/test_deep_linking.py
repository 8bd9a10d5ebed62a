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
