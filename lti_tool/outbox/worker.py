"""The worker: claims what is due, sends it, settles it, and does so for ever.

Any number may run. Stopping or killing one loses nothing: its leases run out and another worker
sends the same scores with the same times, which a platform takes once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from threading import Condition, Event

from sqlalchemy.exc import OperationalError

from config.clock import utcnow
from config.logging import get_logger
from lti_tool.lti.services.ags import ScoreAnswer
from lti_tool.lti.services.outcome import Outcome
from lti_tool.outbox.claim import claim, put_back
from lti_tool.outbox.delivery import Delivery, Job, deliver
from lti_tool.outbox.settle import Sent, Settlement, State, settle
from lti_tool.services import Services

POLL_SECONDS = 1.0
LANES = 2
"""Requests at a time to one platform: Moodle shares its web server with the learners."""
THREADS = 32

log = get_logger()


class Worker:
    """Delivers the outbox of one installation."""

    def __init__(self, services: Services) -> None:
        """Keep the parts; nothing is claimed yet."""
        self._services = services
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="outbox")
        self._busy: dict[str, int] = {}
        self._wake = Condition()
        self._nudged = False

    def nudge(self) -> None:
        """Look at once: something was put into the outbox. Losing a nudge costs one poll."""
        with self._wake:
            self._nudged = True
            self._wake.notify()

    def run(self, stop: Event) -> None:
        """Deliver until `stop` is set."""
        while not stop.is_set():
            try:
                started = self._start_due()
            except OperationalError as error:
                log.warning("outbox.database", error_class=type(error.orig).__name__)
                started = 0
            if not started:
                with self._wake:
                    if not self._nudged:
                        self._wake.wait(POLL_SECONDS)
                    self._nudged = False
        self._pool.shutdown(wait=True)

    def run_once(self) -> int:
        """Deliver everything that is due now and return how many rows were settled."""
        settled = 0
        while True:
            with self._services.database.write_connection() as connection:
                jobs = claim(connection, utcnow())
            if not jobs:
                return settled
            lanes = [lane for group in _by_platform(jobs) for lane in _lanes(group)]
            settled += sum(self._pool.map(self._run_lane, lanes))

    def _start_due(self) -> int:
        """Hand what is due to the pool, platform by platform."""
        with self._wake:
            busy = tuple(self._busy)
        with self._services.database.write_connection() as connection:
            jobs = claim(connection, utcnow(), busy)
        for group in _by_platform(jobs):
            lanes = _lanes(group)
            platform = group[0].platform.platform_id
            with self._wake:
                self._busy[platform] = len(lanes)
            for lane in lanes:
                self._pool.submit(self._run_lane, lane).add_done_callback(self._lane_done(platform))
        return len(jobs)

    def _lane_done(self, platform: str) -> Callable[[Future[int]], None]:
        def done(_future: Future[int]) -> None:
            with self._wake:
                self._busy[platform] -= 1
                if not self._busy[platform]:
                    del self._busy[platform]
                    self._nudged = True
                    self._wake.notify()

        return done

    def _run_lane(self, jobs: Sequence[Job]) -> int:
        return sum(self._run_job(job) for job in jobs)

    def _run_job(self, job: Job) -> bool:
        try:
            if job.platform_active:
                delivery = deliver(self._services, job)
            else:
                delivery = Delivery(ScoreAnswer(Outcome.GONE, "platform disabled"), None, None)
            now = utcnow()
            sent = Sent(job.score, job.score_at, job.attempts, job.waiting_since)
            settlement = settle(sent, delivery.answer, now, delivery.stored)
            if not job.platform_active:
                settlement = Settlement(State.PARKED, "platform_disabled")
            with self._services.database.write_connection() as connection:
                return put_back(connection, job, delivery, settlement, now)
        except Exception as error:
            # The lease runs out and the row is tried again; a row that always fails is loud.
            log.exception("outbox.failed", job=job.id, error_class=type(error).__name__)
            return False


def _by_platform(jobs: Sequence[Job]) -> list[list[Job]]:
    def platform(job: Job) -> str:
        return job.platform.platform_id

    return [list(group) for _id, group in groupby(sorted(jobs, key=platform), platform)]


def _lanes(jobs: Sequence[Job]) -> list[Sequence[Job]]:
    return [lane for lane in (jobs[start::LANES] for start in range(LANES)) if lane]
