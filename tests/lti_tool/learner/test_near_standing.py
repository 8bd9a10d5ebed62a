"""What the home page hears of the module."""

from __future__ import annotations

from datetime import timedelta

from config.clock import utcnow
from lti_tool.learner.nearby import standing_of
from lti_tool.lti.sessions import find_launch
from lti_tool.opportunities import operations as desk
from tests.lti_tool.learner.test_near import look, offer, other_tenant


def standing(world, browser, since=None):
    launch_id = browser.home.split("/")[2]
    secret = browser.client.get_cookie(f"__Host-ls-{launch_id}").value
    with world.services.database.read() as session, world.app.test_request_context():
        launch = find_launch(session.connection(), launch_id, secret)
        from flask import g

        g.launch_id, g.locale = launch_id, "en"
        return standing_of(session, launch, since)


def day(days: int) -> str:
    return (utcnow() + timedelta(days)).date().isoformat()


def test_one_small_step_at_a_time(world):
    browser = world.visit("near")
    said = standing(world, browser)
    assert (said.state, said.percent, said.step) == ("new", 0, "Say where you want to look.")
    assert said.url.endswith("/near/where")
    look(browser, "Szeged")
    said = standing(world, browser)
    assert (said.state, said.percent) == ("started", 50)
    assert said.step == "Look at the list and keep one that you like."
    later = offer(world, title__en="Later", last_day=day(30))
    soon = offer(world, title__en="Soon", last_day=day(3))
    for one in (later, soon):
        browser.get(f"/near/o/{one}")
        browser.submit()
    said = standing(world, browser)
    assert (said.state, said.percent, said.step) == ("done", 100, "Get in touch about “Soon”.")
    assert said.url.endswith(soon)
    assert said.urgent
    browser.get(f"/near/o/{soon}")
    browser.submit()
    said = standing(world, browser)
    assert (said.step, said.urgent) == ("Get in touch about “Later”.", False)
    with world.services.database.write() as session:
        desk.end(desk.find(session, world.tenant_id, later), utcnow())
    assert standing(world, browser).step == ""


def test_news_are_what_suits_and_changed_since(world):
    before = utcnow()
    browser = world.visit("near")
    look(browser, "Szeged")
    assert standing(world, browser, before).news == ()
    offer(world)
    offer(world, place="Győr, HU")
    offer(world, languages="ro")
    offer(world, other_tenant(world))
    said = standing(world, browser, before)
    assert said.news == ("1 opportunity for you is new or has changed.",)
    assert standing(world, browser, utcnow()).news == ()
    assert standing(world, browser, None).news == ()
