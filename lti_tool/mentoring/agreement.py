"""What the two agree on before they begin, and later if it changes.

Structured answers only, no free text: before both have accepted, nothing may pass between them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.ids import new_id
from lti_tool.mentoring import moodle
from lti_tool.mentoring.access import OWN, Actor, Side, pair_for
from lti_tool.mentoring.codes import HELP, RULES_VERSION
from lti_tool.mentoring.contact import gates, require_contact
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.lifecycle import PAIR, move, record
from lti_tool.mentoring.models import Agreement, Pair
from lti_tool.mentoring.notices import tell, tell_both
from lti_tool.mentoring.pairs import keys_of
from lti_tool.mentoring.values import chosen

MOST_SCOPE = 3
LONGEST = timedelta(days=730)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Up to three kinds of help, first and last day, meetings a month, rules that were shown."""

    scope: Collection[str]
    starts_on: date
    ends_on: date
    meetings_a_month: int
    rules_version: int = RULES_VERSION


def propose_terms(
    session: Session, actor: Actor, pair_id: str, terms: Terms, now: datetime
) -> Agreement:
    """Propose an agreement; who proposes accepts by it. The rules of conduct are part of it.

    Raises:
        NotYours: a stranger's pair.
        NotValid: "scope" (1 to 3), "dates", "meetings" (1 to 8) or "rules" (not the newest).
        NotAllowed: "state"; a code of contact.gates.
    """
    pair, side = pair_for(session, actor, pair_id, *OWN, lock=True)
    scope = chosen("scope", terms.scope, HELP, MOST_SCOPE)
    if not scope:
        raise NotValid("scope")
    if not (
        now.date() - timedelta(days=1) <= terms.starts_on < terms.ends_on
        and terms.ends_on - terms.starts_on <= LONGEST
    ):
        raise NotValid("dates")
    if not 1 <= terms.meetings_a_month <= 8:
        raise NotValid("meetings")
    if terms.rules_version != RULES_VERSION:
        raise NotValid("rules")
    _gate(session, pair, now)
    row = Agreement(
        tenant_id=pair.tenant_id,
        id=new_id(),
        pair_id=pair.id,
        user_id=actor.user_id,
        side=side.value,
        scope=scope,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        meetings_a_month=terms.meetings_a_month,
        rules_version=terms.rules_version,
        made_at=now,
        mentee_accepted_at=now if side is Side.MENTEE else None,
        mentor_accepted_at=now if side is Side.MENTOR else None,
    )
    session.add(row)
    session.flush()
    record(session, pair.tenant_id, "pair", pair.id, "propose_terms",
           actor_id=actor.user_id, now=now)  # fmt: skip
    _tell_other(session, pair, side, row.id, now)
    return row


def accept_terms(
    session: Session, actor: Actor, pair_id: str, agreement_id: str, now: datetime
) -> Pair:
    """Accept the newest proposal of the other side; the first one that both accept starts the pair.

    Raises:
        NotYours: a stranger's pair, or no such proposal in it.
        NotAllowed: "state"; "replaced", for a proposal that a newer one replaced; a code of
            contact.gates.
    """
    pair, side = pair_for(session, actor, pair_id, *OWN, lock=True)
    row = session.get(Agreement, (pair.tenant_id, agreement_id))
    if row is None or row.pair_id != pair.id:
        raise NotYours("agreement")
    newest = newest_terms(session, pair)
    if newest is None or newest.id != row.id:
        raise NotAllowed("replaced")
    _gate(session, pair, now)
    if side is Side.MENTEE:
        row.mentee_accepted_at = row.mentee_accepted_at or now
    else:
        row.mentor_accepted_at = row.mentor_accepted_at or now
    session.flush()
    record(session, pair.tenant_id, "pair", pair.id, "accept_terms",
           actor_id=actor.user_id, now=now)  # fmt: skip
    if pair.state == "preparing" and row.mentee_accepted_at and row.mentor_accepted_at:
        move(session, pair, PAIR, "start", actor_id=actor.user_id, now=now)
        pair.started_at = pair.last_contact_at = now
        pair.context_id = moodle.find_course(session, pair)
        session.flush()
        moodle.want_groups(session, pair, present=True)
        tell_both(session, pair, "started", pair.id, now)
    return pair


def newest_terms(session: Session, pair: Pair) -> Agreement | None:
    """Return the newest proposal, accepted or not."""
    return session.scalars(
        select(Agreement)
        .where(Agreement.tenant_id == pair.tenant_id, Agreement.pair_id == pair.id)
        .order_by(Agreement.made_at.desc(), Agreement.id.desc())
        .limit(1)
    ).one_or_none()


def terms_in_force(session: Session, pair: Pair) -> Agreement | None:
    """Return the newest agreement that both accepted."""
    return session.scalars(
        select(Agreement)
        .where(
            Agreement.tenant_id == pair.tenant_id,
            Agreement.pair_id == pair.id,
            Agreement.mentee_accepted_at.is_not(None),
            Agreement.mentor_accepted_at.is_not(None),
        )
        .order_by(Agreement.made_at.desc(), Agreement.id.desc())
        .limit(1)
    ).one_or_none()


def _gate(session: Session, pair: Pair, now: datetime) -> None:
    if pair.state != "preparing":
        require_contact(session, pair, now)
    elif found := gates(session, *keys_of(pair), now):
        raise NotAllowed(found[0])


def _tell_other(session: Session, pair: Pair, side: Side, occasion: str, now: datetime) -> None:
    mentee_key, mentor_key = keys_of(pair)
    tell(session, *(mentor_key if side is Side.MENTEE else mentee_key), "terms", occasion, now)
