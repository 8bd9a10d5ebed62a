"""What counts as a good answer, and what is no answer at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adaptive.lessons import Exercise, ExerciseTexts, mark
from adaptive.lessons.marking import moved, plain

CHOICE = Exercise(1, "choice", "s", "abc", "b", "")
SEVERAL = Exercise(1, "several", "s", "abcd", "ad", "")
ORDER = Exercise(1, "order", "s", "abc", "", "cab")
WORDS = Exercise(1, "words", "s", "", "", "")
TEXTS = ExerciseTexts("", "", {}, {}, "", "", "", ())


def test_shares() -> None:
    assert mark(CHOICE, TEXTS, "b").good
    assert mark(CHOICE, TEXTS, "a").share == 0
    assert mark(replace(CHOICE, type="scenario", right="ab"), TEXTS, "a").good
    assert mark(SEVERAL, TEXTS, "da").good
    assert mark(SEVERAL, TEXTS, "abd").share == 0.75
    assert mark(SEVERAL, TEXTS, "bc").share == 0
    assert mark(ORDER, TEXTS, "abc").good
    assert mark(ORDER, TEXTS, "cba").share == 0
    assert mark(ORDER, TEXTS, "acb").share == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (CHOICE, ""),
        (CHOICE, "ab"),
        (CHOICE, "d"),
        (CHOICE, "bb"),
        (SEVERAL, ""),
        (SEVERAL, "aa"),
        (SEVERAL, "aé"),
        (ORDER, "ab"),
        (ORDER, "aab"),
        (ORDER, "abcd"),
        (WORDS, "  \n"),
        (WORDS, "x" * 401),
    ],
)
def test_what_is_no_answer_is_refused(exercise: Exercise, answer: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        mark(exercise, TEXTS, answer)


def test_words_are_found_whatever_their_letters_and_marks() -> None:
    texts = replace(TEXTS, accept=("Šest", "60"))
    assert mark(WORDS, texts, "  it is SEST, I think! ").good
    assert mark(WORDS, texts, "60.").good
    assert not mark(WORDS, texts, "160").good
    assert not mark(WORDS, texts, "sestra").good
    assert mark(WORDS, TEXTS, "my own words").share is None
    assert plain("  Ćao,   SVETE! ") == "cao svete"


def test_up_and_down_stay_within_the_list() -> None:
    assert moved("abc", "b", -1) == "bac"
    assert moved("abc", "b", 1) == "acb"
    assert moved("abc", "a", -1) == "abc"
    assert moved("abc", "c", 1) == "abc"
    for letter, step in (("d", 1), ("ab", 1), ("a", 2), ("", 1)):
        with pytest.raises(ValueError, match="cannot move"):
            moved("abc", letter, step)
