"""How fast one worker empties the outbox, and how many tokens that takes."""

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
from tests.lti_tool.outbox.gradebook import Gradebook
from tests.lti_tool.outbox.stage import open_school, stage_services

SCORES = 1200
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
    """Be a platform that takes 10 ms for an answer; says its address, ends with its input.

    At the end it says how often it was asked for a token.
    """
    with FaultServer() as server:
        gradebook = Gradebook(server)
        gradebook.add_column("activity")
        gradebook.after = lambda: lambda answer: late(ANSWER_SECONDS, answer)
        print(json.dumps(server.address), flush=True)
        sys.stdin.read()
        print(sum(request.path == "/token" for request in server.requests), flush=True)


@contextmanager
def stand_in(tokens: list[int]) -> Iterator[tuple[str, int]]:
    """A platform in a process of its own, so that it takes none of the worker's time.

    `tokens` gets how many it was asked for.
    """
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
        tokens.append(int(process.stdout.readline()))
        process.wait(10)
        process.stdout.close()


def deliver() -> tuple[float, float]:
    """Scores a second of one worker on one platform, one request at a time; tokens per 1,000."""
    tokens: list[int] = []
    with (
        stand_in(tokens) as address,
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
    return delivered / seconds, tokens[0] * 1000 / (SCORES + 1)


def figures() -> Iterator[dict[str, object]]:
    """Yield the figures of the group `lti` that this file takes."""
    rate, tokens = deliver()
    yield {
        "name": "outbox_scores_per_s",
        "value": round(rate, 1),
        "unit": "1/s, one worker, one platform that answers in 10 ms, SQLite synchronous=FULL",
    }
    yield {"name": "token_requests_per_1000_calls", "value": round(tokens, 2), "unit": "count"}
