"""Every change of state of a registration: invites, Dynamic Registration, values by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.clock import utcnow
from config.database import Database
from config.http import HttpDoor, HttpError, HttpProtocolError, HttpRefused, HttpResponse
from config.secrets import digest, new_secret
from lti_tool.lti.models import Invite, Platform
from lti_tool.lti.platforms import (
    ACTIVE,
    PENDING,
    PlatformConflict,
    PlatformFacts,
    add_deployment,
    approve_platform,
    register_platform,
)
from lti_tool.lti.registration.configuration import PlatformConfiguration, fetch_configuration
from lti_tool.lti.registration.failure import RegistrationFailed
from lti_tool.lti.registration.tool import TOOL_CONFIGURATION, tool_configuration
from lti_tool.people.models import Tenant
from lti_tool.services import Services

INVITE_LIFE = timedelta(days=7)

_SECONDS = 20.0
_MAX_BYTES = 200_000
_SAFE_ERROR = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


@dataclass(frozen=True, slots=True)
class OpenInvite:
    """An invite that may still be used, with what its page has to know of the organisation."""

    tenant_id: str
    id: str
    tenant_name: str
    wants_names: bool
    auto_approve: bool


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration that was made."""

    platform_id: str
    name: str
    product: str
    approved: bool
    has_deployment: bool
    scopes: frozenset[str]
    """What the platform says it granted; the launches tell what it really did."""


def create_invite(
    session: Session,
    tenant_id: str,
    *,
    auto_approve: bool,
    now: datetime,
    life: timedelta = INVITE_LIFE,
) -> str:
    """Make leave to register one platform and return its code, which is stored as a hash only.

    The URL to paste is `PUBLIC_URL/lti/register/<code>`. With `auto_approve` the platform may
    launch as soon as it is registered, else after `approve_platform`.
    """
    code = new_secret()
    session.add(
        Invite(
            tenant_id=tenant_id,
            code_hash=digest(code),
            auto_approve=auto_approve,
            created_at=now,
            expires_at=now + life,
        )
    )
    session.flush()
    return code


def find_invite(database: Database, code: str) -> OpenInvite:
    """Return the invite of a code.

    Raises:
        RegistrationFailed: there is none, or it was used, or it is too old.
    """
    query = (
        select(Invite, Tenant)
        .join(Tenant, Tenant.id == Invite.tenant_id)
        .where(Invite.code_hash == digest(code))
    )
    with database.read() as session:
        row = session.execute(query).one_or_none()
        if row is None:
            raise RegistrationFailed("invite_unknown")
        invite, tenant = row
        if invite.used_at is not None:
            raise RegistrationFailed("invite_used")
        if invite.expires_at <= utcnow():
            raise RegistrationFailed("invite_expired")
        return OpenInvite(
            tenant_id=invite.tenant_id,
            id=invite.id,
            tenant_name=tenant.name,
            wants_names=tenant.wants_names,
            auto_approve=invite.auto_approve,
        )


def look_up(
    services: Services, code: str, configuration_url: str, token: str
) -> tuple[OpenInvite, PlatformConfiguration]:
    """Return what a registration would be for and with; nothing is changed, no token is used.

    Raises:
        RegistrationFailed: with the reason.
    """
    invite = find_invite(services.database, code)
    if not token:
        raise RegistrationFailed("token_missing")
    return invite, fetch_configuration(services.door, configuration_url)


def register(
    services: Services, code: str, configuration_url: str, token: str
) -> tuple[PlatformConfiguration, Registered]:
    """Register with the platform whose configuration is at `configuration_url`.

    The invite is used up before the platform is asked, so that two requests at once cannot both
    use it, and given back when nothing came of it. `token` is the platform's registration token.

    Raises:
        RegistrationFailed: with the reason; nothing is stored then.
    """
    invite, configuration = look_up(services, code, configuration_url, token)
    _use_up(services.database, invite)
    try:
        answer = _ask(services, configuration, token, wants_names=invite.wants_names)
        registered = _store(services.database, invite, configuration, answer)
    except Exception:
        _give_back(services.database, invite)
        raise
    return configuration, registered


def _use_up(database: Database, invite: OpenInvite) -> None:
    with database.write_connection() as connection:
        changed = connection.execute(
            update(Invite)
            .where(
                Invite.tenant_id == invite.tenant_id,
                Invite.id == invite.id,
                Invite.used_at.is_(None),
            )
            .values(used_at=utcnow())
        )
        if not changed.rowcount:
            raise RegistrationFailed("invite_used")


def _give_back(database: Database, invite: OpenInvite) -> None:
    with database.write_connection() as connection:
        connection.execute(
            update(Invite)
            .where(Invite.tenant_id == invite.tenant_id, Invite.id == invite.id)
            .values(used_at=None)
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    client_id: str
    deployment_id: str | None
    scopes: frozenset[str]


def _ask(
    services: Services, configuration: PlatformConfiguration, token: str, *, wants_names: bool
) -> _Answer:
    request = tool_configuration(
        services.settings.public_url, configuration, wants_names=wants_names
    )
    try:
        response = services.door.post(
            configuration.registration_url,
            json=request,
            headers={"Accept": "application/json", "Authorization": f"Bearer {token}"},
            deadline=_SECONDS,
            max_bytes=_MAX_BYTES,
        )
    except HttpRefused as error:
        raise RegistrationFailed("configuration_unreachable") from error
    except HttpError as error:
        raise RegistrationFailed("registration_unreachable") from error
    if response.status not in {200, 201}:
        raise RegistrationFailed("registration_refused", _error_code(response))
    return _read_answer(response, request["scope"])


def _error_code(response: HttpResponse) -> str:
    """Return the platform's own word for its refusal if it is one word, else the status."""
    try:
        body = response.json()
    except HttpProtocolError:
        body = None
    for member in ("error", "reason"):
        code = body.get(member) if isinstance(body, dict) else None
        if isinstance(code, str) and 0 < len(code) <= 64 and set(code) <= _SAFE_ERROR:
            return code
    return str(response.status)


def _read_answer(response: HttpResponse, asked: str) -> _Answer:
    try:
        body: Any = response.json()
    except HttpProtocolError as error:
        raise RegistrationFailed("registration_unreadable") from error
    client_id = body.get("client_id") if isinstance(body, dict) else None
    if not isinstance(client_id, str) or not 0 < len(client_id) <= 255:
        raise RegistrationFailed("registration_unreadable")
    tool = body.get(TOOL_CONFIGURATION)
    deployment = tool.get("deployment_id") if isinstance(tool, dict) else None
    granted = body.get("scope")
    return _Answer(
        client_id=client_id,
        deployment_id=str(deployment)[:255] if isinstance(deployment, str | int) else None,
        scopes=frozenset((granted if isinstance(granted, str) else asked).split()),
    )


def _store(
    database: Database, invite: OpenInvite, configuration: PlatformConfiguration, answer: _Answer
) -> Registered:
    facts = PlatformFacts(
        issuer=configuration.issuer,
        client_id=answer.client_id,
        auth_url=configuration.auth_url,
        token_url=configuration.token_url,
        jwks_url=configuration.jwks_url,
        name=configuration.name,
        product=configuration.product,
        version=configuration.version or None,
        deployment_id=answer.deployment_id,
    )
    now = utcnow()
    with database.write() as session:
        try:
            platform = register_platform(
                session, invite.tenant_id, facts, approved=invite.auto_approve, now=now
            )
        except PlatformConflict as error:
            raise RegistrationFailed("platform_of_another") from error
        if invite.auto_approve and platform.status == PENDING:
            approve_platform(session, invite.tenant_id, platform.id, now)
        session.execute(
            update(Invite)
            .where(Invite.tenant_id == invite.tenant_id, Invite.id == invite.id)
            .values(platform_id=platform.id)
        )
        return Registered(
            platform_id=platform.id,
            name=platform.name,
            product=platform.product,
            approved=platform.status == ACTIVE,
            has_deployment=answer.deployment_id is not None,
            scopes=answer.scopes,
        )


def add_platform(
    session: Session,
    door: HttpDoor,
    tenant_id: str,
    facts: PlatformFacts,
    *,
    deployment_ids: tuple[str, ...] = (),
    approved: bool = True,
) -> Platform:
    """Store a platform from values that were copied by hand; nothing is fetched.

    Raises:
        RegistrationFailed: an address is one that we may not call, a value is empty or too long,
            or the registration belongs to another organisation.
    """
    if not (0 < len(facts.client_id) <= 255 and 0 < len(facts.issuer) <= 255):
        raise RegistrationFailed("values_incomplete")
    for url in (facts.auth_url, facts.token_url, facts.jwks_url):
        try:
            door.check_url(url)
        except HttpRefused as error:
            raise RegistrationFailed("address_refused", urlsplit(url).hostname or "") from error
    now = utcnow()
    try:
        platform = register_platform(session, tenant_id, facts, approved=approved, now=now)
    except PlatformConflict as error:
        raise RegistrationFailed("platform_of_another") from error
    for deployment_id in deployment_ids:
        add_deployment(session, platform, deployment_id, now)
    return platform
