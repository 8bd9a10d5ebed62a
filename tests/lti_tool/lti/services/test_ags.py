from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from config.clock import utcnow
from config.database import TransactionOpen
from lti_tool.lti.services.ags import (
    RESULT_CONTAINER,
    SCOPE_RESULT,
    SCOPE_SCORE,
    SCORE,
    Result,
    ScoreAnswer,
    get_result,
    list_results,
    post_score,
)
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.services import Services
from tests.lti_tool.lti.services.stub import Reply, StubPlatform

LINEITEM_PATH = "/mod/lti/services.php/2/lineitems/2/lineitem"
SCORES = f"{LINEITEM_PATH}/scores"
RESULTS = f"{LINEITEM_PATH}/results"
AT = datetime(2026, 11, 24, 0, 14, 56, 789_000, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}
SCORE_TYPE = {"Content-Type": "application/vnd.ims.lis.v1.score+json; charset=utf-8"}


def send(
    services: Services, platform: PlatformRef, stub: StubPlatform, **changes: Any
) -> ScoreAnswer:
    values: dict[str, Any] = {
        "user_sub": "7",
        "score": 83.0,
        "score_maximum": 100.0,
        "comment": "Jól haladsz",
        "timestamp": AT,
        "activity_progress": "Completed",
        "grading_progress": "FullyGraded",
    }
    url = f"{stub.url}{LINEITEM_PATH}?type_id=1"
    return post_score(services, platform, url, **{**values, **changes})


def test_a_score_as_moodle_takes_it(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.replay("ags_score_ok")
    answer = send(services, moodle, stub)
    assert answer.kind is Outcome.ACCEPTED
    (seen,) = stub.calls()
    assert (seen.method, seen.path, seen.raw_query) == ("POST", SCORES, "type_id=1")
    assert seen.headers["content-type"] == SCORE
    assert seen.headers["authorization"] == "Bearer t1"
    assert seen.json == {
        "userId": "7",
        "scoreGiven": 83,
        "scoreMaximum": 100,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-11-24T00:14:56Z",
        "comment": "Jól haladsz",
    }
    assert stub.token_calls()[0].form["scope"] == SCOPE_SCORE


def test_the_body_is_one_line_of_ascii_whatever_the_comment(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.replay("ags_score_ok")
    send(services, moodle, stub, comment="one\r\ntwo\u2028three – Szép")
    (seen,) = stub.calls()
    assert seen.body.isascii()
    assert len(seen.body.splitlines()) == 1
    assert seen.json["comment"] == "one\r\ntwo\u2028three – Szép"


@pytest.mark.parametrize(
    ("score", "given"), [(-3.0, 0), (0.0, 0), (49.5, 49.5), (100.0, 100), (100.1, 100), (1e9, 100)]
)
def test_a_score_stays_between_nothing_and_the_maximum(
    services: Services, stub: StubPlatform, moodle: PlatformRef, score: float, given: float
) -> None:
    stub.replay("ags_score_ok")
    send(services, moodle, stub, score=score)
    assert stub.calls()[0].json["scoreGiven"] == given


@pytest.mark.parametrize(
    ("score", "maximum"), [(float("nan"), 100.0), (float("inf"), 100.0), (1.0, 0.0), (1.0, -1.0)]
)
def test_a_score_that_is_no_number_is_a_mistake_of_ours(
    services: Services, stub: StubPlatform, moodle: PlatformRef, score: float, maximum: float
) -> None:
    with pytest.raises(ValueError, match="finite"):
        send(services, moodle, stub, score=score, score_maximum=maximum)
    assert stub.seen == []


def test_a_timestamp_in_another_zone_is_sent_in_utc(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.replay("ags_score_ok")
    send(services, moodle, stub, timestamp=datetime.fromisoformat("2026-11-24T01:14:56+01:00"))
    assert stub.calls()[0].json["timestamp"] == "2026-11-24T00:14:56Z"


def test_submission_times_go_along(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.replay("ags_score_ok")
    times = {"startedAt": "2026-11-24T00:00:00Z", "submittedAt": "2026-11-24T00:14:56Z"}
    send(services, moodle, stub, submission=times, comment="")
    assert stub.calls()[0].json["submission"] == times
    assert "comment" not in stub.calls()[0].json


def test_moodle_is_never_sent_progress_without_a_grade_because_it_erases_one(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    answer = send(services, moodle, stub, score=None, grading_progress="Pending")
    assert answer.kind is Outcome.ACCEPTED
    assert stub.seen == []


def test_other_platforms_hear_of_progress(
    services: Services, stub: StubPlatform, other: PlatformRef
) -> None:
    stub.on("POST", SCORES, Reply(204))
    answer = send(
        services,
        other,
        stub,
        score=None,
        comment="",
        activity_progress="InProgress",
        grading_progress="Pending",
    )
    assert answer.kind is Outcome.ACCEPTED
    assert stub.calls()[0].json == {
        "userId": "7",
        "activityProgress": "InProgress",
        "gradingProgress": "Pending",
        "timestamp": "2026-11-24T00:14:56Z",
    }


@pytest.mark.parametrize(
    ("name", "kind", "detail"),
    [
        ("ags_score_ok", "accepted", "200"),
        ("ags_score_zulu", "accepted", "200"),
        ("ags_score_same_timestamp", "older", "409"),
        ("ags_score_older", "older", "409"),
        ("ags_score_unknown_user", "refused", "400"),
        ("ags_score_notenrolled", "refused", "400"),
        ("ags_score_bad", "refused", "400"),
        ("ags_score_wrongctype", "refused", "400"),
    ],
)
def test_what_moodle_answered(
    services: Services,
    stub: StubPlatform,
    moodle: PlatformRef,
    name: str,
    kind: str,
    detail: str,
) -> None:
    stub.replay(name)
    answer = send(services, moodle, stub)
    assert (answer.kind, answer.detail) == (kind, detail)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(200, "", SCORE_TYPE), "accepted"),
        (Reply(204), "accepted"),
        (Reply(201, '{"resultUrl":"https://x"}', JSON), "accepted"),
        # A refusal whose status line got lost in PHP.
        (Reply(200, "[]", SCORE_TYPE), "unknown"),
        (Reply(200, "[]", {}), "unknown"),
        (Reply(200, "<html>Maintenance</html>", {"Content-Type": "text/html"}), "unknown"),
        (Reply(200, "", {"Content-Type": "text/html; charset=utf-8"}), "unknown"),
        (Reply(200, "<br />\n<b>Notice</b>: x{}", JSON), "unknown"),
        (Reply(200, "\ufeff{}", JSON), "unknown"),
        (Reply(200, '{"resultUrl":', JSON), "unknown"),
        (Reply(302, "", {"Location": "/login"}), "unknown"),
        (Reply(500, "[]", JSON), "unknown"),
        (Reply(502, "", {}), "unknown"),
        (Reply(408, "", {}), "unknown"),
        (Reply(403, "[]", JSON), "gone"),
        (Reply(404, "[]", JSON), "gone"),
        (Reply(410, "", {}), "gone"),
        (Reply(422, "", {}), "refused"),
        (Reply(401, "", {}), "unauthorised"),
        (Reply(503, "", {}), "busy"),
        (Reply(429, "", {}), "busy"),
    ],
)
def test_every_answer_has_its_class(
    services: Services, stub: StubPlatform, moodle: PlatformRef, reply: Reply, kind: str
) -> None:
    stub.on("POST", SCORES, reply)
    assert send(services, moodle, stub).kind == kind


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("Tue, 24 Nov 2026 00:02:00 GMT", 120),
        ("Mon, 23 Nov 2026 00:02:00 GMT", 0),
        ("999999999999", 86400),
        ("soon", None),
        ("-5", None),
        (None, None),
    ],
)
def test_retry_after(
    services: Services,
    stub: StubPlatform,
    moodle: PlatformRef,
    value: str | None,
    seconds: int | None,
) -> None:
    headers = {"Date": "Tue, 24 Nov 2026 00:00:00 GMT"} | ({"Retry-After": value} if value else {})
    stub.on("POST", SCORES, Reply(429, "", headers))
    answer = send(services, moodle, stub)
    assert answer.retry_after == seconds
    assert answer.server_time == datetime(2026, 11, 24, tzinfo=UTC)


def test_the_platforms_clock_comes_with_every_answer(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    for name in ("ags_score_ok", "ags_score_older"):
        stub.replay(name, Date="Tue, 24 Nov 2026 00:14:57 GMT")
        answer = send(services, moodle, stub)
        assert answer.server_time == datetime(2026, 11, 24, 0, 14, 57, tzinfo=UTC)
    stub.replay("ags_score_ok", Date="nonsense")
    assert send(services, moodle, stub).server_time is None


def test_one_fresh_token_on_401_then_success(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.replay("ags_score_ok")
    send(services, moodle, stub)
    stub.revoke()
    assert send(services, moodle, stub).kind is Outcome.ACCEPTED
    assert len(stub.token_calls()) == 2
    assert len(stub.calls()) == 3


def test_never_a_third_try_on_401(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.on("POST", SCORES, Reply(401))
    assert send(services, moodle, stub).kind is Outcome.UNAUTHORISED
    assert len(stub.token_calls()) == 2
    assert len(stub.calls()) == 2


def test_a_thousand_scores_one_token(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.replay("ags_score_ok")
    for _ in range(100):
        send(services, moodle, stub)
    assert len(stub.token_calls()) == 1


def test_a_platform_that_is_down(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.replay("ags_score_ok")
    send(services, moodle, stub)  # the token is cached now
    dead = "http://127.0.0.1:9/lineitem"
    answer = post_score(
        services,
        moodle,
        dead,
        user_sub="7",
        score=1,
        score_maximum=100,
        comment="",
        timestamp=utcnow(),
        activity_progress="Completed",
        grading_progress="FullyGraded",
    )
    # Port 9 is not on the list of allowed hosts, so the door refuses it before it connects.
    assert answer.kind is Outcome.REFUSED


def test_no_token_is_an_answer_too(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.token_answer = Reply(400, '{"error":"invalid_scope"}', JSON)
    answer = send(services, moodle, stub)
    assert (answer.kind, answer.detail) == (Outcome.UNAUTHORISED, "token: invalid_scope")


def test_never_inside_a_transaction(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.replay("ags_score_ok")
    with services.database.read_connection(), pytest.raises(TransactionOpen):
        send(services, moodle, stub)


def result_url(stub: StubPlatform) -> str:
    return f"{stub.url}{LINEITEM_PATH}?type_id=1"


def test_a_result(services: Services, stub: StubPlatform, moodle: PlatformRef) -> None:
    stub.replay("ags_results")
    result = get_result(services, moodle, result_url(stub), "7")
    assert result == Result(
        "7", 91.0, 100.0, "Jól haladsz", datetime(2026, 11, 24, 0, 15, tzinfo=UTC)
    )
    (seen,) = stub.calls()
    assert seen.path == RESULTS
    assert seen.query == {"type_id": ["1"], "user_id": ["7"]}
    assert seen.headers["accept"] == RESULT_CONTAINER
    assert stub.token_calls()[0].form["scope"] == SCOPE_RESULT


def test_somebody_elses_result_is_not_taken(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.replay("ags_results")
    assert get_result(services, moodle, result_url(stub), "8") is None


def test_moodle_leaves_a_zero_out(
    services: Services, stub: StubPlatform, moodle: PlatformRef, other: PlatformRef
) -> None:
    body = '[{"id":"x","userId":7,"resultMaximum":100,"scoreOf":"y"}]'
    stub.on("GET", RESULTS, Reply(200, body, JSON))
    found = get_result(services, moodle, result_url(stub), "7")
    assert found is not None
    assert (found.score, found.timestamp) == (0.0, None)
    found = get_result(services, other, result_url(stub), "7")
    assert found is not None
    assert found.score is None


def test_moodle_is_never_asked_for_a_limit(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.replay("ags_results")
    list_results(services, moodle, result_url(stub))
    assert "limit" not in stub.calls()[0].query


def test_results_of_every_page(services: Services, stub: StubPlatform, other: PlatformRef) -> None:
    link = f'<{result_url(stub).replace("lineitem?", "lineitem/results?")}&page=2>; rel="next"'
    pages = [
        Reply(200, '[{"userId":"1","resultScore":5}]', {**JSON, "Link": link}),
        Reply(200, '[{"userId":"2","resultScore":6}]', JSON),
    ]
    stub.on("GET", RESULTS, *pages)
    found = list_results(services, other, result_url(stub))
    assert [(result.user_sub, result.score) for result in found] == [("1", 5.0), ("2", 6.0)]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, "<html></html>", {"Content-Type": "text/html"}),
        Reply(200, "{}", JSON),
        Reply(200, "[{}]", JSON),
        Reply(200, "[1]", JSON),
        Reply(200, "[", JSON),
        Reply(500, "[]", JSON),
    ],
)
def test_results_that_cannot_be_read(
    services: Services, stub: StubPlatform, moodle: PlatformRef, reply: Reply
) -> None:
    stub.on("GET", RESULTS, reply)
    with pytest.raises(ServiceFailed) as caught:
        get_result(services, moodle, result_url(stub), "7")
    assert caught.value.outcome is Outcome.UNKNOWN
