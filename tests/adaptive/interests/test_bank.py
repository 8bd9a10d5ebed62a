"""The bank: ten complete languages, small pictures, and faults named with file, line and mend."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from adaptive.interests import ITEMS, BankError, languages, load_bank
from adaptive.interests.bank import CONTENT, LONGEST_PICTURE

TEN = ("bg", "bs", "cs", "de", "en", "hu", "ro", "sk", "sl", "sr")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONTENT, tmp_path / "bank")
    return tmp_path / "bank"


def edit(path: Path, old: str, new: str) -> int:
    """Replace the first `old`; returns the number of its line."""
    text = path.read_text(encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return line


def test_ten_languages_are_there() -> None:
    assert languages() == TEN


@pytest.mark.parametrize("language", TEN)
def test_every_language_is_complete(language: str) -> None:
    bank = load_bank(language)
    assert [item.id for item in bank] == list(ITEMS)
    assert len({item.text for item in bank}) == len(bank) == 48
    assert all(item.scale == item.id[0] for item in bank)
    assert all(item.text[0].isupper() and not item.text.endswith(".") for item in bank)


@pytest.mark.parametrize("language", ["bg", "sr"])
def test_cyrillic_languages_hold_no_latin_letter(language: str) -> None:
    letters = {c for item in load_bank(language) for c in item.text if c.isalpha()}
    assert all("\u0400" <= letter <= "\u04ff" for letter in letters)


def test_no_latin_language_holds_a_cyrillic_letter() -> None:
    for language in set(TEN) - {"bg", "sr"}:
        text = "".join(item.text for item in load_bank(language))
        assert not any("\u0400" <= letter <= "\u04ff" for letter in text)


def test_english_words_are_new() -> None:
    for item in load_bank("en"):
        assert item.back == ""
        assert item.text.lower() != item.marker.lower(), item.id


def test_pictures_are_small_plain_drawings() -> None:
    bank = load_bank("en")
    seen = set()
    for item in bank:
        svg = bank.picture(item.id)
        root = ET.fromstring(svg)
        assert root.attrib["viewBox"] == "0 0 24 24"
        assert root.attrib["stroke"] == "currentColor"
        assert root.attrib["aria-hidden"] == "true"
        assert len(svg) <= LONGEST_PICTURE
        seen.add(svg)
    assert len(seen) == 48


@pytest.mark.parametrize(
    ("locale", "language"), [("de-AT", "de"), ("sr_Cyrl_RS", "sr"), ("EN", "en")]
)
def test_a_locale_gives_its_language(locale: str, language: str) -> None:
    assert load_bank(locale).language == language


def test_unknown_item_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load_bank("en")["R9"]


def test_a_language_without_a_file_says_what_to_add() -> None:
    with pytest.raises(BankError, match=r"no activities for language 'xx'.*add xx\.toml"):
        load_bank("xx")


def test_a_new_language_is_one_file(folder: Path) -> None:
    text = (folder / "de.toml").read_text(encoding="utf-8")
    (folder / "pl.toml").write_text(text.replace('"de"', '"pl"'), encoding="utf-8")
    assert load_bank("pl", folder).language == "pl"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('text = "Anderen helfen', 'txet = "Anderen helfen', "unknown 'txet'; use"),
        ('[R3]\ntext = "', '[R3]\ntext = "' + "a" * 90, r"letters; use at most 90"),
        ("[R3]", "[R9]", r"unknown entry 'R9'; remove it"),
        ('status = "draft"', 'status = "done"', r'"status" must be "draft" or "reviewed"'),
        ('language = "de"', 'language = "at"', r'"language" must be "de"'),
    ],
)
def test_faults_name_file_line_and_mend(folder: Path, old: str, new: str, message: str) -> None:
    line = edit(folder / "de.toml", old, new)
    line += 1 if "[R3]\n" in old else 0
    with pytest.raises(BankError, match=rf"de\.toml:{line}: .*{message}"):
        load_bank("de", folder)


def test_all_faults_are_told_at_once(folder: Path) -> None:
    edit(folder / "de.toml", 'status = "draft"', 'status = "done"')
    edit(folder / "items.toml", 'scale = "A"', 'scale = "B"')
    (folder / "pictures" / "S1.svg").unlink()
    (folder / "pictures" / "S2.svg").write_text("x" * (LONGEST_PICTURE + 1))
    with pytest.raises(BankError) as caught:
        load_bank("de", folder)
    told = str(caught.value).splitlines()
    assert len(told) == 4
    assert any("S1.svg is not in pictures/" in line for line in told)
    assert any("S2.svg is too big" in line for line in told)


@pytest.mark.parametrize("missing", ['back = "Lead a choir"\n', 'text = "Einen Chor leiten"\n'])
def test_a_missing_text_is_named(folder: Path, missing: str) -> None:
    edit(folder / "de.toml", missing, "")
    with pytest.raises(BankError, match=rf"\[A1\] \"{missing[:4]}\" is missing"):
        load_bank("de", folder)


def test_a_missing_item_is_named(folder: Path) -> None:
    edit(folder / "items.toml", "[E4]", "[X]")
    with pytest.raises(BankError, match=r"items\.toml:1: \[E4\] is missing; add the table"):
        load_bank("en", folder)


def test_broken_toml_gives_the_line(folder: Path) -> None:
    (folder / "de.toml").write_text('language = "de"\nname = \n', encoding="utf-8")
    with pytest.raises(BankError, match=r"de\.toml: not valid TOML: .*line 2"):
        load_bank("de", folder)


def test_other_encodings_are_refused(folder: Path) -> None:
    (folder / "de.toml").write_bytes("name = 'ä'".encode("latin-1"))
    with pytest.raises(BankError, match=r"de\.toml: not UTF-8"):
        load_bank("de", folder)


def test_a_missing_frame_is_named(folder: Path) -> None:
    (folder / "items.toml").unlink()
    with pytest.raises(BankError, match=r"items\.toml: the file is missing"):
        load_bank("de", folder)


def test_an_empty_bank_is_refused(folder: Path) -> None:
    (folder / "items.toml").write_text("", encoding="utf-8")
    with pytest.raises(BankError, match=r"\[R1\] is missing"):
        load_bank("de", folder)
