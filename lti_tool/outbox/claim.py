"""Taking rows out for delivery: fairly, one worker a row, and gently where a platform is sick."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    func,
    or_,
    select,
    tuple_,
    update,
)

from config.database import Database
from lti_tool.lti.models import Context, Platform, ResourceLink, table_of
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.outbox.delivery import Job
from lti_tool.outbox.models import PlatformHealth, ScoreDelivery
from lti_tool.outbox.settle import State
from lti_tool.people.models import User

LEASE = timedelta(seconds=120)
BATCH = 20
FAILURES_TO_CLOSE = 5
CLOSED_FOR = timedelta(seconds=60)

_delivery = table_of(ScoreDelivery)
_health = table_of(PlatformHealth)
_row = _delivery.c
_HEALTH_OF_ROW = and_(
    _health.c.tenant_id == _row.tenant_id, _health.c.platform_id == _row.platform_id
)
_FAILURES = func.coalesce(_health.c.failures, 0)


def claim(database: Database, now: datetime, busy: Collection[str] = ()) -> list[Job]:
    """Lease what is due: up to BATCH rows of each platform that is not `busy`, one of a sick one.

    Taking from each platform in turn, a flood of one organisation delays nobody else. Choosing
    only reads, so an idle worker never keeps a writer waiting; leasing asks again whether a row is
    free, so of two workers that chose the same one only one gets it.
    """
    with database.read_connection() as connection:
        chosen = connection.execute(_choose(now, busy)).all()
    if not chosen:
        return []
    with database.write_connection() as connection:
        taken = connection.execute(
            update(_delivery)
            .where(
                tuple_(_row.tenant_id, _row.id).in_([(row.tenant_id, row.id) for row in chosen]),
                _is_free(now),
            )
            .values(lease_until=now + LEASE, fence=_row.fence + 1)
            .returning(_row.tenant_id, _row.id)
        ).all()
        if not taken:
            return []
        _close_behind(connection, chosen, now)
        return _read_jobs(connection, [(row.tenant_id, row.id) for row in taken])


def _is_free(now: datetime) -> ColumnElement[bool]:
    """Due, and leased by nobody who can still be alive.

    A lease far in the future was taken before the clock was put back.
    """
    return and_(
        _row.state == State.WAITING,
        _row.due_at <= now,
        or_(
            _row.lease_until.is_(None),
            _row.lease_until < now,
            _row.lease_until > now + 2 * LEASE,
        ),
    )


def _choose(now: datetime, busy: Collection[str]) -> Select[tuple[str, str, str, int]]:
    ranked = (
        select(
            _row.tenant_id,
            _row.id,
            _row.platform_id,
            _FAILURES.label("failures"),
            func.row_number()
            .over(partition_by=_row.platform_id, order_by=(_row.due_at, _row.id))
            .label("place"),
        )
        .select_from(_delivery)
        .join(
            Platform,
            and_(Platform.tenant_id == _row.tenant_id, Platform.id == _row.platform_id),
        )
        .outerjoin(_health, _HEALTH_OF_ROW)
        .where(_is_free(now), Platform.status == "active", _row.platform_id.not_in(busy))
        .where(or_(_health.c.closed_until.is_(None), _health.c.closed_until <= now))
        .subquery()
    )
    columns = ranked.c
    return select(columns.tenant_id, columns.id, columns.platform_id, columns.failures).where(
        or_(
            and_(columns.failures < FAILURES_TO_CLOSE, columns.place <= BATCH),
            columns.place == 1,
        )
    )


def _close_behind(
    connection: Connection, chosen: Sequence[Row[tuple[str, str, str, int]]], now: datetime
) -> None:
    """Keep other workers from a sick platform while one row of ours finds out how it is."""
    sick = [(row.tenant_id, row.platform_id) for row in chosen if row.failures >= FAILURES_TO_CLOSE]
    if sick:
        connection.execute(
            update(_health)
            .where(tuple_(_health.c.tenant_id, _health.c.platform_id).in_(sick))
            .values(closed_until=now + CLOSED_FOR)
        )


def _read_jobs(connection: Connection, keys: Sequence[tuple[str, str]]) -> list[Job]:
    rows = connection.execute(
        select(
            _delivery,
            Platform.client_id,
            Platform.token_url,
            Platform.product,
            User.sub,
            ResourceLink.lti_id,
            ResourceLink.lineitem_url,
            Context.lineitems_url,
            _FAILURES.label("failures"),
        )
        .select_from(_delivery)
        .join(
            Platform,
            and_(Platform.tenant_id == _row.tenant_id, Platform.id == _row.platform_id),
        )
        .join(User, and_(User.tenant_id == _row.tenant_id, User.id == _row.user_id))
        .join(
            ResourceLink,
            and_(
                ResourceLink.tenant_id == _row.tenant_id,
                ResourceLink.id == _row.resource_link_id,
            ),
        )
        .outerjoin(
            Context,
            and_(
                Context.tenant_id == ResourceLink.tenant_id,
                Context.id == ResourceLink.context_id,
            ),
        )
        .outerjoin(_health, _HEALTH_OF_ROW)
        .where(tuple_(_row.tenant_id, _row.id).in_(keys))
        .order_by(_row.due_at, _row.id)
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
            platform_failures=row.failures,
            resource_link_id=row.resource_link_id,
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
