"""What has to be done every hour, by any worker: keys, what has expired, reminders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event

from config.clock import utcnow
from config.logging import get_logger
from lti_tool.learner.plan.reminders import send_due
from lti_tool.lti.rotation import rotate_due
from lti_tool.people.retention import purge
from lti_tool.services import Services

HOUR = 3600.0
FIRST_AFTER = 20.0
"""Seconds after the start, so that a restart serves people first."""

log = get_logger()


def _turn_keys(services: Services, now: datetime) -> None:
    rotate_due(services, now)


def _purge(services: Services, now: datetime) -> None:
    with services.database.write_connection() as connection:
        rows = sum(purge(connection, now).values())
    if rows:
        log.info("chores.purged", rows=rows)


def _remind(services: Services, now: datetime) -> None:
    send_due(services.database, now)


CHORES: tuple[Callable[[Services, datetime], None], ...] = (_turn_keys, _purge, _remind)


def run_chores(services: Services, now: datetime) -> int:
    """Do every chore once and return how many failed; each may run on many workers at a time.

    One that fails is logged and does not keep the others from running.
    """
    failed = 0
    for chore in CHORES:
        try:
            chore(services, now)
        except Exception as error:
            failed += 1
            log.exception(
                "chores.failed", function=chore.__name__, error_class=type(error).__name__
            )
    return failed


def keep_house(services: Services, stop: Event) -> None:
    """Do the chores every hour until `stop` is set."""
    wait = FIRST_AFTER
    while not stop.wait(wait):
        run_chores(services, utcnow())
        wait = HOUR
