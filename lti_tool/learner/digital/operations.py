"""Everything that changes in the digital check and its practice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from adaptive.digital import (
    ANSWERS,
    AreaResult,
    Bank,
    Practice,
    load_bank,
    load_practice,
    next_question,
    results,
)
from lti_tool.learner.digital.models import DigitalAnswer, DigitalCheck, DigitalPractice
from lti_tool.learner.progress import advance
from lti_tool.lti.linking import linked_users
from lti_tool.lti.sessions import Launch

USUAL_QUESTIONS = 12
"""What a check takes on average; the progress bar is drawn against it."""
CHECKED = 80
"""How far one is with the check done; the first thing practised makes it 100."""
LAST_BAND = 3


class UnknownAnswer(Exception):
    """An answer to something that was not asked, or a value that is not offered."""


@cache
def bank() -> Bank:
    """Return the shipped questions; read once per process."""
    return load_bank()


@cache
def practice() -> Practice:
    """Return the steps of the practice tasks; read once per process."""
    return load_practice()


@dataclass(frozen=True, slots=True)
class Walk:
    """A check with its answers, in the order asked, and the question that comes next."""

    check: DigitalCheck
    answers: dict[str, str]
    upcoming: str | None

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to ask."""
        return self.upcoming is None

    @property
    def percent(self) -> int:
        """How far the questions are, by their usual number; 100 only at the real end."""
        done = round(100 * len(self.answers) / USUAL_QUESTIONS)
        return 100 if self.finished else min(95, done)

    def before(self, question: str) -> str | None:
        """Return the question asked before this one, None before the first."""
        asked = list(self.answers)
        position = asked.index(question) if question in self.answers else len(asked)
        return asked[position - 1] if position else None

    def after(self, question: str) -> str | None:
        """Return the question to show after this one: the next asked one, else the open one."""
        asked = list(self.answers)
        following = asked[asked.index(question) + 1 :]
        return following[0] if following else self.upcoming


@dataclass(frozen=True, slots=True)
class Task:
    """The next small thing to try in an area; `step` is None when all were done."""

    area: str
    step: str | None
    done: int


def find_walk(session: Session, launch: Launch, *, finished: bool = False) -> Walk | None:
    """Return the person's newest check on any site that they joined, or newest finished one."""
    same_person = linked_users(session.connection(), launch.tenant_id, launch.user_id)
    query = select(DigitalCheck).where(
        DigitalCheck.tenant_id == launch.tenant_id, DigitalCheck.user_id.in_(same_person)
    )
    if finished:
        query = query.where(DigitalCheck.finished_at.is_not(None))
    check = session.scalar(
        query.order_by(DigitalCheck.started_at.desc(), DigitalCheck.number.desc()).limit(1)
    )
    return None if check is None else _walk(session, check)


def earlier_walk(session: Session, walk: Walk) -> Walk | None:
    """Return the finished check before this one, to show what changed."""
    check = session.scalar(
        select(DigitalCheck)
        .where(
            DigitalCheck.tenant_id == walk.check.tenant_id,
            DigitalCheck.user_id == walk.check.user_id,
            DigitalCheck.number < walk.check.number,
            DigitalCheck.finished_at.is_not(None),
        )
        .order_by(DigitalCheck.number.desc())
        .limit(1)
    )
    return None if check is None else _walk(session, check)


def _walk(session: Session, check: DigitalCheck) -> Walk:
    known = {question.id for question in bank().questions}
    rows = session.execute(
        select(DigitalAnswer.question, DigitalAnswer.value)
        .where(
            DigitalAnswer.tenant_id == check.tenant_id,
            DigitalAnswer.user_id == check.user_id,
            DigitalAnswer.number == check.number,
        )
        .order_by(DigitalAnswer.position)
    )
    # A question that an editor took out counts no more.
    answers = {row.question: row.value for row in rows if row.question in known}
    following = None if check.finished_at else next_question(bank(), answers)
    return Walk(check, answers, following.id if following else None)


def start_walk(session: Session, launch: Launch, now: datetime, *, again: bool = False) -> Walk:
    """Return the open check, or begin one; `again` begins a new one after a finished one."""
    walk = find_walk(session, launch)
    if walk and not (again and walk.finished):
        return walk
    last = session.scalar(
        select(func.max(DigitalCheck.number)).where(
            DigitalCheck.tenant_id == launch.tenant_id, DigitalCheck.user_id == launch.user_id
        )
    )
    check = DigitalCheck(
        tenant_id=launch.tenant_id,
        user_id=launch.user_id,
        number=(last or 0) + 1,
        started_at=now,
    )
    session.add(check)
    session.flush()
    return _walk(session, check)


def save_answer(session: Session, launch: Launch, question: str, value: str, now: datetime) -> Walk:
    """Store one answer, or change an earlier one, and return the check with what comes next.

    The same answer sent twice (a lost line, two tabs) leaves one row.

    Raises:
        UnknownAnswer: the question was not asked, or the value is not one of ANSWERS.
    """
    walk = start_walk(session, launch, now)
    if value not in ANSWERS:
        raise UnknownAnswer(value)
    if question in walk.answers:
        row = session.get_one(
            DigitalAnswer,
            (walk.check.tenant_id, walk.check.user_id, walk.check.number, question),
        )
        row.value = value
        row.answered_at = now
    elif question == walk.upcoming:
        session.add(
            DigitalAnswer(
                tenant_id=walk.check.tenant_id,
                user_id=walk.check.user_id,
                number=walk.check.number,
                question=question,
                value=value,
                position=len(walk.answers) + 1,
                answered_at=now,
            )
        )
    else:
        raise UnknownAnswer(question)
    session.flush()
    walk = _walk(session, walk.check)
    if walk.finished and walk.check.finished_at is None:
        walk.check.finished_at = now
    note_progress(session, launch, now)
    return walk


def areas_of(walk: Walk) -> tuple[AreaResult, ...]:
    """Return what the answers of a check say, area by area."""
    return results(bank(), walk.answers)


def tasks_of(session: Session, launch: Launch, walk: Walk) -> list[Task]:
    """Return the next thing to try in each area: from the person's own band upwards."""
    done = practised(session, launch)
    tasks = []
    for area in areas_of(walk):
        steps = [f"{area.area}-step-{band}" for band in range(area.band or 0, LAST_BAND + 1)]
        waiting = [step for step in steps if step not in done]
        count = sum(step.startswith(f"{area.area}-") for step in done)
        tasks.append(Task(area.area, waiting[0] if waiting else None, count))
    return tasks


def practised(session: Session, launch: Launch) -> set[str]:
    """Return what the learner says they tried."""
    same_person = linked_users(session.connection(), launch.tenant_id, launch.user_id)
    return set(
        session.scalars(
            select(DigitalPractice.step).where(
                DigitalPractice.tenant_id == launch.tenant_id,
                DigitalPractice.user_id.in_(same_person),
            )
        )
    )


def note_practice(session: Session, launch: Launch, step: str, now: datetime) -> None:
    """Keep that the learner tried something; saying so twice keeps the first time.

    Raises:
        UnknownAnswer: no check was finished, or this is not what was offered.
    """
    walk = find_walk(session, launch, finished=True)
    if walk is None:
        raise UnknownAnswer(step)
    if step in practised(session, launch):
        return
    if step not in {task.step for task in tasks_of(session, launch, walk)}:
        raise UnknownAnswer(step)
    session.add(
        DigitalPractice(tenant_id=launch.tenant_id, user_id=launch.user_id, step=step, done_at=now)
    )
    session.flush()
    note_progress(session, launch, now)


def percent_of(session: Session, launch: Launch) -> int:
    """Return how far the learner is with the module: the check is 80, one thing tried is 100."""
    if find_walk(session, launch, finished=True):
        return 100 if practised(session, launch) else CHECKED
    walk = find_walk(session, launch)
    return round(walk.percent * CHECKED / 100) if walk else 0


def note_progress(session: Session, launch: Launch, now: datetime) -> None:
    """Carry to the activity of this launch how far the learner is."""
    percent = percent_of(session, launch)
    comment = _("Finished: My digital skills") if percent == 100 else _("On the way")
    if percent:
        advance(session, launch, "digital", percent, comment, now)
