"""What learners and visitors may read: the EU's services, the own organisation's, the network's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from adaptive.opportunities import Contact, Listing, Offer, Texts, load_network
from adaptive.places import load_gazetteer
from lti_tool.opportunities.models import Opportunity

_ID = re.compile("[0-9a-f]{32}")


def offers(session: Session, tenant_id: str, today: date) -> list[Offer]:
    """Return what learners of an organisation may see now, as far as a match needs it.

    The words are left where they are: a list shows a dozen of what may be thousands.
    """
    rows = session.execute(
        select(
            Opportunity.id,
            Opportunity.kind,
            Opportunity.interests,
            Opportunity.place,
            Opportunity.online,
            Opportunity.countries,
            Opportunity.languages,
            Opportunity.last_day,
            Opportunity.tenant_id,
        )
        .where(
            Opportunity.state == "open",
            _seen_by(tenant_id),
            or_(Opportunity.last_day.is_(None), Opportunity.last_day >= today),
        )
        .order_by(Opportunity.id)
    )
    return [*(_offer(*row) for row in rows), *(one.offer for one in load_network().values())]


def listings(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, Listing]:
    """Return those of some ids that learners of an organisation may see, by id, with words."""
    wanted = set(ids)
    rows = session.scalars(
        select(Opportunity).where(
            Opportunity.id.in_(wanted), Opportunity.state != "draft", _seen_by(tenant_id)
        )
    )
    built_in = {key: one for key, one in load_network().items() if key in wanted}
    return {row.id: listing_of(row) for row in rows} | built_in


def _seen_by(tenant_id: str) -> ColumnElement[bool]:
    return or_(Opportunity.tenant_id == tenant_id, Opportunity.network.is_(True))


def _offer(
    listing_id: str,
    kind: str,
    interests: str,
    place: str | None,
    online: bool,
    countries: Iterable[str],
    languages: Iterable[str],
    last_day: date | None,
    provider: str,
) -> Offer:
    return Offer(
        id=listing_id,
        kind=kind,
        interests=interests,
        place=load_gazetteer().get(place),
        online=online,
        countries=frozenset(countries),
        languages=frozenset(languages),
        last_day=last_day,
        provider=provider,
    )


def find_for(session: Session, tenant_id: str, listing_id: str) -> Listing | None:
    """Return one that learners of an organisation may see, also after its end; else None."""
    return _find(session, listing_id, _seen_by(tenant_id))


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
        offer=_offer(
            row.id,
            row.kind,
            row.interests,
            row.place,
            row.online,
            row.countries,
            row.languages,
            row.last_day,
            row.tenant_id,
        ),
        contact=Contact(row.organisation, row.url, row.email, row.phone),
        texts=texts_of(row),
        age_from=row.age_from,
        age_to=row.age_to,
        first_day=row.first_day,
        example=row.example,
        ended=row.state == "ended",
    )
