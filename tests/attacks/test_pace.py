"""R1: one client that knocks too often gets a readable page and a time; nobody else notices."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask

from config.settings import Settings
from lti_tool.services import Services
from lti_tool.web.app import create_app
from lti_tool.web.pace import LOGINS_PER_PLATFORM, PER_MINUTE, client_network
from tests.attacks.house import House
from tests.lti_tool.critic import faults_of

CLIENT = {"REMOTE_ADDR": "9.9.9.9"}
OTHER = {"REMOTE_ADDR": "9.9.9.10"}


@pytest.fixture(autouse=True)
def _still_clock():
    with time_machine.travel("2026-03-02T08:00:10Z", tick=False):
        yield


def test_r1_every_limit_is_of_a_route_that_is_there(house: House) -> None:
    assert set(PER_MINUTE) <= set(house.app.view_functions)
    open_doors = {
        rule.endpoint
        for rule in house.app.url_map.iter_rules()
        if rule.rule.startswith("/lti/") and rule.endpoint != "lti.jwks"
    }
    assert open_doors == set(PER_MINUTE)


@pytest.mark.parametrize(
    ("path", "method", "endpoint"),
    [
        ("/lti/launch", "POST", "lti.launch"),
        ("/lti/continue", "POST", "lti.go_on"),
        ("/lti/register/x", "GET", "registration.show"),
        ("/lti/register/x", "POST", "registration.confirm"),
    ],
)
def test_r1_a_flood_ends_in_a_page(house: House, path: str, method: str, endpoint: str) -> None:
    client = house.app.test_client()
    for _ in range(PER_MINUTE[endpoint]):
        answer = client.open(path, method=method, environ_base=CLIENT)
        assert answer.status_code != 429
    answer = client.open(path, method=method, environ_base=CLIENT)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "too_many" in answer.text
    assert faults_of(answer.text) == []
    assert client.open(path, method=method, environ_base=OTHER).status_code != 429


def test_r1_logins_are_counted_by_client_and_platform(house: House) -> None:
    client, other = house.app.test_client(), house.neighbour()
    for _ in range(LOGINS_PER_PLATFORM):
        params = house.platform.login_params()
        assert client.post("/lti/login", data=params, environ_base=CLIENT).status_code == 302
    query = {"query_string": house.platform.login_params(), "environ_base": CLIENT}
    assert client.get("/lti/login", **query).status_code == 429
    params = other.login_params()
    assert client.post("/lti/login", data=params, environ_base=CLIENT).status_code == 302
    assert client.post("/lti/login", data=params, environ_base=OTHER).status_code == 302


def test_r1_issuers_that_nobody_has_are_counted_as_well(house: House) -> None:
    client = house.app.test_client()
    statuses = [
        client.post("/lti/login", data={"iss": f"i{n}"}, environ_base=CLIENT).status_code
        for n in range(PER_MINUTE["lti.login"] + 1)
    ]
    assert set(statuses[:-1]) == {400}
    assert statuses[-1] == 429


def test_r1_a_minute_later_the_door_is_open(house: House) -> None:
    client = house.app.test_client()
    for _ in range(PER_MINUTE["registration.show"] + 1):
        answer = client.get("/lti/register/x", environ_base=CLIENT)
    assert answer.status_code == 429
    with time_machine.travel(f"2026-03-02T08:01:{11 + 1}Z", tick=False):
        assert client.get("/lti/register/x", environ_base=CLIENT).status_code == 404


def flood(app: Flask, forwarded: str) -> int:
    client = app.test_client()
    for number in range(PER_MINUTE["registration.show"] + 1):
        answer = client.get(
            "/lti/register/x",
            environ_base={"REMOTE_ADDR": "10.0.0.1"},
            headers={"X-Forwarded-For": forwarded.format(number)},
        )
    return answer.status_code


def test_r1_behind_a_known_proxy_its_word_counts(settings: Settings, services: Services) -> None:
    app = create_app(settings.model_copy(update={"trusted_proxies": 1}), services)
    assert flood(app, "9.9.9.9") == 429
    assert flood(app, "8.8.8.{}, 9.9.9.11") == 429
    assert flood(app, "9.9.8.{}") == 404


def test_r1_a_header_that_nobody_vouches_for_counts_nothing(house: House) -> None:
    client = house.app.test_client()
    for number in range(PER_MINUTE["registration.show"] + 1):
        answer = client.get(
            "/lti/register/x", environ_base=CLIENT, headers={"X-Forwarded-For": f"8.8.8.{number}"}
        )
    assert answer.status_code == 429


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("9.9.9.9", "9.9.9.9"),
        ("::ffff:9.9.9.9", "9.9.9.9"),
        ("2a00:1450:4001:82b::200e", "2a00:1450:4001:82b::/64"),
        ("2a00:1450:4001:82b:ffff::1", "2a00:1450:4001:82b::/64"),
        ("127.0.0.1", None),
        ("10.0.0.1", None),
        ("fe80::1%eth0", None),
        ("unix:", None),
        (None, None),
    ],
)
def test_r1_what_one_client_is(address: str | None, counted_as: str | None) -> None:
    assert client_network(address) == counted_as
