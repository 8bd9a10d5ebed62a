"""All units: their shape with the English words, other languages as they are asked for.

`units.toml` has the order, minutes, number of pages and good answers, without a word of any
language; `<unit>.<language>.toml` has the words, in the shape of a lesson's (adaptive.lessons): a
block is a page, an exercise is a question. A unit whose shape or English words have a fault is left
out; one whose words in another language have a fault is shown in English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from adaptive.lessons.files import ContentFile
from adaptive.lessons.library import is_latin, lesson_in_latin
from adaptive.lessons.model import Exercise, Fault, Lesson, LessonTexts
from adaptive.lessons.words import read_lesson

CONTENT: Final = Path(__file__).parent.parent / "content" / "guides"
SHAPE: Final = "units.toml"
SOURCE: Final = "en"
QUESTIONS: Final = 3
_TYPES: Final = ("choice", "scenario")
_KEYS: Final = ("type", "options", "right", "page")
_LETTERS: Final = "abcdef"


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit without words; `look_back` is the page to read again, for each question."""

    id: str
    minutes: int
    pages: int
    questions: tuple[Exercise, ...]
    look_back: tuple[int, ...]

    @property
    def shape(self) -> Lesson:
        """Return the same as a lesson, which is how its words are read."""
        return Lesson(
            id=self.id,
            pack="",
            minutes=self.minutes,
            skills=(),
            after=(),
            needs=frozenset(),
            digital="",
            blocks=self.pages,
            pictures={},
            exercises=self.questions,
        )


@dataclass
class Guides:
    """Every sound unit, in order; `faults` is what was left out."""

    folder: Path
    units: Mapping[str, Unit]
    faults: tuple[Fault, ...]
    _texts: dict[tuple[str, str], LessonTexts] = field(default_factory=dict)

    def texts(self, unit_id: str, locale: str) -> LessonTexts:
        """Return a unit's words for a locale, in English where that language has none."""
        key = (unit_id, locale)
        if key not in self._texts:
            path = self.folder / f"{unit_id}.{locale.replace('-', '_').split('_')[0]}.toml"
            shape = self.units[unit_id].shape
            texts = read_lesson(path, self.folder, shape)[0] if path.is_file() else None
            if texts is None:
                texts = self._texts[unit_id, SOURCE]
            elif is_latin(locale):
                texts = lesson_in_latin(texts)
            self._texts[key] = texts
        return self._texts[key]

    def check_languages(self) -> list[Fault]:
        """Return the faults of every translation, and files that belong to no unit."""
        faults: list[Fault] = []
        for path in sorted(self.folder.glob("*.*.toml")):
            unit = self.units.get(path.name.split(".")[0])
            if unit is not None:
                faults += read_lesson(path, self.folder, unit.shape)[1]
            else:
                message = f"no unit of this name in {SHAPE}; add or rename it"
                faults.append(Fault(path.name, 1, message))
        return faults


@lru_cache(maxsize=4)
def load_guides(folder: Path = CONTENT) -> Guides:
    """Read all units of a folder; nothing wrong in one file keeps another from loading."""
    file = ContentFile.read(folder / SHAPE, folder)
    file.only(None, ("unit",))
    if not file.table("unit") and not file.faults:
        file.fault("no unit here; add a table [unit.name]")
    units: dict[str, Unit] = {}
    texts: dict[tuple[str, str], LessonTexts] = {}
    faults: list[Fault] = []
    for name in file.table("unit"):
        before = len(file.faults)
        unit = _unit(file, name)
        if len(file.faults) > before:
            continue
        words, wrong = read_lesson(folder / f"{name}.{SOURCE}.toml", folder, unit.shape)
        faults += wrong
        if words is not None:
            units[name], texts[name, SOURCE] = unit, words
    return Guides(folder, units, (*file.faults, *faults), texts)


def _unit(file: ContentFile, name: str) -> Unit:
    table = f"unit.{name}"
    file.only(table, ("minutes", "pages", "questions"))
    if not name.isascii() or not name.isalpha() or name != name.lower():
        file.fault("a unit's name has only small letters a-z", table)
    pages = _whole(file, table, "pages", 2, 9)
    rows = file.table(table).get("questions")
    if not isinstance(rows, list) or len(rows) != QUESTIONS:
        file.fault(f'"questions" must be a list of {QUESTIONS}', table, "questions")
        rows = []
    questions = [
        _question(file, table, number, row if isinstance(row, dict) else {}, pages)
        for number, row in enumerate(rows, start=1)
    ]
    return Unit(
        id=name,
        minutes=_whole(file, table, "minutes", 3, 60),
        pages=pages,
        questions=tuple(question for question, _page in questions),
        look_back=tuple(page for _question, page in questions),
    )


def _question(
    file: ContentFile, table: str, number: int, row: dict[str, Any], pages: int
) -> tuple[Exercise, int]:
    def wrong(message: str) -> None:
        file.fault(f"question {number}: {message}", table, "questions")

    for key in row:
        if key not in _KEYS:
            wrong(f'"{key}" means nothing here; use one of: {", ".join(_KEYS)}')
    kind, right, page = row.get("type"), row.get("right"), row.get("page")
    if kind not in _TYPES:
        wrong(f'"type" must be one of: {", ".join(_TYPES)}')
    count = row.get("options")
    if not isinstance(count, int) or not 2 <= count <= len(_LETTERS):
        wrong('"options" must be how many options there are, from 2 to 6')
        count = 0
    options = _LETTERS[:count]
    if not isinstance(right, str) or not right or not set(right) <= set(options):
        wrong(f'"right" must be letters out of "{options}"')
    if not isinstance(page, int) or not 1 <= page <= pages:
        wrong(f'"page" must be the page to read again, from 1 to {pages}')
        page = 1
    return Exercise(number, str(kind), "", options, str(right), ""), page


def _whole(file: ContentFile, table: str, key: str, low: int, high: int) -> int:
    value = file.table(table).get(key)
    if not isinstance(value, int) or not low <= value <= high:
        file.fault(f'"{key}" must be a whole number from {low} to {high}', table, key)
        return low
    return value
