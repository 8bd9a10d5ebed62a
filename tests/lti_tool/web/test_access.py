"""Who gets in: by their own launch, in their own role, with forms of their own pages."""

from __future__ import annotations

import pytest
from flask import Blueprint

from lti_tool.people.roles import Role
from lti_tool.web.access import check_policies, policy_of
from tests.attacks.house import address
from tests.lti_tool.critic import Critic, faults_of


def test_every_view_declares_who_may_use_it(app):
    check_policies(app)
    public = {
        endpoint
        for endpoint in app.view_functions
        if endpoint != "static" and not policy_of(app, endpoint).roles
    }
    assert all(policy_of(app, endpoint).reason for endpoint in public)
    assert not {rule.endpoint for rule in app.url_map.iter_rules() if "/l/" in rule.rule} & public


def test_an_undeclared_view_stops_the_start(app):
    room = Blueprint("room", __name__)
    app.view_functions["room.open"] = lambda: "in"
    with pytest.raises(LookupError, match=r"room\.open"):
        check_policies(app)
    assert room.name == "room"


def test_every_launch_page_is_closed_without_the_cookie(app, world):
    launch, _secret = world.launch("interests")
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/l/"):
            continue
        path = address(rule.rule, launch.id, "x")
        for method in rule.methods & {"GET", "POST"}:
            answer = client.open(path, method=method)
            assert answer.status_code == 401, (method, path)
            assert "launch_ended" in answer.text
            assert faults_of(answer.text) == []


def test_one_launchs_cookie_opens_no_other_launch(world):
    mine, secret = world.launch("interests", sub="7")
    theirs, _ = world.launch("interests", sub="8")
    browser = Critic(world.app, theirs.id, secret)
    browser.get("/", status=401)
    browser = Critic(world.app, mine.id, secret)
    browser.get("/", status=200)


def test_two_people_in_one_browser_never_bleed(world):
    first = world.visit("interests", sub="7")
    first.get("/")
    first.submit()
    first.submit({"value": "5"})
    launch, secret = world.launch("interests", sub="8")
    second = Critic(world.app, launch.id, secret)
    second.client = first.client
    second.client.set_cookie(f"__Host-ls-{launch.id}", secret, secure=True, domain="localhost")
    page = second.get("/")
    assert page.main.button.string == "Start"
    page = first.get("/")
    assert page.main.button.string == "Go on"


@pytest.mark.parametrize("role", [Role.LEARNER])
def test_learners_do_not_see_the_teachers_page(world, role):
    browser = world.visit("interests", role=role)
    page = browser.get("/teacher/", status=403)
    assert "role_not_allowed" in page.code.text


class TestForms:
    """CSRF: SameSite=None protects nothing inside a frame."""

    def start(self, world) -> tuple[Critic, str]:
        browser = world.visit("interests")
        browser.get("/")
        return browser, browser.token()

    def test_without_token(self, world):
        browser, _ = self.start(world)
        browser.post("/interests/start", {}, status=403)

    def test_with_another_launchs_token(self, world):
        browser, _ = self.start(world)
        _other, token = self.start(world)
        browser.post("/interests/start", {"csrf": token}, status=403)

    def test_with_a_changed_token(self, world):
        browser, token = self.start(world)
        browser.post("/interests/start", {"csrf": token[:-2] + "xx"}, status=403)

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://127.0.0.1:5000"])
    def test_from_another_origin(self, world, origin):
        browser, token = self.start(world)
        answer = browser.client.post(
            f"{browser.home}/interests/start", data={"csrf": token}, headers={"Origin": origin}
        )
        assert answer.status_code == 403

    def test_from_our_own_origin(self, world):
        browser, token = self.start(world)
        answer = browser.client.post(
            f"{browser.home}/interests/start",
            data={"csrf": token},
            headers={"Origin": "http://127.0.0.1:5000"},
        )
        assert answer.status_code == 303

    def test_tokens_never_repeat_their_bytes(self, world):
        browser, first = self.start(world)
        browser.get("/")
        assert browser.token() != first


def test_a_get_never_changes_anything_for_a_new_learner(world):
    from sqlalchemy import func, select

    from lti_tool.tables import METADATA

    browser = world.visit("interests")

    def rows() -> dict[str, int]:
        with world.services.database.read() as session:
            return {
                name: session.scalar(select(func.count()).select_from(table))
                for name, table in METADATA.tables.items()
            }

    before = rows()
    for path in ("/", "/interests/", "/interests/result", "/interests/q/R1", "/careers/"):
        browser.get(path)
    assert rows() == before
