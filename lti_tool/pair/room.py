"""The room of a pair: who is here, what they are to it, and what waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.mentoring.access import OWN, Actor, Side, pair_for
from lti_tool.mentoring.agreement import newest_terms
from lti_tool.mentoring.checkins import open_checkins
from lti_tool.mentoring.closure import FEEDBACK_OPEN, feedbacks
from lti_tool.mentoring.contact import barriers
from lti_tool.mentoring.lifecycle import LIVE, TALKING
from lti_tool.mentoring.meetings import logs_of, meetings_of, waiting_meetings
from lti_tool.mentoring.messages import unread
from lti_tool.mentoring.models import Agreement, Checkin, Meeting, Pair
from lti_tool.mentoring.moments import zone_of_tenant
from lti_tool.mentoring.notices import see
from lti_tool.mentoring.pairs import OtherSide, other_side
from lti_tool.mentoring.replies import actor_of
from lti_tool.people.roles import Role
from lti_tool.web.access import current_launch

blueprint = Blueprint(
    "pair", __name__, url_prefix="/l/<launch_id>/pair", template_folder="templates"
)
VISITORS = tuple(Role)
LOG_WITHIN = timedelta(days=30)
"""For so long after a meeting we ask how it was."""


@dataclass(frozen=True, slots=True)
class Here:
    """A pair as one half of it sees it."""

    pair: Pair
    side: Side
    other: OtherSide | None
    """None once the pair has ended."""
    zone: ZoneInfo
    barriers: tuple[str, ...]

    @property
    def name(self) -> str:
        """How the other half is called."""
        if self.other is not None and self.other.nickname:
            return self.other.nickname
        return str(_("your mentor") if self.side is Side.MENTEE else _("your mentee"))

    @property
    def talking(self) -> bool:
        """Whether the two may write and meet now."""
        return not self.barriers

    @property
    def said(self) -> str | None:
        """The own answer to the offer."""
        pair = self.pair
        return pair.mentee_said if self.side is Side.MENTEE else pair.mentor_said


@dataclass(frozen=True, slots=True)
class Due:
    """What waits for one half of a pair."""

    unread: int
    next_meeting: Meeting | None
    proposals: list[Meeting]
    """Times of the other side, to answer."""
    to_log: list[Meeting]
    checkins: list[Checkin]
    terms: Agreement | None
    """The newest proposal of an agreement, where the own yes is missing."""
    feedback: bool


def me() -> Actor:
    """Return who looks at this page."""
    return actor_of(current_launch())


def find_here(session: Session, actor: Actor, pair_id: str, now: datetime) -> Here:
    """Return a pair as one of its halves sees it; raises NotYours for everybody else."""
    pair, side = pair_for(session, actor, pair_id, *OWN)
    other = other_side(session, actor, pair_id) if pair.state in LIVE else None
    zone = zone_of_tenant(session, pair.tenant_id)
    return Here(pair, side, other, zone, barriers(session, pair, now))


def find_due(session: Session, actor: Actor, here: Here, now: datetime) -> Due:
    """Return what waits for the actor in a pair."""
    pair, side = here.pair, here.side
    waiting = waiting_meetings(session, pair, now) if pair.state in TALKING else []
    planned = [one for one in waiting if one.state == "confirmed"]
    newest = newest_terms(session, pair)
    return Due(
        unread=unread(session, actor, pair.id),
        next_meeting=planned[0] if planned else None,
        proposals=[one for one in waiting if one.state == "proposed" and one.side != side],
        to_log=_to_log(session, actor, here, now),
        checkins=[one for one in open_checkins(session, actor, now) if one.pair_id == pair.id],
        terms=newest if newest and not accepted(newest, side) else None,
        feedback=feedback_open(session, here, now),
    )


def accepted(terms: Agreement, side: Side) -> datetime | None:
    """Return when a side accepted an agreement."""
    return terms.mentee_accepted_at if side is Side.MENTEE else terms.mentor_accepted_at


def feedback_open(session: Session, here: Here, now: datetime) -> bool:
    """Return whether the actor may still say how it was."""
    pair = here.pair
    ended = pair.ended_at is not None and now <= pair.ended_at + FEEDBACK_OPEN
    given = any(row.side == here.side for row in feedbacks(session, pair))
    return (pair.state == "closing" or ended) and not given


def settle(session: Session, now: datetime, *kinds: str) -> None:
    """Note that what waited was done, so that it is no longer news."""
    for kind in kinds:
        see(session, me(), now, kind)


def _to_log(session: Session, actor: Actor, here: Here, now: datetime) -> list[Meeting]:
    if here.pair.state not in TALKING:
        return []
    logged = {row.meeting_id for row in logs_of(session, actor, here.pair.id)}
    return [
        one
        for one in meetings_of(session, actor, here.pair.id)
        if one.state in {"confirmed", "happened", "missed"}
        and one.starts_at is not None
        and now - LOG_WITHIN < one.starts_at <= now
        and one.id not in logged
    ]
