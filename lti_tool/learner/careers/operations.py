"""Everything that changes in the careers module, and the lists it shows."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from adaptive.occupations import Occupation
from lti_tool.learner.careers.models import Favourite
from lti_tool.learner.occupations import catalogue, find, titles
from lti_tool.learner.progress import advance
from lti_tool.lti.sessions import Launch

MOST_KEPT = 20


class UnknownOccupation(Exception):
    """No occupation has this id."""


class TooMany(Exception):
    """More favourites than anybody can compare."""


def find_occupation(occupation_id: str) -> Occupation:
    """Return an occupation.

    Raises:
        UnknownOccupation: no occupation has this id.
    """
    found = find(occupation_id)
    if found is None:
        raise UnknownOccupation(occupation_id)
    return found


def search(words: str, language: str) -> list[Occupation]:
    """Return occupations by a learner's own words, in any language, best first."""
    hits = titles().search(words, language, limit=10)
    return [found for found in (catalogue().get(hit.id) for hit in hits) if found]


def kept(session: Session, launch: Launch) -> list[Occupation]:
    """Return what the learner keeps, oldest first."""
    ids = session.scalars(
        select(Favourite.occupation)
        .where(Favourite.tenant_id == launch.tenant_id, Favourite.user_id == launch.user_id)
        .order_by(Favourite.kept_at)
    )
    return [found for found in map(find, ids) if found]


def keep(session: Session, launch: Launch, occupation_id: str, now: datetime) -> None:
    """Keep an occupation; the first one finishes the module, keeping it twice changes nothing.

    Raises:
        UnknownOccupation: no occupation has this id.
        TooMany: there are MOST_KEPT already.
    """
    find_occupation(occupation_id)
    key = (launch.tenant_id, launch.user_id, occupation_id)
    if session.get(Favourite, key) is None:
        if len(kept(session, launch)) >= MOST_KEPT:
            raise TooMany
        session.add(
            Favourite(
                tenant_id=launch.tenant_id,
                user_id=launch.user_id,
                occupation=occupation_id,
                kept_at=now,
            )
        )
        session.flush()
    note_progress(session, launch, now)


def let_go(session: Session, launch: Launch, occupation_id: str) -> None:
    """Keep an occupation no longer; what was reached stays reached."""
    session.execute(
        delete(Favourite).where(
            Favourite.tenant_id == launch.tenant_id,
            Favourite.user_id == launch.user_id,
            Favourite.occupation == occupation_id,
        )
    )


def note_progress(session: Session, launch: Launch, now: datetime) -> None:
    """Carry to the activity of this launch that the learner keeps something."""
    if kept(session, launch):
        advance(session, launch, "careers", 100, _("Finished: Work that could suit me"), now)
