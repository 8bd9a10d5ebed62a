"""Where a learner is with mentoring, as other rooms and the course's activity may know it."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import utcnow
from lti_tool.learner.progress import advance
from lti_tool.learner.standing import Standing, by_percent
from lti_tool.lti.sessions import Launch
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.meetings import waiting_meetings
from lti_tool.mentoring.messages import unread
from lti_tool.mentoring.models import MeetingLog, Mentee, Pair
from lti_tool.mentoring.moments import moment_words, zone_of_tenant
from lti_tool.mentoring.notices import unseen
from lti_tool.mentoring.places import live_pair_of
from lti_tool.mentoring.words import NOTICES

JOINED, MATCHED, MET = 30, 60, 100
"""How far one is with the module: asked for a mentor; both said yes; first meeting written down."""
TOGETHER = ("preparing", "active", "suspended", "closing", "closed")
"""States that a pair reaches only after both said yes."""


def percent_of(session: Session, tenant_id: str, user_id: str) -> int:
    """Return how far a learner is with the module, 0 before they asked for a mentor."""
    own = (Pair.tenant_id == tenant_id, Pair.mentee_id == user_id, Pair.state.in_(TOGETHER))
    met = (
        select(MeetingLog.id)
        .join(Pair, (Pair.tenant_id == MeetingLog.tenant_id) & (Pair.id == MeetingLog.pair_id))
        .where(*own, MeetingLog.happened)
    )
    if session.scalar(met.limit(1)):
        return MET
    if session.scalar(select(Pair.id).where(*own).limit(1)):
        return MATCHED
    mentee = session.get(Mentee, (tenant_id, user_id))
    return JOINED if mentee is not None and mentee.state in {"waiting", "paused"} else 0


def note_progress(session: Session, launch: Launch, now: datetime) -> None:
    """Carry to the activity of this launch how far the learner is, and no more."""
    percent = percent_of(session, launch.tenant_id, launch.user_id)
    if percent:
        comment = {
            JOINED: _("My mentor: asked for a mentor"),
            MATCHED: _("My mentor: has a mentor"),
            MET: _("Finished: My mentor"),
        }[percent]
        advance(session, launch, "mentor", percent, comment, now)


def standing_of(session: Session, launch: Launch, since: datetime | None) -> Standing | None:
    """Return where a learner is with mentoring, for the home page."""
    actor, now = Actor(launch.tenant_id, launch.user_id), utcnow()
    pair = live_pair_of(session, actor.tenant_id, actor.user_id)
    if pair is not None:
        step, endpoint, urgent = _of_pair(session, actor, pair, now)
        url = url_for(endpoint, pair_id=pair.id)
    else:
        step, endpoint = _of_mentee(session.get(Mentee, (actor.tenant_id, actor.user_id)))
        url, urgent = url_for(endpoint), False
    percent = percent_of(session, actor.tenant_id, actor.user_id)
    return by_percent(percent, step, url, _news(session, actor, since), urgent=urgent)


def _news(session: Session, actor: Actor, since: datetime | None) -> tuple[str, ...]:
    kinds = dict.fromkeys(
        one.kind
        for one in unseen(session, actor)
        if one.kind in NOTICES and (since is None or one.at > since)
    )
    return tuple(str(NOTICES[kind]) for kind in kinds)


def _of_mentee(mentee: Mentee | None) -> tuple[str, str]:
    match mentee.state if mentee else "left":
        case "draft":
            return _("Go on and ask for a mentor."), "mentor.go_on"
        case "waiting":
            return _("Look at the mentors while we look for yours."), "mentor.mentors"
        case "paused":
            return _("End your break when you want a mentor again."), "mentor.show"
        case _:
            return _("See what a mentor can do for you."), "mentor.show"


def _of_pair(session: Session, actor: Actor, pair: Pair, now: datetime) -> tuple[str, str, bool]:
    """Return the step, its page, and whether somebody waits for it."""
    match pair.state:
        case "offered" if pair.mentee_said is None:
            return _("Look at the offer of a mentor and answer."), "pair.show", True
        case "offered":
            return _("Wait for the answer of the mentor."), "pair.show", False
        case "preparing":
            return _("Agree with your mentor on how you begin."), "pair.agreement", False
        case "suspended":
            return _("Your mentoring is on hold."), "pair.show", False
        case "closing":
            return _("Say goodbye to your mentor."), "pair.goodbye", False
    if unread(session, actor, pair.id):
        return _("Read the message of your mentor."), "pair.messages", True
    waiting = waiting_meetings(session, pair, now)
    if any(one.state == "proposed" and one.side == "mentor" for one in waiting):
        return _("Choose a time to meet your mentor."), "pair.meetings", True
    planned = [one.starts_at for one in waiting if one.state == "confirmed" and one.starts_at]
    if not planned:
        return _("Plan a meeting with your mentor."), "pair.plan", False
    when = moment_words(planned[0], zone_of_tenant(session, pair.tenant_id))
    soon = planned[0] - now < timedelta(days=1)
    return _("You meet your mentor: %(when)s.", when=when), "pair.meetings", soon
