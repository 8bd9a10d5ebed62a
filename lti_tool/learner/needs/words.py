"""Plain words for answers, for who may see them, and for what they mean for the next steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from adaptive.situation import codes_of
from lti_tool.learner import MODULES, Module
from lti_tool.learner.needs.operations import questions

AUDIENCES: dict[str, Any] = {
    "teacher": _l("The teachers of my courses"),
    "mentor": _l("My mentor"),
    "coordinator": _l("The coordinators of my organisation"),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one need means: what was told, what follows, and the module that helps, or ""."""

    told: Any
    follows: Any
    module: str = ""


MEANINGS: dict[str, Meaning] = {
    "job": Meaning(
        _l("You hope for a job."),
        _l("See which work fits what you like. Keep the jobs that interest you."),
        "careers",
    ),
    "training": Meaning(
        _l("You hope for a place to train or to learn a trade."),
        _l("Look for courses and training places near you or online."),
        "near",
    ),
    "routine": Meaning(
        _l("You hope for a steadier day."),
        _l("Short lessons help with plans, sleep and small habits."),
        "path",
    ),
    "people": Meaning(
        _l("You hope for more people around you."),
        _l("Look for groups and meetings near you or online."),
        "near",
    ),
    "time": Meaning(
        _l("You have little time."),
        _l("Every lesson is short. One a week is a good start."),
        "path",
    ),
    "care": Meaning(
        _l("You look after somebody every day."),
        _l("Stop when you have to. Everything is saved, and you go on when it suits you."),
    ),
    "transport": Meaning(
        _l("It is hard for you to get around."),
        _l("Tick “online” when you look for offers. Then no bus is needed."),
        "near",
    ),
    "connection": Meaning(
        _l("Your internet is weak."),
        _l("The pages here are small. Each answer is saved at once."),
    ),
    "device": Meaning(
        _l("A good device is missing."),
        _l("A small phone is enough here. Ask a library or a youth centre for a computer."),
    ),
    "money": Meaning(
        _l("Money is a worry for you."),
        _l("Lessons about money and rights at work come earlier for you."),
        "path",
    ),
    "health": Meaning(
        _l("You often do not feel well."),
        _l("Go slowly. Talk about it with a doctor or somebody you trust."),
    ),
    "alone": Meaning(
        _l("You have hardly anybody to ask."),
        _l("A mentor is a grown-up who has time for you."),
        "mentor",
    ),
    "papers": Meaning(
        _l("Papers or certificates are missing."),
        _l("Write down which ones. A school or an office can often make a copy."),
    ),
    "language": Meaning(
        _l("The language around you is hard for you."),
        _l("You can change the language at the end of each page."),
    ),
    "confidence": Meaning(
        _l("You are not so sure of yourself right now."),
        _l("Begin with one very small step. Each step that works makes the next one easier."),
        "path",
    ),
    "tried": Meaning(
        _l("You have applied, and it did not work out."),
        _l("That takes strength. Lessons show you other ways to find and answer job adverts."),
        "path",
    ),
}


def meanings(needs: Iterable[str]) -> list[Meaning]:
    """Return what needs mean, in the order of MEANINGS."""
    told = set(needs)
    return [meaning for need, meaning in MEANINGS.items() if need in told]


def helper(meaning: Meaning) -> Module | None:
    """Return the module that helps, None where there is none."""
    return MODULES.get(meaning.module)


def answer_words(question_id: str, answer: str, locale: str) -> str:
    """Return an answer as people read it."""
    question = questions().all[question_id]
    if question.kind == "text":
        return answer or _("Nothing written")
    words = questions().words(question_id, locale).options
    chosen = [words[code] for code in codes_of(question, answer)]
    return "; ".join(chosen) if chosen else _("Not sure")
