"""The coordinator's desk: exceptions first, then pairs, then totals; one query each.

Nobody's name is read here. Each exception is a count and the first rows by id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, SelectBase, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.mentoring.access import Actor, require
from lti_tool.mentoring.checkins import LOW
from lti_tool.mentoring.codes import CHECKS
from lti_tool.mentoring.lifecycle import LIVE
from lti_tool.mentoring.models import (
    Checkin,
    Meeting,
    Mentee,
    Mentor,
    Message,
    Pair,
    Report,
    ScreeningCheck,
)

SILENT_DAYS = 14
WAITING_DAYS = 7
SCREENING_DAYS = 30
SMALLEST = 5
"""Counts of people below this are not exported."""
PAGE = 50


@dataclass(frozen=True, slots=True)
class Exceptional:
    """One kind of exception: how many there are, and the first ones with since when."""

    code: str
    count: int
    first: list[tuple[str, datetime | None]]
    """(pair's, mentor's or message's id, since)."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a coordinator sees first."""

    exceptions: list[Exceptional]
    """Only those that are there, the gravest first."""
    pairs: dict[str, int]
    """How many in each state."""
    mentors: dict[str, int]
    mentees: dict[str, int]


@dataclass(frozen=True, slots=True)
class PairLine:
    """One line of the list of pairs; people are ids."""

    id: str
    mentee_id: str
    mentor_id: str
    state: str
    started_at: datetime | None
    last_contact_at: datetime | None
    low: bool


def desk(session: Session, actor: Actor, now: datetime, first: int = 10) -> Desk:
    """Return the desk of the coordinator's organisation.

    Exceptions: report (open), held (messages), screening (overdue or run out), silent (no contact
    for 14 days), measure (below 40), unanswered (meeting or offer for 7 days), wants_talk.

    Raises:
        NotYours: the actor is no coordinator.
    """
    require(session, actor, "coordinator")
    tenant = actor.tenant_id
    found = []
    for code, query in _exceptions(tenant, now).items():
        rows = query.subquery()
        lines = session.execute(
            select(rows.c.id, rows.c.since, func.count().over())
            .order_by(rows.c.since, rows.c.id)
            .limit(first)
        ).all()
        if lines:
            listed = [(row[0], row[1]) for row in lines] if code != "report" else []
            found.append(Exceptional(code, lines[0][2], listed))
    return Desk(
        exceptions=found,
        pairs=_counts(session, _by_state(Pair, tenant)),
        mentors=_counts(session, _by_state(Mentor, tenant)),
        mentees=_counts(session, _by_state(Mentee, tenant)),
    )


def pair_lines(
    session: Session,
    actor: Actor,
    page: int = 1,
    state: str | None = None,
    people: Collection[str] | None = None,
) -> tuple[list[PairLine], int]:
    """Return one page (50) of the live pairs, the longest silent first, and how many there are.

    `state` shows those of one state instead; `people` only pairs with one of these user ids.

    Raises:
        NotYours: the actor is no coordinator.
    """
    require(session, actor, "coordinator")
    chosen = Pair.state.in_(LIVE) if state is None else Pair.state == state
    where = and_(Pair.tenant_id == actor.tenant_id, chosen)
    if people is not None:
        where = and_(where, or_(Pair.mentee_id.in_(people), Pair.mentor_id.in_(people)))
    count = session.scalar(select(func.count()).select_from(Pair).where(where)) or 0
    rows = session.execute(
        select(Pair.id, Pair.mentee_id, Pair.mentor_id, Pair.state, Pair.started_at,
               Pair.last_contact_at, Pair.mentee_measure, Pair.mentor_measure)
        .where(where)
        .order_by(Pair.last_contact_at.is_(None), Pair.last_contact_at, Pair.id)
        .limit(PAGE)
        .offset((max(page, 1) - 1) * PAGE)
    )  # fmt: skip
    return [
        PairLine(*row[:6], low=any(m is not None and m < LOW for m in row[6:])) for row in rows
    ], count


def export_pairs(
    session: Session, actor: Actor, *, with_ids: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield one row a pair for a table: state, months, reasons, measures; no names, no ids.

    `with_ids` adds the ids of the pair and of both people, for whoever has a reason to ask.

    Raises:
        NotYours: the actor is no coordinator, at the first row.
    """
    require(session, actor, "coordinator")
    rows = session.scalars(
        select(Pair).where(Pair.tenant_id == actor.tenant_id).order_by(Pair.offered_at, Pair.id)
    )
    for pair in rows:
        row: dict[str, Any] = {
            "state": pair.state,
            "offered": f"{pair.offered_at:%Y-%m}",
            "started": f"{pair.started_at:%Y-%m}" if pair.started_at else "",
            "ended": f"{pair.ended_at:%Y-%m}" if pair.ended_at else "",
            "reason": pair.close_reason or "",
            "across_borders": pair.mentor_tenant_id != pair.tenant_id,
            "mentee_measure": pair.mentee_measure,
            "mentor_measure": pair.mentor_measure,
        }
        if with_ids:
            row |= {"pair": pair.id, "mentee": pair.mentee_id, "mentor": pair.mentor_id}
        yield row


def _exceptions(tenant: str, now: datetime) -> dict[str, SelectBase]:
    silent, waiting = now - timedelta(days=SILENT_DAYS), now - timedelta(days=WAITING_DAYS)
    mine = Pair.tenant_id == tenant
    of_active = exists().where(
        Pair.tenant_id == Checkin.tenant_id, Pair.id == Checkin.pair_id, Pair.state.in_(LIVE)
    )
    meetings = (
        select(Meeting.pair_id.label("id"), Meeting.state_at.label("since"))
        .join(Pair, and_(Pair.tenant_id == Meeting.tenant_id, Pair.id == Meeting.pair_id))
        .where(mine, Pair.state == "active", Meeting.tenant_id == tenant,
               Meeting.state == "proposed", Meeting.state_at < waiting)
    )  # fmt: skip
    offers = select(Pair.id.label("id"), Pair.offered_at.label("since")).where(
        mine, Pair.state == "offered", Pair.offered_at < waiting
    )
    return {
        "report": select(Report.id.label("id"), Report.opened_at.label("since")).where(
            Report.tenant_id == tenant, Report.state.in_(("open", "in_hand"))
        ),
        "held": select(Message.id.label("id"), Message.at.label("since")).where(
            Message.tenant_id == tenant, Message.state == "held"
        ),
        "screening": _screening(tenant, now),
        "silent": select(Pair.id.label("id"), Pair.last_contact_at.label("since")).where(
            mine, Pair.state == "active", Pair.last_contact_at < silent
        ),
        "measure": select(Pair.id.label("id"), Pair.started_at.label("since")).where(
            mine,
            Pair.state == "active",
            or_(Pair.mentee_measure < LOW, Pair.mentor_measure < LOW),
        ),
        "unanswered": meetings.union_all(offers),
        "wants_talk": select(Checkin.pair_id.label("id"), Checkin.answered_at.label("since")).where(
            Checkin.tenant_id == tenant,
            Checkin.wants_talk.is_(True),
            Checkin.answered_at > now - timedelta(days=SCREENING_DAYS),
            of_active,
        ),
    }


def _screening(tenant: str, now: datetime) -> SelectBase:
    """Mentors whose checks take too long, or ran out while they are active."""
    passed = (
        select(func.count())
        .select_from(ScreeningCheck)
        .where(
            ScreeningCheck.tenant_id == Mentor.tenant_id,
            ScreeningCheck.user_id == Mentor.user_id,
            ScreeningCheck.state == "passed",
            or_(ScreeningCheck.valid_until.is_(None), ScreeningCheck.valid_until >= now.date()),
        )
        .correlate(Mentor)
        .scalar_subquery()
    )
    late = and_(Mentor.state == "applied", Mentor.state_at < now - timedelta(days=SCREENING_DAYS))
    return select(Mentor.user_id.label("id"), Mentor.state_at.label("since")).where(
        Mentor.tenant_id == tenant,
        or_(late, Mentor.state.in_(("active", "paused"))),
        passed < len(CHECKS),
    )


def _by_state(table: type[Pair | Mentor | Mentee], tenant: str) -> Select[str, int]:
    return select(table.state, func.count()).where(table.tenant_id == tenant).group_by(table.state)


def _counts(session: Session, query: Select[str, int]) -> dict[str, int]:
    return dict(session.execute(query).all())
