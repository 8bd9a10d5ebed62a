"""The matching desk: a run, its suggestions, what a person decided, and open borders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base
from lti_tool.mentoring.models.people import of_user
from lti_tool.people.models import TenantRow

MENTEE_KEY = ["mentoring_mentee.tenant_id", "mentoring_mentee.user_id"]
MENTOR_KEY = ["mentoring_mentor.tenant_id", "mentoring_mentor.user_id"]


class Border(Base):
    """Two organisations open their mentoring to each other: mentees of one, mentors of another."""

    __tablename__ = "mentoring_border"

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    """The mentees' organisation."""
    partner_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    """The mentors' organisation."""
    state: Mapped[str] = mapped_column(String(16), default="new")
    state_at: Mapped[datetime] = mapped_column(default=utcnow)
    asked_by: Mapped[str | None] = mapped_column(ID, ForeignKey("tenant.id"))
    """The organisation that asked; the other one's coordinator answers."""


class Run(TenantRow, Base):
    """One dry run of the matching, kept until a coordinator publishes or drops it."""

    __tablename__ = "mentoring_run"
    __table_args__ = of_user()

    user_id: Mapped[str] = mapped_column(ID)
    """The coordinator who asked for it."""
    state: Mapped[str] = mapped_column(String(16), default="draft")
    state_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    weights: Mapped[dict[str, Any]]
    summary: Mapped[dict[str, Any]]
    """Totals, needs and the fairness table; nobody's id."""


class Suggestion(Base):
    """What a run found for one mentee: a mentor with reasons, or nobody and why."""

    __tablename__ = "mentoring_suggestion"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "run_id"],
            ["mentoring_run.tenant_id", "mentoring_run.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(["tenant_id", "mentee_id"], MENTEE_KEY),
        ForeignKeyConstraint(["mentor_tenant_id", "mentor_id"], MENTOR_KEY),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    run_id: Mapped[str] = mapped_column(ID, primary_key=True)
    mentee_id: Mapped[str] = mapped_column(ID, primary_key=True)
    mentor_tenant_id: Mapped[str | None] = mapped_column(ID)
    mentor_id: Mapped[str | None] = mapped_column(ID)
    score: Mapped[float | None]
    locked: Mapped[bool] = mapped_column(default=False)
    why: Mapped[dict[str, Any]]
    """Factors, reasons, overruled rules and the runner-up; or the rule that binds."""


class Ruling(Base):
    """A coordinator's word on two people: locked together, or forbidden."""

    __tablename__ = "mentoring_ruling"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "mentee_id"], MENTEE_KEY),
        ForeignKeyConstraint(["mentor_tenant_id", "mentor_id"], MENTOR_KEY),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    mentee_id: Mapped[str] = mapped_column(ID, primary_key=True)
    mentor_tenant_id: Mapped[str] = mapped_column(ID, primary_key=True)
    mentor_id: Mapped[str] = mapped_column(ID, primary_key=True)
    word: Mapped[str] = mapped_column(String(8))
    """lock or forbid."""
    at: Mapped[datetime] = mapped_column(default=utcnow)
