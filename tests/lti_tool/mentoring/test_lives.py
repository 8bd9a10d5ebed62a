"""Random lives of pairs: whatever people do, in whatever order, the promises hold.

What may happen is judged by a record of its own, kept beside the tool's rows, and not by the tool's
own gate.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.database import Base, Database
from lti_tool.mentoring import (
    agreement,
    borders,
    candidates,
    checkins,
    closure,
    consent,
    desk,
    goals,
    meetings,
    mentees,
    mentors,
    messages,
    pairs,
    reports,
    schedule,
    screening,
)
from lti_tool.mentoring.access import Actor, pair_for
from lti_tool.mentoring.codes import CHECKS, UNITS
from lti_tool.mentoring.errors import MentoringError, NotYours
from lti_tool.mentoring.meetings import LogEntry
from lti_tool.mentoring.models import Event, Meeting, Mentor, Message, Pair
from tests.lti_tool.mentoring.stage import YOUNG, Stage

MENTORS = ("mira", "milo", "mihai")
MENTEES = ("ana", "ben", "young")
HOME_STAFF, AWAY_STAFF = ("home-boss", "home-guard"), ("away-boss", "away-guard")
EVERYBODY = (*MENTORS, *MENTEES, *HOME_STAFF, *AWAY_STAFF, "stranger")
TAKING = {"offered", "preparing", "active", "suspended", "closing"}

halves = st.sampled_from((*MENTORS, *MENTEES))
anybody = st.sampled_from(EVERYBODY)
staff = st.sampled_from((*HOME_STAFF, "home-boss", "home-boss", *AWAY_STAFF, "stranger"))
named = st.sampled_from(("home-guard", "home-guard", *HOME_STAFF, "away-guard", "mira"))
part = st.sampled_from(("mentee", "mentor") * 4 + (*HOME_STAFF, *AWAY_STAFF, "stranger", "ben"))
"""Who does something with a pair: mostly its own two."""
which = st.sampled_from((0, 0, 0, 1, 2, 3))
"""Which pair: mostly the newest."""

DEEDS: list[tuple[str, dict[str, st.SearchStrategy[Any]]]] = []


def deed(often: int = 1, **given: st.SearchStrategy[Any]) -> Callable[..., Any]:
    """Register something that people do, with what it is drawn from."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        DEEDS.extend([(function.__name__, given)] * often)
        return function

    return register


class Lives(RuleBasedStateMachine):
    """Three mentors (one abroad), three mentees (one a minor), their staff and a stranger."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.database.engine.connect()
        self.session = Session(self.connection)
        self.stage = stage = Stage(self.session)
        self.home, self.away = stage.tenant("home"), stage.tenant("away", "RO")
        stage.person(self.home, "stranger")
        for name, tenant in zip(MENTORS, (self.home, self.home, self.away), strict=True):
            stage.applicant(tenant, name, 2 if name == "mira" else 1, across=True)
        for name in MENTEES:
            stage.mentee(self.home, name, YOUNG if name == "young" else 2000)
        self.passed: dict[str, dict[str, Any]] = {name: {} for name in MENTORS}
        self.units: dict[str, set[str]] = {name: set() for name in MENTORS}
        self.says_yes = dict.fromkeys(MENTEES, True)
        self.guardian = False
        self.border = False
        self.open_reports: dict[str, str] = {}
        self.ended: dict[str, int] = {}
        self.turn = 0

    def teardown(self) -> None:
        self.session.close()
        self.connection.close()

    # Helpers

    def who(self, name: str) -> Actor:
        return self.stage.people[name]

    def name(self, user_id: str) -> str:
        return next(name for name, one in self.stage.people.items() if one.user_id == user_id)

    def pairs(self) -> list[Pair]:
        return list(self.session.scalars(select(Pair).order_by(Pair.offered_at, Pair.id)))

    def pair(self, number: int) -> Pair:
        found = sorted(self.pairs(), key=lambda pair: pair.state in TAKING, reverse=True)
        return found[number % len(found)]

    def doer(self, pair: Pair, by: str) -> Actor:
        if by in {"mentee", "mentor"}:
            by = self.name(pair.mentee_id if by == "mentee" else pair.mentor_id)
        return self.who(by)

    def attempt(self, act: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Do something; what is refused must have changed nothing. Returns None then."""
        before = self.session.scalar(select(func.count()).select_from(Event))
        try:
            return act(self.session, *given, **named) or True
        except MentoringError:
            assert not self.session.dirty
            assert not self.session.new
            assert before == self.session.scalar(select(func.count()).select_from(Event))
            return None

    def may_talk(self, pair: Pair) -> bool:
        """Judge by our own record."""
        mentor, mentee = self.name(pair.mentor_id), self.name(pair.mentee_id)
        today = self.stage.now.date()
        checked = all(
            check in self.passed[mentor] and self.passed[mentor][check] >= today for check in CHECKS
        )
        return (
            checked
            and self.units[mentor] == set(UNITS)
            and self.says_yes[mentee]
            and (mentee != "young" or self.guardian)
            and (mentor != "mihai" or self.border)
            and pair.id not in self.open_reports.values()
            and pair.id not in self.ended
        )

    def contact(self, pair: Pair) -> None:
        assert self.may_talk(pair)
        assert pair.started_at is not None

    # The way in

    @deed(name=st.sampled_from(MENTORS), check=st.sampled_from(CHECKS),
          state=st.sampled_from(("passed", "passed", "failed", "waiting")),
          days=st.sampled_from((40, 4000)), by=staff)  # fmt: skip
    def check(self, name: str, check: str, state: str, days: int, by: str) -> None:
        until = self.stage.now.date() + timedelta(days=days)
        done = self.attempt(
            screening.note_check, self.who(by), self.who(name).user_id, check, state,
            self.stage.now.date(), self.stage.now, until,
        )  # fmt: skip
        if done:
            assert by == ("away-boss" if name == "mihai" else "home-boss")
            self.passed[name].pop(check, None)
            if state == "passed":
                self.passed[name][check] = until

    @deed(name=st.sampled_from(MENTORS))
    def get_ready(self, name: str) -> None:
        """The quick way, so that lives get far."""
        actor = self.who(name)
        until = self.stage.now.date() + timedelta(days=4000)
        boss = self.stage.boss(actor)
        for check in CHECKS:
            if self.attempt(screening.note_check, boss, actor.user_id, check, "passed",
                            self.stage.now.date(), self.stage.now, until):  # fmt: skip
                self.passed[name][check] = until
        for unit in UNITS:
            if self.attempt(screening.finish_unit, actor, unit, self.stage.now):
                self.units[name].add(unit)
        self.attempt(mentors.admit, boss, actor.user_id, self.stage.now)

    @deed(name=st.sampled_from(MENTORS), by=staff)
    def admit(self, name: str, by: str) -> None:
        if self.attempt(mentors.admit, self.who(by), self.who(name).user_id, self.stage.now):
            assert set(self.passed[name]) == set(CHECKS)
            assert self.units[name] == set(UNITS)

    @deed(name=st.sampled_from(MENTORS), capacity=st.integers(1, 3))
    def change_capacity(self, name: str, capacity: int) -> None:
        from tests.lti_tool.mentoring.stage import OFFER

        self.attempt(mentors.say_offer, self.who(name), OFFER, capacity, self.stage.now,
                     across=True)  # fmt: skip

    @deed(name=st.sampled_from(MENTEES), yes=st.booleans())
    def consent(self, name: str, yes: bool) -> None:
        if yes:
            given = self.attempt(consent.give_consent, self.who(name), 1, "en", self.stage.now)
            self.says_yes[name] = self.says_yes[name] or given is not None
        else:
            self.attempt(consent.withdraw_consent, self.who(name), self.stage.now)
            self.says_yes[name] = False

    @deed(yes=st.booleans())
    def guardian_says(self, yes: bool) -> None:
        boss, young = self.who("home-boss"), self.who("young").user_id
        if yes:
            self.attempt(consent.note_guardian, boss, young, "A", 1, "en", self.stage.now)
        else:
            self.attempt(consent.end_guardian, boss, young, self.stage.now)
        self.guardian = yes

    @deed(open_it=st.booleans())
    def move_border(self, open_it: bool) -> None:
        ends = self.home, self.away, self.stage.now
        if open_it:
            self.attempt(borders.ask_border, self.who("home-boss"), *ends)
            self.attempt(borders.agree_border, self.who("away-boss"), *ends)
        else:
            self.attempt(borders.end_border, self.who("away-boss"), *ends)
        self.border = open_it

    @deed(name=halves, verb=st.sampled_from(("pause", "resume", "leave", "back")), by=anybody)
    def come_and_go(self, name: str, verb: str, by: str) -> None:
        room: Any = mentors if name in MENTORS else mentees
        whom = self.who(name)
        if verb == "leave":
            self.attempt(room.leave, self.who(by), whom.user_id, self.stage.now)
        elif verb == "back":
            self.attempt(room.begin, whom, self.stage.now)
            if name in MENTEES:
                self.attempt(mentees.join, whom, self.stage.now)
        else:
            self.attempt(room.set_pause, self.who(by), whom.user_id, self.stage.now,
                         paused=verb == "pause")  # fmt: skip

    # The desk

    @deed(by=st.sampled_from(("home-boss", "home-boss", "away-boss", "ana")))
    def match(self, by: str) -> None:
        found = candidates.gather(self.session, self.home, self.stage.now)
        run = self.attempt(desk.keep, self.who(by), found, desk.solve(found), self.stage.now)
        if run:
            self.attempt(desk.publish, self.who(by), run.id, self.stage.now)

    @deed(mentee=st.sampled_from(MENTEES), mentor=st.sampled_from(MENTORS), by=staff)
    def by_hand(self, mentee: str, mentor: str, by: str) -> None:
        key = (self.who(mentor).tenant_id, self.who(mentor).user_id)
        if self.attempt(desk.offer_by_hand, self.who(by), self.who(mentee).user_id, key,
                        self.stage.now):  # fmt: skip
            assert by == "home-boss"

    @deed(number=which)
    def begin_pair(self, number: int) -> None:
        """The quick way from an offer to a pair that may talk."""
        pair = self.pair(number)
        both = [Actor(pair.tenant_id, pair.mentee_id),
                Actor(pair.mentor_tenant_id, pair.mentor_id)]  # fmt: skip
        for one in both:
            self.attempt(pairs.answer, one, pair.id, self.stage.now, yes=True)
        terms = self.stage.terms()
        row = self.attempt(agreement.propose_terms, both[0], pair.id, terms, self.stage.now)
        if row:
            self.attempt(agreement.accept_terms, both[1], pair.id, row.id, self.stage.now)

    @deed(number=which, by=part, yes=st.booleans())
    def answer(self, number: int, by: str, yes: bool) -> None:
        pair = self.pair(number)
        self.attempt(pairs.answer, self.doer(pair, by), pair.id, self.stage.now, yes=yes)

    # Contact

    @deed(3, number=which, by=part, text=st.sampled_from(("Hello", "see www.x.example")))
    def write(self, number: int, by: str, text: str) -> None:
        pair = self.pair(number)
        if self.attempt(messages.write, self.doer(pair, by), pair.id, text, self.stage.now):
            assert by in {"mentee", "mentor"} or self.who(by).user_id == pair.mentee_id
            self.contact(pair)

    @deed(number=which, by=staff)
    def release(self, number: int, by: str) -> None:
        held = self.session.scalars(select(Message).where(Message.state == "held")).all()
        if held:
            row = held[number % len(held)]
            if self.attempt(messages.release, self.who(by), row.id, self.stage.now):
                assert by == "home-boss"
                self.contact(self.session.get_one(Pair, (row.tenant_id, row.pair_id)))

    @deed(3, number=which, by=part)
    def propose(self, number: int, by: str) -> None:
        start, pair = [self.stage.now + timedelta(days=1)], self.pair(number)
        if self.attempt(meetings.propose_meeting, self.doer(pair, by), pair.id, start, 30,
                        "online", "goals", self.stage.now):  # fmt: skip
            self.contact(pair)

    @deed(3, number=which, by=part, yes=st.booleans())
    def confirm(self, number: int, by: str, yes: bool) -> None:
        rows = self.session.scalars(select(Meeting).where(Meeting.state == "proposed")).all()
        if rows:
            row = rows[number % len(rows)]
            pair = self.session.get_one(Pair, (row.tenant_id, row.pair_id))
            given = (self.doer(pair, by), pair.id, row.id)
            if yes:
                done = self.attempt(meetings.confirm_meeting, *given, 0, self.stage.now)
            else:
                done = self.attempt(meetings.turn_down_meeting, *given, self.stage.now)
            if done:
                assert given[0].user_id != row.user_id
                self.contact(pair)

    @deed(3, number=which, by=part)
    def log_and_link(self, number: int, by: str) -> None:
        pair = self.pair(number)
        actor = self.doer(pair, by)
        entry = LogEntry(happened=True, happened_on=self.stage.now.date())
        self.attempt(meetings.log_meeting, actor, pair.id, entry, self.stage.now)
        if self.attempt(goals.link_goals, actor, pair.id, ["g"], ["g"], self.stage.now):
            self.contact(pair)

    # Harm, the end, time

    @deed(3, number=which, by=part)
    def report(self, number: int, by: str) -> None:
        pair = self.pair(number)
        row = self.attempt(reports.report, self.doer(pair, by), "safety_risk", "x",
                           self.stage.now, pair.id)  # fmt: skip
        if row:
            self.open_reports[row.id] = pair.id

    @deed(3, number=which, by=named, outcome=st.sampled_from(("no_risk", "helped", "ended")))
    def close_report(self, number: int, by: str, outcome: str) -> None:
        if self.open_reports:
            ids = sorted(self.open_reports)
            chosen = ids[number % len(ids)]
            if self.attempt(reports.close_report, self.who(by), chosen, outcome, self.stage.now):
                assert by == "home-guard"
                del self.open_reports[chosen]

    @deed(number=which, by=part, bye=st.booleans(), sure=st.sampled_from((False, False, True)))
    def end(self, number: int, by: str, bye: bool, sure: bool) -> None:
        pair = self.pair(number)
        actor = self.doer(pair, by)
        if bye:
            self.attempt(closure.begin_goodbye, actor, pair.id, "moved", self.stage.now)
        elif sure:
            self.attempt(closure.close, actor, pair.id, self.stage.now)
        self.attempt(closure.give_feedback, actor, pair.id, {}, "yes", self.stage.now)

    @deed(days=st.sampled_from((1, 4, 10, 30)))
    def time_passes(self, days: int) -> None:
        schedule.run_due(self.session, self.stage.later(days=days))
        for name in MENTORS:
            for asked in checkins.open_checkins(self.session, self.who(name), self.stage.now):
                self.attempt(checkins.answer_checkin, self.who(name), asked.id,
                             {"useful": 3, "at_ease": 3}, self.stage.now)  # fmt: skip

    @initialize(abroad=st.booleans())
    def begin(self, abroad: bool) -> None:
        """Let a pair talk from the start, at home or across the border."""
        self.guardian_says(yes=True)
        name = "mihai" if abroad else "mira"
        self.move_border(open_it=abroad)
        self.get_ready(name)
        self.get_ready("milo")
        self.by_hand("young" if abroad else "ana", name, "home-boss")
        self.begin_pair(0)
        assert self.pair(0).state == "active"

    @rule(data=st.data(), which_deed=st.integers(0, 10_000))
    def live(self, data: st.DataObject, which_deed: int) -> None:
        """Do one deed; one rule for all of them, so that each example has every kind."""
        name, given = DEEDS[which_deed % len(DEEDS)]
        getattr(self, name)(**{key: data.draw(drawn) for key, drawn in given.items()})

    # Promises

    @invariant()
    def nobody_has_too_many(self) -> None:
        live = [pair for pair in self.pairs() if pair.state in TAKING]
        for name in MENTORS:
            actor = self.who(name)
            row = self.session.get_one(Mentor, (actor.tenant_id, actor.user_id))
            assert sum(pair.mentor_id == actor.user_id for pair in live) <= row.capacity
        mentees_of = [pair.mentee_id for pair in live]
        assert len(mentees_of) == len(set(mentees_of))

    @invariant()
    def a_report_means_silence(self) -> None:
        for pair in self.pairs():
            if pair.id in self.open_reports.values():
                assert pair.state in {"suspended", "closed", "declined", "lapsed", "withdrawn"}
                ahead = meetings.waiting_meetings(self.session, pair, self.stage.now)
                assert ahead == []

    @invariant()
    def closed_means_closed(self) -> None:
        for pair in self.pairs():
            count = self.session.scalar(
                select(func.count()).select_from(Message).where(Message.pair_id == pair.id)
            )
            if pair.id in self.ended:
                assert pair.state == "closed"
                assert self.ended[pair.id] == count
            elif pair.state == "closed":
                self.ended[pair.id] = count or 0

    @invariant()
    def nobody_sees_a_strangers_pair(self) -> None:
        """Asked of one pair and four people at a time, in turn."""
        found = self.pairs()
        self.turn += 1
        for step in range(4 if found else 0):
            pair = found[self.turn % len(found)]
            actor = self.who(EVERYBODY[(self.turn * 4 + step) % len(EVERYBODY)])
            halves_of = {pair.mentee_id, pair.mentor_id}
            bosses = {self.who("home-boss").user_id}
            if pair.mentor_tenant_id == self.away:
                bosses.add(self.who("away-boss").user_id)
            assert self.sees(pair_for, actor, pair.id) is (actor.user_id in halves_of | bosses)
            reads = self.sees(messages.thread, actor, pair.id, self.stage.now)
            assert reads is (actor.user_id in halves_of)

    def sees(self, look: Callable[..., Any], *given: Any) -> bool:
        try:
            look(self.session, *given)
        except NotYours:
            return False
        return True


_FOLDER = tempfile.TemporaryDirectory()
Lives.database = Database(f"sqlite:///{Path(_FOLDER.name) / 'lives.db'}")
Base.metadata.create_all(Lives.database.engine)
Lives.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
TestLives = Lives.TestCase
