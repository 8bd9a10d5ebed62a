"""Registrations of platforms: finding them, and every change of their state."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.orm import Session

from config.database import Database
from lti_tool.lti.jwks import ALGORITHMS
from lti_tool.lti.models import Deployment, Platform, table_of
from lti_tool.lti.quirks import for_product
from lti_tool.people.models import Tenant

ACTIVE, PENDING, DISABLED = "active", "pending", "disabled"
_CACHE_SECONDS = 5.0
_CACHE_SIZE = 1024


class PlatformConflict(Exception):
    """The registration (issuer and client id) belongs to another organisation."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What a login and a launch need to know about a platform; `id` is ours."""

    id: str
    tenant_id: str
    issuer: str
    client_id: str
    product: str
    status: str
    auth_url: str
    token_url: str
    jwks_url: str
    allow_anonymous: bool
    algorithms: tuple[str, ...]
    frame_origins: tuple[str, ...]
    """The issuer's and the login page's origins, then what was added by hand."""
    wants_names: bool


_platform = table_of(Platform)
_tenant = table_of(Tenant)
_COLUMNS = (
    _platform.c.id,
    _platform.c.tenant_id,
    _platform.c.issuer,
    _platform.c.client_id,
    _platform.c.product,
    _platform.c.status,
    _platform.c.auth_url,
    _platform.c.token_url,
    _platform.c.jwks_url,
    _platform.c.allow_anonymous,
    _platform.c.algorithms,
    _platform.c.frame_origins,
    _tenant.c.wants_names,
)
_JOINED = select(*_COLUMNS).select_from(
    _platform.join(_tenant, _tenant.c.id == _platform.c.tenant_id)
)
_BY_ID = _JOINED.where(_platform.c.id == bindparam("platform_id"))
_BY_ISSUER = _JOINED.where(_platform.c.issuer == bindparam("issuer")).limit(2)
_BY_CLIENT = _JOINED.where(
    _platform.c.issuer == bindparam("issuer"), _platform.c.client_id == bindparam("client_id")
)


def origin_of(url: str) -> str:
    """Return scheme and authority of a URL, the form in which browsers compare origins."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def frame_origins_of(issuer: str, auth_url: str, extra: Sequence[str]) -> tuple[str, ...]:
    """Return the origins that may show us in a frame, without repeats."""
    candidates = (origin_of(issuer), origin_of(auth_url), *extra)
    return tuple(
        dict.fromkeys(url for url in candidates if url.startswith(("https://", "http://")))
    )


def find_by_id(connection: Connection, platform_id: str) -> Registration | None:
    """Return a registration by our own id."""
    return _one(connection.execute(_BY_ID, {"platform_id": platform_id}).all())


def find_by_client(
    connection: Connection, issuer: str, client_id: str | None
) -> Sequence[Registration]:
    """Return the registration of an issuer and client id.

    Without a client id: the issuer's registrations, at most two of them, enough to see whether
    the issuer alone says which one is meant.
    """
    if client_id is None:
        rows = connection.execute(_BY_ISSUER, {"issuer": issuer}).all()
    else:
        rows = connection.execute(_BY_CLIENT, {"issuer": issuer, "client_id": client_id}).all()
    return [_registration(row) for row in rows]


def _one(rows: Sequence[Row[*tuple[Any, ...]]]) -> Registration | None:
    return _registration(rows[0]) if rows else None


def _registration(row: Row[*tuple[Any, ...]]) -> Registration:
    return Registration(
        id=row.id,
        tenant_id=row.tenant_id,
        issuer=row.issuer,
        client_id=row.client_id,
        product=row.product,
        status=row.status,
        auth_url=row.auth_url,
        token_url=row.token_url,
        jwks_url=row.jwks_url,
        allow_anonymous=row.allow_anonymous,
        algorithms=tuple(row.algorithms),
        frame_origins=frame_origins_of(row.issuer, row.auth_url, row.frame_origins),
        wants_names=row.wants_names,
    )


class RegistrationCache:
    """The registrations that this process used in the last few seconds.

    A launch checks the platform's status again in its own transaction, so what is cached here is
    never the last word. What was not found is not kept: strangers could fill the memory with it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._by_id: dict[str, tuple[float, Registration]] = {}
        self._by_client: dict[tuple[str, str], tuple[float, Registration]] = {}
        self._lock = Lock()

    def by_id(self, platform_id: str) -> Registration | None:
        """Return a registration by our own id, None if there is none."""
        held = self._by_id.get(platform_id)
        if held and held[0] > time.monotonic():
            return held[1]
        with self._database.read_connection() as connection:
            found = find_by_id(connection, platform_id)
        if found:
            self._keep(found)
        return found

    def by_client(self, issuer: str, client_id: str | None) -> Sequence[Registration]:
        """Return what `find_by_client` returns."""
        held = self._by_client.get((issuer, client_id)) if client_id is not None else None
        if held and held[0] > time.monotonic():
            return [held[1]]
        with self._database.read_connection() as connection:
            found = find_by_client(connection, issuer, client_id)
        for registration in found:
            self._keep(registration)
        return found

    def forget(self) -> None:
        """Read everything anew from now on (after a change made by this process)."""
        with self._lock:
            self._by_id.clear()
            self._by_client.clear()

    def _keep(self, registration: Registration) -> None:
        entry = (time.monotonic() + _CACHE_SECONDS, registration)
        with self._lock:
            if len(self._by_id) >= _CACHE_SIZE:
                self._by_id.clear()
                self._by_client.clear()
            self._by_id[registration.id] = entry
            self._by_client[registration.issuer, registration.client_id] = entry


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformFacts:
    """What registering a platform needs to know; URLs absolute, ids as the platform wrote them."""

    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    name: str
    product: str = "generic"
    version: str | None = None
    deployment_id: str | None = None
    algorithms: tuple[str, ...] = ("RS256",)


def register_platform(
    session: Session, tenant_id: str, facts: PlatformFacts, *, approved: bool, now: datetime
) -> Platform:
    """Store a registration, or update the same one (issuer and client id) of the same tenant.

    Updating never approves and never opens what was closed: a platform that registers again keeps
    its status.

    Raises:
        PlatformConflict: the registration belongs to another tenant.
        ValueError: an algorithm is not one that we verify.
    """
    if not facts.algorithms or not set(facts.algorithms) <= set(ALGORITHMS):
        raise ValueError(f"algorithms must be some of {', '.join(ALGORITHMS)}")
    platform = session.scalars(
        select(Platform).where(
            Platform.issuer == facts.issuer, Platform.client_id == facts.client_id
        )
    ).one_or_none()
    if platform is not None and platform.tenant_id != tenant_id:
        raise PlatformConflict(facts.issuer)
    if platform is None:
        platform = Platform(
            tenant_id=tenant_id,
            issuer=facts.issuer,
            client_id=facts.client_id,
            status=ACTIVE if approved else PENDING,
            frame_origins=[],
            created_at=now,
        )
        session.add(platform)
    platform.name = facts.name
    platform.product = facts.product
    platform.version = facts.version
    platform.auth_url = facts.auth_url
    platform.token_url = facts.token_url
    platform.jwks_url = facts.jwks_url
    platform.algorithms = list(facts.algorithms)
    platform.updated_at = now
    session.flush()
    deployment_id = facts.deployment_id or for_product(facts.product).lone_deployment
    if deployment_id:
        add_deployment(session, platform, deployment_id, now)
    return platform


def add_deployment(
    session: Session, platform: Platform, deployment_id: str, now: datetime
) -> Deployment:
    """Let one more deployment of a platform launch; adding it twice changes nothing."""
    deployment = session.scalars(
        select(Deployment).where(
            Deployment.tenant_id == platform.tenant_id,
            Deployment.platform_id == platform.id,
            Deployment.deployment_id == deployment_id,
        )
    ).one_or_none()
    if deployment is None:
        deployment = Deployment(
            tenant_id=platform.tenant_id,
            platform_id=platform.id,
            deployment_id=deployment_id,
            created_at=now,
        )
        session.add(deployment)
        session.flush()
    return deployment


def deployments_of(session: Session, platform: Platform) -> Sequence[Deployment]:
    """Return the deployments of a platform that may launch, oldest first."""
    return session.scalars(
        select(Deployment)
        .where(Deployment.tenant_id == platform.tenant_id, Deployment.platform_id == platform.id)
        .order_by(Deployment.id)
    ).all()


def list_platforms(session: Session, tenant_id: str | None = None) -> Sequence[Platform]:
    """Return the platforms of one tenant, or of all, by issuer and client id."""
    query = select(Platform).order_by(Platform.issuer, Platform.client_id)
    if tenant_id is not None:
        query = query.where(Platform.tenant_id == tenant_id)
    return session.scalars(query).all()


def approve_platform(session: Session, tenant_id: str, platform_id: str, now: datetime) -> None:
    """Let a pending or disabled platform launch.

    Raises:
        LookupError: the tenant has no such platform.
    """
    _set_status(session, tenant_id, platform_id, ACTIVE, now)


def disable_platform(session: Session, tenant_id: str, platform_id: str, now: datetime) -> None:
    """Stop every launch of a platform; running sessions of it end at their next request.

    Raises:
        LookupError: the tenant has no such platform.
    """
    _set_status(session, tenant_id, platform_id, DISABLED, now)


def _set_status(
    session: Session, tenant_id: str, platform_id: str, status: str, now: datetime
) -> None:
    changed = session.connection().execute(
        update(_platform)
        .where(_platform.c.tenant_id == tenant_id, _platform.c.id == platform_id)
        .values(status=status, updated_at=now)
    )
    if not changed.rowcount:
        raise LookupError(f"no platform {platform_id} in this organisation")
    session.expire_all()
