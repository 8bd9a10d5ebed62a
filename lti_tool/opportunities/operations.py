"""Everything that changes an opportunity; always one of the organisation that asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.opportunities.models import Opportunity, OpportunityWords
from lti_tool.opportunities.reading import texts_of
from lti_tool.opportunities.values import Fault, NotValid, Values

MOST = 2000
"""Opportunities of one organisation that have not ended."""
_DIRECT = tuple(field.name for field in fields(Values) if field.name != "texts")


class UnknownOpportunity(Exception):
    """This organisation has no such opportunity."""


class TooMany(Exception):
    """The organisation has MOST already."""


def find(session: Session, tenant_id: str, opportunity_id: str) -> Opportunity:
    """Return an opportunity of an organisation.

    Raises:
        UnknownOpportunity: it has none with this id.
    """
    row = session.get(Opportunity, (tenant_id, opportunity_id))
    if row is None:
        raise UnknownOpportunity(opportunity_id)
    return row


def all_of(session: Session, tenant_id: str) -> Sequence[Opportunity]:
    """Return all opportunities of an organisation, the newest change first."""
    return session.scalars(
        select(Opportunity)
        .where(Opportunity.tenant_id == tenant_id)
        .order_by(Opportunity.updated_at.desc(), Opportunity.id)
    ).all()


def add(session: Session, tenant_id: str, values: Values, now: datetime) -> Opportunity:
    """Add an opportunity as a draft.

    Raises:
        NotValid: its reference is taken.
        TooMany: there are MOST already.
    """
    live = select(func.count()).where(
        Opportunity.tenant_id == tenant_id, Opportunity.state != "ended"
    )
    if session.scalars(live).one() >= MOST:
        raise TooMany
    row = Opportunity(tenant_id=tenant_id, state="draft", created_at=now)
    _fill(session, row, values, now)
    session.add(row)
    session.flush()
    return row


def change(session: Session, row: Opportunity, values: Values, now: datetime) -> bool:
    """Change an opportunity; return whether anything is different.

    Raises:
        NotValid: its reference is another one's.
    """
    before = as_values(row)
    if before == values:
        return False
    _fill(session, row, values, now)
    session.flush()
    return True


def publish(row: Opportunity, now: datetime) -> None:
    """Let learners see it; publishing twice changes nothing.

    Raises:
        NotValid: its last day has passed.
    """
    if row.last_day is not None and row.last_day < now.date():
        raise NotValid([Fault("last_day", "past", row.last_day.isoformat())])
    if row.state != "open":
        row.state, row.updated_at = "open", now


def end(row: Opportunity, now: datetime) -> None:
    """Offer it no longer; who kept it reads that it has ended."""
    if row.state != "ended":
        row.state, row.updated_at = "ended", now


def as_values(row: Opportunity) -> Values:
    """Return what is stored, as it was read."""
    return Values(**{name: getattr(row, name) for name in _DIRECT}, texts=texts_of(row))


def _fill(session: Session, row: Opportunity, values: Values, now: datetime) -> None:
    if values.reference is not None:
        other = session.scalar(
            select(Opportunity.id).where(
                Opportunity.tenant_id == row.tenant_id,
                Opportunity.reference == values.reference,
                Opportunity.id != (row.id or ""),
            )
        )
        if other is not None:
            raise NotValid([Fault("reference", "taken", values.reference)])
    for name in _DIRECT:
        setattr(row, name, getattr(values, name))
    row.updated_at = now
    known = {words.language: words for words in row.words}
    for language, words in known.items():
        if language not in values.texts:
            row.words.remove(words)
    for language, texts in values.texts.items():
        stored = known.get(language)
        if stored is None:
            stored = OpportunityWords(tenant_id=row.tenant_id, language=language)
            row.words.append(stored)
        for name, text in asdict(texts).items():
            setattr(stored, name, text)
