"""What a sync of 20,000 enrolments costs, against a stand-in Moodle that is as slow as a real one.

Latency follows a measured Moodle 4.5.6 (PostgreSQL 15, two cores): 60 ms a call, 0.55 ms a row of
the roster, 0.5 ms a row of the report.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

COURSES, PEOPLE = 40, 10_000
PEER = "pymoodle==0.4.1"


def figures() -> Iterator[dict[str, Any]]:
    """Yield the figures of group `sync`, each measured in a process of its own."""
    for tier in (2, 1):
        yield from _measure(tier)
    yield from _loop()


def _measure(tier: int) -> Iterator[dict[str, Any]]:
    first = _in_child(_run, tier)
    suffix = "" if tier == 2 else "_tier1"
    ratio = first["full_wall"] / first["full_answers"]
    yield _figure(f"sync_wall_over_answers{suffix}", ratio, "ratio")
    ratio = first["first_wall"] / first["first_answers"]
    yield _figure(f"sync_first_wall_over_answers{suffix}", ratio, "ratio")
    yield _figure(f"sync_requests_full{suffix}", first["full_requests"], "count")
    yield _figure(f"sync_requests_no_change{suffix}", first["same_requests"], "count")
    yield _figure(f"sync_peak_mb{suffix}", first["peak_mb"], "MB")
    yield _figure(f"sync_first_s{suffix}", first["first_wall"], "s")


def _figure(name: str, value: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": round(value, 3), "unit": unit}


def _in_child(work: Any, *args: Any) -> Any:
    """Run `work` in a fresh process: its peak memory is its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    child = context.Process(target=_report, args=(there, work, *args))
    child.start()
    there.close()
    result = here.recv()
    child.join()
    return result


def _report(pipe: Connection, work: Any, *args: Any) -> None:
    pipe.send(work(*args))
    pipe.close()


def latency(function: str, size: int) -> float:
    """Seconds that a real Moodle takes, by function and size of its answer."""
    if function == "core_enrol_get_enrolled_users":
        return 0.06 + size / 160 * 0.00055
    if function == "core_reportbuilder_retrieve_report":
        return 0.06 + size / 330 * 0.0005
    return 0.06


def _big_school() -> Any:
    """Forty courses and twenty thousand enrolments, with look-ups that do not search."""
    from tests.moodle_sync.school import Course, Person, School

    school = School()
    for number in range(COURSES):
        school.courses[2 + number] = Course(2 + number, f"C{number}")
    for user in range(100, 100 + PEOPLE):
        school.people[user] = Person(user, f"Person {user}")
        for course in {2 + user % COURSES, 2 + (user * 7 + 3) % COURSES}:
            school.enrol(course, user, created=school.clock - 86_400)
            if user % 9 == 0:
                school.course_completion[course, user] = school.clock - 80_000
            if user % 3 == 0:
                school.access[course, user] = school.clock - 90_000
    by_course: dict[int, list[int]] = {}
    by_pair: dict[tuple[int, int], list[Any]] = {}
    for enrolment in school.enrolments:
        by_course.setdefault(enrolment.course, []).append(enrolment.user)
        by_pair.setdefault((enrolment.course, enrolment.user), []).append(enrolment)
    rosters = {course: sorted(set(users)) for course, users in by_course.items()}
    school.roster = lambda course: rosters[course]  # type: ignore[method-assign]
    school.of = lambda course, user: by_pair.get((course, user), [])  # type: ignore[method-assign]
    return school


def serve(pipe: Connection, tier: int) -> None:
    """Be the Moodle; an answer that was computed once is remembered."""
    from tests.moodle_sync.standin import StandIn

    school = _big_school()
    known: dict[tuple[Any, ...], str] = {}
    moodle = StandIn(school, tier=tier)
    respond = moodle._call

    def remembered(form: list[tuple[str, str]]) -> Any:
        key = (*form, json.dumps(school.report_filters))
        if dict(form)["wsfunction"] == "core_reportbuilder_set_filters" or key not in known:
            known[key] = json.dumps(respond(form))
        return json.loads(known[key])

    moodle._call = remembered  # type: ignore[method-assign]
    with moodle:
        pipe.send(moodle.url)
        while (order := pipe.recv()) != "stop":
            if order == "slow":
                moodle.latency = latency
                moodle.answer_seconds = 0.0
            elif order == "fast":
                moodle.latency = None
            pipe.send((moodle.answer_seconds, len(moodle.calls)))


class _Moodle:
    """The stand-in in a process of its own, so that its work is not counted as ours."""

    def __init__(self, tier: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, there = context.Pipe()
        self._child = context.Process(target=serve, args=(there, tier))
        self._child.start()
        self.url = self._pipe.recv()

    def tell(self, order: str) -> tuple[float, int]:
        self._pipe.send(order)
        found: tuple[float, int] = self._pipe.recv()
        return found

    def close(self) -> None:
        self._pipe.send("stop")
        self._child.join()


def _run(tier: int) -> dict[str, float]:
    from config.database import Base, Database
    from config.http import HttpDoor
    from config.secrets import Seal
    from lti_tool import tables
    from moodle_sync.pace import Politeness
    from moodle_sync.pull.context import Options
    from moodle_sync.pull.run import run_sync
    from moodle_sync.sites import connect_site
    from tests.moodle_sync.standin import TOKEN

    moodle = _Moodle(tier)
    host, port = moodle.url.removeprefix("http://").split(":")
    polite = Politeness()
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        Base.metadata.create_all(database.engine)
        seal = Seal(["k" * 40])
        with database.write() as session:
            session.execute(tables.TABLES["tenant"].insert().values(id="t", slug="t", name="t"))
            site_id = connect_site(session, seal, "t", "p", moodle.url, moodle.url, TOKEN).id
        door = HttpDoor(user_agent="bench", allow_http=True, allowed_hosts=[(host, int(port))])
        for name, full in (("first", True), ("full", True), ("same", False)):
            moodle.tell("slow")
            start = time.monotonic()
            summary = run_sync(
                database, door, seal, site_id, politeness=polite,
                options=Options(full=full, detail_budget=0),
            )  # fmt: skip
            wall = time.monotonic() - start
            answers, _ = moodle.tell("fast")
            if not summary.ok or (name != "first" and summary.changes):
                raise RuntimeError(f"{name}: {summary}")
            at_once = polite.connections if tier == 1 else 1
            found |= {
                f"{name}_wall": wall,
                f"{name}_answers": answers / at_once,
                f"{name}_requests": summary.requests,
            }
        door.close()
        database.dispose()
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    moodle.close()
    return found


def _loop() -> Iterator[dict[str, Any]]:
    """The same pull as a plain loop of pymoodle, extrapolated from its first hundred people."""
    from tests.moodle_sync.standin import TOKEN

    name = "sync_time_vs_pymoodle_loop"
    with tempfile.TemporaryDirectory() as folder:
        installed = subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--target", folder, PEER],
            capture_output=True, check=False, timeout=240,
        )  # fmt: skip
        if installed.returncode:
            yield {"name": name, "value": None, "unit": "ratio", "why": f"{PEER} not installable"}
            return
        moodle = _Moodle(1)
        moodle.tell("slow")
        script = Path(__file__).parent / "peers" / "pymoodle_loop.py"
        result = subprocess.run(
            [sys.executable, str(script), moodle.url, TOKEN, "2", str(COURSES)],
            env={**os.environ, "PYTHONPATH": folder}, capture_output=True, text=True, check=False,
            timeout=240,
        )  # fmt: skip
        moodle.close()
    if result.returncode:
        why = result.stderr.strip().splitlines()[-1][:120] if result.stderr else "no output"
        yield {"name": name, "value": None, "unit": "ratio", "why": why}
        return
    peer = json.loads(result.stdout)
    ours = _in_child(_run, 2)["full_wall"]
    whole = peer["rosters_s"] + peer["person_s"] * peer["people"]
    yield {"name": name, "value": round(whole / ours, 1), "unit": "ratio of time, full read",
           "peer": PEER, "peer_value": round(whole, 1)}  # fmt: skip


if __name__ == "__main__":
    for figure in figures():
        sys.stdout.write(json.dumps(figure) + "\n")
        sys.stdout.flush()
