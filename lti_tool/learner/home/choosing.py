"""Which one small step to show: of all modules, by what is begun, what was told, and the order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from lti_tool.learner.standing import Standing

FIRST = ("interests", "needs")
"""Every other step gets better by these, so they come before what is new."""
SHORT = ("interests", "needs", "digital")
"""A few questions each: what is begun here is finished first."""
WAITS = "mentor"
"""Once begun, other people have the next word; what they wait for is urgent, the rest is not."""
HELPS: Mapping[str, tuple[str, ...]] = {
    "digital": ("device", "connection"),
    "careers": ("job",),
    "path": ("tried", "confidence", "routine", "money"),
    "mentor": ("alone",),
    "near": ("training", "people", "transport"),
}
"""Module -> the needs that it helps with most, the strongest first."""

Ground = Literal["urgent", "begun", "need", "order", "again"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A module to go on with, and why. need: what was told, for the ground "need"."""

    module: str
    ground: Ground
    need: str = ""


def choose(standings: Mapping[str, Standing], needs: Collection[str]) -> Choice | None:
    """Return the step to show; None when there is no module, or nothing is left in any.

    Urgent things come first, then what is begun and short, what everything builds on, what helps
    with a need, what is begun, and the rest in its order. After all of it: any step that a module
    still has.
    """
    best: tuple[int, Choice] | None = None
    for module, standing in standings.items():
        ranked = _rank(module, standing, needs)
        if ranked and (best is None or ranked[0] < best[0]):
            best = ranked
    return best[1] if best else None


def _rank(module: str, standing: Standing, needs: Collection[str]) -> tuple[int, Choice] | None:
    begun = standing.state == "started"
    told = next((need for need in HELPS.get(module, ()) if need in needs), "")
    if standing.urgent and standing.step:
        return 0, Choice(module, "urgent")
    if standing.state == "done":
        # Answers that were looked at once need no step; a path or a plan goes on.
        goes_on = standing.step and module not in FIRST
        return (9, Choice(module, "again")) if goes_on else None
    if begun and module in SHORT:
        return 1, Choice(module, "begun")
    if module in FIRST:
        return 2, Choice(module, "order")
    if begun and module == WAITS:
        return 8, Choice(module, "begun")
    if told:
        return (4 if begun else 3), Choice(module, "need", told)
    return (5, Choice(module, "begun")) if begun else (6, Choice(module, "order"))
