"""Browsers that keep no cookie in a frame: platform storage, a new tab, never a secret in a URL."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_tool.lti.models import LaunchSession, UsedNonce
from lti_tool.services import Services
from tests.lti_tool.lti.platform import KeyServer, Platform

OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


def element(answer: TestResponse, selector: str) -> Tag:
    found = BeautifulSoup(answer.get_data(as_text=True), "html.parser").select_one(selector)
    assert found is not None, answer.get_data(as_text=True)
    return found


def rows(services: Services) -> list[int]:
    with services.database.read_connection() as connection:
        return [
            connection.execute(select(func.count()).select_from(model.__table__)).scalar_one()
            for model in (LaunchSession, UsedNonce)
        ]


@pytest.fixture
def frame(app: Flask) -> FlaskClient:
    """A frame in which the browser keeps no cookies."""
    return app.test_client(use_cookies=False)


def launch_without_cookie(
    frame: FlaskClient, platform: Platform, **changes: object
) -> tuple[TestResponse, str, str]:
    answer = frame.post("/lti/login", data=platform.login_params(**changes))
    if answer.status_code == 302:
        location = answer.headers["Location"]
    else:
        location = str(element(answer, "#platform-storage")["href"])
    query = parse_qs(urlsplit(location).query)
    signed = platform.sign(platform.claims(query["nonce"][0]))
    return platform.post(frame, signed, query["state"][0]), signed, query["state"][0]


def test_moodle_offers_its_own_page_in_a_new_tab(
    frame: FlaskClient, platform: Platform, services: Services
) -> None:
    answer, *_ = launch_without_cookie(frame, platform)
    button = element(answer, "a.button")
    assert button["href"] == f"{platform.issuer}/mod/lti/launch.php?id=13&triggerview=0"
    assert (button["target"], button["rel"]) == ("_blank", ["noopener"])
    assert rows(services) == [0, 0]
    assert answer.status_code == 401
    assert f"frame-ancestors {platform.issuer};" in answer.headers["Content-Security-Policy"]


def test_another_product_begins_the_same_login_anew(
    frame: FlaskClient, app: Flask, services: Services, key_server: KeyServer
) -> None:
    platform = Platform(product="generic").register(services.database).serve_keys(key_server)
    answer, *_ = launch_without_cookie(frame, platform)
    url = urlsplit(str(element(answer, "a.button")["href"]))
    assert f"{url.scheme}://{url.netloc}{url.path}" == "http://127.0.0.1:5000/lti/login"
    again = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert again == platform.login_params()
    tab = app.test_client()
    started = tab.get("/lti/login", query_string=again)
    query = parse_qs(urlsplit(started.headers["Location"]).query)
    signed = platform.sign(platform.claims(query["nonce"][0]))
    assert platform.post(tab, signed, query["state"][0]).status_code == 303


def test_the_launch_that_lost_its_cookie_still_works_in_its_own_browser(
    app: Flask, frame: FlaskClient, platform: Platform
) -> None:
    """Asking for a new tab consumes nothing."""
    client = app.test_client()
    query = platform.login(client)
    signed = platform.sign(platform.claims(query["nonce"]))
    assert platform.post(frame, signed, query["state"]).status_code == 401
    assert platform.post(client, signed, query["state"]).status_code == 303


def test_hints_that_are_too_long_to_travel_leave_a_sentence(
    frame: FlaskClient, services: Services, key_server: KeyServer
) -> None:
    platform = Platform(product="generic").register(services.database).serve_keys(key_server)
    answer, *_ = launch_without_cookie(frame, platform, lti_message_hint="x" * 1600)
    words = BeautifulSoup(answer.get_data(as_text=True), "html.parser").get_text()
    assert "open the activity in a new window" in words


def test_storage_is_asked_only_where_it_was_offered(frame: FlaskClient, platform: Platform) -> None:
    answer, *_ = launch_without_cookie(frame, platform)
    assert "platform-storage" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("target", ["_parent", "frame_1", "lti.storage:2"])
def test_login_puts_the_browsers_secret_into_the_platforms_frame(
    frame: FlaskClient, platform: Platform, services: Services, target: str
) -> None:
    answer = frame.post("/lti/login", data=platform.login_params(lti_storage_target=target))
    assert answer.status_code == 200
    box = element(answer, "#platform-storage")
    assert box["data-target"] == target
    assert box["data-origin"] == "https://moodle.example.org"
    assert str(box["href"]).startswith(platform.auth_url)
    cookie = answer.headers["Set-Cookie"]
    assert f"__Host-lti-{box['data-key']}={box['data-value']};" in cookie
    assert str(box["data-value"]) not in str(box["href"])
    assert rows(services) == [0, 0]


@pytest.mark.parametrize("target", ["", "a b", "<x>", "x" * 65, "1frame", '"'])
def test_a_storage_target_that_is_no_name_is_none(
    frame: FlaskClient, platform: Platform, target: str
) -> None:
    answer = frame.post("/lti/login", data=platform.login_params(lti_storage_target=target))
    assert answer.status_code == 302


def test_platform_storage_leads_to_a_tab_of_its_own(
    frame: FlaskClient, app: Flask, platform: Platform, services: Services
) -> None:
    login = frame.post("/lti/login", data=platform.login_params(lti_storage_target="f"))
    box = element(login, "#platform-storage")
    query = parse_qs(urlsplit(str(box["href"])).query)
    signed = platform.sign(platform.claims(query["nonce"][0]))
    asked = platform.post(frame, signed, query["state"][0])
    form = element(asked, "form#platform-storage")
    assert (form["data-action"], form["data-key"]) == ("get", box["data-key"])
    assert (form["data-target"], form["data-origin"]) == ("f", "https://moodle.example.org")
    assert rows(services) == [0, 0]
    fields = {str(field["name"]): str(field["value"]) for field in form.select("input")}
    assert fields == {"id_token": signed, "state": query["state"][0], "browser": ""}

    fields["browser"] = str(box["data-value"])
    proven = frame.post("/lti/launch", data=fields, headers=OWN_PAGE)
    assert proven.status_code == 200
    assert rows(services) == [1, 1]
    hand_over = element(proven, "form[target=_blank]")
    assert hand_over["action"] == "/lti/continue"
    secret = {str(field["name"]): str(field["value"]) for field in hand_over.select("input")}

    tab = app.test_client()
    entered = tab.post("/lti/continue", data=secret, headers=OWN_PAGE)
    assert entered.status_code == 303
    assert entered.headers["Location"] == f"/l/{secret['launch']}/"
    assert secret["secret"] not in str(entered.headers)
    assert tab.get(entered.headers["Location"]).status_code == 200

    again = app.test_client().post("/lti/continue", data=secret, headers=OWN_PAGE)
    assert again.status_code == 401
    assert tab.get(entered.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example.net"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:5000"},
    ],
)
def test_a_hand_over_from_another_site_is_refused(
    client: FlaskClient, platform: Platform, headers: dict[str, str]
) -> None:
    answer = platform.launch(client)
    launch_id = answer.headers["Location"].split("/")[2]
    secret = answer.headers.getlist("Set-Cookie")[0].partition("=")[2].partition(";")[0]
    data = {"launch": launch_id, "secret": secret}
    assert client.post("/lti/continue", data=data, headers=headers).status_code == 401
    assert client.get(answer.headers["Location"]).status_code == 200


def test_an_older_browser_is_known_by_its_origin(client: FlaskClient, platform: Platform) -> None:
    answer = platform.launch(client)
    launch_id = answer.headers["Location"].split("/")[2]
    secret = answer.headers.getlist("Set-Cookie")[0].partition("=")[2].partition(";")[0]
    data = {"launch": launch_id, "secret": secret}
    headers = {"Origin": "http://127.0.0.1:5000"}
    assert client.post("/lti/continue", data=data, headers=headers).status_code == 303
