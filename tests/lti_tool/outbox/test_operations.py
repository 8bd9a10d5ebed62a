"""Putting scores in, arming them again, and what is seen from outside."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import NoResultFound

from lti_tool.outbox import status
from lti_tool.outbox.models import COMMENT_LENGTH, ScoreDelivery
from lti_tool.outbox.operations import (
    REDISCOVER_EVERY,
    has_parked,
    rearm,
    record_score,
    rediscover,
)
from tests.lti_tool.outbox.stage import open_school

NOW = datetime(2026, 3, 1, 12, 0, 0, 700_000, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_the_first_score(school):
    school.earns(40, now=NOW, comment="Well done")
    row = school.row()
    assert (row.score, row.comment, row.activity_progress) == (40, "Well done", "InProgress")
    assert (row.state, row.seq, row.sent_seq, row.attempts) == ("waiting", 1, 0, 0)
    assert row.score_at == NOW.replace(microsecond=0)
    assert row.due_at == row.waiting_since == NOW


def test_a_newer_score_takes_the_place_of_the_older_one(school):
    school.earns(40, now=NOW)
    school.earns(100, now=NOW + 5 * SECOND)
    row = school.row()
    assert (row.score, row.seq, row.activity_progress) == (100, 2, "Completed")
    assert row.waiting_since == NOW, "the platform has lacked a grade since the first one"


def test_each_change_is_a_whole_second_newer(school):
    for score in (10, 20, 30):
        school.earns(score, now=NOW)
    assert school.row().score_at == NOW.replace(microsecond=0) + 2 * SECOND


def test_a_clock_that_was_put_back_does_not_make_scores_older(school):
    school.earns(10, now=NOW)
    school.earns(20, now=NOW - timedelta(hours=1))
    assert school.row().score_at == NOW.replace(microsecond=0) + SECOND


def test_a_new_score_frees_a_parked_one(school):
    school.earns(10, now=NOW)
    school.change(state="parked", reason="refused", attempts=12, settled_at=NOW)
    school.earns(20, now=NOW + SECOND)
    row = school.row()
    assert (row.state, row.reason, row.attempts, row.settled_at) == ("waiting", None, 0, None)
    assert row.waiting_since == NOW + SECOND


def test_a_long_comment_is_cut_and_does_not_cost_the_answer(school):
    school.earns(10, comment="ő" * 2000)
    assert len(school.row().comment) == COMMENT_LENGTH


@pytest.mark.parametrize("score", [-1, 100.5, float("nan")])
def test_impossible_scores(school, score):
    with pytest.raises(ValueError, match="not between"):
        school.earns(score)


def test_without_an_activity_there_is_no_grade(school):
    launch = replace(school.launch(), resource_link_id=None)
    with (
        school.services.database.write() as session,
        pytest.raises(ValueError, match="resource link"),
    ):
        record_score(session, launch, score=1, comment="", now=NOW)


def test_a_score_lives_and_dies_with_the_change_that_it_reports(school):
    launch = school.launch()
    with pytest.raises(RuntimeError), school.services.database.write() as session:
        record_score(session, launch, score=10, comment="", now=NOW)
        raise RuntimeError
    assert school.rows() == []


def test_answers_at_once_all_count(school):
    """Each must see the others' `seq`, or a worker would take an unsent score for sent."""
    launch, count = school.launch(), 8
    barrier = threading.Barrier(count)

    def earn(score: int) -> None:
        barrier.wait()
        with school.services.database.write() as session:
            record_score(session, launch, score=score, comment="", now=NOW)

    threads = [threading.Thread(target=earn, args=(score,)) for score in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = school.row()
    assert row.seq == count
    assert row.score_at == NOW.replace(microsecond=0) + (count - 1) * SECOND


def arm(school, **values: object) -> ScoreDelivery:
    school.earns(10, now=NOW)
    school.change(settled_at=NOW, attempts=12, **values)
    with school.services.database.write() as session:
        rearm(session, school.tenant_id, school.row().id, NOW + 60 * SECOND)
    return school.row()


def test_a_person_asks_for_another_try(school):
    row = arm(school, state="parked", reason="refused")
    assert (row.state, row.reason, row.attempts) == ("waiting", None, 0)
    assert row.due_at == row.waiting_since == NOW + 60 * SECOND
    assert row.score_at == NOW.replace(microsecond=0), "a newer grade of a teacher must stand"


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("superseded", "newer_grade"),
        ("parked", "grade_removed"),
        ("parked", "conflict_unclear"),
    ],
)
def test_a_person_puts_our_score_above_the_platforms(school, state, reason):
    row = arm(school, state=state, reason=reason)
    assert row.state == "waiting"
    assert row.score_at == (NOW + 60 * SECOND).replace(microsecond=0)


@pytest.mark.parametrize("state", ["waiting", "delivered"])
def test_what_is_not_stuck_is_left_alone(school, state):
    row = arm(school, state=state)
    assert (row.state, row.attempts) == (state, 12)


def test_another_organisations_delivery_cannot_be_armed(school, services, gradebook):
    other = open_school(services, gradebook.url)
    school.earns(10)
    with services.database.write() as session, pytest.raises(NoResultFound):
        rearm(session, other.tenant_id, school.row().id, NOW)


def parked(school, sub: str, reason: str, at: datetime = NOW) -> None:
    school.earns(10, sub, now=at)
    school.change(sub, state="parked", reason=reason, settled_at=at, attempts=12)


def launched(school, sub: str, now: datetime) -> int:
    user_id = school.launch(sub).user_id
    with school.services.database.write_connection() as connection:
        return rediscover(connection, school.tenant_id, school.link_id, user_id, now)


def test_a_launch_tries_this_persons_grade_again(school):
    parked(school, "7", "refused")
    parked(school, "8", "refused")
    assert launched(school, "7", NOW + SECOND) == 1
    row = school.row("7")
    assert (row.state, row.reason, row.attempts, row.settled_at) == ("waiting", None, 0, None)
    assert row.score_at == NOW.replace(microsecond=0)
    assert school.row("8").state == "parked"


def test_a_launch_tries_everybodys_missing_column_again_now_and_then(school):
    parked(school, "7", "no_column")
    parked(school, "8", "no_column")
    assert launched(school, "3", NOW + REDISCOVER_EVERY) == 0
    assert launched(school, "3", NOW + REDISCOVER_EVERY + SECOND) == 2


def test_a_launch_elsewhere_changes_nothing(school, services, gradebook):
    other = open_school(services, gradebook.url)
    parked(school, "7", "no_column")
    assert launched(other, "7", NOW + timedelta(days=1)) == 0


def test_a_launch_leaves_superseded_grades_alone(school):
    parked(school, "7", "newer_grade")
    school.change("7", state="superseded")
    assert launched(school, "7", NOW + timedelta(days=1)) == 0


def test_the_cheap_look(school):
    def look() -> bool:
        with school.services.database.read_connection() as connection:
            return has_parked(connection, school.tenant_id, school.link_id)

    school.earns(10)
    assert not look()
    school.change(state="parked", reason="refused")
    assert look()


def test_status(school, services, gradebook):
    school.earns(10, "7", now=NOW)
    school.earns(10, "8", now=NOW - SECOND)
    school.change("8", state="parked")
    disabled = open_school(services, gradebook.url, status="disabled")
    disabled.earns(10, now=NOW - timedelta(days=9))
    with services.database.read() as session:
        assert status.counts(session) == {"waiting": 2, "parked": 1}
        assert status.oldest_waiting(session) == NOW
        assert status.without_column(session) == 0
    school.change("8", reason="no_column")
    with services.database.read() as session:
        assert status.without_column(session) == 1
