"""Transparent early warning: four signs, points for each, and the reasons in the open.

A rule, not a learned model: there are no training data of these learners, and a mentor must be
able to see why a name is on the list. The signs are those that carry most weight in published
drop-out models on learning platforms (Open University Learning Analytics: Kuzilek, Hlosta &
Zdrahal 2017, Scientific Data 4:170171; Marbouti, Diefes-Dux & Madhavan 2016, Computers &
Education 103). The result goes to a mentor or coordinator, never to the learner as a label.
All moments are days from any fixed start.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

from adaptive.reasons import Reason

CALM, WATCH, ACT = "calm", "watch", "act"
KINDS: tuple[str, ...] = ("seen", "started", "finished", "right", "wrong", "met", "missed")


class EngagementError(ValueError):
    """Events, signals or thresholds that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something a learner did. `kind` is one of KINDS; `about` names the activity, if any.

    seen: opened a page; started and finished: an activity; right and wrong: an answer;
    met and missed: a meeting with the mentor.
    """

    at: float
    kind: str
    about: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise EngagementError(f"unknown event {self.kind!r}; known are {', '.join(KINDS)}")
        if not math.isfinite(self.at):
            raise EngagementError(f"the moment of an event must be a finite number, not {self.at}")


@dataclass(frozen=True, slots=True)
class Signals:
    """One learner at one moment.

    `silent_days` since anything was done; `unfinished_days` since the oldest activity was
    started and not finished (None: nothing is open); `missed_meetings` since one last took
    place; `failing_streak` wrong answers in a row up to now.
    """

    silent_days: float
    unfinished_days: float | None = None
    missed_meetings: int = 0
    failing_streak: int = 0

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise EngagementError(f"{one.name} must be 0 or more, not {value}")


@dataclass(frozen=True, slots=True)
class Sign:
    """When a sign counts: from `start` it gives its first point, at `full` all `points`."""

    start: float
    full: float
    points: float

    def __post_init__(self) -> None:
        if not (0 < self.start <= self.full < math.inf and 0 <= self.points < math.inf):
            raise EngagementError(
                f"a sign needs 0 < start <= full and points of 0 or more, not {self}"
            )

    def earned(self, value: float) -> float:
        """Return the points for a value: 0 below start, half at start, rising to all at full."""
        if value < self.start:
            return 0.0
        span = self.full - self.start
        rise = min((value - self.start) / span, 1.0) if span else 1.0
        return self.points * (0.5 + 0.5 * rise)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A tenant's own settings: the four signs, and from how many points to watch and to act."""

    silent_days: Sign = Sign(2.0, 7.0, 4.0)
    unfinished_days: Sign = Sign(1.0, 5.0, 2.0)
    missed_meetings: Sign = Sign(1.0, 2.0, 3.0)
    failing_streak: Sign = Sign(3.0, 6.0, 2.0)
    watch: float = 2.5
    act: float = 4.0

    def __post_init__(self) -> None:
        if not 0 < self.watch <= self.act < math.inf:
            raise EngagementError(
                f"thresholds need 0 < watch <= act, not {self.watch} and {self.act}"
            )


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """Points, level ("calm", "watch", "act") and the reasons, heaviest first.

    Each reason's code is a sign's name, with `value` and the `points` it gave.
    """

    points: float
    level: str
    reasons: tuple[Reason, ...]


def warn(signals: Signals, thresholds: Thresholds | None = None) -> EarlyWarning:
    """Add up the points of one learner."""
    thresholds = thresholds or Thresholds()
    found = []
    for one in fields(Signals):
        value = getattr(signals, one.name)
        points = getattr(thresholds, one.name).earned(value) if value is not None else 0.0
        if points:
            found.append((points, one.name, value))
    total = sum(points for points, _, _ in found)
    level = ACT if total >= thresholds.act else WATCH if total >= thresholds.watch else CALM
    found.sort(key=lambda reason: -reason[0])
    return EarlyWarning(
        total,
        level,
        tuple(Reason(name, {"value": value, "points": points}) for points, name, value in found),
    )


def signals_at(events: Iterable[Event], joined: float, now: float) -> Signals:
    """Read the signals off a learner's events. Events after `now` are not looked at.

    `joined` starts the silence of somebody who has done nothing yet. A missed meeting is no
    activity of the learner. Raises EngagementError if `joined` lies after `now`.
    """
    if not joined <= now:
        raise EngagementError(f"joined at {joined}, after the moment looked at ({now})")
    last, missed, failing = joined, 0, 0
    open_since: dict[str, float] = {}
    for event in sorted((e for e in events if e.at <= now), key=lambda e: e.at):
        if event.kind != "missed":
            last = max(last, event.at)
        if event.kind == "started":
            open_since.setdefault(event.about, event.at)
        elif event.kind == "finished":
            open_since.pop(event.about, None)
        elif event.kind in ("right", "wrong"):
            failing = failing + 1 if event.kind == "wrong" else 0
        elif event.kind in ("met", "missed"):
            missed = missed + 1 if event.kind == "missed" else 0
    oldest = min(open_since.values(), default=None)
    return Signals(now - last, None if oldest is None else now - oldest, missed, failing)
