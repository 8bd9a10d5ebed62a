"""Months of the outbox in seconds: a clock that we turn, and a platform that answers by script.

The real rows, the real claims and the real decisions run on SQLite; only the clock and the wire are
ours. Hypothesis writes the story, so a failure comes back as the shortest story that shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.lti.services.ags import Result, ScoreAnswer
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from lti_tool.outbox import delivery, worker
from lti_tool.outbox.operations import rediscover
from lti_tool.outbox.worker import Worker
from tests.faults.server import FaultServer
from tests.lti_tool.outbox.gradebook import Gradebook
from tests.lti_tool.outbox.stage import School, open_school, stage_services

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
FAULTS = {
    "refused connection": (ScoreAnswer(Outcome.UNKNOWN, "connection broken"), False),
    "answer lost": (ScoreAnswer(Outcome.UNKNOWN, "connection broken"), True),
    "maintenance page": (ScoreAnswer(Outcome.UNKNOWN, "200 without success"), False),
    "busy": (ScoreAnswer(Outcome.BUSY, "503"), False),
    "busy until": (ScoreAnswer(Outcome.BUSY, "503", 600), False),
    "token refused": (ScoreAnswer(Outcome.UNAUTHORISED, "token: invalid_client"), False),
    "not enrolled": (ScoreAnswer(Outcome.REFUSED, "400"), False),
    "column gone": (ScoreAnswer(Outcome.GONE, "404"), False),
}


@dataclass
class Simulation:
    """A platform with Moodle's rules whose clock is `skew` ahead; `faults` come first."""

    school: School
    skew: timedelta
    now: datetime = START
    grades: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    """The grade of the latest event, ours or the teacher's, in true time."""
    by_hand: set[str] = field(default_factory=set)
    earned: dict[str, list[float]] = field(default_factory=dict)
    applied: dict[str, list[float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    sent_at: list[datetime] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    def post_score(self, _services, _platform, _url, *, user_sub, score, timestamp, **_):
        self.sent_at.append(self.now)
        answer, applies = FAULTS[self.faults.pop(0)] if self.faults else (None, True)
        known = self.grades.get(user_sub)
        older = known is not None and known[1] >= timestamp
        if applies and not older:
            self.grades[user_sub] = (score, timestamp)
            self.applied.setdefault(user_sub, []).append(score)
        kind = Outcome.OLDER if older else Outcome.ACCEPTED
        date = (self.now + self.skew).replace(microsecond=0)
        return answer or ScoreAnswer(kind, "", None, date)

    def get_result(self, _services, _platform, _url, user_sub):
        if self.faults:
            self.faults.pop(0)
            raise ServiceFailed(Outcome.UNKNOWN, "500")
        score, stamp = self.grades[user_sub]
        return Result(user_sub, score, 100.0, "", stamp if score else None)

    def find_lineitem(self, *_args, **_options):
        return None

    def earn(self, sub: str, score: float) -> None:
        scores = self.earned.setdefault(sub, [])
        # Distinct and growing, as progress does, so that the checker can tell them apart.
        scores.append(max([score, *(old + 0.25 for old in scores)]))
        self.school.earns(scores[-1], sub, now=self.now)
        self.last[sub] = scores[-1]
        self.by_hand.discard(sub)

    def grade_by_hand(self, sub: str, score: float) -> None:
        self.grades[sub] = (score, (self.now + self.skew).replace(microsecond=0))
        self.last[sub] = score
        self.by_hand.add(sub)

    def launch(self) -> None:
        with self.school.services.database.write_connection() as connection:
            for user_id in self.school.users.values():
                rediscover(
                    connection, self.school.tenant_id, self.school.link_id, user_id, self.now
                )


subs = st.sampled_from(["1", "2"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("earn"), subs, st.integers(0, 60)),
        st.tuples(st.just("hand"), subs, st.integers(61, 100)),
        st.tuples(st.just("fault"), st.sampled_from(sorted(FAULTS)), st.integers(1, 6)),
        st.tuples(st.just("pass"), st.sampled_from([1, 5, 40, 700, 30_000, 90_000]), st.just(0)),
        st.tuples(st.just("work"), st.just(""), st.just(0)),
    ),
    max_size=25,
)


@pytest.fixture
def town(sqlite_database, monkeypatch):
    """Opens an organisation for each story on one database, and puts the simulation in."""
    with FaultServer() as server, stage_services(sqlite_database, server) as services:
        url = Gradebook(server).url

        def open_simulation(skew: timedelta) -> Simulation:
            school = open_school(services, url, lineitem_url=f"{url}/1/lineitem")
            simulation = Simulation(school, skew)
            for name in ("post_score", "get_result", "find_lineitem"):
                monkeypatch.setattr(delivery, name, getattr(simulation, name))
            monkeypatch.setattr(delivery, "utcnow", simulation.clock)
            monkeypatch.setattr(worker, "utcnow", simulation.clock)
            return simulation

        yield open_simulation


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=steps, skew=st.sampled_from([0, 0, 45, -45]))
def test_every_story_ends_well(town, story, skew):
    simulation = town(timedelta(seconds=skew))
    runner = Worker(simulation.school.services)
    for what, first, second in story:
        match what:
            case "earn":
                simulation.earn(first, second)
            case "hand":
                simulation.grade_by_hand(first, second)
            case "fault":
                simulation.faults += [first] * second
            case "pass":
                simulation.now += first * SECOND
            case "work":
                runner.run_once()
                assert_nothing_is_forgotten(simulation)
        # No two of our own events and no edit by hand share a second: their order must be known.
        simulation.now += 4 * SECOND
    heal(simulation, runner)
    assert_the_end(simulation, behind=skew < 0)


def assert_nothing_is_forgotten(simulation: Simulation) -> None:
    for row in simulation.school.rows():
        assert row.state == "delivered" or row.reason or row.attempts == 0
        assert row.state != "waiting" or row.due_at is not None


def heal(simulation: Simulation, runner: Worker) -> None:
    """The platform is well, time passes, and learners come by once more."""
    simulation.faults.clear()
    for _ in range(3):
        simulation.now += timedelta(days=1)
        runner.run_once()
        simulation.launch()
        runner.run_once()


def assert_the_end(simulation: Simulation, *, behind: bool) -> None:
    for sub in simulation.earned:
        row = simulation.school.row(sub)
        assert row.state in {"superseded", "delivered"}, "nothing waits for ever"
        # A platform whose clock is behind dates a teacher's grade before our older event.
        if sub not in simulation.by_hand or not behind:
            assert simulation.grades[sub][0] == simulation.last[sub]
        if sub not in simulation.by_hand:
            assert row.state == "delivered", row.reason
        applied = simulation.applied.get(sub, [])
        assert applied == sorted(applied), "our own scores never go back"


def test_a_teachers_grade_after_our_event_is_never_overwritten(town):
    """Even if our score could not be sent before."""
    for skew in (0, 45, 120):
        simulation = town(timedelta(seconds=skew))
        runner = Worker(simulation.school.services)
        simulation.earn("1", 40)
        simulation.faults = ["busy"] * 3
        runner.run_once()
        simulation.now += 5 * SECOND
        simulation.grade_by_hand("1", 90)
        heal(simulation, runner)
        assert simulation.grades["1"][0] == 90
        assert simulation.school.row("1").state == "superseded"


def test_our_event_after_a_teachers_grade_arrives_though_their_clock_is_ahead(town):
    for skew in (5, 45, 120):
        simulation = town(timedelta(seconds=skew))
        simulation.grade_by_hand("1", 90)
        simulation.now += 4 * SECOND
        simulation.earn("1", 40)
        Worker(simulation.school.services).run_once()
        assert simulation.grades["1"][0] == 40


def test_a_day_without_an_answer_costs_few_requests_and_no_grade(town):
    simulation = town(timedelta(0))
    runner = Worker(simulation.school.services)
    for sub in range(30):
        simulation.earn(str(sub), 40)
    simulation.faults = ["refused connection"] * 100_000
    for _ in range(24 * 12):
        runner.run_once()
        simulation.now += timedelta(minutes=5)
    assert len(simulation.sent_at) < 24 * 12 + 30
    simulation.faults.clear()
    for _ in range(3):
        simulation.now += timedelta(hours=7)
        simulation.earn("0", 50)
        runner.run_once()
    assert {row.state for row in simulation.school.rows()} == {"delivered"}
