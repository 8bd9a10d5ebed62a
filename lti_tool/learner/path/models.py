"""Which lessons a learner began, the newest answers, and what the answers showed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base
from lti_tool.people.models import TenantRow

LESSON = String(64)


class LessonWalk(Base):
    """One person's way through one lesson.

    chosen_by: "policy" for the lesson that the path offered, "learner" for any other; with the
    chance it had (propensity) and the version of the model, so that another way of choosing can
    be judged later.
    """

    __tablename__ = "lesson_walk"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    lesson: Mapped[str] = mapped_column(LESSON, primary_key=True)
    block: Mapped[int] = mapped_column(default=0)
    """How many blocks were read."""
    chosen_by: Mapped[str] = mapped_column(String(8))
    propensity: Mapped[float | None]
    model_version: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[datetime | None]


class LessonAnswer(Base):
    """The newest answer to one exercise of a lesson.

    answer: letters of options, an order of letters, or the learner's words; "" is "Not sure".
    share: how much of it was good, 0 to 1; None where only the learner can say, in `said`.
    """

    __tablename__ = "lesson_answer"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ID, primary_key=True)
    lesson: Mapped[str] = mapped_column(LESSON, primary_key=True)
    exercise: Mapped[int] = mapped_column(primary_key=True)
    answer: Mapped[str] = mapped_column(String(400))
    share: Mapped[float | None]
    said: Mapped[str | None] = mapped_column(String(8))
    """The learner's own word on written answers: yes, partly, no."""
    tries: Mapped[int] = mapped_column(default=1)
    answered_at: Mapped[datetime] = mapped_column(default=utcnow)


class SkillTry(TenantRow, Base):
    """What one try showed about a skill: the first at each exercise, and looks back later.

    Tries after the feedback are not here: they show what was just read. `asked_on` is the day of a
    look back (ISO), "" for the first try.
    """

    __tablename__ = "skill_try"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]),
        UniqueConstraint("tenant_id", "user_id", "lesson", "exercise", "asked_on"),
        Index(None, "tenant_id", "user_id", "at"),
    )

    user_id: Mapped[str] = mapped_column(ID)
    lesson: Mapped[str] = mapped_column(LESSON)
    exercise: Mapped[int]
    skill: Mapped[str] = mapped_column(LESSON)
    asked_on: Mapped[str] = mapped_column(String(10), default="")
    answer: Mapped[str] = mapped_column(String(400), default="")
    good: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=utcnow)


class OpenCourse(Base):
    """A course of a Moodle that learners may join from their path, by a teacher's or admin's word.

    pack: the pack of lessons it goes with, None for any.
    """

    __tablename__ = "open_course"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "platform_id"], ["platform.tenant_id", "platform.id"]),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    platform_id: Mapped[str] = mapped_column(ID, primary_key=True)
    course_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    pack: Mapped[str | None] = mapped_column(String(64))
    opened_at: Mapped[datetime] = mapped_column(default=utcnow)
