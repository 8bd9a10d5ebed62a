"""What to do with a platform's answer: the decision table, without side effects.

Moodle 4.5's rules: 409 for a score whose second is not newer than the stored one, 400 for a person
who cannot be graded, 200 with an empty body for success (mod/lti/service/gradebookservices).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lti_tool.lti.services.ags import Result, ScoreAnswer
from lti_tool.lti.services.outcome import Outcome

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
MAX_ATTEMPTS = 12
MAX_AGE = timedelta(hours=48)
_SECOND = timedelta(seconds=1)
_SKEW = timedelta(seconds=2)
"""Below this, clocks agree: the Date header has whole seconds and the answer took its way."""
_SAME = 0.01


class State(StrEnum):
    """The states of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"
    PARKED = "parked"


class Reason(StrEnum):
    """Why a delivery still waits, or does not go on by itself."""

    REFUSED = "refused"
    NO_COLUMN = "no_column"
    UNAUTHORISED = "unauthorised"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    CONFLICT_UNCLEAR = "conflict_unclear"
    GRADE_REMOVED = "grade_removed"
    NEWER_GRADE = "newer_grade"
    BROKEN = "broken"


PLATFORM_DOWN = frozenset({Reason.UNAUTHORISED, Reason.BUSY, Reason.NO_ANSWER})
"""What ends as soon as the platform is well again."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: points out of 100, its time, how often it was tried, since when it waits."""

    score: float
    score_at: datetime
    attempts: int
    waiting_since: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the row becomes; None leaves a field as it is.

    `platform_failed` says what was learnt of the platform's health, None for nothing;
    `closed_until` is until when it asked to be left alone.
    """

    state: State
    reason: Reason | None = None
    attempts: int | None = None
    due_at: datetime | None = None
    platform_failed: bool | None = False
    closed_until: datetime | None = None


def settle(
    sent: Sent, answer: ScoreAnswer, now: datetime, *, stored: Result | None, draw: float
) -> Settlement:
    """Decide what becomes of a delivery.

    `stored` is the grade that the platform holds; it is looked at for `Outcome.OLDER` only, where
    None means that it could not be read. `draw` in [0, 1) spreads the waits.
    """
    match answer.kind:
        case Outcome.ACCEPTED:
            return Settlement(State.DELIVERED)
        case Outcome.OLDER:
            return _settle_older(sent, answer, now, stored, draw)
        case Outcome.REFUSED:
            return Settlement(State.PARKED, Reason.REFUSED)
        case Outcome.GONE:
            return Settlement(State.PARKED, Reason.NO_COLUMN)
        case Outcome.BUSY if answer.retry_after is not None:
            return _come_back(sent, answer.retry_after, now, draw)
        case Outcome.BUSY:
            reason = Reason.BUSY
        case Outcome.UNAUTHORISED:
            reason = Reason.UNAUTHORISED
        case Outcome.UNKNOWN:
            reason = Reason.NO_ANSWER
    return _try_later(sent, now, draw, reason, platform_failed=True, least=answer.retry_after)


def settle_broken(sent: Sent, now: datetime, draw: float) -> Settlement:
    """Decide what becomes of a delivery that failed in our own code: no blame on the platform."""
    return _try_later(sent, now, draw, Reason.BROKEN)


def _settle_older(
    sent: Sent, answer: ScoreAnswer, now: datetime, stored: Result | None, draw: float
) -> Settlement:
    """409: our own lost answer, a teacher's newer grade, or a clock that is ahead of ours."""
    if stored is None:
        return _try_later(sent, now, draw, Reason.CONFLICT_UNCLEAR)
    if stored.score is None:
        return Settlement(State.PARKED, Reason.GRADE_REMOVED)
    # The same second is our own score: a column's factor or offset has changed its number.
    if _equal(sent, stored) or stored.timestamp == sent.score_at:
        return Settlement(State.DELIVERED)
    if stored.timestamp is None:
        return Settlement(State.SUPERSEDED, Reason.NEWER_GRADE)
    if stored.timestamp < sent.score_at or time_above(sent, answer, stored, now):
        return _try_later(sent, now, draw, Reason.CONFLICT_UNCLEAR)
    return Settlement(State.SUPERSEDED, Reason.NEWER_GRADE)


def time_above(sent: Sent, answer: ScoreAnswer, stored: Result, now: datetime) -> datetime | None:
    """Return the time that puts our score above a platform's grade which is older than it.

    None unless the platform's clock is ahead of ours and its grade is another one that, told in
    our time, is older than our event. The skew comes out too small rather than too large, so in
    doubt the platform's grade stands.
    """
    skew = (answer.server_time or now) - now
    if stored.timestamp is None or _equal(sent, stored):
        return None
    if skew <= _SKEW or stored.timestamp - skew >= sent.score_at:
        return None
    return stored.timestamp.replace(microsecond=0) + _SECOND


def _equal(sent: Sent, stored: Result) -> bool:
    maximum = stored.maximum or 100.0
    return stored.score is not None and abs(stored.score / maximum * 100 - sent.score) <= _SAME


def _come_back(sent: Sent, seconds: int, now: datetime, draw: float) -> Settlement:
    """The platform said when: wait so long, a little spread, and do not count it as a failure.

    Otherwise a platform that says "in a second" would use up all attempts in a minute.
    """
    if now - sent.waiting_since >= MAX_AGE:
        return Settlement(State.PARKED, Reason.BUSY, platform_failed=True)
    wait = timedelta(seconds=max(seconds, 1))
    return Settlement(
        State.WAITING,
        Reason.BUSY,
        due_at=now + wait * (1 + draw / 10),
        platform_failed=True,
        closed_until=now + wait,
    )


def _try_later(
    sent: Sent,
    now: datetime,
    draw: float,
    reason: Reason,
    *,
    platform_failed: bool | None = None,
    least: int | None = None,
) -> Settlement:
    """Wait twice as long each time, between half of it and all of it; park after many or long."""
    tries = sent.attempts + 1
    if tries >= MAX_ATTEMPTS or now - sent.waiting_since >= MAX_AGE:
        return Settlement(State.PARKED, reason, attempts=tries, platform_failed=platform_failed)
    longest = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
    wait = max(longest * (0.5 + draw / 2), timedelta(seconds=least or 0))
    return Settlement(
        State.WAITING,
        reason,
        attempts=tries,
        due_at=now + wait,
        platform_failed=platform_failed,
    )
