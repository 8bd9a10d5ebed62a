"""Everything that changes in the interests module."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from adaptive.interests import ITEMS, Engine, Profile, load_model
from lti_tool.learner.interests.models import InterestAnswer, InterestAttempt
from lti_tool.learner.progress import advance
from lti_tool.lti.linking import linked_users
from lti_tool.lti.sessions import Launch

MAX_ITEMS = 24
"""Beyond this, more questions change the three named interests of hardly anybody."""
USUAL_ITEMS = 16
"""What a walk takes on average; the progress bar is drawn against it, not against the maximum."""


class UnknownAnswer(Exception):
    """An answer to something that was not asked, or a value that is not offered."""


@cache
def engine() -> Engine:
    """Return the engine with the shipped calibration; one per process."""
    return Engine(load_model())


@dataclass(frozen=True, slots=True)
class Walk:
    """An attempt with its answers, in the order asked, and what comes next."""

    attempt: InterestAttempt
    answers: dict[str, int | None]
    next_item: str | None

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to ask."""
        return self.next_item is None

    @property
    def percent(self) -> int:
        """How far it is, by the usual number of questions; 100 only at the real end."""
        return 100 if self.finished else min(95, round(100 * len(self.answers) / USUAL_ITEMS))

    def before(self, item: str | None) -> str | None:
        """Return the question asked before `item`, None before the first."""
        asked = list(self.answers)
        position = asked.index(item) if item in self.answers else len(asked)
        return asked[position - 1] if position else None

    def after(self, item: str) -> str | None:
        """Return the question to show after `item`: the next asked one, else the open one."""
        asked = list(self.answers)
        following = asked[asked.index(item) + 1 :]
        return following[0] if following else self.next_item


def find_walk(session: Session, launch: Launch) -> Walk | None:
    """Return the learner's newest walk on any site that they joined, None before the first."""
    same_person = linked_users(session.connection(), launch.tenant_id, launch.user_id)
    attempt = session.scalar(
        select(InterestAttempt)
        .where(
            InterestAttempt.tenant_id == launch.tenant_id,
            InterestAttempt.user_id.in_(same_person),
        )
        .order_by(InterestAttempt.started_at.desc(), InterestAttempt.number.desc())
        .limit(1)
    )
    return None if attempt is None else _walk(session, attempt)


def _walk(session: Session, attempt: InterestAttempt) -> Walk:
    rows = session.execute(
        select(InterestAnswer.item, InterestAnswer.value)
        .where(
            InterestAnswer.tenant_id == attempt.tenant_id,
            InterestAnswer.attempt_id == attempt.id,
        )
        .order_by(InterestAnswer.position)
    )
    answers: dict[str, int | None] = {row.item: row.value for row in rows}
    upcoming = (
        None
        if attempt.finished_at
        else engine().next_item(answers, seed=attempt.seed, max_items=MAX_ITEMS, stop=True)
    )
    return Walk(attempt, answers, upcoming)


def start_walk(session: Session, launch: Launch, now: datetime, *, again: bool = False) -> Walk:
    """Return the open walk, or begin one; `again` begins a new one after a finished one."""
    walk = find_walk(session, launch)
    if walk and not (again and walk.finished):
        return walk
    number = _last_number(session, launch) + 1
    attempt = InterestAttempt(
        tenant_id=launch.tenant_id,
        user_id=launch.user_id,
        number=number,
        seed=_seed(launch.user_id, number),
        model_version=engine().model.version,
        started_at=now,
    )
    session.add(attempt)
    session.flush()
    return _walk(session, attempt)


def _last_number(session: Session, launch: Launch) -> int:
    last = session.scalar(
        select(func.max(InterestAttempt.number)).where(
            InterestAttempt.tenant_id == launch.tenant_id,
            InterestAttempt.user_id == launch.user_id,
        )
    )
    return last or 0


def _seed(user_id: str, number: int) -> int:
    return (int(user_id[-12:], 16) + number) % 2**31


def save_answer(
    session: Session, launch: Launch, item: str, value: int | None, now: datetime
) -> Walk:
    """Store one answer, or change an earlier one, and return the walk with what comes next.

    The same answer sent twice (a lost line, two tabs) leaves one row.

    Raises:
        UnknownAnswer: the item was not asked, or the value is neither 1 to 5 nor None.
    """
    walk = start_walk(session, launch, now)
    if item not in ITEMS or not (value is None or 1 <= value <= 5):
        raise UnknownAnswer(item)
    if item in walk.answers:
        row = session.get_one(InterestAnswer, (launch.tenant_id, walk.attempt.id, item))
        row.value = value
        row.answered_at = now
    elif item == walk.next_item:
        session.add(
            InterestAnswer(
                tenant_id=launch.tenant_id,
                attempt_id=walk.attempt.id,
                item=item,
                value=value,
                position=len(walk.answers) + 1,
                answered_at=now,
            )
        )
    else:
        raise UnknownAnswer(item)
    session.flush()
    walk = _walk(session, walk.attempt)
    if walk.finished and walk.attempt.finished_at is None:
        walk.attempt.finished_at = now
    note_progress(session, launch, walk, now)
    return walk


def note_progress(session: Session, launch: Launch, walk: Walk, now: datetime) -> None:
    """Carry the walk's progress to the activity of this launch.

    A learner who finished elsewhere gets the grade here on the first visit, without a question.
    """
    comment = _("Finished: What do I like doing?") if walk.finished else _("On the way")
    advance(session, launch, "interests", walk.percent, comment, now)


def say_fits(session: Session, launch: Launch, word: str) -> None:
    """Keep the learner's own word on the result: yes, partly or no.

    Raises:
        UnknownAnswer: another word, or there is no finished walk yet.
    """
    walk = find_walk(session, launch)
    if walk is None or not walk.finished or word not in {"yes", "partly", "no"}:
        raise UnknownAnswer(word)
    walk.attempt.fits = word


def profile_of(walk: Walk) -> Profile:
    """Return what the answers of a walk say."""
    return engine().profile(walk.answers)
