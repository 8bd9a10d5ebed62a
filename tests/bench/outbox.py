"""How fast one worker empties the outbox, and whether killing workers loses a score."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.database import Base, Database
from lti_tool import tables
from lti_tool.outbox.worker import Worker
from tests.faults.server import FaultServer, late
from tests.lti_tool.outbox.driver import Driver
from tests.lti_tool.outbox.gradebook import Gradebook
from tests.lti_tool.outbox.history import lost, orders_for, run_with_failpoints
from tests.lti_tool.outbox.stage import open_school, stage_services

SCORES = 600
SEEDS = range(1000, 1040)
ANSWER_SECONDS = 0.010


@contextmanager
def fresh_database() -> Iterator[Database]:
    assert tables.TABLES
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        Base.metadata.create_all(database.engine)
        yield database
        database.dispose()


def serve() -> None:
    """Be a platform that takes 10 ms for an answer; says its address, ends with its input."""
    with FaultServer() as server:
        gradebook = Gradebook(server)
        gradebook.add_column("activity")
        gradebook.after = lambda: lambda answer: late(ANSWER_SECONDS, answer)
        print(json.dumps(server.address), flush=True)
        sys.stdin.read()


@contextmanager
def stand_in() -> Iterator[tuple[str, int]]:
    """A platform in a process of its own, so that it takes none of the worker's time."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from tests.bench.outbox import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    host, port = json.loads(process.stdout.readline())
    try:
        yield host, port
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def scores_per_second() -> float:
    """Scores a second of one worker on one platform, one request at a time."""
    with (
        stand_in() as address,
        fresh_database() as database,
        stage_services(database, addresses=[address]) as services,
    ):
        url = f"http://{address[0]}:{address[1]}"
        school = open_school(services, url, lineitem_url=f"{url}/1/lineitem?type_id=1")
        school.earns(1, "warm up")
        Worker(services).run_once()
        for number in range(SCORES):
            school.earns(50, str(number))
        began = time.perf_counter()
        delivered = Worker(services).run_once()
        seconds = time.perf_counter() - began
        assert delivered == SCORES
        assert {row.state for row in school.rows()} == {"delivered"}
        return delivered / seconds


def kills_lost() -> tuple[int, int]:
    """Scores lost, and how many workers were killed on the way."""
    gone = kills = 0
    with (
        Driver() as driver,
        FaultServer() as server,
        fresh_database() as database,
        stage_services(database, server) as services,
    ):
        for seed in SEEDS:
            gradebook = Gradebook(server, f"/site{seed}")
            school = open_school(services, gradebook.url, gradebook=gradebook)
            acknowledged = run_with_failpoints(driver, orders_for(school, server), school, seed)
            gone += len(lost(school, gradebook, acknowledged))
            kills += acknowledged.kills
    return gone, kills


def lti_figures() -> Iterator[dict[str, object]]:
    """The figure of the group `lti`."""
    yield {
        "name": "outbox_scores_per_s",
        "value": round(scores_per_second(), 1),
        "unit": "1/s, one worker, one platform that answers in 10 ms, SQLite synchronous=FULL",
    }


def trust_figures() -> Iterator[dict[str, object]]:
    """The figure of the group `trust`."""
    gone, kills = kills_lost()
    yield {
        "name": "kills_lost",
        "value": gone,
        "unit": f"scores lost in {kills} kills with -9 at every step of a delivery",
    }


def figures() -> Iterator[dict[str, object]]:
    """Yield the figures that this file takes, of both groups."""
    yield from lti_figures()
    yield from trust_figures()


if __name__ == "__main__":
    for figure in figures():
        print(json.dumps(figure))
