"""What the forms of a plan sent, kept as it was typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from lti_tool.learner.plan.days import QUICK, chosen_day
from lti_tool.learner.plan.models import LONGEST_WORDS
from lti_tool.learner.plan.operations import Said, Step

_MOST_TYPED = 2000
"""Letters of a field that a page shows again; longer ones come from no field of ours."""


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step as its form shows it. idea: a suggestion that is ticked. version: as it was read."""

    words: str = ""
    idea: str = ""
    when: str = "next_week"
    day: str = ""
    helper: str = ""
    helper_words: str = ""
    goal_id: str = ""
    version: int = 0
    problem: str = ""
    """A code of words.problem_words, "" while there is none."""
    stored: str = ""
    """What is saved, where it was changed somewhere else."""

    def said(self, today: date, before: date | None = None) -> Said:
        """Return what the form says; own words come before a suggestion.

        Raises:
            NotADay: as days.chosen_day.
        """
        words = self.words if self.words.strip() else self.idea
        day = chosen_day(self.when, self.day, today, before)
        return Said(words, day, self.helper, self.helper_words)


def empty(goal_id: str) -> StepForm:
    """Return the form of a new step."""
    return StepForm(goal_id=goal_id)


def filled(step: Step) -> StepForm:
    """Return the form of a step as it is."""
    return StepForm(
        words=step.words,
        when="day" if step.due else "none",
        day=step.due.isoformat() if step.due else "",
        helper=step.helper,
        helper_words=step.helper_words,
        goal_id=step.goal_id,
        version=step.version,
    )


def sent(form: MultiDict[str, str], goal_id: str) -> StepForm:
    """Return the form as it was sent; what is no choice of ours counts as not chosen."""
    when = form.get("when", "")
    return StepForm(
        words=form.get("words", "")[:_MOST_TYPED],
        idea=form.get("idea", "")[:LONGEST_WORDS],
        when=when if when in QUICK else "",
        day=form.get("day", "")[:40],
        helper=form.get("helper", "")[:40],
        helper_words=form.get("helper_words", "")[:_MOST_TYPED],
        goal_id=form.get("goal", goal_id)[:40],
        version=read_version(form),
    )


def read_version(form: MultiDict[str, str]) -> int:
    """Return the version that a form was opened with, 0 for none."""
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
