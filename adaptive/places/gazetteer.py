"""The list of towns: found by any of their names, shown in the reader's script."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from adaptive.occupations.letters import fold
from adaptive.occupations.tabular import csv_rows

FILE = Path(__file__).resolve().parent.parent / "content" / "places" / "places.csv"
CYRILLIC = {"bg": {"BG"}, "sr": {"RS", "BA"}, "sr_Cyrl": {"RS", "BA"}}
"""Languages that write the towns of these countries in Cyrillic."""

_EARTH_KM = 6371.0
_COLUMNS = ("id", "country", "latitude", "longitude", "people", "name", "cyrillic", "others")
_LANDMARK_KM = 60.0
_SHORTEST_BEGINNING = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A town. `id` is its number at GeoNames, `names` everything that people call it."""

    id: str
    country: str
    latitude: float
    longitude: float
    people: int
    name: str
    cyrillic: str = ""
    others: tuple[str, ...] = ()

    def shown(self, language: str) -> str:
        """Return the name in the script that a reader of a language expects."""
        return self.cyrillic if self.cyrillic and self.country in CYRILLIC.get(language, ()) else (
            self.name
        )  # fmt: skip

    @property
    def names(self) -> tuple[str, ...]:
        """Return every name of the town."""
        return tuple(filter(None, (self.name, self.cyrillic, *self.others)))


def distance_km(one: Place, other: Place) -> float:
    """Return the great-circle distance of two towns in kilometres (haversine formula)."""
    north = math.radians(other.latitude - one.latitude)
    east = math.radians(other.longitude - one.longitude)
    half = math.sin(north / 2) ** 2 + (
        math.cos(math.radians(one.latitude))
        * math.cos(math.radians(other.latitude))
        * math.sin(east / 2) ** 2
    )
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


@dataclass(frozen=True)
class Gazetteer:
    """All towns, the largest of each country first."""

    places: tuple[Place, ...]

    def __len__(self) -> int:
        return len(self.places)

    @cached_property
    def _by_id(self) -> dict[str, Place]:
        return {place.id: place for place in self.places}

    @cached_property
    def _by_name(self) -> tuple[tuple[str, int, bool], ...]:
        """Return (folded name, place, whether it is what the town calls itself)."""
        found: dict[tuple[str, int], bool] = {}
        for number, place in enumerate(self.places):
            for name in place.names:
                key = (fold(name), number)
                found[key] = found.get(key, False) or name in {place.name, place.cyrillic}
        return tuple((name, number, own) for (name, number), own in found.items())

    @cached_property
    def countries(self) -> tuple[str, ...]:
        """Return the countries that have towns here, in alphabetical order."""
        return tuple(sorted({place.country for place in self.places}))

    def get(self, place_id: str | None) -> Place | None:
        """Return the town with an id, None if there is none."""
        return self._by_id.get(place_id or "")

    def _ranked(self, wanted: str) -> dict[int, int]:
        """Return {place: rank}: 0 its own name, 1 another one, 2 and 3 a beginning of these."""
        ranks: dict[int, int] = {}
        for name, number, own in self._by_name:
            whole = name == wanted
            if whole or (len(wanted) >= _SHORTEST_BEGINNING and name.startswith(wanted)):
                rank = (0 if own else 1) if whole else (2 if own else 3)
                ranks[number] = min(rank, ranks.get(number, rank))
        return ranks

    def search(self, words: str, country: str | None = None, limit: int = 8) -> list[Place]:
        """Return towns by what somebody typed, in any script, with or without accents.

        A whole name goes before a beginning, the town's own name before others', a place in
        `country` before one elsewhere, a large one before a small one. Nothing is guessed: a name
        that no town has finds nothing.
        """
        wanted = fold(words)
        ranks = self._ranked(wanted) if wanted else {}

        def order(number: int) -> tuple[int, bool, int, str]:
            place = self.places[number]
            return ranks[number], place.country != country, -place.people, place.id

        return [self.places[number] for number in sorted(ranks, key=order)[:limit]]

    def exact(self, words: str, country: str | None = None) -> Place | None:
        """Return the one town with this name, None if there is none or several equal ones.

        The town's own name counts before a name that others give it, and of namesakes the one in
        `country` is meant, if it is the only one there.
        """
        ranks = self._ranked(fold(words)) if fold(words) else {}
        for rank in (0, 1):
            found = [self.places[number] for number, one in ranks.items() if one == rank]
            here = [place for place in found if place.country == country]
            if len(here) == 1 or (not here and len(found) == 1):
                return (here or found)[0]
            if found:
                return None
        return None

    def landmark(self, place: Place) -> Place | None:
        """Return the largest larger town within 60 km of the same country, to tell namesakes."""
        near = (
            other
            for other in self.places
            if other.country == place.country
            and other.people > place.people
            and distance_km(place, other) <= _LANDMARK_KM
        )
        return max(near, key=lambda other: (other.people, other.id), default=None)


def _read(path: Path) -> Iterator[Place]:
    seen: set[str] = set()
    for row in csv_rows(path, _COLUMNS):
        key = row.text("id")
        if key in seen:
            raise row.bad(f"{key} occurs twice.", "Keep one of the two lines.")
        seen.add(key)
        country = row.text("country")
        if len(country) != len("AT") or not country.isupper():
            raise row.bad(f"“{country}” is no country.", "Write two capital letters, such as HU.")
        yield Place(
            key,
            country,
            row.number("latitude", -90, 90),
            row.number("longitude", -180, 180),
            int(row.number("people", 0, 1e8)),
            row.text("name"),
            row.cells["cyrillic"].strip(),
            tuple(filter(None, (one.strip() for one in row.cells["others"].split("|")))),
        )


def gazetteer_of(places: Iterable[Place]) -> Gazetteer:
    """Put towns into the order that the gazetteer keeps."""
    return Gazetteer(tuple(sorted(places, key=lambda place: (-place.people, place.id))))


@cache
def load_gazetteer() -> Gazetteer:
    """Return the shipped towns; one per process. Raises BadTable on a broken file."""
    return gazetteer_of(_read(FILE))
