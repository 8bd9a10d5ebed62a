"""The course list as the platform last told it (LTI Names and Role Provisioning Services 2.0)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import ID, Base


class RosterEntry(Base):
    """One person of one course; kept when they leave, with the date, until erased."""

    __tablename__ = "roster_entry"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "context_id"], ["context.tenant_id", "context.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    context_id: Mapped[str] = mapped_column(ID, primary_key=True)
    sub: Mapped[str] = mapped_column(String(255), primary_key=True)
    """The platform's user id, as in launches."""
    roles: Mapped[list[str]]
    name: Mapped[str | None] = mapped_column(String(200))
    read_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
