"""The tool's own keys: made once, sealed, published, changed without a gap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from config.database import Database
from config.secrets import Seal, SealBroken
from lti_tool.lti import keys, rotation
from lti_tool.lti.keys import ACTIVE, NEXT, RETIRING, KeyRing, key_ring, keys_in, signing_key
from lti_tool.lti.models import ToolKey
from lti_tool.lti.rotation import ACTIVE_FOR, RETIRE_FOR, TooEarly, rotate_due, rotate_now
from lti_tool.services import Services
from tests.lti_tool.lti.platform import rsa_key

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def ready_made_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take keys from a shelf: making one takes long."""
    count = iter(range(100))

    def made() -> RSAKey:
        return RSAKey.import_key(rsa_key(f"tool-{next(count)}").as_pem(private=True))

    monkeypatch.setattr(keys, "new_key", made)
    monkeypatch.setattr(rotation, "new_key", made)


def states(services: Services) -> dict[str, list[str]]:
    with services.database.read() as session:
        return {
            state: [row.kid for row in keys_in(session, state)]
            for state in (NEXT, ACTIVE, RETIRING)
        }


def all_kids(services: Services) -> set[str]:
    return {kid for kids in states(services).values() for kid in kids}


def test_the_first_use_makes_one_active_and_one_next_key(services: Services) -> None:
    kid, key = signing_key(services)
    assert kid == key.thumbprint()
    assert [len(found) for found in states(services).values()] == [1, 1, 0]
    assert signing_key(services) == (kid, key)


def test_a_restart_signs_with_the_same_key(services: Services) -> None:
    kid, _ = signing_key(services)
    assert KeyRing(services.database, services.seal).signing_key().kid == kid


def test_private_keys_are_sealed_for_their_own_row(services: Services) -> None:
    kid, key = signing_key(services)
    with services.database.read() as session:
        row = session.get_one(ToolKey, kid)
        assert "PRIVATE" not in row.sealed_private_key
        assert "d" not in row.public_jwk
        other = keys_in(session, NEXT)[0]
        with pytest.raises(SealBroken):
            services.seal.open(other.sealed_private_key, f"tool_key|sealed_private_key|{kid}")
    with pytest.raises(SealBroken):
        KeyRing(services.database, Seal(["another-seal-key-9876543210-jihgfedcba"])).signing_key()
    assert key.is_private


def test_the_key_set_has_public_halves_only(services: Services, client: FlaskClient) -> None:
    answer = client.get("/lti/jwks.json")
    published = answer.json["keys"]
    assert {key["kid"] for key in published} == all_kids(services)
    for key in published:
        assert set(key) == {"kty", "n", "e", "kid", "alg", "use"}
        assert (key["alg"], key["use"]) == ("RS256", "sig")
    assert "max-age=3600" in answer.headers["Cache-Control"]
    again = client.get("/lti/jwks.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_nothing_is_due_before_its_time(services: Services) -> None:
    rotate_due(services, START)
    before = states(services)
    for days in (1, 30, 89):
        done = rotate_due(services, START + timedelta(days=days))
        assert (done.activated, done.retired, done.dropped) == (None, (), 0)
    assert states(services) == before


def test_a_rotation_moves_every_key_one_step(services: Services) -> None:
    rotate_due(services, START)
    before = states(services)
    done = rotate_due(services, START + ACTIVE_FOR)
    after = states(services)
    assert after[ACTIVE] == before[NEXT] == [done.activated]
    assert after[RETIRING] == before[ACTIVE] == list(done.retired)
    assert after[NEXT] == [done.published]
    rotate_due(services, START + ACTIVE_FOR + RETIRE_FOR - timedelta(hours=1))
    assert states(services)[RETIRING] == before[ACTIVE]
    rotate_due(services, START + ACTIVE_FOR + RETIRE_FOR)
    assert states(services)[RETIRING] == []


def test_f22_a_platform_with_a_day_old_key_set_never_fails(services: Services) -> None:
    """Half a year of scheduled rotation, looked at every six hours by the slowest platform."""
    published: list[tuple[datetime, tuple[dict[str, Any], ...]]] = []
    signed: list[tuple[datetime, str]] = []
    ring = key_ring(services)
    for hours in range(0, 24 * 200, 6):
        now = START + timedelta(hours=hours)
        rotate_due(services, now)
        ring.forget()
        published.append((now, ring.published()))
        key = ring.signing_key()
        token = jwt.encode({"alg": "RS256", "kid": key.kid}, {"at": hours}, key.key)
        signed.append((now, token))
        # A copy of the key set from now, and one as old as a platform keeps it.
        for age in (timedelta(0), timedelta(hours=18)):
            copy = [found for at, found in published if at <= now - age]
            if copy:
                jwt.decode(token, KeySet.import_key_set({"keys": list(copy[-1])}))
        # A token that was in flight during a rotation.
        for at, old in signed[-3:]:
            if now - at <= timedelta(hours=12):
                jwt.decode(old, KeySet.import_key_set({"keys": list(published[-1][1])}))
    assert len({token.split(".")[0] for _, token in signed}) >= 3


def test_the_command_waits_until_the_next_key_is_known(services: Services) -> None:
    rotate_due(services, START)
    before = states(services)
    with pytest.raises(TooEarly) as refused:
        rotate_now(services, START + timedelta(hours=23))
    assert refused.value.ready_at == START + timedelta(days=1)
    assert states(services) == before
    done = rotate_now(services, START + timedelta(hours=24))
    assert [done.activated] == before[NEXT]


def test_a_stolen_key_is_withdrawn_at_once(services: Services) -> None:
    rotate_due(services, START)
    before = states(services)
    rotate_now(services, START + timedelta(minutes=1), force=True)
    after = states(services)
    assert after[ACTIVE] == before[NEXT]
    assert before[ACTIVE][0] not in all_kids(services)


def test_two_first_starts_at_once_settle_on_one_key(services: Services) -> None:
    with services.database.write() as session:
        keys.store_key(session, services.seal, rsa_key("tool-90"), ACTIVE, START)
        keys.store_key(
            session, services.seal, rsa_key("tool-91"), ACTIVE, START + timedelta(seconds=1)
        )
    rotate_due(services, START + timedelta(hours=1))
    found = states(services)
    assert found[ACTIVE] == [rsa_key("tool-91").thumbprint()]
    assert found[RETIRING] == [rsa_key("tool-90").thumbprint()]


def test_rotation_runs_on_both_databases(
    database: Database, services: Services, key_server: object
) -> None:
    from dataclasses import replace

    both = replace(services, database=database)
    rotate_due(both, START)
    done = rotate_due(both, START + ACTIVE_FOR)
    assert [done.activated] == states(both)[ACTIVE]
