"""Meetings: one side proposes times, the other takes one; both can cancel; a log in five taps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.ids import new_id
from lti_tool.mentoring import moodle
from lti_tool.mentoring.access import OWN, Actor, Side, pair_for
from lti_tool.mentoring.calendar import common_slots, next_starts, zone_of
from lti_tool.mentoring.codes import TOPICS, WAYS
from lti_tool.mentoring.contact import require_contact
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.lifecycle import MEETING, TALKING, move, record
from lti_tool.mentoring.models import Meeting, MeetingLog, Mentee, Mentor, Pair
from lti_tool.mentoring.notices import tell, tell_both
from lti_tool.mentoring.pairs import keys_of
from lti_tool.mentoring.silence import cancel_meeting
from lti_tool.mentoring.values import chosen
from lti_tool.people.models import Tenant

MINUTES = (15, 30, 45, 60, 90)
MOST_OPTIONS = 3
FARTHEST = timedelta(days=90)
MOST_WAITING = 3
"""Meetings of one pair that are proposed or confirmed at one time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A meeting in five taps: happened, how long, what about, how did it feel, next time."""

    happened: bool
    happened_on: date
    minutes: int | None = None
    topics: Collection[str] = ()
    feeling: int | None = None
    next_on: date | None = None


def suggest_times(session: Session, actor: Actor, pair_id: str, now: datetime) -> list[datetime]:
    """Return up to six starts in weekly times that both named, in UTC; none if none overlap.

    Raises:
        NotYours: a stranger's pair.
    """
    pair, _side = pair_for(session, actor, pair_id, *OWN)
    mentee_key, mentor_key = keys_of(pair)
    mentee, mentor = session.get_one(Mentee, mentee_key), session.get_one(Mentor, mentor_key)
    zone = zone_of(session.get_one(Tenant, pair.tenant_id).country)
    return next_starts(common_slots(mentee.slots, mentor.slots), now, zone, 6)


def propose_meeting(
    session: Session,
    actor: Actor,
    pair_id: str,
    starts: Sequence[datetime],
    minutes: int,
    way: str,
    topic: str,
    now: datetime,
) -> Meeting:
    """Propose one to three times.

    Raises:
        NotYours: a stranger's pair.
        NotValid: "times" (none, too many, past, beyond 90 days), "minutes", "way" or "topic".
        NotAllowed: a code of contact.barriers; "many", while three meetings wait.
    """
    pair, side = pair_for(session, actor, pair_id, *OWN, lock=True)
    options = sorted({start.astimezone(UTC) for start in starts})
    if (
        not 1 <= len(options) <= MOST_OPTIONS
        or not now < options[0] <= options[-1] <= now + FARTHEST
    ):
        raise NotValid("times")
    for name, value, offered in (("minutes", minutes, MINUTES), ("way", way, WAYS),
                                 ("topic", topic, TOPICS)):  # fmt: skip
        if value not in offered:
            raise NotValid(name)
    require_contact(session, pair, now)
    if len(waiting_meetings(session, pair, now)) >= MOST_WAITING:
        raise NotAllowed("many")
    row = Meeting(
        tenant_id=pair.tenant_id,
        id=new_id(),
        pair_id=pair.id,
        user_id=actor.user_id,
        side=side.value,
        state="proposed",
        state_at=now,
        options=[start.isoformat() for start in options],
        minutes=minutes,
        way=way,
        topic=topic,
    )
    session.add(row)
    session.flush()
    record(session, row.tenant_id, "meeting", row.id, "propose",
           actor_id=actor.user_id, now=now, after="proposed")  # fmt: skip
    mentee_key, mentor_key = keys_of(pair)
    tell(session, *(mentor_key if side is Side.MENTEE else mentee_key), "meeting", row.id, now)
    return row


def confirm_meeting(
    session: Session, actor: Actor, pair_id: str, meeting_id: str, option: int, now: datetime
) -> Meeting:
    """Take one of the proposed times; the side that did not propose says so.

    Raises:
        NotYours: a stranger's pair, no such meeting, or the actor's own proposal.
        NotValid: "option".
        NotAllowed: a code of contact.barriers; "state"; "late", for a time that has passed.
    """
    pair, side, row = _meeting(session, actor, pair_id, meeting_id)
    if row.side == side.value:
        raise NotYours("meeting")
    if not 0 <= option < len(row.options):
        raise NotValid("option")
    require_contact(session, pair, now)
    starts_at = datetime.fromisoformat(row.options[option])
    if starts_at <= now:
        raise NotAllowed("late")
    move(session, row, MEETING, "confirm", actor_id=actor.user_id, now=now)
    row.starts_at = starts_at
    session.flush()
    moodle.want_event(session, pair, row)
    tell_both(session, pair, "meeting_set", row.id, now)
    return row


def turn_down_meeting(
    session: Session, actor: Actor, pair_id: str, meeting_id: str, now: datetime
) -> None:
    """Say that none of the times fits; raises as `confirm_meeting`."""
    pair, side, row = _meeting(session, actor, pair_id, meeting_id)
    if row.side == side.value:
        raise NotYours("meeting")
    require_contact(session, pair, now)
    move(session, row, MEETING, "turn_down", actor_id=actor.user_id, now=now)
    mentee_key, mentor_key = keys_of(pair)
    other = mentor_key if side is Side.MENTEE else mentee_key
    tell(session, *other, "meeting_declined", row.id, now)


def call_off_meeting(
    session: Session, actor: Actor, pair_id: str, meeting_id: str, now: datetime
) -> None:
    """Cancel a meeting, from either side; the other one hears of it.

    Raises:
        NotYours: a stranger's pair, or no such meeting.
        NotAllowed: "state".
    """
    pair, _side, row = _meeting(session, actor, pair_id, meeting_id)
    cancel_meeting(session, pair, row, actor.user_id, now)
    tell_both(session, pair, "meeting_off", row.id, now)


def log_meeting(
    session: Session,
    actor: Actor,
    pair_id: str,
    entry: LogEntry,
    now: datetime,
    meeting_id: str | None = None,
) -> MeetingLog:
    """Say how a meeting was, planned or not; each side for itself. `feeling` is never shown to
    the other side.

    Raises:
        NotYours: a stranger's pair, or no such meeting in it.
        NotValid: "happened_on" (in the future, or before the pair), "minutes", "topics" (up to 3),
            "feeling" (1 to 5) or "next_on".
        NotAllowed: "state", unless the pair is active or saying goodbye; "early", for a planned
            meeting that has not begun; "given", the second time for one meeting.
    """
    pair, side = pair_for(session, actor, pair_id, *OWN, lock=True)
    meeting = None
    if meeting_id is not None:
        pair, side, meeting = _meeting(session, actor, pair_id, meeting_id)
    topics = _check_entry(pair, entry, now)
    if pair.state not in TALKING:
        raise NotAllowed("state")
    if meeting is not None:
        _settle(session, meeting, entry, side, actor, now)
    row = MeetingLog(
        tenant_id=pair.tenant_id,
        id=new_id(),
        pair_id=pair.id,
        user_id=actor.user_id,
        side=side.value,
        meeting_id=meeting_id,
        happened=entry.happened,
        happened_on=entry.happened_on,
        minutes=entry.minutes if entry.happened else None,
        topics=topics if entry.happened else [],
        feeling=entry.feeling if entry.happened else None,
        next_on=entry.next_on,
        at=now,
    )
    session.add(row)
    if entry.happened:
        at = min(now, datetime.combine(entry.happened_on, now.timetz()))
        pair.last_contact_at = max(pair.last_contact_at or at, at)
    session.flush()
    record(session, pair.tenant_id, "pair", pair.id, "log", actor_id=actor.user_id, now=now)
    return row


def waiting_meetings(session: Session, pair: Pair, now: datetime) -> list[Meeting]:
    """Return the meetings that are proposed, or planned and not over, next one first."""
    found = session.scalars(
        select(Meeting).where(
            Meeting.tenant_id == pair.tenant_id,
            Meeting.pair_id == pair.id,
            Meeting.state.in_(("proposed", "confirmed")),
        )
    )
    ahead = [row for row in found if _ends(row) > now]
    return sorted(ahead, key=lambda row: (_ends(row), row.id))


def meetings_of(session: Session, actor: Actor, pair_id: str) -> list[Meeting]:
    """Return all meetings of an own pair, newest first; raises NotYours."""
    pair, _side = pair_for(session, actor, pair_id, *OWN, Side.COORDINATOR)
    return list(
        session.scalars(
            select(Meeting)
            .where(Meeting.tenant_id == pair.tenant_id, Meeting.pair_id == pair.id)
            .order_by(Meeting.state_at.desc(), Meeting.id)
        )
    )


def logs_of(session: Session, actor: Actor, pair_id: str) -> list[MeetingLog]:
    """Return the actor's own log entries; the coordinator gets those of both. Raises NotYours."""
    pair, side = pair_for(session, actor, pair_id, *OWN, Side.COORDINATOR)
    query = select(MeetingLog).where(
        MeetingLog.tenant_id == pair.tenant_id, MeetingLog.pair_id == pair.id
    )
    if side in OWN:
        query = query.where(MeetingLog.side == side.value)
    return list(
        session.scalars(query.order_by(MeetingLog.happened_on.desc(), MeetingLog.id.desc()))
    )


def _ends(row: Meeting) -> datetime:
    last = row.starts_at or datetime.fromisoformat(row.options[-1])
    return last + timedelta(minutes=row.minutes)


def _check_entry(pair: Pair, entry: LogEntry, now: datetime) -> list[str]:
    first = (pair.started_at or now).date()
    if not first - timedelta(days=1) <= entry.happened_on <= now.date():
        raise NotValid("happened_on")
    if entry.minutes is not None and not 1 <= entry.minutes <= 600:
        raise NotValid("minutes")
    if entry.feeling is not None and entry.feeling not in range(1, 6):
        raise NotValid("feeling")
    if entry.next_on is not None and not now.date() <= entry.next_on <= (now + FARTHEST).date():
        raise NotValid("next_on")
    return chosen("topics", entry.topics, TOPICS, 3)


def _settle(
    session: Session, meeting: Meeting, entry: LogEntry, side: Side, actor: Actor, now: datetime
) -> None:
    if meeting.starts_at is None or meeting.state not in {"confirmed", "happened", "missed"}:
        raise NotAllowed("state")
    if meeting.starts_at > now:
        raise NotAllowed("early")
    given = session.scalar(
        select(MeetingLog.id).where(
            MeetingLog.tenant_id == meeting.tenant_id,
            MeetingLog.meeting_id == meeting.id,
            MeetingLog.side == side.value,
        )
    )
    if given:
        raise NotAllowed("given")
    if meeting.state == "confirmed":
        verb = "happen" if entry.happened else "miss"
        move(session, meeting, MEETING, verb, actor_id=actor.user_id, now=now)


def _meeting(
    session: Session, actor: Actor, pair_id: str, meeting_id: str
) -> tuple[Pair, Side, Meeting]:
    pair, side = pair_for(session, actor, pair_id, *OWN, lock=True)
    row = session.get(Meeting, (pair.tenant_id, meeting_id))
    if row is None or row.pair_id != pair.id:
        raise NotYours("meeting")
    return pair, side, row
