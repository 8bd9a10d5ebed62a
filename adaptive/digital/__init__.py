"""Digital skills: a self-check in five areas that asks 10 to 15 questions instead of 82."""

from __future__ import annotations

from adaptive.digital.bank import LANGUAGES, Bank, BankError, Question, load_bank
from adaptive.digital.practice import Practice, load_practice
from adaptive.digital.routing import (
    ANSWERS,
    AreaResult,
    UnknownAnswer,
    next_question,
    results,
)

__all__ = [
    "ANSWERS",
    "LANGUAGES",
    "AreaResult",
    "Bank",
    "BankError",
    "Practice",
    "Question",
    "UnknownAnswer",
    "load_bank",
    "load_practice",
    "next_question",
    "results",
]
