"""Everything that changes in this module, and who the list is made for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from adaptive.opportunities import Listing, Seeker
from adaptive.opportunities.network import LANGUAGES
from adaptive.places import Place, load_gazetteer
from lti_tool.learner.models import Progress
from lti_tool.learner.near.models import KeptOpportunity, NearWish
from lti_tool.learner.profile import current_profile
from lti_tool.learner.progress import advance
from lti_tool.lti.sessions import Launch
from lti_tool.opportunities.reading import find_for, listings
from lti_tool.people.models import Tenant

MOST_KEPT = 20
REACHES = (10, 30, 60, 150)
"""Kilometres to choose from; any distance is the other choice."""
USUAL_REACH = 60
LOOKED, DONE = 50, 100
"""Progress once the learner has said where to look, and once one opportunity is kept or contacted:
an opportunity in hand is what the module is for."""
ALSO_UNDERSTOOD = {"cs": "sk", "sk": "cs", "sr": "bs", "bs": "sr"}
"""Who reads one of these reads the other as well, unless they say otherwise."""


class UnknownOpportunity(Exception):
    """There is no such opportunity for this learner."""


class TooMany(Exception):
    """More kept than anybody can follow up."""


class NotValid(ValueError):
    """A reach or language that is not offered."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Where to look: a town or none, how far, online or not, in which languages."""

    place: Place | None
    reach: int | None
    online: bool
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept opportunity. contacted: the learner got in touch."""

    listing: Listing
    contacted: bool


def usual_languages(launch: Launch) -> tuple[str, ...]:
    """Return the languages to begin with: the page's own, and its near relative."""
    base = launch.locale.partition("_")[0]
    known = {base, ALSO_UNDERSTOOD.get(base, base)}
    return tuple(code for code in LANGUAGES if code in known)


def wish_of(session: Session, launch: Launch) -> Wish | None:
    """Return where the learner looks, None if they have not said."""
    row = session.get(NearWish, (launch.tenant_id, launch.user_id))
    if row is None:
        return None
    return Wish(load_gazetteer().get(row.place), row.reach, row.online, tuple(row.languages))


def home_country(session: Session, launch: Launch, wish: Wish | None) -> str | None:
    """Return where the learner lives as far as known: by the town, else by the organisation."""
    if wish and wish.place:
        return wish.place.country
    return session.get_one(Tenant, launch.tenant_id).country


def seeker(session: Session, launch: Launch) -> Seeker:
    """Return the person whom offers are matched to."""
    wish = wish_of(session, launch)
    profile = current_profile(session, launch)
    return Seeker(
        scores=profile.scores if profile else None,
        sd=profile.sd if profile else None,
        place=wish.place if wish else None,
        country=home_country(session, launch, wish),
        reach_km=wish.reach if wish else None,
        online=wish.online if wish else True,
        languages=frozenset(wish.languages if wish else usual_languages(launch)),
    )


def say_wish(session: Session, launch: Launch, wish: Wish, now: datetime) -> None:
    """Keep where the learner looks, in the place of what they said before.

    Raises:
        NotValid: a reach or a language is not among those offered.
    """
    if wish.reach is not None and wish.reach not in REACHES:
        raise NotValid("reach")
    if not set(wish.languages) <= set(LANGUAGES):
        raise NotValid("languages")
    key = (launch.tenant_id, launch.user_id)
    row = session.get(NearWish, key, with_for_update=True)
    if row is None:
        row = NearWish(tenant_id=launch.tenant_id, user_id=launch.user_id)
        session.add(row)
    row.place = wish.place.id if wish.place else None
    row.reach = wish.reach
    row.online = wish.online
    row.languages = [code for code in LANGUAGES if code in wish.languages]
    row.said_at = now
    session.flush()
    note_progress(session, launch, now)


def find(session: Session, launch: Launch, opportunity_id: str) -> Listing:
    """Return an opportunity that this learner may see, or keeps.

    Raises:
        UnknownOpportunity: there is none.
    """
    found = find_for(session, launch.tenant_id, opportunity_id)
    if found is None:
        raise UnknownOpportunity(opportunity_id)
    return found


def kept(session: Session, launch: Launch) -> list[Kept]:
    """Return what the learner keeps, oldest first; what is not to be seen any more is left out."""
    rows = session.scalars(
        select(KeptOpportunity)
        .where(
            KeptOpportunity.tenant_id == launch.tenant_id,
            KeptOpportunity.user_id == launch.user_id,
        )
        .order_by(KeptOpportunity.kept_at, KeptOpportunity.opportunity)
    ).all()
    known = listings(session, launch.tenant_id, (row.opportunity for row in rows))
    return [
        Kept(known[row.opportunity], row.contacted_at is not None)
        for row in rows
        if row.opportunity in known
    ]


def keep(session: Session, launch: Launch, opportunity_id: str, now: datetime) -> None:
    """Keep an opportunity; it finishes the module, and keeping it twice changes nothing.

    Raises:
        UnknownOpportunity: there is none.
        TooMany: there are MOST_KEPT already.
    """
    find(session, launch, opportunity_id)
    _kept_row(session, launch, opportunity_id, now)
    note_progress(session, launch, now)


def say_contacted(session: Session, launch: Launch, opportunity_id: str, now: datetime) -> None:
    """Keep an opportunity, with the learner's word that they got in touch.

    Raises:
        UnknownOpportunity: there is none.
        TooMany: there are MOST_KEPT already.
    """
    find(session, launch, opportunity_id)
    row = _kept_row(session, launch, opportunity_id, now)
    row.contacted_at = row.contacted_at or now
    session.flush()
    note_progress(session, launch, now)


def let_go(session: Session, launch: Launch, opportunity_id: str) -> None:
    """Keep an opportunity no longer; what was reached stays reached."""
    session.execute(
        delete(KeptOpportunity).where(
            KeptOpportunity.tenant_id == launch.tenant_id,
            KeptOpportunity.user_id == launch.user_id,
            KeptOpportunity.opportunity == opportunity_id,
        )
    )


def reached(session: Session, launch: Launch) -> int:
    """Return how far the learner is by what is stored: 0, LOOKED or DONE."""
    if _count_kept(session, launch):
        return DONE
    wish = session.get(NearWish, (launch.tenant_id, launch.user_id))
    return LOOKED if wish and (wish.place or wish.online) else 0


def has_news(session: Session, launch: Launch) -> bool:
    """Whether the activity of this launch does not know yet how far the learner is."""
    if not launch.is_learner or launch.resource_link_id is None or launch.module != "near":
        return False
    told = session.scalar(
        select(Progress.percent).where(
            Progress.tenant_id == launch.tenant_id,
            Progress.resource_link_id == launch.resource_link_id,
            Progress.user_id == launch.user_id,
        )
    )
    return reached(session, launch) > (told or 0)


def note_progress(session: Session, launch: Launch, now: datetime) -> None:
    """Carry to the activity of this launch how far the learner is."""
    percent = reached(session, launch)
    if percent == DONE:
        advance(session, launch, "near", DONE, _("Finished: Near me and across borders"), now)
    elif percent:
        advance(session, launch, "near", percent, _("On the way"), now)


def still_open(found: Iterable[Kept], today: date) -> list[Kept]:
    """Return those that can still be had."""
    return [one for one in found if not one.listing.is_over(today)]


def _count_kept(session: Session, launch: Launch) -> int:
    return session.scalars(
        select(func.count())
        .select_from(KeptOpportunity)
        .where(
            KeptOpportunity.tenant_id == launch.tenant_id,
            KeptOpportunity.user_id == launch.user_id,
        )
    ).one()


def _kept_row(
    session: Session, launch: Launch, opportunity_id: str, now: datetime
) -> KeptOpportunity:
    key = (launch.tenant_id, launch.user_id, opportunity_id)
    row = session.get(KeptOpportunity, key)
    if row is None:
        if len(kept(session, launch)) >= MOST_KEPT:
            raise TooMany
        row = KeptOpportunity(
            tenant_id=launch.tenant_id,
            user_id=launch.user_id,
            opportunity=opportunity_id,
            kept_at=now,
        )
        session.add(row)
        session.flush()
    return row
