"""When a learner was last at home, so that news are news."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import ID, Base


class HomeVisit(Base):
    """One person's present visit.

    seen_at: when it began. since: when the one before it began, None for the first; news are from
    then on.
    """

    __tablename__ = "home_visit"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    seen_at: Mapped[datetime]
    since: Mapped[datetime | None]
