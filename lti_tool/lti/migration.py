"""The move from LTI 1.1 to 1.3: the claim `lti1p1`, believed only with its signature.

LTI 1.3 core, appendix "LTI 1.3 migration": the platform signs with the secret of its old consumer
key, so nobody can claim another one's users by writing their ids into a claim.
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from config.secrets import Seal
from lti_tool.lti import claims as names
from lti_tool.lti.models import LegacyKey, table_of
from lti_tool.lti.prepared import Prepared
from lti_tool.lti.refusals import LaunchRefused

_table = table_of(LegacyKey)
_SECRET = Prepared(
    select(_table.c.id, _table.c.sealed_secret).where(
        _table.c.tenant_id == bindparam("tenant_id"),
        _table.c.consumer_key == bindparam("consumer_key"),
    )
)
_IDS = ("user_id", "context_id", "resource_link_id")


def add_legacy_key(
    session: Session, seal: Seal, tenant_id: str, consumer_key: str, secret: str, now: datetime
) -> LegacyKey:
    """Store an LTI 1.1 consumer key of an organisation with its secret, sealed."""
    row = LegacyKey(
        tenant_id=tenant_id, consumer_key=consumer_key, sealed_secret="", created_at=now
    )
    session.add(row)
    session.flush()
    row.sealed_secret = seal.close(secret, _place(row.id))
    session.flush()
    return row


def sign(secret: str, consumer_key: str, claims: dict[str, Any]) -> str:
    """Return the signature that the platform must have put into the claim."""
    expires = claims["exp"]
    parts = (
        consumer_key,
        claims[names.DEPLOYMENT_ID],
        claims["iss"],
        claims["aud"] if isinstance(claims["aud"], str) else claims["aud"][0],
        str(int(expires) if expires == int(expires) else expires),
        claims["nonce"],
    )
    mac = hmac.digest(secret.encode(), "&".join(parts).encode(), "sha256")
    return base64.b64encode(mac).decode()


def read_migration(
    connection: Connection, seal: Seal, tenant_id: str, claims: dict[str, Any]
) -> dict[str, str] | None:
    """Return the proven LTI 1.1 ids of a launch: `consumer_key`, `user_id` and others.

    None where the claim is missing or carries no signature: then it is only a hint, and is not
    used. What the claim leaves out did not change, so `user_id` is the `sub` then.

    Raises:
        LaunchRefused: `migration_invalid`, for a signature by another secret or an unknown key.
    """
    claim = claims.get(names.MIGRATION) or {}
    consumer_key, signature = claim.get("oauth_consumer_key"), claim.get("oauth_consumer_key_sign")
    if not isinstance(consumer_key, str) or not isinstance(signature, str):
        return None
    row = _SECRET.first(connection, {"tenant_id": tenant_id, "consumer_key": consumer_key})
    if row is None:
        raise LaunchRefused("migration_invalid")
    expected = sign(seal.open(row["sealed_secret"], _place(row["id"])), consumer_key, claims)
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise LaunchRefused("migration_invalid")
    found = {name: claim[name] for name in _IDS if isinstance(claim.get(name), str)}
    if isinstance(claims.get("sub"), str):
        found.setdefault("user_id", claims["sub"])
    return {"consumer_key": consumer_key, **found}


def _place(row_id: str) -> str:
    return f"legacy_key|sealed_secret|{row_id}"
