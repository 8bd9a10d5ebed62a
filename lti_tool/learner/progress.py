"""Progress and the grade that follows from it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config.ids import new_id
from lti_tool.learner.models import Progress
from lti_tool.lti.models import ResourceLink
from lti_tool.lti.sessions import Launch
from lti_tool.outbox.operations import record_score


def is_complete(session: Session, launch: Launch) -> bool:
    """Whether nothing is left to report for the activity of this launch."""
    if not launch.is_learner or launch.resource_link_id is None:
        return True
    row = session.scalar(_query(launch))
    return row is not None and row.completed_at is not None


def _query(launch: Launch) -> Select[Progress]:
    return select(Progress).where(
        Progress.tenant_id == launch.tenant_id,
        Progress.resource_link_id == launch.resource_link_id,
        Progress.user_id == launch.user_id,
    )


def _locked(launch: Launch) -> Select[Progress]:
    # Of two answers at once, the one further back must not overwrite the other.
    return _query(launch).with_for_update().execution_options(populate_existing=True)


def _begin(session: Session, launch: Launch, module: str, now: datetime) -> Progress:
    """Insert the row, unless another request of the same learner does so at this moment."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(Progress)
        .values(
            id=new_id(),
            tenant_id=launch.tenant_id,
            resource_link_id=launch.resource_link_id,
            user_id=launch.user_id,
            module=module,
            percent=0,
            started_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(_locked(launch)).one()


def advance(
    session: Session, launch: Launch, module: str, percent: int, comment: str, now: datetime
) -> None:
    """Note that the learner of `launch` has come `percent` of the way through `module`.

    Never goes back, so visiting again lowers nothing. The score for the platform joins the same
    transaction: with grading "completion" when the end is reached, with "progress" at each step.
    Staff who look at a module leave no trace. A learner may walk from one module into another:
    the activity in the course is graded for the module it was made for, and for no other.
    """
    if not launch.is_learner or launch.resource_link_id is None or launch.module != module:
        return
    row = session.scalar(_locked(launch)) or _begin(session, launch, module, now)
    percent = min(max(percent, 0), 100)
    if percent <= row.percent:
        return
    row.percent = percent
    row.updated_at = now
    if percent == 100:
        row.completed_at = now
    link = session.get_one(ResourceLink, (launch.tenant_id, launch.resource_link_id))
    if percent == 100 or link.settings.get("grading") == "progress":
        record_score(session, launch, score=float(percent), comment=comment, now=now)
