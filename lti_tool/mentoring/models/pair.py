"""A pair and what it does together. Rows belong to the mentee's organisation.

The author of a row may be a mentor of another organisation, so `user_id` has no key to a user; a
row goes with its pair, or with its author.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import utcnow
from config.database import ID, Base
from lti_tool.mentoring.models.matching import MENTEE_KEY, MENTOR_KEY
from lti_tool.people.models import TenantRow


def of_pair(*more: Any) -> tuple[Any, ...]:  # noqa: ANN401 - table arguments of many kinds
    """Return table arguments with the key to the pair, which takes its rows with it."""
    return (
        ForeignKeyConstraint(
            ["tenant_id", "pair_id"],
            ["mentoring_pair.tenant_id", "mentoring_pair.id"],
            ondelete="CASCADE",
        ),
        Index(None, "user_id"),
        *more,
    )


class Pair(TenantRow, Base):
    """A mentee and a mentor; `state` is one of lifecycle.PAIR.

    `last_contact_at`, `mentee_measure` and `mentor_measure` repeat the newest of other rows, so
    that the coordinator's desk reads one table.
    """

    __tablename__ = "mentoring_pair"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "mentee_id"], MENTEE_KEY),
        ForeignKeyConstraint(["mentor_tenant_id", "mentor_id"], MENTOR_KEY),
        ForeignKeyConstraint(["tenant_id", "context_id"], ["context.tenant_id", "context.id"]),
        Index(None, "tenant_id", "state", "last_contact_at"),
        Index(None, "tenant_id", "mentee_id"),
        Index(None, "mentor_tenant_id", "mentor_id", "state"),
    )

    mentee_id: Mapped[str] = mapped_column(ID)
    mentor_tenant_id: Mapped[str] = mapped_column(ID)
    mentor_id: Mapped[str] = mapped_column(ID)
    state: Mapped[str] = mapped_column(String(16), default="offered")
    state_at: Mapped[datetime] = mapped_column(default=utcnow)
    suspended_from: Mapped[str | None] = mapped_column(String(16))
    why: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The reasons of the match, as codes with values."""
    offered_at: Mapped[datetime] = mapped_column(default=utcnow)
    answer_by: Mapped[datetime]
    mentee_said: Mapped[str | None] = mapped_column(String(8))
    mentor_said: Mapped[str | None] = mapped_column(String(8))
    """yes, no, or nothing yet."""
    started_at: Mapped[datetime | None]
    last_contact_at: Mapped[datetime | None]
    mentee_measure: Mapped[int | None]
    mentor_measure: Mapped[int | None]
    """Newest answer on the relationship, 0 to 100."""
    checkins: Mapped[int] = mapped_column(default=0)
    """How many were asked for so far."""
    close_reason: Mapped[str | None] = mapped_column(String(32))
    contact_after: Mapped[str] = mapped_column(String(16), default="none")
    """The rule after the end: none, or through (by the coordinator, if both want)."""
    ended_at: Mapped[datetime | None]
    purged_at: Mapped[datetime | None]
    context_id: Mapped[str | None] = mapped_column(ID)
    """The course that both are in, where a group and a calendar can be shared."""


class PairRow(TenantRow):
    """A row of a pair, by one side."""

    pair_id: Mapped[str] = mapped_column(ID)
    user_id: Mapped[str] = mapped_column(ID)
    side: Mapped[str] = mapped_column(String(8))
    """mentee or mentor."""


class Agreement(PairRow, Base):
    """What the two agree on; a new one replaces the old one when both have said yes."""

    __tablename__ = "mentoring_agreement"
    __table_args__ = of_pair(Index(None, "tenant_id", "pair_id"))

    scope: Mapped[list[str]]
    """Up to three kinds of help, of words.HELP."""
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    meetings_a_month: Mapped[int]
    rules_version: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(default=utcnow)
    mentee_accepted_at: Mapped[datetime | None]
    mentor_accepted_at: Mapped[datetime | None]


class GoalLink(Base):
    """One of at most three goals of the learner's plan that the pair works on, by its id only."""

    __tablename__ = "mentoring_goal"
    __table_args__ = of_pair()

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    pair_id: Mapped[str] = mapped_column(ID, primary_key=True)
    goal_id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ID)
    linked_at: Mapped[datetime] = mapped_column(default=utcnow)


class Meeting(PairRow, Base):
    """A meeting, from the proposed times to what became of it; `state` of lifecycle.MEETING."""

    __tablename__ = "mentoring_meeting"
    __table_args__ = of_pair(Index(None, "tenant_id", "pair_id", "state"))

    state: Mapped[str] = mapped_column(String(16), default="proposed")
    state_at: Mapped[datetime] = mapped_column(default=utcnow)
    options: Mapped[list[str]]
    """One to three starts, ISO 8601 in UTC."""
    minutes: Mapped[int]
    way: Mapped[str] = mapped_column(String(8))
    """online or near."""
    topic: Mapped[str] = mapped_column(String(32))
    starts_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(default=0)
    """Of the calendar file: rises with each change (RFC 5545, 3.8.7.4)."""


class MeetingLog(PairRow, Base):
    """What one side says of a meeting: five taps."""

    __tablename__ = "mentoring_log"
    __table_args__ = of_pair(Index(None, "tenant_id", "pair_id", "happened_on"))

    meeting_id: Mapped[str | None] = mapped_column(ID)
    happened: Mapped[bool]
    happened_on: Mapped[date]
    minutes: Mapped[int | None]
    topics: Mapped[list[str]] = mapped_column(default=list)
    feeling: Mapped[int | None]
    """1 to 5; only its author and the coordinator see it."""
    next_on: Mapped[date | None]
    at: Mapped[datetime] = mapped_column(default=utcnow)


class Message(PairRow, Base):
    """A text to the other side; `state` is one of lifecycle.MESSAGE."""

    __tablename__ = "mentoring_message"
    __table_args__ = of_pair(
        Index(None, "tenant_id", "pair_id", "at"), Index(None, "tenant_id", "state")
    )

    state: Mapped[str] = mapped_column(String(16), default="new")
    state_at: Mapped[datetime] = mapped_column(default=utcnow)
    text: Mapped[str] = mapped_column(Text)
    findings: Mapped[list[str]] = mapped_column(default=list)
    """Codes of what the detector found; none where it went straight through."""
    at: Mapped[datetime] = mapped_column(default=utcnow)
    read_at: Mapped[datetime | None]


class Checkin(PairRow, Base):
    """A few questions to one side, due by the schedule; only the coordinator reads the answers."""

    __tablename__ = "mentoring_checkin"
    __table_args__ = of_pair(Index(None, "tenant_id", "answered_at", "due_at"))

    number: Mapped[int]
    due_at: Mapped[datetime]
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    measure: Mapped[int | None]
    wants_talk: Mapped[bool] = mapped_column(default=False)
    answered_at: Mapped[datetime | None]


class Feedback(PairRow, Base):
    """How it was, from one side, after the goodbye; the other side never reads it."""

    __tablename__ = "mentoring_feedback"
    __table_args__ = of_pair(Index(None, "tenant_id", "pair_id"))

    answers: Mapped[dict[str, Any]]
    again: Mapped[str] = mapped_column(String(8))
    """Whether a new mentor or mentee is wanted: yes, later or no."""
    keep_contact: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(default=utcnow)
