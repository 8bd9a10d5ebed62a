"""Reports of harm and who answers them.

A report outlives the pair and has no key to it, so that whoever it is about cannot erase it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base
from lti_tool.people.models import TenantRow


class SafeDesk(Base):
    """Whom a tenant's people call, and when; one row for each class of report."""

    __tablename__ = "mentoring_safe_desk"

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    danger: Mapped[str] = mapped_column(String(16), primary_key=True)
    label: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(120))
    hours: Mapped[str] = mapped_column(String(120))


class Report(TenantRow, Base):
    """A report; `state` is one of lifecycle.REPORT. Named people read it, and its author."""

    __tablename__ = "mentoring_report"
    __table_args__ = (Index(None, "tenant_id", "state"), Index(None, "user_id"))

    user_id: Mapped[str] = mapped_column(ID)
    """Who reports."""
    pair_id: Mapped[str | None] = mapped_column(ID)
    danger: Mapped[str] = mapped_column(String(16))
    """urgent_need or safety_risk."""
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="open")
    state_at: Mapped[datetime] = mapped_column(default=utcnow)
    opened_at: Mapped[datetime] = mapped_column(default=utcnow)
    answer_by: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(32))
    closed_at: Mapped[datetime | None]


class ReportStep(TenantRow, Base):
    """One step of a named person on a report; rows are added and never changed."""

    __tablename__ = "mentoring_report_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "report_id"],
            ["mentoring_report.tenant_id", "mentoring_report.id"],
            ondelete="CASCADE",
        ),
        Index(None, "tenant_id", "report_id"),
    )

    report_id: Mapped[str] = mapped_column(ID)
    user_id: Mapped[str] = mapped_column(ID)
    step: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=utcnow)
