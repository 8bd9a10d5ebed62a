from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from config.clock import utcnow
from config.secrets import digest
from lti_tool.lti.models import AccessToken
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from lti_tool.lti.services.platform import PlatformRef, find_platform_ref
from lti_tool.lti.services.tokens import ASSERTION_TYPE, access_token
from lti_tool.services import Services
from tests.lti_tool.lti.services.stub import (
    Reply,
    StubPlatform,
    add_platform_row,
    add_tenant,
    decode,
)

JSON = {"Content-Type": "application/json"}


def test_the_form_is_client_credentials_with_a_signed_assertion(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    assert access_token(services, moodle, ("scope-b", "scope-a")) == "t1"
    (seen,) = stub.token_calls()
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert seen.form["grant_type"] == "client_credentials"
    assert seen.form["client_assertion_type"] == ASSERTION_TYPE
    assert seen.form["scope"] == "scope-a scope-b"
    token = decode(services, seen.form["client_assertion"])
    assert token.header["alg"] == "RS256"
    assert token.header["kid"]
    assert token.claims["iss"] == token.claims["sub"] == moodle.client_id
    assert token.claims["aud"] == moodle.token_url
    assert len(token.claims["jti"]) >= 32


def test_the_assertion_is_issued_a_few_seconds_ago_because_moodle_knows_no_leeway(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    before = utcnow().timestamp()
    access_token(services, moodle, ("s",))
    claims = decode(services, stub.token_calls()[0].form["client_assertion"]).claims
    assert before - 11 <= claims["iat"] <= utcnow().timestamp() - 5
    assert 60 < claims["exp"] - before < 600


def test_each_assertion_has_its_own_jti(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    access_token(services, moodle, ("a",))
    access_token(services, moodle, ("b",))
    ids = {decode(services, c.form["client_assertion"]).claims["jti"] for c in stub.token_calls()}
    assert len(ids) == 2


def test_a_thousand_calls_ask_for_one_token(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    assert {access_token(services, moodle, ("s",)) for _ in range(1000)} == {"t1"}
    assert len(stub.token_calls()) == 1


def test_threads_that_start_together_ask_for_one_token(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    found: list[str] = []
    gate = threading.Barrier(8)

    def work() -> None:
        gate.wait()
        found.append(access_token(services, moodle, ("s",)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["t1"] * 8
    assert len(stub.token_calls()) == 1


def test_scopes_in_another_order_are_the_same_token(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    assert access_token(services, moodle, ("a", "b")) == access_token(services, moodle, ("b", "a"))
    assert access_token(services, moodle, ("a",)) == "t2"


def test_two_registrations_of_one_issuer_never_share_a_token(
    services: Services, moodle: PlatformRef, other: PlatformRef
) -> None:
    assert access_token(services, moodle, ("s",)) == "t1"
    assert access_token(services, other, ("s",)) == "t2"


def test_two_tenants_never_share_a_token(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    foreign = add_platform_row(
        services, add_tenant(services, "two"), stub.url, client_id="second-tenant"
    )
    assert access_token(services, moodle, ("s",)) != access_token(services, foreign, ("s",))


def test_the_token_is_sealed_in_the_database(services: Services, moodle: PlatformRef) -> None:
    access_token(services, moodle, ("s",))
    with services.database.read() as session:
        row = session.scalars(select(AccessToken)).one()
    # Two letters occur in a sealed text by chance, so what is looked for is the sealing itself.
    assert row.sealed_token != "t1"
    assert row.sealed_token.startswith("gAAAA")
    assert digest("t1") not in row.sealed_token


def test_a_row_moved_to_another_registration_does_not_open_there(
    services: Services, moodle: PlatformRef, other: PlatformRef
) -> None:
    access_token(services, moodle, ("s",))
    access_token(services, other, ("s",))
    with services.database.write() as session:
        rows = {row.platform_id: row for row in session.scalars(select(AccessToken))}
        rows[other.platform_id].sealed_token = rows[moodle.platform_id].sealed_token
    assert access_token(services, other, ("s",)) == "t3"


@pytest.mark.parametrize(("seconds", "token"), [(61, "t1"), (59, "t2"), (-5, "t2")])
def test_a_token_is_renewed_a_minute_before_it_dies(
    services: Services, moodle: PlatformRef, seconds: int, token: str
) -> None:
    access_token(services, moodle, ("s",))
    with services.database.write_connection() as connection:
        connection.execute(
            update(AccessToken).values(expires_at=utcnow() + timedelta(seconds=seconds))
        )
    assert access_token(services, moodle, ("s",)) == token


def test_a_refused_token_is_replaced_once_and_then_cached(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    access_token(services, moodle, ("s",))
    assert access_token(services, moodle, ("s",), refused="t1") == "t2"
    # Another worker, whose call failed with the same old token, takes the new one.
    assert access_token(services, moodle, ("s",), refused="t1") == "t2"
    assert len(stub.token_calls()) == 2


@pytest.mark.parametrize(
    ("life", "low", "high"),
    [
        (3600, 3590, 3601),
        ("7200", 7190, 7201),
        (None, 590, 601),
        (-1, 590, 601),
        ("soon", 590, 601),
        (10**9, 86300, 86401),
    ],
)
def test_the_life_of_a_token(
    services: Services, stub: StubPlatform, moodle: PlatformRef, life: object, low: int, high: int
) -> None:
    body = {"access_token": "x", "token_type": "bearer", "expires_in": life}
    stub.token_answer = Reply(200, json.dumps(body), JSON)
    access_token(services, moodle, ("s",))
    with services.database.read() as session:
        expires_at = session.scalars(select(AccessToken.expires_at)).one()
    assert low <= (expires_at - utcnow()).total_seconds() <= high


@pytest.mark.parametrize(
    ("reply", "outcome", "detail"),
    [
        (Reply(400, '{"error":"invalid_scope"}', JSON), "unauthorised", "token: invalid_scope"),
        (Reply(401, '{"error":"invalid_client"}', JSON), "unauthorised", "token: invalid_client"),
        # Moodle puts its error JSON together by hand; it may not be JSON at all.
        (Reply(400, '{"error":"x" "y"}', JSON), "unauthorised", "token: 400"),
        (Reply(400, '{"error":"Peter Smith <p@x.org>"}', JSON), "unauthorised", "token: 400"),
        (Reply(429, "", {"Retry-After": "7"}), "busy", "token: 429"),
        (Reply(503, "", {}), "busy", "token: 503"),
        (Reply(500, "", {}), "unknown", "token: 500"),
        # A token endpoint that is gone says nothing about the line item.
        (Reply(404, "", {}), "unknown", "token: 404"),
        (Reply(409, "", {}), "unknown", "token: 409"),
        (Reply(302, "", {"Location": "http://127.0.0.1:1/"}), "unknown", "token: 302"),
        (Reply(200, "<html>Maintenance</html>", {}), "unknown", "token: not a token response"),
        (Reply(200, "[]", JSON), "unknown", "token: not a token response"),
        (Reply(200, '{"access_token":""}', JSON), "unknown", "token: not a token response"),
        (
            Reply(200, '{"access_token":"x","token_type":"mac"}', JSON),
            "unknown",
            "token: not a token response",
        ),
    ],
)
def test_no_token(
    services: Services,
    stub: StubPlatform,
    moodle: PlatformRef,
    reply: Reply,
    outcome: str,
    detail: str,
) -> None:
    stub.token_answer = reply
    with pytest.raises(ServiceFailed) as caught:
        access_token(services, moodle, ("s",))
    assert (caught.value.outcome, caught.value.detail) == (outcome, detail)
    assert caught.value.retry_after == (7 if reply.status == 429 else None)
    with services.database.read() as session:
        assert session.scalars(select(AccessToken)).all() == []


def test_a_token_address_inside_the_network_is_refused(services: Services, tenant_id: str) -> None:
    inside = add_platform_row(services, tenant_id, "http://169.254.169.254", client_id="c")
    with pytest.raises(ServiceFailed) as caught:
        access_token(services, inside, ("s",))
    assert caught.value.outcome is Outcome.REFUSED


def test_a_platform_is_found_in_its_own_tenant_only_and_only_while_active(
    services: Services, moodle: PlatformRef
) -> None:
    stranger = add_tenant(services, "two")
    with services.database.read_connection() as connection:
        assert find_platform_ref(connection, moodle.tenant_id, moodle.platform_id) == moodle
        assert find_platform_ref(connection, stranger, moodle.platform_id) is None
    with services.database.write_connection() as connection:
        connection.exec_driver_sql("UPDATE platform SET status = 'disabled'")
        assert find_platform_ref(connection, moodle.tenant_id, moodle.platform_id) is None
