"""Lessons: packs of micro-lessons read from data, and what an answer to an exercise means."""

from __future__ import annotations

from adaptive.lessons.library import CONTENT, Library, load_library
from adaptive.lessons.marking import Mark, mark
from adaptive.lessons.model import (
    NEEDS,
    Block,
    Exercise,
    ExerciseTexts,
    Fault,
    Lesson,
    LessonTexts,
    Pack,
    PackTexts,
)

__all__ = [
    "CONTENT",
    "NEEDS",
    "Block",
    "Exercise",
    "ExerciseTexts",
    "Fault",
    "Lesson",
    "LessonTexts",
    "Library",
    "Mark",
    "Pack",
    "PackTexts",
    "load_library",
    "mark",
]
