"""A learner's digital check, one row an answer, and what they practised."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base


def _of_user() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"])


class DigitalCheck(Base):
    """One walk through the questions; `number` counts a person's walks from 1."""

    __tablename__ = "digital_check"
    __table_args__ = (_of_user(),)

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[datetime | None]


class DigitalAnswer(Base):
    """One answer: own, help, not_yet or not_sure."""

    __tablename__ = "digital_answer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "user_id", "number"],
            ["digital_check.tenant_id", "digital_check.user_id", "digital_check.number"],
        ),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    question: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(8))
    position: Mapped[int]
    answered_at: Mapped[datetime] = mapped_column(default=utcnow)


class DigitalPractice(Base):
    """Something that the learner says they tried; `step` is a key of the bank's texts."""

    __tablename__ = "digital_practice"
    __table_args__ = (_of_user(),)

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    step: Mapped[str] = mapped_column(String(32), primary_key=True)
    done_at: Mapped[datetime] = mapped_column(default=utcnow)
