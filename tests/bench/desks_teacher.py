"""The teacher's page of a course with 10,000 learners: whole requests, on SQLite."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from config.clock import utcnow
from config.ids import new_id
from lti_tool.learner.models import Progress
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.people.models import Membership, User
from lti_tool.people.roles import Role
from lti_tool.services import build_services
from lti_tool.staff.teacher.models import RosterEntry
from lti_tool.web.app import create_app
from tests.bench.lti import bench_settings, prepare
from tests.lti_tool.conftest import World, make_world

LEARNERS = 10_000
_VISITS = 20
_PAGES = ("", "?group=new&page=40", "?group=way&page=20", "?group=done&page=60", "?group=stuck")


def fill(world: World) -> None:
    """Let 2,000 learners be on the course list only, 4,000 on the way, 4,000 finished."""
    now = utcnow()
    ids = {str(number): new_id() for number in range(LEARNERS)}
    link = world.link("interests")
    of_tenant = {"tenant_id": world.tenant_id}
    begun = [(number, sub, ids[sub]) for number, sub in enumerate(ids) if number % 5]
    with world.services.database.write_connection() as connection:
        connection.execute(
            insert(RosterEntry),
            [
                {**of_tenant, "context_id": world.context_id, "sub": sub, "name": f"Learner {sub}",
                 "roles": [Role.LEARNER], "read_at": now}
                for sub in ids
            ],
        )  # fmt: skip
        connection.execute(
            insert(User),
            [
                {**of_tenant, "id": user, "platform_id": world.platform_id, "sub": sub,
                 "name": f"Learner {sub}"}
                for _number, sub, user in begun
            ],
        )  # fmt: skip
        connection.execute(
            insert(Membership),
            [
                {**of_tenant, "context_id": world.context_id, "user_id": user,
                 "roles": [Role.LEARNER]}
                for _number, _sub, user in begun
            ],
        )  # fmt: skip
        connection.execute(
            insert(Progress),
            [
                {**of_tenant, "id": new_id(), "resource_link_id": link, "user_id": user,
                 "module": "interests", "percent": 100 if number % 2 else 40, "started_at": now,
                 "updated_at": now - timedelta(minutes=number),
                 "completed_at": now if number % 2 else None}
                for number, _sub, user in begun
            ],
        )  # fmt: skip
        connection.execute(
            insert(ScoreDelivery),
            [
                {**of_tenant, "id": new_id(), "platform_id": world.platform_id,
                 "resource_link_id": link, "user_id": user, "score": 100.0, "score_at": now,
                 "state": "parked" if number % 97 == 0 else "delivered"}
                for number, _sub, user in begun
                if number % 2
            ],
        )  # fmt: skip


def figures() -> Iterator[dict[str, object]]:
    """Yield the 95th percentile of the server's time over the pages that a teacher opens."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'tool.db'}"
        prepare(url)
        services = build_services(bench_settings(url))
        world = make_world(create_app(services.settings, services), services)
        fill(world)
        browser = world.visit("interests", sub="teacher", role=Role.INSTRUCTOR)
        times, most = [], 0
        for visit in range(_VISITS + 2):
            for page in _PAGES:
                began = time.perf_counter()
                answer = browser.client.get(f"{browser.home}/teacher/{page}")
                assert answer.status_code == 200
                if visit >= 2:
                    times.append((time.perf_counter() - began) * 1000)
                most = max(most, len(answer.data))
        services.door.close()
        services.database.dispose()
    times.sort()
    yield {
        "name": "desk_ms_p95_10000_learners",
        "value": round(times[int(len(times) * 0.95)], 1),
        "unit": "ms",
        "largest_page_bytes": most,
    }
