"""The request that is read and the response that is signed (Deep Linking 2.0)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.clock import utcnow
from config.ids import new_id
from lti_tool.lti.deep_linking import (
    Answer,
    DeepLinkingRefused,
    DeepLinkingRequest,
    Item,
    answer,
    content_item,
    read_request,
)
from lti_tool.lti.platforms import find_by_id
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.lti.sessions import Entry, Launch, find_launch, open_launch
from lti_tool.people.models import User
from lti_tool.people.roles import Role
from lti_tool.services import Services
from tests.lti_tool.lti.services.stub import (
    RECORDED_ORIGIN,
    add_platform_row,
    add_tenant,
    decode,
    recording,
    running_services,
)

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
INTERESTS = Item("What do I like doing?", "Tap what you like.", "interests", "completion")
CAREERS = Item("Work", "Look at jobs.", "careers", "progress", language="hu")
RECORDED = recording("launch_deep_linking_teacher")["claims"][DL + "deep_linking_settings"]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with running_services(tmp_path, demo=False) as parts:
        yield parts


@pytest.fixture
def moodle(services: Services) -> PlatformRef:
    return add_platform_row(services, add_tenant(services, "one"), RECORDED_ORIGIN)


def launched(
    services: Services,
    platform: PlatformRef,
    message: str = "LtiDeepLinkingRequest",
    **settings: Any,
) -> tuple[Launch, str]:
    """Launch with Moodle's recorded settings and changes; None leaves a member out."""
    merged = {**RECORDED, **settings}
    with services.database.write() as session:
        user = User(id=new_id(), tenant_id=platform.tenant_id, platform_id=platform.platform_id,
                    sub=new_id())  # fmt: skip
        session.add(user)
        session.flush()
        user_id = user.id
    entry = Entry(
        deployment_id="1",
        user_id=user_id,
        context_id=None,
        resource_link_id=None,
        module=None,
        message_type=message,
        roles=frozenset({Role.INSTRUCTOR}),
        locale="en",
        return_url=None,
        details={"deep_linking": {key: v for key, v in merged.items() if v is not None}},
    )
    with services.database.write_connection() as connection:
        registration = find_by_id(connection, platform.platform_id)
        assert registration is not None
        return open_launch(connection, registration, entry, utcnow())


def claims_of(services: Services, made: Answer) -> dict[str, Any]:
    return dict(decode(services, made.token).claims)


def respond(
    services: Services, platform: PlatformRef, *items: Item, **settings: Any
) -> dict[str, Any]:
    launch, _ = launched(services, platform, **settings)
    return claims_of(services, answer(services, launch, items, now=utcnow()))


# The response.


def test_a_response_to_moodle(services: Services, moodle: PlatformRef) -> None:
    before = utcnow().timestamp()
    launch, _ = launched(services, moodle)
    made = answer(services, launch, [INTERESTS, CAREERS], now=utcnow(), message="2 added")
    token = decode(services, made.token)
    assert token.header["alg"] == "RS256"
    claims = token.claims
    assert claims["iss"] == moodle.client_id
    assert claims["aud"] == RECORDED_ORIGIN
    assert before - 12 <= claims["iat"] <= before - 5
    assert 60 < claims["exp"] - before <= 600
    assert claims[CLAIM + "deployment_id"] == "1"
    assert claims[CLAIM + "message_type"] == "LtiDeepLinkingResponse"
    assert claims[CLAIM + "version"] == "1.3.0"
    assert claims[DL + "msg"] == "2 added"
    assert DL + "data" not in claims
    first, second = claims[DL + "content_items"]
    uuid.UUID(first["custom"].pop("deep_link_uuid"), version=4)
    assert first == {
        "type": "ltiResourceLink",
        "title": "What do I like doing?",
        "text": "Tap what you like.",
        "custom": {"module": "interests", "grading": "completion"},
        "lineItem": {
            "scoreMaximum": 100,
            "label": "What do I like doing?",
            "resourceId": "interests",
            "tag": "completion",
            "submissionReview": {"reviewableStatus": ["InProgress", "Submitted", "Completed"]},
        },
    }
    assert second["custom"]["language"] == "hu"
    assert second["custom"]["module"] == "careers"
    assert made.return_url == RECORDED["deep_link_return_url"]
    assert made.return_origin == RECORDED_ORIGIN


def test_each_item_and_each_response_is_fresh(services: Services, moodle: PlatformRef) -> None:
    one = respond(services, moodle, INTERESTS, CAREERS)
    two = respond(services, moodle, INTERESTS, CAREERS)
    items = one[DL + "content_items"] + two[DL + "content_items"]
    assert len({item["custom"]["deep_link_uuid"] for item in items}) == 4
    assert one["nonce"] != two["nonce"]


@pytest.mark.parametrize("data", ["csrftoken:c7fbba78-7b75", "", '{"a":"é"}'])
def test_data_goes_back_as_it_came(services: Services, moodle: PlatformRef, data: str) -> None:
    assert respond(services, moodle, INTERESTS, data=data)[DL + "data"] == data


def test_a_cancel_is_an_empty_list(services: Services, moodle: PlatformRef) -> None:
    launch, _ = launched(services, moodle)
    claims = claims_of(
        services, answer(services, launch, [], now=utcnow(), message="Nothing was added.")
    )
    assert claims[DL + "content_items"] == []
    assert claims[DL + "msg"] == "Nothing was added."


def test_an_error_message(services: Services, moodle: PlatformRef) -> None:
    launch, _ = launched(services, moodle)
    claims = claims_of(services, answer(services, launch, [], now=utcnow(), error="No."))
    assert claims[DL + "errormsg"] == "No."
    assert claims[DL + "content_items"] == []


def test_other_products_get_a_url_and_a_place_to_open() -> None:
    def made(product: str, *targets: str, **changes: Any) -> dict[str, Any]:
        request = DeepLinkingRequest(
            "https://x/", many=True, columns=True, links=True, targets=frozenset(targets), data=None
        )
        return content_item(
            INTERESTS, request, product=product, launch_url="https://t.example/lti/launch"
        )

    moodle = made("moodle", "iframe", "window")
    assert not {"url", "iframe", "window"} & moodle.keys()
    other = made("unheard-of", "frame", "iframe", "window")
    assert other["url"] == "https://t.example/lti/launch"
    assert "iframe" in other
    assert "window" not in other
    assert "window" in made("unheard-of", "window")
    assert not {"iframe", "window"} & made("unheard-of").keys()


def test_no_column_where_the_platform_takes_none(services: Services, moodle: PlatformRef) -> None:
    (item,) = respond(services, moodle, INTERESTS, accept_lineitem=False)[DL + "content_items"]
    assert "lineItem" not in item


# Once only.


def test_answering_closes_the_launch(services: Services, moodle: PlatformRef) -> None:
    launch, secret = launched(services, moodle)
    answer(services, launch, [INTERESTS], now=utcnow())
    with services.database.read_connection() as connection:
        assert find_launch(connection, launch.id, secret) is None
    with pytest.raises(DeepLinkingRefused, match="answered_before"):
        answer(services, launch, [INTERESTS], now=utcnow())


def test_of_many_answers_at_once_one_is_signed(services: Services, moodle: PlatformRef) -> None:
    launch, _ = launched(services, moodle)
    outcomes: list[str] = []
    gate = threading.Barrier(6)

    def work() -> None:
        gate.wait()
        try:
            answer(services, launch, [INTERESTS], now=utcnow())
            outcomes.append("signed")
        except DeepLinkingRefused as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["answered_before"] * 5 + ["signed"]


# What is not answered (L12).


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/return",
        "http://moodle.localhost:8443/return",
        "https://moodle.localhost/return",
        "https://moodle.localhost:8443@evil.example/",
        "https://moodle.localhost:8443.evil.example/",
        "https://evil.example/https://moodle.localhost:8443/",
        "https://moodle.localhost:8443\\@evil.example/",
        "//moodle.localhost:8443/return",
        "javascript:alert(1)//moodle.localhost:8443",
        "data:text/html,x",
        "https://moodle.localhost:8443/ x",
        "https://moodle.localhost:8443/\u2028x",
        "https://moodle.localhost:8443/\r\nX: y",
        "https://moodle.localhost:99999/",
        "https://[moodle/",
        "",
        None,
        7,
        ["https://moodle.localhost:8443/"],
    ],
)
def test_l12_return_urls_that_are_not_the_platforms(
    services: Services, moodle: PlatformRef, url: object
) -> None:
    launch, secret = launched(services, moodle, deep_link_return_url=url)
    with pytest.raises(DeepLinkingRefused, match="return_url_foreign"):
        read_request(launch, demo=False)
    with pytest.raises(DeepLinkingRefused, match="return_url_foreign"):
        answer(services, launch, [INTERESTS], now=utcnow())
    with services.database.read_connection() as connection:
        assert find_launch(connection, launch.id, secret) is not None


def test_l12_an_origin_that_an_operator_added_is_allowed(
    services: Services, moodle: PlatformRef
) -> None:
    with services.database.write_connection() as connection:
        connection.exec_driver_sql(
            "UPDATE platform SET frame_origins = '[\"https://lms.example\"]'"
        )
    launch, secret = launched(services, moodle, deep_link_return_url="https://lms.example/r?x=1")
    with services.database.read_connection() as connection:
        found = find_launch(connection, launch.id, secret)
    assert found is not None
    assert read_request(found, demo=False).return_origin == "https://lms.example"


@pytest.mark.parametrize("url", ["https://lms.example:443/r", "https://LMS.example/r"])
def test_an_origin_may_be_spelled_in_other_ways(services: Services, url: str) -> None:
    platform = add_platform_row(services, add_tenant(services, "x"), "https://lms.example")
    launch, _ = launched(services, platform, deep_link_return_url=url)
    assert read_request(launch, demo=False).return_url == url


def test_http_in_the_demo_only(services: Services) -> None:
    platform = add_platform_row(services, add_tenant(services, "demo"), "http://localhost:5001")
    launch, _ = launched(services, platform, deep_link_return_url="http://localhost:5001/r")
    assert read_request(launch, demo=True).return_url == "http://localhost:5001/r"
    with pytest.raises(DeepLinkingRefused, match="return_url_foreign"):
        read_request(launch, demo=False)


def test_l12_a_launch_of_another_kind_is_not_answered(
    services: Services, moodle: PlatformRef
) -> None:
    launch, _ = launched(services, moodle, message="LtiResourceLinkRequest")
    with pytest.raises(DeepLinkingRefused, match="no_deep_linking"):
        answer(services, launch, [INTERESTS], now=utcnow())


@pytest.mark.parametrize(
    "settings",
    [
        {"accept_multiple": False},
        {"accept_multiple": "false"},
        {"accept_multiple": None},
        {"accept_types": ["link", "file"]},
    ],
)
def test_items_that_the_platform_does_not_take(
    services: Services, moodle: PlatformRef, settings: dict[str, Any]
) -> None:
    launch, secret = launched(services, moodle, **settings)
    with pytest.raises(DeepLinkingRefused, match="items_not_taken"):
        answer(services, launch, [INTERESTS, CAREERS], now=utcnow())
    with services.database.read_connection() as connection:
        assert find_launch(connection, launch.id, secret) is not None


def test_booleans_as_text_are_understood(services: Services, moodle: PlatformRef) -> None:
    launch, _ = launched(services, moodle, accept_multiple="True", accept_lineitem="false")
    request = read_request(launch, demo=False)
    assert request.many
    assert not request.columns


def test_odd_settings_do_no_harm(services: Services, moodle: PlatformRef) -> None:
    odd = {"accept_types": "x", "accept_presentation_document_targets": [1, None], "data": 7}
    launch, _ = launched(services, moodle, **odd)
    request = read_request(launch, demo=False)
    assert request.links
    assert request.targets == frozenset()
    assert request.data is None
