"""Plain words for answers and for how sure we are."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from adaptive.interests import Profile

# Value, the mouth of its face as an SVG path, words. Drawn, because not every phone has the emoji.
ANSWERS: tuple[tuple[str, str, Any], ...] = (
    ("5", "M7 13c1 5 9 5 10 0z", _l("I would like it a lot")),
    ("4", "M8 14c2 3 6 3 8 0", _l("I would like it")),
    ("3", "M8 15h8", _l("In between")),
    ("2", "M8 16c2-2.5 6-2.5 8 0", _l("I would not like it much")),
    ("1", "M7 17c1-4.5 9-4.5 10 0", _l("I would not like it at all")),
)


def band(profile: Profile, letter: str) -> Any:  # noqa: ANN401 - a lazy translation
    """Say in words how likely an interest is among the three strongest."""
    chance = profile.p_top3[letter]
    if chance >= 0.8:
        return _l("one of your strongest, quite sure")
    if chance >= 0.5:
        return _l("probably one of your strongest")
    if chance >= 0.2:
        return _l("maybe one of your strongest")
    return _l("less your thing right now")


def certainty(profile: Profile) -> Any:  # noqa: ANN401 - a lazy translation
    """Say in words how sure the three named interests are."""
    if profile.p_top3_set >= 0.8:
        return _l("We are quite sure about these three.")
    if profile.p_top3_set >= 0.5:
        return _l("We are fairly sure about these three. One of them could be another.")
    return _l("We are not sure yet. Take these three as a first idea.")
