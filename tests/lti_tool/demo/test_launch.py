"""Launches of the practice LMS against the recordings of Moodle 4.5.6."""

from __future__ import annotations

import json
import time
from urllib.parse import urlencode

import pytest

from lti_tool.demo import seed
from lti_tool.demo.browser import Browser
from lti_tool.demo.population import ADMIN, COORDINATOR, MENTOR, TEACHER
from tests.lti_tool.demo.conftest import World, recording
from tests.lti_tool.demo.small_tool import LTI

MEMBER = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
PERSON = "http://purl.imsglobal.org/vocab/lis/v2/{}/person#Administrator"
ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"


def shape(value: object) -> object:
    """Keys and types of a JSON value, values left out."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return type(value).__name__


def test_resource_link_launch_has_the_shape_of_the_recording(world: World) -> None:
    recorded = recording("lti/launch_resource_link_learner")["claims"]
    ours = world.launched(6)
    custom = LTI + "custom"
    assert shape({k: v for k, v in ours.items() if k != custom}) == shape(
        {k: v for k, v in recorded.items() if k != custom}
    )
    urls = {"context_memberships_url", "system_setting_url", "context_setting_url"}
    assert urls | {"link_setting_url", "module"} <= set(ours[custom])
    assert ours[ENDPOINT]["scope"] == recorded[ENDPOINT]["scope"]
    assert set(world.tool.launches[-1]) == {"id_token", "state"}


def test_deep_linking_launch_has_the_shape_of_the_recording(world: World) -> None:
    recorded = recording("lti/launch_deep_linking_teacher")["claims"]
    teacher = seed.signed_in(world.lms, TEACHER)
    # The recorded course held no activity of the tool yet, so it has no NRPS claim.
    teacher.settle(teacher.get(f"{world.lms.url}/mod/lti/contentitem.php?course=3&id=1"))
    ours, custom = world.tool.claims(), LTI + "custom"
    assert shape({k: v for k, v in ours.items() if k != custom}) == shape(
        {k: v for k, v in recorded.items() if k != custom}
    )
    settings = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
    flags = {k: v for k, v in recorded[settings].items() if isinstance(v, bool | list)}
    assert {k: ours[settings][k] for k in flags} == flags


def test_nrps_claim_in_deep_linking_only_if_the_course_uses_the_tool(world: World) -> None:
    teacher = seed.signed_in(world.lms, TEACHER)
    for course, there in ((3, False), (2, True)):
        url = f"{world.lms.url}/mod/lti/contentitem.php?course={course}&id=1"
        teacher.settle(teacher.get(url))
        assert (NRPS in world.tool.claims()) is there


def test_login_initiation_is_a_post_with_the_recorded_fields(world: World) -> None:
    world.open(6)
    sent = world.tool.initiations[-1]
    recorded = recording("lti/login_initiation")["params"]
    assert set(sent) == set(recorded)
    assert "lti_storage_target" not in sent
    hint = json.loads(sent["lti_message_hint"])
    assert hint["cmid"] == world.connected.activities[0]
    assert hint["launchid"].startswith("ltilaunch1_")
    assert sent["lti_message_hint"] == json.dumps(hint, separators=(",", ":"))


def test_id_token_lives_sixty_seconds(world: World) -> None:
    claims = world.launched(6)
    assert claims["exp"] - claims["iat"] == 60
    assert abs(claims["iat"] - time.time()) < 30


@pytest.mark.parametrize(
    ("user", "roles"),
    [
        (6, [MEMBER + "Learner"]),
        (TEACHER, [MEMBER + "Instructor"]),
        (MENTOR, [MEMBER + "Instructor"]),
        (COORDINATOR, [MEMBER + "Instructor"]),
        (ADMIN, sorted([PERSON.format("institution"), PERSON.format("system"),
                        MEMBER + "Instructor"])),
    ],
)  # fmt: skip
def test_roles_of_a_launch_are_sorted_and_mentors_are_instructors(
    world: World, user: int, roles: list[str]
) -> None:
    assert world.launched(user)[LTI + "roles"] == roles


@pytest.mark.parametrize(("user", "locale"), [(6, "hu"), (9, "sr_lt"), (11, "en")])
def test_the_locale_is_moodles_own_code(world: World, user: int, locale: str) -> None:
    assert world.launched(user)[LTI + "launch_presentation"]["locale"] == locale


def test_custom_parameters_under_both_keys_and_unknown_variables_literally(world: World) -> None:
    custom = world.launched(6)[LTI + "custom"]
    assert custom["Time Zone"] == custom["time_zone"] == "$Person.timeframe"
    assert custom["who"] == "learner00001"
    assert custom["module"] == "interests"


def auth(world: World, **change: str) -> dict[str, str]:
    """What the tool receives when its authentication request is changed."""
    world.tool.auth = change
    before = len(world.tool.launches)
    world.open(6)
    world.tool.auth = {}
    return world.tool.launches[-1] if len(world.tool.launches) > before else {}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"scope": "profile"}, "invalid_scope"),
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"client_id": "other"}, "unauthorized_client"),
        ({"login_hint": "7"}, "access_denied"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"response_mode": "-"}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"nonce": "-"}, "invalid_request"),
    ],
)
def test_a_bad_authentication_request_is_answered_with_an_error_post(
    world: World, change: dict[str, str], error: str
) -> None:
    posted = auth(world, **change)
    assert set(posted) == {"error", "error_description", "state"}
    assert posted["error"] == error


def test_redirect_uri_must_match_letter_for_letter(world: World) -> None:
    assert auth(world, redirect_uri=f"{world.tool.url}/launch?x=1") == {}
    assert auth(world, redirect_uri=f"{world.tool.url}/launch") != {}


def test_the_message_hint_is_used_once(world: World) -> None:
    browser = seed.signed_in(world.lms, 6)
    page = browser.get(f"{world.lms.url}/mod/lti/launch.php?id={world.connected.activities[0]}")
    fields = dict(page.forms[0].fields)
    query = urlencode({
        "scope": "openid", "response_type": "id_token", "response_mode": "form_post",
        "client_id": fields["client_id"], "redirect_uri": f"{world.tool.url}/launch",
        "login_hint": "6", "lti_message_hint": fields["lti_message_hint"], "nonce": "n",
    })  # fmt: skip
    url = f"{world.lms.url}/mod/lti/auth.php?{query}"
    assert "id_token" in dict(browser.get(url).forms[0].fields)
    assert browser.get(url).status == 400


def test_a_launch_of_another_session_is_of_no_use(world: World) -> None:
    page = seed.signed_in(world.lms, 6).get(
        f"{world.lms.url}/mod/lti/launch.php?id={world.connected.activities[0]}"
    )
    fields = dict(page.forms[0].fields)
    query = urlencode({
        "scope": "openid", "response_type": "id_token", "response_mode": "form_post",
        "client_id": fields["client_id"], "redirect_uri": f"{world.tool.url}/launch",
        "login_hint": "6", "lti_message_hint": fields["lti_message_hint"], "nonce": "n",
    })  # fmt: skip
    other = seed.signed_in(world.lms, 6)
    assert other.get(f"{world.lms.url}/mod/lti/auth.php?{query}").status == 400


def test_without_our_cookie_the_request_is_posted_once_more(world: World) -> None:
    stranger = Browser()
    page = stranger.get(f"{world.lms.url}/mod/lti/auth.php?scope=openid&nonce=n")
    assert ("repost", "true") in page.forms[0].fields
    assert ("nonce", "n") in page.forms[0].fields
    assert stranger.send(page.forms[0]).status == 403


def test_launch_needs_an_enrolment(world: World) -> None:
    store = world.lms.site.store
    store.run("UPDATE enrolment SET status=1 WHERE user=6 AND course=2")
    assert world.open(6).status == 403


def test_submission_review_names_the_learner(world: World) -> None:
    claims = world.launched(TEACHER, action="gradeReport", user="6")
    assert claims[LTI + "message_type"] == "LtiSubmissionReviewRequest"
    assert claims[LTI + "for_user"]["user_id"] == "6"
    assert world.open(6, action="gradeReport", user="7").status == 403


def test_the_frame_has_moodles_height_and_permissions(world: World) -> None:
    learner = seed.signed_in(world.lms, 6)
    text = learner.get(f"{world.lms.url}/mod/lti/view.php?id={world.connected.activities[0]}").text
    assert 'height="600"' in text
    origin = world.tool.url
    assert f'allow="microphone {origin}; camera {origin}; geolocation {origin}; ' in text
    assert "clipboard-write" not in text


def test_titles_are_plain_in_launches_and_escaped_in_web_services(world: World) -> None:
    teacher = seed.signed_in(world.lms, TEACHER)
    teacher.settle(teacher.get(f"{world.lms.url}/mod/lti/contentitem.php?course=4&id=1"))
    assert world.tool.claims()[LTI + "context"]["title"].endswith("почетак &")
    row = world.lms.site.store.one("SELECT fullname FROM course WHERE id=4")
    assert row["fullname"].endswith("&amp;")
