"""Mentors, mentees, what they agreed to, and what happened: one row a fact."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from config.clock import utcnow
from config.database import ID, Base
from lti_tool.people.models import TenantRow


class UserRow:
    """A row about one user of the tenant, at most one per user."""

    @declared_attr
    @classmethod
    def tenant_id(cls) -> Mapped[str]:
        return mapped_column(ID, ForeignKey("tenant.id"), primary_key=True, sort_order=-2)

    @declared_attr
    @classmethod
    def user_id(cls) -> Mapped[str]:
        return mapped_column(ID, primary_key=True, sort_order=-1)


def of_user(*more: Any) -> tuple[Any, ...]:  # noqa: ANN401 - table arguments of many kinds
    """Return table arguments with the key to the user of the same tenant."""
    return (ForeignKeyConstraint(["tenant_id", "user_id"], ["user.tenant_id", "user.id"]), *more)


class Programme(Base):
    """A tenant's rules for its mentoring; without a row the defaults stand."""

    __tablename__ = "mentoring_programme"

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    weights: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """By factor of adaptive.mentoring.Weights; what is missing has its default."""
    language_level: Mapped[int] = mapped_column(default=3)
    near_km: Mapped[float] = mapped_column(default=60.0)
    guardian_age: Mapped[int | None]
    """Raises the country's age, never lowers it."""
    answer_days: Mapped[int] = mapped_column(default=7)
    message_days: Mapped[int] = mapped_column(default=180)
    """How long messages are kept after a pair's end."""


class Staff(UserRow, Base):
    """Who coordinates, and who is named to read reports of harm; nobody else does either."""

    __tablename__ = "mentoring_staff"
    __table_args__ = of_user()

    duty: Mapped[str] = mapped_column(String(16), primary_key=True)
    """coordinator or safeguarding."""
    since: Mapped[datetime] = mapped_column(default=utcnow)


class Invitation(TenantRow, Base):
    """A link by which people may apply as mentors; the link has the code, we have its hash."""

    __tablename__ = "mentoring_invitation"
    __table_args__ = of_user(UniqueConstraint("code_hash"))

    user_id: Mapped[str] = mapped_column(ID)
    """The coordinator who made it."""
    code_hash: Mapped[str] = mapped_column(String(64))
    uses_left: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]


class Profile(UserRow):
    """What mentors and mentees say alike, for matching.

    `languages` is {code: CEFR level 1 to 6}; `slots` are weekly times such as "tue-evening";
    `latitude` and `longitude` are rounded to a tenth of a degree (about 10 km), never an address.
    """

    state: Mapped[str] = mapped_column(String(16), default="draft")
    state_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    nickname: Mapped[str] = mapped_column(String(40), default="")
    languages: Mapped[dict[str, Any]] = mapped_column(default=dict)
    slots: Mapped[list[str]] = mapped_column(default=list)
    in_writing: Mapped[bool] = mapped_column(default=False)
    online: Mapped[bool] = mapped_column(default=True)
    near: Mapped[bool] = mapped_column(default=False)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    reach_km: Mapped[float] = mapped_column(default=30.0)
    fields: Mapped[list[str]] = mapped_column(default=list)
    help: Mapped[list[str]] = mapped_column(default=list)
    background: Mapped[list[str]] = mapped_column(default=list)
    birth_year: Mapped[int | None]
    gender: Mapped[str | None] = mapped_column(String(16))
    not_with: Mapped[list[str]] = mapped_column(default=list)
    """User ids of people whom this one must not be paired with."""


class Mentor(Profile, Base):
    """Somebody who offers to be a mentor; `state` is one of lifecycle.MENTOR."""

    __tablename__ = "mentoring_mentor"
    __table_args__ = of_user(Index(None, "tenant_id", "state"))

    about: Mapped[str] = mapped_column(Text, default="")
    employer: Mapped[str | None] = mapped_column(String(80))
    capacity: Mapped[int] = mapped_column(default=1)
    across: Mapped[bool] = mapped_column(default=False)
    """Whether the offer goes to mentees of other organisations as well."""


class Mentee(Profile, Base):
    """A learner who wants a mentor; `state` is one of lifecycle.MENTEE."""

    __tablename__ = "mentoring_mentee"
    __table_args__ = of_user(Index(None, "tenant_id", "state"))

    genders: Mapped[list[str]] = mapped_column(default=list)
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]
    wishes: Mapped[list[str]] = mapped_column(default=list)
    """User ids of mentors, dearest first."""
    shares: Mapped[list[str]] = mapped_column(default=list)
    """What the mentor may see, of mentees.SHARES; empty until the mentee chooses."""


class ScreeningCheck(UserRow, Base):
    """One check of one mentor: the state, the day and who looked; no document is kept."""

    __tablename__ = "mentoring_screening"
    __table_args__ = of_user()

    check: Mapped[str] = mapped_column(String(16), primary_key=True)
    """identity, references or record."""
    state: Mapped[str] = mapped_column(String(16))
    checked_on: Mapped[date]
    valid_until: Mapped[date | None]
    checker_id: Mapped[str] = mapped_column(ID)


class TrainingUnit(UserRow, Base):
    """A unit of the training that a mentor finished."""

    __tablename__ = "mentoring_training"
    __table_args__ = of_user()

    unit: Mapped[str] = mapped_column(String(16), primary_key=True)
    done_at: Mapped[datetime] = mapped_column(default=utcnow)


class Consent(TenantRow, Base):
    """One yes to one version of one text, of the mentee or of a guardian; ended, never changed."""

    __tablename__ = "mentoring_consent"
    __table_args__ = of_user(Index(None, "tenant_id", "user_id"))

    user_id: Mapped[str] = mapped_column(ID)
    given_by: Mapped[str] = mapped_column(String(8))
    """self or guardian."""
    text: Mapped[str] = mapped_column(String(32))
    version: Mapped[int]
    locale: Mapped[str] = mapped_column(String(16))
    paper: Mapped[str | None] = mapped_column(String(40))
    """The coordinator's file number of a guardian's signature; no name."""
    given_at: Mapped[datetime] = mapped_column(default=utcnow)
    withdrawn_at: Mapped[datetime | None]


class Event(TenantRow, Base):
    """What changed, by whom, when, with a reason's code; rows are added and never changed."""

    __tablename__ = "mentoring_event"
    __table_args__ = (Index(None, "tenant_id", "kind", "subject_id"), Index(None, "user_id"))

    kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(ID)
    verb: Mapped[str] = mapped_column(String(24))
    before: Mapped[str | None] = mapped_column(String(16))
    after: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    user_id: Mapped[str | None] = mapped_column(ID)
    """Who did it, maybe of another organisation; None: the schedule."""
    at: Mapped[datetime]


class Notice(TenantRow, Base):
    """Something that waits for somebody, said without detail; once for each occasion."""

    __tablename__ = "mentoring_notice"
    __table_args__ = of_user(
        UniqueConstraint("tenant_id", "user_id", "kind", "occasion"),
        Index(None, "tenant_id", "user_id", "seen_at"),
    )

    user_id: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(String(24))
    occasion: Mapped[str] = mapped_column(String(80))
    """What it is about, by id, so that the same occasion never tells twice."""
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
