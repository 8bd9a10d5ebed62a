"""Read the official files and say what the tables shall hold; nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from adaptive.occupations import BadTable, Entry, skill_groups
from adaptive.occupations import esco as esco_files
from adaptive.occupations.derive import Vector, by_esco
from adaptive.occupations.esco import ISCO_GROUP, OCCUPATION, SKILL, CrosswalkRow
from adaptive.occupations.model import SCALES
from adaptive.occupations.nesta import read_conditions
from adaptive.occupations.onet import read_interests, read_job_zones, read_onet_occupations
from adaptive.occupations.tabular import Source, name_of

Tick = Callable[[str], None]
"""Hears which file is being read."""

ONET, NESTA = "O*NET", "Nesta"
_KEY = re.compile(r"[0-9A-Za-z-]{1,64}")
_FEW = 5
"""So many occupations may be named by the relations only, or one in a hundred."""


@dataclass(frozen=True, slots=True)
class EscoFiles:
    """ESCO's two downloads, the table of labels, and optionally Nesta's work conditions."""

    occupations: Source
    relations: Source
    labels: Source
    conditions: Source | None = None


@dataclass(frozen=True, slots=True)
class OnetFiles:
    """O*NET's three workbooks and the official ESCO-O*NET crosswalk."""

    interests: Source
    job_zones: Source
    occupations: Source
    crosswalk: Source


Figures = dict[tuple[str, str, str], tuple[float]]
"""(occupation, kind, source) -> value."""


@dataclass(frozen=True, slots=True)
class EscoContent:
    """Rows by key, as `reconcile` takes them; `figures` is None without a conditions file."""

    occupations: Mapping[tuple[str], tuple[str, str | None, str | None, str, bool]]
    labels: Mapping[tuple[str, str, int], tuple[str]]
    skills: Mapping[tuple[str], tuple[str, str, str, str | None]]
    relations: Mapping[tuple[str, str], tuple[bool]]
    figures: Figures | None

    def entries(self) -> list[Entry]:
        """What the title index has to know: every label of every occupation that has one."""
        found: dict[str, dict[str, list[str]]] = {}
        for (occupation, language, _place), (label,) in self.labels.items():
            found.setdefault(occupation, {}).setdefault(language, []).append(label)
        return [
            Entry(key, {language: tuple(words) for language, words in found[key].items()})
            for (key,) in self.occupations
            if key in found
        ]


def _key(uri: str, prefix: str, file: str, line: int) -> str:
    key = uri.removeprefix(prefix)
    if not _KEY.fullmatch(key):
        raise BadTable(file, line, f"“{uri}” is no address of ESCO.", "Download the file again.")
    return key


def read_esco(files: EscoFiles, tick: Tick) -> EscoContent:
    """Read ESCO's files and check them against each other.

    Raises:
        BadTable: naming file, line and mend.
    """
    tick("occupations")
    occupations, labels = _occupations(files)
    tick("labels")
    _add_labels(files, occupations, labels)
    tick("skills")
    skills = _skills(files)
    tick("relations")
    relations = _relations(files, occupations, skills, labels)
    figures: Figures | None = None
    if files.conditions is not None:
        tick("work conditions")
        figures = _conditions(files.conditions)
    return EscoContent(
        occupations,
        {key: value for key, value in labels.items() if (key[0],) in occupations},
        skills,
        relations,
        figures,
    )


Occupations = dict[tuple[str], tuple[str, str | None, str | None, str, bool]]
Labels = dict[tuple[str, str, int], tuple[str]]
Skills = dict[tuple[str], tuple[str, str, str, str | None]]


def _occupations(files: EscoFiles) -> tuple[Occupations, Labels]:
    occupations: Occupations = {}
    labels: Labels = {}
    file = f"{name_of(files.occupations)} › occupations_en.csv"
    for one in esco_files.read_occupations(files.occupations):
        key = _key(one.uri, OCCUPATION, file, one.line)
        if (key,) in occupations:
            raise BadTable(file, one.line, f"{one.uri} occurs twice.", "Download the file again.")
        occupations[key,] = (one.code, one.isco, one.label, one.description, True)
        for place, label in enumerate(dict.fromkeys((one.label, *one.alternatives))):
            labels[key, "en", place] = (label,)
    if not occupations:
        raise BadTable(file, 0, "no occupation in it.", "Download the file again.")
    return occupations, labels


def _add_labels(files: EscoFiles, occupations: Occupations, labels: Labels) -> None:
    """Add every language; English only where the list of occupations has no such occupation."""
    found = False
    for concept in esco_files.read_labels(files.labels):
        if not concept.uri.startswith(OCCUPATION):
            continue
        key = concept.uri.removeprefix(OCCUPATION)
        found |= (key,) in occupations
        for language, words in concept.labels.items():
            if language != "en" or (key,) not in occupations:
                for place, word in enumerate(words):
                    labels[key, language, place] = (word,)
    if not found:
        raise BadTable(
            name_of(files.labels),
            0,
            f"names none of the occupations in {name_of(files.occupations)}.",
            "Take both from the same release of ESCO.",
        )


def _skills(files: EscoFiles) -> Skills:
    groups = skill_groups(
        esco_files.read_broader_skills(files.relations),
        esco_files.read_skill_groups(files.occupations),
    )
    file = f"{name_of(files.occupations)} › skills_en.csv"
    return {
        (_key(one.uri, SKILL, file, 0),): (one.kind, one.reuse, one.label, groups.get(one.uri))
        for one in esco_files.read_skills(files.occupations)
    }


def _relations(
    files: EscoFiles, occupations: Occupations, skills: Skills, labels: Labels
) -> dict[tuple[str, str], tuple[bool]]:
    relations: dict[tuple[str, str], tuple[bool]] = {}
    file = f"{name_of(files.relations)} › occupationSkillRelations.csv"
    strangers: dict[str, int] = {}
    for one in esco_files.read_occupation_skills(files.relations):
        occupation = _key(one.occupation, OCCUPATION, file, one.line)
        skill = one.skill.removeprefix(SKILL)
        if (skill,) not in skills:
            raise BadTable(
                file,
                one.line,
                f"the skill {one.skill} is not in {name_of(files.occupations)}.",
                "Take both zips from the same release of ESCO.",
            )
        if (occupation,) not in occupations:
            strangers.setdefault(occupation, one.line)
        essential = one.essential or relations.get((occupation, skill)) == (True,)
        relations[occupation, skill] = (essential,)
    if len(strangers) > max(_FEW, len(occupations) // 100):
        first, line = next(iter(strangers.items()))
        raise BadTable(
            file,
            line,
            f"{OCCUPATION}{first} and {len(strangers) - 1} more are not in "
            f"{name_of(files.occupations)}.",
            "Take both zips from the same release of ESCO.",
        )
    if strangers:
        _add_strangers(files, strangers, occupations, labels)
    return relations


def _add_strangers(
    files: EscoFiles, strangers: Iterable[str], occupations: Occupations, labels: Labels
) -> None:
    """Take in what only the relations name, as ESCO 1.1.1 has one: "therapeutic radiographer".

    Its name comes from the labels, its unit group from what stands above it.
    """
    above = {
        link.uri: link.broader for link in esco_files.read_broader_occupations(files.relations)
    }
    for key in strangers:
        isco: str | None = None
        uri = above.get(OCCUPATION + key)
        seen: set[str] = set()
        while isco is None and uri is not None and uri not in seen:
            seen.add(uri)
            group = uri.removeprefix(ISCO_GROUP)
            if len(group) == len("0000") and group.isdigit():
                isco = group
            uri = above.get(uri)
        label = labels.get((key, "en", 0), (None,))[0]
        occupations[key,] = ("", isco, label, "", False)


def _conditions(source: Source) -> Figures:
    figures: Figures = {}
    for one in read_conditions(source):
        key = one.uri.removeprefix(OCCUPATION)
        for kind in ("job_zone", "training", "remote", "proximity"):
            value = getattr(one, kind)
            if value is not None:
                figures[key, kind, NESTA] = (float(value),)
    return figures


@dataclass(frozen=True, slots=True)
class OnetContent:
    """Figures of ESCO occupations, and how many O*NET occupations they come from."""

    figures: Figures
    interests: int
    job_zones: int


def read_onet(files: OnetFiles, tick: Tick) -> OnetContent:
    """Read O*NET's files, check them against each other and carry them over to ESCO.

    Raises:
        BadTable: naming file, line and mend.
    """
    tick("occupations")
    known = {one.code for one in read_onet_occupations(files.occupations)}
    tick("interests")
    interests: dict[str, Vector] = {}
    for one in read_interests(files.interests):
        _same_release(one.code, known, files.interests, one.line, files)
        interests[one.code] = one.scores
    tick("job zones")
    zones: dict[str, Vector] = {}
    for zone in read_job_zones(files.job_zones):
        _same_release(zone.code, known, files.job_zones, zone.line, files)
        zones[zone.code] = (float(zone.zone),)
    tick("crosswalk")
    crosswalk = list(esco_files.read_crosswalk(files.crosswalk))
    figures = {
        **_carried(crosswalk, interests, tuple(SCALES)),
        **_carried(crosswalk, zones, ("job_zone",)),
    }
    if not figures:
        raise BadTable(
            name_of(files.crosswalk),
            0,
            f"names none of the occupations in {name_of(files.interests)}.",
            "Use the official crosswalk for O*NET-SOC 2019.",
        )
    return OnetContent(figures, len(interests), len(zones))


def _same_release(code: str, known: set[str], source: Source, line: int, files: OnetFiles) -> None:
    if code not in known:
        raise BadTable(
            name_of(source),
            line,
            f"{code} is not in {name_of(files.occupations)}.",
            "Take all three workbooks from the same release of O*NET.",
        )


def _carried(
    crosswalk: list[CrosswalkRow], onet: Mapping[str, Vector], kinds: tuple[str, ...]
) -> Figures:
    """Occupations only: a figure for a whole ISCO group is the embedded catalogue's business."""
    return {
        (uri.removeprefix(OCCUPATION), kind, ONET): (value,)
        for uri, values in by_esco(crosswalk, onet).items()
        if uri.startswith(OCCUPATION)
        for kind, value in zip(kinds, values, strict=True)
    }
