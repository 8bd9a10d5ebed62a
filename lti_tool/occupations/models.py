"""Tables of the imported reference data; they belong to no tenant.

An occupation's or skill's `id` is the last part of its ESCO URI: it stays the same in every
release, and fits in an address of ours.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import ID, Base

KEY = String(64)
"""The column type of the last part of an ESCO URI."""


class OccupationDataset(Base):
    """One imported data set: "esco", "onet" or "nesta"."""

    __tablename__ = "occupation_dataset"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    release: Mapped[str] = mapped_column(String(64))
    """What its publisher calls it, such as 1.1.1; "" where nobody said."""
    version: Mapped[str] = mapped_column(ID)
    """Our own mark; another one at every import, so that running processes read anew."""
    imported_at: Mapped[datetime]
    counts: Mapped[dict[str, Any]]
    """What was in it, for `backontrack occupations status`."""


class EscoOccupationRow(Base):
    """One ESCO occupation."""

    __tablename__ = "occupation"

    id: Mapped[str] = mapped_column(KEY, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    isco: Mapped[str | None] = mapped_column(String(4))
    label: Mapped[str | None] = mapped_column(Text)
    """The preferred English label."""
    description: Mapped[str] = mapped_column(Text)
    described: Mapped[bool]
    """False for an occupation that the relations name and the list of occupations lacks."""


class OccupationLabel(Base):
    """A name of an occupation in one language; the preferred one has place 0."""

    __tablename__ = "occupation_label"

    occupation: Mapped[str] = mapped_column(ForeignKey("occupation.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(Text)


class Skill(Base):
    """One ESCO skill or piece of knowledge."""

    __tablename__ = "skill"

    id: Mapped[str] = mapped_column(KEY, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    reuse: Mapped[str] = mapped_column(Text)
    """How widely it transfers: transversal, cross-sector, sector- or occupation-specific."""
    label: Mapped[str] = mapped_column(Text)
    skill_group: Mapped[str | None] = mapped_column(Text)
    """URI of the level-2 group it stands in."""


class OccupationSkillRow(Base):
    """An occupation needs a skill, or may use it."""

    __tablename__ = "occupation_skill"
    __table_args__ = (Index(None, "skill"),)

    occupation: Mapped[str] = mapped_column(ForeignKey("occupation.id"), primary_key=True)
    skill: Mapped[str] = mapped_column(ForeignKey("skill.id"), primary_key=True)
    essential: Mapped[bool]


class OccupationFigure(Base):
    """A number about an occupation, with its source.

    No foreign key: O*NET may be imported before ESCO or after it, and either may be renewed.
    """

    __tablename__ = "occupation_figure"

    occupation: Mapped[str] = mapped_column(KEY, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    """R I A S E C (1-7), job_zone (1-5), training (1-9), remote (0-1), proximity (0-1)."""
    source: Mapped[str] = mapped_column(String(16), primary_key=True)
    """"O*NET" or "Nesta"."""
    value: Mapped[float]


class OccupationIndexPart(Base):
    """A piece of the title index that belongs to one import of ESCO, compressed with zlib."""

    __tablename__ = "occupation_index"

    version: Mapped[str] = mapped_column(ID, primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
