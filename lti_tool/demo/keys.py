"""The practice LMS's own RSA key, and the check of what tools sign with theirs."""

from __future__ import annotations

import functools
import time
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from config.http import HttpDoor, HttpError
from lti_tool.demo.store import Store


class NotVerified(Exception):
    """A signed message cannot be trusted; the text says why, for people who debug a tool."""


@functools.lru_cache(maxsize=32)
def door_to(host: str, port: int) -> HttpDoor:
    """Return a door for one host that an admin of this LMS named; it may be on this machine."""
    return HttpDoor(
        allow_http=True, allowed_hosts=[(host, port)], user_agent="PracticeLMS/4.5 MoodleBot/1.0"
    )


def door_for(url: str) -> HttpDoor:
    """Return the door for the host of a URL."""
    parts = urlsplit(url)
    return door_to(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


class Keys:
    """Signs for the platform; verifies for it against a tool's published keys."""

    def __init__(self, store: Store) -> None:
        if not store.setting("private_key"):
            store.set_setting(
                "private_key", RSAKey.generate_key(2048).as_pem(private=True).decode()
            )
        key = RSAKey.import_key(store.setting("private_key"))
        self.kid = key.thumbprint()[:20]
        self._key = key
        self._tool_keys: dict[str, KeySet] = {}

    def public(self) -> dict[str, Any]:
        """Return the JSON Web Key Set for `certs.php`."""
        key = self._key.as_dict(private=False)
        return {"keys": [{**key, "kid": self.kid, "alg": "RS256", "use": "sig"}]}

    def sign(self, claims: dict[str, Any]) -> str:
        """Return a signed JWT."""
        header = {"typ": "JWT", "alg": "RS256", "kid": self.kid}
        return jwt.encode(header, claims, self._key, algorithms=["RS256"])

    def read_own(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that we signed. Raises `NotVerified`."""
        try:
            claims = jwt.decode(token, self._key, algorithms=["RS256"]).claims
        except (JoseError, ValueError) as error:
            raise NotVerified("the token was not signed by this platform") from error
        if claims.get("exp", 0) < time.time():
            raise NotVerified("the token has expired")
        return claims

    def read_tools(self, token: str, jwks_url: str, client_id: str) -> dict[str, Any]:
        """Return the claims of a JWT that a tool signed.

        Like firebase/php-jwt inside Moodle: no leeway, so an `iat` in the future is refused; keys
        are cached and fetched again when a signature does not verify. Raises `NotVerified`.
        """
        claims = None
        if jwks_url in self._tool_keys:
            claims = _decode(token, self._tool_keys[jwks_url])
        if claims is None:
            self._tool_keys[jwks_url] = _fetch(jwks_url)
            claims = _decode(token, self._tool_keys[jwks_url])
        if claims is None:
            raise NotVerified("no key of the tool's JWKS verifies the signature")
        now = time.time()
        if claims.get("iss") != client_id:
            raise NotVerified("iss is not the client id")
        if not isinstance(claims.get("exp"), int | float) or claims["exp"] < now:
            raise NotVerified("exp is missing or past")
        if claims.get("iat", 0) > now:
            raise NotVerified("iat is in the future (Moodle allows no leeway)")
        return claims


def _fetch(url: str) -> KeySet:
    try:
        return KeySet.import_key_set(door_for(url).get(url, deadline=5).json())
    except (HttpError, JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotVerified("the tool's JWKS could not be read") from error


def _decode(token: str, keys: KeySet) -> dict[str, Any] | None:
    try:
        return jwt.decode(token, keys, algorithms=["RS256"]).claims
    except (JoseError, ValueError):
        return None
