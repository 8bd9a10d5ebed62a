"""Worker processes that die by SIGKILL where they are told to.

`python -m tests.lti_tool.outbox.driver` imports everything once and then forks a worker for each
line of JSON on its standard input: a death costs milliseconds instead of a second of imports. The
failpoints are set from outside, by replacing functions of the worker's modules; the product knows
nothing of them.

Orders: {"op": "start", ...Orders} -> {"pid": n}; {"op": "wait", "pid": n} -> {"signal": n or 0}.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NoReturn, Self

from config.clock import utcnow
from lti_tool.outbox import claim as claim_module
from lti_tool.outbox import delivery, put_back, settle, worker
from lti_tool.services import build_services
from tests.lti_tool.outbox.stage import hasty, stage_settings

Failpoint = tuple[Any, str, bool]
"""Whose function, its name, and whether death comes after it instead of before."""

FAILPOINTS: dict[str, Failpoint] = {
    "before_claim": (worker, "claim", False),
    "in_claim": (claim_module, "_read_jobs", False),
    "after_claim": (worker, "claim", True),
    "before_send": (delivery, "post_score", False),
    "after_send": (delivery, "post_score", True),
    "before_mark": (worker, "put_back", False),
    "in_mark": (worker, "put_back", True),
    "after_mark": (worker.Worker, "_run_job", True),
}


@dataclass(frozen=True)
class Orders:
    """What a worker process is to do.

    `failpoint` kills it at the `nth` time it comes there. `ahead` puts its clock forward, so that
    the leases of the dead are over without waiting for them. `forever`: run until killed, else
    until nothing is due.
    """

    database_url: str
    addresses: list[list[Any]]
    failpoint: str | None = None
    nth: int = 1
    ahead: float = 0.0
    lease: float = 120.0
    batch: int = 20
    forever: bool = False


def _arm(failpoint: str, nth: int) -> None:
    owner, name, after = FAILPOINTS[failpoint]
    real, left, lock = getattr(owner, name), [nth], threading.Lock()

    def reached() -> None:
        with lock:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def run(*args: Any, **options: Any) -> Any:
        if not after:
            reached()
        result = real(*args, **options)
        if after and result != []:
            reached()
        return result

    setattr(owner, name, run)


def _work(orders: Orders) -> None:
    ahead = timedelta(seconds=orders.ahead)

    def clock() -> datetime:
        return utcnow() + ahead

    worker.utcnow = clock
    worker.POLL_SECONDS = 0.02
    claim_module.LEASE = worker.LEASE = timedelta(seconds=orders.lease)
    claim_module.BATCH = orders.batch
    claim_module.CLOSED_FOR = put_back.CLOSED_FOR = timedelta(seconds=0.1)
    settle.FIRST_WAIT = timedelta(seconds=0.02)
    settle.LONGEST_WAIT = timedelta(seconds=0.2)
    settle.MAX_ATTEMPTS = 10_000
    if orders.failpoint is not None:
        _arm(orders.failpoint, orders.nth)
    addresses = [(host, port) for host, port in orders.addresses]
    services = hasty(build_services(stage_settings(orders.database_url, *addresses)), 1.0)
    runner = worker.Worker(services)
    if orders.forever:
        runner.run(threading.Event())
    else:
        runner.run_once()


def _fork(orders: Orders) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        # Standard output is the driver's own; what a worker logs is of no interest here.
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        _work(orders)
        code = 0
    except Exception:  # noqa: BLE001 - a forked child must never return into the driver's loop
        traceback.print_exc()
    finally:
        os._exit(code)


def main() -> NoReturn:
    for line in sys.stdin:
        order = json.loads(line)
        if order.pop("op") == "start":
            answer = {"pid": _fork(Orders(**order))}
        else:
            _pid, status = os.waitpid(order["pid"], 0)
            answer = {
                "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
                "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            }
        print(json.dumps(answer), flush=True)
    sys.exit(0)


class Driver:
    """The other end: starts worker processes and waits for their end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.lti_tool.outbox.driver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def _ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def start(self, orders: Orders, **changes: Any) -> int:
        pid: int = self._ask(op="start", **asdict(replace(orders, **changes)))["pid"]
        return pid

    def wait(self, pid: int) -> bool:
        """Whether the process was killed; raises `RuntimeError` if it failed by itself."""
        answer = self._ask(op="wait", pid=pid)
        if answer["code"] not in (0, None):
            raise RuntimeError(f"the worker process ended with {answer['code']}")
        return bool(answer["signal"] == signal.SIGKILL)


if __name__ == "__main__":
    main()
