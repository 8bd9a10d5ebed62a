"""The guides: all files sound, short sentences, faults by line, and English where words lack."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adaptive.guides import CONTENT, Guides, load_guides
from adaptive.guides.__main__ import main
from adaptive.lessons.model import LessonTexts

LONGEST_SENTENCE = 15


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the guides that may be damaged."""
    return Path(shutil.copytree(CONTENT, tmp_path / "guides"))


@pytest.fixture
def load(folder: Path) -> Callable[[], Guides]:
    """Read the copy anew."""
    return lambda: load_guides.__wrapped__(folder)


def change(path: Path, old: str, new: str) -> int:
    """Put `new` in the place of `old`, which is there once; return its line."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def words(texts: LessonTexts) -> Iterator[str]:
    """Every text of a unit."""
    yield from (texts.title, texts.why, texts.tip)
    for block in texts.blocks:
        yield block.heading
        for part in block.paragraphs:
            yield from (part,) if isinstance(part, str) else part
    for one in texts.exercises:
        yield from (one.ask, one.story, *one.options.values(), *one.replies.values())


def test_six_units_of_six_pages_and_three_questions_are_sound() -> None:
    guides = load_guides()
    assert guides.faults == ()
    assert guides.check_languages() == []
    assert [len(guides.texts(one, "en").blocks) for one in guides.units] == [6] * 6
    assert [len(one.questions) for one in guides.units.values()] == [3] * 6


def test_every_option_has_a_reply_and_good_answers_are_not_always_the_same_letter() -> None:
    guides = load_guides()
    for unit in guides.units.values():
        for shape, said in zip(unit.questions, guides.texts(unit.id, "en").exercises, strict=True):
            assert set(said.options) == set(said.replies) == set(shape.options)
        assert len({question.right for question in unit.questions}) > 1, unit.id


def test_sentences_are_short_and_nothing_is_called_a_test() -> None:
    guides, wrong = load_guides(), []
    for unit in guides.units:
        for text in words(guides.texts(unit, "en")):
            for sentence in re.split(r"(?<=[.?!:])[\"”]?\s+", text):
                if len(sentence.split()) > LONGEST_SENTENCE:
                    wrong.append(f"{unit}: {sentence}")
            if re.search(r"\b(test|exam|NEET)\b", text):
                wrong.append(f"{unit}: {text}")
    assert wrong == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[unit.role]", "[unit.Role]", "small letters"),
        ('[unit.role]\nminutes = 10', '[unit.role]\nminutes = "ten"', '"minutes" must be'),
        (
            '"choice", options = 3, right = "b", page = 1',
            '"choice", options = 3, right = "d", page = 1',
            'question 1: "right" must be letters out of "abc"',
        ),
    ],
)  # fmt: skip
def test_a_mistake_in_the_shape_costs_one_unit_and_names_file_and_mend(
    folder: Path, load: Callable[[], Guides], old: str, new: str, message: str
) -> None:
    change(folder / "units.toml", old, new)
    guides = load()
    assert "role" not in guides.units
    assert len(guides.units) == 5
    assert guides.faults[0].file == "units.toml"
    assert guides.faults[0].line > 1
    assert message in guides.faults[0].message


def test_a_mistake_in_words_costs_one_unit_and_names_its_line(
    folder: Path, load: Callable[[], Guides]
) -> None:
    line = change(folder / "trust.en.toml", 'heading = "The first hour"', 'headng = "x"')
    guides = load()
    assert "trust" not in guides.units
    assert f"trust.en.toml:{line}: " in "\n".join(map(str, guides.faults))


def test_a_folder_without_a_shape_says_so(tmp_path: Path) -> None:
    guides = load_guides.__wrapped__(tmp_path)
    assert not guides.units
    assert "put it back" in str(guides.faults[0])


def test_another_language_is_used_and_english_where_it_lacks_or_has_a_mistake(
    folder: Path, load: Callable[[], Guides]
) -> None:
    shutil.copy(folder / "role.en.toml", folder / "role.de.toml")
    change(folder / "role.de.toml", 'title = "What a mentor is, and is not"', 'title = "Rolle"')
    shutil.copy(folder / "plan.en.toml", folder / "plan.de.toml")
    change(folder / "plan.de.toml", 'title = "Goals and small steps"', "")
    guides = load()
    assert (guides.texts("role", "de").language, guides.texts("role", "de").title) == (
        "de",
        "Rolle",
    )
    assert guides.texts("plan", "de").language == "en"
    assert guides.texts("trust", "de").language == "en"
    assert guides.faults == ()
    assert [fault.file for fault in guides.check_languages()] == ["plan.de.toml"]


def test_serbian_is_written_once_and_read_in_both_scripts(
    folder: Path, load: Callable[[], Guides]
) -> None:
    shutil.copy(folder / "role.en.toml", folder / "role.sr.toml")
    change(folder / "role.sr.toml", 'title = "What a mentor is, and is not"', 'title = "Ментор"')
    guides = load()
    assert guides.texts("role", "sr_Cyrl").title == "Ментор"
    assert guides.texts("role", "sr_Latn").title == "Mentor"


def test_a_file_of_no_unit_is_found(folder: Path, load: Callable[[], Guides]) -> None:
    shutil.copy(folder / "role.en.toml", folder / "rolle.de.toml")
    assert [fault.file for fault in load().check_languages()] == ["rolle.de.toml"]


def test_the_check_says_that_all_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    assert capsys.readouterr().out == "6 units: all files are sound\n"
