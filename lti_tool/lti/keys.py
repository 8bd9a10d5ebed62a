"""The tool's own signing keys: made, sealed at rest, published before use and after it.

A key is `next` (published, not used yet), then `active` (signs), then `retiring` (published until
every token that it signed is dead). Platforms cache our key set, so a key is published for at least
`PUBLISH_FIRST` before it signs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from joserfc.jwk import RSAKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import utcnow
from config.database import Database
from config.secrets import Seal
from lti_tool.lti.models import ToolKey
from lti_tool.services import Services

NEXT, ACTIVE, RETIRING = "next", "active", "retiring"
ALGORITHM = "RS256"
BITS = 2048
PUBLISH_FIRST = timedelta(days=1)
_RELOAD_SECONDS = 60.0


class NoSigningKey(RuntimeError):
    """No key is active; `rotate_due` was never run on this database."""


class SigningKey(NamedTuple):
    """A loaded private key; loading costs 50 ms, signing half of one."""

    kid: str
    key: RSAKey


def new_key() -> RSAKey:
    """Return a new private key; takes tenths of a second, so never inside a transaction."""
    return RSAKey.generate_key(BITS)


def _place(kid: str) -> str:
    return f"tool_key|sealed_private_key|{kid}"


def store_key(session: Session, seal: Seal, key: RSAKey, state: str, now: datetime) -> ToolKey:
    """Store a key, sealed; its id is the RFC 7638 thumbprint."""
    kid = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": kid, "alg": ALGORITHM, "use": "sig"}
    row = ToolKey(
        kid=kid,
        state=state,
        public_jwk=public,
        sealed_private_key=seal.close(key.as_pem(private=True).decode(), _place(kid)),
        created_at=now,
        state_since=now,
    )
    session.add(row)
    session.flush()
    return row


def keys_in(session: Session, state: str) -> Sequence[ToolKey]:
    """Return the keys of one state, the newest first."""
    return session.scalars(
        select(ToolKey)
        .where(ToolKey.state == state)
        .order_by(ToolKey.state_since.desc(), ToolKey.kid)
    ).all()


class KeyRing:
    """This process's view of the keys, read again once a minute; safe for all threads."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal
        self._signing: SigningKey | None = None
        self._published: tuple[dict[str, Any], ...] = ()
        self._read_at = float("-inf")
        self._lock = Lock()

    def signing_key(self) -> SigningKey:
        """Return the active key; the first call of an installation makes it."""
        self._refresh()
        if self._signing is None:
            raise NoSigningKey
        return self._signing

    def published(self) -> tuple[dict[str, Any], ...]:
        """Return the public JWKs of every key that is next, active or retiring."""
        self._refresh()
        return self._published

    def forget(self) -> None:
        """Read the keys anew at the next use."""
        self._read_at = float("-inf")

    def _refresh(self) -> None:
        if time.monotonic() - self._read_at < _RELOAD_SECONDS:
            return
        with self._lock:
            if time.monotonic() - self._read_at < _RELOAD_SECONDS:
                return
            if not self._read():
                self._make_first()
                self._read()
            self._read_at = time.monotonic()

    def _read(self) -> bool:
        with self._database.read() as session:
            rows = session.scalars(select(ToolKey).order_by(ToolKey.created_at, ToolKey.kid)).all()
            active = keys_in(session, ACTIVE)
        if not active:
            return False
        newest = active[0]
        if self._signing is None or self._signing.kid != newest.kid:
            pem = self._seal.open(newest.sealed_private_key, _place(newest.kid))
            self._signing = SigningKey(newest.kid, RSAKey.import_key(pem))
        self._published = tuple(row.public_jwk for row in rows)
        return True

    def _make_first(self) -> None:
        key, following = new_key(), new_key()
        now = utcnow()
        with self._database.write() as session:
            if not keys_in(session, ACTIVE):
                store_key(session, self._seal, key, ACTIVE, now)
                store_key(session, self._seal, following, NEXT, now)


_rings: WeakKeyDictionary[Database, KeyRing] = WeakKeyDictionary()
_rings_lock = Lock()


def key_ring(services: Services) -> KeyRing:
    """Return this process's key ring for the database of `services`."""
    with _rings_lock:
        ring = _rings.get(services.database)
        if ring is None:
            ring = _rings[services.database] = KeyRing(services.database, services.seal)
        return ring


def signing_key(services: Services) -> SigningKey:
    """Return the key that signs now, as (kid, private key); the header's `alg` is `ALGORITHM`."""
    return key_ring(services).signing_key()
