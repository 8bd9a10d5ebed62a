"""What the early warning says, to whoever looks after learners."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

SIGN_NAMES = {
    "silent_days": _l("Days without a visit"),
    "unfinished_days": _l("Days since something was begun and not finished"),
    "missed_meetings": _l("Missed meetings in a row"),
    "failing_streak": _l("Exercises in a row that did not work out"),
}


def reason_words(code: str, value: float) -> str:
    """Return one reason of the early warning, with its number."""
    num = int(value)
    match code:
        case "silent_days":
            return str(ngettext("No visit for %(num)s day.", "No visit for %(num)s days.", num))
        case "unfinished_days":
            return str(
                ngettext(
                    "Something was begun %(num)s day ago and is not finished.",
                    "Something was begun %(num)s days ago and is not finished.",
                    num,
                )
            )
        case "missed_meetings":
            return str(
                ngettext(
                    "%(num)s meeting with the mentor did not take place.",
                    "%(num)s meetings in a row with the mentor did not take place.",
                    num,
                )
            )
        case _:
            return str(
                ngettext(
                    "%(num)s exercise did not work out.",
                    "%(num)s exercises in a row did not work out.",
                    num,
                )
            )
