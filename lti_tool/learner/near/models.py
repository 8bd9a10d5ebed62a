"""Where a learner looks for opportunities, and which ones they keep."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base


class NearWish(Base):
    """Where one person looks. All of it is the person's own word, and none of it is needed.

    place: the number of the nearest town, never a position. reach: how many kilometres are near
    enough, None for any. languages: codes without script, such as sr.
    """

    __tablename__ = "near_wish"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    place: Mapped[str | None] = mapped_column(String(16))
    reach: Mapped[int | None]
    online: Mapped[bool]
    languages: Mapped[list[str]]
    said_at: Mapped[datetime] = mapped_column(default=utcnow)


class KeptOpportunity(Base):
    """One opportunity that a person keeps.

    opportunity: its id; it may be another organisation's, or of the built-in list. contacted_at:
    when the person said that they had written, called or signed up.
    """

    __tablename__ = "kept_opportunity"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    opportunity: Mapped[str] = mapped_column(String(64), primary_key=True)
    kept_at: Mapped[datetime] = mapped_column(default=utcnow)
    contacted_at: Mapped[datetime | None]
