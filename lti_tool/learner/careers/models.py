"""The occupations that a learner keeps, and what the learner can do already."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base


class Favourite(Base):
    """One kept occupation of one person."""

    __tablename__ = "favourite_occupation"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    occupation: Mapped[str] = mapped_column(String(255), primary_key=True)
    """The ISCO-08 code of the embedded catalogue, or the end of an ESCO URI."""
    kept_at: Mapped[datetime] = mapped_column(default=utcnow)


class OwnSkill(Base):
    """One skill that a person ticked: "I can do this already"."""

    __tablename__ = "own_skill"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    skill: Mapped[str] = mapped_column(String(64), primary_key=True)
    """The end of an ESCO URI; it stays when a later import lacks the skill."""
    said_at: Mapped[datetime] = mapped_column(default=utcnow)
