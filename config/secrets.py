"""Secrets at rest and tokens in flight: sealing, signing, hashing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealBroken(Exception):
    """A sealed value cannot be opened: other key, other place, or tampered with."""


class BadSignature(Exception):
    """A signed token was not made by this installation, for this purpose, or is too old."""


def digest(text: str) -> str:
    """Return the SHA-256 of a secret as hexadecimal digits, the form in which we store it."""
    return hashlib.sha256(text.encode()).hexdigest()


def new_secret() -> str:
    """Return 256 random bits in URL-safe base64."""
    return secrets.token_urlsafe(32)


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)


class Seal:
    """Encrypts single fields at rest.

    Fernet has no associated data, so the place a value belongs to ("table|column|key") travels
    inside the envelope and is compared when it is opened: a sealed value copied into another row
    does not open there. The first key seals, every key opens.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._fernet = MultiFernet(
            [
                Fernet(base64.urlsafe_b64encode(_derive(key.encode(), "backontrack seal")))
                for key in keys
            ]
        )

    def close(self, plaintext: str, place: str) -> str:
        """Return `plaintext` sealed for `place`."""
        envelope = json.dumps([place, plaintext], separators=(",", ":"))
        return self._fernet.encrypt(envelope.encode()).decode()

    def open(self, sealed: str, place: str) -> str:
        """Return what was sealed for `place`.

        Raises:
            SealBroken: no key opens it, or it was sealed for another place.
        """
        try:
            found_place, plaintext = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise SealBroken("no key of BACKONTRACK_SEAL_KEYS opens this value") from error
        if found_place != place:
            raise SealBroken("this value was sealed for another place")
        return str(plaintext)

    def renew(self, sealed: str) -> str:
        """Return the same value sealed with the newest key (key rotation)."""
        return self._fernet.rotate(sealed.encode()).decode()


class Signer:
    """Signs small JSON objects for one purpose (HMAC-SHA-256), with an age limit when read.

    The payload is readable by whoever holds the token: sign names, never secrets.
    """

    def __init__(self, secret: str, purpose: str) -> None:
        self._key = _derive(secret.encode(), f"backontrack signer {purpose}")

    def sign(self, payload: dict[str, Any], now: float) -> str:
        """Return a URL-safe token that carries `payload` and the second `now` of its making."""
        body = _b64(json.dumps([int(now), payload], separators=(",", ":")).encode())
        return f"{body}.{self._mac(body)}"

    def read(self, token: str, now: float, max_age: int) -> dict[str, Any]:
        """Return the payload of a token not older than `max_age` seconds.

        Raises:
            BadSignature: not ours, changed, too old, or made in the future.
        """
        body, _, mac = token.partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(body).encode()):
            raise BadSignature("signature does not match")
        made, payload = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        if not -5 <= now - made <= max_age:
            raise BadSignature("token is too old")
        return dict(payload)

    def mac(self, text: str) -> str:
        """Return the bare authentication code of a text, for anti-forgery tokens."""
        return self._mac(text)

    def _mac(self, body: str) -> str:
        return _b64(hmac.digest(self._key, body.encode(), "sha256"))


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
