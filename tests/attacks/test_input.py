"""Input that no browser sends: whatever comes, an answer of ours and never a 500."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.attacks.house import DEEP_LINKING, FORM, House
from tests.lti_tool.lti.platform import LTI

NASTY = [
    quote(value.encode("utf-8", "surrogatepass"))
    for value in ("\x00", "a\x00b", "\ud800", "x" * 5000, "'", "{{7*7}}", "%00", "\r\nX: y", "‮")
]
LOGIN = ("iss", "client_id", "login_hint", "lti_deployment_id", "target_link_uri")


@pytest.mark.parametrize("nasty", NASTY)
def test_strangers(any_house: House, nasty: str) -> None:
    client = any_house.app.test_client()
    own = {"Origin": any_house.services.settings.public_url}
    params = any_house.platform.login_params()
    answers = [
        client.get(f"/l/{nasty}/"),
        client.get(f"/lti/register/{nasty}"),
        client.get(f"/{nasty}"),
        client.post("/lti/launch", data=f"id_token={nasty}&state={nasty}", content_type=FORM),
        client.post(
            "/lti/continue", data=f"launch={nasty}&secret={nasty}", content_type=FORM, headers=own
        ),
    ]
    for name in LOGIN:
        rest = "&".join(f"{key}={quote(text)}" for key, text in params.items() if key != name)
        body = f"{rest}&{name}={nasty}"
        answers.append(client.post("/lti/login", data=body, content_type=FORM))
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


@pytest.mark.parametrize("nasty", NASTY)
def test_people(any_house: House, nasty: str) -> None:
    learner, teacher = any_house.visit(), any_house.visit("teacher", sub="3")
    answers = [
        *(learner.get(path + nasty) for path in ("interests/q/", "careers/job/", "careers/?q=")),
        learner.post_raw("language", [("locale", nasty)]),
        learner.post_raw("language", [("locale", "en"), ("back", quote(learner.home) + nasty)]),
        learner.post_raw("interests/q/R1", [("value", nasty)]),
        learner.post_raw("interests/result/fits", [("fits", nasty)]),
        learner.post_raw(f"careers/job/{nasty}/keep", []),
        learner.post_raw(f"careers/job/{nasty}/let-go", []),
        teacher.post_raw("teacher/grade", [("delivery", nasty)]),
        learner.client.post(
            learner.home + "interests/start", data=f"csrf={nasty}", content_type=FORM
        ),
    ]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    assert not any("X" in answer.headers for answer in answers)


MEMBERS = ("accept_types", "accept_presentation_document_targets", "accept_multiple", "title")


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("value", [5, True, {"a": 1}, "iframe", [1, None], [[]], "\x00"], ids=str)
def test_settings_of_another_type(house: House, member: str, value: object) -> None:
    settings = {
        "deep_link_return_url": f"{house.platform.issuer}/mod/lti/contentitem_return.php",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
        member: value,
    }
    answer = house.platform.launch(
        client := house.app.test_client(),
        **{
            LTI + "message_type": "LtiDeepLinkingRequest",
            LTI + "roles": ["Instructor"],
            DEEP_LINKING: settings,
        },
    )
    assert answer.status_code in {303, 401}
    if answer.status_code == 303:
        page = client.get(answer.headers["Location"], follow_redirects=True)
        assert page.status_code in {200, 403}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("custom", {"module": 5, "deep_link_uuid": [], "grading": {}}),
        ("custom", {"language": "\x00", "grading": "a\x00"}),
        ("context", {"id": "2", "label": "\x00", "title": "x" * 9000}),
        ("context", {"id": "2" * 256}),
        ("resource_link", {"id": "1", "title": "\x00‮{{7*7}}"}),
        ("launch_presentation", {"locale": "\x00", "return_url": "javascript:alert(1)"}),
        ("roles", ["\x00", "x" * 9999]),
        ("for_user", {"user_id": "\x00"}),
    ],
)
def test_claims_of_a_hostile_platform(any_house: House, name: str, value: object) -> None:
    client = any_house.app.test_client()
    answer = any_house.platform.launch(client, **{LTI + name: value})
    assert answer.status_code in {303, 401}
    if answer.status_code == 303:
        page = client.get(answer.headers["Location"], follow_redirects=True)
        assert page.status_code in {200, 404}
        assert "javascript:" not in page.text
