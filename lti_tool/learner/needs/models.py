"""What a learner says about their situation, and whom they let see it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base

QUESTION = String(24)


class NeedsAnswer(Base):
    """One answer of one person; "" is "Not sure". It is packed as adaptive.situation says."""

    __tablename__ = "needs_answer"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    question: Mapped[str] = mapped_column(QUESTION, primary_key=True)
    answer: Mapped[str] = mapped_column(String(400))
    answered_at: Mapped[datetime] = mapped_column(default=utcnow)


class NeedsShare(Base):
    """One question whose answer one audience may see; no row, no view."""

    __tablename__ = "needs_share"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    question: Mapped[str] = mapped_column(QUESTION, primary_key=True)
    audience: Mapped[str] = mapped_column(String(16), primary_key=True)
    shared_at: Mapped[datetime] = mapped_column(default=utcnow)
