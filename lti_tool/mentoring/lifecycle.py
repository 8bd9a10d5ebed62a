"""Which change may follow which state, and the one way to make it: checked, then logged.

Every table is {verb: (states before, state after)}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import event
from sqlalchemy.orm import Mapper, Session

from lti_tool.mentoring.errors import NotAllowed, NotValid
from lti_tool.mentoring.models import (
    Border,
    Event,
    Meeting,
    Mentee,
    Mentor,
    Message,
    Pair,
    Report,
    Run,
)

_CODE = re.compile("[a-z][a-z0-9_]{0,31}")


Stateful = Mentor | Mentee | Pair | Meeting | Message | Report | Run | Border
"""A row with a state."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The states of one kind of row."""

    kind: str
    moves: Mapping[str, tuple[frozenset[str], str]]

    def allows(self, state: str, verb: str) -> bool:
        """Return whether `verb` may be done in `state`."""
        return state in self.moves[verb][0]


def _of(kind: str, **moves: str) -> Lifecycle:
    """Build a table from "before before > after" texts."""
    table = {}
    for verb, text in moves.items():
        before, after = text.split(">")
        table[verb] = (frozenset(before.split()), after.strip())
    return Lifecycle(kind, table)


MENTOR = _of(
    "mentor",
    apply="draft refused > applied",
    admit="applied > active",
    refuse="applied > refused",
    pause="active > paused",
    resume="paused > active",
    bar="active paused > applied",
    leave="draft applied active paused refused > left",
    come_back="left > draft",
)
MENTEE = _of(
    "mentee",
    join="draft > waiting",
    pause="waiting > paused",
    resume="paused > waiting",
    leave="draft waiting paused > left",
    come_back="left > draft",
)
PAIR = _of(
    "pair",
    agree="offered > preparing",
    decline="offered > declined",
    lapse="offered > lapsed",
    withdraw="offered > withdrawn",
    start="preparing > active",
    suspend="preparing active closing > suspended",
    resume_preparing="suspended > preparing",
    resume_active="suspended > active",
    resume_closing="suspended > closing",
    begin_goodbye="active > closing",
    close="preparing active suspended closing > closed",
)
MEETING = _of(
    "meeting",
    confirm="proposed > confirmed",
    turn_down="proposed > declined",
    cancel="proposed confirmed > cancelled",
    happen="confirmed > happened",
    miss="confirmed > missed",
)
MESSAGE = _of("message", send="new > sent", hold="new > held", release="held > sent",
              block="held > blocked")  # fmt: skip
REPORT = _of("report", take="open > in_hand", close="open in_hand > closed",
             reopen="closed > open")  # fmt: skip
RUN = _of("run", publish="draft > published", discard="draft > discarded")
BORDER = _of("border", ask="new ended > asked", agree="asked > open", end="asked open > ended")

LIVE = ("offered", "preparing", "active", "suspended", "closing")
"""States of a pair that take a mentor's place."""
TALKING = ("active", "closing")
"""States of a pair in which the two may have contact."""


def move(
    session: Session,
    row: Stateful,
    lifecycle: Lifecycle,
    verb: str,
    *,
    actor_id: str | None,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Do `verb` to a row and log it.

    Raises:
        NotAllowed: "state", if the table has no such move from the row's state.
    """
    before = row.state
    if not lifecycle.allows(before, verb):
        raise NotAllowed("state")
    row.state, row.state_at = lifecycle.moves[verb][1], now
    session.flush()
    record(
        session, row.tenant_id, lifecycle.kind, key_of(row), verb,
        actor_id=actor_id, now=now, before=before, after=row.state, reason=reason,
    )  # fmt: skip


def key_of(row: object) -> str:
    """Return the id by which a row's events are found."""
    for name in ("id", "user_id", "partner_id"):
        if (value := getattr(row, name, None)) is not None:
            return str(value)
    raise TypeError(f"{type(row).__name__} has no id")


def record(
    session: Session,
    tenant_id: str,
    kind: str,
    subject_id: str,
    verb: str,
    *,
    actor_id: str | None,
    now: datetime,
    before: str | None = None,
    after: str | None = None,
    reason: str | None = None,
) -> None:
    """Log something that has no state of its own, such as a consent.

    Raises:
        NotValid: "reason", for anything but a short code: no personal text gets into the log.
    """
    if reason is not None and not _CODE.fullmatch(reason):
        raise NotValid("reason")
    session.add(
        Event(tenant_id=tenant_id, kind=kind, subject_id=subject_id, verb=verb, before=before,
              after=after, reason=reason, user_id=actor_id, at=now)
    )  # fmt: skip


@event.listens_for(Event, "before_update")
@event.listens_for(Event, "before_delete")
def _refuse(_mapper: Mapper[Event], _connection: object, _target: Event) -> None:
    raise RuntimeError("events are added and never changed")
