"""A learner's walk through the interests, one row an answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base
from lti_tool.people.models import TenantRow


class InterestAttempt(TenantRow, Base):
    """One walk; it belongs to the person, so it goes on in any course and on any device."""

    __tablename__ = "interest_attempt"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        UniqueConstraint("tenant_id", "user_id", "number"),
    )

    user_id: Mapped[str] = mapped_column(ID)
    number: Mapped[int]
    seed: Mapped[int]
    model_version: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[datetime | None]
    fits: Mapped[str | None] = mapped_column(String(8))
    """The learner's own word on the result: yes, partly, no."""


class InterestAnswer(Base):
    """One answer; None is "Not sure"."""

    __tablename__ = "interest_answer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "attempt_id"], ["interest_attempt.tenant_id", "interest_attempt.id"]
        ),
        Index(None, "tenant_id", "attempt_id", "position"),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ID, primary_key=True)
    item: Mapped[str] = mapped_column(String(8), primary_key=True)
    value: Mapped[int | None]
    position: Mapped[int]
    answered_at: Mapped[datetime] = mapped_column(default=utcnow)
