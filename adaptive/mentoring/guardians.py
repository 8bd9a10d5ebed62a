"""From which age somebody says yes alone, by country; the table is data with its sources.

Only a year of birth is kept, so the age is the lower of the two that it can mean.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parents[1] / "content" / "mentoring" / "guardian_ages.csv"
FULL_AGE = 18
"""Where the country is unknown or not in the table."""


class GuardianTableError(ValueError):
    """The table cannot be used; the message names file, line and mend."""


def needs_guardian(
    birth_year: int | None, year: int, country: str | None, raised_to: int | None = None
) -> bool:
    """Return whether a guardian has to say yes as well.

    `raised_to` is an organisation's own age; it counts only where it is the higher one. Without a
    year of birth the answer is yes.
    """
    least = max(age_of(country), raised_to or 0)
    return birth_year is None or year - birth_year - 1 < least


def age_of(country: str | None) -> int:
    """Return the age of a country, as two letters."""
    return load_ages().get((country or "").upper(), FULL_AGE)


@cache
def load_ages(path: Path = TABLE) -> dict[str, int]:
    """Read the table.

    Raises:
        GuardianTableError: a country is not two letters, an age not 13 to 18, a source missing.
    """
    ages = {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != ["country", "age", "source", "checked"]:
            raise GuardianTableError(f"{path.name}:1: write the columns country,age,source,checked")
        for row in reader:
            age = int(row["age"]) if row["age"].isdecimal() else 0
            if not (len(row["country"]) == 2 and 13 <= age <= FULL_AGE and row["source"].strip()):
                raise GuardianTableError(
                    f"{path.name}:{reader.line_num}: write two letters, an age (13 to 18), a source"
                )
            ages[row["country"]] = age
    return ages
