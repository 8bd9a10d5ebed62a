"""Plain words for why a lesson is offered."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.learner.path.choosing import Suggestion
from lti_tool.learner.path.standing import library

NEEDS: dict[str, Any] = {
    "time": _l("You said that you have little time."),
    "care": _l("You said that you care for somebody."),
    "transport": _l("You said that it is hard to get around."),
    "connection": _l("You said that your internet is weak."),
    "device": _l("You said that a good device is missing."),
    "money": _l("You said that money is a worry."),
    "health": _l("You said that you do not feel well."),
    "alone": _l("You said that you have hardly anybody to ask."),
    "confidence": _l("You said that you do not trust yourself enough yet."),
    "tried": _l("You said that you have tried a lot already."),
    "papers": _l("You said that papers are missing."),
    "language": _l("You said that the language is a hurdle."),
    "job": _l("You said that you hope for a job."),
    "training": _l("You said that you hope for a training place."),
    "routine": _l("You said that you wish for a steadier day."),
    "people": _l("You said that you wish for more people around you."),
}

LEVELS: dict[str, Any] = {
    "right_level": _l("It should be neither too easy nor too hard for you."),
    "challenge": _l("It is a bit of a challenge. You can do it in small steps."),
    "quick_win": _l("It should be easy for you."),
    "review": _l("You know this already. Going over it keeps it fresh."),
}


def why(offer: Suggestion, locale: str) -> str:
    """Return one or two sentences: why this lesson, and how hard it is."""
    return f"{_ground(offer, locale)} {LEVELS.get(offer.level, LEVELS['right_level'])}"


def _ground(offer: Suggestion, locale: str) -> str:
    hurdles = [need for need in offer.needs if need not in {"job", "training"}]
    if offer.low_digital:
        words = _("Your digital check says that this can help you most.")
    elif hurdles or offer.needs:
        # Translators: what the learner told, as a whole sentence, then why the lesson is offered.
        told = NEEDS[(hurdles or list(offer.needs))[0]]
        words = _("%(told)s This lesson can help.", told=told)
    elif offer.built_on:
        skill = library().skill_name(offer.built_on[0], locale)
        # Translators: a skill, such as "write a clear e-mail".
        words = _("It builds on what you have learned: %(skill)s.", skill=skill)
    elif offer.first:
        words = _("It is a good place to start: you need to know nothing before it.")
    else:
        words = _("It is new for you.")
    return str(words)
