"""A town in place of an address: typed by any of its names, kept to a tenth of a degree."""

from __future__ import annotations

from dataclasses import dataclass

from adaptive.places import Place, load_gazetteer


@dataclass(frozen=True, slots=True)
class Found:
    """What a typed name led to: one town, or several to choose from, or nothing."""

    town: Place | None
    choices: tuple[Place, ...] = ()


def find_town(words: str, chosen: str | None, country: str | None) -> Found:
    """Return the town of a typed name; `chosen` is the id that was picked among several."""
    towns = load_gazetteer()
    choices = tuple(towns.search(words[:80], country))
    picked = towns.get(chosen)
    if picked in choices:
        return Found(picked)
    exact = towns.exact(words[:80], country)
    if exact is None and len(choices) == 1:
        exact = choices[0]
    return Found(exact) if exact else Found(None, choices)


def town_at(latitude: float | None, longitude: float | None, country: str | None) -> Place | None:
    """Return the largest town at a stored place, the country's own first; None without one."""
    if latitude is None or longitude is None:
        return None
    at = [
        place
        for place in load_gazetteer().places
        if abs(place.latitude - latitude) <= _ROUNDED
        and abs(place.longitude - longitude) <= _ROUNDED
    ]
    return min(at, key=lambda place: (place.country != country, -place.people), default=None)


_ROUNDED = 0.0501
