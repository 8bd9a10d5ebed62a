"""Reading pack.toml: the order, skills, needs and right answers, without a word of any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from adaptive.lessons.files import ContentFile
from adaptive.lessons.model import DIGITAL_AREAS, NEEDS, TYPES, Exercise, Fault, Lesson

SHAPE: Final = "pack.toml"
_LESSON_KEYS: Final = (
    "minutes",
    "skills",
    "after",
    "needs",
    "digital",
    "blocks",
    "pictures",
    "exercises",
)
_EXERCISE_KEYS: Final = ("type", "skill", "options", "right", "shown")
_LETTERS: Final = "abcdef"
LONGEST_PICTURE: Final = 4000


@dataclass(frozen=True, slots=True)
class Shape:
    """What pack.toml says: its place among the packs, its sound lessons, and its faults."""

    place: int
    lessons: tuple[Lesson, ...]
    faults: tuple[Fault, ...]


def read_shape(folder: Path, root: Path) -> Shape:
    """Read the pack.toml of a folder; a lesson with a fault is left out, the others stay."""
    file = ContentFile.read(folder / SHAPE, root)
    file.only(None, ("place", "lesson"))
    place = _whole(file, None, "place", 1, 99)
    lessons = []
    for name in file.table("lesson"):
        before = len(file.faults)
        lesson = _lesson(file, folder, name)
        if len(file.faults) == before:
            lessons.append(lesson)
    if not file.table("lesson") and not file.faults:
        file.fault("no lesson here; add a table [lesson.name]")
    return Shape(place, tuple(lessons), tuple(file.faults))


def _lesson(file: ContentFile, folder: Path, name: str) -> Lesson:
    table = f"lesson.{name}"
    row = file.table(table)
    file.only(table, _LESSON_KEYS)
    if not name.replace("-", "").isalnum() or not name.isascii() or name != name.lower():
        file.fault("a lesson's name has only small letters a-z, digits and -", table)
    skills = file.names(table, "skills")
    if not skills:
        file.fault('"skills" is empty; name at least one skill', table, "skills")
    needs = frozenset(file.names(table, "needs"))
    if needs - NEEDS:
        odd, known = ", ".join(sorted(needs - NEEDS)), ", ".join(sorted(NEEDS))
        file.fault(f"unknown needs: {odd}; use some of: {known}", table, "needs")
    digital = row.get("digital", "")
    if digital not in ("", *DIGITAL_AREAS):
        file.fault(f'"digital" must be one of: {", ".join(DIGITAL_AREAS)}', table, "digital")
    blocks = _whole(file, table, "blocks", 2, 4)
    return Lesson(
        id=name,
        pack=folder.name,
        minutes=_whole(file, table, "minutes", 3, 6),
        skills=skills,
        after=file.names(table, "after"),
        needs=needs,
        digital=str(digital),
        blocks=blocks,
        pictures=_pictures(file, folder, table, blocks),
        exercises=_exercises(file, table, skills),
    )


def _whole(file: ContentFile, table: str | None, key: str, low: int, high: int) -> int:
    value = file.table(table).get(key)
    if not isinstance(value, int) or not low <= value <= high:
        file.fault(f'"{key}" must be a whole number from {low} to {high}', table, key)
        return low
    return value


def _pictures(file: ContentFile, folder: Path, table: str, blocks: int) -> Mapping[int, str]:
    found: dict[int, str] = {}
    for number, name in file.table(f"{table}.pictures").items():
        path = folder / "pictures" / str(name)
        if not number.isdigit() or not 1 <= int(number) <= blocks:
            file.fault(f"there is no block {number} for a picture", table, "pictures")
        elif not path.is_file():
            file.fault(f"{name} is not in pictures/; draw it or take it out", table, "pictures")
        elif path.stat().st_size > LONGEST_PICTURE:
            file.fault(f"{name} is over {LONGEST_PICTURE} bytes; draw less", table, "pictures")
        else:
            found[int(number)] = str(name)
    return found


def _exercises(file: ContentFile, table: str, skills: tuple[str, ...]) -> tuple[Exercise, ...]:
    rows = file.table(table).get("exercises")
    if not isinstance(rows, list) or not 3 <= len(rows) <= 5:
        file.fault('"exercises" must be a list of three to five', table, "exercises")
        return ()
    return tuple(
        _exercise(file, table, number, row if isinstance(row, dict) else {}, skills)
        for number, row in enumerate(rows, start=1)
    )


def _exercise(
    file: ContentFile, table: str, number: int, row: dict[str, Any], skills: tuple[str, ...]
) -> Exercise:
    def wrong(message: str) -> None:
        file.fault(f"exercise {number}: {message}", table, "exercises")

    for key in row:
        if key not in _EXERCISE_KEYS:
            wrong(f'"{key}" means nothing here; use one of: {", ".join(_EXERCISE_KEYS)}')
    kind, skill = str(row.get("type", "")), str(row.get("skill", ""))
    if kind not in TYPES:
        wrong(f'"type" must be one of: {", ".join(TYPES)}')
    if skill not in skills:
        wrong(f'"skill" must be one of the lesson\'s skills: {", ".join(skills)}')
    count = row.get("options", 0)
    if not isinstance(count, int) or count not in ((0,) if kind == "words" else range(2, 7)):
        wrong('"options" must be how many options there are, from 2 to 6; none for words')
        count = 0
    options = _LETTERS[:count]
    right, shown = str(row.get("right", "")), str(row.get("shown", ""))
    if kind in {"choice", "several", "scenario"} and (not right or not set(right) <= set(options)):
        wrong(f'"right" must be letters out of "{options}"')
    if kind == "choice" and len(right) > 1:
        wrong('a choice has one right letter; take type "several" for more')
    if kind == "order" and (sorted(shown) != list(options) or shown == options):
        wrong(f'"shown" must be the letters "{options}", mixed')
    return Exercise(number, kind, skill, options, right, shown)
