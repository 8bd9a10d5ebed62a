"""What learners of a course show to their teachers, or to their coordinators, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.learner.shared import Audience, shared_with, who_shares
from lti_tool.lti.sessions import Launch
from lti_tool.mentoring.access import Actor, has_duty
from lti_tool.people.models import Membership, User
from lti_tool.people.roles import Role
from lti_tool.staff.teacher.roster import left_the_course

MOST = 100
"""Learners on the page."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """One learner of the course, and the questions and answers that they show."""

    name: str
    sub: str
    lines: list[tuple[str, str]]


def audiences_of(session: Session, launch: Launch) -> list[Audience]:
    """Return whom learners mean when they share with the person of a launch."""
    found: list[Audience] = []
    if Role.INSTRUCTOR in launch.roles:
        found.append("teacher")
    named = has_duty(session, Actor(launch.tenant_id, launch.user_id), "coordinator")
    if named or Role.COORDINATOR in launch.roles:
        found.append("coordinator")
    return found


def shared_in_course(session: Session, launch: Launch) -> list[Sharing]:
    """Return the learners of the launch's course who share something with whoever looks."""
    audiences = audiences_of(session, launch)
    if not audiences or launch.context_id is None:
        return []
    tenant_id = launch.tenant_id
    rows = session.execute(
        select(User.id, User.name, User.sub, Membership.roles)
        .join(
            Membership,
            (Membership.tenant_id == User.tenant_id) & (Membership.user_id == User.id),
        )
        .where(
            User.tenant_id == tenant_id,
            Membership.context_id == launch.context_id,
            or_(*(User.id.in_(who_shares(tenant_id, audience)) for audience in audiences)),
            ~left_the_course(launch, User.sub),
        )
        .order_by(User.name, User.sub)
    )
    found = []
    for row in rows:
        if set(row.roles) - {Role.LEARNER}:
            continue
        lines: dict[tuple[str, str], None] = {}
        for audience in audiences:
            lines |= dict.fromkeys(shared_with(session, tenant_id, row.id, audience))
        if lines:
            found.append(Sharing(row.name or "", row.sub, list(lines)))
        if len(found) == MOST:
            break
    return found
