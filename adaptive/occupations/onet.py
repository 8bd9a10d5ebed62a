"""Read O*NET's official workbooks: interests and job zones.

O*NET 29.3 Database by the U.S. Department of Labor, Employment and Training Administration,
used under CC BY 4.0 (https://www.onetcenter.org/database.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from adaptive.occupations.tabular import BadTable, Source, name_of, xlsx_rows

INTERESTS = ("Realistic", "Investigative", "Artistic", "Social", "Enterprising", "Conventional")


@dataclass(frozen=True, slots=True)
class OnetInterests:
    """Occupational interests of one O*NET-SOC 2019 occupation: R I A S E C, each 1 to 7.

    `line` is where it begins in the workbook, for messages.
    """

    code: str
    title: str
    scores: tuple[float, ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class OnetJobZone:
    """Preparation needed: 1 little or none … 5 extensive."""

    code: str
    zone: int
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class OnetOccupation:
    """Code, title and description of one O*NET-SOC 2019 occupation."""

    code: str
    title: str
    description: str


def read_interests(source: Source) -> Iterator[OnetInterests]:
    """Read Interests.xlsx, scale OI. Raises `BadTable` when an occupation lacks one of the six."""
    columns = ("O*NET-SOC Code", "Title", "Element Name", "Scale ID", "Data Value")
    found: dict[str, tuple[str, int, dict[str, float]]] = {}
    for row in xlsx_rows(source, columns):
        if row.text("Scale ID") != "OI":
            continue
        element = row.text("Element Name")
        if element not in INTERESTS:
            raise row.bad(f"“{element}” is no RIASEC interest.", "Use the official file.")
        code = row.text("O*NET-SOC Code")
        _, _, scores = found.setdefault(code, (row.text("Title"), row.line, {}))
        scores[element] = row.number("Data Value", 1, 7)
    for code, (title, line, scores) in found.items():
        missing = [name for name in INTERESTS if name not in scores]
        if missing:
            raise BadTable(
                name_of(source),
                line,
                f"{code} has no value for {missing[0]}.",
                "Use the official file unchanged.",
            )
        yield OnetInterests(code, title, tuple(scores[name] for name in INTERESTS), line)


def read_job_zones(source: Source) -> Iterator[OnetJobZone]:
    """Read Job Zones.xlsx."""
    for row in xlsx_rows(source, ("O*NET-SOC Code", "Job Zone")):
        zone = row.number("Job Zone", 1, 5)
        yield OnetJobZone(row.text("O*NET-SOC Code"), round(zone), row.line)


def read_onet_occupations(source: Source) -> Iterator[OnetOccupation]:
    """Read Occupation Data.xlsx."""
    for row in xlsx_rows(source, ("O*NET-SOC Code", "Title", "Description")):
        yield OnetOccupation(row.text("O*NET-SOC Code"), row.text("Title"), row.text("Description"))
