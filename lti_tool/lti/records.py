"""What a verified launch writes: one row each for nonce, person, course, activity, membership.

One query reads what is there; only what differs is written, so the usual launch, by a known person
in a known course, writes the nonce and its session and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from config.ids import new_id
from config.secrets import digest
from lti_tool.lti.claims import Claims
from lti_tool.lti.models import Context, Deployment, Platform, ResourceLink, UsedNonce, table_of
from lti_tool.lti.platforms import ACTIVE, PENDING, Registration
from lti_tool.lti.prepared import Prepared
from lti_tool.lti.refusals import LaunchRefused
from lti_tool.people.models import Membership, User

NONCE_KEPT = timedelta(hours=1)
"""Longer than any token and state live; after that a replay fails by its age."""
_SEEN_EVERY = timedelta(hours=1)

_platform = table_of(Platform)
_deployment = table_of(Deployment)
_user = table_of(User)
_context = table_of(Context)
_link = table_of(ResourceLink)
_membership = table_of(Membership)
_nonce = table_of(UsedNonce)

_CONTEXT_FIELDS = ("label", "title", "lineitems_url", "memberships_url", "groups_url")
_LINK_FIELDS = ("title", "module", "deep_link_uuid", "lineitem_url", "settings")


Facts = dict[str, Any]
"""The one row that says what the database knows about a launch."""


@dataclass(frozen=True, slots=True)
class Records:
    """Our ids of what a launch is about."""

    user_id: str
    locale: str | None
    """The language that the person chose here before."""
    context_id: str | None
    resource_link_id: str | None
    module: str | None


def _of_platform(table: Table) -> ColumnElement[bool]:
    return and_(table.c.tenant_id == _platform.c.tenant_id, table.c.platform_id == _platform.c.id)


_FACTS = Prepared(
    select(
        _platform.c.status,
        _platform.c.last_launch_at,
        _deployment.c.id.label("deployment"),
        _user.c.id.label("user_id"),
        _user.c.name.label("user_name"),
        _user.c.locale.label("user_locale"),
        _user.c.last_seen_at,
        _user.c.disabled_at,
        _context.c.id.label("context_id"),
        *(_context.c[name].label(f"context_{name}") for name in _CONTEXT_FIELDS),
        _link.c.id.label("link_id"),
        _link.c.context_id.label("link_context_id"),
        *(_link.c[name].label(f"link_{name}") for name in _LINK_FIELDS),
        _membership.c.roles.label("member_roles"),
        _membership.c.seen_at.label("member_seen_at"),
    )
    .select_from(
        _platform.outerjoin(
            _deployment,
            _of_platform(_deployment) & (_deployment.c.deployment_id == bindparam("deployment_id")),
        )
        .outerjoin(_user, _of_platform(_user) & (_user.c.sub == bindparam("sub")))
        .outerjoin(_context, _of_platform(_context) & (_context.c.lti_id == bindparam("context")))
        .outerjoin(_link, _of_platform(_link) & (_link.c.lti_id == bindparam("link")))
        .outerjoin(
            _membership,
            and_(
                _membership.c.tenant_id == _platform.c.tenant_id,
                _membership.c.context_id == _context.c.id,
                _membership.c.user_id == _user.c.id,
            ),
        )
    )
    .where(
        _platform.c.tenant_id == bindparam("tenant_id"), _platform.c.id == bindparam("platform_id")
    )
)

_USE_NONCE = {
    "sqlite": Prepared(sqlite.insert(_nonce).on_conflict_do_nothing()),
    "postgresql": Prepared(postgresql.insert(_nonce).on_conflict_do_nothing()),
}
_TOUCH = (
    update(_platform)
    .where(_platform.c.tenant_id == bindparam("of_tenant"), _platform.c.id == bindparam("of_id"))
    .values(last_launch_at=bindparam("at"))
)


def use_nonce(connection: Connection, platform_id: str, nonce: str, now: datetime) -> None:
    """Consume a nonce; the primary key lets one of any number of attempts succeed.

    Raises:
        LaunchRefused: `nonce_used`.
    """
    taken = _USE_NONCE[connection.dialect.name].run(
        connection,
        {
            "platform_id": platform_id,
            "nonce_hash": digest(nonce),
            "expires_at": now + NONCE_KEPT,
        },
    )
    if not taken:
        raise LaunchRefused("nonce_used")


def record_launch(
    connection: Connection, registration: Registration, claims: Claims, now: datetime
) -> Records:
    """Bring person, course, activity and membership up to date with a verified launch.

    Raises:
        LaunchRefused: the platform was switched off, the deployment is not known, or the person
            was disabled.
    """
    sub = claims.sub or f"anonymous/{new_id()}"
    found = _FACTS.first(
        connection,
        {
            "tenant_id": registration.tenant_id,
            "platform_id": registration.id,
            "deployment_id": claims.deployment_id,
            "sub": sub,
            "context": claims.context_id,
            "link": claims.resource_link_id,
        },
    )
    facts = _admit(found)
    if facts["last_launch_at"] is None or now - facts["last_launch_at"] > _SEEN_EVERY:
        connection.execute(
            _TOUCH, {"of_tenant": registration.tenant_id, "of_id": registration.id, "at": now}
        )
    user_id = _save_user(connection, registration, sub, claims, facts, now)
    context_id = _save_context(connection, registration, claims, facts, now)
    link_id, module = _save_link(connection, registration, context_id, claims, facts, now)
    _save_membership(connection, registration, context_id, user_id, claims, facts, now)
    return Records(user_id, facts["user_locale"], context_id, link_id, module)


def platform_is_active(facts: Facts) -> str | None:
    """The platform is switched on, now and in this transaction."""
    if facts["status"] == ACTIVE:
        return None
    return "platform_pending" if facts["status"] == PENDING else "platform_disabled"


def deployment_is_known(facts: Facts) -> str | None:
    """The deployment is one of the platform's registered ones."""
    return "deployment_unknown" if facts["deployment"] is None else None


def person_is_welcome(facts: Facts) -> str | None:
    """The person's account here was not closed."""
    return None if facts["disabled_at"] is None else "user_disabled"


ADMISSION_RULES: tuple[Callable[[Facts], str | None], ...] = (
    platform_is_active,
    deployment_is_known,
    person_is_welcome,
)


def _admit(facts: Facts | None) -> Facts:
    if facts is None:
        raise LaunchRefused("platform_unknown")
    for rule in ADMISSION_RULES:
        code = rule(facts)
        if code is not None:
            raise LaunchRefused(code)
    return facts


def _upsert(
    connection: Connection, table: Table, keys: tuple[str, ...], values: dict[str, Any]
) -> str:
    """Insert or update one row by its natural key and return its id.

    Two first launches of the same person at the same time both come here; the second one updates.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values(**values)
    changes = {
        name: statement.excluded[name] for name in values if name not in {*keys, "id", "created_at"}
    }
    returned = table.c.id if "id" in table.c else literal("")
    row_id: str = connection.execute(
        statement.on_conflict_do_update(index_elements=list(keys), set_=changes).returning(returned)
    ).scalar_one()
    return row_id


def _save_user(
    connection: Connection,
    registration: Registration,
    sub: str,
    claims: Claims,
    facts: Facts,
    now: datetime,
) -> str:
    known = facts["user_id"] is not None
    if known and facts["user_name"] == claims.name and now - facts["last_seen_at"] < _SEEN_EVERY:
        return str(facts["user_id"])
    return _upsert(
        connection,
        _user,
        ("tenant_id", "platform_id", "sub"),
        {
            "tenant_id": registration.tenant_id,
            "id": facts["user_id"] or new_id(),
            "platform_id": registration.id,
            "sub": sub,
            "name": claims.name,
            "created_at": now,
            "last_seen_at": now,
        },
    )


def _save_context(
    connection: Connection,
    registration: Registration,
    claims: Claims,
    facts: Facts,
    now: datetime,
) -> str | None:
    if claims.context_id is None:
        return None
    said = {
        "label": claims.context_label,
        "title": claims.context_title,
        "lineitems_url": claims.lineitems_url,
        "memberships_url": claims.memberships_url,
        "groups_url": claims.groups_url,
    }
    # What this launch does not say stays as it was: a Deep Linking launch has no roster URL.
    merged = {name: value or facts[f"context_{name}"] for name, value in said.items()}
    unchanged = all(merged[name] == facts[f"context_{name}"] for name in merged)
    if facts["context_id"] is not None and unchanged:
        return str(facts["context_id"])
    return _upsert(
        connection,
        _context,
        ("tenant_id", "platform_id", "lti_id"),
        {
            "tenant_id": registration.tenant_id,
            "id": facts["context_id"] or new_id(),
            "platform_id": registration.id,
            "lti_id": claims.context_id,
            **merged,
            "updated_at": now,
        },
    )


def _save_link(
    connection: Connection,
    registration: Registration,
    context_id: str | None,
    claims: Claims,
    facts: Facts,
    now: datetime,
) -> tuple[str | None, str | None]:
    if claims.resource_link_id is None:
        return None, None
    merged: dict[str, Any] = {
        "title": claims.resource_link_title or facts["link_title"],
        # A link that names no module keeps the one that it was given here.
        "module": claims.module or facts["link_module"],
        "deep_link_uuid": claims.deep_link_uuid or facts["link_deep_link_uuid"],
        "lineitem_url": claims.lineitem_url or facts["link_lineitem_url"],
        "settings": claims.settings or facts["link_settings"] or {},
        "context_id": context_id or facts["link_context_id"],
    }
    unchanged = all(merged[name] == facts[f"link_{name}"] for name in merged)
    if facts["link_id"] is not None and unchanged:
        return str(facts["link_id"]), merged["module"]
    link_id = _upsert(
        connection,
        _link,
        ("tenant_id", "platform_id", "lti_id"),
        {
            "tenant_id": registration.tenant_id,
            "id": facts["link_id"] or new_id(),
            "platform_id": registration.id,
            "lti_id": claims.resource_link_id,
            **merged,
            "updated_at": now,
        },
    )
    return link_id, merged["module"]


def _save_membership(
    connection: Connection,
    registration: Registration,
    context_id: str | None,
    user_id: str,
    claims: Claims,
    facts: Facts,
    now: datetime,
) -> None:
    if context_id is None:
        return
    roles = sorted(claims.roles)
    fresh = facts["member_seen_at"] is not None and now - facts["member_seen_at"] < _SEEN_EVERY
    if fresh and facts["member_roles"] == roles:
        return
    _upsert(
        connection,
        _membership,
        ("tenant_id", "context_id", "user_id"),
        {
            "tenant_id": registration.tenant_id,
            "context_id": context_id,
            "user_id": user_id,
            "roles": roles,
            "seen_at": now,
        },
    )
