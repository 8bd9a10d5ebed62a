"""What learners and visitors may read: the EU's services, the own organisation's, the network's."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from adaptive.opportunities import Contact, Listing, Offer, Texts, load_network
from adaptive.places import load_gazetteer
from lti_tool.opportunities.models import Opportunity

_ID = re.compile("[0-9a-f]{32}")


def offered(session: Session, tenant_id: str, today: date) -> list[Listing]:
    """Return all that learners of an organisation may see now."""
    rows = session.scalars(
        select(Opportunity)
        .where(
            Opportunity.state == "open",
            or_(Opportunity.tenant_id == tenant_id, Opportunity.network.is_(True)),
            or_(Opportunity.last_day.is_(None), Opportunity.last_day >= today),
        )
        .order_by(Opportunity.id)
    )
    return [*map(listing_of, rows), *load_network().values()]


def find_for(session: Session, tenant_id: str, listing_id: str) -> Listing | None:
    """Return one that learners of an organisation may see, also after its end; else None."""
    theirs = or_(Opportunity.tenant_id == tenant_id, Opportunity.network.is_(True))
    return _find(session, listing_id, theirs)


def find_public(session: Session, listing_id: str) -> Listing | None:
    """Return one that anybody with its address may see: whatever was published, also ended."""
    return _find(session, listing_id, true())


def _find(session: Session, listing_id: str, seen: ColumnElement[bool]) -> Listing | None:
    built_in = load_network().get(listing_id)
    if built_in is not None or not _ID.fullmatch(listing_id):
        return built_in
    row = session.scalar(
        select(Opportunity).where(Opportunity.id == listing_id, Opportunity.state != "draft", seen)
    )
    return listing_of(row) if row else None


def texts_of(row: Opportunity) -> dict[str, Texts]:
    """Return the stored words by language."""
    return {
        words.language: Texts(words.title, words.about, words.needs, words.first_step)
        for words in row.words
    }


def listing_of(row: Opportunity) -> Listing:
    """Return a stored opportunity as people read it."""
    return Listing(
        offer=Offer(
            id=row.id,
            kind=row.kind,
            interests=row.interests,
            place=load_gazetteer().get(row.place),
            online=row.online,
            countries=frozenset(row.countries),
            languages=frozenset(row.languages),
            last_day=row.last_day,
            provider=row.tenant_id,
        ),
        contact=Contact(row.organisation, row.url, row.email, row.phone),
        texts=texts_of(row),
        age_from=row.age_from,
        age_to=row.age_to,
        first_day=row.first_day,
        example=row.example,
        ended=row.state == "ended",
    )
