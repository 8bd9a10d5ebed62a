"""Everything that changes in the learning path. Staff look and try without a trace."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from adaptive.lessons import Exercise, Lesson, LessonTexts, Mark, mark
from adaptive.lessons.marking import SELF
from config.database import Base
from config.ids import new_id
from lti_tool.learner.path.choosing import Recall, recall, suggestions
from lti_tool.learner.path.hints import hints_for
from lti_tool.learner.path.models import LessonAnswer, LessonWalk, SkillTry
from lti_tool.learner.path.standing import Standing, library, standing, tracers
from lti_tool.learner.progress import advance
from lti_tool.lti.sessions import Launch

GOAL = 6
"""Finished lessons that complete the activity: about half an hour; more are welcome."""


class UnknownStep(Exception):
    """A lesson, block, exercise or answer that is not open to this learner now."""


def find_lesson(lesson_id: str) -> Lesson:
    """Return a lesson.

    Raises:
        UnknownStep: there is no such lesson.
    """
    lesson = library().lessons.get(lesson_id)
    if lesson is None:
        raise UnknownStep(lesson_id)
    return lesson


def find_exercise(lesson: Lesson, number: int) -> Exercise:
    """Return an exercise of a lesson.

    Raises:
        UnknownStep: there is no such exercise.
    """
    exercise = lesson.exercise(number)
    if exercise is None:
        raise UnknownStep(f"{lesson.id} {number}")
    return exercise


def seed_of(launch: Launch) -> int:
    """Return the seed of a learner's offers: the same on every page, another for each person."""
    return int(launch.user_id[-12:], 16) % 2**31


def start(session: Session, launch: Launch, lesson: Lesson, now: datetime) -> None:
    """Begin a lesson; beginning it again, in another tab or later, changes nothing."""
    if not launch.is_learner:
        return
    here = standing(session, launch)
    if lesson.id in here.walks:
        return
    offers = suggestions(here, hints_for(session, launch), seed_of(launch), now)
    first = offers[0] if offers and offers[0].lesson.id == lesson.id else None
    _insert(
        session,
        LessonWalk,
        tenant_id=launch.tenant_id,
        user_id=launch.user_id,
        lesson=lesson.id,
        block=0,
        chosen_by="policy" if first else "learner",
        propensity=first.propensity if first else None,
        model_version=tracers().version,
        started_at=now,
    )


def read_block(session: Session, launch: Launch, lesson: Lesson, block: int, now: datetime) -> None:
    """Note that a block was read; earlier ones may be read again.

    Raises:
        UnknownStep: the lesson has no such block, or the ones before were not read.
    """
    if not 1 <= block <= lesson.blocks:
        raise UnknownStep(f"{lesson.id} block {block}")
    if not launch.is_learner:
        return
    start(session, launch, lesson, now)
    walk = _own_walk(session, launch, lesson)
    if block > walk.block + 1:
        raise UnknownStep(f"{lesson.id} block {block}")
    walk.block = max(walk.block, block)


def save_answer(
    session: Session,
    launch: Launch,
    lesson: Lesson,
    exercise: Exercise,
    answer: str,
    locale: str,
    now: datetime,
) -> None:
    """Keep an answer, or a newer one; the first one also tells how well the skill is known.

    "" is "Not sure": it is an answer, and the learner reads what would have been good.

    Raises:
        UnknownStep: these letters or words are no answer to this exercise, or the blocks were not
            read yet.
    """
    texts = library().lesson_texts(lesson.id, locale)
    found = judge(exercise, texts, answer)
    if not launch.is_learner:
        return
    here = standing(session, launch)
    walk = here.walks.get(lesson.id)
    if walk is None or walk.block < lesson.blocks:
        raise UnknownStep(f"{lesson.id} {exercise.number}")
    first = (lesson.id, exercise.number) not in here.answers
    key = (launch.tenant_id, launch.user_id, lesson.id, exercise.number)
    new = _insert(
        session,
        LessonAnswer,
        tenant_id=launch.tenant_id,
        user_id=launch.user_id,
        lesson=lesson.id,
        exercise=exercise.number,
        answer=answer.strip(),
        share=found.share,
        tries=1,
        answered_at=now,
    )
    if not new:
        row = session.get_one(LessonAnswer, key, with_for_update=True, populate_existing=True)
        if row.answer != answer.strip():
            row.answer, row.share, row.said = answer.strip(), found.share, None
            row.tries += 1
        row.answered_at = now
    elif first and found.share is not None:
        _note_try(session, launch, Recall(lesson, exercise), answer, found, now, asked_on="")
    _finish_if_done(session, launch, lesson, now)


def say_self(
    session: Session, launch: Launch, lesson: Lesson, exercise: Exercise, word: str, now: datetime
) -> None:
    """Keep the learner's own word on written answers: yes, partly or no.

    Raises:
        UnknownStep: another word, another kind of exercise, or nothing was written yet.
    """
    if word not in SELF or exercise.type != "words":
        raise UnknownStep(word)
    if not launch.is_learner:
        return
    row = standing(session, launch).answers.get((lesson.id, exercise.number))
    if row is None or not row.answer:
        raise UnknownStep(word)
    row.said = word
    row.answered_at = now


def save_recall(
    session: Session,
    launch: Launch,
    asked: Recall,
    answer: str,
    locale: str,
    now: datetime,
) -> Mark:
    """Keep what a look back showed, once a day, and return it.

    Raises:
        UnknownStep: this is no answer, or the learner was not asked this today.
    """
    texts = library().lesson_texts(asked.lesson.id, locale)
    found = judge(asked.exercise, texts, answer)
    if launch.is_learner:
        if recall(standing(session, launch), now) != asked:
            raise UnknownStep(asked.lesson.id)
        _note_try(session, launch, asked, answer, found, now, asked_on=now.date().isoformat())
    return found


def judge(exercise: Exercise, texts: LessonTexts, answer: str) -> Mark:
    """Say how good an answer is; "" is "Not sure".

    Raises:
        UnknownStep: these letters or words are no answer to this exercise.
    """
    words = texts.exercises[exercise.number - 1]
    if not answer:
        return Mark(None if exercise.type == "words" and not words.accept else 0.0)
    try:
        return mark(exercise, words, answer)
    except ValueError:
        raise UnknownStep(answer[:20]) from None


def note_progress(session: Session, launch: Launch, here: Standing, now: datetime) -> None:
    """Carry the finished lessons to the activity of this launch."""
    count = len(here.finished())
    if count:
        done = count >= goal()
        comment = _("Finished: My learning path") if done else _("On the way")
        advance(session, launch, "path", round(100 * min(count / goal(), 1)), comment, now)


def goal() -> int:
    """Return how many finished lessons complete the activity; never more than there are."""
    return min(GOAL, max(len(library().lessons), 1))


def _finish_if_done(session: Session, launch: Launch, lesson: Lesson, now: datetime) -> None:
    session.flush()
    here = standing(session, launch)
    if here.open_exercise(lesson) is None:
        walk = _own_walk(session, launch, lesson)
        walk.finished_at = walk.finished_at or now
        session.flush()
        note_progress(session, launch, standing(session, launch), now)


def _own_walk(session: Session, launch: Launch, lesson: Lesson) -> LessonWalk:
    """Return the walk of this user; one begun on a joined site goes on here with its own row."""
    key = (launch.tenant_id, launch.user_id, lesson.id)
    own = session.get(LessonWalk, key, with_for_update=True, populate_existing=True)
    if own is not None:
        return own
    other = standing(session, launch).walks.get(lesson.id)
    if other is None:
        raise UnknownStep(lesson.id)
    own = LessonWalk(
        tenant_id=launch.tenant_id,
        user_id=launch.user_id,
        lesson=lesson.id,
        block=other.block,
        chosen_by=other.chosen_by,
        propensity=other.propensity,
        model_version=other.model_version,
        started_at=other.started_at,
        finished_at=other.finished_at,
    )
    session.add(own)
    session.flush()
    return own


def _note_try(
    session: Session,
    launch: Launch,
    asked: Recall,
    answer: str,
    found: Mark,
    now: datetime,
    *,
    asked_on: str,
) -> None:
    _insert(
        session,
        SkillTry,
        id=new_id(),
        tenant_id=launch.tenant_id,
        user_id=launch.user_id,
        lesson=asked.lesson.id,
        exercise=asked.exercise.number,
        skill=asked.exercise.skill,
        asked_on=asked_on,
        answer=answer[:400],
        good=found.good,
        at=now,
    )


def _insert(session: Session, table: type[Base], **values: object) -> bool:
    """Insert a row unless another tab did so at this moment; return whether it is ours."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.flush()
    # Asked back, not counted: PostgreSQL's driver counts -1 for such an insert.
    wrote = insert(table).values(**values).on_conflict_do_nothing().returning(literal(1))
    return session.execute(wrote).first() is not None
