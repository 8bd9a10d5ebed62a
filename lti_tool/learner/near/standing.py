"""Where a learner is in this module, and what is new around them, for the home page."""

from __future__ import annotations

from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from adaptive.opportunities import Ask, match
from config.clock import utcnow
from lti_tool.learner.near import operations
from lti_tool.learner.near.operations import Kept
from lti_tool.learner.standing import Standing, by_percent
from lti_tool.lti.sessions import Launch
from lti_tool.opportunities.models import Opportunity
from lti_tool.opportunities.reading import offers
from lti_tool.opportunities.words import locale

SOON_DAYS = 7
"""A kept opportunity that ends within so many days is today's business."""


def standing_of(session: Session, launch: Launch, since: datetime | None) -> Standing | None:
    """Return how far the learner is, the next step, and what is new since a moment."""
    today = utcnow().date()
    percent = operations.reached(session, launch)
    news = _news(session, launch, since, today) if since else ()
    waiting = _waiting(operations.kept(session, launch), today)
    if waiting is not None:
        last = waiting.listing.offer.last_day
        _code, words = waiting.listing.words(locale())
        return by_percent(
            percent,
            _("Get in touch about “%(title)s”.", title=words.title),
            url_for("near.opportunity", opportunity_id=waiting.listing.id),
            news,
            urgent=last is not None and (last - today).days <= SOON_DAYS,
        )
    if percent == operations.DONE:
        return by_percent(percent, "", url_for("near.show"), news)
    if percent:
        step = _("Look at the list and keep one that you like.")
        return by_percent(percent, step, url_for("near.show"), news)
    return by_percent(0, _("Say where you want to look."), url_for("near.where"), news)


def _waiting(kept: list[Kept], today: date) -> Kept | None:
    """Return the kept one to get in touch about first: the next to end, else the oldest."""
    found = [one for one in operations.still_open(kept, today) if not one.contacted]
    return min(found, key=lambda one: one.listing.offer.last_day or date.max, default=None)


def _news(session: Session, launch: Launch, since: datetime, today: date) -> tuple[str, ...]:
    seeker = operations.seeker(session, launch)
    open_ones = offers(session, launch.tenant_id, today)
    suitable = {one.offer.id for one in match(seeker, open_ones, Ask(), today).found}
    changed = session.scalars(
        select(Opportunity.id).where(Opportunity.state == "open", Opportunity.updated_at > since)
    )
    count = len(suitable.intersection(changed))
    if not count:
        return ()
    return (
        ngettext(
            "%(num)s opportunity for you is new or has changed.",
            "%(num)s opportunities for you are new or have changed.",
            count,
        ),
    )
