"""What a pack, a lesson and an exercise are: the shape apart from the words in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

TYPES: Final = ("choice", "several", "order", "words", "scenario")
"""choice: one option; several: tick all that fit; order: up and down; words: write a few words;
scenario: a small story, each way on has its consequence."""

DIGITAL_AREAS: Final = ("information", "communication", "creation", "safety", "problems")
"""The five areas of DigComp 2.2 in its own order."""

NEEDS: Final = frozenset(
    {
        "time",
        "care",
        "transport",
        "connection",
        "device",
        "money",
        "health",
        "alone",
        "confidence",
        "tried",
        "papers",
        "language",
        "job",
        "training",
        "routine",
        "people",
    }
)
"""What a lesson may help with. Hurdles: little time, care duties, no way to get there, weak
connection, no good device, money worries, feeling low or ill, nobody to ask, little trust in
oneself, many tries without luck, missing papers or certificates, another language. Hopes: a job,
a training place, a steadier day, more people around."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in a content file: where it is, and how to mend it."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise without words.

    options: letters from "a" on (none for type words). right: the letters of good answers.
    shown: for type order, the letters as first shown; the right order is the alphabet's.
    """

    number: int
    type: str
    skill: str
    options: str
    right: str
    shown: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson without words.

    after: skills that help first. needs: what it may help with (of NEEDS). digital: its DigComp
    area, or "". pictures: block number -> file name in the pack's pictures folder.
    """

    id: str
    pack: str
    minutes: int
    skills: tuple[str, ...]
    after: tuple[str, ...]
    needs: frozenset[str]
    digital: str
    blocks: int
    pictures: Mapping[int, str]
    exercises: tuple[Exercise, ...]

    def exercise(self, number: int) -> Exercise | None:
        """Return the exercise with this number, counted from 1; None if there is none."""
        return self.exercises[number - 1] if 1 <= number <= len(self.exercises) else None


@dataclass(frozen=True, slots=True)
class Pack:
    """A few lessons on one subject, in the order an author would take them."""

    id: str
    lessons: tuple[str, ...]
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One short piece of a lesson; a paragraph is a text, a list is a tuple of texts."""

    heading: str
    paragraphs: tuple[str | tuple[str, ...], ...]
    alt: str


@dataclass(frozen=True, slots=True)
class ExerciseTexts:
    """The words of one exercise.

    story: before the question, may be empty. options and replies: letter -> text. good, again:
    replies of types order and words. accept: for words, answers that count as right; with none
    the learner compares with `model` and says how it went.
    """

    ask: str
    story: str
    options: Mapping[str, str]
    replies: Mapping[str, str]
    good: str
    again: str
    model: str
    accept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LessonTexts:
    """The words of one lesson in one language; `language` is that of the words, not the wish."""

    language: str
    title: str
    why: str
    tip: str
    blocks: tuple[Block, ...]
    exercises: tuple[ExerciseTexts, ...]


@dataclass(frozen=True, slots=True)
class PackTexts:
    """The words of one pack: title, one sentence, and a name for each of its skills."""

    language: str
    title: str
    summary: str
    skills: Mapping[str, str]
