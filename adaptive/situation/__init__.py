"""Where somebody is now: questions about hopes and hurdles, read from data, and what they tell."""

from __future__ import annotations

from adaptive.situation.answers import LONGEST, NotAnAnswer, codes_of, packed, said
from adaptive.situation.questions import (
    CONTENT,
    KINDS,
    Question,
    Questions,
    Words,
    load_questions,
)

__all__ = [
    "CONTENT",
    "KINDS",
    "LONGEST",
    "NotAnAnswer",
    "Question",
    "Questions",
    "Words",
    "codes_of",
    "load_questions",
    "packed",
    "said",
]
