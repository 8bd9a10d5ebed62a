"""The one gate in front of all contact between a mentee and a mentor.

It is computed from the rows each time, so nothing has to be remembered to shut it: a check that
runs out, a consent that is withdrawn, a report that is open close it in the same moment.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.mentoring.borders import is_open
from lti_tool.mentoring.consent import missing_consents
from lti_tool.mentoring.errors import NotAllowed
from lti_tool.mentoring.lifecycle import TALKING
from lti_tool.mentoring.models import Mentee, Mentor, Pair
from lti_tool.mentoring.screening import clearance

SERVING = ("active", "paused")
"""States of a mentor who may talk with the mentees they have; a pause only keeps new ones away."""


def barriers(session: Session, pair: Pair, now: datetime) -> tuple[str, ...]:
    """Return what stands between the two; () means they may have contact.

    Codes: "state" (of the pair), and those of `gates`.
    """
    return (() if pair.state in TALKING else ("state",)) + gates(
        session, (pair.tenant_id, pair.mentee_id), (pair.mentor_tenant_id, pair.mentor_id), now
    )


def gates(
    session: Session, mentee_key: tuple[str, str], mentor_key: tuple[str, str], now: datetime
) -> tuple[str, ...]:
    """Return what keeps two people from any contact, whatever the state of their pair.

    Codes: "mentor" (not admitted, barred or gone), "screening", "training", "mentee" (left),
    "consent", "guardian", "border".
    """
    mentor = session.get_one(Mentor, mentor_key)
    mentee = session.get_one(Mentee, mentee_key)
    clear = clearance(session, *mentor_key, now)
    found = [
        code
        for code, shut in (
            ("mentor", mentor.state not in SERVING),
            ("screening", not clear.screened),
            ("training", not clear.trained),
            ("mentee", mentee.state not in {"waiting", "paused"}),
        )
        if shut
    ]
    found += missing_consents(session, mentee, now)
    if not is_open(session, mentee_key[0], mentor_key[0]):
        found.append("border")
    return tuple(found)


def require_contact(session: Session, pair: Pair, now: datetime) -> None:
    """Go on only if the two may have contact.

    Raises:
        NotAllowed: the first barrier.
    """
    if found := barriers(session, pair, now):
        raise NotAllowed(found[0])
