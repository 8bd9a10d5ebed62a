"""Make the interest engine's parameter file from a CSV of answers.

The CSV has a header with the columns R1 ... C8 in any order, values 1 (dislike) to 5 (enjoy), one
respondent a line. A column named by --language-column is used for the comparison of languages;
other columns are ignored. A line with an empty cell is left out and counted. Only derived
parameters are written, never an answer.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from adaptive.interests import ModelError, load_model, report
from adaptive.interests.fitting import fit
from adaptive.interests.form import HIGHEST, ITEMS, LOWEST, FloatArray
from adaptive.interests.model import dump_model

FEWEST_PEOPLE: Final = 300
MODEL_NAME: Final = "interests.json"
REPORT_NAME: Final = "interests-report.txt"


class AnswersError(ValueError):
    """A CSV of answers that cannot be used; the message names file, line and mend."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """values: (people, 48) on 1..5. languages: one per person, or empty. left_out: lines with an
    empty cell.
    """

    values: FloatArray
    languages: tuple[str, ...]
    left_out: int


def read_answers(path: Path, language_column: str | None = None) -> Answers:
    """Read a CSV of answers. Raises AnswersError with file, line and mend for anything broken."""
    header, rows = _lines(path)
    columns = _columns(path, header, language_column)
    if language_column is not None:
        columns.append(header.index(language_column))
    values: list[list[int]] = []
    languages: list[str] = []
    left_out = 0
    for line, row in rows:
        if len(row) != len(header):
            raise AnswersError(
                f"{path}:{line}: {len(row)} cells where the header has {len(header)}; mend the line"
            )
        cells = [row[column].strip() for column in columns]
        if not all(cells[: len(ITEMS)]):
            left_out += 1
            continue
        languages.extend(cells[len(ITEMS) :])
        del cells[len(ITEMS) :]
        values.append(
            [_value(path, line, item, cell) for item, cell in zip(ITEMS, cells, strict=True)]
        )
    if len(values) < FEWEST_PEOPLE:
        raise AnswersError(
            f"{path}: {len(values)} complete respondents; at least {FEWEST_PEOPLE} are needed"
        )
    answers = np.array(values, dtype=np.float64)
    for item, spread in zip(ITEMS, answers.std(axis=0), strict=True):
        if spread == 0:
            raise AnswersError(f"{path}: everyone gave {item} the same answer; check the column")
    return Answers(answers, tuple(languages), left_out)


def _lines(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and every other line that is not blank with its number."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            return header, [(reader.line_num, row) for row in reader if row]
    except FileNotFoundError:
        raise AnswersError(f"{path}: there is no such file") from None
    except UnicodeDecodeError:
        raise AnswersError(f"{path}: not UTF-8 text; save it as UTF-8") from None
    except (OSError, csv.Error) as error:
        raise AnswersError(f"{path}: cannot be read as CSV ({error})") from None


def _columns(path: Path, header: Sequence[str], language_column: str | None) -> list[int]:
    if not header:
        raise AnswersError(f"{path}:1: the file is empty; it needs a header R1 to C8")
    missing = [item for item in ITEMS if item not in header]
    if missing:
        raise AnswersError(f"{path}:1: the header lacks {', '.join(missing)}; add the columns")
    double = [item for item in ITEMS if header.count(item) > 1]
    if double:
        raise AnswersError(f"{path}:1: {', '.join(double)} stands twice in the header; keep one")
    if language_column is not None and language_column not in header:
        raise AnswersError(f"{path}:1: no column {language_column!r}; check --language-column")
    return [header.index(item) for item in ITEMS]


def _value(path: Path, line: int, item: str, cell: str) -> int:
    if cell not in {str(value) for value in range(LOWEST, HIGHEST + 1)}:
        raise AnswersError(
            f"{path}:{line}: {cell!r} in column {item}; expected {LOWEST} to {HIGHEST} or nothing"
        )
    return int(cell)


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns 0, or 2 after one clear line about what is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m adaptive.calibrate",
        description="Make the interest engine's parameter file from a CSV of answers.",
    )
    parser.add_argument("csv", type=Path, help="answers: columns R1 to C8, values 1 to 5")
    parser.add_argument("--out", type=Path, required=True, help="folder for the two files")
    parser.add_argument("--version", help="name of the calibration (default: the file's name)")
    parser.add_argument("--language-column", help="column with each respondent's language")
    parser.add_argument("--before", type=Path, help="earlier parameter file to compare with")
    parser.add_argument(
        "--rounds",
        type=int,
        default=60,
        help="rounds of spreading the use of items (default 60, some minutes; 0 leaves it out)",
    )
    arguments = parser.parse_args(argv)
    try:
        before = load_model(arguments.before) if arguments.before else None
        answers = read_answers(arguments.csv, arguments.language_column)
        arguments.out.mkdir(parents=True, exist_ok=True)
        model = fit(
            answers.values, arguments.version or arguments.csv.stem, rounds=max(arguments.rounds, 0)
        )
        written = report.text(model, answers.values, answers.languages, before)
        if answers.left_out:
            written += f"\n{answers.left_out} lines with an empty cell were left out.\n"
        (arguments.out / MODEL_NAME).write_text(dump_model(model), encoding="utf-8")
        (arguments.out / REPORT_NAME).write_text(written, encoding="utf-8")
    except (AnswersError, ModelError, OSError) as error:
        print(f"calibrate: {error}", file=sys.stderr)
        return 2
    print(written, end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
