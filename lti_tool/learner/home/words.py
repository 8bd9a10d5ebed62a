"""Plain words for how far a module is, for its first step, and for why a step is shown."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.learner import MODULES
from lti_tool.learner.home.choosing import Choice
from lti_tool.learner.situation import told
from lti_tool.learner.standing import Standing

STATES: dict[str, Any] = {
    "new": _l("Not started"),
    "started": _l("Started"),
    "done": _l("Done"),
}


def step_words(choice: Choice, standing: Standing) -> str:
    """Return the step: the module's own words, or its title where it says nothing."""
    if standing.step:
        return standing.step
    return _("Open “%(module)s”.", module=MODULES[choice.module].title)


def why(choice: Choice) -> str:
    """Return one or two sentences: why this step."""
    match choice.ground:
        case "urgent":
            return _("It should be done today, or somebody waits for you.")
        case "begun":
            return _("You have begun this. Everything is saved.")
        case "need":
            return _("%(told)s This can help.", told=told(choice.need))
        case "again":
            return _("You have been through all of it. Go on at your own pace.")
    minutes = MODULES[choice.module].minutes
    if choice.module == "interests":
        return _("It takes about %(minutes)s minutes. Then you see work that fits you.",
                 minutes=minutes)  # fmt: skip
    if choice.module == "needs":
        return _("It takes about %(minutes)s minutes. Then your next steps fit you better.",
                 minutes=minutes)  # fmt: skip
    return _("It is the next one on your way. It takes about %(minutes)s minutes.", minutes=minutes)
