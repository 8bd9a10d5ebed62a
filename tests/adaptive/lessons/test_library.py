"""Mistakes in content are named by file, line and mend, and nothing else suffers from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adaptive.lessons import Library, load_library
from adaptive.lessons.__main__ import main


@pytest.fixture
def load(folder: Path) -> Callable[[], Library]:
    """Load afresh, past the cache."""
    return lambda: load_library.__wrapped__(folder)


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / "pack" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_sound_pack_is_read_with_paragraphs_and_points(load: Callable[[], Library]) -> None:
    library = load()
    assert library.faults == ()
    assert list(library.lessons) == ["one", "two"]
    assert library.graph.before["second"] == ("first",)
    block = library.lesson_texts("one", "en").blocks[0]
    assert block.paragraphs == ("One line and its end.", ("a point", "another"))
    assert library.skill_name("second", "en") == "the second thing"


SHAPE_FAULTS = [
    ("minutes = 4", "minutes = 40", 4, "from 3 to 6"),
    ('needs = ["job"]', 'needs = ["jobs"]', 6, "unknown needs: jobs; use some of: alone"),
    ('skills = ["first"]', "skills = []", 5, "name at least one skill"),
    ('right = "b"', 'right = "c"', 8, 'exercise 1: "right" must be letters out of "ab"'),
    ('shown = "cab"', 'shown = "abc"', 8, "exercise 2"),
    ('"choice"', '"guess"', 8, '"type" must be one of: choice'),
    ('skill = "first", options = 2', 'skill = "other", options = 2', 8, "lesson's skills: first"),
    ("options = 2", "options = 9", 8, "from 2 to 6"),
    ("blocks = 2", "blocks = 9", 7, "from 2 to 4"),
    ("minutes = 4", 'minutes = 4\npicture = "x"', 5, '"picture" means nothing here'),
    ("blocks = 2", 'blocks = 2\npictures = {1 = "no.svg"}', 8, "no.svg is not in pictures/"),
]


@pytest.mark.parametrize(("old", "new", "line", "says"), SHAPE_FAULTS)
def test_a_mistake_in_the_shape_costs_one_lesson(
    folder: Path, load: Callable[[], Library], old: str, new: str, line: int, says: str
) -> None:
    change(folder, "pack.toml", old, new)
    library = load()
    fault = library.faults[0]
    assert (fault.file, fault.line) == ("pack/pack.toml", line)
    assert says in fault.message
    assert "one" not in library.lessons


WORD_FAULTS = [
    ('title = "Title"', 'titel = "Title"', 1, '"titel" means nothing here; use one of: title'),
    ('b_reply = "Yes."', 'b_reply = ""', 24, '[exercise-1] "b_reply" is missing or empty'),
    ('heading = "Head"', "", 5, '[block-1] "heading" is missing'),
    ('accept = ["Šest", "6"]', 'accept = "6"', 36, "must be a list of words"),
    ('ask = "Ask?"', 'ask = "Ask?', 20, "not valid TOML"),
    ("One line", "long " * 300, 7, "at most 1200"),
]


@pytest.mark.parametrize(("old", "new", "line", "says"), WORD_FAULTS)
def test_a_mistake_in_words_costs_one_lesson(
    folder: Path, load: Callable[[], Library], old: str, new: str, line: int, says: str
) -> None:
    change(folder, "one.en.toml", old, new)
    library = load()
    assert any(says in fault.message and fault.line == line for fault in library.faults), [
        str(fault) for fault in library.faults
    ]
    assert {fault.file for fault in library.faults} >= {"pack/one.en.toml"}
    assert list(library.lessons) == ["two"]


def test_a_translation_is_used_and_one_with_a_mistake_is_shown_in_english(
    folder: Path, load: Callable[[], Library]
) -> None:
    english = (folder / "pack" / "one.en.toml").read_text(encoding="utf-8")
    (folder / "pack" / "one.de.toml").write_text(english.replace("Title", "Titel"), "utf-8")
    (folder / "pack" / "two.de.toml").write_text('title = "Titel"\n', "utf-8")
    library = load()
    assert library.lesson_texts("one", "de").title == "Titel"
    assert library.lesson_texts("one", "de").language == "de"
    assert library.lesson_texts("two", "de").language == "en"
    assert library.lesson_texts("one", "hu").language == "en"
    assert library.pack_texts("pack", "de").language == "en"
    assert "pack/two.de.toml:1" in str(library.check_languages()[0])


def test_serbian_is_written_once_and_read_in_both_scripts(
    folder: Path, load: Callable[[], Library]
) -> None:
    english = (folder / "pack" / "one.en.toml").read_text(encoding="utf-8")
    (folder / "pack" / "one.sr.toml").write_text(english.replace("Title", "Љубав"), "utf-8")
    library = load()
    assert library.lesson_texts("one", "sr_Cyrl").title == "Љубав"
    assert library.lesson_texts("one", "sr_Latn").title == "Ljubav"
    assert library.lesson_texts("one", "sr_Latn").language == "sr"


def test_a_pack_that_cannot_be_read_leaves_the_others(
    folder: Path, load: Callable[[], Library]
) -> None:
    (folder / "broken").mkdir()
    (folder / "broken" / "pack.toml").write_text("place = 2\n[lesson.x\n", "utf-8")
    library = load()
    assert list(library.packs) == ["pack"]
    assert any(str(fault).startswith("broken/pack.toml:2: not valid") for fault in library.faults)


def test_lessons_that_wait_for_each_other_are_reported_and_wait_for_nothing(
    folder: Path, load: Callable[[], Library]
) -> None:
    change(folder, "pack.toml", 'needs = ["job"]', 'after = ["second"]\nneeds = ["job"]')
    library = load()
    assert "wait for each other" in str(library.faults[0])
    assert set(library.graph.before.values()) == {()}


def test_a_prerequisite_nobody_teaches_is_reported_and_dropped(
    folder: Path, load: Callable[[], Library]
) -> None:
    change(folder, "pack.toml", 'after = ["first"]', 'after = ["third"]')
    library = load()
    assert "third, which no lesson teaches" in str(library.faults[0])
    assert library.lessons["two"].after == ()


def test_a_file_of_no_lesson_is_found(folder: Path, load: Callable[[], Library]) -> None:
    (folder / "pack" / "three.de.toml").write_text('title = "x"\n', "utf-8")
    assert "no lesson three" in str(load().check_languages()[0])


def test_the_check_says_that_all_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    assert "30 lessons" in capsys.readouterr().out
