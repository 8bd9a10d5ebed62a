"""Keeping the members of a course as its platform lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from config.clock import utcnow
from config.ids import new_id
from lti_tool.lti.models import Context, table_of
from lti_tool.lti.quirks import for_product
from lti_tool.lti.roles import STAFF
from lti_tool.lti.services.nrps import Member, Roster, read_roster
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from lti_tool.lti.services.platform import PlatformRef, find_platform_ref
from lti_tool.people.models import Membership, Tenant, User
from lti_tool.people.roles import Role
from lti_tool.services import Services

_MAX_SUB = 255

_user = table_of(User)
_membership = table_of(Membership)


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What a refresh changed: how many are in the course, who is new in it, who has left."""

    members: int
    joined: int
    left: int


@dataclass(frozen=True, slots=True)
class _Known:
    """Somebody of the platform; `roles` and `seen_at` are None where they are not in the course."""

    user_id: str
    name: str | None
    roles: list[str] | None
    seen_at: datetime | None


def refresh_roster(services: Services, tenant_id: str, context_id: str) -> RosterChange:
    """Read the roster of a course and make its memberships agree with it.

    People appear before they ever launch, so a teacher sees who has not started. Who is missing
    from the complete read has left, unless they launched while it ran. Names are kept only where
    the organisation wants them.

    Raises:
        LookupError: the course is unknown, or its platform offers no roster or is not active.
        ServiceFailed: the roster could not be read whole; nothing was changed.
    """
    started = utcnow()
    with services.database.read_connection() as connection:
        course = connection.execute(
            select(Context.platform_id, Context.lti_id, Context.memberships_url).where(
                Context.tenant_id == tenant_id, Context.id == context_id
            )
        ).one_or_none()
        platform = course and find_platform_ref(connection, tenant_id, course.platform_id)
    if not course or not platform or not course.memberships_url:
        raise LookupError("no roster for this course")
    roster = read_roster(services, platform, course.memberships_url, context_id=course.lti_id)
    with services.database.write_connection() as connection:
        return _store(connection, platform, context_id, roster, started)


def _store(
    connection: Connection, platform: PlatformRef, context_id: str, roster: Roster, at: datetime
) -> RosterChange:
    active = {member.user_sub: member for member in roster.members if member.active}
    if any(len(sub) > _MAX_SUB for sub in active):
        raise ServiceFailed(Outcome.UNKNOWN, "member with an id that is too long")
    known = _known(connection, platform, context_id)
    wants_names = connection.execute(
        select(Tenant.wants_names).where(Tenant.id == platform.tenant_id)
    ).scalar_one()
    ids = {sub: known[sub].user_id if sub in known else new_id() for sub in active}
    _write_users(connection, platform, active, known, ids, names=wants_names)
    joined = _write_memberships(connection, platform, context_id, active, known, ids, at)
    left = roster.leavers(
        sub for sub, found in known.items() if found.seen_at is not None and found.seen_at < at
    )
    _remove(connection, platform, context_id, [known[sub].user_id for sub in left])
    return RosterChange(len(active), joined, len(left))


def _known(connection: Connection, platform: PlatformRef, context_id: str) -> dict[str, _Known]:
    """Return everybody of the platform by their `sub`, with their place in the course."""
    rows = connection.execute(
        select(
            _user.c.sub,
            _user.c.id,
            _user.c.name,
            _membership.c.roles,
            _membership.c.seen_at,
        )
        .select_from(
            _user.outerjoin(
                _membership,
                (_membership.c.tenant_id == _user.c.tenant_id)
                & (_membership.c.user_id == _user.c.id)
                & (_membership.c.context_id == context_id),
            )
        )
        .where(_user.c.tenant_id == platform.tenant_id, _user.c.platform_id == platform.platform_id)
    )
    return {sub: _Known(*found) for sub, *found in rows}


def _write_users(
    connection: Connection,
    platform: PlatformRef,
    active: Mapping[str, Member],
    known: Mapping[str, _Known],
    ids: Mapping[str, str],
    *,
    names: bool,
) -> None:
    strangers = [
        {
            "tenant_id": platform.tenant_id,
            "id": ids[sub],
            "platform_id": platform.platform_id,
            "sub": sub,
            "name": member.name if names else None,
        }
        for sub, member in active.items()
        if sub not in known
    ]
    renamed = [
        {"at_tenant": platform.tenant_id, "at_user": ids[sub], "name": member.name}
        for sub, member in active.items()
        if names and member.name and sub in known and known[sub].name != member.name
    ]
    if strangers:
        connection.execute(insert(User), strangers)
    if renamed:
        connection.execute(
            update(_user).where(
                _user.c.tenant_id == bindparam("at_tenant"), _user.c.id == bindparam("at_user")
            ),
            renamed,
        )


def _write_memberships(
    connection: Connection,
    platform: PlatformRef,
    context_id: str,
    active: Mapping[str, Member],
    known: Mapping[str, _Known],
    ids: Mapping[str, str],
    at: datetime,
) -> int:
    """Write everybody's place in the course; return how many are new in it."""
    unsure = for_product(platform.product).roster_hides_staff
    new, old = [], []
    for sub, member in active.items():
        before = known[sub].roles if sub in known else None
        if before is None:
            new.append(
                {
                    "tenant_id": platform.tenant_id,
                    "context_id": context_id,
                    "user_id": ids[sub],
                    "roles": sorted(member.roles),
                    "seen_at": at,
                }
            )
        else:
            roles = _roles(before, member, unsure=unsure)
            old.append({"at_user": ids[sub], "roles": roles, "seen_at": at})
    if new:
        connection.execute(insert(_membership), new)
    if old:
        connection.execute(
            update(_membership).where(
                _membership.c.tenant_id == platform.tenant_id,
                _membership.c.context_id == context_id,
                _membership.c.user_id == bindparam("at_user"),
            ),
            old,
        )
    return len(new)


def _roles(before: list[str], member: Member, *, unsure: bool) -> list[str]:
    """Return the roles to keep; where rosters hide staff, a launch's word stands against them."""
    was_staff = bool({Role(role) for role in before} & STAFF)
    if unsure and was_staff and not member.roles & STAFF:
        return before
    return sorted(member.roles)


def _remove(
    connection: Connection, platform: PlatformRef, context_id: str, user_ids: list[str]
) -> None:
    gone = [{"at_user": user_id} for user_id in user_ids]
    if gone:
        connection.execute(
            delete(_membership).where(
                _membership.c.tenant_id == platform.tenant_id,
                _membership.c.context_id == context_id,
                _membership.c.user_id == bindparam("at_user"),
            ),
            gone,
        )
