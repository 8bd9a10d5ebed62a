"""From an offer to two answers; both have to say yes, within the tenant's days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from config.ids import new_id
from lti_tool.mentoring.access import OWN, Actor, Side, named, pair_for
from lti_tool.mentoring.codes import DANGERS, DECLINE_REASONS
from lti_tool.mentoring.contact import gates
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.lifecycle import LIVE, PAIR, move, record
from lti_tool.mentoring.models import Mentee, Mentor, Pair, SafeDesk
from lti_tool.mentoring.notices import tell_both
from lti_tool.mentoring.places import live_pair_of, places_taken
from lti_tool.mentoring.programme import rules_of


@dataclass(frozen=True, slots=True)
class OtherSide:
    """What one half of a pair sees of the other: what the pair needs, and nothing else."""

    nickname: str
    languages: dict[str, int]
    slots: list[str]
    in_writing: bool
    online: bool
    near: bool
    about: str
    """The mentor's own words; empty for a mentee."""


def offer_pair(
    session: Session,
    actor_id: str,
    mentee_key: tuple[str, str],
    mentor_key: tuple[str, str],
    why: Mapping[str, Any],
    now: datetime,
) -> Pair:
    """Offer two people to each other, after every gate was asked again; the desk calls this.

    Both rows are locked, so two desks cannot give the same place away.

    Raises:
        NotYours: one of them does not exist.
        NotAllowed: "safeguarding" (nobody is named or no numbers are set), a code of
            contact.gates, "paused" (the mentor), "waiting" (the mentee does not ask for one),
            "has_pair", "places".
    """
    mentor = session.get(Mentor, mentor_key, with_for_update=True, populate_existing=True)
    mentee = session.get(Mentee, mentee_key, with_for_update=True, populate_existing=True)
    if mentor is None or mentee is None or mentor_key == mentee_key:
        raise NotYours("pair")
    if not is_safe(session, mentee.tenant_id):
        raise NotAllowed("safeguarding")
    if found := gates(session, mentee_key, mentor_key, now):
        raise NotAllowed(found[0])
    if mentor.tenant_id != mentee.tenant_id and not mentor.across:
        raise NotAllowed("border")
    if mentor.state != "active":
        raise NotAllowed("paused")
    if mentee.state != "waiting":
        raise NotAllowed("waiting")
    if live_pair_of(session, *mentee_key) is not None:
        raise NotAllowed("has_pair")
    if places_taken(session, mentor) >= mentor.capacity:
        raise NotAllowed("places")
    days = rules_of(session, mentee.tenant_id).answer_days
    pair = Pair(
        tenant_id=mentee.tenant_id,
        id=new_id(),
        mentee_id=mentee.user_id,
        mentor_tenant_id=mentor.tenant_id,
        mentor_id=mentor.user_id,
        state="offered",
        state_at=now,
        why=dict(why),
        offered_at=now,
        answer_by=now + timedelta(days=days),
    )
    session.add(pair)
    session.flush()
    record(session, pair.tenant_id, "pair", pair.id, "offer",
           actor_id=actor_id, now=now, after="offered")  # fmt: skip
    tell_both(session, pair, "offered", pair.id, now)
    return pair


def is_safe(session: Session, tenant_id: str) -> bool:
    """Return whether reports of harm would reach somebody: people are named, numbers are set."""
    return bool(named(session, tenant_id, "safeguarding")) and all(
        session.get(SafeDesk, (tenant_id, danger)) is not None for danger in DANGERS
    )


def answer(
    session: Session,
    actor: Actor,
    pair_id: str,
    now: datetime,
    *,
    yes: bool,
    reason: str | None = None,
) -> Pair:
    """Say yes or no to an offer; with the second yes the two prepare their agreement.

    Nobody hears why the other one said no.

    Raises:
        NotYours: a stranger's pair.
        NotValid: "reason".
        NotAllowed: "state"; "late", after the last day; a code of contact.gates at the second yes.
    """
    pair, side = pair_for(session, actor, pair_id, *OWN, lock=True)
    if reason is not None and reason not in DECLINE_REASONS:
        raise NotValid("reason")
    if pair.state != "offered":
        raise NotAllowed("state")
    if now > pair.answer_by:
        raise NotAllowed("late")
    other_said = pair.mentor_said if side is Side.MENTEE else pair.mentee_said
    both = yes and other_said == "yes"
    if both and (found := gates(session, *keys_of(pair), now)):
        raise NotAllowed(found[0])
    said = "yes" if yes else "no"
    if side is Side.MENTEE:
        pair.mentee_said = said
    else:
        pair.mentor_said = said
    session.flush()
    record(session, pair.tenant_id, "pair", pair.id, f"{side.value}_{said}",
           actor_id=actor.user_id, now=now, reason=reason)  # fmt: skip
    if not yes:
        move(session, pair, PAIR, "decline", actor_id=actor.user_id, now=now, reason=reason)
        tell_both(session, pair, "declined", pair.id, now)
    elif both:
        move(session, pair, PAIR, "agree", actor_id=actor.user_id, now=now)
        tell_both(session, pair, "agreed", pair.id, now)
    return pair


def withdraw_offer(session: Session, actor: Actor, pair_id: str, now: datetime) -> None:
    """Take an offer back; raises NotYours unless a coordinator does it, NotAllowed ("state")."""
    pair, _side = pair_for(session, actor, pair_id, Side.COORDINATOR, lock=True)
    move(session, pair, PAIR, "withdraw", actor_id=actor.user_id, now=now)


def lapse_due(session: Session, tenant_id: str, now: datetime) -> int:
    """End the offers that nobody answered in time; returns how many."""
    due = session.scalars(
        select(Pair)
        .where(Pair.tenant_id == tenant_id, Pair.state == "offered", Pair.answer_by < now)
        .order_by(Pair.id)
        .with_for_update()
    ).all()
    for pair in due:
        move(session, pair, PAIR, "lapse", actor_id=None, now=now)
    return len(due)


def own_pairs(session: Session, actor: Actor, *, ended: bool = False) -> list[tuple[Pair, Side]]:
    """Return the actor's own pairs and what they are in each, newest first.

    Live ones, or those that ended. A coordinator gets only pairs that they are half of.
    """
    mine = or_(
        and_(Pair.tenant_id == actor.tenant_id, Pair.mentee_id == actor.user_id),
        and_(Pair.mentor_tenant_id == actor.tenant_id, Pair.mentor_id == actor.user_id),
    )
    state = Pair.state == "closed" if ended else Pair.state.in_(LIVE)
    found = session.scalars(
        select(Pair).where(mine, state).order_by(Pair.offered_at.desc(), Pair.id)
    )
    return [
        (pair, Side.MENTEE if pair.mentee_id == actor.user_id else Side.MENTOR) for pair in found
    ]


def other_side(session: Session, actor: Actor, pair_id: str) -> OtherSide:
    """Return what the actor sees of the other half, while the pair is live.

    Raises:
        NotYours: a stranger's pair.
        NotAllowed: "state", once it has ended.
    """
    pair, side = pair_for(session, actor, pair_id, *OWN)
    if pair.state not in LIVE:
        raise NotAllowed("state")
    mentee_key, mentor_key = keys_of(pair)
    row: Mentor | Mentee = (
        session.get_one(Mentor, mentor_key)
        if side is Side.MENTEE
        else session.get_one(Mentee, mentee_key)
    )
    return OtherSide(
        nickname=row.nickname,
        languages=row.languages,
        slots=row.slots,
        in_writing=row.in_writing,
        online=row.online,
        near=row.near,
        about=row.about if isinstance(row, Mentor) else "",
    )


def keys_of(pair: Pair) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the keys of the mentee and of the mentor."""
    return (pair.tenant_id, pair.mentee_id), (pair.mentor_tenant_id, pair.mentor_id)
