"""How far each learner is in each placed module."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base
from lti_tool.people.models import TenantRow


class Progress(TenantRow, Base):
    """One learner's way through one activity of one course."""

    __tablename__ = "progress"
    __table_args__ = (
        UniqueConstraint("tenant_id", "resource_link_id", "user_id"),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "resource_link_id"], ["resource_link.tenant_id", "resource_link.id"]
        ),
    )

    resource_link_id: Mapped[str] = mapped_column(ID)
    user_id: Mapped[str] = mapped_column(ID)
    module: Mapped[str] = mapped_column(String(64))
    percent: Mapped[int] = mapped_column(default=0)
    """0 to 100; never goes down."""
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    completed_at: Mapped[datetime | None]
