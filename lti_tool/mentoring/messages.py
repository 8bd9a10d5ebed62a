"""Messages inside the tool: text only; what a person should look at first is held.

The author sees that a message is held, the other side sees nothing of it. The coordinator of the
mentee's organisation sees held messages and no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from adaptive.mentoring.wording import examine
from config.ids import new_id
from lti_tool.mentoring.access import OWN, Actor, Side, named, pair_for, require
from lti_tool.mentoring.contact import require_contact
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.lifecycle import MESSAGE, move
from lti_tool.mentoring.models import Message, Pair
from lti_tool.mentoring.notices import tell
from lti_tool.mentoring.pairs import keys_of
from lti_tool.mentoring.values import short

LONGEST = 2000
MOST_A_DAY = 50
"""Of one side; a conversation, not a flood."""
BLOCK_REASONS = ("contact", "harm", "other")


@dataclass(frozen=True, slots=True)
class Line:
    """A message as one reader sees it."""

    id: str
    mine: bool
    text: str
    at: datetime
    state: str
    """sent; for the author also held and blocked."""
    read: bool


def write(session: Session, actor: Actor, pair_id: str, text: str, now: datetime) -> Message:
    """Write to the other side; a message with contact details or harmful words is held.

    Raises:
        NotYours: a stranger's pair.
        NotValid: "text": empty or longer than 2,000 letters.
        NotAllowed: a code of contact.barriers; "many", after 50 in a day.
    """
    pair, side = pair_for(session, actor, pair_id, *OWN, lock=True)
    text = short("text", text, LONGEST)
    require_contact(session, pair, now)
    if _today(session, pair, side, now) >= MOST_A_DAY:
        raise NotAllowed("many")
    findings = [finding.kind for finding in examine(text)]
    row = Message(
        tenant_id=pair.tenant_id,
        id=new_id(),
        pair_id=pair.id,
        user_id=actor.user_id,
        side=side.value,
        state="new",
        state_at=now,
        text=text,
        findings=findings,
        at=now,
    )
    session.add(row)
    session.flush()
    move(session, row, MESSAGE, "hold" if findings else "send", actor_id=actor.user_id, now=now,
         reason=findings[0] if findings else None)  # fmt: skip
    if findings:
        for user_id in named(session, pair.tenant_id, "coordinator"):
            tell(session, pair.tenant_id, user_id, "held", row.id, now)
    else:
        _arrive(session, pair, row, now)
    return row


def thread(session: Session, actor: Actor, pair_id: str, now: datetime) -> list[Line]:
    """Return what the actor may read of their pair's messages, oldest first; notes them as read.

    Own ones in every state, the other side's only once they were sent. After the retention time
    there are none.

    Raises:
        NotYours: a stranger's pair, or a coordinator's.
    """
    pair, side = pair_for(session, actor, pair_id, *OWN)
    rows = session.scalars(
        select(Message)
        .where(
            Message.tenant_id == pair.tenant_id,
            Message.pair_id == pair.id,
            or_(Message.side == side.value, Message.state == "sent"),
        )
        .order_by(Message.at, Message.id)
    ).all()
    lines = []
    for row in rows:
        mine = row.side == side.value
        if not mine and row.read_at is None:
            row.read_at = now
        lines.append(Line(row.id, mine, row.text, row.at, row.state, row.read_at is not None))
    session.flush()
    return lines


def unread(session: Session, actor: Actor, pair_id: str) -> int:
    """Return how many messages wait for the actor in a pair; raises NotYours."""
    pair, side = pair_for(session, actor, pair_id, *OWN)
    count = session.scalar(
        select(func.count())
        .select_from(Message)
        .where(
            Message.tenant_id == pair.tenant_id,
            Message.pair_id == pair.id,
            Message.side == side.other.value,
            Message.state == "sent",
            Message.read_at.is_(None),
        )
    )
    return count or 0


def held_messages(session: Session, actor: Actor) -> list[Message]:
    """Return the held messages of the coordinator's mentees' pairs, oldest first.

    Those of the coordinator's own pairs are for another coordinator.

    Raises:
        NotYours: the actor is no coordinator.
    """
    require(session, actor, "coordinator")
    return list(
        session.scalars(
            select(Message)
            .join(Pair, (Pair.tenant_id == Message.tenant_id) & (Pair.id == Message.pair_id))
            .where(
                Message.tenant_id == actor.tenant_id,
                Message.state == "held",
                Pair.mentee_id != actor.user_id,
                Pair.mentor_id != actor.user_id,
            )
            .order_by(Message.at, Message.id)
        )
    )


def release(session: Session, actor: Actor, message_id: str, now: datetime) -> None:
    """Let a held message arrive.

    Raises:
        NotYours: the actor is not the coordinator of this pair; no such message.
        NotAllowed: "state"; a code of contact.barriers, since it would be contact now.
    """
    pair, row = _held(session, actor, message_id)
    if not MESSAGE.allows(row.state, "release"):
        raise NotAllowed("state")
    require_contact(session, pair, now)
    move(session, row, MESSAGE, "release", actor_id=actor.user_id, now=now)
    _arrive(session, pair, row, now)


def block(session: Session, actor: Actor, message_id: str, reason: str, now: datetime) -> None:
    """Keep a held message from ever arriving; its author sees that.

    Raises:
        NotYours: as `release`.
        NotValid: "reason".
        NotAllowed: "state".
    """
    _pair, row = _held(session, actor, message_id)
    if reason not in BLOCK_REASONS:
        raise NotValid("reason")
    move(session, row, MESSAGE, "block", actor_id=actor.user_id, now=now, reason=reason)


def _held(session: Session, actor: Actor, message_id: str) -> tuple[Pair, Message]:
    row = session.get(Message, (actor.tenant_id, message_id))
    if row is None:
        raise NotYours("message")
    pair, _side = pair_for(session, actor, row.pair_id, Side.COORDINATOR, lock=True)
    session.refresh(row)
    return pair, row


def _arrive(session: Session, pair: Pair, row: Message, now: datetime) -> None:
    pair.last_contact_at = now
    session.flush()
    mentee_key, mentor_key = keys_of(pair)
    tell(session, *(mentor_key if row.side == "mentee" else mentee_key), "message",
         f"{pair.id}:{now:%Y%m%d}", now)  # fmt: skip


def _today(session: Session, pair: Pair, side: Side, now: datetime) -> int:
    count = session.scalar(
        select(func.count())
        .select_from(Message)
        .where(
            Message.tenant_id == pair.tenant_id,
            Message.pair_id == pair.id,
            Message.side == side.value,
            Message.at >= now.replace(hour=0, minute=0, second=0, microsecond=0),
        )
    )
    return count or 0
