"""Plain words for why an opportunity is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from adaptive.reasons import Reason
from lti_tool.learner.words import INTERESTS
from lti_tool.opportunities.words import language_name, listed

WHERE: Mapping[str, Any] = {
    "near": _l("Near my town"),
    "online": _l("Online"),
    "abroad": _l("Across borders"),
    "everywhere": _l("Everywhere, also far away"),
}

_SAID: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    # Translators: why something may suit, such as "It may fit, because you like to create."
    "interest": lambda values: _(
        "It may fit, because %(because)s.", because=INTERESTS[values["scale"]].because
    ),
    "same_town": lambda _values: _("It is in your town."),
    "near": lambda values: _("It is about %(km)s km from your town.", km=values["km"]),
    "across": lambda values: _(
        "It is across the border, about %(km)s km from your town.", km=values["km"]
    ),
    "online": lambda _values: _("You can do it online."),
    "anywhere": lambda _values: _("You can join in many places."),
    "abroad": lambda _values: _("It brings you to another country."),
    "language": lambda values: _(
        "You understand the language: %(languages)s.",
        languages=listed(map(language_name, values["languages"])),
    ),
    "anybody": lambda _values: _("It is open to everybody."),
    "closes": lambda values: (
        ngettext("Only %(num)s day is left.", "Only %(num)s days are left.", values["days"])
        if values["days"]
        else _("Today is the last day.")
    ),
}


def why(reasons: Iterable[Reason]) -> list[str]:
    """Return one sentence for each reason."""
    return [str(_SAID[reason.code](reason.values)) for reason in reasons]


def in_brief(reasons: Sequence[Reason]) -> str:
    """Return the reasons for a line in a list, where a common language goes without saying."""
    told = [reason for reason in reasons if reason.code != "language"]
    return " ".join(why(told if any(one.code != "closes" for one in told) else reasons))
