"""The values of this room: an occupation with sourced figures, and a catalogue of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adaptive.occupations.letters import cyrillic_to_latin
from adaptive.occupations.plain import plain_title

SCALES = "RIASEC"
"""Realistic, Investigative, Artistic, Social, Enterprising, Conventional (Holland 1997)."""

LOW_ENTRY_ZONE = 2.5
HOME_SHARE = 0.5
TRAINING_STEP = 2.5
TRAINING_ZONE = 3.5

TitleStatus = Literal["official", "draft"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and where it comes from.

    `source` is a data set ("O*NET", "Nesta", "editorial"), or "ISCO <code>" when the group has
    no data of its own and the mean of that ancestor group stands in.
    """

    value: float
    source: str

    @property
    def borrowed(self) -> bool:
        """Whether the figure is an ancestor group's mean."""
        return self.source.startswith("ISCO")


@dataclass(frozen=True, slots=True)
class Occupation:
    """One occupation, or an ISCO-08 unit group standing for the occupations in it.

    `id` is the ISCO code or the ESCO URI, `isco` always the four digits. `interests` are six
    O*NET ratings (1-7) in the order R I A S E C. `job_zone` is the preparation needed (1 little …
    5 extensive), `training` O*NET's nine steps of on-the-job training, `remote` the share of the
    work's activities that can be done from home (0-1). `outdoors`, `with_people` and `home_able`
    (nothing ties the whole job to a place) are editorial, as are `suggested` (False keeps a group
    out of suggestions, not out of search), the sentence `does`, and everyday `words` for the job
    per language, which search knows beside the titles.
    """

    id: str
    isco: str
    titles: Mapping[str, str]
    interests: tuple[float, ...]
    interests_source: str
    job_zone: Figure
    training: Figure
    remote: Figure
    outdoors: bool
    with_people: bool
    home_able: bool
    suggested: bool
    does: str
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def skill_level(self) -> int:
        """ISCO-08 skill level 1-4 of the major group (ILO 2012, ISCO-08 volume 1, table 1)."""
        if self.isco.startswith("14"):
            return 3
        return {"0": 2, "1": 4, "2": 4, "3": 3, "9": 1}.get(self.isco[0], 2)

    @property
    def low_entry(self) -> bool:
        """Whether little preparation is enough: elementary, or job zone 1-2 at skill level 2."""
        return self.skill_level == 1 or (
            self.skill_level == 2 and self.job_zone.value < LOW_ENTRY_ZONE
        )

    @property
    def learned_at_work(self) -> bool:
        """Whether the job is mainly learned by doing it: a month or more, no degree first."""
        return (
            self.training.value >= TRAINING_STEP
            and self.job_zone.value < TRAINING_ZONE
            and self.skill_level <= 3
        )

    @property
    def from_home(self) -> bool:
        """Whether much of the work can be done from home and nothing ties it to a place."""
        return self.home_able and self.remote.value >= HOME_SHARE

    def title(self, language: str) -> str:
        """Return the title to show in a language, without "not elsewhere classified".

        "sr_Latn" is written from "sr"; a language without a title gets the English one.
        """
        base, _, script = language.replace("-", "_").lower().partition("_")
        base = base if base in self.titles else "en"
        shown = plain_title(self.titles[base], base)
        return cyrillic_to_latin(shown) if base == "sr" and script.startswith("lat") else shown


@dataclass(frozen=True)
class Catalogue:
    """Occupations in a fixed order. `languages` says how far each language's titles are."""

    occupations: tuple[Occupation, ...]
    version: str
    languages: Mapping[str, TitleStatus] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        occupations: Iterable[Occupation],
        version: str,
        languages: Mapping[str, TitleStatus] | None = None,
    ) -> Catalogue:
        """Make a catalogue; raise ValueError when it is empty or an id occurs twice."""
        found = tuple(occupations)
        if not found:
            raise ValueError("A catalogue needs at least one occupation.")
        if len({occupation.id for occupation in found}) != len(found):
            raise ValueError("Two occupations of the catalogue have the same id.")
        return cls(found, version, dict(languages or {}))

    def __len__(self) -> int:
        return len(self.occupations)

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Id -> place in `occupations`."""
        return {occupation.id: n for n, occupation in enumerate(self.occupations)}

    def get(self, identifier: str) -> Occupation | None:
        """Return the occupation with this id, or None."""
        place = self.positions.get(identifier)
        return None if place is None else self.occupations[place]

    @cached_property
    def interests(self) -> NDArray[np.float64]:
        """The interest ratings, shape (occupations, 6)."""
        return np.array([occupation.interests for occupation in self.occupations], dtype=float)

    @cached_property
    def directions(self) -> NDArray[np.float64]:
        """The interests centred and scaled to length 1, so that a dot product correlates."""
        centred = self.interests - self.interests.mean(axis=1, keepdims=True)
        length = np.linalg.norm(centred, axis=1, keepdims=True)
        return np.asarray(np.divide(centred, length, out=np.zeros_like(centred), where=length > 0))

    @cached_property
    def digits(self) -> NDArray[np.uint8]:
        """The ISCO codes as numbers, shape (occupations, 4)."""
        return np.array([[int(d) for d in o.isco] for o in self.occupations], dtype=np.uint8)
