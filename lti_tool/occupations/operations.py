"""Import the official files: read and check everything first, then change the database at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Table, func, insert, select, text, update

from adaptive.occupations.tabular import Source, name_of
from config.database import Database
from config.ids import new_id
from lti_tool.occupations import files as official
from lti_tool.occupations.files import NESTA, ONET, EscoContent, EscoFiles, OnetFiles
from lti_tool.occupations.index_store import build_parts, store_parts
from lti_tool.occupations.models import (
    EscoOccupationRow,
    OccupationDataset,
    OccupationFigure,
    OccupationLabel,
    OccupationSkillRow,
    Skill,
)
from lti_tool.occupations.reconcile import Change, Wanted, reconcile

Progress = Callable[[str, float], None]
"""Hears what is being done and which share of the whole is behind us, 0 to 1."""

_RELEASE = re.compile(r"(?:(?<![a-z])v|db_)(\d+(?:[._]\d+)*)")
_FIGURES = cast("Table", OccupationFigure.__table__)


def _silent(_what: str, _share: float) -> None:
    pass


def import_esco(
    database: Database,
    files: EscoFiles,
    now: datetime,
    *,
    release: str | None = None,
    on_progress: Progress = _silent,
) -> Change:
    """Bring occupations, labels, skills and relations to what the files say.

    A second import of the same files changes no row; rows that a newer file lacks go. Nesta's
    figures change only when a file of them is given. All in one transaction, which begins when
    every file has been read and the title index is built.

    Raises:
        BadTable: a file is broken; nothing has changed.
    """
    steps = iter((0.01, 0.04, 0.09, 0.16, 0.24))
    content = official.read_esco(files, lambda what: on_progress(f"reading {what}", next(steps)))
    on_progress("building the title index", 0.25)
    parts = build_parts(content.entries())
    plan = _esco_plan(content)
    version = new_id()
    with database.write_connection() as connection:
        _one_at_a_time(connection, database)
        change = reconcile(
            connection, plan, lambda share: on_progress("writing", 0.75 + 0.2 * share)
        )
        store_parts(connection, version, parts)
        found = release or release_of(files.occupations)
        _note(connection, "esco", found, version, now, _esco_counts(content))
        if content.figures is not None:
            figures = {"figures": len(content.figures)}
            _note(connection, "nesta", "", new_id(), now, figures)
    on_progress("done", 1.0)
    return change


def _esco_plan(content: EscoContent) -> list[Wanted]:
    plan = [
        Wanted(cast("Table", table.__table__), cast("Mapping[Any, Any]", rows))
        for table, rows in (
            (EscoOccupationRow, content.occupations),
            (Skill, content.skills),
            (OccupationLabel, content.labels),
            (OccupationSkillRow, content.relations),
        )
    ]
    if content.figures is not None:
        plan.append(Wanted(_FIGURES, content.figures, OccupationFigure.source == NESTA))
    return plan


def _esco_counts(content: EscoContent) -> dict[str, int]:
    described = sum(values[-1] for values in content.occupations.values())
    return {
        "occupations": len(content.occupations),
        "described": described,
        "labels": len(content.labels),
        "languages": len({language for _, language, _ in content.labels}),
        "skills": len(content.skills),
        "relations": len(content.relations),
    }


def import_onet(
    database: Database,
    files: OnetFiles,
    now: datetime,
    *,
    release: str | None = None,
    on_progress: Progress = _silent,
) -> Change:
    """Bring the interests and job zones of ESCO occupations to what O*NET and the crosswalk say.

    Raises:
        BadTable: a file is broken; nothing has changed.
    """
    steps = iter((0.05, 0.2, 0.5, 0.6))
    content = official.read_onet(files, lambda what: on_progress(f"reading {what}", next(steps)))
    with database.write_connection() as connection:
        _one_at_a_time(connection, database)
        change = reconcile(
            connection,
            [Wanted(_FIGURES, content.figures, OccupationFigure.source == ONET)],
            lambda share: on_progress("writing", 0.7 + 0.3 * share),
        )
        counts = {
            "occupations": len({occupation for occupation, _, _ in content.figures}),
            "interests": content.interests,
            "job_zones": content.job_zones,
        }
        found = release or release_of(files.interests)
        _note(connection, "onet", found, new_id(), now, counts)
    on_progress("done", 1.0)
    return change


def release_of(source: Source) -> str:
    """Return the release that a file's name or folder tells, such as 1.1.1 or 29.3, else ""."""
    folder = Path(source).absolute().parent.name if isinstance(source, str | Path) else ""
    found = _RELEASE.search(name_of(source)) or _RELEASE.search(folder)
    return found[1].replace("_", ".") if found else ""


def _one_at_a_time(connection: Connection, database: Database) -> None:
    """Two imports at once would insert the same rows; on SQLite the writers queue anyway."""
    if not database.is_sqlite:
        connection.execute(text("LOCK TABLE occupation_dataset IN EXCLUSIVE MODE"))


def _note(
    connection: Connection,
    name: str,
    release: str,
    version: str,
    now: datetime,
    counts: dict[str, int],
) -> None:
    values = {"release": release, "version": version, "imported_at": now, "counts": counts}
    known = connection.execute(
        update(OccupationDataset).where(OccupationDataset.name == name).values(**values)
    )
    if not known.rowcount:
        connection.execute(insert(OccupationDataset), {"name": name, **values})


@dataclass(frozen=True, slots=True)
class DatasetStatus:
    """One data set as it was imported."""

    name: str
    release: str
    imported_at: datetime
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the occupations that learners see has figures and names of its own."""

    occupations: int
    interests: int
    job_zone: int
    training: int
    remote: int
    titles: Mapping[str, int]
    undescribed: tuple[str, ...]
    """Occupations that only the relations name."""


def datasets(connection: Connection) -> list[DatasetStatus]:
    """Return what was imported, in the order of names."""
    query = select(
        OccupationDataset.name,
        OccupationDataset.release,
        OccupationDataset.imported_at,
        OccupationDataset.counts,
    ).order_by(OccupationDataset.name)
    return [DatasetStatus(*row) for row in connection.execute(query)]


def coverage(connection: Connection) -> Coverage:
    """Count, over the imported occupations, what is known of them."""
    with_figure = (
        select(OccupationFigure.kind, func.count(func.distinct(OccupationFigure.occupation)))
        .join(EscoOccupationRow, EscoOccupationRow.id == OccupationFigure.occupation)
        .group_by(OccupationFigure.kind)
    )
    figures = dict(iter(connection.execute(with_figure)))
    titles = connection.execute(
        select(OccupationLabel.language, func.count())
        .where(OccupationLabel.place == 0)
        .group_by(OccupationLabel.language)
        .order_by(OccupationLabel.language)
    )
    undescribed = connection.scalars(
        select(func.coalesce(EscoOccupationRow.label, EscoOccupationRow.id))
        .where(EscoOccupationRow.described.is_(False))
        .order_by(EscoOccupationRow.id)
    )
    return Coverage(
        occupations=connection.scalar(select(func.count()).select_from(EscoOccupationRow)) or 0,
        interests=figures.get("R", 0),
        job_zone=figures.get("job_zone", 0),
        training=figures.get("training", 0),
        remote=figures.get("remote", 0),
        titles=dict(iter(titles)),
        undescribed=tuple(undescribed),
    )
