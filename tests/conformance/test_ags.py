"""Assignment and Grade Services, 21 checks by the names of the certification guide.

LTI Advantage Conformance Certification Guide 1.3 (1EdTech, 16 April 2019), "Tool Conformance":
the tool lists the (empty) line items, makes one, sends a score and reads the result.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lti_tool.lti.services.ags import Result, ScoreAnswer, get_result, post_score
from lti_tool.lti.services.lineitems import LineItem, create_lineitem, list_lineitems
from lti_tool.lti.services.outcome import Outcome
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.services import Services
from tests.lti_tool.lti.services.stub import (
    Reply,
    Seen,
    StubPlatform,
    add_platform_row,
    add_tenant,
    decode,
    running_platform,
    running_services,
)

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINEITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
LINEITEM = "application/vnd.ims.lis.v2.lineitem+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
BASE = "/mod/lti/services.php/2/lineitems"
AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass
class Journey:
    """What the tool did at the platform, and what it understood."""

    services: Services
    platform: PlatformRef
    stub: StubPlatform
    listed: list[LineItem]
    made: LineItem
    score: ScoreAnswer
    result: Result | None

    @property
    def calls(self) -> list[Seen]:
        """List, create, score, result."""
        return self.stub.calls()

    def scopes(self, number: int) -> set[str]:
        """The scopes of the token that a call carried."""
        token = self.calls[number].headers["authorization"].removeprefix("Bearer t")
        return set(self.stub.token_calls()[int(token) - 1].form["scope"].split())


def _reference_platform(stub: StubPlatform) -> None:
    made = {"id": f"{stub.url}{BASE}/7?x=y", "label": "Mentoring", "scoreMaximum": 60}
    result = {"id": "r", "userId": "5323497", "resultScore": 0.83, "resultMaximum": 1}
    stub.on("GET", BASE, Reply(200, "[]", {"Content-Type": LINEITEMS}))
    stub.on("POST", BASE, Reply(201, json.dumps(made), {"Content-Type": LINEITEM}))
    stub.on("POST", f"{BASE}/7/scores", Reply(200, "", {}))
    stub.on("GET", f"{BASE}/7/results", Reply(200, json.dumps([result]), {"Content-Type": RESULTS}))


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    folder: Path = tmp_path_factory.mktemp("ags")
    with running_platform() as stub, running_services(folder, stub.url) as services:
        _reference_platform(stub)
        tenant = add_tenant(services, "one")
        platform = add_platform_row(services, tenant, stub.url, product="imsglc")
        url = f"{stub.url}{BASE}"
        listed = list_lineitems(services, platform, url)
        made = create_lineitem(
            services, platform, url, LineItem("Mentoring", 60, resource_id="m", tag="grade")
        )
        score = post_score(
            services,
            platform,
            made.id,
            user_sub="5323497",
            score=0.83,
            score_maximum=1,
            comment="This is exceptional work.",
            timestamp=AT,
            activity_progress="Completed",
            grading_progress="FullyGraded",
        )
        result = get_result(services, platform, made.id, "5323497")
        yield Journey(services, platform, stub, listed, made, score, result)


def _request(number: int, method: str, path: str) -> Callable[[Journey], bool]:
    return lambda j: (j.calls[number].method, j.calls[number].path) == (method, BASE + path)


def _header(number: int, name: str, value: str) -> Callable[[Journey], bool]:
    return lambda j: j.calls[number].headers[name] == value


def _bearer(number: int) -> Callable[[Journey], bool]:
    return lambda j: j.calls[number].headers["authorization"].startswith("Bearer t")


def _scope(number: int, *scopes: str) -> Callable[[Journey], bool]:
    return lambda j: j.scopes(number) == {AGS + scope for scope in scopes}


def _affirm(journey: Journey) -> bool:
    sent = journey.calls[2].json
    assertion = journey.stub.token_calls()[0].form["client_assertion"]
    return (
        len(journey.calls) == 4
        and journey.calls[2].raw_query == "x=y"
        and (sent["userId"], sent["scoreGiven"], sent["scoreMaximum"]) == ("5323497", 0.83, 1)
        and (sent["activityProgress"], sent["gradingProgress"]) == ("Completed", "FullyGraded")
        and sent["timestamp"] == "2026-11-24T12:00:00Z"
        and decode(journey.services, assertion).claims["sub"] == journey.platform.client_id
    )


CHECKS: dict[str, Callable[[Journey], bool]] = {
    "GET line items: request received": _request(0, "GET", ""),
    "GET line items: Accept header": _header(0, "accept", LINEITEMS),
    "GET line items: bearer token": _bearer(0),
    "GET line items: scope": _scope(0, "lineitem.readonly"),
    "GET line items: response (empty) understood": lambda j: j.listed == [],
    "POST line item: request received": _request(1, "POST", ""),
    "POST line item: Content-Type header": _header(1, "content-type", LINEITEM),
    "POST line item: bearer token": _bearer(1),
    "POST line item: scope": _scope(1, "lineitem"),
    "POST line item: response understood": lambda j: j.made.id.endswith(f"{BASE}/7?x=y"),
    "POST score: request received": _request(2, "POST", "/7/scores"),
    "POST score: Content-Type header": _header(2, "content-type", SCORE),
    "POST score: bearer token": _bearer(2),
    "POST score: scope": _scope(2, "score"),
    "POST score: response understood": lambda j: j.score.kind is Outcome.ACCEPTED,
    "GET result: request received": _request(3, "GET", "/7/results"),
    "GET result: Accept header": _header(3, "accept", RESULTS),
    "GET result: bearer token": _bearer(3),
    "GET result: scope": _scope(3, "result.readonly"),
    "GET result: response understood": lambda j: j.result is not None and j.result.score == 0.83,
    "Affirm: what was sent is what was meant": _affirm,
}


def test_the_suite_is_complete() -> None:
    assert len(CHECKS) == 21


@pytest.mark.parametrize("name", CHECKS)
def test_ags(journey: Journey, name: str) -> None:
    assert CHECKS[name](journey)
