"""Plain words for how far a module is, for its first step, and for why a step is shown."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

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
    title = MODULES[choice.module].title
    return standing.step or str(_("Open “%(module)s”.", module=title))


def why(choice: Choice) -> str:
    """Return one or two sentences: why this step."""
    return str(_reason(choice))


def _reason(choice: Choice) -> object:
    match choice.ground:
        case "urgent":
            return _("It should be done today, or somebody waits for you.")
        case "begun":
            return _("You have begun this. Everything is saved.")
        case "need":
            # Translators: what the learner told, as a whole sentence, then why the step is shown.
            return _("%(told)s This can help.", told=told(choice.need))
        case "again":
            return _("You have been through all of it. Go on at your own pace.")
    num = MODULES[choice.module].minutes
    if choice.module == "interests":
        return ngettext(
            "It takes about %(num)s minute. Then you see work that fits you.",
            "It takes about %(num)s minutes. Then you see work that fits you.",
            num,
        )
    if choice.module == "needs":
        return ngettext(
            "It takes about %(num)s minute. Then your next steps fit you better.",
            "It takes about %(num)s minutes. Then your next steps fit you better.",
            num,
        )
    return ngettext(
        "It is the next one on your way. It takes about %(num)s minute.",
        "It is the next one on your way. It takes about %(num)s minutes.",
        num,
    )
