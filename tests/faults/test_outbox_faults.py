"""Each fault of the outbox's surroundings, made on real sockets and real databases.

The numbers are those of the fault matrix that docs and tests share: F1 refused, F2 silent,
F3 trickling, F4 endless, F5 cut, F6 pages instead of answers, F8 busy, F9 answer lost, F10 two in a
second, F11 teacher's grade, F14 lease lost, F15 nudge lost, F16 database locked, F17 disk full,
F20 clocks, F25 enrolment or column gone, F27 flood, F28 old backup restored. F12, killing, is in
`test_outbox_kills.py`.
"""

from __future__ import annotations

import gzip
import socket
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import event, insert
from sqlalchemy.exc import OperationalError

from config.clock import utcnow
from config.database import TransactionOpen
from config.ids import new_id
from lti_tool.outbox import worker as worker_module
from lti_tool.outbox.claim import FAILURES_TO_CLOSE, LEASE, claim
from lti_tool.outbox.delivery import Delivery, deliver
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.outbox.operations import rearm, rediscover
from lti_tool.outbox.put_back import put_back
from lti_tool.outbox.settle import settle
from lti_tool.outbox.worker import Worker
from lti_tool.people.models import User
from tests.faults.server import (
    endless,
    garbage,
    html,
    json_answer,
    reset,
    silence,
    status,
    trickle_body,
    trickle_headers,
    truncated,
)
from tests.lti_tool.outbox.gradebook import dropped
from tests.lti_tool.outbox.stage import hasty, open_school, stage_services

SECOND = timedelta(seconds=1)


def once(answer):
    """A fault that happens one time."""
    left = [answer]
    return lambda: left.pop() if left else None


def work(school, seconds: float | None = None) -> None:
    services = hasty(school.services, seconds) if seconds else school.services
    Worker(services).run_once()


def work_again(school) -> None:
    school.due()
    work(school)


def is_waiting(school, reason: str) -> bool:
    row = school.row()
    return (row.state, row.reason) == ("waiting", reason) and row.due_at > utcnow()


def has_arrived(school, gradebook, score: float = 40) -> bool:
    return school.row().state == "delivered" and gradebook.grades["7"].score == score


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}", "http://nowhere.invalid"])
def test_f1_nobody_listens_or_no_such_name(database, server, url):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with stage_services(database, server, addresses=[("127.0.0.1", port)]) as services:
        school = open_school(services, url.format(port=port))
        school.earns(40)
        work(school)
        assert is_waiting(school, "no_answer")


def test_f1_platform_comes_back(school, gradebook, server):
    """Nobody listens at first; afterwards somebody does, at the same address."""
    school.earns(40)
    gradebook.before = once(reset())
    work(school)
    assert is_waiting(school, "no_answer")
    work_again(school)
    assert has_arrived(school, gradebook)


SLOW = {
    "f2_silent": silence(),
    "f3_trickling_body": trickle_body(),
    "f3_trickling_headers": trickle_headers(),
}


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW.keys())
def test_slow_platforms_are_cut_at_the_deadline(school, gradebook, answer):
    gradebook.before = once(answer)
    school.earns(40)
    work(school, seconds=0.3)
    assert is_waiting(school, "no_answer")
    assert school.row().lease_until is None, "the row is free for the next worker"
    work_again(school)
    assert has_arrived(school, gradebook)


def test_f2_silence_of_one_platform_does_not_reach_another(school, services, gradebook, server):
    silent = open_school(services, gradebook.url, gradebook=gradebook, number=2)
    server.script("/2/lineitem/scores", silence())
    for sub in range(10):
        silent.earns(40, str(sub))
    stop, worker = threading.Event(), Worker(hasty(services, 5))
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        server.wait_for(1)
        school.earns(50)
        worker.nudge()
        end = time.monotonic() + 4
        while "7" not in gradebook.grades and time.monotonic() < end:
            time.sleep(0.01)
        assert gradebook.grades["7"].score == 50
        assert {row.state for row in silent.rows()} == {"waiting"}
    finally:
        stop.set()
        worker.nudge()
        server.script("/2/lineitem/scores", reset())
        thread.join()


USELESS = {
    "f4_endless_body": endless(),
    "f4_gzip_bomb": status(
        200, gzip.compress(b" " * 20_000_000), headers={"Content-Encoding": "gzip"}
    ),
    "f5_truncated": truncated(),
    "f5_reset_in_the_body": truncated(by_reset=True),
    "f5_reset": reset(),
    "f5_garbage": garbage(),
    "f6_maintenance_page": html(),
    "f6_notice_before_nothing": status(200, b"<br />\n<b>Notice</b>: x"),
    "f6_byte_order_mark": status(200, b"\xef\xbb\xbf[]"),
    "f6_refusal_with_a_lost_status": json_answer([]),
    "f6_error_500": status(500),
    "f6_redirect": status(302, headers={"Location": "/login"}),
}


@pytest.mark.parametrize("fault", USELESS.keys())
def test_useless_answers_are_no_success(school, gradebook, fault):
    gradebook.before = once(USELESS[fault])
    school.earns(40)
    work(school)
    if fault == "f6_redirect":
        assert school.row().state == "waiting"
    else:
        assert is_waiting(school, "no_answer")
    work_again(school)
    assert has_arrived(school, gradebook)
    assert len({post.stamp for post in gradebook.posts}) == 1, "the very same is sent again"


@pytest.mark.parametrize("code", [429, 503])
def test_f8_busy_platform_says_when(school, gradebook, code):
    gradebook.before = once(status(code, retry_after=90))
    school.earns(40)
    school.earns(50, "8")
    before = utcnow()
    work(school)
    rows = {row.reason: row for row in school.rows()}
    assert before + 90 * SECOND <= rows["busy"].due_at <= utcnow() + 99 * SECOND
    assert len(gradebook.posts) == 1, "the others leave it alone as well"
    work_again(school)
    assert {row.state for row in school.rows()} == {"delivered"}


def test_f8_busy_platform_that_does_not_say_when(school, gradebook):
    gradebook.before = lambda: status(503)
    for sub in range(20):
        school.earns(40, str(sub))
    work(school)
    assert len(gradebook.posts) == FAILURES_TO_CLOSE
    gradebook.before = lambda: None
    work(school)
    assert len(gradebook.posts) == FAILURES_TO_CLOSE, "the breaker is open"
    work_again(school)
    assert {row.state for row in school.rows()} == {"delivered"}


def test_f9_answer_lost_after_it_was_applied(school, gradebook):
    gradebook.after = once(dropped)
    school.earns(40)
    work(school)
    assert is_waiting(school, "no_answer")
    work_again(school)
    assert has_arrived(school, gradebook)
    assert [post.applied for post in gradebook.posts] == [True, False]


def test_f9_answer_lost_for_a_grade_of_nought(school, gradebook):
    gradebook.after = once(dropped)
    school.earns(0)
    work(school)
    work_again(school)
    assert has_arrived(school, gradebook, 0)


def test_f9_answer_lost_and_then_a_better_score(school, gradebook):
    gradebook.after = once(dropped)
    school.earns(40)
    work(school)
    school.earns(70)
    work_again(school)
    assert has_arrived(school, gradebook, 70)


def test_f10_two_scores_within_one_second(school, gradebook):
    now = utcnow()
    school.earns(40, now=now)
    work(school)
    school.earns(70, now=now)
    work(school)
    assert has_arrived(school, gradebook, 70)
    assert [post.applied for post in gradebook.posts] == [True, True]


def test_f11_teachers_newer_grade_stands(school, gradebook):
    school.earns(40, now=utcnow() - 60 * SECOND)
    gradebook.teacher_sets("7", 95)
    work(school)
    assert (school.row().state, school.row().reason) == ("superseded", "newer_grade")
    work_again(school)
    assert gradebook.grades["7"].score == 95
    assert len(gradebook.posts) == 1, "never fought"


def test_f11_a_person_may_put_ours_above_the_teachers(school, gradebook):
    school.earns(40, now=utcnow() - 60 * SECOND)
    gradebook.teacher_sets("7", 95)
    work(school)
    with school.services.database.write() as session:
        rearm(session, school.tenant_id, school.row().id, utcnow() + SECOND)
    work_again(school)
    assert has_arrived(school, gradebook)


def test_f11_emptied_grade_is_parked(school, gradebook):
    school.earns(40, now=utcnow() - 60 * SECOND)
    gradebook.teacher_sets("7", None)
    work(school)
    assert (school.row().state, school.row().reason) == ("parked", "grade_removed")


def test_f11_locked_grade_is_tried_twelve_times_and_then_shown(school, gradebook):
    gradebook.before = lambda: status(500)
    school.earns(40)
    for _ in range(20):
        work_again(school)
    assert (school.row().state, school.row().reason) == ("parked", "no_answer")
    assert len(gradebook.posts) == 12


def test_f14_lease_runs_out_while_the_first_worker_still_sends(school, gradebook):
    school.earns(40)
    database, now = school.services.database, utcnow()
    [stalled] = claim(database, now)
    [second] = claim(database, now + LEASE + SECOND)
    outcomes = []
    for job in (second, stalled):
        delivery: Delivery = deliver(school.services, job)
        settlement = settle(job.sent, delivery.answer, utcnow(), stored=delivery.stored, draw=0.5)
        with database.write_connection() as connection:
            outcomes.append(put_back(connection, job, delivery, settlement, utcnow()))
    assert outcomes == [True, False]
    assert has_arrived(school, gradebook)
    assert [post.applied for post in gradebook.posts] == [True, False]


def test_f14_older_score_sent_late_does_not_come_back(school, gradebook):
    school.earns(40)
    database, now = school.services.database, utcnow()
    [stalled] = claim(database, now)
    school.earns(70)
    school.change(lease_until=now - SECOND)
    work(school)
    deliver(school.services, stalled)
    assert has_arrived(school, gradebook, 70)


def test_f15_no_nudge_ever_comes(school, gradebook, monkeypatch):
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(Worker, "nudge", lambda _self: None)
    stop, worker = threading.Event(), Worker(school.services)
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        for sub in range(5):
            school.earns(40, str(sub))
        end = time.monotonic() + 10
        while len(gradebook.grades) < 5 and time.monotonic() < end:
            time.sleep(0.01)
        assert len(gradebook.grades) == 5
    finally:
        stop.set()
        thread.join()


def test_f16_database_locked_while_the_outcome_is_written(
    sqlite_database, server, gradebook, monkeypatch
):
    def locked(*_args):
        raise OperationalError("x", {}, Exception("database is locked"))

    with stage_services(sqlite_database, server) as services:
        school = open_school(services, gradebook.url, gradebook=gradebook)
        school.earns(40)
        with monkeypatch.context() as patch:
            patch.setattr(worker_module, "put_back", locked)
            work(school)
        assert school.row().state == "waiting"
        school.change(lease_until=utcnow() - SECOND)
        work(school)
        assert has_arrived(school, gradebook)


def test_f17_disk_full_keeps_what_was_saved_and_sends_it_later(sqlite_database, server, gradebook):
    def full(dbapi_connection, _record):
        # The limit belongs to a connection, so each one is given it.
        dbapi_connection.execute(f"PRAGMA max_page_count={pages}")

    with stage_services(sqlite_database, server) as services:
        school = open_school(services, gradebook.url, gradebook=gradebook)
        school.earns(40)
        engine = sqlite_database.engine
        with engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        sqlite_database.dispose()
        event.listen(engine, "connect", full)
        with pytest.raises(OperationalError, match="full"):
            for number in range(1000):
                school.earns(1, f"new {number}", comment="x" * 400)
        event.remove(engine, "connect", full)
        sqlite_database.dispose()
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        work(school)
        assert has_arrived(school, gradebook)


@pytest.mark.parametrize("ahead", [5, 60, 120])
def test_f20_platforms_clock_is_ahead_and_its_grade_is_older(school, gradebook, ahead):
    gradebook.ahead = ahead * SECOND
    gradebook.teacher_sets("7", 20)
    gradebook.grades["7"].stamp -= 3 * SECOND
    school.earns(40)
    work(school)
    assert has_arrived(school, gradebook)


def test_f20_restamped_answer_lost(school, gradebook, monkeypatch):
    """The row keeps its true time, so a grade given meanwhile is not mistaken for an older one."""
    gradebook.ahead = 60 * SECOND
    gradebook.teacher_sets("7", 20)
    gradebook.grades["7"].stamp -= 5 * SECOND
    school.earns(40)
    answers = [None, None, reset()]
    gradebook.before = lambda: answers.pop(0) if answers else None
    work(school)
    assert is_waiting(school, "no_answer")
    gradebook.ahead += 30 * SECOND
    gradebook.teacher_sets("7", 90)
    gradebook.ahead -= 30 * SECOND
    assert school.row().score_at < utcnow()
    work_again(school)
    assert school.row().state == "superseded"
    assert gradebook.grades["7"].score == 90


def test_f20_platforms_clock_is_ahead_and_its_grade_is_newer(school, gradebook):
    gradebook.ahead = 60 * SECOND
    school.earns(40, now=utcnow() - 30 * SECOND)
    gradebook.teacher_sets("7", 90)
    work(school)
    assert school.row().state == "superseded"


def test_f20_platforms_clock_is_behind(school, gradebook):
    gradebook.ahead = -120 * SECOND
    school.earns(40)
    work(school)
    school.earns(50)
    work(school)
    assert has_arrived(school, gradebook, 50)


def test_f20_our_clock_was_put_back_an_hour(school, gradebook):
    school.earns(40, now=utcnow() + timedelta(hours=1))
    school.due()
    work(school)
    school.earns(50)
    work(school)
    assert has_arrived(school, gradebook, 50)


def test_f25_learner_unenrolled_and_enrolled_again(school, gradebook):
    gradebook.before = lambda: json_answer([], 400)
    school.earns(40)
    work(school)
    assert (school.row().state, school.row().reason) == ("parked", "refused")
    gradebook.before = lambda: None
    relaunch(school)
    work(school)
    assert has_arrived(school, gradebook)


def relaunch(school, sub: str = "7") -> None:
    with school.services.database.write_connection() as connection:
        user_id = school.launch(sub).user_id
        rediscover(connection, school.tenant_id, school.link_id, user_id, utcnow())


@pytest.mark.parametrize("code", [403, 404, 410])
def test_f25_column_gone_and_back_elsewhere(school, gradebook, server, code):
    """A restored course: the activity's column has another address."""
    gradebook.remove_column(school.link_lti_id)
    server.script("/1/lineitem/scores", json_answer([], code))
    school.earns(40)
    work(school)
    assert (school.row().state, school.row().reason) == ("parked", "no_column")
    gradebook.add_column(school.link_lti_id, 9)
    relaunch(school)
    work(school)
    assert has_arrived(school, gradebook)


def test_f25_column_moved_while_nobody_looked(school, gradebook):
    gradebook.remove_column(school.link_lti_id)
    gradebook.add_column(school.link_lti_id, 9)
    school.earns(40)
    work(school)
    assert has_arrived(school, gradebook)


def test_f25_another_activitys_column_is_never_used(school, gradebook):
    gradebook.remove_column(school.link_lti_id)
    gradebook.add_column("another activity", 9)
    school.earns(40)
    work(school)
    assert school.row().state == "parked"
    assert gradebook.grades == {}


def test_f27_flood_of_one_organisation_delays_no_other(school, services, gradebook, server):
    """Among thousands due for one platform, another one's score is in the first round."""
    flood(school, 5000)
    other = open_school(services, gradebook.url, gradebook=gradebook, number=2)
    other.earns(88, "first")
    jobs = claim(services.database, utcnow())
    assert "first" in {job.user_sub for job in jobs}
    assert len(jobs) < 50


def flood(school, count: int) -> None:
    """Put `count` learners and scores in at once; one by one would take minutes."""
    users = [
        {"tenant_id": school.tenant_id, "platform_id": school.platform_id, "id": new_id(),
         "sub": f"flood {number}"}
        for number in range(count)
    ]  # fmt: skip
    rows = [
        {"tenant_id": school.tenant_id, "platform_id": school.platform_id,
         "resource_link_id": school.link_id, "user_id": user["id"], "score": 5.0,
         "score_at": utcnow()}
        for user in users
    ]  # fmt: skip
    with school.services.database.write() as session:
        session.execute(insert(User), users)
        session.execute(insert(ScoreDelivery), rows)


def test_f28_restored_backup_does_not_take_grades_back(school, gradebook):
    school.earns(40, now=utcnow() - 600 * SECOND)
    work(school)
    school.earns(70, now=utcnow() - 300 * SECOND)
    work(school)
    old = school.row().score_at - 300 * SECOND
    school.change(state="waiting", score=40, score_at=old, seq=1, sent_seq=0)
    work_again(school)
    assert school.row().state == "superseded"
    assert gradebook.grades["7"].score == 70
    school.earns(100)
    work(school)
    assert has_arrived(school, gradebook, 100)


def test_no_request_is_made_while_a_transaction_is_open(school):
    school.earns(40)
    [job] = claim(school.services.database, utcnow())
    with school.services.database.read_connection(), pytest.raises(TransactionOpen):
        deliver(school.services, job)
