"""Writing down what became of a job: the row by its fence, its column, its platform's health."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, literal, update
from sqlalchemy.dialects import postgresql, sqlite

from lti_tool.lti.models import ResourceLink, table_of
from lti_tool.outbox.claim import CLOSED_FOR, FAILURES_TO_CLOSE
from lti_tool.outbox.delivery import Delivery, Job
from lti_tool.outbox.models import PlatformHealth, ScoreDelivery
from lti_tool.outbox.settle import PLATFORM_DOWN, Settlement, State

_delivery = table_of(ScoreDelivery)
_health = table_of(PlatformHealth)
_link = table_of(ResourceLink)
_row = _delivery.c


def put_back(
    connection: Connection, job: Job, delivery: Delivery, settlement: Settlement, now: datetime
) -> bool:
    """Write the outcome of a job; False when a newer lease has taken the row meanwhile.

    A score that changed while the old one was on its way keeps waiting, whatever the answer.
    """
    values: dict[str, object] = {
        "state": settlement.state,
        "reason": settlement.reason,
        "settled_at": None if settlement.state is State.WAITING else now,
    }
    if settlement.attempts is not None:
        values["attempts"] = settlement.attempts
    if settlement.due_at is not None:
        values["due_at"] = settlement.due_at
    # One statement, so that no newer score can slip in between looking and writing.
    same = _row.seq == job.seq
    changes: dict[str, ColumnElement[object]] = {
        name: case((same, value), else_=_row[name]) for name, value in values.items()
    }
    if settlement.state is State.DELIVERED:
        changes["sent_seq"] = literal(job.seq)
    held = connection.execute(
        update(_delivery).where(_is_held(job)).values(lease_until=None, **changes)
    ).rowcount
    if not held:
        return False
    if delivery.lineitem_url and delivery.lineitem_url != job.lineitem_url:
        _remember_column(connection, job, delivery.lineitem_url)
    if settlement.platform_failed:
        _note_failure(connection, job, settlement, now)
    elif settlement.platform_failed is False and job.platform_failures:
        _note_recovery(connection, job, now)
    return True


def give_back(connection: Connection, jobs: Iterable[Job]) -> None:
    """Free jobs that were claimed and not sent."""
    for job in jobs:
        connection.execute(update(_delivery).where(_is_held(job)).values(lease_until=None))


def _is_held(job: Job) -> ColumnElement[bool]:
    return and_(_row.tenant_id == job.tenant_id, _row.id == job.id, _row.fence == job.fence)


def _remember_column(connection: Connection, job: Job, url: str) -> None:
    connection.execute(
        update(_link)
        .where(_link.c.tenant_id == job.tenant_id, _link.c.id == job.resource_link_id)
        .values(lineitem_url=url)
    )


def _note_failure(connection: Connection, job: Job, settlement: Settlement, now: datetime) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    failures = connection.execute(
        insert(_health)
        .values(tenant_id=job.tenant_id, platform_id=job.platform.platform_id, failures=1)
        .on_conflict_do_update(
            index_elements=["tenant_id", "platform_id"],
            set_={"failures": _health.c.failures + 1},
        )
        .returning(_health.c.failures)
    ).scalar_one()
    closed = [settlement.closed_until] if settlement.closed_until else []
    if failures >= FAILURES_TO_CLOSE:
        closed.append(now + CLOSED_FOR)
    if closed:
        connection.execute(update(_health).where(_is_of(job)).values(closed_until=max(closed)))


def _note_recovery(connection: Connection, job: Job, now: datetime) -> None:
    """The platform answers again; after an outage, what was parked because of it is tried anew.

    The scores keep their times, so a grade that a teacher gave meanwhile stands.
    """
    connection.execute(update(_health).where(_is_of(job)).values(failures=0, closed_until=None))
    if job.platform_failures >= FAILURES_TO_CLOSE:
        connection.execute(
            update(_delivery)
            .where(
                _row.tenant_id == job.tenant_id,
                _row.platform_id == job.platform.platform_id,
                _row.state == State.PARKED,
                _row.reason.in_(PLATFORM_DOWN),
            )
            .values(state=State.WAITING, attempts=0, due_at=now, waiting_since=now, settled_at=None)
        )


def _is_of(job: Job) -> ColumnElement[bool]:
    return and_(
        _health.c.tenant_id == job.tenant_id, _health.c.platform_id == job.platform.platform_id
    )
