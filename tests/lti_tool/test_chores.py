"""The hourly chores: done, repeatable, and none stands in another one's way."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread

from sqlalchemy import func, select

from config.clock import utcnow
from lti_tool import chores
from lti_tool.lti.keys import ACTIVE, NEXT, keys_in
from lti_tool.lti.models import LaunchSession


def test_the_first_hour_makes_the_keys_and_the_next_one_changes_nothing(services):
    assert chores.run_chores(services, utcnow()) == 0
    with services.database.read() as session:
        first = [key.kid for state in (ACTIVE, NEXT) for key in keys_in(session, state)]
    assert len(first) == 2
    assert chores.run_chores(services, utcnow()) == 0
    with services.database.read() as session:
        assert [k.kid for state in (ACTIVE, NEXT) for k in keys_in(session, state)] == first


def test_old_launch_sessions_go(world):
    world.launch("interests")
    chores.run_chores(world.services, utcnow() + timedelta(days=1))
    with world.services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(LaunchSession)) == 0


def test_a_failing_chore_is_logged_and_the_others_run(services, monkeypatch, capsys):
    done = []

    def broken(*_args):
        raise RuntimeError("agnes@example.org")

    monkeypatch.setattr(chores, "CHORES", (broken, lambda *_args: done.append(1)))
    assert chores.run_chores(services, utcnow()) == 1
    assert done == [1]
    assert "agnes" not in capsys.readouterr().err


def test_the_house_is_kept_until_it_is_closed(services, monkeypatch):
    ran, stop = Event(), Event()
    monkeypatch.setattr(chores, "FIRST_AFTER", 0.01)
    monkeypatch.setattr(chores, "run_chores", lambda *_args: ran.set())
    keeper = Thread(target=chores.keep_house, args=(services, stop))
    keeper.start()
    assert ran.wait(5)
    stop.set()
    keeper.join(5)
    assert not keeper.is_alive()
