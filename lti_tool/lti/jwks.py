"""A platform's public keys: parsed strictly, cached in the process and in the database.

They are fetched when they are older than `FRESH`, and once more when a token names a key that we do
not know, in either case at most once in `RETRY` for all workers together. While the platform's URL
does not answer, what we have stays usable for `STALE`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import bindparam, select, update

from config.database import Database
from config.http import HttpDoor, HttpError
from config.logging import get_logger
from lti_tool.lti.models import PlatformKeySet, table_of
from lti_tool.lti.refusals import LaunchRefused

ALGORITHMS = {
    "RS256": "RSA",
    "RS384": "RSA",
    "RS512": "RSA",
    "ES256": "P-256",
    "ES384": "P-384",
    "ES512": "P-521",
}
"""The algorithms that a registration may allow, with the kind of key each one needs."""

MIN_RSA_BITS = 2048
FRESH = timedelta(hours=1)
STALE = timedelta(hours=24)
RETRY = timedelta(seconds=60)
_DEADLINE = 5.0
_IN_FLIGHT = timedelta(seconds=_DEADLINE)
_POLL = 0.1
_MAX_BYTES = 256_000
_MAX_KEYS = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_table = table_of(PlatformKeySet)
_SELECT = select(_table.c.jwks, _table.c.etag, _table.c.fetched_at, _table.c.attempted_at).where(
    _table.c.tenant_id == bindparam("tenant_id"), _table.c.platform_id == bindparam("platform_id")
)
_HERE = (
    _table.c.tenant_id == bindparam("at_tenant"),
    _table.c.platform_id == bindparam("at_platform"),
)
_CLAIM = update(_table).where(*_HERE, _table.c.attempted_at <= bindparam("before"))
_STORE = update(_table).where(*_HERE)

log = get_logger()

PublicKey = RSAKey | ECKey


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the keys of one platform come from."""

    tenant_id: str
    platform_id: str
    url: str


@dataclass(frozen=True, slots=True)
class PublicJwk:
    """One usable key and the only algorithms that it may verify."""

    key: PublicKey
    algorithms: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Held:
    """A key set as this process knows it; `refused` are key ids that must not be used."""

    keys: Mapping[str, PublicJwk]
    refused: frozenset[str]
    etag: str | None
    fetched_at: datetime
    attempted_at: datetime


def parse_jwks(document: object) -> tuple[dict[str, PublicJwk], frozenset[str]]:
    """Return the usable keys of a JWK set by key id, and the ids that are present but unusable.

    Usable is a public RSA key of at least 2048 bits or an elliptic curve key of RFC 7518 §6.2,
    meant for signatures, whose id is not shared with a different key. Private members are ignored.

    Raises:
        ValueError: the document is not a JWK set.
    """
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or len(entries) > _MAX_KEYS:
        raise ValueError("not a JWK set")
    keys: dict[str, PublicJwk] = {}
    refused: set[str] = set()
    for entry in entries:
        kid = entry.get("kid") if isinstance(entry, dict) else None
        if not isinstance(kid, str) or not kid:
            continue
        parsed = parse_jwk(entry)
        twin = keys.get(kid)
        if parsed is None or (twin and twin.key.thumbprint() != parsed.key.thumbprint()):
            refused.add(kid)
        else:
            keys[kid] = parsed
    return {kid: key for kid, key in keys.items() if kid not in refused}, frozenset(refused)


def parse_jwk(entry: Mapping[str, Any]) -> PublicJwk | None:
    """Return one public key, None where it must not verify anything."""
    operations = entry.get("key_ops")
    if entry.get("use", "sig") != "sig":
        return None
    if operations is not None and not (isinstance(operations, list) and "verify" in operations):
        return None
    try:
        kind, key = _material(entry)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    fitting = frozenset(name for name, needs in ALGORITHMS.items() if needs == kind)
    named = entry.get("alg")
    algorithms = fitting if named is None else fitting & {named if isinstance(named, str) else ""}
    return PublicJwk(key, algorithms) if algorithms else None


def _material(entry: Mapping[str, Any]) -> tuple[str, PublicKey]:
    if entry.get("kty") == "RSA":
        members = {name: entry[name] for name in ("kty", "n", "e")}
        # Looked at before the key is built: joserfc only warns of a short one.
        if len(members["n"]) * 6 < MIN_RSA_BITS - 16:
            raise ValueError("short key")
        rsa = RSAKey.import_key(members)
        if rsa.public_key.key_size < MIN_RSA_BITS:
            raise ValueError("short key")
        return "RSA", rsa
    if entry.get("kty") == "EC":
        curve = ECKey.import_key({name: entry[name] for name in ("kty", "crv", "x", "y")})
        return str(entry["crv"]), curve
    raise ValueError("key type")


class KeySets:
    """The key sets of all platforms; one object per process, safe for its threads."""

    def __init__(
        self,
        database: Database,
        door: HttpDoor,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._door = door
        self._pause = pause
        self._held: dict[str, _Held] = {}
        self._failed_at: dict[str, datetime] = {}
        self._locks: dict[str, Lock] = {}
        self._guard = Lock()

    def find(self, source: KeySource, kid: str, now: datetime) -> PublicJwk:
        """Return the platform's key of this id, fetching its key set where that is due.

        Never call it inside a transaction.

        Raises:
            LaunchRefused: `key_unknown`, `key_refused` or `keys_unavailable`.
        """
        held = self._held.get(source.platform_id)
        if held and kid in held.keys and now - held.fetched_at < FRESH:
            return held.keys[kid]
        with self._lock_for(source.platform_id):
            held = self._load(source)
            if _due(held, kid, now):
                held = self._refresh(source, now) or held
        return _choose(held, kid, now)

    def forget(self) -> None:
        """Drop what this process holds; the database keeps it."""
        self._held.clear()

    def _lock_for(self, platform_id: str) -> Lock:
        with self._guard:
            return self._locks.setdefault(platform_id, Lock())

    def _load(self, source: KeySource) -> _Held | None:
        with self._database.read_connection() as connection:
            row = connection.execute(
                _SELECT, {"tenant_id": source.tenant_id, "platform_id": source.platform_id}
            ).one_or_none()
        if row is None:
            return None
        held = self._held.get(source.platform_id)
        if held and held.fetched_at == row.fetched_at and held.etag == row.etag:
            keys, refused = held.keys, held.refused
        else:
            keys, refused = parse_jwks(row.jwks)
        held = _Held(keys, refused, row.etag, row.fetched_at, row.attempted_at)
        self._held[source.platform_id] = held
        return held

    def _refresh(self, source: KeySource, now: datetime) -> _Held | None:
        """Fetch, unless another worker did or does so within `RETRY`; then wait for its result."""
        if not self._claim(source, now):
            return self._await_other(source, now)
        held = self._held.get(source.platform_id)
        headers = {"Accept": "application/jwk-set+json, application/json;q=0.9, */*;q=0.1"}
        if held and held.etag:
            headers["If-None-Match"] = held.etag
        try:
            answer = self._door.get(
                source.url, headers=headers, deadline=_DEADLINE, max_bytes=_MAX_BYTES
            )
            if answer.status == 304 and held and held.etag:
                self._store(source, {"fetched_at": now})
            elif answer.status == 200:
                document = answer.json()
                parse_jwks(document)
                etag = answer.headers.get("ETag")
                self._store(
                    source,
                    {"jwks": document, "etag": etag and etag[:255], "fetched_at": now},
                )
            else:
                self._failed(source, now, f"status {answer.status}")
                return None
        except (HttpError, ValueError) as error:
            self._failed(source, now, getattr(error, "reason", "not a JWK set"))
            return None
        return self._load(source)

    def _failed(self, source: KeySource, now: datetime, reason: str) -> None:
        log.warning("jwks.unavailable", platform=source.platform_id, reason=reason)
        self._failed_at[source.platform_id] = now

    def _claim(self, source: KeySource, now: datetime) -> bool:
        """Take the turn to fetch: true for one caller per `RETRY` in all processes.

        This is the only row that a token may cause before its signature is known to be good:
        one for each platform, at most once a minute.
        """
        where = {"at_tenant": source.tenant_id, "at_platform": source.platform_id}
        with self._database.write_connection() as connection:
            taken = connection.execute(
                _CLAIM.values(attempted_at=now), {**where, "before": now - RETRY}
            )
            if taken.rowcount:
                return True
            exists = connection.execute(
                _SELECT, {"tenant_id": source.tenant_id, "platform_id": source.platform_id}
            ).one_or_none()
            if exists is not None:
                # A clock that was set back must not lock us out for hours.
                ahead = exists.attempted_at > now + RETRY
                if ahead:
                    connection.execute(_STORE.values(attempted_at=now), where)
                return bool(ahead)
            connection.execute(
                _table.insert().values(
                    tenant_id=source.tenant_id,
                    platform_id=source.platform_id,
                    jwks={"keys": []},
                    etag=None,
                    fetched_at=_EPOCH,
                    attempted_at=now,
                )
            )
            return True

    def _await_other(self, source: KeySource, now: datetime) -> _Held | None:
        """Wait while another worker's fetch may still be on its way."""
        held = self._load(source)
        for _ in range(int(_DEADLINE / _POLL)):
            if (
                held is None
                or held.fetched_at >= held.attempted_at
                or held.attempted_at == self._failed_at.get(source.platform_id)
                or now - held.attempted_at > _IN_FLIGHT
            ):
                break
            self._pause(_POLL)
            held = self._load(source)
        return held

    def _store(self, source: KeySource, values: dict[str, Any]) -> None:
        where = {"at_tenant": source.tenant_id, "at_platform": source.platform_id}
        with self._database.write_connection() as connection:
            connection.execute(_STORE.values(**values), where)


def _due(held: _Held | None, kid: str, now: datetime) -> bool:
    if held is None:
        return True
    if now - held.attempted_at < RETRY and held.attempted_at <= now and held.fetched_at != _EPOCH:
        return False
    return kid not in held.keys or now - held.fetched_at >= FRESH


def _choose(held: _Held | None, kid: str, now: datetime) -> PublicJwk:
    if held is None or held.fetched_at == _EPOCH or now - held.fetched_at > STALE:
        raise LaunchRefused("keys_unavailable")
    if kid in held.refused:
        raise LaunchRefused("key_refused")
    if kid not in held.keys:
        raise LaunchRefused("key_unknown")
    return held.keys[kid]
