"""Sending one score: find its column, post it, and look twice where the answer is not enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from config.clock import utcnow
from lti_tool.lti.services.ags import FULLY_GRADED, Result, ScoreAnswer, get_result, post_score
from lti_tool.lti.services.lineitems import find_lineitem
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.outbox.settle import Sent, time_above
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
    platform_failures: int
    resource_link_id: str
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

    @property
    def sent(self) -> Sent:
        """The part that an answer is settled by."""
        return Sent(self.score, self.score_at, self.attempts, self.waiting_since)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a job: the answer, the grade that stands after a 409, the column's address."""

    answer: ScoreAnswer
    stored: Result | None = None
    lineitem_url: str | None = None


def deliver(services: Services, job: Job) -> Delivery:
    """Send a score; every failure is an answer, nothing is raised for what a platform does.

    A column that the launch did not name, or that is gone from where it was, is looked for by its
    activity: a course that was restored or imported has the same activity with other addresses.
    """
    if job.lineitem_url is not None:
        delivery = _send(services, job, job.lineitem_url)
        if delivery.answer.kind is not Outcome.GONE:
            return delivery
    try:
        found = _find_column(services, job)
    except ServiceFailed as failure:
        return Delivery(_failed(failure))
    if found is None or found == job.lineitem_url:
        return Delivery(ScoreAnswer(Outcome.GONE, "no column"))
    return _send(services, job, found)


def _send(services: Services, job: Job, url: str) -> Delivery:
    answer = _post(services, job, url, job.score_at)
    if answer.kind is not Outcome.OLDER:
        return Delivery(answer, None, url)
    stored = _read_back(services, job, url)
    later = time_above(job.sent, answer, stored, utcnow()) if stored else None
    if later is not None:
        # The row keeps the true time: if this answer is lost, the same is found out again.
        answer = _post(services, job, url, later)
        if answer.kind is Outcome.OLDER:
            stored = _read_back(services, job, url)
    return Delivery(answer, stored, url)


def _post(services: Services, job: Job, url: str, timestamp: datetime) -> ScoreAnswer:
    return post_score(
        services,
        job.platform,
        url,
        user_sub=job.user_sub,
        score=job.score,
        score_maximum=MAXIMUM,
        comment=job.comment,
        timestamp=timestamp,
        activity_progress=job.activity_progress,
        grading_progress=FULLY_GRADED,
    )


def _read_back(services: Services, job: Job, url: str) -> Result | None:
    """Return the grade that stands, an empty one where there is none, None if it cannot be read."""
    try:
        stored = get_result(services, job.platform, url, job.user_sub)
    except ServiceFailed:
        return None
    return stored or Result(job.user_sub, None, None, "", None)


def _find_column(services: Services, job: Job) -> str | None:
    if job.lineitems_url is None:
        return None
    item = find_lineitem(
        services, job.platform, job.lineitems_url, resource_link_id=job.link_lti_id
    )
    return item.id if item else None


def _failed(failure: ServiceFailed) -> ScoreAnswer:
    return ScoreAnswer(failure.outcome, failure.detail, failure.retry_after, failure.server_time)
