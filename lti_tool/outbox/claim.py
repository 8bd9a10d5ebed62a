"""Taking rows out for delivery and putting the outcome back, by lease and fence."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from lti_tool.lti.models import Context, Platform, ResourceLink
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.outbox.delivery import Delivery, Job
from lti_tool.outbox.models import PlatformHealth, ScoreDelivery
from lti_tool.outbox.settle import Settlement, State
from lti_tool.people.models import User

LEASE = timedelta(seconds=120)
BATCH = 8
FAILURES_TO_CLOSE = 5
CLOSED_FOR = timedelta(seconds=60)

_row = ScoreDelivery.__table__.c
_health = PlatformHealth.__table__.c


def claim(connection: Connection, now: datetime, busy: Collection[str] = ()) -> list[Job]:
    """Lease what is due: up to BATCH rows of each platform that is not `busy`, one of a sick one.

    Taking from each platform in turn, a flood of one organisation delays nobody else. The outer
    condition repeats the inner one, so of two workers that chose the same row only one gets it.
    """
    free = and_(
        _row.state == State.WAITING,
        _row.due_at <= now,
        or_(_row.lease_until.is_(None), _row.lease_until < now),
    )
    ranked = (
        select(
            _row.tenant_id,
            _row.id,
            func.row_number()
            .over(partition_by=_row.platform_id, order_by=(_row.due_at, _row.id))
            .label("place"),
            func.coalesce(_health.failures, 0).label("failures"),
        )
        .select_from(
            ScoreDelivery.__table__.outerjoin(
                PlatformHealth.__table__,
                and_(_health.tenant_id == _row.tenant_id, _health.platform_id == _row.platform_id),
            )
        )
        .where(free, _row.platform_id.not_in(busy))
        .where(or_(_health.closed_until.is_(None), _health.closed_until <= now))
        .subquery()
    )
    chosen = select(ranked.c.id).where(
        or_(
            and_(ranked.c.failures < FAILURES_TO_CLOSE, ranked.c.place <= BATCH),
            ranked.c.place == 1,
        )
    )
    taken = (
        connection.execute(
            update(ScoreDelivery)
            .where(ScoreDelivery.id.in_(chosen), free)
            .values(lease_until=now + LEASE, fence=ScoreDelivery.fence + 1)
            .returning(ScoreDelivery.id)
            .execution_options(synchronize_session=False)
        )
        .scalars()
        .all()
    )
    return _jobs(connection, taken) if taken else []


def _jobs(connection: Connection, ids: Collection[str]) -> list[Job]:
    rows = connection.execute(
        select(
            ScoreDelivery.__table__,
            Platform.client_id,
            Platform.token_url,
            Platform.product,
            Platform.status,
            User.sub,
            ResourceLink.lti_id,
            ResourceLink.lineitem_url,
            Context.lineitems_url,
        )
        .select_from(ScoreDelivery)
        .join(
            Platform,
            and_(
                Platform.tenant_id == ScoreDelivery.tenant_id,
                Platform.id == ScoreDelivery.platform_id,
            ),
        )
        .join(
            User,
            and_(User.tenant_id == ScoreDelivery.tenant_id, User.id == ScoreDelivery.user_id),
        )
        .join(
            ResourceLink,
            and_(
                ResourceLink.tenant_id == ScoreDelivery.tenant_id,
                ResourceLink.id == ScoreDelivery.resource_link_id,
            ),
        )
        .outerjoin(
            Context,
            and_(
                Context.tenant_id == ResourceLink.tenant_id,
                Context.id == ResourceLink.context_id,
            ),
        )
        .where(ScoreDelivery.id.in_(ids))
        .order_by(ScoreDelivery.due_at, ScoreDelivery.id)
    )
    return [
        Job(
            tenant_id=row.tenant_id,
            id=row.id,
            fence=row.fence,
            seq=row.seq,
            platform=PlatformRef(
                row.tenant_id, row.platform_id, row.client_id, row.token_url, row.product
            ),
            platform_active=row.status == "active",
            user_sub=row.sub,
            link_lti_id=row.lti_id,
            lineitem_url=row.lineitem_url,
            lineitems_url=row.lineitems_url,
            score=row.score,
            comment=row.comment,
            activity_progress=row.activity_progress,
            score_at=row.score_at,
            attempts=row.attempts,
            waiting_since=row.waiting_since,
        )
        for row in rows
    ]


def put_back(
    connection: Connection, job: Job, delivery: Delivery, settlement: Settlement, now: datetime
) -> bool:
    """Write the outcome of a job; False when a newer lease has taken the row meanwhile.

    A score that changed while the old one was on its way keeps waiting, whatever the answer.
    """
    held = connection.execute(
        select(_row.seq)
        .where(_row.tenant_id == job.tenant_id, _row.id == job.id, _row.fence == job.fence)
        .with_for_update()
    ).scalar_one_or_none()
    if held is None:
        return False
    changed = held != job.seq
    values: dict[str, object] = {"lease_until": None}
    if settlement.state is State.DELIVERED:
        values["sent_seq"] = job.seq
    if not changed:
        waits = settlement.state is State.WAITING
        values |= {
            "state": settlement.state,
            "reason": settlement.reason,
            "attempts": _row.attempts + 1 if waits else job.attempts,
            "settled_at": None if waits else now,
        }
        if settlement.due_at is not None:
            values["due_at"] = settlement.due_at
        if settlement.score_at is not None:
            values["score_at"] = settlement.score_at
    connection.execute(
        update(ScoreDelivery)
        .where(_row.tenant_id == job.tenant_id, _row.id == job.id, _row.fence == job.fence)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if delivery.lineitem_url and delivery.lineitem_url != job.lineitem_url:
        _remember_column(connection, job, delivery.lineitem_url)
    _note_health(connection, job, now, failed=settlement.platform_failed)
    return True


def _remember_column(connection: Connection, job: Job, url: str) -> None:
    connection.execute(
        update(ResourceLink)
        .where(
            ResourceLink.tenant_id == job.tenant_id,
            ResourceLink.platform_id == job.platform.platform_id,
            ResourceLink.lti_id == job.link_lti_id,
        )
        .values(lineitem_url=url)
        .execution_options(synchronize_session=False)
    )


def _note_health(connection: Connection, job: Job, now: datetime, *, failed: bool) -> None:
    key = {"tenant_id": job.tenant_id, "platform_id": job.platform.platform_id}
    mine = and_(_health.tenant_id == job.tenant_id, _health.platform_id == key["platform_id"])
    failures = connection.execute(select(_health.failures).where(mine)).scalar_one_or_none()
    count = (failures or 0) + 1 if failed else 0
    until = now + CLOSED_FOR if count >= FAILURES_TO_CLOSE else None
    if failures is None:
        if failed:
            connection.execute(
                insert(PlatformHealth).values(**key, failures=count, closed_until=until)
            )
    elif failures or failed:
        connection.execute(
            update(PlatformHealth)
            .where(mine)
            .values(failures=count, closed_until=until)
            .execution_options(synchronize_session=False)
        )
