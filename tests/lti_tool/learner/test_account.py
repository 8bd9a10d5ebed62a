"""The page "Me": two course sites share one person's answers by consent only."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from lti_tool.lti.models import Platform
from lti_tool.people.models import User
from tests.lti_tool.conftest import World
from tests.lti_tool.learner.test_interests import walk


@pytest.fixture
def other_site(world: World) -> World:
    """A second Moodle of the same organisation."""
    with world.services.database.write() as session:
        first = session.get_one(Platform, (world.tenant_id, world.platform_id))
        second = Platform(
            tenant_id=world.tenant_id, issuer="https://other.example", client_id="c2",
            name="Other", product="moodle", auth_url=first.auth_url, token_url=first.token_url,
            jwks_url=first.jwks_url, status="active",
        )  # fmt: skip
        session.add(second)
        session.flush()
        platform_id = second.id
    return World(world.app, world.services, world.tenant_id, platform_id, world.context_id)


def finish(world: World, sub: str = "7") -> None:
    browser = world.visit("interests", sub=sub)
    browser.get("/")
    browser.submit()
    walk(browser)


def a_code(world: World, sub: str = "7") -> str:
    browser = world.visit("interests", sub=sub)
    browser.get("/me/")
    page = browser.submit(form=0)
    return page.main.strong.string


def test_without_consent_the_other_site_knows_nothing(world, other_site):
    finish(world)
    page = other_site.visit("interests", sub="7").get("/")
    assert page.h1.string == "What do I like doing?"


def test_a_code_typed_on_the_other_site_shares_the_answers_until_ended(world, other_site):
    finish(world)
    code = a_code(world)
    browser = other_site.visit("interests", sub="99")
    browser.get("/me/")
    page = browser.submit({"code": code.lower()}, form=1)
    assert "share your answers" in page.main.text
    assert browser.get("/").h1.string == "What you like doing"
    browser.get("/me/")
    browser.submit(form=0)
    assert browser.get("/").h1.string == "What do I like doing?"


def test_answering_again_on_the_joined_site_leaves_a_walk_of_its_own(world, other_site):
    finish(world)
    code = a_code(world)
    browser = other_site.visit("interests", sub="99")
    browser.get("/me/")
    browser.submit({"code": code}, form=1)
    browser.get("/")
    browser.submit(form=1)
    walk(browser)
    assert browser.page.h1.string == "What you like doing"


def test_a_code_works_once(world, other_site):
    code = a_code(world)
    first, second = (other_site.visit("interests", sub=sub) for sub in ("98", "99"))
    first.get("/me/")
    first.submit({"code": code}, form=1)
    second.get("/me/")
    page = second.submit({"code": code}, form=1, status=404)
    assert "code_unknown" in page.code.text


@pytest.mark.parametrize("code", ["", "ABCD 2345", "😀" * 20, "x" * 500])
def test_an_unknown_code_is_refused(world, other_site, code):
    browser = other_site.visit("interests", sub="99")
    browser.get("/me/")
    browser.submit({"code": code}, form=1, status=404)


def test_a_code_of_the_same_site_is_refused(world):
    code = a_code(world)
    browser = world.visit("interests", sub="8")
    browser.get("/me/")
    browser.submit({"code": code}, form=1, status=404)


def test_it_says_whether_a_name_is_kept(world):
    page = world.visit("interests").get("/me/")
    assert "only a number" in page.main.text
    with world.services.database.write() as session:
        session.execute(update(User).values(name="Ágnes <b>"))
    page = world.visit("interests").get("/me/")
    assert "Ágnes <b>" in page.main.text
