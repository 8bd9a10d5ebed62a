"""Towns to choose from in place of an address: the nearest one is near enough for a match.

Names and coordinates (to a tenth of a degree, about 10 km) are from GeoNames (www.geonames.org),
CC BY 4.0, thinned out so that no two are close neighbours.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parents[1] / "content" / "mentoring" / "towns.csv"


class TownTableError(ValueError):
    """The table cannot be used; the message names file, line and mend."""


@dataclass(frozen=True, slots=True)
class Town:
    """A town by its own name; `country` is two letters."""

    id: str
    country: str
    name: str
    latitude: float
    longitude: float


def find_town(town_id: str) -> Town | None:
    """Return the town of an id, None if there is none."""
    return load_towns().get(town_id)


def nearest_town(latitude: float, longitude: float, country: str | None = None) -> Town:
    """Return the town at or nearest to a stored place, in the country's own first."""
    towns = list(load_towns().values())
    own = [town for town in towns if town.country == country]
    exact = [town for town in own if (town.latitude, town.longitude) == (latitude, longitude)]
    return min(
        exact or towns,
        key=lambda town: (town.latitude - latitude) ** 2 + (town.longitude - longitude) ** 2,
    )


def towns_of(country: str | None) -> dict[str, list[Town]]:
    """Return {country: its towns}: the one country's, or all where it has none here."""
    found: dict[str, list[Town]] = {}
    for town in load_towns().values():
        found.setdefault(town.country, []).append(town)
    return {country: found[country]} if country in found else found


@cache
def load_towns(path: Path = TABLE) -> dict[str, Town]:
    """Read the table.

    Raises:
        TownTableError: a column, an id, a country or a coordinate is not in order.
    """
    towns: dict[str, Town] = {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != ["id", "country", "name", "latitude", "longitude"]:
            raise TownTableError(f"{path.name}:1: write id,country,name,latitude,longitude")
        for row in reader:
            try:
                town = Town(row["id"], row["country"], row["name"], float(row["latitude"]),
                            float(row["longitude"]))  # fmt: skip
            except (TypeError, ValueError):
                raise TownTableError(
                    f"{path.name}:{reader.line_num}: write degrees as in 47.5"
                ) from None
            if town.id in towns or not town.id.startswith(f"{town.country.lower()}-"):
                raise TownTableError(
                    f"{path.name}:{reader.line_num}: write an id that is new, country first"
                )
            towns[town.id] = town
    return towns
