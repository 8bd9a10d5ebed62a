"""Intents (what a Moodle should become) and the ledger of what we made there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base
from config.ids import new_id
from moodle_sync.models import MOODLE_ID, SiteRow

KEY_LENGTH = 128


class MoodleIntent(Base):
    """One thing in a Moodle and what it should become; a newer wish replaces the older in place.

    `op` is the kind of thing (`moodle_sync.push.intents.Op`), `key` names it within its kind.
    `seq` counts the wishes; a worker that settles an older one leaves the row waiting. `sent` is
    what was last put on its way without an answer that settled it, at `sent_at`: while it is set,
    nobody knows whether Moodle did it, and Moodle is read before anything is sent again.
    `lease_until` and `fence` let many workers share the table: a worker settles a row only while
    its fence is still the newest.
    """

    __tablename__ = "moodle_intent"
    __table_args__ = (
        UniqueConstraint("tenant_id", "site_id", "op", "key"),
        ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["moodle_site.tenant_id", "moodle_site.id"],
            ondelete="CASCADE",
        ),
        Index(None, "tenant_id", "site_id", "state", "due_at"),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    site_id: Mapped[str] = mapped_column(ID)
    op: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    wants: Mapped[dict[str, Any]]
    seq: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    """waiting, done, or parked (needs a hand)."""
    reason: Mapped[str | None] = mapped_column(String(64))
    """A code of `intents.Reason`, or Moodle's errorcode; also says why something still waits."""
    detail: Mapped[str] = mapped_column(Text, default="")
    """Moodle's own words, for the operator; may name people, so it is never logged."""
    attempts: Mapped[int] = mapped_column(default=0)
    made_by: Mapped[str] = mapped_column(String(64), default="")
    """The module, or the id of the person, that asked for it."""
    waiting_since: Mapped[datetime] = mapped_column(default=utcnow)
    due_at: Mapped[datetime] = mapped_column(default=utcnow)
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    sent: Mapped[dict[str, Any] | None]
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    settled_at: Mapped[datetime | None]


class MoodleOwned(SiteRow, Base):
    """A thing in a Moodle that is there because of us; nothing else is ever changed or removed.

    `moodle_id` is its id there, where it has one. `facts` is what we wrote, so that a later change
    can carry it along.
    """

    __tablename__ = "moodle_owned"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["moodle_site.tenant_id", "moodle_site.id"],
            ondelete="CASCADE",
        ),
        Index(None, "tenant_id", "site_id", "kind", "moodle_id"),
    )

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    moodle_id: Mapped[str | None] = mapped_column(MOODLE_ID)
    facts: Mapped[dict[str, Any]]
    since: Mapped[datetime] = mapped_column(default=utcnow)
