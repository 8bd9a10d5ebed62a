"""Everything that changes in a plan, and the plan as pages, files and other rooms read it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from lti_tool.learner.plan.models import (
    LONGEST_HELPER,
    LONGEST_TITLE,
    LONGEST_WORDS,
    PlanGoal,
    PlanStep,
)
from lti_tool.learner.plan.words import HELPERS
from lti_tool.learner.progress import advance
from lti_tool.lti.linking import linked_users
from lti_tool.lti.sessions import Launch
from lti_tool.people.models import User

MODULE = "plan"
MOST_OPEN, MOST_GOALS, MOST_STEPS = 3, 30, 40
"""Open goals at a time; goals with those reached; steps of one goal."""
UNDO = timedelta(days=1)
"""So long a deleted goal or step can be taken back; then it is gone."""
GOAL, DATED, TICKED = 40, 70, 100
"""How far one is: a first goal, a first step with a day, a first step done or goal reached."""


class UnknownGoal(Exception):
    """No goal of this learner has this id."""


class UnknownStep(Exception):
    """No step of this learner has this id."""


class TooMany(Exception):
    """code: "goals" or "steps"; what there is must go first."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


class NotValid(Exception):
    """code: "empty", "long", "helper", "long_helper" or "goal"."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


class Changed(Exception):
    """It was changed somewhere else since the form was opened; `version` is the newest."""

    def __init__(self, version: int) -> None:
        """Keep the version."""
        super().__init__(version)
        self.version = version


@dataclass(frozen=True, slots=True)
class Step:
    """A step as pages read it."""

    id: str
    goal_id: str
    words: str
    due: date | None
    helper: str
    helper_words: str
    done: bool
    version: int


@dataclass(frozen=True, slots=True)
class GoalView:
    """A goal with its steps, in their order."""

    id: str
    title: str
    source: str
    done: bool
    version: int
    steps: Sequence[Step]

    @property
    def open_steps(self) -> list[Step]:
        """Return the steps that are left."""
        return [step for step in self.steps if not step.done]

    @property
    def done_steps(self) -> list[Step]:
        """Return the steps that are ticked off."""
        return [step for step in self.steps if step.done]


@dataclass(frozen=True, slots=True)
class Plan:
    """All goals, the open ones first."""

    goals: Sequence[GoalView]

    @property
    def open_goals(self) -> list[GoalView]:
        """Return the goals that are not reached yet."""
        return [goal for goal in self.goals if not goal.done]

    @property
    def reached(self) -> list[GoalView]:
        """Return the goals that are reached."""
        return [goal for goal in self.goals if goal.done]

    @property
    def full(self) -> bool:
        """Whether another open goal would be one too many."""
        return len(self.open_goals) >= MOST_OPEN

    @property
    def dated(self) -> list[Step]:
        """Return the open steps with a day, the nearest first."""
        steps = [step for goal in self.open_goals for step in goal.open_steps if step.due]
        return sorted(steps, key=lambda step: step.due or date.max)

    @property
    def next_words(self) -> str:
        """The words of the step that comes next, "" for none."""
        every = [step for goal in self.open_goals for step in goal.open_steps]
        return (self.dated or every)[0].words if every else ""

    def due(self, today: date) -> list[Step]:
        """Return the open steps whose day is today or over; those of today come first."""
        due = [step for step in self.dated if step.due and step.due <= today]
        return sorted(due, key=lambda step: step.due != today)

    def step(self, step_id: str) -> Step | None:
        """Return a step by its id."""
        every = (step for goal in self.goals for step in goal.steps)
        return next((step for step in every if step.id == step_id), None)

    def goal(self, goal_id: str) -> GoalView | None:
        """Return a goal by its id."""
        return next((goal for goal in self.goals if goal.id == goal_id), None)


def plan_of(session: Session, tenant_id: str, user_id: str) -> Plan:
    """Return the plan of a person, across the sites that they joined."""
    people = linked_users(session.connection(), tenant_id, user_id)
    goals = session.scalars(
        select(PlanGoal)
        .where(
            PlanGoal.tenant_id == tenant_id,
            PlanGoal.user_id.in_(people),
            PlanGoal.deleted_at.is_(None),
        )
        .order_by(PlanGoal.made_at, PlanGoal.id)
    ).all()
    steps: dict[str, list[Step]] = {goal.id: [] for goal in goals}
    rows = session.scalars(
        select(PlanStep)
        .where(
            PlanStep.tenant_id == tenant_id,
            PlanStep.user_id.in_(people),
            PlanStep.deleted_at.is_(None),
        )
        .order_by(PlanStep.place, PlanStep.made_at, PlanStep.id)
    )
    for row in rows:
        if row.goal_id in steps:
            steps[row.goal_id].append(_step(row))
    views = [
        GoalView(
            goal.id, goal.title, goal.source, goal.done_at is not None, goal.version, steps[goal.id]
        )
        for goal in goals
    ]
    return Plan(sorted(views, key=lambda goal: goal.done))


def percent_of(plan: Plan) -> int:
    """Return how far somebody is with the module, 0 before the first goal."""
    steps = [step for goal in plan.goals for step in goal.steps]
    if plan.reached or any(step.done for step in steps):
        return TICKED
    if any(step.due for step in steps):
        return DATED
    return GOAL if plan.goals else 0


def add_goal(session: Session, launch: Launch, title: str, source: str, now: datetime) -> str:
    """Add a goal and return its id; the same words twice are one goal, as a form sent twice.

    Raises:
        NotValid: "empty" or "long".
        TooMany: "goals": three are open already, or there are very many reached ones.
    """
    title = _words(title, LONGEST_TITLE)
    _lock(session, launch)
    plan = plan_of(session, launch.tenant_id, launch.user_id)
    same = next((goal for goal in plan.open_goals if goal.title == title), None)
    if same is not None:
        return same.id
    if plan.full or len(plan.goals) >= MOST_GOALS:
        raise TooMany("goals")
    row = PlanGoal(
        tenant_id=launch.tenant_id, user_id=launch.user_id, title=title, source=source, made_at=now
    )
    session.add(row)
    session.flush()
    note_progress(session, launch, now)
    return row.id


def change_goal(
    session: Session, launch: Launch, goal_id: str, title: str, version: int, now: datetime
) -> None:
    """Give a goal other words.

    Raises:
        UnknownGoal: there is none such.
        NotValid: "empty" or "long".
        Changed: other words were saved since the form was opened.
    """
    title = _words(title, LONGEST_TITLE)
    row = _goal(session, launch, goal_id, now)
    if row.title == title:
        return
    if row.version != version:
        raise Changed(row.version)
    row.title, row.version = title, row.version + 1
    session.flush()


def reach_goal(
    session: Session, launch: Launch, goal_id: str, now: datetime, *, reached: bool
) -> None:
    """Say that a goal is reached, or that it is not yet.

    Raises:
        UnknownGoal: there is none such.
        TooMany: "goals": it would be the fourth open one.
    """
    row = _goal(session, launch, goal_id, now)
    if reached:
        row.done_at = row.done_at or now
    elif row.done_at is not None:
        if plan_of(session, launch.tenant_id, launch.user_id).full:
            raise TooMany("goals")
        row.done_at = None
    session.flush()
    note_progress(session, launch, now)


def delete_goal(session: Session, launch: Launch, goal_id: str, now: datetime) -> None:
    """Take a goal and its steps out of the plan; for a day it can be taken back.

    Raises:
        UnknownGoal: there never was one such, or it is gone for good.
    """
    row = _goal(session, launch, goal_id, now, deleted=True)
    row.deleted_at = row.deleted_at or now
    session.flush()


def restore_goal(session: Session, launch: Launch, goal_id: str, now: datetime) -> None:
    """Take a deleted goal back with its steps.

    Raises:
        UnknownGoal: it is gone for good.
        TooMany: "goals": it would be the fourth open one.
    """
    row = _goal(session, launch, goal_id, now, deleted=True)
    if row.deleted_at is None:
        return
    if row.done_at is None and plan_of(session, launch.tenant_id, launch.user_id).full:
        raise TooMany("goals")
    row.deleted_at = None
    session.flush()


@dataclass(frozen=True, slots=True)
class Said:
    """What a form says about a step."""

    words: str
    due: date | None
    helper: str = ""
    helper_words: str = ""


def add_step(session: Session, launch: Launch, goal_id: str, said: Said, now: datetime) -> str:
    """Add a step at the end of a goal and return its id.

    The same words twice are one step, as a form sent twice; what the newer form says of day and
    help counts.

    Raises:
        UnknownGoal: there is no such goal.
        NotValid: "empty", "long", "helper" or "long_helper".
        TooMany: "steps".
    """
    said = _checked(said)
    goal = _goal(session, launch, goal_id, now)
    rows = _rows_of(session, goal)
    there = [row for row in rows if row.deleted_at is None]
    row = next((one for one in there if one.words == said.words and one.done_at is None), None)
    if row is None:
        if len(there) >= MOST_STEPS:
            raise TooMany("steps")
        row = PlanStep(
            tenant_id=launch.tenant_id,
            user_id=goal.user_id,
            goal_id=goal.id,
            words=said.words,
            place=max((one.place for one in rows), default=0) + 1,
            made_at=now,
        )
        session.add(row)
    row.due, row.helper, row.helper_words = said.due, said.helper, said.helper_words
    session.flush()
    note_progress(session, launch, now)
    return row.id


def change_step(
    session: Session,
    launch: Launch,
    step_id: str,
    goal_id: str,
    said: Said,
    version: int,
    now: datetime,
) -> None:
    """Change a step; another goal moves it to the end of that goal.

    Raises:
        UnknownStep: there is none such.
        NotValid: as add_step, or "goal" for a goal that is not the learner's own.
        Changed: something else was saved since the form was opened.
        TooMany: "steps" in the other goal.
    """
    said = _checked(said)
    row = _step_row(session, launch, step_id, now)
    new = (said.words, said.due, said.helper, said.helper_words, goal_id)
    if new == (row.words, row.due, row.helper, row.helper_words, row.goal_id):
        return
    if row.version != version:
        raise Changed(row.version)
    if goal_id != row.goal_id:
        _move_to(session, launch, row, goal_id, now)
    row.words, row.due, row.helper, row.helper_words = new[:4]
    row.version += 1
    session.flush()
    note_progress(session, launch, now)


def tick_step(session: Session, launch: Launch, step_id: str, now: datetime, *, done: bool) -> None:
    """Tick a step off, or take the tick back.

    Raises:
        UnknownStep: there is none such.
    """
    row = _step_row(session, launch, step_id, now)
    row.done_at = (row.done_at or now) if done else None
    session.flush()
    note_progress(session, launch, now)


def postpone_step(session: Session, launch: Launch, step_id: str, due: date, now: datetime) -> None:
    """Move a step to another day; the button names the day, so two taps move it once.

    Raises:
        UnknownStep: there is none such.
    """
    row = _step_row(session, launch, step_id, now)
    if row.due != due:
        row.due, row.version = due, row.version + 1
    session.flush()
    note_progress(session, launch, now)


def shift_step(session: Session, launch: Launch, step_id: str, before: str, now: datetime) -> None:
    """Put a step before another one of its goal, at the end for "".

    The button names the neighbour, not a direction, so two taps move it once.

    Raises:
        UnknownStep: there is none such.
    """
    row = _step_row(session, launch, step_id, now)
    goal = _goal(session, launch, row.goal_id, now)
    others = [one for one in _rows_of(session, goal) if one.id != row.id]
    at = next((place for place, one in enumerate(others) if one.id == before), len(others))
    for place, one in enumerate([*others[:at], row, *others[at:]], 1):
        one.place = place
    session.flush()


def delete_step(session: Session, launch: Launch, step_id: str, now: datetime) -> None:
    """Take a step out of the plan; for a day it can be taken back.

    Raises:
        UnknownStep: there never was one such, or it is gone for good.
    """
    row = _step_row(session, launch, step_id, now, deleted=True)
    row.deleted_at = row.deleted_at or now
    session.flush()


def restore_step(session: Session, launch: Launch, step_id: str, now: datetime) -> None:
    """Take a deleted step back.

    Raises:
        UnknownStep: it is gone for good.
    """
    row = _step_row(session, launch, step_id, now, deleted=True)
    row.deleted_at = None
    session.flush()


@dataclass(frozen=True, slots=True)
class Binned:
    """Something deleted that can be taken back. kind: "goal" or "step"."""

    kind: str
    id: str
    words: str


def binned(session: Session, launch: Launch, now: datetime) -> list[Binned]:
    """Return what can be taken back, the newest first; steps of a deleted goal come with it."""
    people, since = _people(session, launch), now - UNDO
    goals = session.scalars(
        select(PlanGoal).where(
            PlanGoal.tenant_id == launch.tenant_id,
            PlanGoal.user_id.in_(people),
            PlanGoal.deleted_at >= since,
        )
    ).all()
    steps = session.scalars(
        select(PlanStep)
        .join(
            PlanGoal,
            (PlanGoal.tenant_id == PlanStep.tenant_id) & (PlanGoal.id == PlanStep.goal_id),
        )
        .where(
            PlanStep.tenant_id == launch.tenant_id,
            PlanStep.user_id.in_(people),
            PlanStep.deleted_at >= since,
            PlanGoal.deleted_at.is_(None),
        )
    ).all()
    found = [(row.deleted_at or now, Binned("goal", row.id, row.title)) for row in goals]
    found += [(row.deleted_at or now, Binned("step", row.id, row.words)) for row in steps]
    return [one for _at, one in sorted(found, key=lambda pair: (pair[0], pair[1].id), reverse=True)]


def note_progress(session: Session, launch: Launch, now: datetime) -> None:
    """Carry to the activity of this launch how far the learner is, never what the plan says."""
    percent = percent_of(plan_of(session, launch.tenant_id, launch.user_id))
    if percent:
        done = percent == TICKED
        comment = _("Finished: My plan") if done else _("On the way")
        advance(session, launch, MODULE, percent, comment, now)


def sweep(session: Session, now: datetime) -> int:
    """Delete for good what was taken out of plans a day ago; return how many goals and steps."""
    before = now - UNDO
    of_old = exists().where(
        PlanGoal.tenant_id == PlanStep.tenant_id,
        PlanGoal.id == PlanStep.goal_id,
        PlanGoal.deleted_at < before,
    )
    gone = session.execute(
        delete(PlanStep)
        .where((PlanStep.deleted_at < before) | of_old)
        .returning(PlanStep.id)
        .execution_options(synchronize_session=False)
    ).all()
    goals = session.execute(
        delete(PlanGoal)
        .where(PlanGoal.deleted_at < before)
        .returning(PlanGoal.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(gone) + len(goals)


def _step(row: PlanStep) -> Step:
    done = row.done_at is not None
    return Step(
        row.id, row.goal_id, row.words, row.due, row.helper, row.helper_words, done, row.version
    )


def _words(text: str, longest: int) -> str:
    text = " ".join("".join(sign for sign in text if _is_letter(sign)).split())
    if not text:
        raise NotValid("empty")
    if len(text) > longest:
        raise NotValid("long")
    return text


def _is_letter(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) not in {"Cc", "Cs"}


def _checked(said: Said) -> Said:
    words = _words(said.words, LONGEST_WORDS)
    helper_words = said.helper_words
    if helper_words.strip():
        try:
            helper_words = _words(helper_words, LONGEST_HELPER)
        except NotValid as error:
            raise NotValid(f"{error.code}_helper" if error.code == "long" else "helper") from None
    else:
        helper_words = ""
    if said.helper not in {"", *HELPERS}:
        raise NotValid("helper")
    return Said(words, said.due, "" if helper_words else said.helper, helper_words)


def _people(session: Session, launch: Launch) -> Sequence[str]:
    return linked_users(session.connection(), launch.tenant_id, launch.user_id)


def _lock(session: Session, launch: Launch) -> Sequence[str]:
    """Let one change of a person's plan wait for the other."""
    people = _people(session, launch)
    session.execute(
        select(User.id)
        .where(User.tenant_id == launch.tenant_id, User.id.in_(people))
        .order_by(User.id)
        .with_for_update()
    ).all()
    return people


def _goal(
    session: Session, launch: Launch, goal_id: str, now: datetime, *, deleted: bool = False
) -> PlanGoal:
    people = _lock(session, launch)
    row = session.scalar(
        select(PlanGoal)
        .where(
            PlanGoal.tenant_id == launch.tenant_id,
            PlanGoal.id == goal_id,
            PlanGoal.user_id.in_(people),
        )
        .execution_options(populate_existing=True)
    )
    if row is None or not _there(row.deleted_at, now, deleted=deleted):
        raise UnknownGoal(goal_id)
    return row


def _step_row(
    session: Session, launch: Launch, step_id: str, now: datetime, *, deleted: bool = False
) -> PlanStep:
    people = _lock(session, launch)
    row = session.scalar(
        select(PlanStep)
        .where(
            PlanStep.tenant_id == launch.tenant_id,
            PlanStep.id == step_id,
            PlanStep.user_id.in_(people),
        )
        .execution_options(populate_existing=True)
    )
    if row is None or not _there(row.deleted_at, now, deleted=deleted):
        raise UnknownStep(step_id)
    goal = session.get(PlanGoal, (launch.tenant_id, row.goal_id))
    if goal is None or goal.deleted_at is not None:
        raise UnknownStep(step_id)
    return row


def _there(deleted_at: datetime | None, now: datetime, *, deleted: bool) -> bool:
    return deleted_at is None or (deleted and deleted_at >= now - UNDO)


def _rows_of(session: Session, goal: PlanGoal) -> list[PlanStep]:
    return list(
        session.scalars(
            select(PlanStep)
            .where(PlanStep.tenant_id == goal.tenant_id, PlanStep.goal_id == goal.id)
            .order_by(PlanStep.place, PlanStep.made_at, PlanStep.id)
        )
    )


def _move_to(session: Session, launch: Launch, row: PlanStep, goal_id: str, now: datetime) -> None:
    try:
        goal = _goal(session, launch, goal_id, now)
    except UnknownGoal:
        raise NotValid("goal") from None
    others = _rows_of(session, goal)
    if len([one for one in others if one.deleted_at is None]) >= MOST_STEPS:
        raise TooMany("steps")
    row.goal_id, row.user_id = goal.id, goal.user_id
    row.place = max((one.place for one in others), default=0) + 1
