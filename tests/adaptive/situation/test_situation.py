"""The questions of "Where am I now?": broken files, answers as kept, and what they tell."""

from __future__ import annotations

import re
import shutil

import pytest

from adaptive.lessons import NEEDS
from adaptive.situation import CONTENT, NotAnAnswer, codes_of, load_questions, packed, said
from adaptive.situation.__main__ import main

QUESTIONS = load_questions()


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped files, to break."""
    shutil.copytree(CONTENT, tmp_path / "situation")
    return tmp_path / "situation"


def change(folder, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_shipped_files_are_sound_and_tell_every_need(capsys):
    assert main() == 0
    assert "all files are sound" in capsys.readouterr().out
    told = {need for question in QUESTIONS.all.values() for need in question.needs.values()}
    assert told == NEEDS


def test_sentences_are_short_and_plain():
    for name in QUESTIONS.all:
        words = QUESTIONS.words(name, "en")
        for text in (words.ask, words.help, *words.options.values()):
            assert not re.search(r"\b(NEET|test)\b", text, re.IGNORECASE)
            for sentence in re.split(r"[.?!]", text):
                assert len(sentence.split()) <= 15, sentence


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("questions.toml", 'kind = "one"', 'kind = "slider"', '"kind" must be one of'),
        ("questions.toml", 'hardly = "time"', 'hardly = "luck"', '"luck" is no need we know'),
        ("questions.toml", 'hardly = "time"', 'never = "time"', '"never" is no answer'),
        ("questions.toml", '"hardly", "some"', '"some", "some"', "must be different names"),
        ("questions.toml", '"hardly", "some", "much"', '"hardly"', "2 to 8 names"),
        ("questions.toml", '"hardly", "some"', '"ask", "some"', 'not "ask" or "help"'),
        ("questions.toml", 'kind = "text"', 'kind = "text"\noptions = ["a_b", "c_d"]', "take them"),
        ("questions.toml", "[question.time]", "[question.Time]", "small letters a-z"),
        ("questions.toml", "confidence = 2", "confidence = 99", "how many answers are enough"),
        ("questions.toml", "confidence = 2", "luck = 2", '"luck" is no need we know'),
        ("en.toml", 'hardly = "Hardly any"', 'hardly = ""', "missing or empty"),
        ("en.toml", 'hardly = "Hardly any"', 'hardy = "Hardly any"', "means nothing here"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_the_rest_is_asked(folder, name, old, new, fault):
    change(folder, name, old, new)
    found = load_questions(folder)
    (first, *_others) = [one for one in found.faults if fault in str(one)]
    assert re.match(rf"{name}:\d+", str(first))
    assert len(found.all) >= len(QUESTIONS.all) - 1
    assert "care" in found.all


def test_a_missing_file_is_named(folder):
    (folder / "questions.toml").unlink()
    found = load_questions(folder)
    assert found.all == {}
    assert "the file is missing" in str(found.faults[0])


def test_a_language_is_one_file_and_its_faults_fall_back_to_english(folder):
    text = (folder / "en.toml").read_text("utf-8").replace("Hardly any", "Jedva")
    (folder / "sr.toml").write_text(text.replace("Jedva", "Једва"), "utf-8")
    change(folder, "sr.toml", 'daily = "Yes, every day"', 'daily = ""')
    (folder / "hu.toml").unlink()
    found = load_questions(folder)
    assert found.faults == ()
    assert found.words("time", "sr_Cyrl").options["hardly"] == "Једва"
    assert found.words("time", "sr_Latn").options["hardly"] == "Jedva"
    assert found.words("care", "sr_Cyrl").language == "en"
    assert found.words("time", "hu").language == "en"
    assert ["missing or empty" in str(one) for one in found.check_languages()] == [True]


def test_answers_are_kept_as_offered():
    one, many, text = (QUESTIONS.all[name] for name in ("time", "hurdles", "more"))
    assert packed(one, ["some"], "typed") == "some"
    assert packed(one, [], "") == ""
    assert packed(many, ["papers", "alone", "papers"], "") == "alone papers"
    assert packed(many, ["none", "alone"], "") == "alone"
    assert packed(many, ["none"], "") == "none"
    assert packed(text, ["some"], "  own\r\nwords ") == "own\nwords"
    assert codes_of(many, "alone gone papers") == ("alone", "papers")
    assert codes_of(text, "alone") == ()


@pytest.mark.parametrize(
    ("name", "options", "text", "code"),
    [
        ("time", ["some", "much"], "", "option"),
        ("time", ["never"], "", "option"),
        ("hurdles", ["alone", "never"], "", "option"),
        ("more", [], "x" * 401, "long"),
    ],
)
def test_what_is_not_offered_is_no_answer(name, options, text, code):
    with pytest.raises(NotAnAnswer) as wrong:
        packed(QUESTIONS.all[name], options, text)
    assert wrong.value.code == code


def test_answers_tell_needs_and_confidence_takes_two():
    assert said(QUESTIONS, {}) == frozenset()
    assert said(QUESTIONS, {"time": "hardly", "hopes": "job people"}) == {"time", "job", "people"}
    assert said(QUESTIONS, {"sure_start": "not"}) == frozenset()
    assert said(QUESTIONS, {"sure_start": "not", "sure_ask": "bit"}) == {"confidence"}
    assert said(QUESTIONS, {"transport": "easy", "gone": "hardly"}) == frozenset()


def test_every_offered_language_has_all_questions():
    for locale in ("de", "hu", "sk", "cs", "sl", "ro", "bg", "sr_Cyrl", "sr_Latn", "bs"):
        for name in QUESTIONS.all:
            assert QUESTIONS.words(name, locale).language != "en", (locale, name)
