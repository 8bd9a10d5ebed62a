"""The platform's keys: what is usable, when they are fetched, how long they serve."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from joserfc.jwk import ECKey

from config.database import Database
from config.http import HttpDoor, HttpResponse
from lti_tool.lti.jwks import FRESH, RETRY, STALE, KeySets, KeySource, parse_jwk, parse_jwks
from lti_tool.lti.refusals import LaunchRefused
from tests.lti_tool.lti.platform import (
    KeyServer,
    Platform,
    http_answer,
    public_jwk,
    rsa_key,
    unreachable,
)

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def moodle(database: Database, key_server: KeyServer) -> Platform:
    """A platform on either database."""
    return Platform().register(database).serve_keys(key_server)


@pytest.fixture
def source(moodle: Platform) -> KeySource:
    return KeySource(moodle.tenant_id, moodle.row_id, moodle.jwks_url)


@pytest.fixture
def sets(database: Database, key_server: KeyServer) -> KeySets:
    return worker(database, key_server)


def worker(database: Database, key_server: KeyServer) -> KeySets:
    """The key sets as one more process sees them."""
    return KeySets(database, cast("HttpDoor", key_server), pause=lambda _: None)


def refusal(sets: KeySets, source: KeySource, kid: str, now: datetime) -> str | None:
    try:
        sets.find(source, kid, now)
    except LaunchRefused as refused:
        return refused.code
    return None


# What is usable.


def test_a_key_verifies_the_algorithms_of_its_kind() -> None:
    jwk = public_jwk(rsa_key("platform"), "k")
    jwk.pop("alg")
    assert parse_jwk(jwk).algorithms == {"RS256", "RS384", "RS512"}
    assert parse_jwk({**jwk, "alg": "RS384"}).algorithms == {"RS384"}
    assert parse_jwk(public_jwk(ECKey.generate_key("P-384"), "k", alg="ES384")).algorithms == {
        "ES384"
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"use": "enc"},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"alg": "ES256"},
        {"alg": "HS256"},
        {"alg": ["RS256"]},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": None},
        {"n": None},
        {"n": 5},
        {"n": "!!!"},
        {"e": ""},
    ],
)
def test_a_key_for_something_else_is_not_usable(changes: dict[str, object]) -> None:
    assert parse_jwk({**public_jwk(rsa_key("platform"), "k"), **changes}) is None


def test_private_members_are_not_taken_along() -> None:
    jwk = {**rsa_key("platform").as_dict(private=True), "kid": "k"}
    assert not parse_jwk(jwk).key.is_private


def test_a_curve_of_another_kind_is_not_usable() -> None:
    jwk = public_jwk(ECKey.generate_key("secp256k1"), "k")
    jwk.pop("alg")
    assert parse_jwk(jwk) is None


def test_one_bad_key_does_not_spoil_the_set() -> None:
    keys, refused = parse_jwks(
        {"keys": [7, {"kid": "x", "kty": "odd"}, public_jwk(rsa_key("platform"), "good")]}
    )
    assert (set(keys), refused) == ({"good"}, {"x"})


# When they are fetched.


def test_a_thousand_launches_fetch_once(
    sets: KeySets, source: KeySource, moodle: Platform, key_server: KeyServer
) -> None:
    for step in range(1000):
        sets.find(source, moodle.kid, NOW + step * SECOND)
    assert len(key_server.asked) == 1


def test_every_worker_finds_what_one_fetched(
    database: Database, source: KeySource, moodle: Platform, key_server: KeyServer
) -> None:
    for _ in range(8):
        worker(database, key_server).find(source, moodle.kid, NOW)
    assert len(key_server.asked) == 1


def test_an_unchanged_set_is_confirmed_by_its_etag(
    sets: KeySets, source: KeySource, moodle: Platform, key_server: KeyServer
) -> None:
    moodle.etag = '"v1"'
    sets.find(source, moodle.kid, NOW)
    sets.find(source, moodle.kid, NOW + FRESH)
    assert key_server.asked[-1][1]["If-None-Match"] == '"v1"'
    sets.find(source, moodle.kid, NOW + FRESH + SECOND)
    assert len(key_server.asked) == 2


def test_an_unknown_kid_is_looked_for_once_a_minute(
    database: Database, sets: KeySets, source: KeySource, moodle: Platform, key_server: KeyServer
) -> None:
    sets.find(source, moodle.kid, NOW)
    for step in range(120):
        for one in (sets, worker(database, key_server)):
            assert refusal(one, source, "other", NOW + step * SECOND) == "key_unknown"
    assert len(key_server.asked) == 2
    assert refusal(sets, source, "other", NOW + 2 * RETRY) == "key_unknown"
    assert len(key_server.asked) == 3


def test_f21_a_rotated_key_is_found_at_its_first_launch(
    sets: KeySets, source: KeySource, moodle: Platform, key_server: KeyServer
) -> None:
    sets.find(source, moodle.kid, NOW)
    later = NOW + RETRY
    new = public_jwk(rsa_key("second"), "kid-2")
    moodle.keys.append(new)
    assert refusal(sets, source, "kid-2", later) is None
    assert refusal(sets, source, moodle.kid, later) is None
    moodle.keys = [new]
    assert refusal(sets, source, "kid-2", later + 2 * FRESH) is None
    assert refusal(sets, source, moodle.kid, later + 2 * FRESH) == "key_unknown"
    assert len(key_server.asked) == 3


def test_f21_a_key_url_that_is_down_fails_no_launch_for_a_day(
    sets: KeySets, source: KeySource, moodle: Platform, key_server: KeyServer
) -> None:
    sets.find(source, moodle.kid, NOW)
    key_server.answers[source.url] = unreachable()
    for minutes in range(0, 24 * 60, 7):
        assert refusal(sets, source, moodle.kid, NOW + timedelta(minutes=minutes)) is None
    assert refusal(sets, source, moodle.kid, NOW + STALE + SECOND) == "keys_unavailable"
    moodle.serve_keys(key_server)
    assert refusal(sets, source, moodle.kid, NOW + STALE + RETRY + 2 * SECOND) is None


def test_a_url_that_never_answered_is_asked_once_a_minute(
    database: Database, sets: KeySets, source: KeySource, moodle: Platform, key_server: KeyServer
) -> None:
    key_server.answers[source.url] = unreachable()
    for step in range(50):
        assert refusal(sets, source, moodle.kid, NOW + step * SECOND) == "keys_unavailable"
    assert len(key_server.asked) == 1
    moodle.serve_keys(key_server)
    assert refusal(sets, source, moodle.kid, NOW + RETRY) is None


def test_a_clock_that_was_set_back_locks_nobody_out(
    sets: KeySets, source: KeySource, moodle: Platform, key_server: KeyServer
) -> None:
    sets.find(source, moodle.kid, NOW)
    moodle.keys = [public_jwk(rsa_key("second"), "kid-2")]
    assert refusal(sets, source, "kid-2", NOW - timedelta(hours=1)) is None


def test_threads_that_come_at_once_share_one_fetch(
    sets: KeySets, source: KeySource, moodle: Platform, key_server: KeyServer
) -> None:
    served = key_server.answers[source.url]

    def slowly() -> HttpResponse:
        time.sleep(0.05)
        return served()

    key_server.answers[source.url] = slowly
    found: list[str | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(refusal(sets, source, moodle.kid, NOW)))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [None] * 12
    assert len(key_server.asked) == 1


def test_a_worker_waits_for_the_fetch_of_another(
    database: Database, source: KeySource, moodle: Platform, key_server: KeyServer
) -> None:
    """The second worker comes while the first one's fetch is on its way."""
    waits: list[float] = []
    seen: list[str | None] = []
    served = key_server.answers[source.url]
    second = KeySets(database, cast("HttpDoor", key_server), pause=waits.append)

    def while_fetching() -> HttpResponse:
        seen.append(refusal(second, source, moodle.kid, NOW))
        return served()

    key_server.answers[source.url] = while_fetching
    assert refusal(worker(database, key_server), source, moodle.kid, NOW) is None
    assert seen == ["keys_unavailable"]
    assert len(waits) >= 10
    assert refusal(second, source, moodle.kid, NOW) is None
    assert len(key_server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda: http_answer("", 304),
        lambda: http_answer("", 302, {"Location": "https://evil.example.net"}),
        lambda: http_answer('{"error": "no"}'),
        lambda: http_answer(json.dumps({"keys": "none"})),
    ],
)
def test_a_bad_answer_does_not_replace_good_keys(
    sets: KeySets, source: KeySource, moodle: Platform, key_server: KeyServer, answer: object
) -> None:
    sets.find(source, moodle.kid, NOW)
    key_server.answers[source.url] = answer
    assert refusal(sets, source, moodle.kid, NOW + FRESH) is None
    assert refusal(sets, source, moodle.kid, NOW + FRESH + SECOND) is None


def test_two_platforms_do_not_share_keys(
    database: Database, sets: KeySets, source: KeySource, moodle: Platform, key_server: KeyServer
) -> None:
    other = Platform(client_id="client-two", key_name="second", kid="kid-2")
    other.register(database, tenant="neighbour", jwks_url="https://other.example.org/keys")
    key_server.answers["https://other.example.org/keys"] = lambda: http_answer(
        json.dumps({"keys": other.keys})
    )
    theirs = replace(
        source,
        tenant_id=other.tenant_id,
        platform_id=other.row_id,
        url="https://other.example.org/keys",
    )
    assert refusal(sets, theirs, "kid-2", NOW) is None
    assert refusal(sets, source, "kid-2", NOW) == "key_unknown"
