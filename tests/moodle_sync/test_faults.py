"""Faults, kills and lost rights: the mirror ends as one clean run would have made it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, update

from config.database import Database
from moodle_sync.models import (
    MoodleActivity,
    MoodleCompletion,
    MoodleCourse,
    MoodleCourseCompletion,
    MoodleGrade,
    MoodleMember,
    MoodleRun,
    MoodleSighting,
    MoodleSite,
)
from moodle_sync.sites import SiteBusy, SiteStopped
from tests.moodle_sync.conftest import Bench
from tests.moodle_sync.school import ALL_RIGHTS, Person

FAULTS = ["reset", "truncated body", "html", "http 500", "http 503", "http 429", "lost answer"]


class Killed(BaseException):
    """The process ends here: nothing after it runs, no clean-up reaches the database."""


class DyingDatabase(Database):
    """A database whose process is killed at its n-th commit, just before or just after it."""

    def dies_at(self, commit: int, *, after: bool) -> None:
        self.left, self.after, self.dead = commit, after, False

    @contextmanager
    def write_connection(self) -> Iterator[Connection]:
        if self.dead:
            raise Killed
        self.left -= 1
        with super().write_connection() as connection:
            yield connection
            if self.left <= 0 and not self.after:
                self.dead = True
                raise Killed
        if self.left <= 0:
            self.dead = True
            raise Killed


def mirror(bench: Bench) -> dict[str, set[tuple[Any, ...]]]:
    """What is in the mirror and still there, without book-keeping."""
    present = {
        "course": {
            (c.course_id, c.shortname)
            for c in bench.rows(MoodleCourse)
            if c.presence == "present" and c.accessible
        },
        "member": {
            (m.course_id, m.user_id, tuple(m.roles), m.status, m.last_access, tuple(m.group_ids))
            for m in bench.rows(MoodleMember)
            if m.presence == "present"
        },
        "activity": {
            (a.cmid, a.lti_id) for a in bench.rows(MoodleActivity) if a.presence == "present"
        },
    }
    # Of suspended people what is known stays, but no more is read.
    people = {(m[0], m[1]) for m in present["member"] if m[3] == "active"}
    present["completion"] = {
        (c.cmid, c.user_id, c.state, c.completed_at)
        for c in bench.rows(MoodleCompletion)
        if (c.course_id, c.user_id) in people
    }
    present["grade"] = {
        (g.item_id, g.user_id, g.raw)
        for g in bench.rows(MoodleGrade)
        if (g.course_id, g.user_id) in people
    }
    present["course completion"] = {
        (c.course_id, c.user_id)
        for c in bench.rows(MoodleCourseCompletion)
        if c.completed and (c.course_id, c.user_id) in people
    }
    return present


def settle(bench: Bench) -> None:
    """Let the trouble end and run until two sweeps agree on who has left."""
    bench.moodle.traps.clear()
    bench.moodle.faults.clear()
    bench.moodle.token_state = "valid"
    bench.moodle.rights |= set(ALL_RIGHTS)
    for course in bench.moodle.school.courses.values():
        course.accessible = True
    bench.resume()
    for _ in range(4):
        summary = bench.sync(full=True, reread_all=True, detail_budget=None, accept_drop=True)
        assert summary.ok, summary


def killed_run(bench: Bench, commit: int, *, after: bool) -> None:
    """Run in a process that dies at its n-th commit."""
    whole, dying = bench.database, DyingDatabase(bench.database.engine.url.render_as_string())
    dying.dies_at(commit, after=after)
    bench.release()
    bench.database = dying
    try:
        bench.sync(full=True)
    except (Killed, SiteBusy, SiteStopped):
        pass
    finally:
        bench.database = whole
        dying.dispose()
        bench.release()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("commit", range(1, 16))
def test_killed_at_any_commit_resumes(bench: Bench, commit: int, after: bool) -> None:
    killed_run(bench, commit, after=after)
    generation = bench.site().generation
    summary = bench.sync()
    assert summary.ok
    if bench.site().generation == generation and commit > 3:
        assert summary.generation == generation, "the same sweep goes on"
    resumed = mirror(bench)
    settle(bench)
    assert resumed == mirror(bench)
    assert bench.rows(MoodleSighting) == []


def test_kill_repeats_at_most_one_page(make: Callable[..., Bench]) -> None:
    bench = make(people=40, courses=1)
    killed_run(bench, 8, after=True)
    done = len({row.user_id for row in bench.rows(MoodleSighting)})
    bench.moodle.calls.clear()
    bench.sync(page_size=10)
    pages = bench.moodle.calls.count("core_enrol_get_enrolled_users")
    assert done
    assert pages <= 8


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", [0, 1, 2, 4, 7])
def test_one_fault_costs_nothing_but_time(bench: Bench, fault: str, at: int) -> None:
    bench.moodle.faults.extend([""] * at + [fault])
    bench.sync()
    with bench.database.write() as session:
        session.execute(update(MoodleSite).values(paused_until=None))
    bench.sync(reread_all=True)
    after = mirror(bench)
    settle(bench)
    assert after == mirror(bench)
    assert not [m for m in bench.rows(MoodleMember) if m.presence != "present"]


def test_maintenance_pauses_the_site_for_as_long_as_it_asks(bench: Bench) -> None:
    bench.moodle.traps.add("maintenance by cli")
    summary = bench.sync()
    assert (summary.status, summary.error) == ("paused", "http503 core_webservice_get_site_info")
    site = bench.site()
    assert site.paused_until is not None
    assert 290 < (site.paused_until - bench.rows(MoodleRun)[0].finished_at).total_seconds() < 310


def test_refused_token_stops_the_site_until_a_person_resumes(bench: Bench) -> None:
    bench.moodle.token_state = "deleted"
    assert bench.sync().status == "stopped"
    with pytest.raises(SiteStopped):
        bench.sync()
    bench.moodle.token_state = "valid"
    bench.resume()
    assert bench.sync().ok


def test_cloned_site_stops_with_a_question(bench: Bench) -> None:
    bench.sync()
    before = mirror(bench)
    bench.moodle.traps.add("wrong site")
    summary = bench.sync()
    assert summary.status == "stopped"
    assert "https://clone.example" in (summary.question or "")
    assert mirror(bench) == before


def test_only_one_run_holds_a_site(bench: Bench) -> None:
    def intrude(function: str) -> None:
        if function == "core_course_get_courses_by_field":
            bench.moodle.before = None
            release, bench.release = bench.release, lambda: None  # type: ignore[method-assign]
            with pytest.raises(SiteBusy):
                bench.sync()
            bench.release = release  # type: ignore[method-assign]

    bench.moodle.before = intrude
    assert bench.sync(full=True).ok
    assert bench.moodle.before is None


def test_run_that_lost_its_lease_writes_nothing_more(bench: Bench) -> None:
    def take_over(function: str) -> None:
        if function == "core_enrol_get_enrolled_users":
            bench.moodle.before = None
            with bench.database.write() as session:
                session.execute(update(MoodleSite).values(lease_fence=MoodleSite.lease_fence + 1))

    bench.moodle.before = take_over
    assert bench.sync().status == "lost"
    assert bench.rows(MoodleMember) == []


def test_failing_site_is_left_alone_ever_longer(bench: Bench) -> None:
    waits = []
    for _ in range(4):
        bench.moodle.traps.add("database down")
        bench.sync()
        site = bench.site()
        newest = max(run.finished_at for run in bench.rows(MoodleRun))
        assert site.paused_until is not None
        waits.append((site.paused_until - newest).total_seconds())
    assert waits == sorted(waits)
    assert waits[-1] > 4 * waits[0] / 1.5


def test_unsorted_report_is_found_out_and_people_come_the_other_way(
    make: Callable[..., Bench],
) -> None:
    bench = make(tier=2, people=40)
    bench.moodle.answers.report_sorted = False
    summary = bench.sync(report_page_size=10)
    assert summary.ok
    assert summary.tier == 1
    assert any("pages overlap" in note for note in summary.notes)
    assert len(bench.rows(MoodleMember, course_id="2")) == 41


def test_stale_filter_is_cleared_before_reading(make: Callable[..., Bench]) -> None:
    bench = make(tier=2)
    bench.moodle.school.report_filters = {"access:timeaccess_from": 2_000_000_000}
    bench.sync()
    assert len(bench.rows(MoodleMember, course_id="2")) == 13


def test_somebody_who_comes_while_the_report_is_read(make: Callable[..., Bench]) -> None:
    bench = make(tier=2, people=40)
    bench.moodle.school.people[9] = Person(9, "A first one")

    def come(function: str) -> None:
        if bench.moodle.calls.count("core_reportbuilder_retrieve_report") == 3:
            bench.moodle.before = None
            bench.moodle.school.enrol(2, 9)

    bench.moodle.before = come
    summary = bench.sync(report_page_size=10)
    assert (summary.status, summary.tier) == ("done", 2)
    assert {"9", "10", "49"} <= {m.user_id for m in bench.rows(MoodleMember, course_id="2")}


def test_news_comes_in_one_request(make: Callable[..., Bench]) -> None:
    bench = make(tier=2)
    bench.sync()
    school = bench.moodle.school
    school.tick()
    school.people[99] = Person(99, "New")
    school.enrol(2, 99, created=school.clock)
    school.course_completion[2, 11] = school.clock
    bench.moodle.calls.clear()
    summary = bench.sync(detail_budget=0)
    assert (summary.kind, summary.requests) == ("news", 1)
    assert summary.counts["member"]["added"] == 1
    assert bench.rows(MoodleCourseCompletion, course_id="2", user_id="11")[0].completed


def test_more_news_than_a_page_becomes_a_sweep(make: Callable[..., Bench]) -> None:
    bench = make(tier=2)
    bench.sync()
    school = bench.moodle.school
    school.tick()
    for user in range(200, 230):
        school.people[user] = Person(user, "New")
        school.enrol(2, user, created=school.clock)
    summary = bench.sync(report_page_size=10)
    assert (summary.kind, summary.ok) == ("full", True)
    assert len(bench.rows(MoodleMember, course_id="2")) == 43


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("fault"), st.sampled_from(FAULTS), st.integers(0, 12)),
        st.tuples(st.just("kill"), st.integers(1, 25), st.booleans()),
        st.tuples(
            st.just("lose"),
            st.sampled_from(sorted(ALL_RIGHTS - {"webservice/rest:use"} - {"enrol/manual:enrol"})),
        ),
        st.tuples(st.just("regain")),
        st.tuples(st.just("hide course"), st.sampled_from([2, 3])),
        st.tuples(st.just("run"), st.booleans()),
        st.tuples(st.just("enrol"), st.integers(300, 310), st.sampled_from([2, 3])),
        st.tuples(st.just("leave"), st.integers(10, 16), st.sampled_from([2, 3])),
        st.tuples(st.just("suspend"), st.integers(10, 16), st.sampled_from([2, 3])),
        st.tuples(st.just("finish"), st.integers(10, 16), st.sampled_from([100, 101, 102])),
    ),
    max_size=10,
)


def act(bench: Bench, action: tuple[Any, ...]) -> None:  # noqa: C901 - one branch an action
    school = bench.moodle.school
    match action:
        case ("fault", fault, at):
            bench.moodle.faults.extend([""] * at + [fault])
        case ("kill", commit, after):
            killed_run(bench, commit, after=after)
        case ("lose", right):
            bench.moodle.rights.discard(right)
        case ("regain",):
            bench.moodle.rights |= set(ALL_RIGHTS)
        case ("hide course", course):
            school.courses[course].accessible = False
        case ("enrol", user, course):
            school.people.setdefault(user, Person(user, f"New {user}"))
            if not school.of(course, user):
                school.enrol(course, user, created=school.clock)
        case ("leave", user, course):
            school.leave(course, user)
        case ("suspend", user, course):
            for enrolment in school.of(course, user):
                enrolment.suspended = True
        case ("finish", user, cmid):
            school.access[school.modules[cmid].course, user] = school.clock
            school.completion[cmid, user] = (1, school.clock, None)
        case ("run", full):
            try:
                bench.sync(full=full)
            except SiteStopped:
                bench.resume()
    school.tick(600)


@pytest.mark.parametrize("tier", [1, 2])
def test_any_history_ends_like_one_clean_run(make: Callable[..., Bench], tier: int) -> None:
    @settings(
        max_examples=15,
        phases=[Phase.explicit, Phase.generate],
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(ACTIONS)
    def history(actions: list[tuple[Any, ...]]) -> None:
        bench = make(tier=tier, people=7)
        left = {(a[2], a[1]) for a in actions if a[0] == "leave"}
        for action in actions:
            act(bench, action)
            gone = {
                (int(m.course_id), int(m.user_id))
                for m in bench.rows(MoodleMember)
                if m.presence == "gone"
            }
            assert gone <= left, "nobody is gone who did not leave"
        settle(bench)
        clean = make(tier=tier, people=7)
        clean.moodle.answers.school = clean.moodle.school = bench.moodle.school
        settle(clean)
        assert mirror(bench) == mirror(clean)
        note(f"{len(bench.rows(MoodleRun))} runs")

    history()


def test_real_kill_minus_nine(make: Callable[..., Bench], tmp_path: Path) -> None:
    bench = make(people=40)
    bench.moodle.latency = lambda _function, _size: 0.02
    script = tmp_path / "child.py"
    script.write_text(
        "import sys\n"
        "from config.database import Database\n"
        "from config.http import HttpDoor\n"
        "from config.secrets import Seal\n"
        "import lti_tool.tables\n"
        "from moodle_sync.pull.context import Options\n"
        "from moodle_sync.pull.run import run_sync\n"
        "url, site, host, port = sys.argv[1:]\n"
        "door = HttpDoor(user_agent='x', allow_http=True, allowed_hosts=[(host, int(port))])\n"
        "run_sync(Database(url), door, Seal(['k' * 40]), site, options=Options(page_size=5))\n"
    )
    chance = random.Random(7)
    url = bench.database.engine.url.render_as_string()
    host, port = bench.moodle.address
    root = Path(__file__).parents[2]
    for _ in range(4):
        asked = len(bench.moodle.calls)
        child = subprocess.Popen(
            [sys.executable, str(script), url, bench.site_id, host, str(port)],
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        wanted = asked + chance.randrange(1, 15)
        until = time.monotonic() + 30
        while len(bench.moodle.calls) < wanted and child.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.005)
        child.send_signal(signal.SIGKILL)
        child.wait()
        bench.release()
    bench.moodle.latency = None
    bench.sync()
    after = mirror(bench)
    settle(bench)
    assert after == mirror(bench)
