"""The outbox: one row for each thing that a platform has to hear."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base
from lti_tool.people.models import TenantRow

COMMENT_LENGTH = 500


class ScoreDelivery(TenantRow, Base):
    """The newest score of one learner for one line item; newer scores replace it in place.

    `seq` counts the changes, `sent_seq` is the last one that the platform has. `score_at` is
    strictly newer with each change, to the second, because Moodle refuses a score whose second is
    not newer than the stored one. `lease_until` and `fence` let many workers share the table: a
    worker settles a row only while its fence is still the newest.
    """

    __tablename__ = "score_delivery"
    __table_args__ = (
        UniqueConstraint("tenant_id", "resource_link_id", "user_id"),
        ForeignKeyConstraint(["tenant_id", "platform_id"], ["platform.tenant_id", "platform.id"]),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "resource_link_id"], ["resource_link.tenant_id", "resource_link.id"]
        ),
        Index(None, "state", "due_at"),
    )

    platform_id: Mapped[str] = mapped_column(ID)
    resource_link_id: Mapped[str] = mapped_column(ID)
    user_id: Mapped[str] = mapped_column(ID)
    score: Mapped[float]
    """Points out of 100."""
    comment: Mapped[str] = mapped_column(String(COMMENT_LENGTH), default="")
    activity_progress: Mapped[str] = mapped_column(String(16), default="Completed")
    score_at: Mapped[datetime]
    seq: Mapped[int] = mapped_column(default=1)
    sent_seq: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    """waiting, delivered, superseded (a teacher's newer grade stands), or parked (needs a hand)."""
    reason: Mapped[str | None] = mapped_column(Text)
    """A code of lti_tool.outbox.settle.Reason; also says why something still waits."""
    attempts: Mapped[int] = mapped_column(default=0)
    waiting_since: Mapped[datetime] = mapped_column(default=utcnow)
    due_at: Mapped[datetime] = mapped_column(default=utcnow)
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    settled_at: Mapped[datetime | None]


class PlatformHealth(Base):
    """How a platform has answered lately; shared by workers, so that all of them leave it alone.

    Nothing is sent before `closed_until`: after five failures in a row, or because the platform
    said when to come back. After five failures one row at a time finds out how the platform is.
    """

    __tablename__ = "platform_health"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "platform_id"], ["platform.tenant_id", "platform.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    platform_id: Mapped[str] = mapped_column(ID, primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    closed_until: Mapped[datetime | None]
