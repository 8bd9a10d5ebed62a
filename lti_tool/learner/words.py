"""Plain words for the six interests (Holland's RIASEC)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from adaptive.occupations import Reason


@dataclass(frozen=True, slots=True)
class Interest:
    """An interest as a learner reads it: a short name, and what people who have it like."""

    letter: str
    name: Any
    likes: Any
    because: Any
    """Said as a reason for an occupation."""


INTERESTS: dict[str, Interest] = {
    interest.letter: interest
    for interest in (
        Interest(
            "R",
            _l("Hands-on"),
            _l("You like to build, fix, grow or drive things. You like to see what you made."),
            _l("you like hands-on work"),
        ),
        Interest(
            "I",
            _l("Finding out"),
            _l("You like to watch, ask why, and find out how things work."),
            _l("you like to find things out"),
        ),
        Interest(
            "A",
            _l("Creating"),
            _l("You like to make something new: music, pictures, words, shows."),
            _l("you like to create"),
        ),
        Interest(
            "S",
            _l("Helping people"),
            _l("You like to be with people, listen, teach and care."),
            _l("you like to help people"),
        ),
        Interest(
            "E",
            _l("Leading and selling"),
            _l("You like to start things, decide, sell and win others over."),
            _l("you like to lead and to sell"),
        ),
        Interest(
            "C",
            _l("Keeping order"),
            _l("You like clear tasks, lists and numbers that add up."),
            _l("you like order and clear tasks"),
        ),
    )
}

LITTLE: dict[str, Any] = {
    "R": _l("it has little hands-on work, and you like that less"),
    "I": _l("it has little research in it, and you like that less"),
    "A": _l("it has little art in it, and you like that less"),
    "S": _l("it has little care for people in it, and you like that less"),
    "E": _l("it has little leading or selling in it, and you like that less"),
    "C": _l("it has little office order in it, and you like that less"),
}


def why(reasons: Sequence[Reason]) -> str:
    """Return the two reasons for an occupation as one sentence, what is liked first."""
    first, second = (
        INTERESTS[reason.scale].because if reason.liked else LITTLE[reason.scale]
        for reason in sorted(reasons, key=lambda reason: not reason.liked)
    )
    # Translators: two reasons for a job, such as "you like to create, and you like hands-on work".
    return str(_("%(first)s, and %(second)s.", first=first, second=second))
