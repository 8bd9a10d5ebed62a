"""Answers as they are kept, and what they tell.

An answer is one text: option names with a space between them, or own words. "" is "Not sure".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from adaptive.situation.questions import Question, Questions

LONGEST: Final = 400
"""Letters of an answer in own words."""
ALONE: Final = frozenset({"none", "no", "nothing"})
"""Answers that rule the others of a question out."""


class NotAnAnswer(ValueError):
    """An answer that is not offered; `code` is "option" or "long"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def packed(question: Question, options: Sequence[str], text: str) -> str:
    """Return an answer as it is kept, options in their own order.

    "Nothing like this" beside another answer gives way: the other one says more.

    Raises:
        NotAnAnswer: an option that is not offered, two where one is asked, or too many letters.
    """
    if question.kind == "text":
        words = text.replace("\r\n", "\n").strip()
        if len(words) > LONGEST:
            raise NotAnAnswer("long")
        return words
    chosen = [option for option in question.options if option in options]
    if set(options) - set(question.options) or (question.kind == "one" and len(chosen) > 1):
        raise NotAnAnswer("option")
    others = [option for option in chosen if option not in ALONE]
    return " ".join(others or chosen)


def codes_of(question: Question, answer: str) -> tuple[str, ...]:
    """Return the options of a kept answer; those that are offered no more are left out."""
    if question.kind == "text":
        return ()
    return tuple(option for option in question.options if option in answer.split())


def said(questions: Questions, answers: Mapping[str, str]) -> frozenset[str]:
    """Return the needs that answers tell: hurdles and hopes, words of adaptive.lessons.NEEDS."""
    told: Counter[str] = Counter()
    for name, question in questions.all.items():
        chosen = codes_of(question, answers.get(name, ""))
        told.update({question.needs[option] for option in chosen if option in question.needs})
    return frozenset(need for need, count in told.items() if count >= questions.enough.get(need, 1))
