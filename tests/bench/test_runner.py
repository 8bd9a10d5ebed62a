"""The runner of `make bench`: every figure has a line, whatever fails."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import __main__ as runner


@pytest.fixture
def bench(monkeypatch, tmp_path):
    """A group whose modules are written by the test."""
    monkeypatch.setitem(runner.NAMES, "desks", ("desk_one", "desk_two"))
    monkeypatch.setattr(runner, "modules_of", lambda _group: ["desks"])

    def write(code: str) -> list[dict[str, object]]:
        script = tmp_path / "module.py"
        script.write_text(code)
        real = subprocess.Popen

        def popen(_command, **options):
            return real([sys.executable, str(script)], **options)

        monkeypatch.setattr(runner.subprocess, "Popen", popen)
        return list(runner.run("desks"))

    return write


def test_figures_come_with_their_group(bench):
    lines = bench('print(\'{"name": "desk_one", "value": 1}\'); print(\'noise\')')
    assert lines[0] == {"group": "desks", "name": "desk_one", "value": 1}
    assert lines[1]["name"] == "desk_two"
    assert lines[1]["value"] is None
    assert lines[1]["why"]


def test_a_module_that_breaks_says_why_for_what_is_missing(bench):
    lines = bench('print(\'{"name": "desk_one", "value": 1}\', flush=True); 1 / 0')
    assert lines[0]["value"] == 1
    assert "division by zero" in str(lines[1]["why"])


def test_a_module_that_hangs_is_ended(bench, monkeypatch):
    monkeypatch.setattr(runner, "SECONDS", 0)
    lines = bench("import time; time.sleep(60)")
    assert {"did not end in time" in str(line["why"]) for line in lines} == {True}


def test_an_unknown_group_is_one_clear_line():
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "nothing"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no group nothing; there are lti, sync" in done.stderr


def test_every_group_finds_its_modules_and_helpers_are_left_out():
    assert "pages" in runner.modules_of("pages")
    assert set(runner.modules_of("adaptive")) >= {"adaptive_search", "adaptive_matching"}
    helpers = {path.stem for path in Path(runner.__file__).parent.glob("*.py")} - {
        stem for group in runner.GROUPS for stem in runner.modules_of(group)
    }
    assert {"__init__", "__main__", "test_runner"} <= helpers


def test_names_are_json_and_listed_once():
    names = [name for group in runner.NAMES.values() for name in group]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9_]+", json.loads(json.dumps(name))) for name in names)
