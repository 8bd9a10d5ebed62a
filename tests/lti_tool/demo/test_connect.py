"""Dynamic Registration and Deep Linking, played by script over HTTP."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey

from lti_tool.demo import run, seed
from lti_tool.demo.deep_linking import place as place_item
from lti_tool.demo.keys import door_for
from lti_tool.demo.population import ADMIN, TEACHER
from tests.lti_tool.demo.conftest import World, recording
from tests.lti_tool.demo.small_tool import DL, SmallTool, post_registration, response_claims

CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"


def test_connect_registers_activates_and_places_by_deep_linking(world: World) -> None:
    assert world.connected.by_deep_linking
    assert len(world.connected.activities) == 2
    store = world.lms.site.store
    assert store.one("SELECT state FROM tool")["state"] == "active"
    customs = [row["custom"] for row in store.all("SELECT custom FROM lti ORDER BY id")]
    assert customs == ["module=interests", "module=careers"]
    items = store.all("SELECT * FROM gradeitem WHERE itemtype='mod'")
    assert [(row["name"], row["grademax"], row["tag"]) for row in items] == [
        ("Do interests", 100, "progress"),
        ("Do careers", 100, "progress"),
    ]


def test_connect_places_directly_where_the_tool_offers_no_such_module(
    lms: run.PracticeLms, tool: SmallTool
) -> None:
    connected = seed.connect(lms, f"{tool.url}/register", modules=["unheard-of"])
    assert not connected.by_deep_linking
    row = lms.site.store.one("SELECT custom FROM lti")
    assert row["custom"] == "module=unheard-of"


def test_connect_says_when_a_tool_does_not_register(lms: run.PracticeLms, tool: SmallTool) -> None:
    with pytest.raises(seed.NotConnected):
        seed.connect(lms, f"{tool.url}/no-such-page")


def test_openid_configuration_has_the_shape_of_the_recording(world: World) -> None:
    recorded = recording("lti/dynamic_registration_request")["openid_configuration"]
    ours = world.tool.platform
    assert {k: v for k, v in ours.items() if isinstance(v, list)} == {
        k: v for k, v in recorded.items() if isinstance(v, list)
    }
    platform = "https://purl.imsglobal.org/spec/lti-platform-configuration"
    assert ours[platform] == recorded[platform]
    assert list(ours) == list(recorded)
    assert ours["issuer"] == world.lms.url


def test_registration_answer_over_reports_scopes_and_claims(
    lms: run.PracticeLms, tool: SmallTool
) -> None:
    seed.register(lms, f"{tool.url}/register")
    recorded = recording("lti/dynamic_registration_response")
    recorded = recorded.get("response") or recorded.get("body") or recorded
    assert set(tool.registered) == set(recorded)
    assert set(tool.registered["scope"].split()) == set(recorded["scope"].split())
    assert set(tool.registered[CONFIGURATION]) == set(recorded[CONFIGURATION])
    assert tool.registered[CONFIGURATION]["claims"] == recorded[CONFIGURATION]["claims"]


def test_a_tool_is_pending_until_the_admin_activates_it(
    lms: run.PracticeLms, tool: SmallTool
) -> None:
    admin = seed.signed_in(lms, ADMIN)
    key = lms_sesskey(admin.get(f"{lms.url}/admin/tools").text)
    page = admin.post(f"{lms.url}/admin/tools/add", {"url": f"{tool.url}/register", "sesskey": key})
    admin.send(admin.get(page.frames[0]).forms[0])
    assert lms.site.store.one("SELECT state FROM tool")["state"] == "pending"
    teacher = seed.signed_in(lms, TEACHER)
    assert "Add activities from" not in teacher.get(f"{lms.url}/course/view.php?id=2").text
    assert teacher.get(f"{lms.url}/course/modedit.php?course=2&type=1").status == 404


def lms_sesskey(text: str) -> str:
    return text.partition('name="sesskey" value="')[2].partition('"')[0]


def test_a_registration_token_is_used_once(world: World) -> None:
    answer = post_registration(world.tool)
    assert (answer.status, answer.json()["reason"]) == (401, "token_already_used")


def test_registration_without_token_is_refused(world: World) -> None:
    url = world.tool.platform["registration_endpoint"]
    answer = door_for(url).post(url, json=world.tool.configuration())
    assert (answer.status, answer.json()["reason"]) == (401, "missing_registration_token")


def test_registering_again_updates_the_same_client(world: World) -> None:
    client = world.tool.registered["client_id"]
    seed.register(world.lms, f"{world.tool.url}/register")
    assert world.tool.registered["client_id"] == client
    assert len(world.lms.site.store.all("SELECT * FROM tool")) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"domain": ""}, "missing_domain"),
        ({"domain": "other.example.org"}, "domain_targetlinkuri_mismatch"),
    ],
)
def test_the_domain_must_be_the_targets(
    lms: run.PracticeLms, tool: SmallTool, change: dict[str, str], reason: str
) -> None:
    seed.register(lms, f"{tool.url}/register")
    lms.site.store.run("DELETE FROM tool")
    wrong = {CONFIGURATION: tool.configuration()[CONFIGURATION] | change}
    answer = post_registration(tool, **wrong)
    assert (answer.status, answer.json()["reason"]) == (400, reason)


def test_names_are_sent_only_if_the_registration_listed_them(world: World) -> None:
    assert world.launched(6)["name"] == "Ágnes Szabó"
    quiet = world.tool.configuration()[CONFIGURATION] | {"claims": ["iss", "sub"]}
    seed_token(world)
    assert post_registration(world.tool, **{CONFIGURATION: quiet}).status == 200
    claims = world.launched(6)
    assert not {"name", "given_name", "family_name", "email"} & set(claims)


def seed_token(world: World) -> None:
    """A fresh registration token for the tool, as an update gives it."""
    now = int(time.time())
    claims = {"sub": "1", "scope": "reg-update", "iat": now, "exp": now + 60}
    world.tool.asked["registration_token"] = world.lms.site.keys.sign(claims)


def test_deep_linking_refuses_a_response_of_another_key(world: World) -> None:
    teacher = seed.signed_in(world.lms, TEACHER)
    url = f"{world.lms.url}/mod/lti/contentitem.php?course=2&id=1"
    teacher.settle(teacher.get(url))
    claims = world.tool.claims()
    back = claims[DL + "deep_linking_settings"]["deep_link_return_url"]
    answer = response_claims(world.tool, claims, [])
    own, world.tool.key = world.tool.key, RSAKey.generate_key(2048)
    forged = world.tool.sign(answer)
    world.tool.key = own
    refused = teacher.settle(teacher.post(back, {"JWT": forged}))
    assert refused.status == 400
    taken = teacher.settle(teacher.post(back, {"JWT": world.tool.sign(answer)}))
    assert taken.status == 200


def place(world: World, item: dict[str, object]) -> dict[str, object]:
    """Choose one hand-made item; returns the row of the activity it became."""
    world.tool.items = [{"type": "ltiResourceLink", "title": "One", **item}]
    seed.choose(world.lms, 1, ["interests"])
    return dict(world.lms.site.store.one("SELECT * FROM lti ORDER BY id DESC LIMIT 1"))


def test_without_line_item_there_is_no_grade(world: World) -> None:
    lti = place(world, {})
    assert world.lms.site.store.one("SELECT 1 FROM gradeitem WHERE lti=?", lti["id"]) is None


def test_a_custom_value_ends_at_its_line_break(world: World) -> None:
    place(world, {"custom": {"module": "a\nb"}})
    cmid = world.lms.site.store.one("SELECT MAX(id) AS id FROM module")["id"]
    custom = world.launched(6, cmid)["https://purl.imsglobal.org/spec/lti/claim/custom"]
    assert custom["module"] == "a"


def test_the_line_items_label_is_ignored_and_its_maximum_kept(world: World) -> None:
    lti = place(world, {"lineItem": {"scoreMaximum": 20, "label": "Other"}})
    row = world.lms.site.store.one("SELECT * FROM gradeitem WHERE lti=?", lti["id"])
    assert (row["name"], row["grademax"]) == ("One", 20)


def test_an_item_with_url_goes_to_the_first_tool_of_that_domain(world: World) -> None:
    store = world.lms.site.store
    row = dict(store.one("SELECT * FROM tool"))
    store.run(
        "INSERT INTO tool (client_id, state, name, domain, config, issuer)"
        " VALUES ('second', 'active', 'Second', ?, ?, ?)",
        row["domain"], row["config"], row["issuer"],
    )  # fmt: skip
    item = {"type": "ltiResourceLink", "title": "T"}
    with world.lms.app.app_context():
        place_item(2, 2, item)
        place_item(2, 2, item | {"url": f"{world.tool.url}/launch?x=1"})
    tools = [r["tool"] for r in store.all("SELECT tool FROM lti ORDER BY id DESC LIMIT 2")]
    assert tools == [1, 2]


def test_a_choice_is_saved_once(world: World) -> None:
    teacher = seed.signed_in(world.lms, TEACHER)
    page = teacher.settle(teacher.get(f"{world.lms.url}/mod/lti/contentitem.php?course=2&id=1"))
    page = teacher.send(page.forms[0], lambda _value: True)
    page = teacher.settle(teacher.send(page.forms[0]))
    assert teacher.send(page.forms[0]).status == 200
    assert teacher.send(page.forms[0]).status == 404


def test_data_are_kept_between_starts_and_forgotten_on_reset(tmp_path: Path) -> None:
    first = run.start(tmp_path, port=0)
    token, kid = first.ws_token, first.site.keys.kid
    first.stop()
    again = run.start(tmp_path, port=0)
    assert (again.ws_token, again.site.keys.kid) == (token, kid)
    again.stop()
    (tmp_path / "tool.db").write_text("not ours")
    run.reset(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["tool.db"]
    fresh = run.start(tmp_path, port=0)
    assert fresh.ws_token != token
    fresh.stop()


def test_a_taken_port_is_said_in_one_line(lms: run.PracticeLms, tmp_path: Path) -> None:
    port = int(lms.url.rpartition(":")[2])
    with pytest.raises(run.PortTaken, match=f"port {port} is taken") as caught:
        run.start(tmp_path / "other", port=port)
    assert "--lms-port" in str(caught.value)
    assert "\n" not in str(caught.value)
