"""Towns are found by what people type, and the way between them is right."""

from __future__ import annotations

import pytest

from adaptive.occupations import BadTable
from adaptive.places import Place, distance_km, load_gazetteer
from adaptive.places.gazetteer import _read, gazetteer_of

TOWNS = load_gazetteer()


def test_all_ten_countries_have_towns():
    assert TOWNS.countries == ("AT", "BA", "BG", "CZ", "DE", "HU", "RO", "RS", "SI", "SK")
    for country in TOWNS.countries:
        assert sum(place.country == country for place in TOWNS.places) >= 100, country


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Bécs", "Wien"), ("becs", "Wien"), ("Нови Сад", "Novi Sad"), ("ÚJVIDÉK", "Novi Sad"),
     ("пловдив", "Plovdiv"), ("Temesvár", "Timișoara"), (" plzen ", "Plzeň"), ("Nis", "Niš"),
     ("Győr", "Győr"), ("gyor", "Győr")],
)  # fmt: skip
def test_a_town_is_found_by_any_name_in_any_script(typed, name):
    assert TOWNS.exact(typed).name == name
    assert TOWNS.search(typed)[0].name == name


def test_a_beginning_finds_and_nothing_is_guessed():
    assert "Wiener Neustadt" in [place.name for place in TOWNS.search("wiener n")]
    assert TOWNS.search("xyzzy") == TOWNS.search("") == TOWNS.search("😀") == []
    assert TOWNS.exact("wiener n") is None
    assert TOWNS.exact("") is None


def test_of_namesakes_the_one_in_the_own_country_is_meant():
    small = gazetteer_of(
        [
            Place("1", "SK", 48, 17, 900, "Lipa"),
            Place("2", "CZ", 49, 16, 9000, "Lipa"),
            Place("3", "CZ", 49.1, 16.1, 90000, "Brod", others=("Lipa",)),
        ]
    )
    assert small.exact("lipa") is None
    assert small.exact("lipa", "SK").id == "1"
    assert small.exact("lipa", "CZ").id == "2"
    assert [place.id for place in small.search("lipa", "SK")] == ["1", "2", "3"]
    assert small.landmark(small.get("2")).name == "Brod"
    assert small.landmark(small.get("3")) is None


def test_distances_are_those_of_a_map():
    def km(one: str, other: str) -> float:
        return distance_km(TOWNS.exact(one), TOWNS.exact(other))

    assert km("Wien", "Bratislava") == pytest.approx(55, abs=2)
    assert km("Beograd", "Novi Sad") == pytest.approx(70, abs=5)
    assert km("Wien", "Sofia") == pytest.approx(817, rel=0.02)
    assert km("Wien", "Wien") == 0


def test_names_come_in_the_readers_script():
    sad = TOWNS.exact("Novi Sad")
    assert (sad.shown("sr_Cyrl"), sad.shown("sr_Latn"), sad.shown("bg")) == (
        "Нови Сад", "Novi Sad", "Novi Sad",
    )  # fmt: skip
    assert TOWNS.exact("Plovdiv").shown("bg") == "Пловдив"


@pytest.mark.parametrize(
    ("line", "words"),
    [("1,AT,48,16,9,Wien,,", "line 3: 1 occurs twice"), ("2,at,48,16,9,Linz,,", "no country"),
     ("2,AT,480,16,9,Linz,,", "latitude"), ("2,AT,48,16,9,,,", "name")],
)  # fmt: skip
def test_a_broken_list_names_file_line_and_mend(tmp_path, line, words):
    path = tmp_path / "places.csv"
    head = "id,country,latitude,longitude,people,name,cyrillic,others\n1,AT,48,16,9,Wien,,\n"
    path.write_text(f"{head}{line}\n", encoding="utf-8")
    with pytest.raises(BadTable, match=words):
        list(_read(path))
