"""Search: a learner's own word, with typos, without accents, in either script."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from adaptive.occupations import (
    Entry,
    TitleIndex,
    build_index,
    catalogue_entries,
    load_catalogue,
    read_index,
    write_index,
)
from adaptive.occupations.forms import akin, gender_forms, grams
from adaptive.occupations.letters import fold, folds


@pytest.fixture(scope="module")
def index() -> TitleIndex:
    return build_index(catalogue_entries(load_catalogue()))


@pytest.mark.parametrize(
    ("word", "language", "code"),
    [
        ("hairdresser", "en", "5141"),
        ("bee keeper", "en", "6123"),
        ("Bäcker", "de", "7512"),
        ("Baecker", "de", "7512"),
        ("backer", "de", "7512"),
        ("Tischlerin", "de", "7522"),
        ("Kfz Mechaniker", "de", "7231"),
        ("szakacs", "hu", "5120"),
        ("villanyszerelö", "hu", "7411"),
        ("kucharka", "sk", "5120"),
        ("elektrikar", "sk", "7411"),
        ("ridicka autobusu", "cs", "8331"),
        ("truhlar", "cs", "7522"),
        ("mizarka", "sl", "7522"),
        ("čebelar", "sl", "6123"),
        ("bucatar", "ro", "5120"),
        ("șofer de tir", "ro", "8332"),
        ("готвач", "bg", "5120"),
        ("gotvach", "bg", "5120"),
        ("фризер", "sr", "5141"),
        ("frizerka", "sr", "5141"),
        ("frizerka", "sr_Latn", "5141"),
        ("masinovodja", "sr", "8311"),
        ("pčelar", "bs", "6123"),
        ("ljekar", "bs", "2211"),
    ],
)
def test_everyday_words_in_every_language(
    index: TitleIndex, word: str, language: str, code: str
) -> None:
    assert index.search(word, language)[0].id == code


@pytest.mark.parametrize(
    ("word", "language", "code"),
    [
        ("electricain", "en", "7411"),
        ("Elektrikr", "de", "7411"),
        ("autoszerlo", "hu", "7231"),
        ("vodoinstalter", "bs", "7126"),
        ("заварчк", "bg", "7212"),
        ("polciajac", "sr", "5412"),
    ],
)
def test_typos(index: TitleIndex, word: str, language: str, code: str) -> None:
    assert code in [hit.id for hit in index.search(word, language)]


def test_every_title_finds_its_own_group(index: TitleIndex) -> None:
    catalogue = load_catalogue()
    for language in catalogue.languages:
        for occupation in catalogue.occupations:
            found = [hit.id for hit in index.search(occupation.title(language), language)]
            assert occupation.id in found[:3], (language, occupation.id)


def test_cyrillic_and_latin_give_the_same_answer(index: TitleIndex) -> None:
    for cyrillic, latin in (("заваривач", "zavarivač"), ("ђубретар", "djubretar")):
        assert [h.id for h in index.search(cyrillic, "sr")] == [
            h.id for h in index.search(latin, "sr")
        ]


def test_capitals_blanks_and_marks_do_not_matter(index: TitleIndex) -> None:
    plain = index.search("ridic autobusu", "cs")
    assert index.search("  ŘIDIČ,  autobusů!", "cs") == plain


def test_without_a_language_a_word_is_found_in_any(index: TitleIndex) -> None:
    hit = index.search("méhész")[0]
    assert (hit.id, hit.language, hit.label) == ("6123", "hu", "méhész")
    assert hit.likeness == pytest.approx(1, abs=1e-3)
    assert index.search("méhész", "xx")[0].id == "6123"


def test_a_word_of_another_language_still_helps(index: TitleIndex) -> None:
    assert index.search("electrician", "de")[0].id == "7411"


@pytest.mark.parametrize("word", ["", "   ", "???", "xqzwv", "12345", "\u0301\u0308", "漢字"])
def test_what_is_no_word_finds_nothing(index: TitleIndex, word: str) -> None:
    assert index.search(word, "en") == []


def test_a_very_long_text_is_cut_not_refused(index: TitleIndex) -> None:
    assert index.search("gardener " * 1000, "en")[0].id == "6113"


def test_the_limit_holds_and_likeness_is_a_share(index: TitleIndex) -> None:
    found = index.search("worker", "en", limit=7)
    assert len(found) == 7
    assert all(0 < hit.likeness <= 1 for hit in found)
    assert len({hit.id for hit in found}) == 7


ENTRIES = [
    Entry("a", {"hr": ("frizer/frizerka", "vlasuljar"), "de": ("Friseur",)}),
    Entry("b", {"hr": ("pekar/pekarka",), "de": ("Bäcker/Bäckerin", "Semmelmacher")}),
    Entry("c", {"hr": ("zidar/zidarka",), "de": ("Maurer",)}),
]


def test_an_index_of_any_entries() -> None:
    index = build_index(ENTRIES)
    assert index.search("vlasuljarka", "hr")[0].id == "a"
    assert index.search("semmelmacherin", "de")[0].id == "b"


def test_serbian_and_bosnian_borrow_croatian_labels_where_there_are_none() -> None:
    index = build_index(ENTRIES)
    for language in ("sr", "bs", "sr_Latn"):
        hit = index.search("фризерка", language)[0]
        assert (hit.id, hit.language, hit.label) == ("a", "hr", "frizerka")


def test_a_label_of_the_learners_language_is_shown_when_nearly_as_much_alike() -> None:
    index = build_index([*ENTRIES, Entry("d", {"sk": ("maliar",), "cs": ("malíř",)})])
    assert index.search("malir", "sk")[0].label == "malíř"
    assert index.search("maliarka", "sk")[0].label == "maliar"


def test_an_entry_without_a_label_and_an_empty_index_are_refused() -> None:
    with pytest.raises(ValueError, match="entry x has no label"):
        build_index([Entry("x", {"en": ("!!!",)})])
    with pytest.raises(ValueError, match="at least one entry"):
        build_index([])


def test_an_index_survives_its_file(index: TitleIndex) -> None:
    stream = io.BytesIO()
    write_index(index, stream)
    stream.seek(0)
    again = read_index(stream)
    for word, language in (("frizerka", "sr"), ("Bäcker", "de"), ("nurse", None)):
        assert again.search(word, language) == index.search(word, language)


def test_an_index_on_disk_is_mapped_not_copied(index: TitleIndex, tmp_path: Path) -> None:
    with (tmp_path / "titles").open("w+b") as stream:
        write_index(index, stream)
        stream.flush()
        again = read_index(stream)
    assert again.search("Bäcker", "de") == index.search("Bäcker", "de")
    base = again.parts.by_label.weights
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)


@pytest.mark.parametrize("content", [b"", b"not an index", b"backontrack title index 2\n"])
def test_another_file_is_no_index(content: bytes) -> None:
    with pytest.raises(ValueError, match="build it again"):
        read_index(io.BytesIO(content))


@pytest.mark.parametrize("left", [60, 0.5, 0.999])
def test_an_index_that_was_cut_off_is_refused(index: TitleIndex, left: float) -> None:
    stream = io.BytesIO()
    write_index(index, stream)
    whole = stream.getvalue()
    with pytest.raises(ValueError, match="cut off"):
        read_index(io.BytesIO(whole[: int(left * len(whole)) if left < 1 else int(left)]))


@pytest.mark.parametrize(
    ("label", "forms"),
    [
        ("kuchar", ("kuchar",)),
        ("frizer/frizerka", ("frizer", "frizerka")),
        ("pekár/pekárka na lodi", ("pekár na lodi", "pekárka na lodi")),
        ("Leiter im Büro/Leiterin im Büro", ("Leiter im Büro", "Leiterin im Büro")),
        ("glavni kuhari/glavne kuharice", ("glavni kuhari", "glavne kuharice")),
        ("ladijski/ladijske strojevodje", ("ladijski strojevodje", "ladijske strojevodje")),
    ],
)
def test_gender_forms(label: str, forms: tuple[str, ...]) -> None:
    assert gender_forms(label) == forms


def test_words_are_akin_by_their_ending_only() -> None:
    assert akin("frizer", "frizerka")
    assert akin("učitelj", "učiteljica")
    assert not akin("frizer", "zidar")
    assert not akin("manager", "mandarin")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Čistač-ica ULICA", "cistac ica ulica"),
        ("Fußpfleger", "fusspfleger"),
        ("Köchin", "kochin"),
        ("Koechin", "kochin"),
        ("Ђурђевак", "durdevak"),
        ("djurdjevak", "durdevak"),
        ("Șofer", "sofer"),
        ("животновъд", "zivotnovad"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_bulgarian_is_also_indexed_as_it_is_typed_in_latin() -> None:
    assert folds("шивачка", "bg") == ("sivacka", "shivachka")
    assert folds("шивачица", "sr") == ("sivacica",)


def test_grams_stay_within_words_and_mark_their_borders() -> None:
    found = grams("ab cd")
    assert set(found) == {" ab", "ab ", " ab ", " cd", "cd ", " cd "}
