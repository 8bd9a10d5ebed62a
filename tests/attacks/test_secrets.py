"""K1 and K2: secrets are nowhere in clear; what people say is not in logs or on error pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from config.clock import utcnow
from config.database import Database
from config.http.errors import HttpError
from config.logging import configure_logging
from config.secrets import Seal, SealBroken
from lti_tool.learner.interests import operations
from lti_tool.lti.keys import key_ring
from lti_tool.lti.registration import create_invite
from lti_tool.lti.services import tokens
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.people.models import User
from moodle_sync.sites import connect_site
from tests.attacks.house import House
from tests.lti_tool.lti.platform import LTI, http_answer

TOKEN = "kanarek-access-token-1234567890"
WS_TOKEN = "kanarekkanarekkanarekkanarek0123"
NAME = "Kanarek Kanarková"
SUB = "kanarek-sub-42"
EMAIL = "kanarek@example.org"
SOURCED = "kanarek-national-id"


def files(database: Database) -> bytes:
    """Everything that the database has on the disk, its log included."""
    assert database.path is not None
    return b"".join(
        path.read_bytes() for path in sorted(database.path.parent.glob(database.path.name + "*"))
    )


def use_everything(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Go through whatever handles a secret; returns the secrets."""
    client = house.app.test_client()
    query = house.platform.login(client)
    claims = house.platform.claims(
        query["nonce"],
        sub=SUB,
        name=NAME,
        email=EMAIL,
        **{LTI + "lis": {"person_sourcedid": SOURCED}},
    )
    signed = house.platform.sign(claims)
    answer = house.platform.post(client, signed, query["state"])
    assert answer.status_code == 303
    cookies = [cookie.value for cookie in client._cookies.values()]
    seen = [TOKEN, WS_TOKEN, signed, query["state"], query["nonce"], *cookies]
    ring, database = key_ring(house.services), house.services.database
    _kid, key = ring.signing_key()
    private = key.as_dict(private=True)
    seen += [private["d"], private["p"], "PRIVATE KEY"]

    granted = f'{{"access_token": "{TOKEN}", "token_type": "Bearer", "expires_in": 3600}}'
    monkeypatch.setattr(house.keys, "post", lambda *_a, **_o: http_answer(granted), raising=False)
    platform = PlatformRef(
        house.platform.tenant_id,
        house.platform.row_id,
        house.platform.client_id,
        f"{house.platform.issuer}/mod/lti/token.php",
        "moodle",
    )
    assert tokens.access_token(house.services, platform, ("scope",)) == TOKEN
    with database.write() as session:
        code = create_invite(session, platform.tenant_id, auto_approve=True, now=utcnow())
        connect_site(
            session,
            house.services.seal,
            platform.tenant_id,
            platform.platform_id,
            house.platform.issuer,
            house.platform.issuer,
            WS_TOKEN,
        )
    house.app.test_client().get(
        f"/lti/register/{code}",
        query_string={"openid_configuration": "https://x.example", "registration_token": TOKEN},
    )
    settings = house.services.settings
    seen += [code, settings.secret_key.get_secret_value()]
    return seen + [key.get_secret_value() for key in settings.seal_keys]


def test_k1_no_secret_is_in_the_database(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = use_everything(house, monkeypatch)
    assert len(secrets) > 10
    stored = files(house.services.database)
    assert [secret for secret in secrets if secret.encode() in stored] == []
    # Nor is what a platform says of a person and nobody asked it for.
    for personal in (NAME, EMAIL, SOURCED, "learner00001"):
        assert personal.encode() not in stored
    assert SUB.encode() in stored


def test_k1_no_secret_and_no_person_is_in_the_log(
    house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    configure_logging("DEBUG")
    secrets = use_everything(house, monkeypatch)
    for broken in ("x", secrets[2][:-4] + "AAAA"):
        query = house.platform.login(client := house.app.test_client(), login_hint=SUB)
        assert house.platform.post(client, broken, query["state"]).status_code == 401
    written = "".join(capfd.readouterr())
    assert "launch.refused" in written
    assert [secret for secret in (*secrets, NAME, SUB, EMAIL) if secret in written] == []


def breaks(message: str) -> Any:
    def fail(*_args: object, **_options: object) -> None:
        raise RuntimeError(message)

    return fail


def test_k1_a_fault_of_ours_shows_and_logs_nothing_of_it(
    house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    configure_logging("DEBUG")
    visit = house.visit(sub=SUB)
    monkeypatch.setattr(operations, "find_walk", breaks(f"{NAME} said {TOKEN}"))
    answer = visit.get("interests/")
    assert answer.status_code == 500
    written = "".join(capfd.readouterr())
    reference = re.findall(r"<code>internal ([0-9a-f]{8})</code>", answer.text)[0]
    assert reference in written
    assert "RuntimeError" in written
    for text in (answer.text, written):
        assert not any(canary in text for canary in (NAME, TOKEN, SUB, "Traceback"))


def test_k1_a_fault_of_the_database_does_not_repeat_the_row(
    any_house: House, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    configure_logging("DEBUG")
    house = any_house
    visit = house.visit(sub=SUB)
    [(tenant_id, platform_id)] = house.values("user", "tenant_id", "platform_id")

    def twice(*_args: object) -> None:
        with house.services.database.write() as session:
            session.add(User(tenant_id=tenant_id, platform_id=platform_id, sub=SUB, name=NAME))

    monkeypatch.setattr(operations, "find_walk", twice)
    assert visit.get("interests/").status_code == 500
    written = "".join(capfd.readouterr())
    assert "IntegrityError" in written
    assert SUB not in written
    assert NAME not in written
    with pytest.raises(IntegrityError) as caught:
        twice()
    assert NAME not in str(caught.value)


def test_k1_no_address_carries_a_secret(house: House) -> None:
    client = house.app.test_client()
    query = house.platform.login(client)
    proof = next(iter(client._cookies.values())).value
    signed = house.platform.sign(house.platform.claims(query["nonce"]))
    answer = house.platform.post(client, signed, query["state"])
    secret = next(c.value for c in client._cookies.values() if "__Host-ls-" in c.key)
    addresses = [answer.headers["Location"], *query.values()]
    pages = [
        client.get(answer.headers["Location"] + path).text for path in ("interests/", "careers/")
    ]
    for text in (*addresses, *pages):
        assert secret not in text
        assert proof not in text


def test_k1_the_roster_is_not_read_into_an_error(house: House) -> None:
    teacher = house.visit("teacher")
    answer = teacher.post("teacher/roster")
    assert answer.status_code == 502
    assert house.platform.issuer + "/mod/lti/services" not in answer.text
    assert str(HttpError("no connection")) not in answer.text


# K2.


def test_k2_what_the_old_key_sealed_opens_until_it_is_dropped() -> None:
    old, new = Seal(["old-" * 10]), Seal(["new-" * 10, "old-" * 10])
    sealed = old.close("secret", "place")
    renewed = new.renew(sealed)
    only = Seal(["new-" * 10])
    assert new.open(sealed, "place") == only.open(renewed, "place") == "secret"
    with pytest.raises(SealBroken):
        only.open(sealed, "place")
    with pytest.raises(SealBroken):
        only.open(renewed, "another place")


def test_k1_backups_hold_what_the_database_holds(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import sqlite3

    secrets = use_everything(house, monkeypatch)
    path = house.services.database.path
    assert path is not None
    copy = tmp_path / "backup.db"
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    stored = copy.read_bytes()
    assert [secret for secret in secrets if secret.encode() in stored] == []
