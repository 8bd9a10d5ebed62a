"""Runs jobs that wait for the network, a few at a time, with all their database work in one thread.

A job is a generator: it yields a callable that does the waiting, and is sent its result. What the
job does between two yields runs in the thread that drives, one job at a time, so a job may write
to the database without any thought of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, TypeAlias

from moodle_sync.pace import Pace

Job: TypeAlias = Generator[Callable[[], Any], Any, None]


def drive(jobs: Iterable[Job], pace: Pace, pool: ThreadPoolExecutor) -> None:
    """Run `jobs` to their ends, at most `pace.limit` waiting at once.

    What a request raises is raised inside its job; what a job raises ends the whole drive.
    """
    waiting: dict[Future[Any], Job] = {}
    fresh = iter(jobs)
    try:
        more = True
        while more or waiting:
            while more and len(waiting) < pace.limit:
                job = next(fresh, None)
                more = job is not None
                if job is not None:
                    _advance(job, lambda job=job: next(job), waiting, pool)  # type: ignore[misc]
            if waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    _resume(future, waiting, pool)
    finally:
        for future, job in waiting.items():
            future.cancel()
            job.close()


def _resume(future: Future[Any], waiting: dict[Future[Any], Job], pool: ThreadPoolExecutor) -> None:
    job = waiting.pop(future)
    error = future.exception()
    if error is not None:
        _advance(job, lambda: job.throw(error), waiting, pool)
    else:
        _advance(job, lambda: job.send(future.result()), waiting, pool)


def _advance(
    job: Job,
    step: Callable[[], Callable[[], Any]],
    waiting: dict[Future[Any], Job],
    pool: ThreadPoolExecutor,
) -> None:
    try:
        request = step()
    except StopIteration:
        return
    waiting[pool.submit(request)] = job
