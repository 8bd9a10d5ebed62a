"""A generator of scores, a nemesis with kill -9, and a checker of what the platform received.

After Jepsen: the generator knows what was acknowledged, the platform keeps every request, and the
checker compares the two; whatever happened between is of no interest to it.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

from tests.faults.server import Answer, FaultServer, html, late, reset, silence, status
from tests.lti_tool.outbox.driver import FAILPOINTS, Driver, Orders
from tests.lti_tool.outbox.gradebook import Fault, Gradebook, dropped
from tests.lti_tool.outbox.stage import School

LEASE_OVER = 130.0


@dataclass
class Acknowledged:
    """What learners were told is saved, in order, and how often a worker was killed."""

    scores: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    kills: int = 0

    def earn(self, school: School, sub: str, score: float) -> None:
        school.earns(score, sub)
        self.scores[sub].append(score)


def lost(school: School, gradebook: Gradebook, acknowledged: Acknowledged) -> list[str]:
    """Return what is wrong at the end: a grade that is not the last acknowledged one."""
    found = [
        f"{sub}: last acknowledged {scores[-1]}, platform has {gradebook.grades.get(sub)}"
        for sub, scores in acknowledged.scores.items()
        if sub not in gradebook.grades or gradebook.grades[sub].score != scores[-1]
    ]
    return found + [
        f"{row.user_id}: {row.state} ({row.reason})"
        for row in school.rows()
        if row.state != "delivered"
    ]


def regressions(gradebook: Gradebook, acknowledged: Acknowledged) -> list[str]:
    """Return scores that were applied after a later acknowledged one. Scores must be distinct."""
    place: dict[str, int] = {}
    found = []
    for post in gradebook.posts:
        if post.applied:
            now = acknowledged.scores[post.sub].index(post.score)
            if now < place.get(post.sub, -1):
                found.append(f"{post.sub}: {post.score} came after a newer one")
            place[post.sub] = now
    return found


def duplicates(gradebook: Gradebook) -> int:
    """Return how many requests repeated an earlier one."""
    return sum(
        count - 1 for count in Counter((post.sub, post.stamp) for post in gradebook.posts).values()
    )


def run_with_failpoints(
    driver: Driver, orders: Orders, school: School, seed: int, rounds: int = 4
) -> Acknowledged:
    """Earn scores and let one worker after the other die at a failpoint; the last one lives."""
    draw, acknowledged, ahead = random.Random(seed), Acknowledged(), 0.0
    for number in range(rounds):
        for step in range(draw.randint(1, 4)):
            acknowledged.earn(school, str(draw.randrange(3)), number * 10 + step + seed / 1000)
        # Every failpoint has its turn over the seeds; how often it is passed is drawn.
        failpoint = [*FAILPOINTS][(seed + number * 3) % len(FAILPOINTS)]
        pid = driver.start(
            orders, failpoint=failpoint, nth=draw.randint(1, 3), ahead=ahead,
            batch=draw.choice([1, 2, 20]),
        )  # fmt: skip
        if draw.random() < 0.5:
            acknowledged.earn(school, str(draw.randrange(3)), number * 10 + 9 + seed / 1000)
        acknowledged.kills += driver.wait(pid)
        ahead += LEASE_OVER
    assert not driver.wait(driver.start(orders, ahead=ahead))
    return acknowledged


def misbehave(gradebook: Gradebook, seed: int) -> None:
    """Let a platform answer one request in five uselessly and lose one answer in twelve."""
    draw = random.Random(seed)

    def before() -> Answer | None:
        chance = draw.random()
        bounds = ((0.10, status(503, retry_after=0)), (0.15, reset()), (0.16, silence()))
        useless = [answer for bound, answer in bounds if chance < bound]
        return useless[0] if useless else html() if chance < 0.2 else None

    def after() -> Fault | None:
        chance = draw.random()
        if chance < 0.08:
            return dropped
        return (lambda answer: late(0.05, answer)) if chance < 0.3 else None

    gradebook.before, gradebook.after = before, after


def behave(gradebook: Gradebook) -> None:
    """No more faults."""
    gradebook.before, gradebook.after = (lambda: None), (lambda: None)


def run_with_nemesis(
    driver: Driver, orders: Orders, school: School, gradebook: Gradebook, seed: int
) -> Acknowledged:
    """Two workers, a platform full of faults, and a kill every now and then."""
    draw, acknowledged = random.Random(seed), Acknowledged()
    misbehave(gradebook, seed)
    orders = replace(orders, lease=0.5, forever=True)
    pids = [driver.start(orders), driver.start(orders)]
    try:
        for number in range(120):
            acknowledged.earn(school, str(draw.randrange(8)), number / 2)
            if draw.random() < 0.08:
                victim = draw.randrange(2)
                kill(driver, pids[victim])
                acknowledged.kills += 1
                pids[victim] = driver.start(orders)
            time.sleep(draw.random() * 0.03)
        behave(gradebook)
        end = time.monotonic() + 30
        while time.monotonic() < end and any(row.state == "waiting" for row in school.rows()):
            time.sleep(0.05)
    finally:
        for pid in pids:
            kill(driver, pid)
    return acknowledged


def kill(driver: Driver, pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    assert driver.wait(pid)


def orders_for(school: School, server: FaultServer) -> Orders:
    url = school.services.database.engine.url.render_as_string(hide_password=False)
    return Orders(database_url=url, addresses=[list(server.address)])
