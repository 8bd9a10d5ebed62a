"""What an answer to an exercise means: how good it is, and whether it can be an answer at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adaptive.lessons.model import Exercise, ExerciseTexts

LONGEST_WORDS: Final = 400
SELF: Final = ("yes", "partly", "no")


@dataclass(frozen=True, slots=True)
class Mark:
    """How an answer went: `share` in [0, 1] of what was asked, None where only the learner can say.

    A share of 1 counts as a success for the skill.
    """

    share: float | None

    @property
    def good(self) -> bool:
        """Whether nothing is left to mend."""
        return self.share == 1.0


def mark(exercise: Exercise, texts: ExerciseTexts, answer: str) -> Mark:
    """Judge an answer: letters for options ("b", "acd", an order "bca"), free text for words.

    Raises ValueError for letters that cannot be an answer to this exercise, and for words that
    are empty or longer than LONGEST_WORDS.
    """
    if exercise.type == "words":
        return _words(texts.accept, answer)
    if len(set(answer)) < len(answer) or not set(answer) <= set(exercise.options):
        raise ValueError(f"{answer!r} are no letters of {exercise.options!r}")
    if exercise.type == "order":
        if len(answer) != len(exercise.options):
            raise ValueError(f"an order has all letters of {exercise.options!r}")
        return Mark(_pairs_in_order(answer))
    if exercise.type == "several":
        if not answer:
            raise ValueError("tick at least one")
        same = sum((one in answer) == (one in exercise.right) for one in exercise.options)
        return Mark(same / len(exercise.options))
    if len(answer) != 1:
        raise ValueError("one letter, please")
    return Mark(1.0 if answer in exercise.right else 0.0)


def moved(order: str, letter: str, step: int) -> str:
    """Return an order with one letter moved up (-1) or down (1); at the edge it stays.

    Raises ValueError for a letter that is not in the order, and for another step.
    """
    if letter not in order or step not in (-1, 1) or len(letter) != 1:
        raise ValueError(f"cannot move {letter!r} by {step} in {order!r}")
    here = order.index(letter)
    there = min(max(here + step, 0), len(order) - 1)
    places = list(order)
    places[here], places[there] = places[there], places[here]
    return "".join(places)


def plain(text: str) -> str:
    """Return a text as it is compared: small letters, no accents, no marks, single spaces."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(one for one in apart if not unicodedata.combining(one))
    return " ".join(re.findall(r"\w+", bare))


def _words(accept: Sequence[str], answer: str) -> Mark:
    if not answer.strip() or len(answer) > LONGEST_WORDS:
        raise ValueError(f"between 1 and {LONGEST_WORDS} letters, please")
    if not accept:
        return Mark(None)
    said = f" {plain(answer)} "
    return Mark(1.0 if any(f" {plain(one)} " in said for one in accept) else 0.0)


def _pairs_in_order(answer: str) -> float:
    """Return the share of pairs that stand the right way round (1 - Kendall's distance)."""
    pairs = [(a, b) for place, a in enumerate(answer) for b in answer[place + 1 :]]
    return sum(a < b for a, b in pairs) / len(pairs)
