"""What a teacher reads about a grade that is late or stuck, and what they can do."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from lti_tool.outbox.settle import Reason

TEXTS: dict[str, LazyString] = {
    Reason.REFUSED: _l(
        "Your course did not take this grade. Most often the person is no longer a student of the "
        "course. Enrol them again, then press “Send again”."
    ),
    Reason.NO_COLUMN: _l(
        "Your gradebook has no column for this activity. If you want grades, edit the activity "
        "and allow grades, then open it once. If you do not, there is nothing to do."
    ),
    Reason.UNAUTHORISED: _l(
        "Your learning site does not let us send grades. Ask the person who looks after the site "
        "whether this tool is still switched on and may send grades."
    ),
    Reason.BUSY: _l(
        "Your learning site is busy or being looked after. We send the grade when it is back."
    ),
    Reason.NO_ANSWER: _l(
        "Your learning site does not answer as it should. We send the grade when it is well again. "
        "If other grades arrive, see whether this column or this grade is locked."
    ),
    Reason.CONFLICT_UNCLEAR: _l(
        "Your gradebook says that it has a newer grade, but does not show it to us. Look it up in "
        "the gradebook. If ours should count, press the button."
    ),
    Reason.GRADE_REMOVED: _l(
        "Somebody emptied this grade in the gradebook. If ours should count, press “Send again”."
    ),
    Reason.NEWER_GRADE: _l(
        "The gradebook has a newer grade that was not ours, so we left it as it is."
    ),
    Reason.BROKEN: _l(
        "Something went wrong on our side. Press “Send again” tomorrow. If that does not help, "
        "tell the person who runs this tool."
    ),
}


def explain(code: str | None) -> LazyString | None:
    """Return what to tell a teacher about a reason's code, None where there is nothing to tell."""
    return TEXTS.get(code or "")
