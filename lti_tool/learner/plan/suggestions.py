"""Goals and steps to choose from: from jobs that are kept, what they ask for, and what is hard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import flask_babel
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.learner.digital_levels import current_levels
from lti_tool.learner.favourites import kept_jobs, skills_to_learn
from lti_tool.learner.mastery import next_lesson
from lti_tool.learner.plan.models import LONGEST_TITLE, LONGEST_WORDS
from lti_tool.learner.plan.operations import GoalView, Plan
from lti_tool.learner.plan.words import ANY_STEPS, GOALS, STEPS, USUAL
from lti_tool.learner.situation import current_situation, told
from lti_tool.lti.sessions import Launch

MOST_SHOWN = 9
MOST_JOBS, MOST_SKILLS = 3, 2
LOW_LEVEL = 2
"""Up to this DigComp level, of 8, an area is worth a goal."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A goal to take. code: its name in a form. why: a sentence, "" where nothing was said."""

    code: str
    title: str
    why: str = ""


def goals_to_take(session: Session, launch: Launch, plan: Plan) -> list[Suggestion]:
    """Return goals that may suit, what the learner said first, without those in the plan."""
    taken = {goal.source for goal in plan.goals}
    found: dict[str, Suggestion] = {}
    for one in _all(session, launch):
        if one.code not in taken and len(one.title) <= LONGEST_TITLE:
            found.setdefault(one.code, one)
    return list(found.values())[:MOST_SHOWN]


def steps_to_take(session: Session, launch: Launch, goal: GoalView) -> list[str]:
    """Return small steps for a goal, without those that it has."""
    kind, _colon, rest = goal.source.partition(":")
    known = {"job": "kept_job"}.get(kind, kind) if rest else kind
    words = [str(one) for one in STEPS.get(known, ANY_STEPS)]
    lesson = next_lesson(session, launch)
    if lesson is not None:
        words.append(_("Do the lesson “%(lesson)s”", lesson=lesson.title))
    has = {step.words for step in goal.steps}
    return [one for one in words if one not in has and len(one) <= LONGEST_WORDS]


def _all(session: Session, launch: Launch) -> Iterator[Suggestion]:
    language = str(flask_babel.get_locale())
    for job in kept_jobs(session, launch)[:MOST_JOBS]:
        title = _("Get closer to this job: %(job)s", job=job.title(language))
        yield Suggestion(f"job:{job.id}", title, _("You keep this job."))
    for skill in skills_to_learn(session, launch)[:MOST_SKILLS]:
        title = _("Learn this: %(skill)s", skill=skill.words)
        yield Suggestion(
            f"skill:{skill.id}", title, _("A job that you keep asks for it: %(job)s.",
                                               job=skill.job.title(language))
        )  # fmt: skip
    situation = current_situation(session, launch)
    for need in GOALS if situation else ():
        if situation and need in situation.barriers | situation.hopes:
            yield Suggestion(need, str(GOALS[need]), told(need))
    if any(level <= LOW_LEVEL for level in current_levels(session, launch).values()):
        why = _("You said that some things are new to you there.")
        yield Suggestion("digital", str(GOALS["digital"]), why)
    for code in USUAL:
        yield Suggestion(code, str(GOALS[code]))
