"""`backontrack opportunities` as an operator types it."""

from __future__ import annotations

from tests.lti_tool.opportunities.test_table import GOOD, text
from tests.lti_tool.test_cli import shell

__all__ = ["shell"]


def test_import_and_list(shell, tmp_path):
    shell("tenant", "add", "one", "One")
    path = tmp_path / "offers.csv"
    path.write_text(text(GOOD | {"network": "yes", "last_day": "2099-01-31"}), encoding="utf-8")
    assert (
        shell("opportunities", "import", str(path)).output == "1 added, 0 changed, 0 as before.\n"
    )
    path.write_text(text(GOOD | {"reference": "second"}), encoding="utf-8")
    shell("opportunities", "import", str(path), "--tenant", "one", "--drafts")
    lines = shell("opportunities", "list").output.splitlines()
    assert [line.split() for line in lines] == [
        ["draft", "own", "no", "end", "second", "Repair", "bicycles"],
        ["open", "network", "2099-01-31", "bike", "Repair", "bicycles"],
    ]


def test_a_broken_file_is_named_with_line_and_mend(shell, tmp_path):
    shell("tenant", "add", "one", "One")
    path = tmp_path / "offers.csv"
    path.write_text(text(GOOD | {"kind": "x"}), encoding="utf-8")
    said = shell("opportunities", "import", str(path), code=1).output.splitlines()
    assert said == [
        "offers.csv: Line 2, column kind: Choose one of the kinds.",
        "Nothing was imported.",
    ]
    assert shell("opportunities", "list").output == ""
    assert (
        "nope.csv cannot be used"
        in shell("opportunities", "import", str(tmp_path / "nope.csv"), code=1).output
    )
    said = shell("opportunities", "list", "--tenant", "two", code=1).output
    assert "no organisation 'two'" in said
