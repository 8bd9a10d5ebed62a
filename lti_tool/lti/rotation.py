"""Changing the tool's signing key without one failed launch or service call.

Platforms keep a copy of our key set for as long as they like, in practice up to a day. So the next
key is published a day before it signs, and the last one is published for a week after, longer than
any token that it signed lives. The schedule does all of it; the command only does it earlier.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc.jwk import RSAKey
from sqlalchemy import delete
from sqlalchemy.orm import Session

from config.logging import get_logger
from config.secrets import Seal
from lti_tool.lti.keys import (
    ACTIVE,
    NEXT,
    PUBLISH_FIRST,
    RETIRING,
    key_ring,
    keys_in,
    new_key,
    store_key,
)
from lti_tool.lti.models import ToolKey
from lti_tool.services import Services

ACTIVE_FOR = timedelta(days=90)
RETIRE_FOR = timedelta(days=7)

log = get_logger()


class TooEarly(Exception):
    """The next key was not published long enough; `ready_at` says when it will have been."""

    def __init__(self, ready_at: datetime) -> None:
        """Keep the moment."""
        super().__init__(f"the next key may sign from {ready_at:%Y-%m-%d %H:%M} UTC on")
        self.ready_at = ready_at


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did, as key ids."""

    activated: str | None
    retired: tuple[str, ...]
    dropped: int
    published: str | None


def rotate_due(services: Services, now: datetime) -> Rotation:
    """Do what is due today; the worker calls it once an hour, any number of them may.

    The first call of an installation makes its first keys.
    """
    return _rotate(services, now, swap=None)


def rotate_now(services: Services, now: datetime, *, force: bool = False) -> Rotation:
    """Let the next key sign from now on.

    `force` does so although platforms may not know it yet, and withdraws the last key at once: for
    a key that was stolen, at the price of failing calls until the platforms fetch our keys again.

    Raises:
        TooEarly: the next key was published less than `PUBLISH_FIRST` ago.
    """
    return _rotate(services, now, swap=force)


def _rotate(services: Services, now: datetime, *, swap: bool | None) -> Rotation:
    """`swap`: None by schedule, False at once if published long enough, True whatever comes."""
    with services.database.read() as session:
        wants_key = bool(_wanted(session, now, swap))
    # Making a key takes tenths of a second: never while holding the database.
    spares = [new_key(), new_key()] if wants_key else []
    with services.database.write() as session:
        rotation = _apply(session, services.seal, spares, now, swap)
    key_ring(services).forget()
    if rotation.activated or rotation.published or rotation.dropped:
        log.info("keys.rotated", kid=rotation.activated or rotation.published)
    return rotation


def _wanted(session: Session, now: datetime, swap: bool | None) -> bool:
    return not keys_in(session, NEXT) or _swap_due(session, now, swap)


def _swap_due(session: Session, now: datetime, swap: bool | None) -> bool:
    active, following = keys_in(session, ACTIVE), keys_in(session, NEXT)
    if not active:
        return True
    if not following or (swap is None and now - active[0].state_since < ACTIVE_FOR):
        return False
    ready_at = following[0].state_since + PUBLISH_FIRST
    if now >= ready_at or swap:
        return True
    if swap is False:
        raise TooEarly(ready_at)
    return False


def _apply(
    session: Session, seal: Seal, spares: list[RSAKey], now: datetime, swap: bool | None
) -> Rotation:
    activated, retired = None, []
    if _swap_due(session, now, swap):
        for key in keys_in(session, ACTIVE):
            key.state, key.state_since = RETIRING, now
            retired.append(key.kid)
        following = keys_in(session, NEXT)
        if following:
            following[0].state, following[0].state_since = ACTIVE, now
            activated = following[0].kid
        elif spares:
            activated = store_key(session, seal, spares.pop(), ACTIVE, now).kid
        session.flush()
    for extra in keys_in(session, ACTIVE)[1:]:
        # Two first starts at once each made a key; the newest signs.
        extra.state, extra.state_since = RETIRING, now
        retired.append(extra.kid)
    published = None
    if not keys_in(session, NEXT) and spares:
        published = store_key(session, seal, spares.pop(), NEXT, now).kid
    last_day = now if swap else now - RETIRE_FOR
    dropped = session.connection().execute(
        delete(ToolKey).where(ToolKey.state == RETIRING, ToolKey.state_since <= last_day)
    )
    session.expire_all()
    return Rotation(activated, tuple(retired), dropped.rowcount, published)
