"""Plain words for who helps, for what a plan may begin with, and for the message of the site."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.learner.plan.models import LONGEST_HELPER, LONGEST_TITLE, LONGEST_WORDS

HELPERS: dict[str, Any] = {
    "mentor": _l("my mentor"),
    "teacher": _l("my teacher"),
    "friend": _l("a friend"),
    "family": _l("somebody of my family"),
    "office": _l("the job office"),
    "youth": _l("a youth worker"),
}

NOTICE = _l("A step of your plan is for today. Open “My plan” in your course.")
"""The only text that leaves the tool for a reminder; it never says which step."""

GOALS: dict[str, Any] = {
    "work_type": _l("Find out which work suits me"),
    "job": _l("Find a job"),
    "training": _l("Find a place to train or to learn a trade"),
    "cv": _l("Have a good CV"),
    "try_work": _l("Try out work for some days"),
    "routine": _l("Have a steady day"),
    "people": _l("Meet more people"),
    "time": _l("Have a fixed time each week for myself"),
    "care": _l("Find somebody who shares the care with me"),
    "transport": _l("Find a way to get to work or to a course"),
    "connection": _l("Find a place with good internet"),
    "device": _l("Find a device that I can use"),
    "money": _l("Know what I get and what I spend"),
    "health": _l("Talk to somebody about how I feel"),
    "alone": _l("Have somebody whom I can ask"),
    "papers": _l("Have all my papers together"),
    "language": _l("Speak the language here better"),
    "confidence": _l("Dare to do one new thing"),
    "tried": _l("Apply in a new way"),
    "digital": _l("Get surer with phone and computer"),
}
"""Goals to choose from: some for everybody, the others for what a learner said elsewhere."""
USUAL = ("work_type", "job", "training", "cv", "try_work")

STEPS: dict[str, tuple[Any, ...]] = {
    "work_type": (
        _l("Do “What do I like doing?”"),
        _l("Read about three jobs"),
        _l("Ask somebody how they found their work"),
    ),
    "job": (
        _l("Look at five job adverts"),
        _l("Tell three people that I look for work"),
        _l("Ask in one shop or firm near me"),
    ),
    "training": (
        _l("Look for courses near me or online"),
        _l("Write down what I can do already"),
        _l("Call one school and ask how to start"),
    ),
    "cv": (
        _l("Write down what I did so far, with years"),
        _l("Write the first half of my CV"),
        _l("Ask somebody to read my CV"),
    ),
    "try_work": (
        _l("Choose two firms that interest me"),
        _l("Ask one firm if I may come for some days"),
    ),
    "routine": (
        _l("Get up at the same time for three days"),
        _l("Write a plan for tomorrow"),
    ),
    "people": (
        _l("Find one group or club near me"),
        _l("Write to somebody whom I have not seen for long"),
    ),
    "time": (_l("Choose one hour in the week that is mine"),),
    "care": (_l("Ask one person if they can help for two hours"),),
    "transport": (
        _l("Look up the buses and trains"),
        _l("Ask who drives the same way"),
    ),
    "connection": (_l("Ask in the library or the youth centre for internet"),),
    "device": (_l("Ask where I can use a computer"),),
    "money": (_l("Write down for one week what I spend"),),
    "health": (_l("Make an appointment with a doctor"),),
    "alone": (_l("Ask for a mentor"), _l("Name one person whom I trust")),
    "papers": (
        _l("Write down which papers are missing"),
        _l("Ask the school or the office for a copy"),
    ),
    "language": (
        _l("Talk for ten minutes with somebody in this language"),
        _l("Find a free course"),
    ),
    "confidence": (_l("Write down three things that I did well"),),
    "tried": (
        _l("Ask why it did not work out"),
        _l("Change one thing in my application"),
    ),
    "digital": (_l("Do “My digital skills”"), _l("Try one small thing with my phone")),
    "kept_job": (
        _l("Read what a day in this job is like"),
        _l("Talk to somebody who does this work"),
        _l("Find out how to learn this job"),
    ),
    "skill": (
        _l("Find out where I can learn this"),
        _l("Ask somebody to show me how it is done"),
    ),
}
"""Small first steps by the kind of goal."""
ANY_STEPS: tuple[Any, ...] = (
    _l("Write down what I know about it already"),
    _l("Ask one person about it"),
    _l("Look it up for ten minutes"),
)

CHEERS: tuple[Any, ...] = (
    _l("Well done!"),
    _l("You did it!"),
    _l("One step further. Great!"),
)

PROBLEMS: dict[str, Any] = {
    "empty": _l("Write a few words first."),
    "helper": _l("Choose from the list, or write who helps."),
    "goal": _l("Choose one of your goals."),
    "missing": _l("Choose a day, or tap “No day yet”."),
    "unclear": _l("We could not read this day. Write it like this: 24.12.2027."),
    "over": _l("This day is over. Choose today or a later day."),
    "far": _l("This day is very far away. Choose a day in the next three years."),
}


def problem_words(code: str, *, goal: bool = False) -> str:
    """Say what to mend in a form."""
    if code == "long":
        return str(_(
            "This is too long. Use up to %(count)s letters.",
            count=LONGEST_TITLE if goal else LONGEST_WORDS,
        ))  # fmt: skip
    if code == "long_helper":
        return str(_("This is too long. Use up to %(count)s letters.", count=LONGEST_HELPER))
    return str(PROBLEMS[code])


def helper_name(code: str, words: str) -> str:
    """Say who helps, "" for nobody."""
    return words or str(HELPERS.get(code, ""))
