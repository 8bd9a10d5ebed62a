from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lti_tool.lti.services.lineitems import (
    LINEITEM,
    LINEITEM_CONTAINER,
    SCOPE_LINEITEM,
    SCOPE_LINEITEM_READONLY,
    LineItem,
    create_lineitem,
    delete_lineitem,
    find_lineitem,
    get_lineitem,
    list_lineitems,
    update_lineitem,
)
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.services import Services
from tests.lti_tool.lti.services.stub import Reply, Seen, StubPlatform

LIST = "/mod/lti/services.php/2/lineitems"
ONE = "/mod/lti/services.php/2/lineitems/2/lineitem"
JSON = {"Content-Type": "application/json"}


def list_url(stub: StubPlatform) -> str:
    return f"{stub.url}{LIST}?type_id=1"


def one_url(stub: StubPlatform) -> str:
    return f"{stub.url}{ONE}?type_id=1"


def test_the_list(services: Services, stub: StubPlatform, moodle: PlatformRef) -> None:
    stub.replay("ags_lineitems")
    found = list_lineitems(services, moodle, list_url(stub))
    assert [(item.label, item.resource_link_id, item.tag) for item in found] == [
        ("Probe item 1", "1", "progress"),
        ("Probe item 2", "2", "progress"),
    ]
    assert found[0].id == one_url(stub)
    (seen,) = stub.calls()
    assert seen.headers["accept"] == LINEITEM_CONTAINER
    assert seen.raw_query == "type_id=1"  # no limit to Moodle
    assert stub.token_calls()[0].form["scope"] == SCOPE_LINEITEM_READONLY


def test_filters_are_sent_and_applied(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.replay("ags_lineitems")
    found = list_lineitems(
        services, moodle, list_url(stub), resource_id="m2", tag="progress", resource_link_id="2"
    )
    assert [item.resource_id for item in found] == ["m2"]
    assert stub.calls()[0].query == {
        "type_id": ["1"],
        "resource_id": ["m2"],
        "tag": ["progress"],
        "resource_link_id": ["2"],
    }


def test_the_one_of_a_resource_link(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.replay("ags_lineitems")
    found = find_lineitem(services, moodle, list_url(stub), resource_link_id="2")
    assert found is not None
    assert found.label == "Probe item 2"
    assert find_lineitem(services, moodle, list_url(stub), resource_link_id="9") is None


def test_two_of_one_resource_link_are_not_guessed(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    item = {"label": "x", "scoreMaximum": 1, "resourceLinkId": "2"}
    body = json.dumps([{**item, "id": f"{stub.url}/{n}"} for n in (1, 2)])
    stub.on("GET", LIST, Reply(200, body, JSON))
    assert find_lineitem(services, moodle, list_url(stub), resource_link_id="2") is None


def test_pages_are_followed_through_moodles_links(
    services: Services, stub: StubPlatform, other: PlatformRef
) -> None:
    def page(seen: Seen) -> Reply:
        if seen.query.get("from") == ["1"]:
            return Reply(200, "[]", JSON)
        return stub.reply("ags_lineitems_limit1")

    stub.on("GET", LIST, page)
    found = list_lineitems(services, other, list_url(stub), tag="progress")
    assert len(found) == 1
    assert [seen.query.get("from") for seen in stub.calls()] == [None, ["1"]]
    assert all(seen.query["tag"] == ["progress"] for seen in stub.calls())


def test_pages_that_go_round_fail_loudly(
    services: Services, stub: StubPlatform, other: PlatformRef
) -> None:
    stub.on("GET", LIST, Reply(200, "[]", {**JSON, "Link": f'<{list_url(stub)}>; rel="next"'}))
    with pytest.raises(ServiceFailed, match="circle"):
        list_lineitems(services, other, list_url(stub))
    assert len(stub.calls()) == 1


def test_pages_without_end_fail_loudly(
    services: Services, stub: StubPlatform, other: PlatformRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_tool.lti.services.pages.MAX_PAGES", 5)

    def page(seen: Seen) -> Reply:
        number = int(seen.query.get("from", ["0"])[0]) + 1
        return Reply(200, "[]", {**JSON, "Link": f'<?from={number}>; rel="next"'})

    stub.on("GET", LIST, page)
    with pytest.raises(ServiceFailed, match="too many pages"):
        list_lineitems(services, other, list_url(stub))
    assert len(stub.calls()) == 5


def test_one_item(services: Services, stub: StubPlatform, moodle: PlatformRef) -> None:
    stub.replay("ags_lineitem")
    item = get_lineitem(services, moodle, one_url(stub))
    assert (item.label, item.score_maximum, item.resource_id) == ("Probe item 1", 100.0, "m1")
    assert stub.calls()[0].headers["accept"] == LINEITEM


def test_creating(services: Services, stub: StubPlatform, moodle: PlatformRef) -> None:
    stub.replay("ags_create")
    wanted = LineItem("Mentoring", 10.0, resource_id="mentoring", tag="mentoring")
    made = create_lineitem(services, moodle, list_url(stub), wanted)
    assert made == replace(wanted, id=f"{stub.url}{LIST}/4/lineitem?type_id=1")
    (seen,) = stub.calls()
    assert seen.headers["content-type"] == seen.headers["accept"] == LINEITEM
    assert seen.json == {
        "label": "Mentoring",
        "scoreMaximum": 10,
        "resourceId": "mentoring",
        "tag": "mentoring",
    }
    assert stub.token_calls()[0].form["scope"] == SCOPE_LINEITEM


def test_updating_sends_every_member_because_a_put_replaces(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    full = {
        "id": one_url(stub),
        "label": "Old",
        "scoreMaximum": 100,
        "resourceId": "m1",
        "tag": "progress",
        "resourceLinkId": "1",
        "startDateTime": "2026-01-01T00:00:00Z",
        "endDateTime": "2027-01-01T00:00:00Z",
        "submissionReview": {"reviewableStatus": ["Completed"]},
    }
    stub.on("GET", ONE, Reply(200, json.dumps(full), JSON))
    stub.on("PUT", ONE, lambda seen: Reply(200, seen.body, JSON))
    item = get_lineitem(services, moodle, one_url(stub))
    changed = update_lineitem(services, moodle, replace(item, label="New"))
    assert changed.label == "New"
    seen = stub.calls()[-1]
    assert seen.json == {**full, "label": "New"}
    assert seen.headers["content-type"] == LINEITEM


@pytest.mark.parametrize("status", [200, 204, 404, 410])
def test_deleting_what_is_gone_is_done(
    services: Services, stub: StubPlatform, moodle: PlatformRef, status: int
) -> None:
    stub.on("DELETE", ONE, Reply(status))
    delete_lineitem(services, moodle, one_url(stub))
    assert stub.calls()[0].method == "DELETE"


def test_deleting_what_belongs_to_somebody_else_is_not_done(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.on("DELETE", ONE, Reply(403))
    with pytest.raises(ServiceFailed) as caught:
        delete_lineitem(services, moodle, one_url(stub))
    assert caught.value.outcome is Outcome.GONE


@pytest.mark.parametrize("body", ["{}", "[]", '{"id":7}', "null", '"text"', '{"label":"x"}'])
def test_what_is_no_line_item(
    services: Services, stub: StubPlatform, moodle: PlatformRef, body: str
) -> None:
    stub.on("GET", ONE, Reply(200, body, JSON))
    with pytest.raises(ServiceFailed):
        get_lineitem(services, moodle, one_url(stub))


def test_a_line_item_elsewhere_would_get_our_tokens(
    services: Services, stub: StubPlatform, moodle: PlatformRef
) -> None:
    stub.on("POST", LIST, Reply(201, '{"id":"https://evil.example/1","label":"x"}', JSON))
    with pytest.raises(ServiceFailed) as caught:
        create_lineitem(services, moodle, list_url(stub), LineItem("x", 1))
    assert caught.value.outcome is Outcome.REFUSED
