"""The built-in list: complete, safe, in plain words, and a mistake in it is named."""

from __future__ import annotations

import re
import shutil

import pytest

from adaptive.opportunities import Listing, Offer, Texts, load_network
from adaptive.opportunities.listing import Contact
from adaptive.opportunities.network import FOLDER, LANGUAGES, BadContent, read_network

NETWORK = load_network()
LONGEST_SENTENCE = 15


def test_each_entry_is_complete_and_safe():
    assert len(NETWORK) >= 6
    for key, listing in NETWORK.items():
        assert listing.id == key
        assert re.fullmatch("[a-z-]{3,32}", key)
        assert listing.contact.url.startswith("https://")
        assert not listing.example
        texts = listing.texts["en"]
        assert len(texts.title) <= 60
        assert texts.about


def test_sentences_are_short_and_words_kind():
    for path in FOLDER.glob("*.toml"):
        if path.stem in LANGUAGES:
            assert not re.search(r"\bNEETs?\b", path.read_text(encoding="utf-8"))
    for key, listing in NETWORK.items():
        for texts in listing.texts.values():
            for text in (texts.title, texts.about, texts.needs, texts.first_step):
                for sentence in re.split(r"(?<=[.!?])\s", text):
                    assert len(sentence.split()) <= LONGEST_SENTENCE, (key, sentence)


def test_serbian_is_written_in_both_scripts_and_a_missing_language_falls_back():
    listing = Listing(
        offer=Offer(id="x", kind="job"),
        contact=Contact("X"),
        texts={"sr": Texts("Посао", "Опис"), "de": Texts("Arbeit", "Text")},
    )
    assert listing.words("sr_Latn") == ("sr", Texts("Posao", "Opis"))
    assert listing.words("sr_Cyrl")[1].title == "Посао"
    assert listing.words("hu") == ("de", Texts("Arbeit", "Text"))
    assert NETWORK["eures"].words("xx")[0] == "en"


@pytest.fixture
def folder(tmp_path):
    for name in ("network.toml", "en.toml"):
        shutil.copy(FOLDER / name, tmp_path)
    return tmp_path


def test_another_language_is_read_from_its_file(folder):
    words = '[eures]\ntitle = "Munka"\nabout = "Szöveg."\n'
    (folder / "hu.toml").write_text(words, encoding="utf-8")
    found = read_network(folder)
    assert found["eures"].words("hu") == ("hu", Texts("Munka", "Szöveg."))
    assert found["alma"].words("hu")[0] == "en"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("hu.toml", "[eures\n", "hu.toml: not valid TOML"),
        ("hu.toml", '[nothing]\ntitle = "a"\nabout = "b"\n', r"hu.toml \[nothing\]: not in"),
        ("hu.toml", '[eures]\ntitle = "a"\n', r"hu.toml \[eures\]: use"),
        ("hu.toml", '[eures]\ntitle = "a"\nabout = "b"\nabuot = "c"\n', "about"),
        ("en.toml", '[eures]\ntitle = "a"\nabout = "b"\n', "is missing; write its texts"),
    ],
)
def test_a_mistake_is_named(folder, name, text, words):
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadContent, match=words):
        read_network(folder)
