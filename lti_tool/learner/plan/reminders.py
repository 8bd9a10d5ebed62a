"""Messages of the course site on days when a step is due, for whoever asked for them.

Only where the organisation connected that site, and only with a text that says nothing of the
plan. One message a person and day at most: the day is in its key, and a message is sent once.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.database import Database
from lti_tool.learner.plan.models import PlanReminder
from lti_tool.learner.plan.operations import plan_of, sweep
from lti_tool.learner.plan.words import NOTICE
from lti_tool.lti.sessions import Launch
from lti_tool.mentoring.moments import zone_of_tenant
from lti_tool.people.models import User
from moodle_sync.models import MoodleSite
from moodle_sync.push.intents import intend

FROM, UNTIL = 8, 20
"""Hours of the day, where the learner lives, in which a message may be sent."""


def can_message(session: Session, tenant_id: str, user_id: str) -> bool:
    """Whether the course site of a person is connected, so that it can send messages."""
    return _site(session, tenant_id, user_id) is not None


def wants_messages(session: Session, launch: Launch) -> bool:
    """Whether the learner asked for messages of this course site."""
    return session.get(PlanReminder, (launch.tenant_id, launch.user_id)) is not None


def ask_for_messages(session: Session, launch: Launch, now: datetime, *, wanted: bool) -> None:
    """Ask this course site for messages, in the language of the page, or for none any more."""
    row = session.get(PlanReminder, (launch.tenant_id, launch.user_id), with_for_update=True)
    if wanted and can_message(session, launch.tenant_id, launch.user_id):
        if row is None:
            row = PlanReminder(tenant_id=launch.tenant_id, user_id=launch.user_id, asked_at=now)
            session.add(row)
        row.text = str(NOTICE)
    elif row is not None:
        session.delete(row)
    session.flush()


def send_due(database: Database, now: datetime) -> int:
    """Wish for the messages of today and clear what was deleted; return how many were due.

    Doing it again on the same day sends nothing twice.
    """
    with database.read() as session:
        due = [
            (row.tenant_id, row.user_id, day)
            for row in session.scalars(select(PlanReminder).order_by(PlanReminder.user_id))
            if (day := _day(session, row, now)) is not None
        ]
    with database.write() as session:
        sweep(session, now)
        for tenant_id, user_id, day in due:
            row = session.get(PlanReminder, (tenant_id, user_id), with_for_update=True)
            site = _site(session, tenant_id, user_id)
            if row is not None and site is not None:
                user = session.get_one(User, (tenant_id, user_id))
                key = f"plan:{user_id}:{day.isoformat()}"
                intend(session, site, "message", key, {"user": user.sub, "text": row.text})
    return len(due)


def _day(session: Session, row: PlanReminder, now: datetime) -> date | None:
    """Return today where a message is due now, else None."""
    local = now.astimezone(zone_of_tenant(session, row.tenant_id))
    if not FROM <= local.hour < UNTIL:
        return None
    today = local.date()
    plan = plan_of(session, row.tenant_id, row.user_id)
    return today if any(step.due == today for step in plan.dated) else None


def _site(session: Session, tenant_id: str, user_id: str) -> MoodleSite | None:
    user = session.get(User, (tenant_id, user_id))
    if user is None or user.disabled_at is not None or not user.sub.isdecimal():
        return None
    return session.scalars(
        select(MoodleSite).where(
            MoodleSite.tenant_id == tenant_id,
            MoodleSite.platform_id == user.platform_id,
            MoodleSite.state != "stopped",
        )
    ).one_or_none()
