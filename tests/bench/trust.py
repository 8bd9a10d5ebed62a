"""How many attacks are refused, faults survived and kills lose something: the suites, counted."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.bench.outbox import fresh_database
from tests.faults.server import FaultServer
from tests.lti_tool.outbox.driver import Driver
from tests.lti_tool.outbox.gradebook import Gradebook
from tests.lti_tool.outbox.history import lost, orders_for, run_with_failpoints
from tests.lti_tool.outbox.stage import open_school, stage_services

ATTACKS = ("tests/attacks", "tests/conformance/test_attacks.py",
           "tests/conformance/test_security.py", "tests/config/http/test_policy.py")  # fmt: skip
FAULTS = ("tests/faults/test_outbox_faults.py", "tests/faults/test_outbox_kills.py",
          "tests/moodle_sync/test_faults.py", "tests/config/http/test_faults.py")  # fmt: skip
SEEDS = range(1000, 1040)


def count(suites: tuple[str, ...]) -> tuple[int, int]:
    """Run suites; return how many cases were tried and how many ended as they must.

    Raises:
        RuntimeError: nothing could be run.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadgroup",
             f"--junit-xml={report}", *suites],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if not report.exists():
            raise RuntimeError(f"the suites did not run: {done.stdout.strip()[-200:]}")
        cases = list(ET.parse(report).iter("testcase"))
    tried = [case for case in cases if case.find("skipped") is None]
    good = [case for case in tried if case.find("failure") is None and case.find("error") is None]
    return len(tried), len(good)


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


def figures() -> Iterator[dict[str, object]]:
    """Yield the figures of the group `trust`."""
    gone, kills = kills_lost()
    yield {
        "name": "kills_lost",
        "value": gone,
        "unit": f"scores lost in {kills} kills with -9 at every step of a delivery",
    }
    for tried_name, good_name, suites in (
        ("attacks_tried", "attacks_refused", ATTACKS),
        ("faults_tried", "faults_survived", FAULTS),
    ):
        tried, good = count(suites)
        yield {"name": tried_name, "value": tried, "unit": "cases"}
        yield {"name": good_name, "value": good, "unit": "cases"}
