"""What the pages of a pair say, to both of it alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import flask_babel
from babel.lists import format_list
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.mentoring.words import FIELDS, HELP, language_name, slot_name

MEETING_STATES = {
    "proposed": _l("Waiting for an answer"),
    "confirmed": _l("Planned"),
    "declined": _l("The times did not fit"),
    "cancelled": _l("Called off"),
    "happened": _l("Took place"),
    "missed": _l("Did not take place"),
}

MESSAGE_STATES = {
    "held": _l("The coordinator looks at this message first. It has not arrived yet."),
    "blocked": _l("The coordinator did not pass this message on. You can ask them why."),
}

AGAIN = {
    "mentee": {
        "yes": _l("Yes, please find me a new mentor"),
        "later": _l("Maybe later"),
        "no": _l("No, I stop with mentoring"),
    },
    "mentor": {
        "yes": _l("Yes, I would like a new mentee"),
        "later": _l("Maybe later"),
        "no": _l("No"),
    },
}

AFTER = {
    "none": _l("You two do not write here any more. The coordinator can help."),
    "through": _l("You both want to stay in touch. The coordinator helps you with that."),
}
"""The rule for contact after the end."""


def reason_words(reasons: Iterable[Mapping[str, Any]], *, mentee: bool) -> list[str]:
    """Return why the two could fit, as sentences; what is private to one of them is left out."""
    found = []
    for reason in reasons:
        values = reason.get("values", {})
        match reason["code"]:
            case "language":
                names = joined(language_name(code) for code in values["languages"])
                found.append(_("You both speak: %(languages)s.", languages=names))
            case "times":
                times = joined(slot_name(slot) for slot in values["slots"][:4])
                found.append(_("You both have time: %(times)s.", times=times))
            case "in_writing":
                found.append(_("You both like to write."))
            case "near":
                found.append(_("You can meet face to face."))
            case "online":
                found.append(_("You can meet online."))
            case "fields":
                names = joined(str(FIELDS[code]) for code in values["fields"])
                found.append(_("You share an interest in this work: %(fields)s.", fields=names))
            case "help":
                names = joined(str(HELP[code]) for code in values["help"])
                found.append(_("The help fits: %(help)s.", help=names))
            case "wish" if mentee:
                found.append(_("It was a wish of yours."))
    return found


def joined(words: Iterable[str]) -> str:
    """Return words as a list of the page's language."""
    return format_list(list(words), style="standard", locale=flask_babel.get_locale() or "en")


EMERGENCY = {"RS": ("192", "194"), "BA": ("122", "124")}
"""Police and ambulance where 112 does not reach both; everywhere else 112."""


def emergency_numbers(country: str | None) -> str:
    """Return what to call when somebody is in danger at this moment."""
    return joined(EMERGENCY.get(country or "", ("112",)))
