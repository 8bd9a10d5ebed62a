"""The embedded catalogue: complete, sourced, and clear about a broken file."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from adaptive.occupations import BadTable, load_catalogue
from adaptive.occupations.catalogue import HOME, LANGUAGES
from adaptive.occupations.letters import cyrillic_to_latin

CYRILLIC = re.compile("[а-яА-ЯјљњћђџЈЉЊЋЂЏ]")
LATIN = re.compile("[a-zA-Z]")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(HOME, tmp_path / "occupations")
    return tmp_path / "occupations"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_all_unit_groups_in_ten_languages() -> None:
    catalogue = load_catalogue()
    assert len(catalogue) == 436
    assert set(catalogue.languages) == set(LANGUAGES)
    for occupation in catalogue.occupations:
        assert set(occupation.titles) == set(LANGUAGES)
        assert all(occupation.title(code) for code in LANGUAGES)
        assert occupation.does.endswith(".")
        assert len(occupation.does.split()) <= 20


def test_serbian_and_bosnian_are_marked_as_drafts_and_do_not_mix_scripts() -> None:
    catalogue = load_catalogue()
    assert {code for code, status in catalogue.languages.items() if status == "draft"} == {
        "sr",
        "bs",
    }
    for occupation in catalogue.occupations:
        texts = {
            code: (occupation.titles[code], *occupation.words.get(code, ())) for code in LANGUAGES
        }
        assert not any(LATIN.search(text) for text in texts["sr"]), occupation.id
        assert not any(CYRILLIC.search(text) for text in texts["bs"]), occupation.id
        assert not CYRILLIC.search(occupation.title("sr_Latn")), occupation.id


IJEKAVIAN = r"mlijek|bijel|\bdjec|\bvjer|umjetn|savjet|\bljekar|\bnjeg|ocjen|procjen|željezn|rijek"
EKAVIAN = r"mlek|\bbelj|\bdec|\bversk|umetn|savet|\blekar|\bneg|ocenj|procenj|železn|\brek[ae]"
NOT_BOSNIAN = r"tisk|glazb|kazališ|nogomet|zrakoplov|\bsustav|suradni|poduzeć|računal|\bvlak"


def test_serbian_is_ekavian_and_bosnian_ijekavian() -> None:
    catalogue = load_catalogue()

    def all_texts(language: str) -> str:
        return " ".join(
            text.lower()
            for o in catalogue.occupations
            for text in (o.titles[language], *o.words.get(language, ()))
        )

    serbian, bosnian = cyrillic_to_latin(all_texts("sr")), all_texts("bs")
    assert len(re.findall(EKAVIAN, serbian)) > 20
    assert len(re.findall(IJEKAVIAN, bosnian)) > 20
    assert re.findall(IJEKAVIAN, serbian) == []
    assert re.findall(EKAVIAN, bosnian) == []
    assert re.findall(NOT_BOSNIAN, bosnian) == []


def test_every_figure_names_its_source_and_lies_on_its_scale() -> None:
    borrowed = 0
    for occupation in load_catalogue().occupations:
        assert all(1 <= value <= 7 for value in occupation.interests)
        assert occupation.interests_source == "O*NET" or occupation.interests_source.startswith(
            "ISCO"
        )
        borrowed += occupation.interests_source != "O*NET"
        assert 1 <= occupation.job_zone.value <= 5
        assert 1 <= occupation.training.value <= 9
        assert 0 <= occupation.remote.value <= 1
        for figure in (occupation.job_zone, occupation.training, occupation.remote):
            assert figure.source in ("O*NET", "Nesta") or figure.borrowed
    assert borrowed == 24


def test_known_jobs_have_the_interests_and_conditions_one_expects() -> None:
    catalogue = load_catalogue()

    def top(code: str) -> str:
        occupation = catalogue.get(code)
        assert occupation is not None
        return "RIASEC"[occupation.interests.index(max(occupation.interests))]

    assert top("7126") == "R"
    assert top("2131") == "I"
    assert top("2651") == "A"
    assert top("2341") == "S"
    assert top("1221") == "E"
    assert top("4311") == "C"
    cleaner, doctor = catalogue.get("9112"), catalogue.get("2211")
    programmer, roofer = catalogue.get("2512"), catalogue.get("7121")
    assert cleaner and doctor and programmer and roofer
    assert cleaner.low_entry and not doctor.low_entry
    assert programmer.from_home and not roofer.from_home
    assert roofer.learned_at_work and not doctor.learned_at_work
    assert roofer.outdoors and not programmer.outdoors
    assert doctor.with_people and not roofer.with_people


def test_a_job_tied_to_a_place_is_not_offered_from_home() -> None:
    cashier = load_catalogue().get("5230")
    assert cashier is not None
    assert cashier.remote.value >= 0.5
    assert not cashier.from_home


def test_titles_are_shown_without_the_classifiers_leftover_words() -> None:
    catalogue = load_catalogue()
    other = catalogue.get("2269")
    assert other is not None
    assert other.title("en") == "Other health professionals"
    assert other.title("de") == "Sonstige akademische und verwandte Gesundheitsberufe"
    assert other.title("sk") == "Ostatní špecialisti v zdravotníctve"
    for occupation in catalogue.occupations:
        shown = " ".join(occupation.title(code) for code in LANGUAGES)
        assert not re.search(
            r"not elsewhere|anderweitig|[Mm]áshová|neuveden|d\. n\.|neclasifica|некласифициран",
            shown,
        )


def test_an_unknown_language_gets_english_and_serbian_latin_is_written_from_cyrillic() -> None:
    bus = load_catalogue().get("8331")
    assert bus is not None
    assert bus.title("uk") == "Bus and tram drivers"
    assert bus.title("sr") == "Возачи аутобуса и трамваја"
    assert bus.title("sr_Latn") == bus.title("sr-Latn") == "Vozači autobusa i tramvaja"
    assert bus.title("de_AT") == bus.title("de")


@pytest.mark.parametrize(
    ("text", "latin"),
    [("Љубав", "Ljubav"), ("ЊЕГА", "NJEGA"), ("Џез ђак", "Džez đak"), ("Ћирилица 5", "Ćirilica 5")],
)
def test_serbian_letters(text: str, latin: str) -> None:
    assert cyrillic_to_latin(text) == latin


def test_a_broken_flag_names_file_line_and_mend(folder: Path) -> None:
    replace(folder / "editorial.csv", "0210,yes", "0210,maybe")
    with pytest.raises(
        BadTable, match=r"editorial\.csv, line 3: “maybe”.*Write yes or no"
    ) as error:
        load_catalogue(folder)
    assert error.value.line == 3


def test_a_figure_off_its_scale_is_refused(folder: Path) -> None:
    with (folder / "figures.csv").open(encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    rows[5][1] = "7.5"
    with (folder / "figures.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    with pytest.raises(BadTable, match=r"figures\.csv, line 6: “7\.5” in “R”"):
        load_catalogue(folder)


def test_a_missing_line_a_doubled_line_and_a_missing_status_are_named(folder: Path) -> None:
    text = (folder / "titles_sr_bs.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "titles_sr_bs.csv").write_text("".join(text[:-1]), encoding="utf-8")
    with pytest.raises(BadTable, match=r"titles_sr_bs\.csv: no line for 9629"):
        load_catalogue(folder)
    (folder / "titles_sr_bs.csv").write_text("".join([*text, text[-1]]), encoding="utf-8")
    with pytest.raises(BadTable, match=r"titles_sr_bs\.csv, line 438: 9629 occurs twice"):
        load_catalogue(folder)
    (folder / "titles_sr_bs.csv").write_text("".join(text), encoding="utf-8")
    replace(folder / "catalogue.json", '"bs": "draft"', '"bs": "done"')
    load_catalogue.cache_clear()
    with pytest.raises(BadTable, match=r"catalogue\.json: no status for bs"):
        load_catalogue(folder)
