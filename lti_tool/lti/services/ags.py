"""Scores out, results back (AGS 2.0 §3.3, §3.4)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.http import HttpProtocolError, HttpResponse
from lti_tool.lti.quirks import for_product
from lti_tool.lti.services.client import Call, read_json, send
from lti_tool.lti.services.lineitems import json_list, whole
from lti_tool.lti.services.links import below
from lti_tool.lti.services.outcome import Outcome, ServiceFailed, server_time
from lti_tool.lti.services.pages import read_pages
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.services import Services

SCORE = "application/vnd.ims.lis.v1.score+json"
RESULT_CONTAINER = "application/vnd.ims.lis.v2.resultcontainer+json"

SCOPE_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCOPE_RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"

FULLY_GRADED = "FullyGraded"


@dataclass(frozen=True, slots=True)
class ScoreAnswer:
    """What became of a score.

    `detail` is a short code without personal data. `retry_after` is in seconds, `server_time` the
    platform's clock; each None where the platform did not say.
    """

    kind: Outcome
    detail: str = ""
    retry_after: int | None = None
    server_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The grade that a platform holds for one person; `score` None: it holds none."""

    user_sub: str
    score: float | None
    maximum: float | None
    comment: str
    timestamp: datetime | None


def post_score(
    services: Services,
    platform: PlatformRef,
    lineitem_url: str,
    *,
    user_sub: str,
    score: float | None,
    score_maximum: float,
    comment: str,
    timestamp: datetime,
    activity_progress: str,
    grading_progress: str,
    submission: Mapping[str, str] | None = None,
) -> ScoreAnswer:
    """Send one score and return what became of it; nothing is raised for an answer of any kind.

    `score` is in points out of `score_maximum` and is cut to that range, None for progress alone.
    `timestamp` is sent in whole seconds. `submission` holds `startedAt` and `submittedAt`.
    """
    if not for_product(platform.product).ungraded_progress and grading_progress != FULLY_GRADED:
        return ScoreAnswer(Outcome.ACCEPTED, "not sent: it would erase the grade")
    body: dict[str, Any] = {
        "userId": user_sub,
        "activityProgress": activity_progress,
        "gradingProgress": grading_progress,
        "timestamp": timestamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if score is not None:
        body["scoreGiven"] = whole(_within(score, score_maximum))
        body["scoreMaximum"] = whole(score_maximum)
    if comment:
        body["comment"] = comment
    if submission:
        body["submission"] = dict(submission)
    call = Call(
        "POST", below(lineitem_url, "scores"), (SCOPE_SCORE,), content_type=SCORE, body=body
    )
    try:
        return _settle(send(services, platform, call))
    except ServiceFailed as failure:
        return ScoreAnswer(
            failure.outcome, failure.detail, failure.retry_after, failure.server_time
        )


def _within(score: float, maximum: float) -> float:
    if not (math.isfinite(score) and math.isfinite(maximum) and maximum > 0):
        raise ValueError("a score needs a finite number and a positive maximum")
    return min(max(score, 0.0), maximum)


def _settle(response: HttpResponse) -> ScoreAnswer:
    """Tell a success from what only has a success's status.

    Moodle's success is an empty body, other platforms answer with an object of their own. `[]` is
    a refusal whose status line was lost, HTML is a maintenance page.
    """
    clock = server_time(response)
    if response.media_type == "text/html" or not _empty_or_object(response):
        return ScoreAnswer(Outcome.UNKNOWN, f"{response.status} without success", server_time=clock)
    return ScoreAnswer(Outcome.ACCEPTED, str(response.status), server_time=clock)


def _empty_or_object(response: HttpResponse) -> bool:
    if not response.body.strip():
        return True
    try:
        return isinstance(response.json(), dict)
    except HttpProtocolError:
        return False


def get_result(
    services: Services, platform: PlatformRef, lineitem_url: str, user_sub: str
) -> Result | None:
    """Return the grade that the platform holds for one person, None where it knows of none.

    Raises:
        ServiceFailed: the results could not be read.
    """
    for result in _results(services, platform, lineitem_url, {"user_id": user_sub}):
        if result.user_sub == user_sub:
            return result
    return None


def list_results(services: Services, platform: PlatformRef, lineitem_url: str) -> list[Result]:
    """Return the grades of a column; people without a grade are not in it.

    Raises:
        ServiceFailed: the results could not be read whole.
    """
    return _results(services, platform, lineitem_url, {})


def _results(
    services: Services, platform: PlatformRef, lineitem_url: str, filters: dict[str, str]
) -> list[Result]:
    quirks = for_product(platform.product)
    limit = {"limit": str(quirks.container_limit)} if quirks.container_limit else {}
    call = Call(
        "GET",
        below(lineitem_url, "results"),
        (SCOPE_RESULT,),
        accept=RESULT_CONTAINER,
        params={**filters, **limit} or None,
    )
    return [
        _read_result(item, zero=quirks.empty_result_is_zero)
        for response in read_pages(services, platform, call, keep=filters)
        for item in json_list(read_json(response, RESULT_CONTAINER))
    ]


def _read_result(value: object, *, zero: bool) -> Result:
    if not isinstance(value, dict) or not isinstance(value.get("userId"), str | int):
        raise ServiceFailed(Outcome.UNKNOWN, "not a result")
    score, maximum = value.get("resultScore"), value.get("resultMaximum")
    empty = 0.0 if zero else None
    return Result(
        user_sub=str(value["userId"]),
        score=float(score) if isinstance(score, int | float) else empty,
        maximum=float(maximum) if isinstance(maximum, int | float) else None,
        comment=str(value.get("comment") or ""),
        timestamp=_moment(value.get("timestamp")),
    )


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
