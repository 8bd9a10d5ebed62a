"""The mirror: what a Moodle told us, and how far we have read.

Moodle's own ids are kept as text, as LTI writes them: `MoodleMember.user_id` is the `sub` of a
launch, `course_id` its context id, `lti_id` its resource-link id. People are ids; a name is kept
only where the site says so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from config.clock import utcnow
from config.database import ID, Base
from config.ids import new_id

MOODLE_ID = String(20)
"""A Moodle id as text."""


class MoodleSite(Base):
    """One Moodle and the web-service account with which we read it.

    `state` is active, paused (asks again by itself at `paused_until`) or stopped (waits for a
    person; `stop_reason` says why). `tier` is 1 (a call for each course and person) or 2 (reports
    in bulk). `generation` numbers the full sweeps. `rights` is the fingerprint of what the account
    could see in the newest sweep. `lease_fence` rises with each run, so that a run which lost the
    site can write nothing more.
    """

    __tablename__ = "moodle_site"
    __table_args__ = (UniqueConstraint("tenant_id", "platform_id"),)

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    platform_id: Mapped[str] = mapped_column(ID)
    issuer: Mapped[str] = mapped_column(String(255))
    wwwroot: Mapped[str] = mapped_column(String(255))
    sealed_token: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="active")
    stop_reason: Mapped[str | None] = mapped_column(String(255))
    paused_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    tier: Mapped[int] = mapped_column(default=1)
    report_id: Mapped[int | None] = mapped_column(BigInteger)
    release: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    service_user_id: Mapped[str | None] = mapped_column(MOODLE_ID)
    functions: Mapped[list[str]] = mapped_column(default=list)
    rights: Mapped[str] = mapped_column(String(64), default="")
    keep_names: Mapped[bool] = mapped_column(default=False)
    canary_course: Mapped[str | None] = mapped_column(MOODLE_ID)
    scope: Mapped[list[str] | None]
    """Ids of the courses to read; None for all that the account may read."""
    generation: Mapped[int] = mapped_column(default=0)
    interval_minutes: Mapped[int] = mapped_column(default=60)
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]
    """Hours of the day (UTC) between which no run begins by itself."""
    next_due_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_full_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_fence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class SiteRow:
    """The key of a row that belongs to a site: tenant and site come first."""

    @declared_attr
    @classmethod
    def tenant_id(cls) -> Mapped[str]:
        return mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)

    @declared_attr
    @classmethod
    def site_id(cls) -> Mapped[str]:
        return mapped_column(ID, primary_key=True)


def _of_site(*more: Any) -> tuple[Any, ...]:  # noqa: ANN401 - table arguments of many kinds
    site = ForeignKeyConstraint(
        ["tenant_id", "site_id"],
        ["moodle_site.tenant_id", "moodle_site.id"],
        ondelete="CASCADE",
    )
    return (site, *more)


class Presence:
    """Whether Moodle still lists the thing.

    `presence` is present, missing (absent from one complete sweep) or gone (absent from two).
    `missing_generation` is the sweep in which it was missed first.
    """

    presence: Mapped[str] = mapped_column(String(8), default="present")
    missing_generation: Mapped[int | None]
    missing_since: Mapped[datetime | None]
    generation: Mapped[int] = mapped_column(default=0)
    """The newest sweep that saw it."""


class MoodleCourse(Presence, SiteRow, Base):
    """A course. `held` counts the leavers that the drop guard keeps, until a person says go."""

    __tablename__ = "moodle_course"
    __table_args__ = _of_site()

    course_id: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    shortname: Mapped[str] = mapped_column(String(255))
    fullname: Mapped[str] = mapped_column(String(1333))
    accessible: Mapped[bool] = mapped_column(default=True)
    visible: Mapped[bool] = mapped_column(default=True)
    tracks_completion: Mapped[bool] = mapped_column(default=True)
    group_mode: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    held: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None]
    """When its activities were read."""


class MoodleGroup(Presence, SiteRow, Base):
    """A group of a course."""

    __tablename__ = "moodle_group"
    __table_args__ = _of_site(Index(None, "tenant_id", "site_id", "course_id"))

    group_id: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    course_id: Mapped[str] = mapped_column(MOODLE_ID)
    name: Mapped[str] = mapped_column(String(255))


class MoodleMember(Presence, SiteRow, Base):
    """A person in a course. `status` is active, suspended, or unknown where we may not see it.

    Someone who comes back keeps the row and with it everything that hangs on it.
    """

    __tablename__ = "moodle_member"
    __table_args__ = _of_site(
        Index(None, "tenant_id", "site_id", "user_id"),
        Index(None, "tenant_id", "site_id", "details_read_at"),
    )

    course_id: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    name: Mapped[str | None] = mapped_column(String(255))
    roles: Mapped[list[str]]
    group_ids: Mapped[list[str]]
    status: Mapped[str] = mapped_column(String(12), default="active")
    methods: Mapped[list[str]]
    enrolled_at: Mapped[datetime | None]
    last_access: Mapped[datetime | None]
    details_read_at: Mapped[datetime | None]
    """When completion and grades were read, by Moodle's clock; None for never."""


class MoodleActivity(Presence, SiteRow, Base):
    """An activity; `lti_id` is the resource-link id of a placement of ours or another tool's."""

    __tablename__ = "moodle_activity"
    __table_args__ = _of_site(
        Index(None, "tenant_id", "site_id", "course_id"),
        Index(None, "tenant_id", "site_id", "lti_id"),
    )

    cmid: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    course_id: Mapped[str] = mapped_column(MOODLE_ID)
    modname: Mapped[str] = mapped_column(String(64))
    instance: Mapped[str] = mapped_column(MOODLE_ID)
    name: Mapped[str] = mapped_column(String(1333))
    tracking: Mapped[int]
    visible: Mapped[bool]
    lti_id: Mapped[str | None] = mapped_column(MOODLE_ID)


class MoodleCompletion(SiteRow, Base):
    """A person's completion of an activity: 0 not done, 1 done, 2 passed, 3 failed."""

    __tablename__ = "moodle_completion"
    __table_args__ = _of_site(Index(None, "tenant_id", "site_id", "course_id", "user_id"))

    cmid: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    course_id: Mapped[str] = mapped_column(MOODLE_ID)
    state: Mapped[int]
    completed_at: Mapped[datetime | None]
    overridden: Mapped[bool]


class MoodleCourseCompletion(SiteRow, Base):
    """A person's completion of a course; `progress` is in percent where Moodle tells it."""

    __tablename__ = "moodle_course_completion"
    __table_args__ = _of_site()

    course_id: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    completed: Mapped[bool]
    completed_at: Mapped[datetime | None]
    progress: Mapped[float | None]


class MoodleGrade(SiteRow, Base):
    """A person's grade for one column of the gradebook; `raw` is None where there is none."""

    __tablename__ = "moodle_grade"
    __table_args__ = _of_site(Index(None, "tenant_id", "site_id", "course_id", "user_id"))

    item_id: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    course_id: Mapped[str] = mapped_column(MOODLE_ID)
    cmid: Mapped[str | None] = mapped_column(MOODLE_ID)
    kind: Mapped[str] = mapped_column(String(16))
    module: Mapped[str | None] = mapped_column(String(64))
    raw: Mapped[float | None]
    minimum: Mapped[float]
    maximum: Mapped[float]
    graded_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    hidden: Mapped[bool]


class MoodleCursor(SiteRow, Base):
    """How far a stream has been read; committed together with the page that it stands for.

    `since` is on Moodle's clock (Unix seconds). `state` is the stream's own: the next page, what
    was counted so far. `done` tells that `generation` was read to its end.
    """

    __tablename__ = "moodle_cursor"
    __table_args__ = _of_site()

    stream: Mapped[str] = mapped_column(String(32), primary_key=True)
    scope: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    generation: Mapped[int]
    done: Mapped[bool] = mapped_column(default=False)
    since: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class MoodleSighting(SiteRow, Base):
    """A row of a sweep that is not complete yet; the mirror learns of it when the sweep is whole.

    `part` tells apart the rows of one person in one course (methods, roles, lists).
    """

    __tablename__ = "moodle_sighting"
    __table_args__ = _of_site()

    stream: Mapped[str] = mapped_column(String(32), primary_key=True)
    course_id: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(MOODLE_ID, primary_key=True)
    part: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen: Mapped[list[Any]]


class MoodleRun(Base):
    """One run of the sync and its balance.

    `status` is running, done, paused (Moodle asked for patience), failed, stopped (waits for a
    person) or lost (died, or lost the site to another run). `moodle_seconds` is the time that
    Moodle's answers took.
    """

    __tablename__ = "moodle_run"
    __table_args__ = _of_site(Index(None, "tenant_id", "site_id", "started_at"))

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    site_id: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16), default="running")
    tier: Mapped[int]
    generation: Mapped[int]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    notes: Mapped[list[str]] = mapped_column(default=list)
    requests: Mapped[int] = mapped_column(default=0)
    moodle_seconds: Mapped[float] = mapped_column(default=0.0)
    error: Mapped[str | None] = mapped_column(String(255))
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    heartbeat_at: Mapped[datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[datetime | None]


class MoodleChange(Base):
    """A difference that a run found; the first filling of a table is only counted, not listed.

    `kind` is added, changed, missing, gone or back. `before` and `after` hold the columns that
    differ.
    """

    __tablename__ = "moodle_change"
    __table_args__ = _of_site(Index(None, "tenant_id", "site_id", "run_id"))

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    site_id: Mapped[str] = mapped_column(ID)
    run_id: Mapped[str] = mapped_column(ID)
    entity: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(default=utcnow)


class MoodleCapability(SiteRow, Base):
    """What the newest check found about one function: `ok`, or Moodle's code for its refusal."""

    __tablename__ = "moodle_capability"
    __table_args__ = _of_site()

    function: Mapped[str] = mapped_column(String(100), primary_key=True)
    result: Mapped[str] = mapped_column(String(100))
    checked_at: Mapped[datetime] = mapped_column(default=utcnow)


class MoodleIntent(Base):
    """Something that a Moodle should come to hold, once, whatever fails on the way.

    `natural_key` names the effect within its kind: asking for the same effect again is the same
    row. `state` is waiting, sending, done or parked (needs a hand; `reason` says why). `sent` is
    committed before a request goes out and taken back only when Moodle said no, so a row with
    `sent` may have had its effect: it is looked for before anything is sent again.
    """

    __tablename__ = "moodle_intent"
    __table_args__ = _of_site(
        UniqueConstraint("tenant_id", "site_id", "kind", "natural_key"),
        Index(None, "state", "due_at"),
    )

    tenant_id: Mapped[str] = mapped_column(ID, ForeignKey("tenant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    site_id: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(String(16))
    natural_key: Mapped[str] = mapped_column(String(190))
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    sent: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(String(400))
    due_at: Mapped[datetime] = mapped_column(default=utcnow)
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    settled_at: Mapped[datetime | None]


class MoodleOwned(SiteRow, Base):
    """An object in a Moodle that we made, and so may change: an enrolment, a group, an event.

    `details` is what we wrote of it, because Moodle does not tell all of it back (the dates of an
    enrolment).
    """

    __tablename__ = "moodle_owned"
    __table_args__ = _of_site()

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    natural_key: Mapped[str] = mapped_column(String(190), primary_key=True)
    moodle_id: Mapped[str | None] = mapped_column(MOODLE_ID)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
