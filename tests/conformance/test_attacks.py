"""The attacks L1–L11 and L14–L16 on a launch; L1 is test_security."""

from __future__ import annotations

import threading
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from config.clock import utcnow
from config.database import Database
from lti_tool.lti.login import is_ours
from lti_tool.people.models import User
from tests.conformance.attacks import ATTACKS, neighbour
from tests.conformance.extra import age_keys
from tests.conformance.stage import Case, Stage, check, having, outcome
from tests.lti_tool.lti.conftest import build_app, services_on
from tests.lti_tool.lti.platform import LTI, MEMBERSHIP, http_answer, rsa_key


@pytest.mark.parametrize("case", ATTACKS, ids=str)
def test_attack(stage: Stage, case: Case) -> None:
    check(case, stage)


# L3.


def _prepared(stage: Stage) -> tuple[str, str, dict[str, str]]:
    query = stage.platform.login(stage.browser)
    cookies = {cookie.key: cookie.value for cookie in stage.browser._cookies.values()}
    signed = stage.platform.sign(stage.platform.claims(query["nonce"]))
    return signed, query["state"], cookies


def _post_as(app: object, stage: Stage, signed: str, state: str, cookies: dict[str, str]) -> int:
    client = app.test_client()  # type: ignore[attr-defined]
    for name, value in cookies.items():
        client.set_cookie(name, value, secure=True)
    return stage.platform.post(client, signed, state).status_code


def test_l3_fifty_threads_at_once_get_in_once(stage: Stage) -> None:
    signed, state, cookies = _prepared(stage)
    start, answers = threading.Barrier(50), []

    def post() -> None:
        start.wait()
        answers.append(_post_as(stage.app, stage, signed, state, cookies))

    threads = [threading.Thread(target=post) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303] + [401] * 49


def test_l3_a_restart_and_a_second_worker_remember_the_nonce(stage: Stage) -> None:
    signed, state, cookies = _prepared(stage)
    assert _post_as(stage.app, stage, signed, state, cookies) == 303
    database = Database(stage.services.settings.database_url)
    restarted = build_app(
        stage.services.settings, services_on(stage.services.settings, database, stage.keys)
    )
    assert _post_as(restarted, stage, signed, state, cookies) == 401
    database.dispose()


def test_l3_a_launch_goes_on_after_a_restart(stage: Stage) -> None:
    signed, state, cookies = _prepared(stage)
    database = Database(stage.services.settings.database_url)
    restarted = build_app(
        stage.services.settings, services_on(stage.services.settings, database, stage.keys)
    )
    assert _post_as(restarted, stage, signed, state, cookies) == 303
    database.dispose()


# L5, L6.


def test_l5_unknown_kids_cause_one_fetch_a_minute(stage: Stage) -> None:
    age_keys(stage, 61)
    before = stage.keys.count(stage.platform.jwks_url)
    for number in range(20):
        answer = stage.platform.launch(stage.browser, header={"kid": f"guess-{number}"})
        assert outcome(answer) == "key_unknown"
    assert stage.keys.count(stage.platform.jwks_url) - before == 1


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c"])
def test_l6_a_key_named_in_the_header_is_never_asked_for(stage: Stage, name: str) -> None:
    canary = "https://canary.example.net/keys"
    evil = rsa_key("evil")
    stage.keys.answers[canary] = lambda: http_answer('{"keys": []}')
    value = {
        "jku": canary,
        "x5u": canary,
        "jwk": evil.as_dict(private=False),
        "x5c": ["MIIB"],
    }[name]
    for kid in (stage.platform.kid, "unknown"):
        answer = stage.platform.launch(stage.browser, header={name: value, "kid": kid}, key=evil)
        assert outcome(answer) == "header_refused"
    assert stage.keys.count(canary) == 0


# L10.

OURS = "https://tool.example.org"
HOSTILE = (
    "https://evil.example.net/lti/launch",
    "//evil.example.net/lti/launch",
    "\\\\evil.example.net/lti/launch",
    "/\\evil.example.net",
    "https:evil.example.net",
    "https:///evil.example.net",
    "https://tool.example.org@evil.example.net/lti/launch",
    "https://evil@tool.example.org/lti/launch",
    "https://tool.example.org.evil.example.net/lti/launch",
    "https://tool.example.org:444/lti/launch",
    "http://tool.example.org/lti/launch",
    "https://tool.example.org\\@evil.example.net/lti/launch",
    "https://tool.example.org/lti/launch\r\nLocation: https://evil.example.net",
    "https://tool.example.org/lti/launch#//evil.example.net",
    "https://tool.example.org/lti/../l/someone/",
    "https://tool.example.org/l/01a20ba7ff137ba1937c802ea4cb0248/",
    "https://tool.example.org/lti/register/code",
    "https://tool.example.org//evil.example.net",
    "https://tool.example.org/%2f%2fevil.example.net",
    "https://tool.example.org:x/lti/launch",
    "https://[::1/lti/launch",
    "https://tool.example.оrg/lti/launch",
    "javascript:alert(1)",
    "data:text/html,x",
    " https://tool.example.org/lti/launch",
    "https://tool.example.org/lti/launch?" + "x" * 3000,
    "",
)


@pytest.mark.parametrize("target", HOSTILE)
def test_l10_a_target_elsewhere_is_not_ours(target: str) -> None:
    assert not is_ours(target, OURS)


@pytest.mark.parametrize(
    "target",
    [
        "https://tool.example.org/lti/launch",
        "https://TOOL.example.org/lti/launch",
        "https://tool.example.org/",
        "https://tool.example.org",
        "https://tool.example.org/lti/launch?module=interests",
    ],
)
def test_l10_our_own_targets_are(target: str) -> None:
    assert is_ours(target, OURS)


@given(
    st.builds(
        "".join,
        st.lists(
            st.sampled_from(
                ["https:", "http:", "//", "/", "\\", "@", ":", "?", "#", ".", "tool.example.org",
                 "evil.example.net", "lti/launch", "%2f", "%0d%0a", "\r\n", "\t", "443", "é"]
            ),
            max_size=9,
        ),
    )
)  # fmt: skip
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_l10_what_is_ours_is_ours_to_every_reader(target: str) -> None:
    if is_ours(target, OURS):
        parts = urlsplit(target)
        assert (parts.scheme, parts.netloc.lower()) == ("https", "tool.example.org")
        assert target.lower().startswith("https://tool.example.org")
        assert "evil" not in target.partition("?")[0]


def test_l10_a_launch_never_redirects_off_our_host(stage: Stage) -> None:
    for target in HOSTILE:
        if not target:
            continue
        params = stage.platform.login_params(target_link_uri=target)
        answer = stage.browser.post("/lti/login", data=params)
        assert answer.status_code == 400
        assert "Location" not in answer.headers


# L11.


@pytest.mark.parametrize("field", ["login_hint", "lti_message_hint", "lti_storage_target"])
def test_l11_hints_are_escaped_wherever_they_go(stage: Stage, field: str) -> None:
    payload = '"><script>x()</script>\r\nSet-Cookie: a=b'
    params = stage.platform.login_params(**{"lti_storage_target": "frame_1", field: payload})
    answer = stage.browser.post("/lti/login", data=params)
    page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    assert all(not script.string for script in page.find_all("script"))
    assert not any(value.startswith("a=b") for value in answer.headers.getlist("Set-Cookie"))
    assert "\n" not in answer.headers.get("Location", "")


def test_l11_what_is_posted_back_is_escaped(stage: Stage) -> None:
    query = stage.platform.login(stage.browser)
    answer = stage.platform.post(stage.other_browser(), '"><script>x()</script>', query["state"])
    assert answer.status_code == 401
    assert "<script>x" not in answer.get_data(as_text=True)


# L14.


def test_l14_two_people_in_one_browser_do_not_meet(stage: Stage) -> None:
    first = stage.platform.launch(stage.browser, having(sub="a")).headers["Location"]
    second = stage.platform.launch(stage.browser, having(sub="b")).headers["Location"]
    users = [stage.browser.get(url).json["user"] for url in (first, second, first)]
    assert users[0] == users[2] != users[1]


def test_l14_two_organisations_in_one_browser_do_not_meet(stage: Stage) -> None:
    first = stage.platform.launch(stage.browser).headers["Location"]
    second = neighbour(stage).launch(stage.browser).headers["Location"]
    tenants = [stage.browser.get(url).json["tenant"] for url in (first, second, first)]
    assert tenants[0] == tenants[2] != tenants[1]


def test_l14_the_cookie_of_one_launch_opens_no_other(stage: Stage) -> None:
    first = stage.platform.launch(stage.browser).headers["Location"]
    thief = stage.other_browser()
    second = stage.platform.launch(thief, having(sub="b")).headers["Location"]
    theirs = next(
        cookie for cookie in thief._cookies.values() if cookie.key.startswith("__Host-ls-")
    )
    thief.set_cookie("__Host-ls-" + first.split("/")[2], theirs.value, secure=True)
    assert thief.get(first).status_code == 401
    assert thief.get(second).status_code == 200


def test_l14_the_address_of_a_launch_is_no_key(stage: Stage) -> None:
    location = stage.platform.launch(stage.browser).headers["Location"]
    assert stage.other_browser().get(location).status_code == 401


# L15.

INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"


@pytest.mark.parametrize(
    ("roles", "teacher", "admin"),
    [
        ([MEMBERSHIP + "Learner"], 403, 403),
        ([INSTITUTION + "Instructor", MEMBERSHIP + "Learner"], 403, 403),
        ([INSTITUTION + "Administrator"], 403, 403),
        ([INSTITUTION + "Faculty", "Helper"], 403, 403),
        ([MEMBERSHIP + "Mentor"], 403, 403),
        ([], 403, 403),
        ([MEMBERSHIP + "Instructor"], 200, 403),
        ([MEMBERSHIP + "Administrator"], 200, 403),
        ([SYSTEM + "Administrator"], 403, 200),
        ([MEMBERSHIP + "Instructor", SYSTEM + "Administrator"], 200, 200),
    ],
)
def test_l15_rights_come_from_the_course(
    stage: Stage, roles: list[str], teacher: int, admin: int
) -> None:
    answer = stage.platform.launch(stage.browser, **{LTI + "roles": roles})
    location = answer.headers["Location"]
    assert stage.browser.get(location + "teacher").status_code == teacher
    assert stage.browser.get(location + "admin").status_code == admin


# L16.


def test_l16_a_disabled_person_is_out_at_once_and_stays_out(stage: Stage) -> None:
    location = stage.platform.launch(stage.browser).headers["Location"]
    assert stage.browser.get(location).status_code == 200
    with stage.services.database.write_connection() as connection:
        connection.execute(update(User).values(disabled_at=utcnow()))
    assert stage.browser.get(location).status_code == 401
    answer = stage.platform.launch(stage.browser)
    assert (answer.status_code, outcome(answer)) == (403, "user_disabled")
