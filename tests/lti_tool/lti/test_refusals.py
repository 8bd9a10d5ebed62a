"""Refusals: every code has its texts, every raise has its code, and the log names nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from config.clock import utcnow
from lti_tool.lti.refusals import REFUSALS
from lti_tool.people.models import User
from lti_tool.services import Services
from tests.lti_tool.lti.platform import LTI, MEMBERSHIP, Platform

_SOURCES = sorted(Path("lti_tool/lti").glob("*.py"))
_CODE = re.compile(r'"([a-z]+(?:_[a-z]+)+)"')


def test_every_code_that_is_raised_has_a_row_and_every_row_is_raised() -> None:
    source = "\n".join(path.read_text() for path in _SOURCES if path.name != "refusals.py")
    raised = set(re.findall(r'LaunchRefused\(\s*"([a-z_]+)"', source))
    assert raised <= set(REFUSALS)
    assert set(REFUSALS) <= set(_CODE.findall(source))


@pytest.mark.parametrize("code", REFUSALS)
def test_every_row_speaks_to_both(app: Flask, code: str) -> None:
    refusal = REFUSALS[code]
    with app.test_request_context():
        learner, staff = str(refusal.learner), str(refusal.staff)
    assert learner != staff
    assert learner.endswith(".") and staff.endswith(".")
    assert 400 <= refusal.status < 504
    for word in ("token", "iss", "NEET", "test", "claim"):
        assert not re.search(rf"\b{word}\b", learner)


def page(answer: object) -> BeautifulSoup:
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")  # type: ignore[attr-defined]


def test_who_is_not_known_gets_both_texts(client: FlaskClient, platform: Platform) -> None:
    answer = platform.launch(client, iat=1, exp=2)
    words = page(answer).get_text()
    assert "Go back to your course" in words
    assert "compare the clocks" in words
    assert page(answer).h1.get_text() == "We could not check where you came from"


@pytest.mark.parametrize(
    ("role", "mine", "theirs"),
    [
        ("Learner", "Ask your coordinator if you think", "Only a coordinator can open"),
        ("Instructor", "Only a coordinator can open", "Ask your coordinator if you think"),
    ],
)
def test_who_is_known_gets_the_own_text_only(
    client: FlaskClient,
    platform: Platform,
    services: Services,
    role: str,
    mine: str,
    theirs: str,
) -> None:
    platform.launch(client)
    with services.database.write_connection() as connection:
        connection.execute(update(User).values(disabled_at=utcnow()))
    answer = platform.launch(client, **{LTI + "roles": [MEMBERSHIP + role]})
    words = page(answer).get_text()
    assert answer.status_code == 403
    assert mine in words and theirs not in words


def test_a_refusal_shows_inside_the_frame_of_its_platform_only(
    client: FlaskClient, platform: Platform
) -> None:
    policy = platform.launch(client, iat=1, exp=2).headers["Content-Security-Policy"]
    assert f"frame-ancestors {platform.issuer};" in policy


def test_the_log_of_a_refusal_names_nobody(
    client: FlaskClient, platform: Platform, capfd: pytest.CaptureFixture[str]
) -> None:
    query = platform.login(client)
    signed = platform.sign(platform.claims(query["nonce"], iat=1, exp=2))
    platform.post(client, signed, query["state"])
    platform.post(client, signed[:-8], query["state"])
    client.post("/lti/launch", data={"error": "access_denied", "error_description": "Ágnes Szabó"})
    client.post("/lti/login", data={"iss": "https://evil.example.net", "login_hint": "Ágnes",
                                    "target_link_uri": "x"})  # fmt: skip
    output = capfd.readouterr().err
    assert output.count("launch.refused") == 4
    for secret in ("Ágnes", "Szabó", "learner00001", signed[:40], query["state"][:40],
                   query["nonce"], "evil"):  # fmt: skip
        assert secret not in output


def test_what_the_platform_says_is_not_shown(client: FlaskClient) -> None:
    form = {"error": "invalid_request", "error_description": "<b>Free money</b>", "state": "x"}
    answer = client.post("/lti/launch", data=form)
    assert answer.status_code == 400
    assert "Free money" not in answer.get_data(as_text=True)
