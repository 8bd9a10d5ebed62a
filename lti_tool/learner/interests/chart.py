"""The profile as a picture: geometry only, the template draws it."""

from __future__ import annotations

from dataclasses import dataclass

from adaptive.interests import Profile

WIDTH = 320
ROW = 46
BAR = 14


@dataclass(frozen=True, slots=True)
class Bar:
    """One interest's bar in user units; `low` and `high` bound where the value probably lies."""

    letter: str
    y: int
    length: float
    low: float
    high: float
    percent: int


def bars(profile: Profile) -> list[Bar]:
    """Return the six bars, strongest first; the whisker is one standard deviation either way."""
    unit = WIDTH / 100
    spread = {letter: sd / 32 * 100 for letter, sd in profile.sd.items()}
    ordered = sorted(profile.percent.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        Bar(
            letter,
            place * ROW + 22,
            round(max(percent, 1) * unit, 1),
            round(max(percent - spread[letter], 0) * unit, 1),
            round(min(percent + spread[letter], 100) * unit, 1),
            round(percent),
        )
        for place, (letter, percent) in enumerate(ordered)
    ]
