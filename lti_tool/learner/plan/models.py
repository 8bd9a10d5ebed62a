"""A learner's goals, the small steps to them, and who wants to be reminded."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base
from lti_tool.people.models import TenantRow

LONGEST_TITLE = 120
LONGEST_WORDS = 200
LONGEST_HELPER = 80


class PlanGoal(TenantRow, Base):
    """One goal in the learner's own words, or as they took it from a suggestion.

    source: the code of the suggestion, "" for own words. version: grows with each change of the
    words. A deleted goal stays for a day, for whoever wants it back.
    """

    __tablename__ = "plan_goal"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        Index("ix_plan_goal_user", "tenant_id", "user_id"),
    )

    user_id: Mapped[str] = mapped_column(ID)
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    source: Mapped[str] = mapped_column(String(80), default="")
    version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime] = mapped_column(default=utcnow)
    done_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class PlanStep(TenantRow, Base):
    """One small step to a goal.

    due: the day in the learner's own country. helper: a code of words.HELPERS, "" for nobody;
    helper_words: the learner's own words for somebody else. place: the order within the goal.
    """

    __tablename__ = "plan_step"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        ForeignKeyConstraint(["tenant_id", "goal_id"], ["plan_goal.tenant_id", "plan_goal.id"]),
        Index("ix_plan_step_goal", "tenant_id", "goal_id"),
        Index("ix_plan_step_user", "tenant_id", "user_id"),
    )

    user_id: Mapped[str] = mapped_column(ID)
    goal_id: Mapped[str] = mapped_column(ID)
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    due: Mapped[date | None]
    helper: Mapped[str] = mapped_column(String(16), default="")
    helper_words: Mapped[str] = mapped_column(String(LONGEST_HELPER), default="")
    place: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime] = mapped_column(default=utcnow)
    done_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class PlanReminder(Base):
    """Somebody asked for messages of the course site on days when a step is due.

    text: the message, in the language in which it was asked for; it says nothing about the plan.
    """

    __tablename__ = "plan_reminder"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    text: Mapped[str] = mapped_column(String(400))
    asked_at: Mapped[datetime] = mapped_column(default=utcnow)
