"""What to do with a platform's answer: the decision table, without side effects.

Moodle 4.5's rules: 409 for a score whose second is not newer than the stored one, 400 for a person
who cannot be graded, 200 with an empty body for success (mod/lti/service/gradebookservices).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lti_tool.lti.services.ags import Result, ScoreAnswer
from lti_tool.lti.services.outcome import Outcome

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
MAX_ATTEMPTS = 12
MAX_AGE = timedelta(hours=48)
MAX_RESTAMPS = 3
_SECOND = timedelta(seconds=1)
_SAME = 0.01


class State(StrEnum):
    """The states of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: points out of 100, its time, how often it was tried, since when it waits."""

    score: float
    score_at: datetime
    attempts: int
    waiting_since: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the row becomes. `reason` is a stable code; `due_at` and `score_at` None: unchanged."""

    state: State
    reason: str | None = None
    due_at: datetime | None = None
    score_at: datetime | None = None
    platform_failed: bool = False


def settle(
    sent: Sent, answer: ScoreAnswer, now: datetime, stored: Result | None = None
) -> Settlement:
    """Decide what becomes of a delivery.

    `stored` is the grade that the platform holds; it is looked at for `Outcome.OLDER` only, where
    None means that it could not be read.
    """
    match answer.kind:
        case Outcome.ACCEPTED:
            return Settlement(State.DELIVERED)
        case Outcome.OLDER:
            return _settle_older(sent, answer, now, stored)
        case Outcome.REFUSED:
            return Settlement(State.PARKED, "refused")
        case Outcome.GONE:
            return Settlement(State.PARKED, "column_gone")
        case Outcome.UNAUTHORISED:
            return _try_later(sent, answer, now, "unauthorised")
        case Outcome.BUSY:
            return _try_later(sent, answer, now, "busy")
        case Outcome.UNKNOWN:
            return _try_later(sent, answer, now, "no_answer")


def _settle_older(
    sent: Sent, answer: ScoreAnswer, now: datetime, stored: Result | None
) -> Settlement:
    """409: our own lost answer, a teacher's newer grade, or a clock that is ahead of ours."""
    if stored is None:
        return _try_later(sent, answer, now, "conflict_unclear")
    if _equal(sent, stored):
        return Settlement(State.DELIVERED)
    skew = (answer.server_time or now) - now
    if (
        skew > 2 * _SECOND
        and stored.timestamp is not None
        and stored.timestamp - skew < sent.score_at
        and sent.attempts < MAX_RESTAMPS
    ):
        # The platform's clock is ahead: in our time its grade is older than our event, so ours
        # may stand above it.
        later = stored.timestamp + _SECOND
        return Settlement(State.WAITING, "clock_ahead", due_at=now, score_at=later)
    return Settlement(State.SUPERSEDED, "newer_grade")


def _equal(sent: Sent, stored: Result) -> bool:
    if stored.score is None:
        return False
    maximum = stored.maximum or 100.0
    return abs(stored.score / maximum * 100 - sent.score) <= _SAME


def _try_later(sent: Sent, answer: ScoreAnswer, now: datetime, reason: str) -> Settlement:
    tries = sent.attempts + 1
    if tries >= MAX_ATTEMPTS or now - sent.waiting_since >= MAX_AGE:
        return Settlement(State.PARKED, reason, platform_failed=True)
    if answer.retry_after is not None:
        wait = timedelta(seconds=max(answer.retry_after, 1))
    else:
        longest = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
        wait = longest * random.uniform(0.5, 1)
    return Settlement(State.WAITING, reason, due_at=now + wait, platform_failed=True)
