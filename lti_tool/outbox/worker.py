"""The worker: claims what is due, sends it, settles it, and does so for ever.

Any number may run. Stopping or killing one loses nothing: its leases run out and another worker
sends the same scores with the same times, which a platform takes once.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import groupby
from threading import Event, Lock

from config.clock import utcnow
from config.logging import get_logger
from lti_tool.lti.services.ags import ScoreAnswer
from lti_tool.lti.services.outcome import Outcome
from lti_tool.outbox.claim import LEASE, claim
from lti_tool.outbox.delivery import Delivery, Job, deliver
from lti_tool.outbox.put_back import give_back, put_back
from lti_tool.outbox.settle import State, settle, settle_broken
from lti_tool.services import Services

POLL_SECONDS = 1.0
THREADS = 32
"""Platforms served at a time, each by one request after the other: Moodle shares its web server
with the learners, and a worker that is killed leaves at most one score a platform unmarked."""

log = get_logger()


class Worker:
    """Delivers the outbox of one installation."""

    def __init__(self, services: Services) -> None:
        """Keep the parts; nothing is claimed yet."""
        self._services = services
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="outbox")
        self._busy: set[str] = set()
        self._lock = Lock()
        self._wake = Event()

    def nudge(self) -> None:
        """Look at once: something was put into the outbox. Losing a nudge costs one poll."""
        self._wake.set()

    def run(self, stop: Event) -> None:
        """Deliver until `stop` is set, then finish what has begun."""
        while not stop.is_set():
            self._wake.clear()
            try:
                started = self._start_due()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may succeed
                log.warning("outbox.not_claimed", error_class=type(error).__name__)
                started = False
            if not started:
                self._wake.wait(POLL_SECONDS)
        self._pool.shutdown(wait=True)

    def run_once(self) -> int:
        """Deliver everything that is due now and return how many rows were settled."""
        settled = 0
        while jobs := claim(self._services.database, utcnow()):
            settled += sum(self._pool.map(self._run_jobs, _by_platform(jobs)))
        return settled

    def _start_due(self) -> bool:
        """Hand what is due to the pool, platform by platform."""
        with self._lock:
            busy = tuple(self._busy)
        groups = _by_platform(claim(self._services.database, utcnow(), busy))
        for jobs in groups:
            platform_id = jobs[0].platform.platform_id
            with self._lock:
                self._busy.add(platform_id)
            future = self._pool.submit(self._run_jobs, jobs)
            future.add_done_callback(partial(self._done, platform_id))
        return bool(groups)

    def _done(self, platform_id: str, _future: Future[int]) -> None:
        with self._lock:
            self._busy.remove(platform_id)
        self.nudge()

    def _run_jobs(self, jobs: Sequence[Job]) -> int:
        """Send the jobs of one platform; return how many were settled.

        Whatever is left when one fails, or when the lease grows old, goes back unsent.
        """
        patience = time.monotonic() + LEASE.total_seconds() / 2
        for place, job in enumerate(jobs, start=1):
            try:
                well = self._run_job(job)
                if place < len(jobs) and (not well or time.monotonic() > patience):
                    with self._services.database.write_connection() as connection:
                        give_back(connection, jobs[place:])
                    return place
            except Exception as error:  # noqa: BLE001 - the leases run out, then all is tried again
                log.warning("outbox.not_settled", job=job.id, error_class=type(error).__name__)
                return place - 1
        return len(jobs)

    def _run_job(self, job: Job) -> bool:
        """Send one job and write down what became of it; False if its platform is not well."""
        draw = random.random()
        try:
            delivery = deliver(self._services, job)
            now = utcnow()
            settlement = settle(job.sent, delivery.answer, now, stored=delivery.stored, draw=draw)
        except Exception as error:  # noqa: BLE001 - one row that breaks us must not stop the others
            log.warning("outbox.broken", job=job.id, error_class=type(error).__name__)
            now = utcnow()
            delivery = Delivery(ScoreAnswer(Outcome.UNKNOWN, "broken"))
            settlement = settle_broken(job.sent, now, draw)
        with self._services.database.write_connection() as connection:
            held = put_back(connection, job, delivery, settlement, now)
        if settlement.state is not State.DELIVERED:
            log.info(
                "outbox.not_delivered",
                job=job.id,
                platform=job.platform.platform_id,
                state=settlement.state.value if held else "lease lost",
                reason=settlement.reason,
                code=delivery.answer.detail,
                attempt=settlement.attempts,
            )
        return not settlement.platform_failed


def _by_platform(jobs: Sequence[Job]) -> list[list[Job]]:
    def platform(job: Job) -> str:
        return job.platform.platform_id

    return [list(group) for _id, group in groupby(sorted(jobs, key=platform), platform)]
