"""The Moodle course around the path: its other activities, and courses that one may join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.learner.path.models import OpenCourse
from lti_tool.lti.models import Context, ResourceLink
from lti_tool.lti.sessions import Launch
from lti_tool.people.models import User
from moodle_sync.models import (
    MoodleActivity,
    MoodleCompletion,
    MoodleCourse,
    MoodleIntent,
    MoodleMember,
    MoodleSite,
)
from moodle_sync.push.intents import intend

MOST_SHOWN = 30
_DONE = {1, 2}


class NotOpen(Exception):
    """This course may not be joined by this learner from here."""


@dataclass(frozen=True, slots=True)
class CourseActivity:
    """An activity of the learner's course: where it is, and its state: open, done or again."""

    name: str
    url: str
    state: str


@dataclass(frozen=True, slots=True)
class JoinableCourse:
    """A course to join. state: offered, asked (on its way), joined, or stuck (needs a person)."""

    course_id: str
    name: str
    url: str
    pack: str | None
    state: str


def activities(session: Session, launch: Launch) -> list[CourseActivity]:
    """Return the activities of the launch's course that Moodle tracks, as the mirror has them.

    Empty without a mirror. The activity of this launch is left out: the learner is in it.
    """
    site, sub = _site(session, launch), _sub(session, launch)
    if site is None or launch.context_id is None or sub is None:
        return []
    context = session.get(Context, (launch.tenant_id, launch.context_id))
    if context is None:
        return []
    link = launch.resource_link_id and session.get(
        ResourceLink, (launch.tenant_id, launch.resource_link_id)
    )
    states = {
        row.cmid: row.state
        for row in session.execute(
            select(MoodleCompletion.cmid, MoodleCompletion.state).where(
                MoodleCompletion.tenant_id == launch.tenant_id,
                MoodleCompletion.site_id == site.id,
                MoodleCompletion.course_id == context.lti_id,
                MoodleCompletion.user_id == sub,
            )
        )
    }
    rows = session.scalars(
        select(MoodleActivity).where(
            MoodleActivity.tenant_id == launch.tenant_id,
            MoodleActivity.site_id == site.id,
            MoodleActivity.course_id == context.lti_id,
            MoodleActivity.presence == "present",
            MoodleActivity.visible.is_(True),
            MoodleActivity.tracking > 0,
        )
    ).all()
    found = sorted(
        (row for row in rows if not (link and row.lti_id == link.lti_id)),
        key=lambda row: int(row.cmid),
    )
    return [
        CourseActivity(
            row.name,
            f"{site.wwwroot}/mod/{row.modname}/view.php?id={row.cmid}",
            _state(states.get(row.cmid, 0)),
        )
        for row in found[:MOST_SHOWN]
    ]


def joinable(session: Session, launch: Launch) -> list[JoinableCourse]:
    """Return the courses that were opened for joining and that the mirror knows as there."""
    site, sub = _site(session, launch), _sub(session, launch)
    if site is None or sub is None or not launch.is_learner:
        return []
    rows = session.execute(
        select(OpenCourse, MoodleCourse)
        .join(
            MoodleCourse,
            (MoodleCourse.tenant_id == OpenCourse.tenant_id)
            & (MoodleCourse.course_id == OpenCourse.course_id),
        )
        .where(
            OpenCourse.tenant_id == launch.tenant_id,
            OpenCourse.platform_id == launch.platform_id,
            MoodleCourse.site_id == site.id,
            MoodleCourse.presence == "present",
            MoodleCourse.visible.is_(True),
        )
        .order_by(MoodleCourse.fullname, MoodleCourse.course_id)
    ).all()
    here = session.get(Context, (launch.tenant_id, launch.context_id or ""))
    return [
        JoinableCourse(
            course.course_id,
            course.fullname,
            f"{site.wwwroot}/course/view.php?id={course.course_id}",
            opened.pack,
            _join_state(session, site, course.course_id, sub),
        )
        for opened, course in rows
        if here is None or course.course_id != here.lti_id
    ]


def join(session: Session, launch: Launch, course_id: str) -> None:
    """Ask the site to enrol the learner, in this transaction; asking twice is asking once.

    Raises:
        NotOpen: the course was not opened for this, or this is not a learner known to the site.
    """
    site, sub = _site(session, launch), _sub(session, launch)
    found = [one for one in joinable(session, launch) if one.course_id == course_id]
    if site is None or sub is None or not found:
        raise NotOpen(course_id)
    if found[0].state == "offered":
        payload = {"course": int(course_id), "user": int(sub)}
        intend(session, site, "enrol", f"{course_id}:{sub}", payload)


def open_course(
    session: Session, key: tuple[str, str], course_id: str, pack: str | None, now: datetime
) -> None:
    """Open a course of a platform (tenant, platform) for joining, or name another pack."""
    row = session.get(OpenCourse, (*key, course_id))
    if row is None:
        row = OpenCourse(tenant_id=key[0], platform_id=key[1], course_id=course_id, opened_at=now)
        session.add(row)
    row.pack = pack


def close_course(session: Session, key: tuple[str, str], course_id: str) -> bool:
    """Offer a course no longer; who joined stays in. Return whether it was open."""
    result = session.execute(
        delete(OpenCourse).where(
            OpenCourse.tenant_id == key[0],
            OpenCourse.platform_id == key[1],
            OpenCourse.course_id == course_id,
        )
    )
    return bool(getattr(result, "rowcount", 0))


def open_courses(session: Session, key: tuple[str, str]) -> Sequence[OpenCourse]:
    """Return the open courses of a platform (tenant, platform)."""
    return session.scalars(
        select(OpenCourse)
        .where(OpenCourse.tenant_id == key[0], OpenCourse.platform_id == key[1])
        .order_by(OpenCourse.course_id)
    ).all()


def _site(session: Session, launch: Launch) -> MoodleSite | None:
    return session.scalar(
        select(MoodleSite).where(
            MoodleSite.tenant_id == launch.tenant_id, MoodleSite.platform_id == launch.platform_id
        )
    )


def _sub(session: Session, launch: Launch) -> str | None:
    """Return Moodle's number of the person; None where `sub` is no such number."""
    user = session.get(User, (launch.tenant_id, launch.user_id))
    return user.sub if user and user.sub.isascii() and user.sub.isdigit() else None


def _state(code: int) -> str:
    return "done" if code in _DONE else "again" if code else "open"


def _join_state(session: Session, site: MoodleSite, course_id: str, sub: str) -> str:
    member = session.get(MoodleMember, (site.tenant_id, site.id, course_id, sub))
    if member and member.presence == "present" and member.status != "suspended":
        return "joined"
    intent = session.scalar(
        select(MoodleIntent.state).where(
            MoodleIntent.tenant_id == site.tenant_id,
            MoodleIntent.site_id == site.id,
            MoodleIntent.kind == "enrol",
            MoodleIntent.natural_key == f"{course_id}:{sub}",
        )
    )
    known = {"waiting": "asked", "sending": "asked", "done": "joined", "parked": "stuck"}
    if member and member.status == "suspended":
        return "stuck"  # somebody put the learner to sleep there: only that person wakes them
    return known.get(intent or "", "offered")
