"""Where a learner is with mentoring, as the home page says it, at each moment."""

from __future__ import annotations

from datetime import timedelta

import flask_babel
from flask import g
from time_machine import travel

from config.clock import utcnow
from lti_tool.learner.mentoring import standing_of
from lti_tool.learner.standing import Standing
from lti_tool.mentoring import closure, meetings, mentees, messages, pairs, reports
from tests.lti_tool.critic import Critic


def now_of(programme, name: str = "ana", since=None, **options) -> Standing:
    """Return the standing of somebody, and try that the page of the step opens."""
    world = programme.world
    if name in programme.people:
        user_id = programme.people[name].user_id
        options["sub"] = next(sub for sub, known in world.users.items() if known == user_id)
    launch, secret = world.launch("mentor", **options)
    with world.app.test_request_context(), flask_babel.force_locale("en"):
        g.launch_id = launch.id
        with world.services.database.read() as session:
            found = standing_of(session, launch, since)
    Critic(world.app, launch.id, secret).get(found.url)
    return found


def test_before_and_while_asking(programme):
    found = now_of(programme, "nobody", sub="901")
    assert (found.state, found.step) == ("new", "See what a mentor can do for you.")
    with programme.stage() as stage:
        ana = stage.mentee(programme.world.tenant_id, "ana")
    found = now_of(programme)
    assert (found.state, found.percent, found.urgent) == ("started", 30, False)
    assert "Look at the mentors" in found.step
    with programme.stage() as stage:
        mentees.set_pause(stage.session, ana, ana.user_id, stage.now, paused=True)
    assert now_of(programme).step.startswith("End your break")
    with programme.stage() as stage:
        mentees.leave(stage.session, ana, ana.user_id, stage.now)
        mentees.begin(stage.session, ana, stage.now)
    assert now_of(programme).step == "Go on and ask for a mentor."


def test_a_pair(talking):
    programme, pair_id = talking.programme, talking.pair_id
    found = now_of(programme)
    assert (found.percent, found.step) == (60, "Plan a meeting with your mentor.")
    assert "You can begin: write to each other and plan to meet." in found.news
    assert now_of(programme, since=utcnow()).news == ()
    ana, mira = programme.people["ana"], programme.people["mira"]
    with programme.stage() as stage:
        start = stage.now + timedelta(days=3)
        row = meetings.propose_meeting(
            stage.session, mira, pair_id, [start], 30, "online", "goals", stage.now
        )
    assert now_of(programme).step == "Choose a time to meet your mentor."
    with programme.stage() as stage:
        meetings.confirm_meeting(stage.session, ana, pair_id, row.id, 0, stage.now)
    found = now_of(programme)
    assert found.step.startswith("You meet your mentor: ")
    assert not found.urgent
    with travel(utcnow() + timedelta(days=2, hours=1), tick=False):
        assert now_of(programme).urgent
    with programme.stage() as stage:
        messages.write(stage.session, mira, pair_id, "Hello", stage.now)
    found = now_of(programme)
    assert (found.step, found.urgent) == ("Read the message of your mentor.", True)
    with programme.stage() as stage:
        closure.begin_goodbye(stage.session, ana, pair_id, "time_over", stage.now)
    assert now_of(programme).step == "Say goodbye to your mentor."
    with programme.stage() as stage:
        reports.report(stage.session, ana, "urgent_need", "x", stage.now, pair_id)
    assert now_of(programme).step == "Your mentoring is on hold."


def test_an_offer_waits_for_an_answer(offered):
    found = now_of(offered.programme)
    assert (found.step, found.urgent) == ("Look at the offer of a mentor and answer.", True)
    with offered.programme.stage() as stage:
        pairs.answer(stage.session, stage.people["ana"], offered.pair_id, stage.now, yes=True)
    found = now_of(offered.programme)
    assert (found.step, found.urgent) == ("Wait for the answer of the mentor.", False)


def test_before_the_beginning_there_is_the_agreement(preparing):
    assert now_of(preparing.programme).url.endswith(f"/pair/{preparing.pair_id}/agreement")
