"""Read the imported data back as the values that the science works on."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from adaptive.occupations import SCALES, Catalogue, Figure, SkillUse
from adaptive.occupations.esco import EscoOccupation, EscoSkill
from adaptive.occupations.imported import OwnFigures, occupations_of
from lti_tool.occupations.files import NESTA, ONET
from lti_tool.occupations.models import (
    EscoOccupationRow,
    OccupationDataset,
    OccupationFigure,
    OccupationLabel,
    OccupationSkillRow,
    Skill,
)

Versions = tuple[tuple[str, str], ...]
"""Our own mark of each imported data set, by name; () when nothing was imported."""

_VERSIONS = select(OccupationDataset.name, OccupationDataset.version).order_by(
    OccupationDataset.name
)


def versions(connection: Connection) -> Versions:
    """Return which imports the data come from; cheap enough for every request."""
    return tuple((name, version) for name, version in connection.execute(_VERSIONS))


def load_catalogue(connection: Connection, version: str, embedded: Catalogue) -> Catalogue | None:
    """Return the imported occupations with their own figures, None when there is none.

    An occupation that has no name or no unit group cannot be shown and is left out.
    """
    titles: dict[str, dict[str, str]] = {}
    query = select(OccupationLabel.occupation, OccupationLabel.language, OccupationLabel.label)
    for key, language, label in connection.execute(query.where(OccupationLabel.place == 0)):
        titles.setdefault(key, {})[language] = label
    found = tuple(
        occupations_of(_occupations(connection), titles, _own_figures(connection), embedded)
    )
    return Catalogue.of(found, version) if found else None


def _occupations(connection: Connection) -> Iterator[EscoOccupation]:
    row = EscoOccupationRow
    query = (
        select(row.id, row.code, row.isco, row.label, row.description)
        .where(row.isco.is_not(None), row.label.is_not(None))
        .order_by(row.code, row.id)
    )
    for key, code, isco, label, description in connection.execute(query):
        yield EscoOccupation(key, code, isco or "", label or "", (), description)


def _own_figures(connection: Connection) -> OwnFigures:
    """O*NET's job zone stands before Nesta's, which was made from an older release of it."""
    ratings: dict[str, dict[str, float]] = {}
    others: dict[tuple[str, str], dict[str, Figure]] = {}
    row = OccupationFigure
    for key, kind, source, value in connection.execute(
        select(row.occupation, row.kind, row.source, row.value)
    ):
        if kind in SCALES:
            ratings.setdefault(key, {})[kind] = value
        else:
            others.setdefault((kind, source), {})[key] = Figure(value, source)
    return OwnFigures(
        interests={
            key: tuple(of[scale] for scale in SCALES)
            for key, of in ratings.items()
            if len(of) == len(SCALES)
        },
        job_zone=others.get(("job_zone", NESTA), {}) | others.get(("job_zone", ONET), {}),
        training=others.get(("training", NESTA), {}),
        remote=others.get(("remote", NESTA), {}),
    )


def load_skill_use(connection: Connection) -> SkillUse:
    """Return how many occupations need which skill, of how many."""
    row = OccupationSkillRow
    needed = connection.execute(
        select(row.skill, func.count()).where(row.essential).group_by(row.skill)
    )
    return SkillUse(
        dict(iter(needed)),
        connection.scalar(select(func.count(func.distinct(row.occupation)))) or 0,
    )


def essentials(connection: Connection, occupation: str) -> tuple[list[EscoSkill], dict[str, str]]:
    """Return an occupation's essential skills under their short ids, and each one's group."""
    query = (
        select(Skill.id, Skill.kind, Skill.reuse, Skill.label, Skill.skill_group)
        .join(OccupationSkillRow, OccupationSkillRow.skill == Skill.id)
        .where(OccupationSkillRow.occupation == occupation, OccupationSkillRow.essential)
        .order_by(Skill.id)
    )
    skills: list[EscoSkill] = []
    groups: dict[str, str] = {}
    for key, kind, reuse, label, group in connection.execute(query):
        skills.append(EscoSkill(key, kind, reuse, label, (), ""))
        if group:
            groups[key] = group
    return skills, groups
