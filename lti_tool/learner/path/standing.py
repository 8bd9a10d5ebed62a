"""Where a learner stands: lessons begun and finished, newest answers, what the tries showed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from adaptive.learning import TracerSet, load_tracers
from adaptive.lessons import Lesson, Library, load_library
from lti_tool.learner.path.models import LessonAnswer, LessonWalk, SkillTry
from lti_tool.lti.linking import linked_users
from lti_tool.lti.sessions import Launch

DAY = 86400.0


@cache
def library() -> Library:
    """Return the shipped lessons; one per process."""
    return load_library()


@cache
def tracers() -> TracerSet:
    """Return the models of what somebody can do; one per process."""
    return load_tracers()


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything stored about one person's path, across the sites that they joined."""

    walks: Mapping[str, LessonWalk]
    answers: Mapping[tuple[str, int], LessonAnswer]
    tries: Sequence[SkillTry]

    def finished(self) -> list[Lesson]:
        """Return the finished lessons, the newest first."""
        done = [walk for walk in self.walks.values() if walk.finished_at]
        done.sort(key=lambda walk: walk.finished_at or walk.started_at, reverse=True)
        return [library().lessons[walk.lesson] for walk in done]

    def begun(self) -> list[Lesson]:
        """Return the lessons begun and not finished, the newest first."""
        rows = [walk for walk in self.walks.values() if not walk.finished_at]
        rows.sort(key=lambda walk: walk.started_at, reverse=True)
        return [library().lessons[walk.lesson] for walk in rows]

    def is_finished(self, lesson_id: str) -> bool:
        """Whether a lesson was finished."""
        walk = self.walks.get(lesson_id)
        return walk is not None and walk.finished_at is not None

    def open_exercise(self, lesson: Lesson) -> int | None:
        """Return the first exercise without an answer, None if all have one."""
        for exercise in lesson.exercises:
            if (lesson.id, exercise.number) not in self.answers:
                return exercise.number
        return None

    def success(self, now: datetime) -> dict[str, float]:
        """Return the predicted success per skill of the library at a moment."""
        tracer = tracers().logistic
        state = tracer.initial()
        latest = days(now)
        for one in self.tries:
            state = tracer.update(state, one.skill, one.good, min(days(one.at), latest))
        return {skill: tracer.predict(state, skill, latest) for skill in library().graph.before}


def days(moment: datetime) -> float:
    """Return a moment as days, as the models of learning count them."""
    return moment.timestamp() / DAY


def standing(session: Session, launch: Launch) -> Standing:
    """Read where the learner of a launch stands. Rows of lessons that are gone are left out."""
    people = linked_users(session.connection(), launch.tenant_id, launch.user_id)
    known = library().lessons
    walks: dict[str, LessonWalk] = {}
    for walk in session.scalars(
        select(LessonWalk).where(
            LessonWalk.tenant_id == launch.tenant_id, LessonWalk.user_id.in_(people)
        )
    ):
        other = walks.get(walk.lesson)
        if walk.lesson in known and (other is None or _further(walk, other)):
            walks[walk.lesson] = walk
    answers: dict[tuple[str, int], LessonAnswer] = {}
    for answer in session.scalars(
        select(LessonAnswer)
        .where(LessonAnswer.tenant_id == launch.tenant_id, LessonAnswer.user_id.in_(people))
        .order_by(LessonAnswer.answered_at)
    ):
        if answer.lesson in known and known[answer.lesson].exercise(answer.exercise):
            answers[answer.lesson, answer.exercise] = answer
    tries = session.scalars(
        select(SkillTry)
        .where(SkillTry.tenant_id == launch.tenant_id, SkillTry.user_id.in_(people))
        .order_by(SkillTry.at, SkillTry.id)
    ).all()
    return Standing(walks, answers, tries)


def _further(one: LessonWalk, other: LessonWalk) -> bool:
    return (one.finished_at is not None, one.block) > (other.finished_at is not None, other.block)
