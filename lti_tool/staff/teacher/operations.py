"""What a teacher sees of one activity."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.learner.models import Progress
from lti_tool.lti.sessions import Launch
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.outbox.operations import rearm
from lti_tool.people.models import Membership, User
from lti_tool.people.roles import Role
from lti_tool.staff.teacher.models import RosterEntry
from lti_tool.staff.teacher.roster import left_the_course, names_on_roster, on_roster

STUCK, ON_THE_WAY, NOT_BEGUN, FINISHED = GROUPS = ("stuck", "way", "new", "done")
"""In the order in which learners may need their teacher."""
PAGE = 50
"""Learners on a page of one group."""
PREVIEW = 10
"""Learners of a group on the first page, where all together are more than `PAGE`."""


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """One learner of the course: how far, since when, and what became of the grade."""

    sub: str
    name: str | None
    percent: int = 0
    updated_at: datetime | None = None
    completed_at: datetime | None = None
    delivery_id: str | None = None
    grade_state: str | None = None
    grade_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Learners who are equally far: how many there are, and those on this page."""

    key: str
    count: int
    learners: list[LearnerRow]


@dataclass(frozen=True, slots=True)
class Overview:
    """The groups in their order, empty ones left out; `pages` counts those of a single group."""

    groups: list[Group]
    page: int = 1
    pages: int = 1

    @property
    def namesakes(self) -> set[str]:
        """Names that more than one learner of the page has."""
        names = Counter(row.name for group in self.groups for row in group.learners)
        return {name for name, count in names.items() if name and count > 1}


def overview(session: Session, launch: Launch, only: str | None = None, page: int = 1) -> Overview:
    """Return who opened this activity and who is on the course list.

    Small courses come whole; of large ones `PREVIEW` learners of each group, and `PAGE` at a time
    of the group `only`. Who left the course, by its list, is not shown.
    """
    counts, fresh = _counts(session, launch)
    if only in counts:
        pages = max(-(-counts[only] // PAGE), 1)
        page = min(max(page, 1), pages)
        rows = _rows(session, launch, only, fresh, PAGE, (page - 1) * PAGE)
        return Overview([Group(only, counts[only], rows)], page, pages)
    limit = PAGE if sum(counts.values()) <= PAGE else PREVIEW
    return Overview(
        [
            Group(key, counts[key], _rows(session, launch, key, fresh, limit, 0))
            for key in GROUPS
            if counts[key]
        ]
    )


def _counts(session: Session, launch: Launch) -> tuple[dict[str, int], list[str]]:
    """Return how many learners each group has, and who has not begun."""
    begun = session.execute(
        _begun(launch, _GROUP.label("key"), func.count().label("learners")).group_by("key")
    )
    fresh = sorted(_not_begun(session, launch), key=_by_number)
    counts = Counter({row.key: row.learners for row in begun})
    return {key: counts[key] for key in GROUPS} | {NOT_BEGUN: len(fresh)}, fresh


def _by_number(sub: str) -> tuple[int, str]:
    return len(sub), sub


_GROUP = case(
    (ScoreDelivery.state == "parked", STUCK),
    (Progress.completed_at.is_not(None), FINISHED),
    else_=ON_THE_WAY,
)


_Column = ColumnElement[Any] | InstrumentedAttribute[Any]


def _begun(launch: Launch, *columns: _Column) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Progress)
        .join(User, (User.tenant_id == Progress.tenant_id) & (User.id == Progress.user_id))
        .join(
            ScoreDelivery,
            (ScoreDelivery.tenant_id == Progress.tenant_id)
            & (ScoreDelivery.user_id == Progress.user_id)
            & (ScoreDelivery.resource_link_id == Progress.resource_link_id),
            isouter=True,
        )
        .where(
            Progress.tenant_id == launch.tenant_id,
            Progress.resource_link_id == launch.resource_link_id,
            ~left_the_course(launch, User.sub),
        )
    )


def _rows(
    session: Session, launch: Launch, key: str, fresh: list[str], limit: int, offset: int
) -> list[LearnerRow]:
    if key == NOT_BEGUN:
        subs = fresh[offset : offset + limit]
        names = names_on_roster(session, launch, subs)
        return [LearnerRow(sub, names[sub]) for sub in subs]
    query = (
        _begun(
            launch,
            User.sub,
            User.name,
            Progress.percent,
            Progress.updated_at,
            Progress.completed_at,
            ScoreDelivery.id,
            ScoreDelivery.state,
            ScoreDelivery.reason,
        )
        .where(_GROUP.in_([key]))
        .order_by(
            # Who has been still the longest comes first, of the finished who came last.
            Progress.updated_at.desc() if key == FINISHED else Progress.updated_at,
            User.id,
        )
    )
    return [LearnerRow(*row) for row in session.execute(query.limit(limit).offset(offset))]


def _not_begun(session: Session, launch: Launch) -> list[str]:
    """Return the learners of the course list without progress here.

    Staff are known by their launches too: a roster of Moodle calls a non-editing teacher a learner.
    """
    rows = session.execute(
        select(RosterEntry.sub, RosterEntry.roles, Membership.roles)
        .outerjoin(
            User,
            (User.tenant_id == RosterEntry.tenant_id)
            & (User.platform_id == launch.platform_id)
            & (User.sub == RosterEntry.sub),
        )
        .outerjoin(
            Membership,
            (Membership.tenant_id == RosterEntry.tenant_id)
            & (Membership.context_id == RosterEntry.context_id)
            & (Membership.user_id == User.id),
        )
        .outerjoin(
            Progress,
            (Progress.tenant_id == RosterEntry.tenant_id)
            & (Progress.resource_link_id == launch.resource_link_id)
            & (Progress.user_id == User.id),
        )
        .where(on_roster(launch), RosterEntry.left_at.is_(None), Progress.id.is_(None))
    )
    return [
        sub for sub, listed, launched in rows if not {*listed, *(launched or ())} - {Role.LEARNER}
    ]


def names_of(session: Session, launch: Launch, user_ids: list[str]) -> dict[str, tuple[str, str]]:
    """Return {user id: (name or nothing, number at the course site)}."""
    rows = session.execute(
        select(User.id, User.name, User.sub).where(
            User.tenant_id == launch.tenant_id, User.id.in_(user_ids)
        )
    )
    return {user_id: (name or "", sub) for user_id, name, sub in rows}


def send_again(session: Session, launch: Launch, delivery_id: str, now: datetime) -> None:
    """Try the grade of one learner of this activity again.

    Raises:
        NoResultFound: the grade belongs to another activity, or there is none.
    """
    row = session.get_one(ScoreDelivery, (launch.tenant_id, delivery_id))
    if row.resource_link_id != launch.resource_link_id:
        raise NoResultFound
    rearm(session, launch.tenant_id, delivery_id, now)
