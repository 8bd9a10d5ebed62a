"""One person on several platforms: joined only where both sides say so.

Nothing about two users, neither name nor e-mail, ever joins them by itself. The person asks for a
code on one platform and gives it on the other; that is the consent, and either side may end it.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session

from config.ids import new_id
from config.secrets import digest
from lti_tool.lti.models import AccountLink, LinkCode, table_of
from lti_tool.lti.sessions import Launch
from lti_tool.people.models import User

CODE_LIFE = timedelta(minutes=10)
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 8

_table = table_of(AccountLink)


class LinkRefused(Exception):
    """The code joins nobody: unknown, used, too old, or of the same platform."""


def offer_link(session: Session, launch: Launch, now: datetime) -> str:
    """Return a code that this person can give on another platform, once, for ten minutes.

    A new code replaces the one before.
    """
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    session.execute(
        delete(LinkCode).where(
            LinkCode.tenant_id == launch.tenant_id, LinkCode.user_id == launch.user_id
        )
    )
    session.add(
        LinkCode(
            tenant_id=launch.tenant_id,
            user_id=launch.user_id,
            code_hash=digest(code),
            expires_at=now + CODE_LIFE,
        )
    )
    session.flush()
    return code


def accept_link(session: Session, launch: Launch, code: str, now: datetime) -> None:
    """Join this user with the one who made the code; both are of the same organisation.

    Raises:
        LinkRefused: nothing was changed.
    """
    offer = session.scalars(
        select(LinkCode).where(
            LinkCode.tenant_id == launch.tenant_id,
            LinkCode.code_hash == digest(code.strip().upper().replace(" ", "")),
        )
    ).one_or_none()
    if offer is None or offer.expires_at <= now:
        raise LinkRefused
    other = session.get_one(User, (launch.tenant_id, offer.user_id))
    if other.platform_id == launch.platform_id:
        raise LinkRefused
    session.delete(offer)
    mine = session.get(AccountLink, (launch.tenant_id, launch.user_id))
    theirs = session.get(AccountLink, (launch.tenant_id, other.id))
    person_id = theirs.person_id if theirs else mine.person_id if mine else new_id()
    if mine and mine.person_id != person_id:
        _move(session, launch.tenant_id, mine.person_id, person_id)
    for user_id, link in ((launch.user_id, mine), (other.id, theirs)):
        if link is None:
            session.add(
                AccountLink(
                    tenant_id=launch.tenant_id,
                    user_id=user_id,
                    person_id=person_id,
                    consented_at=now,
                )
            )
    session.flush()


def _move(session: Session, tenant_id: str, from_person: str, to_person: str) -> None:
    for link in session.scalars(
        select(AccountLink).where(
            AccountLink.tenant_id == tenant_id, AccountLink.person_id == from_person
        )
    ):
        link.person_id = to_person


def end_link(session: Session, launch: Launch) -> None:
    """Take this user out; the others stay joined."""
    session.execute(
        delete(AccountLink).where(
            AccountLink.tenant_id == launch.tenant_id, AccountLink.user_id == launch.user_id
        )
    )


def linked_users(connection: Connection, tenant_id: str, user_id: str) -> tuple[str, ...]:
    """Return the ids of everybody who is the same person, this user's first."""
    person = (
        select(_table.c.person_id)
        .where(_table.c.tenant_id == tenant_id, _table.c.user_id == user_id)
        .scalar_subquery()
    )
    others = connection.execute(
        select(_table.c.user_id)
        .where(
            _table.c.tenant_id == tenant_id,
            _table.c.person_id == person,
            _table.c.user_id != user_id,
        )
        .order_by(_table.c.user_id)
    ).scalars()
    return (user_id, *others)
