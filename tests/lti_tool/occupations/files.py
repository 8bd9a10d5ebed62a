"""Small files in the shape of ESCO's, O*NET's and Nesta's, with words of our own."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from adaptive.occupations.esco import ISCO_GROUP, LABEL_LANGUAGES, OCCUPATION, SKILL
from adaptive.occupations.onet import INTERESTS
from lti_tool.occupations.files import EscoFiles, OnetFiles
from tests.adaptive.occupations.workbook import workbook

WOOD, BEES, CARE, STRANGER = "wood-1", "bees-1", "care-1", "ray-1"
LEVELS = [f"Level {n} {what}" for n in range(4) for what in ("URI", "preferred term")]


def table(header: list[str], rows: list[list[object]]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows([header, *rows])
    return stream.getvalue()


@dataclass
class School:
    """What the files say; a test changes it and writes them again."""

    occupations: list[list[object]] = field(
        default_factory=lambda: [
            [OCCUPATION + WOOD, "7115", "carpenter", "joiner\nwood worker",
             "Carpenters build with wood. They measure.", "7115.1"],
            [OCCUPATION + BEES, "6123", "beekeeper", "", "Beekeepers look after bees.", "6123.1"],
            [OCCUPATION + CARE, "3211", "scan helper", "", "Scan helpers take pictures.", "3211.1"],
        ]
    )  # fmt: skip
    labels: dict[str, dict[str, str]] = field(
        default_factory=lambda: {
            WOOD: {"de": "Tischler/Tischlerin", "de_alt": "Schreiner|Schreinerin", "hu": "asztalos",
                   "sk": "stolár", "en": "carpenter"},
            BEES: {"de": "Imker", "hu": "méhész", "en": "beekeeper"},
            CARE: {"de": "Bildhelfer", "hu": "képalkotó segítő", "en": "scan helper"},
            STRANGER: {"de": "Strahlenhelfer", "hu": "sugársegítő", "en": "ray helper"},
            "wind-1": {"en": "wind farmer"},
        }
    )  # fmt: skip
    skills: list[list[object]] = field(
        default_factory=lambda: [
            *([f"{SKILL}w{n}", "skill/competence", "sector-specific", f"saw board {n}", "", ""]
              for n in range(8)),
            [SKILL + "team", "skill/competence", "transversal", "work in a team", "", ""],
            [SKILL + "safe", "knowledge", "cross-sector", "stay safe (at work)", "", ""],
            [SKILL + "bee", "skill/competence", "occupation-specific", "calm bees", "", ""],
        ]
    )  # fmt: skip
    relations: list[tuple[str, str, str]] = field(
        default_factory=lambda: [
            *((WOOD, "essential", f"w{n}") for n in range(8)),
            (WOOD, "essential", "team"),
            (WOOD, "essential", "safe"),
            (BEES, "essential", "bee"),
            (BEES, "essential", "team"),
            (BEES, "optional", "w0"),
            (CARE, "essential", "safe"),
            (STRANGER, "essential", "team"),
        ]
    )
    conditions: list[list[object]] = field(
        default_factory=lambda: [[OCCUPATION + WOOD, 2.0, 3.5, 0.1, ""]]
    )
    interests: dict[str, tuple[float, ...]] = field(
        default_factory=lambda: {"47-2.00": (6.9, 2.0, 3.0, 1.1, 1.2, 3.0)}
    )
    zones: dict[str, object] = field(default_factory=lambda: {"47-2.00": 3})
    known: list[str] = field(default_factory=lambda: ["47-2.00", "99-1.00"])
    crosswalk: list[list[object]] = field(
        default_factory=lambda: [["47-2.00", OCCUPATION + WOOD, "exactMatch"]]
    )

    def esco(self, folder: Path, *, conditions: bool = True) -> EscoFiles:
        """Write ESCO's files."""
        classification = folder / "esco_v1.1.9_en_csv.zip"
        with zipfile.ZipFile(classification, "w") as archive:
            header = ["conceptUri", "iscoGroup", "preferredLabel", "altLabels", "description",
                      "code"]  # fmt: skip
            archive.writestr("occupations_en.csv", table(header, self.occupations))
            header = ["conceptUri", "skillType", "reuseLevel", "preferredLabel", "altLabels",
                      "description"]  # fmt: skip
            archive.writestr("skills_en.csv", table(header, self.skills))
            group = ["S", "all", "S1", "making", "S1.1", "making things", "", ""]
            archive.writestr("skillsHierarchy_en.csv", table(LEVELS, [group]))
        relations = folder / "relations.zip"
        with zipfile.ZipFile(relations, "w") as archive:
            rows: list[list[object]] = [
                [OCCUPATION + job, kind, "skill", SKILL + skill]
                for job, kind, skill in self.relations
            ]
            header = ["occupationUri", "relationType", "skillType", "skillUri"]
            archive.writestr("occupationSkillRelations.csv", table(header, rows))
            header = ["conceptUri", "broaderUri"]
            groups: list[list[object]] = [[f"{SKILL}w{n}", "S1.1"] for n in range(8)]
            archive.writestr("broaderRelationsSkillPillar.csv", table(header, groups))
            above: list[list[object]] = [
                [OCCUPATION + STRANGER, OCCUPATION + CARE],
                [OCCUPATION + CARE, ISCO_GROUP + "3211"],
            ]
            archive.writestr("broaderRelationsOccPillar.csv", table(header, above))
        columns = [name for code in LABEL_LANGUAGES for name in (code, f"{code}_alt")]
        labels = folder / "labels.csv"
        lines: list[list[object]] = [
            [OCCUPATION + key, *(words.get(column, "") for column in columns)]
            for key, words in self.labels.items()
        ]
        labels.write_text(table(["uri", *columns], lines), encoding="utf-8")
        work = folder / "conditions.csv"
        header = ["concept_uri", "job_zone", "on_the_job_training", "remote_labor_index",
                  "physical_proximity"]  # fmt: skip
        work.write_text(table(header, self.conditions), encoding="utf-8")
        return EscoFiles(classification, relations, labels, work if conditions else None)

    def onet(self, folder: Path) -> OnetFiles:
        """Write O*NET's files."""
        interests: list[list[object]] = [
            [code, "A title", name, "OI", score]
            for code, scores in self.interests.items()
            for name, score in zip(INTERESTS, scores, strict=True)
        ]
        zones: list[list[object]] = [[code, zone] for code, zone in self.zones.items()]
        known: list[list[object]] = [[code, "A title", "A job."] for code in self.known]
        books = {
            "Interests.xlsx": [
                ["O*NET-SOC Code", "Title", "Element Name", "Scale ID", "Data Value"], *interests
            ],
            "Job Zones.xlsx": [["O*NET-SOC Code", "Job Zone"], *zones],
            "Occupation Data.xlsx": [["O*NET-SOC Code", "Title", "Description"], *known],
        }  # fmt: skip
        for name, rows in books.items():
            (folder / name).write_bytes(workbook(rows).getvalue())
        crosswalk = folder / "crosswalk.csv"
        header = ["O*NET Id", "ESCO or ISCO URI", "Type of Match"]
        crosswalk.write_text("A preamble,,\n" + table(header, self.crosswalk), encoding="utf-8")
        return OnetFiles(*(folder / name for name in books), crosswalk)
