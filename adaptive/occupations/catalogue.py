"""Load the embedded catalogue: all 436 ISCO-08 unit groups, from the files an editor may change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from adaptive.occupations.model import SCALES, Catalogue, Figure, Occupation, TitleStatus
from adaptive.occupations.tabular import BadTable, Row, csv_rows

HOME = Path(__file__).resolve().parent.parent / "content" / "occupations"
LANGUAGES = ("en", "de", "hu", "sk", "cs", "sl", "ro", "bg", "sr", "bs")

_FIGURES = (
    "isco08", *SCALES, "interests_source",
    "job_zone", "job_zone_source", "training", "training_source", "remote", "remote_source",
)  # fmt: skip
_FLAGS = {"yes": True, "no": False}


def _by_code(path: Path, columns: tuple[str, ...]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in csv_rows(path, columns):
        code = row.text("isco08")
        if code in found:
            raise row.bad(f"{code} occurs twice.", "Keep one of the two lines.")
        found[code] = row
    return found


def _row(table: Mapping[str, Row], code: str, path: Path) -> Row:
    if code not in table:
        raise BadTable(path.name, 0, f"no line for {code}.", "Add one; see README.md beside it.")
    return table[code]


def _flag(row: Row, column: str) -> bool:
    value = row.text(column)
    if value not in _FLAGS:
        raise row.bad(f"“{value}” in “{column}” is not understood.", "Write yes or no.")
    return _FLAGS[value]


def _figure(row: Row, column: str, low: float, high: float) -> Figure:
    return Figure(row.number(column, low, high), row.text(f"{column}_source"))


def _words(row: Row) -> dict[str, tuple[str, ...]]:
    split = {code: tuple(row.cells[code].split("|")) for code in LANGUAGES}
    return {code: words for code, words in split.items() if words != ("",)}


def _status(folder: Path) -> tuple[str, dict[str, TitleStatus]]:
    path = folder / "catalogue.json"
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        version, given = str(about["version"]), dict(about["languages"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadTable(
            path.name, 0, f"not readable ({error}).", "It needs “version” and “languages”."
        ) from error
    status: dict[str, TitleStatus] = {}
    for code in LANGUAGES:
        if given.get(code) not in ("official", "draft"):
            raise BadTable(path.name, 0, f"no status for {code}.", "Write official or draft.")
        status[code] = given[code]
    return version, status


def _occupations(folder: Path) -> Iterator[Occupation]:
    official = tuple(code for code in LANGUAGES if code not in ("sr", "bs"))
    titles = _by_code(folder / "titles.csv", ("isco08", *official))
    drafts = _by_code(folder / "titles_sr_bs.csv", ("isco08", "sr", "bs"))
    editorial = _by_code(
        folder / "editorial.csv",
        ("isco08", "outdoors", "with_people", "home_able", "suggested", "does"),
    )
    words = _by_code(folder / "words.csv", ("isco08", *LANGUAGES))
    for code, row in _by_code(folder / "figures.csv", _FIGURES).items():
        named = _row(titles, code, folder / "titles.csv")
        drafted = _row(drafts, code, folder / "titles_sr_bs.csv")
        edited = _row(editorial, code, folder / "editorial.csv")
        yield Occupation(
            id=code,
            isco=code,
            titles={
                **{language: named.text(language) for language in official},
                **{language: drafted.text(language) for language in ("sr", "bs")},
            },
            interests=tuple(row.number(scale, 1, 7) for scale in SCALES),
            interests_source=row.text("interests_source"),
            job_zone=_figure(row, "job_zone", 1, 5),
            training=_figure(row, "training", 1, 9),
            remote=_figure(row, "remote", 0, 1),
            outdoors=_flag(edited, "outdoors"),
            with_people=_flag(edited, "with_people"),
            home_able=_flag(edited, "home_able"),
            suggested=_flag(edited, "suggested"),
            does=edited.text("does"),
            words=_words(words[code]) if code in words else {},
        )


@lru_cache(maxsize=4)
def load_catalogue(folder: Path = HOME) -> Catalogue:
    """Load and check the embedded catalogue (kept in memory after the first call).

    Raises `BadTable` naming file, line and mend when an edited file is broken.
    """
    version, status = _status(folder)
    return Catalogue.of(_occupations(folder), version, status)
