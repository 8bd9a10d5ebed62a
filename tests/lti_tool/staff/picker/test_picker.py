"""The picker as a teacher without JavaScript uses it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.datastructures import MultiDict

from config.clock import utcnow
from lti_tool.learner import MODULES
from lti_tool.lti.keys import key_ring
from lti_tool.lti.platforms import find_by_id
from lti_tool.lti.sessions import Entry, open_launch
from lti_tool.people.roles import Role
from lti_tool.staff.picker.operations import Selection, find, read_selection
from lti_tool.web.locale import LANGUAGES
from tests.lti_tool.conftest import World
from tests.lti_tool.critic import Critic

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
RETURN = "https://moodle.example/mod/lti/contentitem_return.php?course=2&id=1&sesskey=x"


def teacher(
    world: World,
    *,
    role: Role = Role.INSTRUCTOR,
    message: str = "LtiDeepLinkingRequest",
    locale: str = "en",
    **settings: Any,
) -> Critic:
    """Launch the picker as Moodle does."""
    merged = {
        "deep_link_return_url": RETURN,
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_multiple": True,
        **settings,
    }
    with world.services.database.write_connection() as connection:
        registration = find_by_id(connection, world.platform_id)
        assert registration is not None
    user_id = world.user("3", role)
    with world.services.database.write_connection() as connection:
        launch, secret = open_launch(
            connection,
            registration,
            Entry(
                deployment_id="1",
                user_id=user_id,
                context_id=world.context_id,
                resource_link_id=None,
                module=None,
                message_type=message,
                roles=frozenset({role}),
                locale=locale,
                return_url=None,
                details={"deep_linking": merged},
            ),
            utcnow(),
        )
    return Critic(world.app, launch.id, secret, staff=True)


def claims(world: World, page: BeautifulSoup) -> dict[str, Any]:
    """Check the signature of the form's message and return its claims."""
    field = page.select_one("main form input[name=JWT]")
    assert field is not None
    keys = [dict(key) for key in key_ring(world.services).published()]
    token = jwt.decode(str(field["value"]), KeySet.import_key_set({"keys": keys}))
    return dict(token.claims)


def fields(critic: Critic, **values: Any) -> MultiDict[str, str]:
    return MultiDict({"csrf": critic.token(), **values})


def press(critic: Critic, *, status: int = 200, **values: Any) -> BeautifulSoup:
    response = critic.client.post(
        critic.home + "/picker/", data=fields(critic, **values), follow_redirects=True
    )
    return critic._look(response, status)


def test_a_launch_leads_to_the_picker(world: World) -> None:
    page = teacher(world).get("/")
    assert page.h1.get_text() == "Choose activities for your course"
    boxes = page.select("input[type=checkbox][name=module]")
    assert [box["value"] for box in boxes] == list(MODULES)
    for module in MODULES.values():
        assert str(module.title) in page.get_text()
        assert f"about {module.minutes} minutes" in page.get_text()


def test_two_activities_go_into_the_course(world: World) -> None:
    critic = teacher(world, data="opaque")
    critic.get("/picker/")
    page = press(
        critic, module=["careers", "interests"], grading="progress", language="hu", add="1"
    )
    form = page.select_one("main form")
    assert form["action"] == RETURN
    assert form["method"] == "post"
    assert form.has_attr("data-send")
    assert form.find("button") is not None
    sent = claims(world, page)
    assert sent["iss"] == "client"
    assert sent[DL + "data"] == "opaque"
    assert sent[DL + "msg"] == "2 activities added."
    items = sent[DL + "content_items"]
    assert [item["custom"]["module"] for item in items] == ["interests", "careers"]
    assert {item["custom"]["grading"] for item in items} == {"progress"}
    assert {item["custom"]["language"] for item in items} == {"hu"}
    assert all("url" not in item for item in items)
    assert items[0]["title"] == "What do I like doing?"


def test_the_form_may_go_to_the_platform_on_that_page_only(world: World) -> None:
    critic = teacher(world)
    first = critic.client.get(critic.home + "/picker/")
    assert "form-action 'self';" in first.headers["Content-Security-Policy"]
    critic.get("/picker/")
    last = critic.client.post(
        critic.home + "/picker/", data=fields(critic, module="interests", add="1")
    )
    policy = last.headers["Content-Security-Policy"]
    assert "form-action 'self' https://moodle.example;" in policy
    assert "frame-ancestors https://moodle.example;" in policy
    assert "script-src 'self';" in policy


def test_a_second_answer_to_one_request_is_refused(world: World) -> None:
    critic = teacher(world)
    critic.get("/picker/")
    again = fields(critic, module="interests", add="1")
    assert critic.client.post(critic.home + "/picker/", data=again).status_code == 200
    assert critic.client.post(critic.home + "/picker/", data=again).status_code == 401


def test_cancel_sends_an_empty_list(world: World) -> None:
    critic = teacher(world)
    critic.get("/picker/")
    page = press(critic, module="interests", cancel="1")
    sent = claims(world, page)
    assert sent[DL + "content_items"] == []
    assert sent[DL + "msg"] == "Nothing was added."


def test_nothing_ticked_is_said(world: World) -> None:
    critic = teacher(world)
    critic.get("/picker/")
    page = press(critic, add="1", q="")
    assert "Tick at least one" in page.get_text()
    assert page.select_one("[role=alert]") is not None


def test_modules_that_do_not_exist_are_not_added(world: World) -> None:
    critic = teacher(world)
    critic.get("/picker/")
    page = press(critic, add="1", module=["../../etc", "<script>"])
    assert "Tick at least one" in page.get_text()


def test_a_search_keeps_what_was_ticked(world: World) -> None:
    critic = teacher(world)
    critic.get("/picker/")
    response = critic.client.post(
        critic.home + "/picker/",
        data=fields(
            critic, q="JÓBS", module="interests", grading="progress", language="de", search="1"
        ),
    )
    assert response.status_code == 303
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    assert query == {
        "q": ["JÓBS"],
        "module": ["interests"],
        "grading": ["progress"],
        "language": ["de"],
    }
    page = critic.get(response.headers["Location"])
    ticked = page.select("input[name=module][checked]")
    assert [box["value"] for box in ticked] == ["interests"]
    assert [box["value"] for box in page.select("input[name=module]")] == [
        "interests", "careers", "near",
    ]  # fmt: skip
    assert page.select_one("input[name=grading][checked]")["value"] == "progress"
    assert page.select_one("select[name=language] option[selected]")["value"] == "de"


def test_enter_in_the_search_field_searches(world: World) -> None:
    page = teacher(world).get("/picker/")
    first = page.select_one("main form").find("button")
    assert first["name"] == "search"


def test_a_preview_leads_back_with_the_ticks(world: World) -> None:
    critic = teacher(world)
    critic.get("/picker/")
    page = press(critic, module="careers", preview="interests")
    assert page.h1.get_text() == "What do I like doing?"
    assert "what a learner sees" in page.get_text()
    back = page.select_one("main a.button")["href"]
    page = critic.get(back)
    assert page.select_one("input[name=module][checked]")["value"] == "careers"


def test_the_mentors_room_says_whom_it_is_for(world: World) -> None:
    critic = teacher(world)
    card = next(
        card
        for card in critic.get("/picker/").select(".card")
        if "Mentors' room" in card.get_text()
    )
    assert "For mentors, not for learners" in card.get_text()
    page = press(critic, preview="mentoring")
    assert page.h1.string == "Mentors' room"
    assert "People who are enrolled as learners need a code" in page.main.get_text()
    assert "what a learner sees first" not in page.main.get_text()


def test_a_preview_of_nothing(world: World) -> None:
    teacher(world).get("/picker/preview/nothing", status=404)


def test_one_at_a_time_where_the_platform_takes_one(world: World) -> None:
    critic = teacher(world, accept_multiple=False)
    page = critic.get("/picker/")
    assert not page.select("input[type=checkbox]")
    assert page.select("input[type=radio][name=module]")
    page = press(critic, status=400, module=["interests", "careers"], add="1")
    assert "one activity at a time" in page.get_text()


def test_a_platform_that_takes_no_links_can_only_be_left(world: World) -> None:
    critic = teacher(world, accept_types=["file"])
    page = critic.get("/picker/")
    assert not page.select("input[name=module]")
    page = press(critic, module="interests", add="1")
    assert not page.select("input[name=JWT]")
    assert claims(world, press(critic, cancel="1"))[DL + "content_items"] == []


@pytest.mark.parametrize("url", ["https://evil.example/r", "javascript:alert(1)"])
def test_l12_a_foreign_return_address_is_refused_before_anything_is_chosen(
    world: World, url: str
) -> None:
    page = teacher(world, deep_link_return_url=url).get("/picker/", status=403)
    assert "return_url_foreign" in page.get_text()
    assert "evil" not in page.get_text()


def test_l12_items_cannot_be_chosen_for_another_launch(world: World) -> None:
    one, two = teacher(world), teacher(world)
    one.get("/picker/")
    response = two.client.post(two.home + "/picker/", data=fields(one, module="interests", add="1"))
    assert response.status_code == 403
    assert "JWT" not in response.text


def test_l12_what_a_form_says_of_data_and_addresses_is_ignored(world: World) -> None:
    critic = teacher(world, data="ours")
    critic.get("/picker/")
    page = press(
        critic,
        module="interests",
        add="1",
        data="theirs",
        deep_link_return_url="https://evil.example/",
        title="<script>",
    )
    assert page.select_one("main form")["action"] == RETURN
    assert claims(world, page)[DL + "data"] == "ours"


def test_an_ordinary_launch_has_no_picker(world: World) -> None:
    teacher(world, message="LtiResourceLinkRequest").get("/picker/", status=403)


@pytest.mark.parametrize("role", [Role.LEARNER, Role.MENTOR])
def test_learners_and_mentors_do_not_place_activities(world: World, role: Role) -> None:
    teacher(world, role=role).get("/picker/", status=403)


def test_after_the_answer_no_link_leads_back_into_the_closed_launch(world: World) -> None:
    critic = teacher(world)
    critic.get("/picker/")
    page = press(critic, module="interests", add="1")
    assert critic.home not in str(page)


# The search.


def choose(**values: Any) -> Selection:
    return read_selection(MultiDict(values), MODULES, LANGUAGES)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["interests", "careers"]),
        ("jobs", ["careers"]),
        ("JOBS like", ["careers"]),
        ("jöbs", ["careers"]),
        ("everyday", ["interests"]),
        ("nothing like this", []),
        ("%", []),
    ],
)
def test_every_word_has_to_occur(search: str, found: list[str]) -> None:
    modules = {key: MODULES[key] for key in ("interests", "careers")}
    assert [module.key for module in find(choose(q=search), modules)] == found


def test_minutes_are_the_longest_wanted() -> None:
    short = find(choose(minutes="5"), MODULES)
    assert short
    assert all(module.minutes <= 5 for module in short)
    assert find(choose(minutes="7"), MODULES) == list(MODULES.values())


@pytest.mark.parametrize(
    "values",
    [
        {"minutes": "x", "grading": "all", "language": "tlh", "module": ["nope"], "q": " "},
        {"minutes": "-1", "grading": "", "language": "../x"},
    ],
)
def test_what_we_do_not_know_is_left_out(values: dict[str, Any]) -> None:
    assert choose(**values) == Selection()


def test_a_selection_survives_its_address() -> None:
    chosen = choose(q="x y", minutes="10", module=["careers"], grading="progress", language="sl")
    again = MultiDict(
        [
            (name, str(value))
            for name, values in chosen.query().items()
            for value in (values if isinstance(values, list) else [values])
        ]
    )
    assert read_selection(again, MODULES, LANGUAGES) == chosen
