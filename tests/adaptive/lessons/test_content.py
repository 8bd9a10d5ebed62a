"""The shipped lessons: sound files, six packs of five, and words that a nine-year-old reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from adaptive.lessons import LessonTexts, Library, load_library, mark

LONGEST_SENTENCE = 15


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def words(texts: LessonTexts) -> Iterator[str]:
    """Every piece of text of a lesson."""
    yield from (texts.title, texts.why, texts.tip)
    for block in texts.blocks:
        yield block.heading
        for part in block.paragraphs:
            yield from (part,) if isinstance(part, str) else part
    for one in texts.exercises:
        yield from (one.ask, one.story, one.good, one.again, one.model)
        yield from one.options.values()
        yield from one.replies.values()


def test_every_file_is_sound_and_there_are_six_packs_of_five(library: Library) -> None:
    assert library.faults == ()
    assert library.check_languages() == []
    assert [len(pack.lessons) for pack in library.packs.values()] == [5] * 6


def test_sentences_are_short_and_nothing_is_called_a_test(library: Library) -> None:
    wrong = []
    for lesson in library.lessons:
        for text in words(library.lesson_texts(lesson, "en")):
            for sentence in re.split(r"(?<=[.?!:])[\"”]?\s+", text):
                if len(sentence.split()) > LONGEST_SENTENCE:
                    wrong.append(f"{lesson}: {sentence}")
            if re.search(r"\b(test|exam|NEET|succeed)\b", text):
                wrong.append(f"{lesson}: {text}")
    assert wrong == []


def test_every_kind_of_exercise_is_there_and_its_key_is_marked_as_good(library: Library) -> None:
    kinds = set()
    for lesson in library.lessons.values():
        texts = library.lesson_texts(lesson.id, "en")
        for exercise, said in zip(lesson.exercises, texts.exercises, strict=True):
            kinds.add(exercise.type)
            if exercise.type == "words":
                answer = said.accept[0] if said.accept else "anything at all"
                assert mark(exercise, said, answer).share in {1.0, None}
            elif exercise.type == "order":
                assert mark(exercise, said, exercise.options).good
                assert not mark(exercise, said, exercise.shown).good
            else:
                rights = [exercise.right] if exercise.type == "several" else list(exercise.right)
                assert all(mark(exercise, said, right).good for right in rights)
    assert kinds == {"choice", "several", "order", "words", "scenario"}


def test_whoever_ticks_everything_or_always_the_first_learns_little(library: Library) -> None:
    """The right option does not always stand at the same place."""
    choices = [
        exercise.right
        for lesson in library.lessons.values()
        for exercise in lesson.exercises
        if exercise.type == "choice"
    ]
    assert {choices.count(letter) > 5 for letter in "abc"} == {True}


def test_the_first_lessons_wait_for_nothing_and_all_are_reachable(library: Library) -> None:
    assert set(library.graph.before) == {
        skill for lesson in library.lessons.values() for skill in lesson.skills
    }
    roots = [skill for skill, before in library.graph.before.items() if not before]
    assert len(roots) >= 12
