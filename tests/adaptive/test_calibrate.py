"""`python -m adaptive.calibrate`: what it writes, and one clear line for every broken CSV."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from adaptive.calibrate import AnswersError, main, read_answers
from adaptive.interests import ITEMS, graded, load_model
from adaptive.interests.model import SHIPPED


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    model = load_model()
    truth = graded.Graded(model.slope, model.thresholds, np.eye(6))
    answers, _ = graded.simulate(truth, 320, np.random.default_rng(1))
    return [[str(int(value)) for value in line] for line in answers]


def write(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def test_writes_parameters_and_report(
    tmp_path: Path, rows: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    named = [[*row, "hu" if number % 2 else "de"] for number, row in enumerate(rows)]
    path = write(tmp_path / "own.csv", [*ITEMS, "lang"], [*named, [""] * 48 + ["de"]])
    out = tmp_path / "new" / "folder"
    wanted = ["--rounds", "0", "--language-column", "lang", "--before", str(SHIPPED)]
    assert main([str(path), "--out", str(out), *wanted]) == 0
    assert load_model(out / "interests.json").version == "own"
    told = (out / "interests-report.txt").read_text(encoding="utf-8")
    assert told == capsys.readouterr().out
    assert "320 respondents" in told
    assert "hu: 160 people" in told
    assert "1 lines with an empty cell were left out" in told
    assert "Drift since public-2015" in told


def test_columns_may_stand_in_any_order(tmp_path: Path, rows: list[list[str]]) -> None:
    turned = write(tmp_path / "t.csv", list(ITEMS)[::-1], [row[::-1] for row in rows])
    plain = write(tmp_path / "p.csv", list(ITEMS), rows)
    np.testing.assert_array_equal(read_answers(turned).values, read_answers(plain).values)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: "", r"own\.csv:1: the file is empty"),
        (lambda t: t.replace("R1,", "X1,", 1), r":1: the header lacks R1; add"),
        (lambda t: t.replace("R1,", "R2,", 1), r"lacks R1"),
        (lambda t: t.replace("C8\r\n", "C8,C8\r\n", 1), r"C8 stands twice"),
        (lambda t: t[: t.index("\n") + 1] + "7" + t[t.index("\n") + 2 :], r":2: '7' in column R1"),
        (lambda t: t[: t.index("\n") + 1] + "x" + t[t.index("\n") + 2 :], r":2: 'x' in column R1"),
        (lambda t: t + "1,2,3\n", r":322: 3 cells where the header has 48"),
        (lambda t: "".join(t.splitlines(keepends=True)[:100]), r"99 complete .* at least 300"),
        (lambda t: t + '"1,2\n', r"cannot be read as CSV"),
    ],
)
def test_broken_files_name_line_and_mend(
    tmp_path: Path, rows: list[list[str]], spoil: object, message: str
) -> None:
    path = write(tmp_path / "own.csv", list(ITEMS), rows)
    text = spoil(path.read_bytes().decode())  # type: ignore[operator]
    path.write_bytes(text.encode())
    with pytest.raises(AnswersError, match=message):
        read_answers(path)


def test_a_constant_column_is_refused(tmp_path: Path, rows: list[list[str]]) -> None:
    same = write(tmp_path / "own.csv", list(ITEMS), [["3", *row[1:]] for row in rows])
    with pytest.raises(AnswersError, match="everyone gave R1 the same answer"):
        read_answers(same)


def test_an_unknown_language_column_is_refused(tmp_path: Path, rows: list[list[str]]) -> None:
    path = write(tmp_path / "own.csv", list(ITEMS), rows)
    with pytest.raises(AnswersError, match="no column 'lang'"):
        read_answers(path, "lang")


def test_other_bytes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_bytes(b"\xff\xfe\x00R1")
    with pytest.raises(AnswersError, match="not UTF-8"):
        read_answers(tmp_path / "own.csv")


def test_the_command_answers_with_one_line_and_a_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none.csv"), "--out", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert told.err.startswith("calibrate: ")
    assert "there is no such file" in told.err
    assert not list(tmp_path.iterdir())
