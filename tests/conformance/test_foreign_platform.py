"""Services and Deep Linking before the eyes of a platform that nobody here wrote.

lti1p3platform takes the token requests and the Deep Linking responses and checks them by its own
lights.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.registration import Registration

from config.clock import utcnow
from lti_tool.lti.deep_linking import Item, answer
from lti_tool.lti.keys import key_ring
from lti_tool.lti.services.ags import SCOPE_RESULT, SCOPE_SCORE
from lti_tool.lti.services.lineitems import SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY
from lti_tool.lti.services.nrps import SCOPE_ROSTER
from lti_tool.lti.services.outcome import ServiceFailed
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.lti.services.tokens import access_token
from lti_tool.services import Services
from tests.lti_tool.lti.platform import rsa_key
from tests.lti_tool.lti.services.stub import (
    Reply,
    Seen,
    StubPlatform,
    add_platform_row,
    add_tenant,
    running_platform,
    running_services,
)
from tests.lti_tool.lti.test_deep_linking import launched

CLIENT = "foreign-client"
SCOPES = (SCOPE_SCORE, SCOPE_RESULT, SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY, SCOPE_ROSTER)


class Foreign(LTI1P3PlatformConfAbstract):  # type: ignore[misc]
    """The platform's configuration, with the tool's published keys."""

    def init_platform_config(self, **_: Any) -> None:
        """Nothing to load."""

    def get_registration_by_params(self, **_: Any) -> Registration:
        """Return the one registration."""
        return self._registration


def foreign(services: Services, issuer: str) -> Foreign:
    private = rsa_key("foreign").private_key
    registration = Registration()
    registration.set_iss(issuer)
    registration.set_client_id(CLIENT)
    registration.set_deployment_id("1")
    registration.set_platform_private_key(
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    )
    registration.set_platform_public_key(
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    )
    keys = [dict(key) for key in key_ring(services).published()]
    registration.set_tool_key_set({"keys": keys})
    platform = Foreign()
    platform._registration = registration
    return platform


@pytest.fixture
def stub() -> Iterator[StubPlatform]:
    with running_platform() as platform:
        yield platform


@pytest.fixture
def services(tmp_path: Path, stub: StubPlatform) -> Iterator[Services]:
    with running_services(tmp_path, stub.url) as parts:
        yield parts


@pytest.fixture
def ref(services: Services, stub: StubPlatform) -> PlatformRef:
    tenant = add_tenant(services, "one")
    return add_platform_row(services, tenant, stub.url, client_id=CLIENT, product="lti1p3platform")


@pytest.mark.parametrize("scope", SCOPES)
def test_it_grants_our_token_requests(
    services: Services, stub: StubPlatform, ref: PlatformRef, scope: str
) -> None:
    platform = foreign(services, stub.url)

    def grant(seen: Seen) -> Reply:
        granted = platform.get_access_token(seen.form)
        return Reply(200, json.dumps(granted), {"Content-Type": "application/json"})

    stub.token_answer = grant
    token = access_token(services, ref, (scope,))
    assert platform.validate_token(token, allowed_scopes=[scope])


def test_it_refuses_them_when_it_does_not_know_our_key(
    services: Services, stub: StubPlatform, ref: PlatformRef
) -> None:
    platform = foreign(services, stub.url)
    platform._registration.set_tool_key_set({"keys": [{"kid": "another", "kty": "RSA"}]})

    def grant(seen: Seen) -> Reply:
        with pytest.raises(Exception, match="public key"):
            platform.get_access_token(seen.form)
        return Reply(401, '{"error":"invalid_client"}', {"Content-Type": "application/json"})

    stub.token_answer = grant
    with pytest.raises(ServiceFailed, match="invalid_client"):
        access_token(services, ref, SCOPES)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_it_takes_our_deep_linking_responses(
    services: Services, stub: StubPlatform, ref: PlatformRef, count: int
) -> None:
    platform = foreign(services, stub.url)
    launch, _ = launched(services, ref, deep_link_return_url=f"{stub.url}/return")
    items = [Item("One", "Text", "interests", "completion"), Item("Two", "", "careers", "progress")]
    made = answer(services, launch, items[:count], now=utcnow())
    taken = platform.validate_deeplinking_resp({"JWT": made.token})
    assert [item["custom"]["module"] for item in taken] == ["interests", "careers"][:count]
    assert all(item["url"] == "http://127.0.0.1:5000/lti/launch" for item in taken)
