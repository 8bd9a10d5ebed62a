"""Importing the official files: everything or nothing, and twice is once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from adaptive.occupations import BadTable, load_catalogue
from adaptive.occupations.esco import OCCUPATION
from config.clock import utcnow
from config.database import Database
from lti_tool.occupations import reading
from lti_tool.occupations.files import EscoFiles
from lti_tool.occupations.index_store import load_index
from lti_tool.occupations.models import (
    EscoOccupationRow,
    OccupationFigure,
    OccupationIndexPart,
    OccupationLabel,
    OccupationSkillRow,
    Skill,
)
from lti_tool.occupations.operations import (
    coverage,
    datasets,
    import_esco,
    import_onet,
    release_of,
)
from tests.lti_tool.occupations.files import BEES, CARE, STRANGER, WOOD, School

TABLES = (EscoOccupationRow, OccupationLabel, Skill, OccupationSkillRow, OccupationFigure)


@pytest.fixture
def school() -> School:
    return School()


def content(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read_connection() as connection:
        return {
            table.__tablename__: sorted(map(tuple, connection.execute(select(table.__table__))))
            for table in TABLES
        }


def catalogue_of(database: Database):
    with database.read_connection() as connection:
        return reading.load_catalogue(connection, "1", load_catalogue())


def test_what_is_imported_comes_back_as_a_catalogue(database, school, tmp_path):
    change = import_esco(database, school.esco(tmp_path), utcnow())
    import_onet(database, school.onet(tmp_path), utcnow())
    assert change.added == 4 + 17 + 11 + 15 + 3
    catalogue = catalogue_of(database)
    wood = catalogue.get(WOOD)
    assert wood.interests == (6.9, 2.0, 3.0, 1.1, 1.2, 3.0)
    assert (wood.job_zone.value, wood.job_zone.source) == (3.0, "O*NET")
    assert (wood.training.value, wood.training.source) == (3.5, "Nesta")
    assert wood.title("de") == "Tischler/Tischlerin"
    assert wood.does == "Carpenters build with wood."
    bees, group = catalogue.get(BEES), load_catalogue().get("6123")
    assert bees.interests == group.interests
    assert bees.interests_source == "ISCO 6123"


def test_an_occupation_that_only_the_relations_name_gets_its_name_and_group(
    database, school, tmp_path
):
    import_esco(database, school.esco(tmp_path), utcnow())
    stranger = catalogue_of(database).get(STRANGER)
    assert (stranger.isco, stranger.title("en"), stranger.title("hu")) == (
        "3211", "Ray helper", "Sugársegítő"
    )  # fmt: skip
    with database.read_connection() as connection:
        found = coverage(connection)
    assert (found.occupations, found.undescribed) == (4, ("ray helper",))
    assert found.titles == {"de": 4, "en": 4, "hu": 4, "sk": 1}


def test_without_nesta_onet_and_without_onet_nesta(sqlite_database, school, tmp_path):
    import_esco(sqlite_database, school.esco(tmp_path), utcnow())
    assert catalogue_of(sqlite_database).get(WOOD).job_zone.source == "Nesta"
    assert catalogue_of(sqlite_database).get(WOOD).interests_source == "ISCO 7115"


def test_the_order_of_the_imports_does_not_matter(sqlite_database, school, tmp_path):
    import_onet(sqlite_database, school.onet(tmp_path), utcnow())
    assert catalogue_of(sqlite_database) is None
    import_esco(sqlite_database, school.esco(tmp_path), utcnow())
    assert catalogue_of(sqlite_database).get(WOOD).interests_source == "O*NET"


def test_a_second_import_changes_no_row(database, school, tmp_path):
    files = school.esco(tmp_path)
    import_esco(database, files, utcnow())
    import_onet(database, school.onet(tmp_path), utcnow())
    before = content(database)
    again = import_esco(database, files, utcnow())
    assert again.nothing
    assert again.same == 4 + 17 + 11 + 15 + 3
    assert import_onet(database, school.onet(tmp_path), utcnow()).nothing
    assert content(database) == before


def test_a_newer_release_changes_adds_and_takes_away(database, school, tmp_path):
    import_esco(database, school.esco(tmp_path), utcnow())
    import_onet(database, school.onet(tmp_path), utcnow())
    del school.occupations[1]
    school.relations = [one for one in school.relations if one[0] != BEES and one[2] != "w7"]
    del school.skills[7]
    school.skills[-1][3] = "calm wild bees"
    school.labels[CARE]["de_alt"] = "Durchleuchter"
    change = import_esco(database, school.esco(tmp_path), utcnow())
    assert catalogue_of(database).get(BEES) is None
    with database.read_connection() as connection:
        skills = set(connection.scalars(select(Skill.label)))
        words = set(connection.scalars(select(OccupationLabel.label)))
        figures = connection.scalar(select(func.count()).select_from(OccupationFigure))
    assert "calm wild bees" in skills
    assert not {"calm bees", "saw board 7"} & skills
    assert "Durchleuchter" in words
    assert "Imker" not in words
    assert figures == 3 + 7, "O*NET's figures are another data set"
    assert (change.added, change.changed) == (1, 1)
    assert change.removed == 1 + 1 + 3 + 4


def test_nestas_figures_stay_when_no_file_of_them_is_given(sqlite_database, school, tmp_path):
    import_esco(sqlite_database, school.esco(tmp_path), utcnow())
    import_esco(sqlite_database, school.esco(tmp_path, conditions=False), utcnow())
    assert catalogue_of(sqlite_database).get(WOOD).training.source == "Nesta"


def test_the_index_is_the_newest_imports_and_finds_by_any_name(database, school, tmp_path):
    import_esco(database, school.esco(tmp_path), utcnow())
    with database.read_connection() as connection:
        first = dict(reading.versions(connection))["esco"]
    import_esco(database, school.esco(tmp_path), utcnow())
    with database.read_connection() as connection:
        version = dict(reading.versions(connection))["esco"]
        assert version != first
        assert load_index(connection, first) is None
        index = load_index(connection, version)
        assert set(connection.scalars(select(OccupationIndexPart.version))) == {version}
    assert [index.search(word, "de")[0].id for word in ("schreinerin", "mehesz", "ray")] == [
        WOOD, BEES, STRANGER
    ]  # fmt: skip


def test_skills_come_back_with_their_groups_and_how_common_they_are(database, school, tmp_path):
    import_esco(database, school.esco(tmp_path), utcnow())
    with database.read_connection() as connection:
        skills, groups = reading.essentials(connection, BEES)
        use = reading.load_skill_use(connection)
        assert {skill.uri for skill in skills} == {"bee", "team"}
        assert reading.essentials(connection, WOOD)[1]["w3"] == "S1.1"
        assert reading.essentials(connection, "7115") == ([], {})
    assert groups == {}
    assert (use.needed_by["team"], use.needed_by["w0"], use.occupations) == (3, 1, 4)


def wrong_release(school: School) -> None:
    school.relations += [(f"new-{n}", "essential", "team") for n in range(9)]


def only_strangers(school: School) -> None:
    school.labels = {"wind-1": {"en": "wind farmer"}}


SPOILT = {
    "isco": lambda school: school.occupations[1].__setitem__(1, "612"),
    "twice": lambda school: school.occupations.append(school.occupations[0]),
    "unknown skill": lambda school: school.relations.insert(1, (WOOD, "essential", "nothing")),
    "relation": lambda school: school.relations.insert(2, (WOOD, "perhaps", "w2")),
    "other release": wrong_release,
    "labels": only_strangers,
    "address": lambda school: school.occupations[2].__setitem__(0, OCCUPATION + "a/b"),
    "conditions": lambda school: school.conditions[0].__setitem__(1, "9"),
}


def broken(tmp_path: Path, what: str) -> EscoFiles:
    school = School()
    SPOILT.get(what, lambda _school: None)(school)
    files = school.esco(tmp_path)
    if what == "no zip":
        files.relations.write_text("no zip")
    elif what == "gone":
        files.labels.unlink()
    elif what == "folder":
        files = replace(files, labels=tmp_path)
    return files


BROKEN = {
    "isco": r"esco_v1\.1\.9_en_csv\.zip › occupations_en\.csv, line 4: “612”.*four digits",
    "twice": r"occupations_en\.csv, line 6: .*wood-1 occurs twice",
    "unknown skill": r"relations\.zip › occupationSkillRelations\.csv, line 3: .*nothing.*same rel",
    "relation": r"line 4: “perhaps” is no relation",
    "other release": r"line 16: .*ray-1 and 9 more are not in esco_v1.*same release",
    "labels": r"labels\.csv: names none of the occupations",
    "address": r"occupations_en\.csv, line 5: .*no address of ESCO",
    "conditions": r"conditions\.csv, line 2: “9” in “job_zone”",
    "no zip": r"relations\.zip: not a zip file\. Download it again",
    "gone": r"labels\.csv: cannot be opened",
    "folder": r"cannot be opened",
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_changes_nothing(sqlite_database, tmp_path, what):
    import_esco(sqlite_database, School().esco(tmp_path), utcnow())
    before = content(sqlite_database)
    with sqlite_database.read_connection() as connection:
        version = reading.versions(connection)
    with pytest.raises(BadTable, match=BROKEN[what]):
        import_esco(sqlite_database, broken(tmp_path, what), utcnow())
    assert content(sqlite_database) == before
    with sqlite_database.read_connection() as connection:
        assert reading.versions(connection) == version


def test_onet_workbooks_of_different_releases_are_refused(sqlite_database, school, tmp_path):
    school.zones["11-9.00"] = 2
    with pytest.raises(BadTable, match=r"Job Zones\.xlsx, line 3: 11-9\.00 is not in Occupation"):
        import_onet(sqlite_database, school.onet(tmp_path), utcnow())
    school.zones.clear()
    school.interests = {"12-9.00": (1.0,) * 6}
    with pytest.raises(BadTable, match=r"Interests\.xlsx, line 2: 12-9\.00"):
        import_onet(sqlite_database, school.onet(tmp_path), utcnow())


def test_a_crosswalk_that_names_nobody_is_refused(sqlite_database, school, tmp_path):
    school.crosswalk[0][0] = "00-0.00"
    with pytest.raises(BadTable, match=r"crosswalk\.csv: names none"):
        import_onet(sqlite_database, school.onet(tmp_path), utcnow())
    assert content(sqlite_database)["occupation_figure"] == []


def test_a_failure_while_writing_leaves_everything_as_it_was(
    sqlite_database, school, tmp_path, monkeypatch
):
    import_esco(sqlite_database, school.esco(tmp_path), utcnow())
    before = content(sqlite_database)
    school.labels[WOOD]["de"] = "Zimmerer"

    def fail(*_args: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("lti_tool.occupations.operations.store_parts", fail)
    with pytest.raises(OSError, match="the disk is full"):
        import_esco(sqlite_database, school.esco(tmp_path), utcnow())
    assert content(sqlite_database) == before


def test_progress_only_rises_and_ends_at_the_whole(sqlite_database, school, tmp_path):
    for run in (
        lambda heard: import_esco(
            sqlite_database, school.esco(tmp_path), utcnow(), on_progress=heard
        ),
        lambda heard: import_onet(
            sqlite_database, school.onet(tmp_path), utcnow(), on_progress=heard
        ),
    ):
        shares: list[float] = []
        run(lambda _what, share, shares=shares: shares.append(share))
        assert shares == sorted(shares)
        assert shares[-1] == 1.0


def test_the_release_comes_from_the_name_of_the_file_or_its_folder(tmp_path, school):
    assert release_of(tmp_path / "esco_v1.2.0_en_csv.zip") == "1.2.0"
    assert release_of(Path("/data/db_29_3_excel/Interests.xlsx")) == "29.3"
    assert release_of(Path("/srv1/esco/Interests.xlsx")) == ""


def test_the_books_keep_what_was_imported_when(sqlite_database, school, tmp_path):
    now = utcnow()
    import_esco(sqlite_database, school.esco(tmp_path), now)
    with sqlite_database.read_connection() as connection:
        esco, nesta = datasets(connection)
    assert (esco.name, esco.release, esco.imported_at) == ("esco", "1.1.9", now)
    assert (esco.counts["occupations"], esco.counts["described"]) == (4, 3)
    assert nesta.counts == {"figures": 3}
