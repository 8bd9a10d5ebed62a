"""Access tokens: client credentials with a signed assertion, shared by all workers.

1EdTech Security Framework 1.1 §4.1, RFC 7523. A token is cached by registration and scopes, never
by issuer: several registrations may share one issuer, and platforms tie a token to one of them.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2.rfc7523 import private_key_jwt_sign
from sqlalchemy import delete, insert, select

from config.clock import utcnow
from config.http import HttpError, HttpProtocolError, HttpRefused, HttpResponse
from config.secrets import SealBroken
from lti_tool.lti.keys import ALGORITHM, signing_key
from lti_tool.lti.models import AccessToken
from lti_tool.lti.services.outcome import Outcome, ServiceFailed, retry_after
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.services import Services

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MARGIN = timedelta(seconds=60)
"""A token is not used in the last minute of its life: it could die on its way."""

_BACKDATED = 10
"""Seconds. Moodle's JWT library knows no leeway: an `iat` in its future is an error."""
_ASSERTION_LIFE = 300
_DEFAULT_LIFE = 600
"""Seconds, where the platform does not say how long the token lives."""
_OAUTH_ERROR = re.compile(r"[a-z_]{1,40}")

# One thread of a process at a time asks for one token. Two keys may share a lock, which costs a
# wait and nothing else.
_locks = tuple(threading.Lock() for _ in range(64))


def access_token(
    services: Services,
    platform: PlatformRef,
    scopes: Iterable[str],
    *,
    refused: str | None = None,
) -> str:
    """Return a token for `scopes`, from the database or else from the platform.

    `refused` is a token that the platform has just answered 401 to: it is never returned again.

    Raises:
        ServiceFailed: no token is to be had; `unauthorised` where asking again cannot help.
    """
    wanted = " ".join(sorted(scopes))
    with _locks[hash((platform.platform_id, wanted)) % len(_locks)]:
        token = _cached(services, platform, wanted)
        if token is None or token == refused:
            token, expires_at = _ask(services, platform, wanted)
            _keep(services, platform, wanted, token, expires_at)
    return token


def _place(platform: PlatformRef, scopes: str) -> str:
    return f"access_token|sealed_token|{platform.tenant_id}|{platform.platform_id}|{scopes}"


def _cached(services: Services, platform: PlatformRef, scopes: str) -> str | None:
    query = select(AccessToken.sealed_token).where(
        AccessToken.tenant_id == platform.tenant_id,
        AccessToken.platform_id == platform.platform_id,
        AccessToken.scopes == scopes,
        AccessToken.expires_at > utcnow() + MARGIN,
    )
    with services.database.read_connection() as connection:
        sealed = connection.execute(query).scalar_one_or_none()
    if sealed is None:
        return None
    with suppress(SealBroken):  # the seal's keys changed: a new token costs one request
        return services.seal.open(sealed, _place(platform, scopes))
    return None


def _keep(
    services: Services, platform: PlatformRef, scopes: str, token: str, expires_at: datetime
) -> None:
    key = {
        "tenant_id": platform.tenant_id,
        "platform_id": platform.platform_id,
        "scopes": scopes,
    }
    sealed = services.seal.close(token, _place(platform, scopes))
    with services.database.write_connection() as connection:
        connection.execute(delete(AccessToken).filter_by(**key))
        connection.execute(
            insert(AccessToken).values(**key, sealed_token=sealed, expires_at=expires_at)
        )


def client_assertion(services: Services, platform: PlatformRef, now: datetime) -> str:
    """Return the signed JWT by which we prove to the token endpoint who we are (RFC 7523 §3)."""
    kid, key = signing_key(services)
    return str(
        private_key_jwt_sign(
            key,
            client_id=platform.client_id,
            token_endpoint=platform.token_url,
            alg=ALGORITHM,
            header={"kid": kid},
            issued_at=int(now.timestamp()) - _BACKDATED,
            expires_in=_ASSERTION_LIFE,
        )
    )


def _ask(services: Services, platform: PlatformRef, scopes: str) -> tuple[str, datetime]:
    now = utcnow()
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": client_assertion(services, platform, now),
        "scope": scopes,
    }
    try:
        response = services.door.post(
            platform.token_url,
            data=form,
            headers={"Accept": "application/json"},
            max_bytes=100_000,
        )
    except HttpRefused as error:
        raise ServiceFailed(Outcome.REFUSED, "token: address refused") from error
    except HttpError as error:
        raise ServiceFailed(Outcome.UNKNOWN, f"token: {error.reason}") from error
    return _read(response, now)


def _read(response: HttpResponse, now: datetime) -> tuple[str, datetime]:
    try:
        body = response.json()
    except HttpProtocolError:
        body = None
    fields: dict[str, Any] = body if isinstance(body, dict) else {}
    if response.status in {400, 401, 403}:
        code = fields.get("error")
        named = isinstance(code, str) and _OAUTH_ERROR.fullmatch(code)
        raise ServiceFailed(Outcome.UNAUTHORISED, f"token: {code if named else response.status}")
    if not response.ok:
        # Whatever else it says, it says it of the token and not of what the token was wanted for.
        busy = response.status in {429, 503}
        raise ServiceFailed(
            Outcome.BUSY if busy else Outcome.UNKNOWN,
            f"token: {response.status}",
            retry_after=retry_after(response),
        )
    token, kind = fields.get("access_token"), fields.get("token_type", "Bearer")
    if not isinstance(token, str) or not token or str(kind).lower() != "bearer":
        raise ServiceFailed(Outcome.UNKNOWN, "token: not a token response")
    return token, now + timedelta(seconds=_lifetime(fields.get("expires_in")))


def _lifetime(value: object) -> float:
    """Return a token's life in seconds; some platforms write the number as text."""
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return _DEFAULT_LIFE
    return min(seconds, 24 * 3600.0) if seconds > 0 else _DEFAULT_LIFE
