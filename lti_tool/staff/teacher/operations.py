"""What a teacher sees of one activity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from lti_tool.learner.models import Progress
from lti_tool.lti.sessions import Launch
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.outbox.operations import rearm
from lti_tool.people.models import Membership, User
from lti_tool.people.roles import Role
from lti_tool.staff.teacher.roster import learners_on_roster


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """One learner of the course: how far, since when, and what became of the grade."""

    sub: str
    name: str | None
    percent: int
    updated_at: datetime | None
    completed_at: datetime | None
    delivery_id: str | None
    grade_state: str | None
    grade_reason: str | None


def learners_of(session: Session, launch: Launch) -> list[LearnerRow]:
    """Return everybody who opened this activity and who is on the course list, neediest first.

    Parked grades come first, then who has not begun or stopped, then who finished.
    """
    rows = session.execute(
        select(User, Progress, ScoreDelivery)
        .join(
            Membership,
            (Membership.tenant_id == User.tenant_id) & (Membership.user_id == User.id),
        )
        .join(
            Progress,
            (Progress.tenant_id == User.tenant_id)
            & (Progress.user_id == User.id)
            & (Progress.resource_link_id == launch.resource_link_id),
            isouter=True,
        )
        .join(
            ScoreDelivery,
            (ScoreDelivery.tenant_id == User.tenant_id)
            & (ScoreDelivery.user_id == User.id)
            & (ScoreDelivery.resource_link_id == launch.resource_link_id),
            isouter=True,
        )
        .where(User.tenant_id == launch.tenant_id, Membership.context_id == launch.context_id)
    )
    found = [
        LearnerRow(
            sub=user.sub,
            name=user.name,
            percent=progress.percent if progress else 0,
            updated_at=progress.updated_at if progress else None,
            completed_at=progress.completed_at if progress else None,
            delivery_id=delivery.id if delivery else None,
            grade_state=delivery.state if delivery else None,
            grade_reason=delivery.reason if delivery else None,
        )
        for user, progress, delivery in rows
        if progress
    ]
    began = {row.sub for row in found}
    found += [
        LearnerRow(entry.sub, entry.name, 0, None, None, None, None, None)
        for entry in learners_on_roster(session, launch).values()
        if entry.sub not in began | _staff(session, launch)
    ]
    return sorted(found, key=lambda row: (row.grade_state != "parked", row.percent == 100, row.sub))


def _staff(session: Session, launch: Launch) -> set[str]:
    """Who teaches, by their launches: a roster of Moodle calls a non-editing teacher a learner."""
    rows = session.execute(
        select(User.sub, Membership.roles)
        .join(User, (User.tenant_id == Membership.tenant_id) & (User.id == Membership.user_id))
        .where(Membership.tenant_id == launch.tenant_id, Membership.context_id == launch.context_id)
    )
    return {row.sub for row in rows if set(row.roles) - {Role.LEARNER}}


def send_again(session: Session, launch: Launch, delivery_id: str, now: datetime) -> None:
    """Try the grade of one learner of this activity again.

    Raises:
        NoResultFound: the grade belongs to another activity, or there is none.
    """
    row = session.get_one(ScoreDelivery, (launch.tenant_id, delivery_id))
    if row.resource_link_id != launch.resource_link_id:
        raise NoResultFound
    rearm(session, launch.tenant_id, delivery_id, now)
