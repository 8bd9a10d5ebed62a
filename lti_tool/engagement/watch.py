"""The list of learners who may need a hand, heaviest first, each with the reasons.

What is read: visits, what was begun and finished, lessons and first tries at exercises, meetings
with a mentor that took place or not. Never an answer itself. It looks back 60 days: whoever has
been away for longer has left, and needs another way to be found again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from adaptive.engagement import EarlyWarning, Event, signals_at, warn
from adaptive.reasons import Reason
from lti_tool.engagement.rules import thresholds_of
from lti_tool.learner.models import Progress
from lti_tool.learner.path.models import LessonWalk, SkillTry
from lti_tool.mentoring.models import MeetingLog, Pair
from lti_tool.people.models import Membership, User
from lti_tool.people.roles import Role

LOOKS_BACK = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Watched:
    """One learner who may need a hand."""

    user_id: str
    level: str
    """watch or act."""
    points: float
    reasons: tuple[Reason, ...]


def watch_list(
    session: Session, tenant_id: str, now: datetime, context_id: str | None = None
) -> list[Watched]:
    """Return the learners of an organisation who may need a hand, heaviest first.

    With a course only its learners, and only by visits and by what is unfinished: how exercises
    and talks with a mentor go is no teacher's matter. Whoever finished all they began and has no
    pair is done, and not on the list.
    """
    people = _learners(session, tenant_id, now, context_id)
    events = _events(session, tenant_id, now, set(people))
    thresholds = thresholds_of(session, tenant_id)
    found = []
    for user_id, (joined, seen) in people.items():
        own = [*events[user_id], Event(_days(seen), "seen")]
        if _is_done(own):
            continue
        signals = signals_at(own, _days(joined), _days(now))
        if context_id is not None:
            signals = replace(signals, missed_meetings=0, failing_streak=0)
        warning = warn(signals, thresholds)
        if warning.level != "calm":
            found.append(_watched(user_id, warning))
    found.sort(key=lambda one: (-one.points, one.user_id))
    return found


def _watched(user_id: str, warning: EarlyWarning) -> Watched:
    return Watched(user_id, warning.level, warning.points, warning.reasons)


def _is_done(events: list[Event]) -> bool:
    begun = {one.about for one in events if one.kind == "started"}
    ended = {one.about for one in events if one.kind == "finished"}
    meets = any(one.kind in {"met", "missed"} for one in events)
    return bool(begun) and begun <= ended and not meets


def _learners(
    session: Session, tenant_id: str, now: datetime, context_id: str | None
) -> dict[str, tuple[datetime, datetime]]:
    query = (
        select(User.id, Membership.roles, User.created_at, User.last_seen_at)
        .join(
            Membership,
            and_(Membership.tenant_id == User.tenant_id, Membership.user_id == User.id),
        )
        .where(
            User.tenant_id == tenant_id,
            User.disabled_at.is_(None),
            User.last_seen_at >= now - LOOKS_BACK,
            User.created_at <= now,
        )
    )
    if context_id is not None:
        query = query.where(Membership.context_id == context_id)
    found, staff = {}, set()
    for user_id, roles, created, seen in session.execute(query):
        found[user_id] = created, min(seen, now)
        if set(roles) - {Role.LEARNER}:
            staff.add(user_id)
    return {user_id: found[user_id] for user_id in sorted(found.keys() - staff)}


def _events(
    session: Session, tenant_id: str, now: datetime, people: set[str]
) -> defaultdict[str, list[Event]]:
    events: defaultdict[str, list[Event]] = defaultdict(list)

    def note(user_id: str, at: datetime | None, kind: str, about: str = "") -> None:
        if at is not None and user_id in people:
            events[user_id].append(Event(_days(at), kind, about))

    for user_id, link, started, updated, completed in session.execute(
        select(Progress.user_id, Progress.resource_link_id, Progress.started_at,
               Progress.updated_at, Progress.completed_at)
        .where(Progress.tenant_id == tenant_id)
    ):  # fmt: skip
        note(user_id, started, "started", link)
        note(user_id, updated, "seen")
        note(user_id, completed, "finished", link)
    for user_id, lesson, started, finished in session.execute(
        select(LessonWalk.user_id, LessonWalk.lesson, LessonWalk.started_at,
               LessonWalk.finished_at)
        .where(LessonWalk.tenant_id == tenant_id)
    ):  # fmt: skip
        note(user_id, started, "started", f"lesson {lesson}")
        note(user_id, finished, "finished", f"lesson {lesson}")
    for user_id, good, at in session.execute(
        select(SkillTry.user_id, SkillTry.good, SkillTry.at)
        .where(SkillTry.tenant_id == tenant_id, SkillTry.at >= now - LOOKS_BACK)
    ):  # fmt: skip
        note(user_id, at, "right" if good else "wrong")
    met: set[tuple[str, object]] = set()
    for user_id, happened, day, meeting in session.execute(
        select(Pair.mentee_id, MeetingLog.happened, MeetingLog.happened_on, MeetingLog.meeting_id)
        .join(
            MeetingLog,
            and_(MeetingLog.tenant_id == Pair.tenant_id, MeetingLog.pair_id == Pair.id),
        )
        .where(Pair.tenant_id == tenant_id, MeetingLog.happened_on >= (now - LOOKS_BACK).date())
        .order_by(MeetingLog.happened.desc(), MeetingLog.at)
    ):
        # Both sides write about one meeting: it counts once, and took place if one says so.
        key = (user_id, meeting or day)
        if key not in met:
            met.add(key)
            at = datetime.combine(day, time(12), UTC)
            note(user_id, min(at, now), "met" if happened else "missed")
    return events


def _days(at: datetime) -> float:
    return at.timestamp() / 86_400
