"""The worker as a whole against a platform on a real socket."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from lti_tool.lti.models import ResourceLink
from lti_tool.outbox import claim as claim_module
from lti_tool.outbox import worker as worker_module
from lti_tool.outbox.worker import Worker
from tests.faults.server import json_answer, status
from tests.lti_tool.outbox.gradebook import busy
from tests.lti_tool.outbox.stage import open_school


@contextmanager
def running(worker: Worker):
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield worker
    finally:
        stop.set()
        worker.nudge()
        thread.join()


def wait_until(condition, seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_what_is_sent(school, server):
    school.earns(62.5, comment="Jól haladsz")
    assert Worker(school.services).run_once() == 1
    [post] = [request for request in server.requests if request.path.endswith("/scores")]
    row = school.row()
    assert post.json == {
        "userId": "7",
        "scoreGiven": 62.5,
        "scoreMaximum": 100,
        "comment": "Jól haladsz",
        "activityProgress": "InProgress",
        "gradingProgress": "FullyGraded",
        "timestamp": row.score_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    assert row.state == "delivered"


def test_nothing_due_means_nothing_done(school, server):
    assert Worker(school.services).run_once() == 0
    assert server.requests == []


def test_a_running_worker_delivers_what_is_put_in(school, gradebook):
    with running(Worker(school.services)) as worker:
        for sub in range(5):
            school.earns(40, str(sub))
        worker.nudge()
        wait_until(lambda: len(gradebook.grades) == 5)
        wait_until(lambda: {row.state for row in school.rows()} == {"delivered"})


def test_without_a_nudge_it_looks_by_itself(school, gradebook, monkeypatch):
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 0.05)
    with running(Worker(school.services)):
        time.sleep(0.1)
        school.earns(40)
        wait_until(lambda: "7" in gradebook.grades)


def test_a_nudge_wakes_it_at_once(school, gradebook, monkeypatch):
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 3600)
    with running(Worker(school.services)) as worker:
        time.sleep(0.1)
        school.earns(40)
        worker.nudge()
        wait_until(lambda: "7" in gradebook.grades)


def test_stopping_finishes_what_has_begun(school, gradebook):
    began, go_on = threading.Event(), threading.Event()

    def slowly():
        began.set()
        go_on.wait(10)

    gradebook.before = slowly
    stop, worker = threading.Event(), Worker(school.services)
    school.earns(40)
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    assert began.wait(10)
    stop.set()
    worker.nudge()
    go_on.set()
    thread.join()
    assert school.row().state == "delivered"


def test_a_database_that_does_not_answer_does_not_end_it(school, gradebook, monkeypatch):
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 0.02)
    real, failures = worker_module.claim, []

    def claim(*args):
        if len(failures) < 2:
            failures.append(1)
            raise OperationalError("x", {}, Exception()) if len(failures) == 1 else OSError
        return real(*args)

    monkeypatch.setattr(worker_module, "claim", claim)
    school.earns(40)
    with capture_logs() as logs, running(Worker(school.services)):
        wait_until(lambda: "7" in gradebook.grades)
    assert [entry["event"] for entry in logs[:2]] == ["outbox.not_claimed"] * 2


def test_a_row_that_breaks_us_waits_longer_each_time_and_harms_no_other(
    school, gradebook, monkeypatch
):
    real = worker_module.deliver

    def deliver(services, job):
        if job.user_sub == "7":
            raise RuntimeError("personal words")
        return real(services, job)

    monkeypatch.setattr(worker_module, "deliver", deliver)
    school.earns(40, "7")
    school.earns(50, "8")
    with capture_logs() as logs:
        Worker(school.services).run_once()
    assert gradebook.grades["8"].score == 50
    row = school.row("7")
    assert (row.state, row.reason, row.attempts) == ("waiting", "broken", 1)
    assert row.due_at > row.waiting_since
    assert "personal words" not in str(logs)


def test_an_outcome_that_cannot_be_written_is_found_out_again(school, gradebook, monkeypatch):
    real, failures = worker_module.put_back, [OperationalError("x", {}, Exception())]

    def put_back(*args):
        if failures:
            raise failures.pop()
        return real(*args)

    monkeypatch.setattr(worker_module, "put_back", put_back)
    school.earns(40)
    assert Worker(school.services).run_once() == 0
    assert school.row().lease_until is not None
    school.change(lease_until=None)
    assert Worker(school.services).run_once() == 1
    assert school.row().state == "delivered"
    assert [post.applied for post in gradebook.posts] == [True, False]


def test_one_request_at_a_time_to_a_platform(school, gradebook, monkeypatch):
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 0.005)
    monkeypatch.setattr(claim_module, "BATCH", 2)
    at_once, most, lock = [0], [0], threading.Lock()

    def before():
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.05)
        with lock:
            at_once[0] -= 1

    gradebook.before = before
    for sub in range(6):
        school.earns(40, str(sub))
    with running(Worker(school.services)):
        wait_until(lambda: len(gradebook.grades) == 6)
    assert most == [1]


def test_the_first_failure_sends_the_rest_home(school, gradebook):
    gradebook.before = busy
    for sub in range(10):
        school.earns(40, str(sub))
    Worker(school.services).run_once()
    assert len(gradebook.posts) == 5, "five failures, then the platform is left alone"
    assert all(row.lease_until is None for row in school.rows())


def test_a_lease_that_grows_old_is_not_used_up(school, gradebook, monkeypatch):
    monkeypatch.setattr(worker_module, "LEASE", timedelta(0))
    for sub in range(3):
        school.earns(40, str(sub))
    assert Worker(school.services).run_once() == 3
    assert len(gradebook.posts) == 3
    assert sorted(row.fence for row in school.rows()) == [1, 2, 3], "each was claimed anew"


def test_a_column_is_looked_for_by_its_activity(services, gradebook):
    school = open_school(services, gradebook.url)
    url = gradebook.add_column(school.link_lti_id)
    school.earns(40)
    Worker(services).run_once()
    assert gradebook.grades["7"].score == 40
    with services.database.read() as session:
        link = session.get_one(ResourceLink, (school.tenant_id, school.link_id))
    assert link.lineitem_url == url


def test_an_activity_without_a_column_is_parked_with_the_reason(services, gradebook):
    school = open_school(services, gradebook.url)
    school.earns(40)
    Worker(services).run_once()
    assert (school.row().state, school.row().reason) == ("parked", "no_column")


def test_a_lost_token_endpoint_is_no_missing_column(school, server, gradebook):
    server.script("/token", status(404))
    school.earns(40)
    Worker(school.services).run_once()
    assert (school.row().state, school.row().reason) == ("waiting", "no_answer")


def test_a_token_that_was_revoked_is_renewed_once(school, server, gradebook):
    school.earns(40)
    Worker(school.services).run_once()
    denied = [json_answer({}, 401)]
    gradebook.before = lambda: denied.pop() if denied else None
    school.earns(50)
    Worker(school.services).run_once()
    assert gradebook.grades["7"].score == 50
    assert sum(request.path == "/token" for request in server.requests) == 2


def test_the_log_of_a_failure_names_no_person(school, gradebook):
    gradebook.before = lambda: json_answer([], 400)
    school.earns(40, comment="Well done")
    with capture_logs() as logs:
        Worker(school.services).run_once()
    [entry] = logs
    assert (entry["event"], entry["reason"], entry["code"]) == (
        "outbox.not_delivered",
        "refused",
        "400",
    )
    assert "Well done" not in str(entry)


@pytest.mark.parametrize("broken", [True, False])
def test_results_that_cannot_be_read_leave_the_question_open(school, gradebook, server, broken):
    school.earns(40)
    gradebook.teacher_sets("7", 90)
    school.change(score_at=gradebook.grades["7"].stamp.replace(year=2025))
    server.script("/1/lineitem/results", status(500) if broken else json_answer({}))
    Worker(school.services).run_once()
    assert (school.row().state, school.row().reason) == ("waiting", "conflict_unclear")
