"""Who gets which row: leases, fences, turns, and care for a sick platform."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.lti.services.ags import ScoreAnswer
from lti_tool.lti.services.outcome import Outcome
from lti_tool.outbox.claim import BATCH, CLOSED_FOR, FAILURES_TO_CLOSE, LEASE, claim
from lti_tool.outbox.delivery import Delivery, Job
from lti_tool.outbox.models import PlatformHealth
from lti_tool.outbox.put_back import give_back, put_back
from lti_tool.outbox.settle import Reason, Settlement, State
from tests.lti_tool.outbox.stage import open_school

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DELIVERED = Settlement(State.DELIVERED)
FAILED = Settlement(State.WAITING, Reason.NO_ANSWER, attempts=1, due_at=NOW, platform_failed=True)


def take(school, now: datetime = NOW, busy: tuple[str, ...] = ()) -> list[Job]:
    return claim(school.services.database, now, busy)


def settle(school, job: Job, settlement: Settlement = DELIVERED, now: datetime = NOW) -> bool:
    delivery = Delivery(ScoreAnswer(Outcome.ACCEPTED))
    with school.services.database.write_connection() as connection:
        return put_back(connection, job, delivery, settlement, now)


def fail(school, times: int, **changes: object) -> None:
    for _ in range(times):
        [job, *rest] = take(school)
        with school.services.database.write_connection() as connection:
            give_back(connection, rest)
        settle(school, job, FAILED)


def test_a_job_knows_all_that_sending_needs(school):
    school.earns(40, now=NOW, comment="Well done")
    [job] = take(school)
    assert (job.score, job.comment, job.score_at) == (40, "Well done", NOW)
    assert (job.user_sub, job.link_lti_id) == ("7", school.link_lti_id)
    assert job.lineitem_url.endswith("/1/lineitem?type_id=1")
    assert job.lineitems_url.endswith("/lineitems?type_id=1")
    assert job.platform.token_url.endswith("/token")
    assert (job.fence, job.seq) == (1, 1)


def test_what_is_leased_is_not_taken_again_until_the_lease_is_over(school):
    school.earns(40, now=NOW)
    assert len(take(school)) == 1
    assert take(school, NOW + LEASE) == []
    [again] = take(school, NOW + LEASE + SECOND)
    assert again.fence == 2


def test_what_is_not_due_waits(school):
    school.earns(40, now=NOW)
    assert take(school, NOW - SECOND) == []


@pytest.mark.parametrize("state", ["delivered", "superseded", "parked"])
def test_what_is_settled_rests(school, state):
    school.earns(40, now=NOW)
    school.change(state=state)
    assert take(school) == []


def test_a_lease_from_before_the_clock_was_put_back_holds_nobody_up(school):
    school.earns(40, now=NOW - timedelta(hours=2))
    take(school, NOW)
    assert len(take(school, NOW - timedelta(hours=1))) == 1


def test_a_platform_that_is_switched_off_gets_nothing_and_loses_nothing(services, gradebook):
    school = open_school(services, gradebook.url, status="disabled")
    school.earns(40, now=NOW)
    assert take(school, NOW + timedelta(days=30)) == []
    assert school.row().state == "waiting"


def test_a_flood_of_one_platform_leaves_the_others_their_turn(school, services, gradebook):
    for sub in range(BATCH + 30):
        school.earns(40, str(sub), now=NOW - timedelta(hours=1))
    small = open_school(services, gradebook.url)
    small.earns(50, now=NOW)
    jobs = take(school)
    assert len(jobs) == BATCH + 1
    assert [job.score for job in jobs if job.tenant_id == small.tenant_id] == [50]


def test_the_longest_due_comes_first(school):
    for sub in range(3):
        school.earns(40, str(sub), now=NOW - sub * SECOND)
    assert [job.user_sub for job in take(school)] == ["2", "1", "0"]


def test_a_busy_platform_is_passed_over(school):
    school.earns(40, now=NOW)
    assert take(school, busy=(school.platform_id,)) == []


def test_of_many_workers_one_gets_a_row(school):
    for sub in range(10):
        school.earns(40, str(sub), now=NOW)
    barrier, taken = threading.Barrier(6), []

    def work() -> None:
        barrier.wait()
        taken.extend(take(school))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(job.user_sub for job in taken) == sorted(map(str, range(10)))


def test_delivered(school):
    school.earns(40, now=NOW)
    [job] = take(school)
    assert settle(school, job)
    row = school.row()
    assert (row.state, row.sent_seq, row.reason, row.settled_at) == ("delivered", 1, None, NOW)
    assert row.lease_until is None


def test_the_fence_keeps_a_late_worker_from_writing(school):
    school.earns(40, now=NOW)
    [late] = take(school)
    [newer] = take(school, NOW + LEASE + SECOND)
    assert not settle(school, late)
    assert school.row().state == "waiting"
    assert settle(school, newer)


@pytest.mark.parametrize("settlement", [DELIVERED, Settlement(State.PARKED, Reason.REFUSED)])
def test_a_score_that_changed_on_the_way_is_sent_as_well(school, settlement):
    school.earns(40, now=NOW)
    [job] = take(school)
    school.earns(50, now=NOW + SECOND)
    assert settle(school, job, settlement, NOW + SECOND)
    row = school.row()
    assert (row.state, row.reason, row.settled_at) == ("waiting", None, None)
    assert row.sent_seq == (1 if settlement is DELIVERED else 0)
    [again] = take(school, NOW + SECOND)
    assert (again.score, again.seq) == (50, 2)


def test_given_back_means_free_at_once(school):
    school.earns(40, now=NOW)
    jobs = take(school)
    with school.services.database.write_connection() as connection:
        give_back(connection, jobs)
    assert len(take(school)) == 1


def test_a_late_worker_gives_nothing_back(school):
    school.earns(40, now=NOW)
    late = take(school)
    take(school, NOW + LEASE + SECOND)
    with school.services.database.write_connection() as connection:
        give_back(connection, late)
    assert take(school, NOW + LEASE + 2 * SECOND) == []


def test_five_failures_close_a_platform_and_one_row_a_minute_looks_whether_it_is_well(school):
    for sub in range(3):
        school.earns(40, str(sub), now=NOW)
    fail(school, FAILURES_TO_CLOSE - 1)
    jobs = take(school)
    assert len(jobs) == 3
    with school.services.database.write_connection() as connection:
        give_back(connection, jobs[1:])
    settle(school, jobs[0], FAILED)
    assert take(school, NOW + CLOSED_FOR - SECOND) == []
    later = NOW + CLOSED_FOR
    [probe] = take(school, later)
    assert take(school, later) == [], "another worker does not look at the same time"
    settle(school, probe, FAILED, later)
    assert take(school, later + CLOSED_FOR - SECOND) == []
    [probe] = take(school, later + CLOSED_FOR)
    settle(school, probe, DELIVERED)
    assert len(take(school, later + CLOSED_FOR)) == 2


def test_a_sick_platform_delays_no_other(school, services, gradebook):
    school.earns(40, now=NOW)
    fail(school, FAILURES_TO_CLOSE)
    other = open_school(services, gradebook.url)
    other.earns(50, now=NOW)
    assert [job.score for job in take(school)] == [50]


def test_one_answer_ends_the_count_of_failures(school):
    for sub in range(2):
        school.earns(40, str(sub), now=NOW)
    fail(school, FAILURES_TO_CLOSE - 1)
    [job, other] = take(school)
    settle(school, job)
    settle(school, other, FAILED)
    assert len(take(school)) == 1


def test_two_failures_at_once_are_two(school):
    """On PostgreSQL both may be the first one that notes the platform's health."""
    for sub in range(6):
        school.earns(40, str(sub), now=NOW)
    jobs, barrier = take(school), threading.Barrier(6)

    def work(job: Job) -> None:
        barrier.wait()
        settle(school, job, FAILED)

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with school.services.database.read() as session:
        health = session.get_one(PlatformHealth, (school.tenant_id, school.platform_id))
    assert health.failures == 6


def test_a_platform_that_said_when_is_left_alone_by_everybody(school):
    for sub in range(2):
        school.earns(40, str(sub), now=NOW)
    [job, other] = take(school)
    until = NOW + timedelta(seconds=90)
    busy = Settlement(
        State.WAITING, Reason.BUSY, due_at=until, platform_failed=True, closed_until=until
    )
    settle(school, job, busy)
    with school.services.database.write_connection() as connection:
        give_back(connection, [other])
    assert take(school, until - SECOND) == []
    assert len(take(school, until)) == 2


def test_after_an_outage_what_it_parked_goes_out_again(school):
    for sub, reason in (("1", "no_answer"), ("2", "refused"), ("3", "busy")):
        school.earns(40, sub, now=NOW)
        school.change(sub, state="parked", reason=reason, attempts=12)
    school.earns(40, "7", now=NOW)
    fail(school, FAILURES_TO_CLOSE)
    [probe] = take(school, NOW + CLOSED_FOR)
    settle(school, probe, DELIVERED, NOW + CLOSED_FOR)
    assert school.row("2").state == "parked"
    jobs = take(school, NOW + CLOSED_FOR)
    assert {job.user_sub for job in jobs} == {"1", "3"}
    assert {job.attempts for job in jobs} == {0}
    assert {job.score_at for job in jobs} == {NOW}, "a teacher's newer grade must stand"


@pytest.mark.parametrize("failures", [0, FAILURES_TO_CLOSE - 1])
def test_without_an_outage_what_is_parked_stays(school, failures):
    school.earns(40, "1", now=NOW)
    school.change("1", state="parked", reason="no_answer")
    school.earns(40, "7", now=NOW)
    fail(school, failures)
    [job] = take(school)
    settle(school, job)
    assert school.row("1").state == "parked"
