"""Tokens, grades and members: each rule and each fault of Moodle 4.5.6 has its test here."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from config.http import HttpResponse
from lti_tool.demo import seed
from lti_tool.demo.browser import Browser
from lti_tool.demo.population import MENTOR, TEACHER
from tests.lti_tool.demo.conftest import World, recording
from tests.lti_tool.demo.small_tool import AGS, NRPS
from tests.lti_tool.demo.test_launch import shape

ITEM = "application/vnd.ims.lis.v2.lineitem+json"
CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def base(world: World) -> str:
    return f"{world.lms.url}/mod/lti/services.php"


def line(world: World, what: str = "", item: int = 0) -> str:
    """The address of the first activity's line item."""
    number = item or world.lms.site.store.one("SELECT id FROM gradeitem WHERE lti=1")["id"]
    return f"{base(world)}/2/lineitems/{number}/lineitem{what}?type_id=1"


def score(world: World, user: str = "7", at: str = "2026-11-24T00:15:00Z", **change: Any
          ) -> HttpResponse:  # fmt: skip
    """Post a score; a value of None leaves the field out."""
    body = {
        "userId": user, "scoreGiven": 83, "scoreMaximum": 100, "timestamp": at,
        "activityProgress": "Completed", "gradingProgress": "FullyGraded", "comment": "Jó",
    } | change  # fmt: skip
    text = json.dumps({k: v for k, v in body.items() if v is not None})
    return world.tool.call("POST", line(world, "/scores"), kind=SCORE, body=text)


def grade(world: World, user: int = 7) -> Any:
    row = world.lms.site.store.one("SELECT * FROM grade WHERE user=?", user)
    return dict(row) if row else None


class TestToken:
    def test_answer_has_the_recorded_shape(self, world: World) -> None:
        answer = world.tool.token()
        recorded = recording("lti/token_response")
        assert answer.status == 200
        assert shape(answer.json()) == shape(recorded)
        assert answer.json()["expires_in"] == 3600

    def test_unknown_scopes_are_dropped_and_none_left_is_an_error(self, world: World) -> None:
        assert world.tool.token(f"{AGS}score x:y").json()["scope"] == f"{AGS}score"
        refused = world.tool.token("x:y")
        assert (refused.status, refused.json()) == (400, {"error": "invalid_scope"})

    @pytest.mark.parametrize(
        "claims", [{"exp": 1}, {"iat": 32503680000}, {"iss": "other"}], ids=["exp", "iat", "iss"]
    )
    def test_a_bad_assertion_is_refused(self, world: World, claims: dict[str, Any]) -> None:
        assert world.tool.token(**claims).status == 400

    def test_an_assertion_of_another_key_is_refused(self, world: World) -> None:
        forger = RSAKey.generate_key(2048)
        assert world.tool.token().status == 200
        world.tool.sign = partial(_sign_with, forger)  # type: ignore[method-assign]
        assert world.tool.token().status == 400

    def test_a_token_of_another_tool_is_refused(self, world: World) -> None:
        url = f"{base(world)}/2/lineitems?type_id=2"
        assert world.tool.call("GET", url).status == 401

    def test_an_expired_token_is_refused(self, world: World) -> None:
        token = world.tool.token().json()["access_token"]
        world.lms.site.store.run("UPDATE access_token SET expires=?", int(time.time()) - 1)
        assert world.tool.call("GET", line(world), token=token).status == 401


def _sign_with(key: Any, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "tool", "typ": "JWT"}, claims, key)


class TestScores:
    def test_success_is_200_with_an_empty_body(self, world: World) -> None:
        answer = score(world)
        assert (answer.status, answer.body) == (200, b"")
        assert grade(world)["value"] == 83

    @pytest.mark.parametrize(
        "at",
        ["2026-11-24T00:15:00Z", "2026-11-24T00:15:00+00:00", "2026-11-24T01:15:00.000+01:00",
         "2026-11-24T00:15:00.123456+00:00"],
    )  # fmt: skip
    def test_iso_8601_in_every_recorded_form_is_cut_to_the_second(
        self, world: World, at: str
    ) -> None:
        assert score(world, at=at).status == 200
        results = world.tool.call("GET", line(world, "/results"), accept=RESULTS).json()
        assert results[0]["timestamp"] == "2026-11-24T00:15:00+00:00"

    @pytest.mark.parametrize("at", ["2026-11-24T00:15:00.900Z", "2020-01-01T00:00:00Z"])
    def test_same_second_or_older_is_409_with_an_empty_list(self, world: World, at: str) -> None:
        score(world)
        answer = score(world, at=at, scoreGiven=1)
        assert (answer.status, answer.json()) == (409, [])
        assert answer.media_type == SCORE
        assert "earlier timestamp" in answer.reason
        assert grade(world)["value"] == 83

    @pytest.mark.parametrize("user", ["99999", "2", str(TEACHER), str(MENTOR), "x"])
    def test_who_is_no_learner_of_the_course_is_400(self, world: World, user: str) -> None:
        answer = score(world, user=user)
        assert (answer.status, answer.json()) == (400, [])
        assert answer.reason.startswith("Incorrect score received")

    @pytest.mark.parametrize(
        "change",
        [{"timestamp": None}, {"activityProgress": None}, {"gradingProgress": None},
         {"userId": None}, {"scoreMaximum": None}, {"timestamp": "yesterday"},
         {"scoreGiven": "many"}],
    )  # fmt: skip
    def test_a_missing_or_wrong_field_is_400(self, world: World, change: dict[str, Any]) -> None:
        assert score(world, **change).status == 400

    def test_a_bad_score_with_a_line_break_is_200_with_an_empty_list(self, world: World) -> None:
        answer = world.tool.call(
            "POST", line(world, "/scores"), kind=SCORE, body='{\n"userId": "7"}'
        )
        assert (answer.status, answer.body) == (200, b"[]")

    def test_wrong_content_type_finds_no_handler(self, world: World) -> None:
        recorded = recording("lti/ags_score_wrongctype")
        answer = world.tool.call("POST", line(world, "/scores"), kind="application/json", body="{}")
        assert answer.status == recorded["status"] == 400
        found, wanted = answer.json(), recorded["body"]
        assert shape(found) == shape(wanted)
        end = "/lineitem/scores  application/json"
        assert found["reason"].endswith(end)
        assert wanted["reason"].endswith(end)

    @pytest.mark.parametrize(
        "change",
        [{"gradingProgress": "Pending"},
         {"scoreGiven": None, "gradingProgress": "Pending", "activityProgress": "InProgress"}],
    )  # fmt: skip
    def test_what_is_not_fully_graded_takes_a_grade_away(
        self, world: World, change: dict[str, Any]
    ) -> None:
        score(world)
        answer = score(world, at="2026-11-24T00:16:00Z", comment=None, **change)
        assert (answer.status, answer.body) == (200, b"")
        assert grade(world)["value"] is None
        assert score(world, at="2020-01-01T00:00:00Z").status == 200

    def test_a_comment_that_is_left_out_is_cleared(self, world: World) -> None:
        score(world)
        score(world, at="2026-11-24T00:16:00Z", comment=None)
        assert grade(world)["comment"] is None

    def test_another_maximum_is_rescaled(self, world: World) -> None:
        score(world, scoreGiven=5, scoreMaximum=10)
        assert grade(world)["value"] == 50

    def test_a_grade_completes_the_activity(self, world: World) -> None:
        score(world)
        cmid = world.connected.activities[0]
        query = "SELECT state FROM completion WHERE cmid=? AND user=7"
        assert world.lms.site.store.one(query, cmid)["state"] == 1


class TestResults:
    def test_results_have_the_recorded_shape(self, world: World) -> None:
        score(world)
        answer = world.tool.call("GET", line(world, "/results"), accept=RESULTS)
        assert shape(answer.json()) == shape(recording("lti/ags_results")["body"])
        assert answer.json()[0]["id"].endswith("/lineitem/results?type_id=1&user_id=7")

    def test_a_grade_of_nought_has_no_score_and_no_time(self, world: World) -> None:
        score(world, scoreGiven=0)
        result = world.tool.call("GET", line(world, "/results"), accept=RESULTS).json()[0]
        assert "resultScore" not in result
        assert "timestamp" not in result

    def test_limit_is_a_500_as_soon_as_there_is_a_grade(self, world: World) -> None:
        url = line(world, "/results") + "&limit=1"
        assert world.tool.call("GET", url, accept=RESULTS).status == 200
        score(world)
        assert world.tool.call("GET", url, accept=RESULTS).status == 500


class TestLineItems:
    def test_the_list_has_the_recorded_shape(self, world: World) -> None:
        url = f"{base(world)}/2/lineitems?type_id=1"
        answer = world.tool.call("GET", url, accept=CONTAINER)
        assert shape(answer.json()) == shape(recording("lti/ags_lineitems")["body"])
        assert answer.media_type == CONTAINER

    @pytest.mark.parametrize(
        ("accept", "status"),
        [("*/*", 200), (CONTAINER, 200), (f"{CONTAINER}, */*;q=0.1", 200),
         (f"{CONTAINER}, application/json", 400), (f"{CONTAINER};q=0.9", 400),
         ("application/json", 400)],
    )  # fmt: skip
    def test_accept_must_be_exactly_one_format(
        self, world: World, accept: str, status: int
    ) -> None:
        url = f"{base(world)}/2/lineitems?type_id=1"
        assert world.tool.call("GET", url, accept=accept).status == status

    @pytest.mark.parametrize(
        ("query", "count"),
        [("tag=progress", 2), ("tag=other", 0), ("resource_link_id=1", 1), ("resource_id=", 2)],
    )
    def test_filters(self, world: World, query: str, count: int) -> None:
        url = f"{base(world)}/2/lineitems?type_id=1&{query}"
        assert len(world.tool.call("GET", url).json()) == count

    def test_limit_brings_link_headers_that_parsers_cannot_read(self, world: World) -> None:
        url = f"{base(world)}/2/lineitems?type_id=1&limit=1"
        link = world.tool.call("GET", url).headers["Link"].encode("latin-1").decode()
        recorded = recording("lti/ags_lineitems_limit1")["headers"]["Link"]
        recorded = recorded.encode("cp1252", "ignore").decode("utf-8", "ignore")
        assert "&amp;limit=1&amp;from=1>; rel=“next”" in link
        assert "&amp;limit=1&amp;from=1>; rel=" in recorded
        assert link.count("rel=") == 4

    def test_creating_echoes_what_was_sent(self, world: World) -> None:
        recorded = recording("lti/ags_create")
        url = f"{base(world)}/2/lineitems?type_id=1"
        body = json.dumps(recorded["request"]["json"])
        answer = world.tool.call("POST", url, kind=ITEM, body=body)
        assert (answer.status, list(answer.json())) == (201, list(recorded["body"]))

    def test_a_link_of_others_is_403(self, world: World) -> None:
        url = f"{base(world)}/2/lineitems?type_id=1"
        for link, status in (("1", 201), ("99", 403)):
            body = json.dumps({"label": "L", "scoreMaximum": 5, "resourceLinkId": link})
            assert world.tool.call("POST", url, kind=ITEM, body=body).status == status

    def test_a_put_blanks_what_it_leaves_out_and_rescales(self, world: World) -> None:
        score(world)
        body = json.dumps({"label": "New", "scoreMaximum": 50})
        answer = world.tool.call("PUT", line(world), kind=ITEM, body=body).json()
        assert (answer["label"], answer["scoreMaximum"], answer["tag"]) == ("New", 50, "")
        assert grade(world)["value"] == 41.5

    def test_delete_only_of_what_the_tool_made(self, world: World) -> None:
        assert world.tool.call("DELETE", line(world)).status == 403
        url = f"{base(world)}/2/lineitems?type_id=1"
        body = json.dumps({"label": "L", "scoreMaximum": 5})
        made = world.tool.call("POST", url, kind=ITEM, body=body).json()["id"]
        assert world.tool.call("DELETE", made).status == 204
        assert world.tool.call("GET", made).status == 404

    def test_without_the_scope_nothing_is_shown(self, world: World) -> None:
        token = world.tool.token(NRPS).json()["access_token"]
        assert world.tool.call("GET", line(world), token=token).status == 401


class TestMembers:
    def members(self, world: World, query: str = "") -> HttpResponse:
        url = f"{base(world)}/CourseSection/2/bindings/1/memberships{query}"
        return world.tool.call("GET", url, accept=MEMBERS)

    def test_everybody_at_once_in_the_recorded_shape_and_order(self, world: World) -> None:
        found = self.members(world).json()
        recorded = recording("lti/nrps_all")["body"]
        assert shape(found) == shape(recorded)
        assert found["members"] == recorded["members"]

    def test_the_non_editing_teacher_is_a_learner_here(self, world: World) -> None:
        roles = {m["user_id"]: m["roles"] for m in self.members(world).json()["members"]}
        assert roles[str(MENTOR)] == ["Learner"]
        assert roles[str(TEACHER)] == ["Instructor"]

    def test_role_filter_by_full_uri(self, world: World) -> None:
        uri = "http%3A%2F%2Fpurl.imsglobal.org%2Fvocab%2Flis%2Fv2%2Fmembership%23Learner"
        found = self.members(world, f"?role={uri}").json()["members"]
        assert len(found) == 31
        assert str(MENTOR) in {member["user_id"] for member in found}

    def test_the_next_link_drops_the_role(self, world: World) -> None:
        answer = self.members(world, "?role=Learner&limit=2")
        recorded = recording("lti/nrps_limit2")["headers"]["Link"]
        assert answer.headers["Link"].partition("?")[2] == recorded.partition("?")[2]
        assert "Link" not in self.members(world, "?limit=20&from=20").headers

    def test_rlid_adds_a_message_to_each_member(self, world: World) -> None:
        found = self.members(world, "?rlid=1").json()
        assert shape(found) == shape(recording("lti/nrps_rlid")["body"])
        assert self.members(world, "?rlid=99").status == 404

    def test_a_bad_token_gets_moodles_error_document(self, world: World) -> None:
        url = f"{base(world)}/CourseSection/2/bindings/1/memberships"
        answer = world.tool.call("GET", url, token="bad")
        recorded = json.loads(recording("lti/nrps_badtoken")["body"])
        assert (answer.status, answer.json()) == (401, recorded)

    def test_who_is_suspended_is_not_listed(self, world: World) -> None:
        world.lms.site.store.run("UPDATE enrolment SET status=1 WHERE user=7 AND course=2")
        assert "7" not in {m["user_id"] for m in self.members(world).json()["members"]}


def test_the_gradebook_shows_a_grade_to_teacher_and_learner(world: World) -> None:
    score(world, user="6", scoreGiven=91)
    for user in (TEACHER, 6):
        page = seed.signed_in(world.lms, user).get(f"{world.lms.url}/grade/report/index.php?id=2")
        assert "91.00" in page.text
    other = seed.signed_in(world.lms, 9).get(f"{world.lms.url}/grade/report/index.php?id=2")
    assert "91.00" not in other.text
    assert "Szabó" not in other.text


def test_under_the_hood_shows_claims_and_calls_without_tokens(world: World) -> None:
    world.open(6)
    score(world)
    token = world.tool.token().json()["access_token"]
    text = Browser().get(f"{world.lms.url}/under-the-hood").text
    for words in ("id_token: LtiResourceLinkRequest", "launch_presentation", "scoreGiven",
                  "A tool registered itself", "FullyGraded"):  # fmt: skip
        assert words in text
    for secret in (token, world.lms.ws_token, world.tool.launches[-1]["id_token"]):
        assert secret not in text
    assert world.tool.asked["registration_token"] not in text
