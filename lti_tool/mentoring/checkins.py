"""How it goes, asked from both sides on day 10, day 25 and then every 30 days.

The rhythm is that of MENTOR, Elements of Effective Practice, 4th edition, standard 5: twice in the
first month, monthly after. The four sentences (words.MEASURE) are our own; they are no validated
scale, only a sign for the coordinator to look.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.ids import new_id
from lti_tool.mentoring.access import Actor, named
from lti_tool.mentoring.codes import MEASURE
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.lifecycle import TALKING, record
from lti_tool.mentoring.models import Checkin, Pair
from lti_tool.mentoring.notices import tell, tell_both

FIRST, SECOND, EVERY = 10, 25, 30
"""Days after the start."""
LOW = 40
"""A measure below this is an exception on the coordinator's desk."""
ANSWER_DAYS = 21
"""After this a check-in is over."""


def day_of(number: int) -> int:
    """Return on which day after the start the check-in of a number is due (1, 2, ...)."""
    return FIRST if number == 1 else SECOND + EVERY * (number - 2)


def due_number(started_at: datetime, now: datetime) -> int:
    """Return the number of the newest check-in that is due; 0 before the first."""
    days = (now - started_at).days
    return 0 if days < FIRST else 1 if days < SECOND else 2 + (days - SECOND) // EVERY


def ask_due(session: Session, tenant_id: str, now: datetime) -> int:
    """Ask both sides of every pair that is due; returns how many pairs. What was missed stays."""
    talking = session.scalars(
        select(Pair)
        .where(
            Pair.tenant_id == tenant_id,
            Pair.state.in_(TALKING),
            Pair.started_at <= now - timedelta(days=FIRST),
        )
        .order_by(Pair.id)
        .with_for_update()
    ).all()
    asked = 0
    for pair in talking:
        number = due_number(pair.started_at or now, now)
        if number <= pair.checkins:
            continue
        pair.checkins = number
        for side, user_id in (("mentee", pair.mentee_id), ("mentor", pair.mentor_id)):
            session.add(
                Checkin(tenant_id=tenant_id, id=new_id(), pair_id=pair.id, user_id=user_id,
                        side=side, number=number, due_at=now)
            )  # fmt: skip
        session.flush()
        record(session, tenant_id, "pair", pair.id, "checkin", actor_id=None, now=now)
        tell_both(session, pair, "checkin", f"{pair.id}:{number}", now)
        asked += 1
    return asked


def open_checkins(session: Session, actor: Actor, now: datetime) -> list[Checkin]:
    """Return the questions that wait for the actor, in all their pairs, oldest first."""
    return list(
        session.scalars(
            select(Checkin)
            .where(
                Checkin.user_id == actor.user_id,
                Checkin.answered_at.is_(None),
                Checkin.due_at > now - timedelta(days=ANSWER_DAYS),
            )
            .order_by(Checkin.due_at, Checkin.id)
        )
    )


def answer_checkin(
    session: Session,
    actor: Actor,
    checkin_id: str,
    answers: Mapping[str, int],
    now: datetime,
    *,
    wants_talk: bool = False,
) -> int | None:
    """Answer; each sentence 1 to 5, "not sure" left out. Returns the measure 0 to 100, or None.

    Only the coordinator sees answers. `wants_talk` asks the coordinator for a talk. It may be
    answered while the pair is suspended, since nothing of it reaches the other side.

    Raises:
        NotYours: it is not asked from this person.
        NotValid: "answers".
        NotAllowed: "given", "late", or "state" where the pair has ended.
    """
    row = session.scalars(
        select(Checkin).where(Checkin.id == checkin_id, Checkin.user_id == actor.user_id)
    ).one_or_none()
    if row is None:
        raise NotYours("checkin")
    if not set(answers) <= set(MEASURE) or not all(v in range(1, 6) for v in answers.values()):
        raise NotValid("answers")
    pair = session.get_one(Pair, (row.tenant_id, row.pair_id), with_for_update=True)
    if pair.state not in {*TALKING, "suspended"}:
        raise NotAllowed("state")
    if row.answered_at is not None:
        raise NotAllowed("given")
    if now >= row.due_at + timedelta(days=ANSWER_DAYS):
        raise NotAllowed("late")
    row.answers, row.wants_talk, row.answered_at = dict(answers), wants_talk, now
    row.measure = measure_of(answers)
    if row.measure is not None:
        if row.side == "mentee":
            pair.mentee_measure = row.measure
        else:
            pair.mentor_measure = row.measure
    session.flush()
    record(session, pair.tenant_id, "pair", pair.id, "checkin_answer",
           actor_id=actor.user_id, now=now)  # fmt: skip
    if wants_talk:
        for user_id in named(session, pair.tenant_id, "coordinator"):
            tell(session, pair.tenant_id, user_id, "wants_talk", row.id, now)
    return row.measure


def measure_of(answers: Mapping[str, int]) -> int | None:
    """Return the mean answer as 0 (all 1) to 100 (all 5); None for fewer than two answers."""
    if len(answers) < 2:
        return None
    return round((sum(answers.values()) / len(answers) - 1) * 25)
