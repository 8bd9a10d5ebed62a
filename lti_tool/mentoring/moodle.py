"""What the course site is asked for: groups, a meeting in the calendar, a message that says little.

Each wish is a row in the caller's transaction (moodle_sync.push). Where a tenant's Moodle is not
connected, or the two are in no common course, nothing is asked and everything works here alone.
Names of groups say nothing about people. A pair's event sits in a group of its own, because the
whole group of a mentor would read it.
"""

from __future__ import annotations

from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from lti_tool.lti.models import Context
from lti_tool.mentoring.models import Meeting, Pair
from lti_tool.mentoring.words import NOTICE
from lti_tool.people.models import Membership, Tenant, User
from moodle_sync.models import MoodleSite
from moodle_sync.push.intents import intend


def send_notice(session: Session, tenant_id: str, user_id: str, key: str) -> None:
    """Wish for a message that something waits, in the person's language."""
    user = session.get_one(User, (tenant_id, user_id))
    site = _site(session, user)
    if site is not None:
        with force_locale(_locale(session, user)):
            text = str(NOTICE)
        intend(session, site, "message", f"mentoring:{key}", {"user": user.sub, "text": text})


def find_course(session: Session, pair: Pair) -> str | None:
    """Return our id of a course that both are in, the oldest one; None if there is none."""
    mine, theirs = aliased(Membership), aliased(Membership)
    if pair.tenant_id != pair.mentor_tenant_id:
        return None
    return session.scalar(
        select(mine.context_id)
        .join(
            theirs,
            (theirs.tenant_id == mine.tenant_id) & (theirs.context_id == mine.context_id),
        )
        .where(
            mine.tenant_id == pair.tenant_id,
            mine.user_id == pair.mentee_id,
            theirs.user_id == pair.mentor_id,
        )
        .order_by(mine.context_id)
        .limit(1)
    )


def want_groups(session: Session, pair: Pair, *, present: bool) -> None:
    """Wish that the pair is in the mentor's group and in one of its own, or out of both.

    The mentor stays in the mentor's group.
    """
    found = _shared(session, pair)
    if found is None:
        return
    site, course, mentee, mentor = found
    own, mentors = _idnumber(pair), f"mentoring-mentor-{pair.mentor_id}"
    if present:
        for idnumber, name in ((mentors, pair.mentor_id), (own, pair.id)):
            payload = {"course": course, "idnumber": idnumber, "name": f"Mentoring {name[-10:]}"}
            intend(session, site, "group", f"{course}:{idnumber}", payload)
        _member(session, site, course, mentors, mentor, present=True)
    _member(session, site, course, mentors, mentee, present=present)
    for user in (mentee, mentor):
        _member(session, site, course, own, user, present=present)


def want_event(session: Session, pair: Pair, meeting: Meeting, *, cancelled: bool = False) -> None:
    """Wish for a confirmed meeting in the pair's calendar, or out of it."""
    found = _shared(session, pair)
    if found is None or meeting.starts_at is None:
        return
    site, course, _mentee, _mentor = found
    user = session.get_one(User, (pair.tenant_id, pair.mentee_id))
    with force_locale(_locale(session, user)):
        name = _("Mentoring meeting")
    payload: dict[str, Any] = {
        "course": course,
        "group": _idnumber(pair),
        "name": name,
        "starts_at": int(meeting.starts_at.timestamp()),
        "seconds": meeting.minutes * 60,
    }
    if cancelled:
        payload["cancelled"] = True
    intend(session, site, "event", f"meeting:{meeting.id}", payload)


def _idnumber(pair: Pair) -> str:
    return f"mentoring-pair-{pair.id}"


def _member(
    session: Session, site: MoodleSite, course: str, idnumber: str, user: str, *, present: bool
) -> None:
    payload = {"course": course, "idnumber": idnumber, "user": user, "present": present}
    intend(session, site, "group_member", f"{course}:{idnumber}:{user}", payload)


def _shared(session: Session, pair: Pair) -> tuple[MoodleSite, str, str, str] | None:
    """Return the site, Moodle's ids of the common course, of the mentee and of the mentor."""
    if pair.context_id is None or pair.tenant_id != pair.mentor_tenant_id:
        return None
    course = session.get_one(Context, (pair.tenant_id, pair.context_id))
    mentee = session.get_one(User, (pair.tenant_id, pair.mentee_id))
    mentor = session.get_one(User, (pair.tenant_id, pair.mentor_id))
    site = _site(session, mentee)
    numbers = (course.lti_id, mentee.sub, mentor.sub)
    if site is None or mentor.platform_id != mentee.platform_id:
        return None
    return (site, *numbers) if all(number.isdecimal() for number in numbers) else None


def _site(session: Session, user: User) -> MoodleSite | None:
    if not user.sub.isdecimal():
        return None
    return session.scalars(
        select(MoodleSite).where(
            MoodleSite.tenant_id == user.tenant_id,
            MoodleSite.platform_id == user.platform_id,
            MoodleSite.state != "stopped",
        )
    ).one_or_none()


def _locale(session: Session, user: User) -> str:
    return user.locale or session.get_one(Tenant, user.tenant_id).default_locale or "en"
