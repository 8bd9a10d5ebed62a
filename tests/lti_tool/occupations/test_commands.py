"""`backontrack occupations` as an operator types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli import main
from tests.lti_tool.occupations.files import School


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BACKONTRACK_PUBLIC_URL", "https://tool.example.org")
    monkeypatch.setenv("BACKONTRACK_SECRET_KEY", "correct-horse-battery-staple-0123456789")
    monkeypatch.setenv("BACKONTRACK_SEAL_KEYS", "another-long-secret-abcdefghij-9876543210")
    monkeypatch.setenv("BACKONTRACK_DATABASE_URL", f"sqlite:///{tmp_path / 'tool.db'}")

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["occupations", *words] if words else ["db", "upgrade"])
        assert result.exit_code == code, (result.output, result.exception)
        assert "Traceback" not in result.output
        return result

    run()
    return run


def esco_words(school: School, folder: Path) -> list[str]:
    files = school.esco(folder)
    return ["import-esco", "--occupations", str(files.occupations), "--relations",
            str(files.relations), "--labels", str(files.labels), "--conditions",
            str(files.conditions)]  # fmt: skip


def onet_words(school: School, folder: Path) -> list[str]:
    files = school.onet(folder)
    return ["import-onet", "--interests", str(files.interests), "--job-zones",
            str(files.job_zones), "--occupations", str(files.occupations), "--crosswalk",
            str(files.crosswalk)]  # fmt: skip


def test_from_nothing_to_occupations_with_figures(shell, tmp_path):
    assert "436 ISCO-08 groups" in shell("status").output
    said = shell(*esco_words(School(), tmp_path)).output
    assert said.startswith("50 rows added, 0 changed, 0 removed")
    assert shell(*onet_words(School(), tmp_path), "--release", "29.3").output.startswith("7 rows")
    status = shell("status").output
    assert "4 occupations, 3 described, 17 labels, 4 languages" in status
    assert "onet   29.3" in status
    assert "interests            1 of 4" in status
    assert "ray helper" in status
    assert "Nothing new: all 50 rows" in shell(*esco_words(School(), tmp_path)).output


def test_a_broken_file_is_one_line_with_file_line_and_mend(shell, tmp_path):
    school = School()
    school.occupations[0][1] = "71"
    output = shell(*esco_words(school, tmp_path), code=1).output
    assert len(output.strip().splitlines()) == 1
    assert "esco_v1.1.9_en_csv.zip › occupations_en.csv, line 2:" in output
    assert "436 ISCO-08 groups" in shell("status").output
    school.interests["47-2.00"] = (9.0,) * 6
    output = shell(*onet_words(school, tmp_path), code=1).output
    assert output.startswith("Interests.xlsx, line 2: “9.0”")


def test_a_missing_option_names_it(shell):
    assert "--relations" in shell("import-esco", "--occupations", "x", code=2).output


def test_an_old_schema_is_one_line(shell, tmp_path, monkeypatch):
    monkeypatch.setenv("BACKONTRACK_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    for words in (["status"], esco_words(School(), tmp_path)):
        assert "backontrack db upgrade" in shell(*words, code=1).output
