"""Readers of the official files: small copies of their shapes, and broken ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from adaptive.occupations import BadTable, esco, nesta, onet
from adaptive.occupations.tabular import csv_rows, xlsx_rows, zipped_csv_rows
from tests.adaptive.occupations.workbook import workbook

OCC = "http://data.europa.eu/esco/occupation/"
SKILL = "http://data.europa.eu/esco/skill/"
OCCUPATIONS = (
    "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,description,code\n"
    f"Occupation,{OCC}1,2654,technical director,"
    '"head of technical\ndirector of arts\nhead of technical","Runs, it.",2654.1.7\n'
    f"Occupation,{OCC}2,0110,army officer,,Leads.,0110.1\n"
)
CROSSWALK = (
    "Mapping project name,ESCO-O*NET Crosswalk,,\n,,,\n"
    "O*NET Id,O*NET Title,ESCO or ISCO URI,Type of Match\n"
    f'11-1.00,"Chief\nExecutives",{OCC}1,closeMatch\n'
    f"11-2.00,Officers,{OCC}2,exactMatch\n"
)


def zipped(member: str, text: str | bytes) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(member, text)
    stream.name = "esco.zip"
    stream.seek(0)
    return stream


def plain(text: str, name: str = "table.csv") -> io.BytesIO:
    stream = io.BytesIO(text.encode())
    stream.name = name
    return stream


def test_occupations_with_labels_over_several_lines() -> None:
    first, second = esco.read_occupations(zipped("occupations_en.csv", OCCUPATIONS))
    assert first.alternatives == ("head of technical", "director of arts")
    assert (first.isco, first.code, first.description) == ("2654", "2654.1.7", "Runs, it.")
    assert second.isco == "0110"
    assert second.alternatives == ()


def test_skills_relations_and_hierarchy() -> None:
    skills = (
        "conceptUri,skillType,reuseLevel,preferredLabel,altLabels,description\n"
        f"{SKILL}a,knowledge,cross-sector,law,,About law\n"
    )
    (skill,) = esco.read_skills(zipped("skills_en.csv", skills))
    assert (skill.kind, skill.reuse, skill.label) == ("knowledge", "cross-sector", "law")
    relations = (
        "occupationUri,relationType,skillType,skillUri\n"
        f"{OCC}1,essential,knowledge,{SKILL}a\n{OCC}1,optional,knowledge,{SKILL}b\n"
    )
    found = list(esco.read_occupation_skills(zipped("occupationSkillRelations.csv", relations)))
    assert [relation.essential for relation in found] == [True, False]
    broader = "conceptType,conceptUri,broaderType,broaderUri\nx,u,y,v\n"
    (link,) = esco.read_broader_skills(zipped("broaderRelationsSkillPillar.csv", broader))
    assert (link.uri, link.broader) == ("u", "v")
    levels = ",".join(f"Level {n} {what}" for n in range(4) for what in ("URI", "preferred term"))
    hierarchy = f"{levels},Description\nA,a\nA,a,B,b\nA,a,B,b,C,c\n"
    groups = list(esco.read_skill_groups(zipped("skillsHierarchy_en.csv", hierarchy)))
    assert [(g.uri, g.level) for g in groups] == [("A", 0), ("B", 1), ("C", 2)]


def test_labels_drop_doubles_and_empty_languages() -> None:
    header = ",".join(["uri", *(f"{c},{c}_alt" for c in esco.LABEL_LANGUAGES)])
    cells = {"hr": "pekar", "hr_alt": "pekarica|pekar| ", "de": "Bäcker"}
    line = ",".join(
        cells.get(f"{c}{end}", "") for c in esco.LABEL_LANGUAGES for end in ("", "_alt")
    )
    (labels,) = esco.read_labels(plain(f"{header}\n{OCC}1,{line}\n"))
    assert labels.labels == {"hr": ("pekar", "pekarica"), "de": ("Bäcker",)}


def test_crosswalk_skips_its_preamble_and_joins_lines() -> None:
    first, second = esco.read_crosswalk(plain(CROSSWALK))
    assert (first.onet, first.uri, first.match) == ("11-1.00", f"{OCC}1", "closeMatch")
    assert second.match == "exactMatch"


def test_a_bad_match_names_the_first_line_of_its_record() -> None:
    broken = CROSSWALK.replace("exactMatch", "almostMatch")
    with pytest.raises(BadTable, match=r"crosswalk\.csv, line 6: “almostMatch”"):
        list(esco.read_crosswalk(plain(broken, "crosswalk.csv")))
    broken = CROSSWALK.replace("closeMatch", "almostMatch")
    with pytest.raises(BadTable, match=r"crosswalk\.csv, line 4: “almostMatch”"):
        list(esco.read_crosswalk(plain(broken, "crosswalk.csv")))


def test_conditions_may_lack_figures_but_not_be_off_their_scale() -> None:
    text = (
        "concept_uri,job_zone,on_the_job_training,remote_labor_index,physical_proximity\n"
        f"{OCC}1,2.0,3.6,,0.5\n"
    )
    (found,) = nesta.read_conditions(plain(text))
    assert (found.job_zone, found.remote, found.proximity) == (2.0, None, 0.5)
    with pytest.raises(BadTable, match=r"line 2: “9\.0” in “job_zone”.*1 to 5"):
        list(nesta.read_conditions(plain(text.replace("2.0", "9.0"))))


INTEREST_HEADER = ["O*NET-SOC Code", "Title", "Element Name", "Scale ID", "Data Value"]


def interest_rows(code: str) -> list[list[object]]:
    rows: list[list[object]] = [
        [code, "Chiefs", name, "OI", 1.0 + n] for n, name in enumerate(onet.INTERESTS)
    ]
    return [*rows, [code, "Chiefs", "First Interest High-Point", "IH", 5.0]]


def test_onet_interests_and_job_zones() -> None:
    (found,) = onet.read_interests(workbook([INTEREST_HEADER, *interest_rows("11-1.00")]))
    assert found.code == "11-1.00"
    assert found.scores == (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    (zone,) = onet.read_job_zones(
        workbook([["O*NET-SOC Code", "Title", "Job Zone"], ["11-1.00", "Chiefs", 5.0]])
    )
    assert zone.zone == 5
    (job,) = onet.read_onet_occupations(
        workbook([["O*NET-SOC Code", "Title", "Description"], ["11-1.00", "Chiefs", "Lead."]])
    )
    assert job.description == "Lead."


def test_an_incomplete_or_odd_interest_is_named() -> None:
    rows = interest_rows("11-1.00")
    del rows[3]
    with pytest.raises(
        BadTable, match=r"interests\.xlsx, line 2: 11-1\.00 has no value for Social"
    ):
        list(onet.read_interests(workbook([INTEREST_HEADER, *rows], "interests.xlsx")))
    odd = [INTEREST_HEADER, ["11-1.00", "Chiefs", "Magical", "OI", 3.0]]
    with pytest.raises(BadTable, match="“Magical” is no RIASEC interest"):
        list(onet.read_interests(workbook(odd)))
    off = [INTEREST_HEADER, ["11-1.00", "Chiefs", "Social", "OI", 9.0]]
    with pytest.raises(BadTable, match=r"line 2: “9\.0”"):
        list(onet.read_interests(workbook(off)))


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (
            lambda: esco.read_occupations(plain("no zip", "esco.zip")),
            r"esco\.zip: not a zip file\. Download it again",
        ),
        (
            lambda: esco.read_occupations(zipped("other.csv", "a\n")),
            r"esco\.zip: the zip holds no “occupations_en\.csv”",
        ),
        (
            lambda: esco.read_occupations(zipped("occupations_en.csv", "a,b\n1,2\n")),
            r"occupations_en\.csv, line 1: the column “conceptUri” is missing; found: a, b",
        ),
        (
            lambda: esco.read_occupations(
                zipped("occupations_en.csv", OCCUPATIONS.replace(",0110,", ",110,"))
            ),
            r"line 5: “110” in “iscoGroup” is no ISCO-08 unit group\..*leading zero",
        ),
        (
            lambda: esco.read_occupations(
                zipped("occupations_en.csv", OCCUPATIONS.replace(",army officer,", ",,"))
            ),
            r"line 5: the cell “preferredLabel” is empty",
        ),
        (
            lambda: esco.read_occupations(
                zipped("occupations_en.csv", OCCUPATIONS.replace(",0110.1", ""))
            ),
            r"line 5: 6 cells where the header has 7",
        ),
        (
            lambda: esco.read_occupations(
                zipped("occupations_en.csv", OCCUPATIONS.replace(f"{OCC}2", "ftp://x"))
            ),
            r"line 5: “ftp://x” in “conceptUri” is no ESCO address",
        ),
        (
            lambda: esco.read_occupations(
                zipped("occupations_en.csv", OCCUPATIONS.encode("utf-8") + b"\xff\xfe,x\n")
            ),
            r"occupations_en\.csv, line \d: not UTF-8 text\. Save the file as UTF-8",
        ),
        (lambda: csv_rows(plain('a,b\n1,"2\n'), ("a",)), r"line 2: not readable as CSV"),
        (lambda: csv_rows(plain(""), ("a",)), r"table\.csv: no header line with “a” found"),
        (lambda: csv_rows(plain("x\ny\n"), ("a",), "a"), r"no header line with “a” found"),
        (lambda: csv_rows("/nowhere/t.csv", ("a",)), r"t\.csv: cannot be opened \(No such file"),
        (lambda: xlsx_rows(plain("no", "t.xlsx"), ("a",)), r"t\.xlsx: not a readable XLSX"),
        (lambda: xlsx_rows(workbook([["b"]]), ("a",)), "the column “a” is missing; found: b"),
    ],
)
def test_a_broken_file_is_named_with_line_and_mend(read: Callable, message: str) -> None:
    with pytest.raises(BadTable, match=message):
        list(read())


def test_damage_inside_a_zip_is_named() -> None:
    stream = zipped("occupations_en.csv", OCCUPATIONS)
    data = bytearray(stream.getvalue())
    data[data.index(b"technical director")] ^= 1
    with pytest.raises(BadTable, match="damaged"):
        list(esco.read_occupations(io.BytesIO(bytes(data))))


def test_a_byte_order_mark_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("\ufeffa,b\n\n1,2\n,\n3,4\n".encode())
    assert [(row.line, row.cells["a"]) for row in csv_rows(path, ("a", "b"))] == [
        (3, "1"),
        (5, "3"),
    ]


def test_a_zip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adaptive.occupations.tabular.MAX_UNPACKED_BYTES", 10)
    with pytest.raises(BadTable, match="far too large"):
        list(zipped_csv_rows(zipped("t.csv", "a\n" + "1\n" * 10), "t.csv", ("a",)))
