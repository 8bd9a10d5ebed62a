"""The rows of what Moodle should come to hold: asking, taking, settling."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from config.clock import utcnow
from config.database import Database
from config.ids import new_id
from moodle_sync.models import MoodleIntent, MoodleSite

KINDS = (
    "enrol", "suspend", "group", "group_member", "event", "message", "note", "completion",
    "plan", "evidence",
)  # fmt: skip
"""In the order in which they are sent: who is in a group must be in the course first."""
ONCE = frozenset({"message", "note", "evidence"})
"""They cannot be changed afterwards: asking again with the same key is always the same."""

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 12
_LONGEST_WAIT = 6 * 3600


@dataclass(frozen=True, slots=True)
class Intent:
    """A row that this worker holds."""

    id: str
    kind: str
    key: str
    payload: Mapping[str, Any] = field(hash=False)
    sent: bool
    attempts: int
    fence: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an intent: done, parked with a reason, or waiting for another try."""

    state: str
    reason: str | None = None
    sent: bool = False


DONE = Verdict("done")


def parked(reason: str) -> Verdict:
    """Return the verdict that a person has to look."""
    return Verdict("parked", reason[:400])


def intend(
    session: Session, site: MoodleSite, kind: str, natural_key: str, payload: Mapping[str, Any]
) -> MoodleIntent:
    """Ask for an effect, in the caller's transaction, so that it commits with its cause.

    The same kind and key is the same effect: what is done or under way with the same payload stays
    as it is; another payload replaces the old one and is sent anew (not for kinds in `ONCE`).
    Raises `ValueError` for an unknown kind.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind of intent: {kind}")
    found = session.execute(
        select(MoodleIntent).where(
            MoodleIntent.tenant_id == site.tenant_id,
            MoodleIntent.site_id == site.id,
            MoodleIntent.kind == kind,
            MoodleIntent.natural_key == natural_key,
        )
    ).scalar_one_or_none()
    if found is None:
        found = MoodleIntent(
            tenant_id=site.tenant_id,
            id=new_id(),
            site_id=site.id,
            kind=kind,
            natural_key=natural_key,
            payload=dict(payload),
        )
        session.add(found)
        session.flush()
    elif kind not in ONCE and found.payload != dict(payload):
        found.payload = dict(payload)
        found.state, found.reason, found.attempts = "waiting", None, 0
        found.due_at, found.settled_at = utcnow(), None
        found.fence += 1  # a worker that is sending the old payload may not settle the new one
    return found


def rearm(session: Session, tenant_id: str, intent_ids: Sequence[str]) -> int:
    """Send parked intents again, after their reason was mended; return how many there were."""
    result = session.execute(
        update(MoodleIntent)
        .where(
            MoodleIntent.tenant_id == tenant_id,
            MoodleIntent.id.in_(intent_ids),
            MoodleIntent.state == "parked",
        )
        .values(state="waiting", reason=None, attempts=0, due_at=utcnow(), settled_at=None)
        .returning(MoodleIntent.id)
    )
    return len(result.all())


def take(database: Database, site: tuple[str, str], kind: str, limit: int) -> list[Intent]:
    """Take the intents of a kind that are due, oldest first, for the time of a lease.

    A row whose worker died comes back when its lease ends, and is looked for before it is sent.
    """
    now = utcnow()
    due = and_(MoodleIntent.state == "waiting", MoodleIntent.due_at <= now)
    left = and_(MoodleIntent.state == "sending", MoodleIntent.lease_until < now)
    chosen = (
        select(MoodleIntent.id)
        .where(
            MoodleIntent.tenant_id == site[0],
            MoodleIntent.site_id == site[1],
            MoodleIntent.kind == kind,
            or_(due, left),
        )
        .order_by(MoodleIntent.created_at, MoodleIntent.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with database.write() as session:
        rows = session.execute(
            update(MoodleIntent)
            .where(MoodleIntent.tenant_id == site[0], MoodleIntent.id.in_(chosen))
            .values(
                state="sending",
                lease_until=now + LEASE,
                fence=MoodleIntent.fence + 1,
                attempts=MoodleIntent.attempts + 1,
            )
            .returning(
                MoodleIntent.id,
                MoodleIntent.kind,
                MoodleIntent.natural_key,
                MoodleIntent.payload,
                MoodleIntent.sent,
                MoodleIntent.attempts,
                MoodleIntent.fence,
                MoodleIntent.created_at,
            )
            .execution_options(synchronize_session=False)
        ).all()
    return sorted((Intent(*row) for row in rows), key=lambda item: (item.created_at, item.id))


def mark_sent(database: Database, tenant_id: str, intents: Sequence[Intent]) -> list[Intent]:
    """Commit that requests for `intents` are about to go out; return those that are still ours."""
    held = []
    with database.write() as session:
        for intent in intents:
            result = session.execute(
                update(MoodleIntent)
                .where(
                    MoodleIntent.tenant_id == tenant_id,
                    MoodleIntent.id == intent.id,
                    MoodleIntent.fence == intent.fence,
                )
                .values(sent=True, lease_until=utcnow() + LEASE)
                .returning(MoodleIntent.id)
            )
            if result.one_or_none() is not None:
                held.append(intent)
    return held


def settle(
    database: Database, tenant_id: str, verdicts: Mapping[Intent, Verdict], jitter: random.Random
) -> None:
    """Write what became of intents, each only while its fence is still ours."""
    now = utcnow()
    with database.write() as session:
        for intent, verdict in verdicts.items():
            state, reason = verdict.state, verdict.reason
            if state == "waiting" and intent.attempts >= MOST_ATTEMPTS:
                state = "parked"
            wait = jitter.uniform(0.5, 1.0) * min(30 * 2**intent.attempts, _LONGEST_WAIT)
            session.execute(
                update(MoodleIntent)
                .where(
                    MoodleIntent.tenant_id == tenant_id,
                    MoodleIntent.id == intent.id,
                    MoodleIntent.fence == intent.fence,
                )
                .values(
                    state=state,
                    reason=reason,
                    sent=verdict.sent,
                    lease_until=None,
                    due_at=now + timedelta(seconds=wait) if state == "waiting" else now,
                    settled_at=None if state == "waiting" else now,
                )
            )
