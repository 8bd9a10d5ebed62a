"""From what a form sent to an answer, and from an answer to what a page says about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from adaptive.lessons import Exercise, ExerciseTexts, mark
from adaptive.lessons.marking import LONGEST_WORDS, SELF, moved


class TooLong(ValueError):
    """More letters than a short answer has."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it is stored. empty: nothing was ticked or written, and not "Not sure"."""

    answer: str
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One option with its reply. chosen: the learner took it; right: it belongs to the answer."""

    letter: str
    text: str
    reply: str
    chosen: bool
    right: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a page says about an answer.

    good: nothing to mend; None where only the learner can say. unsure: "Not sure" was the answer.
    lines: the options, in an order as the learner put them.
    """

    good: bool | None
    unsure: bool
    lines: Sequence[Line]

    @property
    def chosen(self) -> list[Line]:
        """Return the lines that the learner took."""
        return [line for line in self.lines if line.chosen]


def given(exercise: Exercise, form: MultiDict[str, str]) -> Given:
    """Read an answer out of a form. Raises TooLong for a text that no field of ours lets in."""
    if form.get("unsure") == "1":
        return Given("")
    if exercise.type == "several":
        answer = "".join(sorted(set(form.getlist("answer"))))
    elif exercise.type == "order":
        answer = form.get("order", "")
    else:
        answer = form.get("answer", "").replace("\r\n", "\n").strip()
    if len(answer) > LONGEST_WORDS:
        raise TooLong(len(answer))
    return Given(answer, empty=not answer)


def order_after_move(exercise: Exercise, form: MultiDict[str, str]) -> tuple[str, str]:
    """Return the order after one tap on up or down, and the letter that moved.

    Raises ValueError for anything that is no order of this exercise's letters.
    """
    order = form.get("order", "")
    letter, _, way = form.get("move", "").partition(" ")
    if exercise.type != "order" or sorted(order) != list(exercise.options):
        raise ValueError(order[:20])
    if way not in {"up", "down"}:
        raise ValueError(way[:20])
    return moved(order, letter, -1 if way == "up" else 1), letter


def order_to_show(exercise: Exercise, asked: str | None, answer: str | None) -> str:
    """Return the order to begin with: as moved so far, as answered before, as first shown."""
    for order in (asked, answer):
        if order and sorted(order) == list(exercise.options):
            return order
    return exercise.shown


def outcome(
    exercise: Exercise, texts: ExerciseTexts, answer: str | None, said: str | None
) -> Outcome | None:
    """Return what to say about an answer, None if there is none (or none that fits any more)."""
    if answer is None:
        return None
    if not answer:
        return Outcome(False, True, _lines(exercise, texts, ""))
    try:
        found = mark(exercise, texts, answer)
    except ValueError:
        return None
    good = found.good if found.share is not None else None
    if exercise.type == "words" and said in SELF:
        good = said == "yes" or bool(good)
    return Outcome(good, False, _lines(exercise, texts, answer))


def _lines(exercise: Exercise, texts: ExerciseTexts, answer: str) -> list[Line]:
    order = answer if exercise.type == "order" and answer else exercise.options
    return [
        Line(
            letter,
            texts.options[letter],
            texts.replies.get(letter, ""),
            letter in answer and exercise.type != "words",
            letter in exercise.right,
        )
        for letter in order
    ]
