"""The coordinator's desk of an organisation with 5,000 pairs: whole requests, on SQLite."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from config.clock import utcnow
from config.ids import new_id
from lti_tool.mentoring import figures as desk
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.codes import CHECKS
from lti_tool.mentoring.models import (
    Checkin,
    Meeting,
    Mentee,
    Mentor,
    Message,
    Pair,
    Report,
    ScreeningCheck,
    Staff,
)
from lti_tool.people.models import User
from lti_tool.people.roles import Role
from lti_tool.services import build_services
from lti_tool.web.app import create_app
from tests.bench.lti import bench_settings, prepare
from tests.lti_tool.conftest import World, make_world

PAIRS = 5_000
MENTORS = 2_500
_VISITS = 15
_PAGES = ("", "pairs", "pairs?page=60", "pairs?state=closed", "pairs?q=number+17")


def fill(world: World, actor: Actor, now: datetime) -> None:
    """Let every fifth pair be silent, every tenth measure low, every twentieth meeting wait."""
    tenant, platform, boss = world.tenant_id, world.platform_id, actor.user_id
    key = {"tenant_id": tenant}
    mentees, mentors = [new_id() for _ in range(PAIRS)], [new_id() for _ in range(MENTORS)]
    with world.services.database.write_connection() as write:
        write.execute(
            insert(User),
            [{**key, "id": one, "platform_id": platform, "sub": str(number)}
             for number, one in enumerate([*mentees, *mentors])],
        )  # fmt: skip
        write.execute(insert(Staff).values(**key, user_id=boss, duty="coordinator"))
        write.execute(
            insert(Mentor),
            [{**key, "user_id": one, "state": "active", "capacity": 3} for one in mentors],
        )
        write.execute(
            insert(Mentee), [{**key, "user_id": one, "state": "waiting"} for one in mentees]
        )
        write.execute(
            insert(ScreeningCheck),
            [{**key, "user_id": one, "check": check, "state": "passed", "checked_on": now.date(),
              "checker_id": boss,
              "valid_until": now.date() + timedelta(days=-1 if number % 50 == 0 else 90)}
             for number, one in enumerate(mentors) for check in CHECKS],
        )  # fmt: skip
        ids = [new_id() for _ in range(PAIRS)]
        write.execute(
            insert(Pair),
            [{**key, "id": one, "mentee_id": mentees[n], "mentor_tenant_id": tenant,
              "mentor_id": mentors[n % MENTORS], "state": "active", "answer_by": now,
              "offered_at": now, "started_at": now - timedelta(days=60),
              "last_contact_at": now - timedelta(days=20 if n % 5 == 0 else 3),
              "mentee_measure": 30 if n % 10 == 0 else 80, "mentor_measure": 75}
             for n, one in enumerate(ids)],
        )  # fmt: skip
        of = [{**key, "pair_id": one, "user_id": mentees[n], "side": "mentee"}
              for n, one in enumerate(ids)]  # fmt: skip
        write.execute(
            insert(Message),
            [{**row, "id": new_id(), "state": "held" if n % 500 == 0 and k == 0 else "sent",
              "text": "Hello", "at": now - timedelta(days=k)}
             for n, row in enumerate(of) for k in range(10)],
        )  # fmt: skip
        write.execute(
            insert(Meeting),
            [{**row, "id": new_id(), "options": [now.isoformat()], "minutes": 30, "way": "online",
              "topic": "goals", "state": "proposed" if n % 20 == 0 and k == 0 else "happened",
              "state_at": now - timedelta(days=9)}
             for n, row in enumerate(of) for k in range(4)],
        )  # fmt: skip
        write.execute(
            insert(Checkin),
            [{**row, "id": new_id(), "number": k, "due_at": now - timedelta(days=k * 30),
              "answered_at": now - timedelta(days=k * 30), "measure": 80,
              "wants_talk": n % 100 == 0}
             for n, row in enumerate(of) for k in range(3)],
        )  # fmt: skip
        write.execute(
            insert(Report),
            [{**key, "id": new_id(), "user_id": mentees[n], "pair_id": ids[n],
              "danger": "urgent_need", "text": "x", "answer_by": now} for n in range(5)],
        )  # fmt: skip


def figures() -> Iterator[dict[str, object]]:
    """Yield the 95th percentile of the server's time over the desk and the pages of pairs."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'tool.db'}"
        prepare(url)
        services = build_services(bench_settings(url))
        world = make_world(create_app(services.settings, services), services)
        boss = Actor(world.tenant_id, world.user("boss", Role.INSTRUCTOR))
        now = utcnow()
        fill(world, boss, now)
        with services.database.read() as session:
            found = desk.desk(session, boss, now)
        assert {one.code for one in found.exceptions} >= {"report", "silent", "screening"}
        browser = world.visit("mentor", sub="boss", role=Role.INSTRUCTOR)
        times, most = [], 0
        for visit in range(_VISITS + 2):
            for page in _PAGES:
                began = time.perf_counter()
                answer = browser.client.get(f"{browser.home}/desk/{page}")
                assert answer.status_code == 200
                if visit >= 2:
                    times.append((time.perf_counter() - began) * 1000)
                most = max(most, len(answer.data))
        services.door.close()
        services.database.dispose()
    times.sort()
    yield {
        "name": "coordinator_ms_5000_pairs",
        "value": round(times[int(len(times) * 0.95)], 1),
        "unit": "ms",
        "of": "whole requests to the desk and to lists of pairs, p95",
        "largest_page_bytes": most,
        "exceptions": {one.code: one.count for one in found.exceptions},
    }
