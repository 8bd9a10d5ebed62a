"""Hands-on practice: for each area and band one task in small steps, one file per language.

A task has the same name as its short text in the bank ("info-step-0"). English is complete; a
language without a file, or without one of the tasks, has the short text alone until a translator
adds the steps. A mistake is said with file, task and mend, and the rest still loads.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adaptive.digital.bank import AREAS, BANDS, CONTENT, LANGUAGES

TASKS: tuple[str, ...] = tuple(f"{area}-step-{band}" for area in AREAS for band in BANDS)
FEWEST, MOST = 2, 5
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Practice:
    """The steps by language and task; `problems` says what was left out and how to mend it."""

    texts: Mapping[str, Mapping[str, tuple[str, ...]]]
    problems: tuple[str, ...]

    def steps(self, task: str, language: str) -> tuple[str, ...]:
        """Return the steps of a task in order, none where a language has none yet."""
        return self.texts.get(language, {}).get(task, ())


def load_practice(folder: Path = CONTENT) -> Practice:
    """Read the steps of all languages; nothing raises, mistakes are listed."""
    problems: list[str] = []
    texts = {}
    for language in LANGUAGES:
        path = folder / f"practice.{language}.toml"
        if path.exists():
            texts[language] = _read(path, problems)
        elif language == "en":
            problems.append(f"{path.name}: the file is missing; English has to be there")
    missing = [task for task in TASKS if "en" in texts and task not in texts["en"]]
    if missing:
        problems.append(f"practice.en.toml: no steps for {', '.join(missing)}; add a table each")
    return Practice(texts, tuple(problems))


def _read(path: Path, problems: list[str]) -> dict[str, tuple[str, ...]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as odd:
        problems.append(f"{path.name}: not UTF-8 (byte {odd.start}); save it again as UTF-8")
        return {}
    except tomllib.TOMLDecodeError as odd:
        problems.append(f"{path.name}: {odd}; mend this line, often a quote is missing")
        return {}
    found = {}
    for task, table in tables.items():
        wrong = _wrong(task, table)
        if wrong:
            problems.append(f"{path.name}{_line(path, task)}: [{task}] {wrong}")
        else:
            found[task] = tuple(step.strip() for step in table["steps"])
    return found


def _wrong(task: str, table: object) -> str:
    """Return what is wrong with a task and how to mend it, "" for nothing."""
    if task not in TASKS:
        return "nothing uses this name; correct the spelling or take it out"
    if not isinstance(table, dict) or set(table) != {"steps"}:
        return "needs steps = [...] and nothing else"
    steps = table["steps"]
    if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
        return "put each step in quotes, with commas between them"
    if not FEWEST <= len(steps) <= MOST:
        return f"has {len(steps)} steps; write {FEWEST} to {MOST}"
    if not all(0 < len(step.strip()) <= _LONGEST for step in steps):
        return f"has a step that is empty or longer than {_LONGEST} letters; use short words"
    return ""


def _line(path: Path, task: str) -> str:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    pattern = re.compile(rf"\s*\[?\s*\"?{re.escape(task)}\b")
    return next((f", line {n}" for n, line in enumerate(lines, 1) if pattern.match(line)), "")
