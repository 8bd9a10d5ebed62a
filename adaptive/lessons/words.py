"""Reading the words of a lesson or a pack in one language, checked against the shape."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from adaptive.lessons.files import ContentFile
from adaptive.lessons.model import (
    Block,
    Exercise,
    ExerciseTexts,
    Fault,
    Lesson,
    LessonTexts,
    PackTexts,
)

LONGEST: Final = 1200
"""Letters in one text: more than fits two screens of a phone is no micro-lesson."""


def read_lesson(path: Path, root: Path, lesson: Lesson) -> tuple[LessonTexts | None, list[Fault]]:
    """Return a lesson's words, None if the file has any fault, and the faults."""
    file = ContentFile.read(path, root)
    if not file.values:
        return None, file.faults or [Fault(str(path.relative_to(root)), 1, "the file is empty")]
    blocks = [f"block-{number}" for number in range(1, lesson.blocks + 1)]
    exercises = [f"exercise-{one.number}" for one in lesson.exercises]
    file.only(None, ("title", "why", "tip", *blocks, *exercises))
    texts = LessonTexts(
        language=language_of(path),
        title=file.text(None, "title"),
        why=file.text(None, "why"),
        tip=file.text(None, "tip"),
        blocks=tuple(
            _block(file, table, picture=number in lesson.pictures)
            for number, table in enumerate(blocks, start=1)
        ),
        exercises=tuple(
            _exercise(file, table, one)
            for table, one in zip(exercises, lesson.exercises, strict=True)
        ),
    )
    return (None if file.faults else texts), file.faults


def read_pack(
    path: Path, root: Path, skills: tuple[str, ...]
) -> tuple[PackTexts | None, list[Fault]]:
    """Return a pack's words, None if the file has any fault, and the faults."""
    file = ContentFile.read(path, root)
    if not file.values:
        return None, file.faults or [Fault(str(path.relative_to(root)), 1, "the file is empty")]
    file.only(None, ("title", "summary", "skills"))
    file.only("skills", skills)
    texts = PackTexts(
        language=language_of(path),
        title=file.text(None, "title"),
        summary=file.text(None, "summary"),
        skills={skill: file.text("skills", skill) for skill in skills},
    )
    return (None if file.faults else texts), file.faults


def language_of(path: Path) -> str:
    """Return the language in a file's name: `passwords.de.toml` is "de"."""
    return path.name.split(".")[-2]


def _block(file: ContentFile, table: str, *, picture: bool) -> Block:
    file.only(table, ("heading", "text", "alt"))
    text = _bounded(file, table, "text")
    alt = file.text(table, "alt", needed=picture)
    return Block(file.text(table, "heading"), _paragraphs(text), alt)


def _bounded(file: ContentFile, table: str, key: str) -> str:
    text = file.text(table, key)
    if len(text) > LONGEST:
        file.fault(f'"{key}" has {len(text)} letters; at most {LONGEST}', table, key)
    return text


def _paragraphs(text: str) -> tuple[str | tuple[str, ...], ...]:
    """Split at empty lines; lines that begin with "- " together are a list."""
    found: list[str | tuple[str, ...]] = []
    for part in text.split("\n\n"):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        plain = [line for line in lines if not line.startswith("- ")]
        points = tuple(line[2:].strip() for line in lines if line.startswith("- "))
        if plain:
            found.append(" ".join(plain))
        if points:
            found.append(points)
    return tuple(found)


def _exercise(file: ContentFile, table: str, one: Exercise) -> ExerciseTexts:
    replies = one.type in {"choice", "several", "scenario"}
    known = ["ask", "story", *one.options]
    known += [f"{letter}_reply" for letter in one.options] if replies else ["good", "again"]
    known += ["model", "accept"] if one.type == "words" else []
    file.only(table, known)
    accept = file.names(table, "accept")
    return ExerciseTexts(
        ask=file.text(table, "ask"),
        story=file.text(table, "story", needed=one.type == "scenario"),
        options={letter: file.text(table, letter) for letter in one.options},
        replies={letter: file.text(table, f"{letter}_reply") for letter in one.options if replies},
        good="" if replies else file.text(table, "good"),
        again="" if replies else file.text(table, "again"),
        model=file.text(table, "model") if one.type == "words" else "",
        accept=accept,
    )
