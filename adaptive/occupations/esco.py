"""Read ESCO's official files: occupations, skills, relations, labels and the O*NET crosswalk.

ESCO is the European classification of skills, competences, qualifications and occupations
(https://esco.ec.europa.eu), reused under Commission Decision 2011/833/EU with the source named.
Every reader is lazy: it yields one record after the other and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from adaptive.occupations.tabular import Row, Source, csv_rows, zipped_csv_rows

OCCUPATION = "http://data.europa.eu/esco/occupation/"
SKILL = "http://data.europa.eu/esco/skill/"
ISCO_GROUP = "http://data.europa.eu/esco/isco/C"
LABEL_LANGUAGES = ("bg", "cs", "de", "hr", "hu", "ro", "sk", "sl", "en")

MatchType = Literal["exactMatch", "closeMatch", "narrowMatch", "broadMatch", "exactISCO"]
_MATCH_TYPES: Mapping[str, MatchType] = {
    "exactmatch": "exactMatch",
    "closematch": "closeMatch",
    "narrowmatch": "narrowMatch",
    "broadmatch": "broadMatch",
    "exactisco": "exactISCO",
}


@dataclass(frozen=True, slots=True)
class EscoOccupation:
    """One occupation: `code` such as "2654.1.7", `isco` its four-digit ISCO-08 unit group,
    `line` of the file, for messages."""

    uri: str
    code: str
    isco: str
    label: str
    alternatives: tuple[str, ...]
    description: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class EscoSkill:
    """One skill; `kind` "skill/competence" or "knowledge"; `reuse` how widely it transfers."""

    uri: str
    kind: str
    reuse: str
    label: str
    alternatives: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class OccupationSkill:
    """An occupation needs a skill (`essential`) or may use it (not essential); `line` of the
    file, for messages."""

    occupation: str
    skill: str
    essential: bool
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Broader:
    """`uri` stands below `broader` in a hierarchy."""

    uri: str
    broader: str


@dataclass(frozen=True, slots=True)
class SkillGroup:
    """A node of the skills hierarchy, `level` 0 to 3."""

    uri: str
    level: int
    label: str


@dataclass(frozen=True, slots=True)
class ConceptLabels:
    """Labels of an occupation or ISCO group: language -> preferred label, then alternatives."""

    uri: str
    labels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """One ISCO-08 unit group with its official titles: language -> title."""

    code: str
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CrosswalkRow:
    """One line of the ESCO-O*NET crosswalk: O*NET-SOC 2019 code and ESCO or ISCO URI."""

    onet: str
    uri: str
    match: MatchType


def _alternatives(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in cell.splitlines() if part.strip()))


def _uri(row: Row, column: str, prefix: str) -> str:
    value = row.text(column)
    if not value.startswith(prefix):
        raise row.bad(f"“{value}” in “{column}” is no ESCO address.", f"It starts with {prefix}")
    return value


def _isco(row: Row, column: str) -> str:
    value = row.text(column)
    if not (len(value) == 4 and value.isdigit()):
        raise row.bad(
            f"“{value}” in “{column}” is no ISCO-08 unit group.",
            "It has four digits; a spreadsheet may have dropped the leading zero.",
        )
    return value


def read_occupations(source: Source) -> Iterator[EscoOccupation]:
    """Read occupations_en.csv from ESCO's CSV download (zip)."""
    columns = ("conceptUri", "iscoGroup", "preferredLabel", "altLabels", "description", "code")
    for row in zipped_csv_rows(source, "occupations_en.csv", columns):
        yield EscoOccupation(
            uri=_uri(row, "conceptUri", OCCUPATION),
            code=row.text("code"),
            isco=_isco(row, "iscoGroup"),
            label=row.text("preferredLabel"),
            alternatives=_alternatives(row.cells["altLabels"]),
            description=row.cells["description"].strip(),
            line=row.line,
        )


def read_skills(source: Source) -> Iterator[EscoSkill]:
    """Read skills_en.csv from ESCO's CSV download (zip)."""
    columns = (
        "conceptUri",
        "skillType",
        "reuseLevel",
        "preferredLabel",
        "altLabels",
        "description",
    )
    for row in zipped_csv_rows(source, "skills_en.csv", columns):
        yield EscoSkill(
            uri=_uri(row, "conceptUri", SKILL),
            kind=row.cells["skillType"].strip(),
            reuse=row.cells["reuseLevel"].strip(),
            label=row.text("preferredLabel"),
            alternatives=_alternatives(row.cells["altLabels"]),
            description=row.cells["description"].strip(),
        )


def read_occupation_skills(source: Source) -> Iterator[OccupationSkill]:
    """Read occupationSkillRelations.csv from ESCO's relations download (zip)."""
    columns = ("occupationUri", "relationType", "skillUri")
    for row in zipped_csv_rows(source, "occupationSkillRelations.csv", columns):
        relation = row.text("relationType")
        if relation not in ("essential", "optional"):
            raise row.bad(f"“{relation}” is no relation.", "Use “essential” or “optional”.")
        yield OccupationSkill(
            occupation=_uri(row, "occupationUri", OCCUPATION),
            skill=_uri(row, "skillUri", SKILL),
            essential=relation == "essential",
            line=row.line,
        )


def read_broader_skills(source: Source) -> Iterator[Broader]:
    """Read broaderRelationsSkillPillar.csv from ESCO's relations download (zip)."""
    columns = ("conceptUri", "broaderUri")
    for row in zipped_csv_rows(source, "broaderRelationsSkillPillar.csv", columns):
        yield Broader(row.text("conceptUri"), row.text("broaderUri"))


def read_broader_occupations(source: Source) -> Iterator[Broader]:
    """Read broaderRelationsOccPillar.csv (zip): ISCO groups and occupations below each other."""
    for row in zipped_csv_rows(
        source, "broaderRelationsOccPillar.csv", ("conceptUri", "broaderUri")
    ):
        yield Broader(row.text("conceptUri"), row.text("broaderUri"))


def read_skill_groups(source: Source) -> Iterator[SkillGroup]:
    """Read skillsHierarchy_en.csv (zip); each group once, at its own level."""
    columns = tuple(f"Level {n} {what}" for n in range(4) for what in ("URI", "preferred term"))
    seen: set[str] = set()
    for row in zipped_csv_rows(source, "skillsHierarchy_en.csv", columns, short_lines=True):
        for level in range(4):
            uri = row.cells[f"Level {level} URI"].strip()
            if uri and uri not in seen:
                seen.add(uri)
                yield SkillGroup(uri, level, row.text(f"Level {level} preferred term"))


def read_labels(source: Source) -> Iterator[ConceptLabels]:
    """Read the labels table: columns `uri`, then `xx` and `xx_alt` ("|" between) per language."""
    columns = ("uri", *(name for code in LABEL_LANGUAGES for name in (code, f"{code}_alt")))
    for row in csv_rows(source, columns):
        labels: dict[str, tuple[str, ...]] = {}
        for code in LABEL_LANGUAGES:
            words = (row.cells[code], *row.cells[f"{code}_alt"].split("|"))
            kept = tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
            if kept:
                labels[code] = kept
        yield ConceptLabels(_uri(row, "uri", "http://data.europa.eu/esco/"), labels)


def read_unit_groups(source: Source, languages: tuple[str, ...]) -> Iterator[UnitGroup]:
    """Read the ISCO-08 unit groups table with one title column per language."""
    for row in csv_rows(source, ("isco08", *languages)):
        titles = {code: " ".join(row.text(code).split()) for code in languages}
        yield UnitGroup(_isco(row, "isco08"), titles)


def read_crosswalk(source: Source) -> Iterator[CrosswalkRow]:
    """Read the official ESCO-O*NET crosswalk (September 2022); its preamble is skipped."""
    columns = ("O*NET Id", "ESCO or ISCO URI", "Type of Match")
    for row in csv_rows(source, columns, header_cell="O*NET Id"):
        raw = row.text("Type of Match")
        match = _MATCH_TYPES.get(raw.replace(" ", "").lower())
        if match is None:
            raise row.bad(f"“{raw}” is no type of match.", f"Use one of {', '.join(_MATCH_TYPES)}.")
        uri = _uri(row, "ESCO or ISCO URI", "http://data.europa.eu/esco/")
        yield CrosswalkRow(row.text("O*NET Id"), uri, match)
