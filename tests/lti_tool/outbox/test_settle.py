"""The decision table, row by row, and what must hold for any answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.services.ags import Result, ScoreAnswer
from lti_tool.lti.services.outcome import Outcome
from lti_tool.outbox.settle import (
    FIRST_WAIT,
    LONGEST_WAIT,
    MAX_AGE,
    MAX_ATTEMPTS,
    PLATFORM_DOWN,
    Reason,
    Sent,
    Settlement,
    State,
    settle,
    settle_broken,
    time_above,
)

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def sent(**changes: object) -> Sent:
    values = {"score": 60.0, "score_at": NOW, "attempts": 0, "waiting_since": NOW}
    return Sent(**{**values, **changes})  # type: ignore[arg-type]


def stored(score: float | None, at: datetime | None = NOW, maximum: float = 100.0) -> Result:
    return Result("7", score, maximum, "", at)


def decide(
    kind: Outcome,
    *,
    held: Result | None = None,
    after: int | None = None,
    clock: datetime | None = None,
    draw: float = 0.5,
    **changes: object,
) -> Settlement:
    answer = ScoreAnswer(kind, "", after, clock)
    return settle(sent(**changes), answer, NOW, stored=held, draw=draw)


def test_accepted_is_delivered_and_the_platform_is_well():
    settlement = decide(Outcome.ACCEPTED)
    assert (settlement.state, settlement.platform_failed) == (State.DELIVERED, False)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(Outcome.REFUSED, Reason.REFUSED), (Outcome.GONE, Reason.NO_COLUMN)],
)
def test_what_repeating_cannot_help_is_parked_at_once(kind, reason):
    settlement = decide(kind)
    assert (settlement.state, settlement.reason) == (State.PARKED, reason)
    assert settlement.platform_failed is False


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Outcome.UNKNOWN, Reason.NO_ANSWER),
        (Outcome.UNAUTHORISED, Reason.UNAUTHORISED),
        (Outcome.BUSY, Reason.BUSY),
    ],
)
def test_what_may_pass_waits_and_counts_against_the_platform(kind, reason):
    settlement = decide(kind)
    assert (settlement.state, settlement.reason) == (State.WAITING, reason)
    assert settlement.attempts == 1
    assert settlement.platform_failed is True
    assert reason in PLATFORM_DOWN


def test_waits_double_from_half_a_minute_to_six_hours():
    waits = [
        decide(Outcome.UNKNOWN, attempts=tries, draw=1.0).due_at - NOW
        for tries in range(MAX_ATTEMPTS - 1)
    ]
    assert waits[:4] == [FIRST_WAIT * factor for factor in (1, 2, 4, 8)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


def test_waits_are_spread_over_half_of_themselves():
    shortest = decide(Outcome.UNKNOWN, attempts=3, draw=0.0).due_at - NOW
    longest = decide(Outcome.UNKNOWN, attempts=3, draw=1.0).due_at - NOW
    assert longest == 2 * shortest == 8 * FIRST_WAIT


def test_the_limits():
    assert (timedelta(seconds=30), timedelta(hours=6)) == (FIRST_WAIT, LONGEST_WAIT)
    assert (12, timedelta(hours=48)) == (MAX_ATTEMPTS, MAX_AGE)


def test_twelve_tries_are_enough():
    assert decide(Outcome.UNKNOWN, attempts=MAX_ATTEMPTS - 2).state is State.WAITING
    last = decide(Outcome.UNKNOWN, attempts=MAX_ATTEMPTS - 1)
    assert (last.state, last.reason) == (State.PARKED, Reason.NO_ANSWER)


def test_two_days_are_enough():
    assert decide(Outcome.UNKNOWN, waiting_since=NOW - MAX_AGE + SECOND).state is State.WAITING
    assert decide(Outcome.UNKNOWN, waiting_since=NOW - MAX_AGE).state is State.PARKED
    assert decide(Outcome.BUSY, waiting_since=NOW - MAX_AGE, after=5).state is State.PARKED


def test_a_platform_that_says_when_is_left_alone_until_then():
    settlement = decide(Outcome.BUSY, after=90, draw=0.0)
    assert settlement.due_at == settlement.closed_until == NOW + 90 * SECOND
    assert decide(Outcome.BUSY, after=90, draw=1.0).due_at == NOW + 99 * SECOND


def test_waiting_as_long_as_we_are_told_is_no_failed_attempt():
    settlement = decide(Outcome.BUSY, after=1, attempts=MAX_ATTEMPTS - 1)
    assert (settlement.state, settlement.attempts) == (State.WAITING, None)


def test_a_zero_in_retry_after_is_no_busy_loop():
    assert decide(Outcome.BUSY, after=0, draw=0.0).due_at >= NOW + SECOND


def test_retry_after_of_any_other_failure_is_the_least_wait():
    assert decide(Outcome.UNKNOWN, after=4000).due_at == NOW + 4000 * SECOND
    assert decide(Outcome.UNKNOWN, after=1, draw=1.0).due_at == NOW + FIRST_WAIT


def test_409_with_our_own_grade_was_our_own_lost_answer():
    assert decide(Outcome.OLDER, held=stored(60.0)).state is State.DELIVERED


def test_409_with_our_own_grade_on_another_scale():
    assert decide(Outcome.OLDER, held=stored(6.0, NOW + SECOND, 10.0)).state is State.DELIVERED


def test_409_with_a_grade_of_nought_that_moodle_does_not_spell_out():
    held = stored(0.0, None)
    assert decide(Outcome.OLDER, held=held, score=0.0).state is State.DELIVERED
    assert decide(Outcome.OLDER, held=held, score=50.0).state is State.SUPERSEDED


def test_409_with_our_own_second_is_ours_though_the_column_has_a_factor():
    assert decide(Outcome.OLDER, held=stored(90.0, NOW)).state is State.DELIVERED


def test_409_with_a_newer_other_grade_means_that_the_teacher_wins():
    settlement = decide(Outcome.OLDER, held=stored(90.0, NOW + SECOND))
    assert (settlement.state, settlement.reason) == (State.SUPERSEDED, Reason.NEWER_GRADE)


def test_409_that_nothing_explains_is_tried_again():
    for held in (None, stored(90.0, NOW - SECOND)):
        settlement = decide(Outcome.OLDER, held=held)
        assert (settlement.state, settlement.reason) == (State.WAITING, Reason.CONFLICT_UNCLEAR)
        assert settlement.platform_failed is None


def test_409_with_an_emptied_grade_needs_a_person():
    settlement = decide(Outcome.OLDER, held=stored(None, None))
    assert (settlement.state, settlement.reason) == (State.PARKED, Reason.GRADE_REMOVED)


AHEAD = timedelta(seconds=60)


def above(held_at: datetime, clock: datetime | None = NOW + AHEAD, score: float = 90.0):
    answer = ScoreAnswer(Outcome.OLDER, "", None, clock)
    return time_above(sent(), answer, stored(score, held_at), NOW)


def test_a_clock_ahead_of_ours_does_not_make_an_older_grade_newer():
    held_at = NOW + AHEAD - 30 * SECOND
    assert above(held_at) == held_at + SECOND
    assert above(held_at.replace(microsecond=900_000)) == held_at + SECOND


def test_a_grade_that_is_newer_by_any_clock_stands():
    assert above(NOW + AHEAD) is None
    assert above(NOW + AHEAD + SECOND) is None


def test_clocks_that_agree_explain_nothing():
    assert above(NOW + SECOND, NOW + 2 * SECOND) is None
    assert above(NOW + SECOND, None) is None
    assert above(NOW - SECOND, NOW - AHEAD) is None


def test_our_own_grade_is_never_sent_with_another_time():
    assert above(NOW + AHEAD - 30 * SECOND, score=60.0) is None


def test_while_the_clock_explains_it_the_teacher_is_not_said_to_have_won():
    held = stored(90.0, NOW + AHEAD - 30 * SECOND)
    settlement = decide(Outcome.OLDER, held=held, clock=NOW + AHEAD)
    assert (settlement.state, settlement.reason) == (State.WAITING, Reason.CONFLICT_UNCLEAR)


def test_a_failure_of_our_own_does_not_blame_the_platform():
    settlement = settle_broken(sent(), NOW, 0.5)
    assert (settlement.state, settlement.reason) == (State.WAITING, Reason.BROKEN)
    assert settlement.platform_failed is None
    assert settle_broken(sent(attempts=11), NOW, 0.5).state is State.PARKED


moments = st.integers(-(10**6), 10**6).map(lambda seconds: NOW + seconds * SECOND)


@given(
    kind=st.sampled_from(Outcome),
    after=st.none() | st.integers(0, 86_400),
    clock=st.none() | moments,
    held=st.none() | st.builds(stored, st.none() | st.floats(0, 100), st.none() | moments),
    score=st.floats(0, 100),
    score_at=moments,
    attempts=st.integers(0, 20),
    waiting_since=moments,
    draw=st.floats(0, 1, exclude_max=True),
)
def test_whatever_is_answered(kind, after, clock, held, draw, **changes):
    settlement = decide(kind, after=after, clock=clock, held=held, draw=draw, **changes)
    waits = settlement.state is State.WAITING
    assert (settlement.due_at is not None) == waits
    assert settlement.due_at is None or settlement.due_at > NOW
    assert (settlement.reason is None) == (settlement.state is State.DELIVERED)
    if settlement.state is State.DELIVERED:
        assert kind in {Outcome.ACCEPTED, Outcome.OLDER}
    if settlement.state is State.SUPERSEDED:
        assert kind is Outcome.OLDER
        assert held is not None
    if waits and settlement.attempts is not None:
        assert settlement.attempts < MAX_ATTEMPTS
        assert settlement.due_at - NOW <= max(LONGEST_WAIT, timedelta(seconds=after or 0))
