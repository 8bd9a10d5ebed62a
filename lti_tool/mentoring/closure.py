"""The end of a pair: a reason, a goodbye, both feedbacks, and what comes after.

Either side may end a pair at any moment and needs no reason. `begin_goodbye` leaves two weeks for
the goodbye conversation (codes.PROMPTS); `close` ends at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.ids import new_id
from lti_tool.mentoring.access import OWN, Actor, Side, pair_for
from lti_tool.mentoring.codes import CLOSE_REASONS, FEEDBACK
from lti_tool.mentoring.errors import NotAllowed, NotValid
from lti_tool.mentoring.lifecycle import LIVE, MENTEE, PAIR, move
from lti_tool.mentoring.models import Feedback, Mentee, Pair
from lti_tool.mentoring.notices import tell_both
from lti_tool.mentoring.silence import fall_silent

GOODBYE = timedelta(days=14)
"""From the beginning of the goodbye to the end by itself."""
FEEDBACK_OPEN = timedelta(days=60)
"""After the end."""
AGAIN = ("yes", "later", "no")


def begin_goodbye(session: Session, actor: Actor, pair_id: str, reason: str, now: datetime) -> Pair:
    """Begin the goodbye, by either side or the coordinator; contact stays open until `close`.

    Raises:
        NotYours: a stranger's pair.
        NotValid: "reason".
        NotAllowed: "state".
    """
    pair, _side = pair_for(session, actor, pair_id, *OWN, Side.COORDINATOR, lock=True)
    _check(reason)
    move(session, pair, PAIR, "begin_goodbye", actor_id=actor.user_id, now=now, reason=reason)
    pair.close_reason = reason
    session.flush()
    tell_both(session, pair, "goodbye", pair.id, now)
    return pair


def close(
    session: Session, actor: Actor, pair_id: str, now: datetime, reason: str | None = None
) -> Pair:
    """End a pair now. Without a reason the one of the goodbye stands, else "no_reason".

    A pair that is suspended is ended by the people who have the report in hand
    (reports.close_report), so that nobody ends it to be rid of a report.

    Raises:
        NotYours: a stranger's pair.
        NotValid: "reason".
        NotAllowed: "state".
    """
    pair, _side = pair_for(session, actor, pair_id, *OWN, Side.COORDINATOR, lock=True)
    if pair.state in {"suspended", "offered"}:
        raise NotAllowed("state")
    end_pair(session, pair, reason or pair.close_reason or "no_reason", actor.user_id, now)
    return pair


def end_pair(
    session: Session, pair: Pair, reason: str, actor_id: str | None, now: datetime
) -> None:
    """End a pair in whatever live state it is: an offer is withdrawn, anything else closed.

    Raises:
        NotValid: "reason".
        NotAllowed: "state", for a pair that ended before.
    """
    _check(reason)
    if pair.state == "offered":
        move(session, pair, PAIR, "withdraw", actor_id=actor_id, now=now, reason=reason)
        return
    move(session, pair, PAIR, "close", actor_id=actor_id, now=now, reason=reason)
    pair.close_reason, pair.ended_at = reason, now
    session.flush()
    fall_silent(session, pair, actor_id, now)
    tell_both(session, pair, "ended", pair.id, now)


def end_all(
    session: Session,
    side: str,
    tenant_id: str,
    user_id: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> int:
    """End every live pair of somebody who leaves; returns how many.

    A suspended pair stays suspended, silent as it is, until its report is closed.
    """
    mine = (
        (Pair.mentor_tenant_id == tenant_id, Pair.mentor_id == user_id)
        if side == "mentor"
        else (Pair.tenant_id == tenant_id, Pair.mentee_id == user_id)
    )
    pairs = session.scalars(
        select(Pair)
        .where(*mine, Pair.state.in_(LIVE), Pair.state != "suspended")
        .order_by(Pair.id)
        .with_for_update()
    ).all()
    for pair in pairs:
        end_pair(session, pair, reason, actor.user_id, now)
    return len(pairs)


def give_feedback(
    session: Session,
    actor: Actor,
    pair_id: str,
    answers: dict[str, int],
    again: str,
    now: datetime,
    *,
    keep_contact: bool = False,
) -> Feedback:
    """Say how it was, once; the other side never reads it.

    `answers` is {code of FEEDBACK: 1 to 5}, any of them may be missing. A mentee's `again` is the
    way to a new match: "yes" asks again at once, "later" waits, "no" leaves mentoring. Contact
    goes on through the coordinator only if both say `keep_contact`.

    Raises:
        NotYours: a stranger's pair.
        NotValid: "answers" or "again".
        NotAllowed: "state" before the goodbye or 60 days after the end; "given" the second time.
    """
    pair, side = pair_for(session, actor, pair_id, *OWN, lock=True)
    open_now = pair.state == "closing" or (
        pair.ended_at is not None and now <= pair.ended_at + FEEDBACK_OPEN
    )
    if not open_now:
        raise NotAllowed("state")
    if not set(answers) <= set(FEEDBACK) or not all(v in range(1, 6) for v in answers.values()):
        raise NotValid("answers")
    if again not in AGAIN:
        raise NotValid("again")
    given = {row.side: row for row in feedbacks(session, pair)}
    if side in given:
        raise NotAllowed("given")
    row = Feedback(tenant_id=pair.tenant_id, id=new_id(), pair_id=pair.id, user_id=actor.user_id,
                   side=side.value, answers=dict(answers), again=again, keep_contact=keep_contact,
                   at=now)  # fmt: skip
    session.add(row)
    session.flush()
    other = given.get(side.other.value)
    if keep_contact and other is not None and other.keep_contact:
        pair.contact_after = "through"
    if side is Side.MENTEE:
        _after(session, pair, again, actor, now)
    session.flush()
    return row


def feedbacks(session: Session, pair: Pair) -> list[Feedback]:
    """Return what both sides said, for the coordinator."""
    return list(
        session.scalars(
            select(Feedback).where(
                Feedback.tenant_id == pair.tenant_id, Feedback.pair_id == pair.id
            )
        )
    )


def close_due(session: Session, tenant_id: str, now: datetime) -> int:
    """End the pairs whose goodbye has lasted long enough; returns how many."""
    due = session.scalars(
        select(Pair)
        .where(Pair.tenant_id == tenant_id, Pair.state == "closing", Pair.state_at <= now - GOODBYE)
        .order_by(Pair.id)
        .with_for_update()
    ).all()
    for pair in due:
        end_pair(session, pair, pair.close_reason or "no_reason", None, now)
    return len(due)


def _after(session: Session, pair: Pair, again: str, actor: Actor, now: datetime) -> None:
    mentee = session.get_one(Mentee, (pair.tenant_id, pair.mentee_id))
    # Leaving ends pairs, so during the goodbye "no" only keeps new matches away.
    no = "leave" if pair.ended_at is not None else "pause"
    verb = {"yes": "resume", "later": "pause", "no": no}[again]
    if MENTEE.allows(mentee.state, verb):
        move(session, mentee, MENTEE, verb, actor_id=actor.user_id, now=now)


def _check(reason: str) -> None:
    if reason not in CLOSE_REASONS:
        raise NotValid("reason")
