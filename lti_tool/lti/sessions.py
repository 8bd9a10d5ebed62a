"""Launch sessions: who is in, by one launch, in one tab.

The address of every page carries the launch's id, which is public; the cookie of that launch
carries its secret; the database has the secret's hash. Two people, two organisations or two tabs
in one browser have different ids and different cookies, so nothing of one reaches the other.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from config.clock import utcnow
from config.ids import new_id
from config.secrets import digest, new_secret
from lti_tool.lti.cookies import launch_cookie
from lti_tool.lti.models import LaunchSession, LinkCode, Platform, ResourceLink, UsedNonce, table_of
from lti_tool.lti.platforms import ACTIVE, Registration, frame_origins_of
from lti_tool.lti.prepared import Prepared
from lti_tool.lti.roles import STAFF
from lti_tool.people.models import User
from lti_tool.people.roles import Role

__all__ = [
    "LIFETIME",
    "Launch",
    "close_launch",
    "exchange_secret",
    "find_launch",
    "find_relaunch_url",
    "launch_cookie",
    "open_launch",
    "purge_expired",
]

LIFETIME = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Launch:
    """One launch that is open now: who, from where, to what.

    `platform_id`, `user_id`, `context_id` and `resource_link_id` are our own ids. `details` has
    what only some messages bring: `deep_linking` (the settings claim), `for_user` (the `sub` of the
    person under review), `ags_scopes` (the AGS scopes that the platform grants), `lti1p1` (the
    proven LTI 1.1 ids of a platform that moved).
    """

    tenant_id: str
    id: str
    platform_id: str
    deployment_id: str
    user_id: str
    context_id: str | None
    resource_link_id: str | None
    module: str | None
    message_type: str
    roles: frozenset[Role]
    locale: str
    return_url: str | None
    product: str
    frame_origins: tuple[str, ...]
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def is_learner(self) -> bool:
        """Whether this person has no staff role here."""
        return not self.roles & STAFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a new launch session is made of."""

    deployment_id: str
    user_id: str
    context_id: str | None
    resource_link_id: str | None
    module: str | None
    message_type: str
    roles: frozenset[Role]
    locale: str
    return_url: str | None
    details: dict[str, Any]


_session = table_of(LaunchSession)
_platform = table_of(Platform)
_link = table_of(ResourceLink)
_user = table_of(User)
_nonce = table_of(UsedNonce)
_code = table_of(LinkCode)

_INSERT = Prepared(insert(_session))
_FIND = Prepared(
    select(
        _session.c.tenant_id,
        _session.c.secret_hash,
        _session.c.platform_id,
        _session.c.deployment_id,
        _session.c.user_id,
        _session.c.context_id,
        _session.c.resource_link_id,
        _link.c.module,
        _session.c.message_type,
        _session.c.roles,
        _session.c.locale,
        _session.c.return_url,
        _session.c.details,
        _platform.c.product,
        _platform.c.issuer,
        _platform.c.auth_url,
        _platform.c.frame_origins,
    )
    .select_from(
        _session.join(
            _platform,
            (_platform.c.tenant_id == _session.c.tenant_id)
            & (_platform.c.id == _session.c.platform_id),
        )
        .join(
            _user,
            (_user.c.tenant_id == _session.c.tenant_id) & (_user.c.id == _session.c.user_id),
        )
        .outerjoin(
            _link,
            (_link.c.tenant_id == _session.c.tenant_id)
            & (_link.c.id == _session.c.resource_link_id),
        )
    )
    .where(
        _session.c.id == bindparam("launch_id"),
        _session.c.closed_at.is_(None),
        _session.c.expires_at > bindparam("at"),
        _platform.c.status == ACTIVE,
        _user.c.disabled_at.is_(None),
    )
)


def open_launch(
    connection: Connection, registration: Registration, entry: Entry, now: datetime
) -> tuple[Launch, str]:
    """Open a session for a verified launch; returns it and the secret for its cookie.

    Every launch opens a new session with a new secret (OWASP ASVS 5.0, 7.2.4); there is none that
    an attacker could have planted before.
    """
    secret = new_secret()
    launch = Launch(
        tenant_id=registration.tenant_id,
        id=new_id(),
        platform_id=registration.id,
        deployment_id=entry.deployment_id,
        user_id=entry.user_id,
        context_id=entry.context_id,
        resource_link_id=entry.resource_link_id,
        module=entry.module,
        message_type=entry.message_type,
        roles=entry.roles,
        locale=entry.locale,
        return_url=entry.return_url,
        product=registration.product,
        frame_origins=registration.frame_origins,
        details=entry.details,
    )
    _INSERT.run(
        connection,
        {
            "tenant_id": launch.tenant_id,
            "id": launch.id,
            "secret_hash": digest(secret),
            "platform_id": launch.platform_id,
            "deployment_id": launch.deployment_id,
            "user_id": launch.user_id,
            "context_id": launch.context_id,
            "resource_link_id": launch.resource_link_id,
            "message_type": launch.message_type,
            "roles": sorted(launch.roles),
            "locale": launch.locale,
            "return_url": launch.return_url,
            "details": launch.details,
            "created_at": now,
            "expires_at": now + LIFETIME,
            "closed_at": None,
        },
    )
    return launch, secret


def find_launch(
    connection: Connection, launch_id: str, secret: str, now: datetime | None = None
) -> Launch | None:
    """Return the open launch of this id and secret.

    None where there is none, the secret is wrong, it has expired or was closed, its platform was
    switched off, or its person was disabled.
    """
    row = _FIND.first(connection, {"launch_id": launch_id, "at": now or utcnow()})
    if row is None or not hmac.compare_digest(row["secret_hash"], digest(secret)):
        return None
    return Launch(
        tenant_id=row["tenant_id"],
        id=launch_id,
        platform_id=row["platform_id"],
        deployment_id=row["deployment_id"],
        user_id=row["user_id"],
        context_id=row["context_id"],
        resource_link_id=row["resource_link_id"],
        module=row["module"],
        message_type=row["message_type"],
        roles=_roles(row["roles"]),
        locale=row["locale"],
        return_url=row["return_url"],
        product=row["product"],
        frame_origins=frame_origins_of(row["issuer"], row["auth_url"], row["frame_origins"]),
        details=row["details"],
    )


def _roles(names: Sequence[str]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names)


def exchange_secret(connection: Connection, launch_id: str, secret: str) -> str | None:
    """Replace the secret of a launch and return the new one, None unless `secret` is the present.

    The old secret is worthless from then on: what handed it over worked once.
    """
    fresh = new_secret()
    changed = connection.execute(
        update(_session)
        .where(
            _session.c.id == launch_id,
            _session.c.secret_hash == digest(secret),
            _session.c.closed_at.is_(None),
        )
        .values(secret_hash=digest(fresh))
    )
    return fresh if changed.rowcount else None


def close_launch(connection: Connection, launch: Launch, now: datetime) -> None:
    """End a launch session."""
    connection.execute(
        update(_session)
        .where(_session.c.tenant_id == launch.tenant_id, _session.c.id == launch.id)
        .values(closed_at=now)
    )


def find_relaunch_url(connection: Connection, launch_id: str) -> str | None:
    """Return where the launch can be begun anew in a window of its own, where that is known.

    For the page that says that the cookie did not come back. The address names a course module,
    never a person.
    """
    details = connection.execute(
        select(_session.c.details).where(_session.c.id == launch_id)
    ).scalar_one_or_none()
    return (details or {}).get("again")


def purge_expired(connection: Connection, now: datetime) -> int:
    """Delete nonces, launch sessions and link codes that can never be used again; how many."""
    return sum(
        connection.execute(delete(table).where(table.c.expires_at < now)).rowcount
        for table in (_nonce, _session, _code)
    )
