"""Reading the course list, so that the teacher also sees who has not begun."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.lti.models import Context
from lti_tool.lti.services.nrps import Roster, read_roster
from lti_tool.lti.services.platform import find_platform_ref
from lti_tool.lti.sessions import Launch
from lti_tool.people.models import Tenant
from lti_tool.services import Services
from lti_tool.staff.teacher.models import RosterEntry


class NoRoster(Exception):
    """The platform gives no list of this course, or the launch has no course."""


def refresh_roster(services: Services, launch: Launch, now: datetime) -> int:
    """Read the whole list of the launch's course and return how many people are in it.

    Raises:
        NoRoster: there is none to read.
        ServiceFailed: it could not be read whole; what we had stays as it was.
    """
    with services.database.read_connection() as connection:
        platform = find_platform_ref(connection, launch.tenant_id, launch.platform_id)
        row = connection.execute(
            select(Context.memberships_url, Context.lti_id).where(
                Context.tenant_id == launch.tenant_id, Context.id == launch.context_id
            )
        ).one_or_none()
    if platform is None or row is None or not row.memberships_url:
        raise NoRoster
    roster = read_roster(services, platform, row.memberships_url, context_id=row.lti_id)
    with services.database.write() as session:
        _store(session, launch, roster, now)
    return sum(1 for member in roster.members if member.active)


def _store(session: Session, launch: Launch, roster: Roster, now: datetime) -> None:
    tenant = session.get_one(Tenant, launch.tenant_id)
    known = {entry.sub: entry for entry in _entries(session, launch)}
    for member in roster.members:
        entry = known.get(member.user_sub)
        if entry is None:
            entry = RosterEntry(
                tenant_id=launch.tenant_id, context_id=launch.context_id, sub=member.user_sub
            )
            session.add(entry)
        entry.roles = sorted(member.roles)
        entry.name = member.name if tenant.wants_names else None
        entry.read_at = now
        entry.left_at = None if member.active else entry.left_at or now
    for sub in roster.leavers(known):
        known[sub].left_at = known[sub].left_at or now


def on_roster(launch: Launch) -> ColumnElement[bool]:
    """Return the condition for the entries of the launch's course."""
    return and_(
        RosterEntry.tenant_id == launch.tenant_id, RosterEntry.context_id == launch.context_id
    )


def _entries(session: Session, launch: Launch) -> list[RosterEntry]:
    return list(session.scalars(select(RosterEntry).where(on_roster(launch))))


def names_on_roster(session: Session, launch: Launch, subs: list[str]) -> dict[str, str | None]:
    """Return the names of some people of the list, None where they are not kept."""
    rows = session.execute(
        select(RosterEntry.sub, RosterEntry.name).where(
            on_roster(launch), RosterEntry.sub.in_(subs)
        )
    )
    return {row.sub: row.name for row in rows}


def left_the_course(launch: Launch, sub: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Return the condition that the list knows `sub` as somebody who left."""
    return exists().where(
        on_roster(launch), RosterEntry.sub == sub, RosterEntry.left_at.is_not(None)
    )


def roster_read_at(session: Session, launch: Launch) -> datetime | None:
    """Return when the list was last read, None if never."""
    return session.scalar(select(func.max(RosterEntry.read_at)).where(on_roster(launch)))
