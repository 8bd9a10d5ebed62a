"""The LTI 1.1 claim and the joining of accounts: only what was proven, only what was agreed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from config.database import Database
from lti_tool.lti.linking import LinkRefused, accept_link, end_link, linked_users, offer_link
from lti_tool.lti.migration import add_legacy_key, sign
from lti_tool.lti.models import LegacyKey, LinkCode
from lti_tool.lti.sessions import Launch, find_launch
from lti_tool.services import Services
from tests.conformance.stage import outcome
from tests.lti_tool.lti.conftest import build_app, services_on
from tests.lti_tool.lti.platform import LTI, KeyServer, Platform

CLAIM = LTI + "lti1p1"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_the_signature_of_the_specification() -> None:
    claims = {
        "iss": "https://lmsvendor.com",
        "aud": "PM48OJSfGDTAzAo",
        "exp": 1551290856,
        "nonce": "172we8671fd8z",
        LTI + "deployment_id": "689302",
    }
    expected = "lWd54kFo5qU7xshAna6v8BwoBm6tmUjc6GTax6+12ps="
    assert sign("my-lti11-secret", "179248902", claims) == expected
    assert sign("my-lti11-secret", "179248902", {**claims, "aud": [claims["aud"]]}) == expected


@pytest.fixture
def moved(platform: Platform, services: Services) -> Platform:
    """A platform that had an LTI 1.1 consumer key."""
    with services.database.write() as session:
        add_legacy_key(session, services.seal, platform.tenant_id, "old-key", "old-secret", NOW)
    return platform


def migrating(secret: str | None, key: str = "old-key", **ids: Any) -> Any:
    def mutate(claims: dict[str, Any]) -> None:
        claim = {"oauth_consumer_key": key, **ids}
        if secret is not None:
            claim["oauth_consumer_key_sign"] = sign(secret, key, claims)
        claims[CLAIM] = claim

    return mutate


def details(client: FlaskClient, answer: Any) -> dict[str, Any]:
    assert answer.status_code == 303
    found: dict[str, Any] = client.get(answer.headers["Location"]).json["details"]
    return found


def test_a_proven_claim_brings_the_old_ids(client: FlaskClient, moved: Platform) -> None:
    answer = moved.launch(client, migrating("old-secret", user_id="u-1", resource_link_id="r-1"))
    assert details(client, answer)["lti1p1"] == {
        "consumer_key": "old-key",
        "user_id": "u-1",
        "resource_link_id": "r-1",
    }


def test_an_id_that_is_left_out_did_not_change(client: FlaskClient, moved: Platform) -> None:
    answer = moved.launch(client, migrating("old-secret"))
    assert details(client, answer)["lti1p1"] == {"consumer_key": "old-key", "user_id": "6"}


def test_a_claim_without_signature_is_not_used(client: FlaskClient, moved: Platform) -> None:
    assert "lti1p1" not in details(client, moved.launch(client, migrating(None, user_id="u-1")))


@pytest.mark.parametrize(
    "mutate",
    [migrating("guess", user_id="u-1"), migrating("old-secret", "no-such-key")],
)
def test_a_claim_with_a_wrong_signature_is_refused(
    client: FlaskClient, moved: Platform, mutate: Any
) -> None:
    assert outcome(moved.launch(client, mutate)) == "migration_invalid"


def test_a_key_of_another_organisation_proves_nothing(
    client: FlaskClient, moved: Platform, services: Services, key_server: KeyServer
) -> None:
    other = Platform(client_id="c2").register(services.database, tenant="neighbour")
    other.serve_keys(key_server)
    assert outcome(other.launch(client, migrating("old-secret"))) == "migration_invalid"


def test_a_signature_is_for_one_launch(client: FlaskClient, moved: Platform) -> None:
    def stale(claims: dict[str, Any]) -> None:
        migrating("old-secret")({**claims, "nonce": "earlier"})
        signature = sign("old-secret", "old-key", {**claims, "nonce": "earlier"})
        claims[CLAIM] = {"oauth_consumer_key": "old-key", "oauth_consumer_key_sign": signature}

    assert outcome(moved.launch(client, stale)) == "migration_invalid"


def test_the_old_secret_is_sealed(moved: Platform, services: Services) -> None:
    with services.database.read() as session:
        assert "old-secret" not in session.scalars(select(LegacyKey)).one().sealed_secret


# Joining accounts.


class People:
    """Somebody on two platforms, and others."""

    def __init__(self, services: Services, key_server: KeyServer) -> None:
        self.services = services
        app = build_app(services.settings, services)
        self._client = app.test_client()
        self.first = Platform().register(services.database).serve_keys(key_server)
        self.second = Platform(client_id="c2").register(services.database).serve_keys(key_server)
        self.third = Platform(client_id="c3").register(services.database).serve_keys(key_server)
        self.foreign = Platform(client_id="c4")
        self.foreign.register(services.database, tenant="neighbour").serve_keys(key_server)

    def launch(self, platform: Platform, sub: str = "6") -> Launch:
        answer = platform.launch(self._client, sub=sub)
        launch_id = answer.headers["Location"].split("/")[2]
        secret = answer.headers.getlist("Set-Cookie")[0].partition("=")[2].partition(";")[0]
        with self.services.database.read_connection() as connection:
            found = find_launch(connection, launch_id, secret)
        assert found is not None
        return found

    def offer(self, launch: Launch, now: datetime = NOW) -> str:
        with self.services.database.write() as session:
            return offer_link(session, launch, now)

    def accept(self, launch: Launch, code: str, now: datetime = NOW) -> None:
        with self.services.database.write() as session:
            accept_link(session, launch, code, now)

    def joined(self, launch: Launch) -> set[str]:
        with self.services.database.read_connection() as connection:
            return set(linked_users(connection, launch.tenant_id, launch.user_id))


@pytest.fixture
def people(database: Database, settings: Any, key_server: KeyServer) -> People:
    return People(services_on(settings, database, key_server), key_server)


def test_the_same_sub_on_two_platforms_is_two_people(people: People) -> None:
    a, b = people.launch(people.first), people.launch(people.second)
    assert a.user_id != b.user_id
    assert (people.joined(a), people.joined(b)) == ({a.user_id}, {b.user_id})


def test_a_code_of_one_side_given_on_the_other_joins_them(people: People) -> None:
    a, b, c = (people.launch(one) for one in (people.first, people.second, people.third))
    people.accept(b, people.offer(a).lower())
    assert people.joined(a) == people.joined(b) == {a.user_id, b.user_id}
    people.accept(b, people.offer(c))
    everybody = {a.user_id, b.user_id, c.user_id}
    assert [people.joined(one) for one in (a, b, c)] == [everybody] * 3
    with people.services.database.write() as session:
        end_link(session, b)
    assert people.joined(b) == {b.user_id}
    assert people.joined(a) == {a.user_id, c.user_id}


def test_a_code_works_once_and_for_ten_minutes(people: People) -> None:
    a, b, c = (people.launch(one) for one in (people.first, people.second, people.third))
    code = people.offer(a)
    with pytest.raises(LinkRefused):
        people.accept(b, code, NOW + timedelta(minutes=10))
    people.accept(b, code, NOW + timedelta(minutes=9))
    with pytest.raises(LinkRefused):
        people.accept(c, code)


def test_a_new_code_replaces_the_one_before(people: People) -> None:
    a, b = people.launch(people.first), people.launch(people.second)
    old = people.offer(a)
    people.offer(a)
    with pytest.raises(LinkRefused):
        people.accept(b, old)


def test_nobody_joins_within_a_platform_or_across_organisations(people: People) -> None:
    a = people.launch(people.first)
    for other in (people.launch(people.first, "7"), people.launch(people.foreign), a):
        with pytest.raises(LinkRefused):
            people.accept(other, people.offer(a))
    with pytest.raises(LinkRefused):
        people.accept(people.launch(people.second), "GUESSED1")
    assert people.joined(a) == {a.user_id}


def test_codes_are_stored_as_hashes(people: People) -> None:
    code = people.offer(people.launch(people.first))
    with people.services.database.read() as session:
        assert code not in session.scalars(select(LinkCode)).one().code_hash
