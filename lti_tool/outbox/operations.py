"""Putting things into the outbox, always inside the transaction that they report."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config.ids import new_id
from lti_tool.lti.models import table_of
from lti_tool.lti.sessions import Launch
from lti_tool.outbox.models import COMMENT_LENGTH, ScoreDelivery
from lti_tool.outbox.settle import Reason, State

REDISCOVER_EVERY = timedelta(hours=1)
_SECOND = timedelta(seconds=1)
_delivery = table_of(ScoreDelivery)
_row = _delivery.c


def record_score(
    session: Session, launch: Launch, *, score: float, comment: str, now: datetime
) -> ScoreDelivery:
    """Let the platform of `launch` hear that its learner has `score` points out of 100.

    One row a learner and activity; a newer score replaces the older one in place. Its time is
    strictly newer by whole seconds, or Moodle would refuse it with 409. A comment is cut to
    COMMENT_LENGTH characters.

    Raises:
        ValueError: the launch has no activity, or the score lies outside 0 to 100.
    """
    if launch.resource_link_id is None:
        raise ValueError("a launch without a resource link has no grade")
    if not 0 <= score <= 100:
        raise ValueError(f"a score of {score} is not between 0 and 100")
    row = _locked_row(session, launch, now)
    if row.state != State.WAITING:
        row.waiting_since = now
    row.score = score
    row.score_at = max(now.replace(microsecond=0), row.score_at + _SECOND)
    row.comment = comment[:COMMENT_LENGTH]
    row.activity_progress = "Completed" if score >= 100 else "InProgress"
    row.seq += 1
    row.due_at = now
    row.state, row.reason, row.attempts, row.settled_at = State.WAITING, None, 0, None
    return row


def _locked_row(session: Session, launch: Launch, now: datetime) -> ScoreDelivery:
    """Return the row of this learner and activity, made if need be, that nobody else can change.

    Without the lock, two answers at once would both count from the same `seq`, and a worker that
    sent the first would take the second for sent as well.
    """
    find = (
        select(ScoreDelivery)
        .where(
            ScoreDelivery.tenant_id == launch.tenant_id,
            ScoreDelivery.resource_link_id == launch.resource_link_id,
            ScoreDelivery.user_id == launch.user_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = session.scalar(find)
    if row is not None:
        return row
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(_delivery)
        .values(
            tenant_id=launch.tenant_id,
            id=new_id(),
            platform_id=launch.platform_id,
            resource_link_id=launch.resource_link_id,
            user_id=launch.user_id,
            score=0.0,
            score_at=now.replace(microsecond=0) - _SECOND,
            seq=0,
            waiting_since=now,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(find).one()


def rearm(session: Session, tenant_id: str, delivery_id: str, now: datetime) -> None:
    """Try a parked or superseded delivery once more, because a person asked for it.

    One that the platform's own grade has stopped gets a new time, which puts it above that grade;
    any other keeps its time, so a grade that was given meanwhile stands.
    """
    row = session.get_one(ScoreDelivery, (tenant_id, delivery_id), with_for_update=True)
    if row.state not in {State.PARKED, State.SUPERSEDED}:
        return
    if row.reason in {Reason.NEWER_GRADE, Reason.GRADE_REMOVED, Reason.CONFLICT_UNCLEAR}:
        row.score_at = max(now.replace(microsecond=0), row.score_at + _SECOND)
    row.state, row.reason, row.attempts, row.settled_at = State.WAITING, None, 0, None
    row.due_at = row.waiting_since = now


def has_parked(connection: Connection, tenant_id: str, resource_link_id: str) -> bool:
    """Whether grades of an activity are parked: a cheap look before `rediscover`."""
    found = connection.execute(
        select(_row.id).where(_is_parked(tenant_id, resource_link_id)).limit(1)
    )
    return found.first() is not None


def rediscover(
    connection: Connection, tenant_id: str, resource_link_id: str, user_id: str, now: datetime
) -> int:
    """Try parked grades again because somebody launched the activity; returns how many.

    A launch is news: the platform lives, this person is enrolled, and the activity has named its
    grade column anew. So this person's grade is tried again, and those of all others that are
    parked for want of a column, at most once in REDISCOVER_EVERY. They keep their times, so a
    grade that a teacher gave meanwhile stands.
    """
    of_others = and_(_row.reason == Reason.NO_COLUMN, _row.settled_at < now - REDISCOVER_EVERY)
    changed = connection.execute(
        update(_delivery)
        .where(_is_parked(tenant_id, resource_link_id), or_(_row.user_id == user_id, of_others))
        .values(
            state=State.WAITING,
            reason=None,
            attempts=0,
            due_at=now,
            waiting_since=now,
            settled_at=None,
        )
    )
    return changed.rowcount


def _is_parked(tenant_id: str, resource_link_id: str) -> ColumnElement[bool]:
    return and_(
        _row.tenant_id == tenant_id,
        _row.resource_link_id == resource_link_id,
        _row.state == State.PARKED,
    )
