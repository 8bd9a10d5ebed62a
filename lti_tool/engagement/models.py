"""An organisation's own thresholds of the early warning."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from config.database import ID, Base


class EngagementRules(Base):
    """When a sign counts; without a row the defaults stand."""

    __tablename__ = "engagement_rules"

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    signs: Mapped[dict[str, Any]]
    """{sign: [start, full, points]}, by the names of adaptive.engagement.Thresholds."""
    watch: Mapped[float]
    act: Mapped[float]
