"""Sending one score: find its column, post it, and look twice where the answer is not enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lti_tool.lti.services.ags import FULLY_GRADED, Result, ScoreAnswer, get_result, post_score
from lti_tool.lti.services.lineitems import find_lineitem
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.services import Services

MAXIMUM = 100.0


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed delivery as plain data, so that no transaction is open while it is sent."""

    tenant_id: str
    id: str
    fence: int
    seq: int
    platform: PlatformRef
    platform_active: bool
    user_sub: str
    link_lti_id: str
    lineitem_url: str | None
    lineitems_url: str | None
    score: float
    comment: str
    activity_progress: str
    score_at: datetime
    attempts: int
    waiting_since: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a job: the answer, the grade that stands after a 409, the column's address."""

    answer: ScoreAnswer
    stored: Result | None
    lineitem_url: str | None


def deliver(services: Services, job: Job) -> Delivery:
    """Send a score; every failure is an answer, nothing is raised for what a platform does."""
    try:
        url = job.lineitem_url or _find_column(services, job)
    except ServiceFailed as failure:
        return Delivery(_failed(failure), None, None)
    if url is None:
        return Delivery(ScoreAnswer(Outcome.GONE, "no column"), None, None)
    answer = post_score(
        services,
        job.platform,
        url,
        user_sub=job.user_sub,
        score=job.score,
        score_maximum=MAXIMUM,
        comment=job.comment,
        timestamp=job.score_at,
        activity_progress=job.activity_progress,
        grading_progress=FULLY_GRADED,
    )
    stored = None
    if answer.kind is Outcome.OLDER:
        try:
            stored = get_result(services, job.platform, url, job.user_sub)
        except ServiceFailed:
            stored = None
    return Delivery(answer, stored, url)


def _find_column(services: Services, job: Job) -> str | None:
    """Look a column up that the launch did not name."""
    if job.lineitems_url is None:
        return None
    item = find_lineitem(
        services, job.platform, job.lineitems_url, resource_link_id=job.link_lti_id
    )
    return item.id if item else None


def _failed(failure: ServiceFailed) -> ScoreAnswer:
    return ScoreAnswer(failure.outcome, failure.detail, failure.retry_after, failure.server_time)
