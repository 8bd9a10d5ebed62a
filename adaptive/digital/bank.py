"""The question bank: one file of structure, one file of texts per language.

Areas and competences are those of DigComp 2.2 (Vuorikari, Kluzer & Punie 2022, JRC128415,
CC BY 4.0); the wording is our own. An editor changes the CSV files in `adaptive/content/digital`
and needs no code; whatever is wrong is said with file, line and mend.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CONTENT = Path(__file__).parents[1] / "content" / "digital"
LANGUAGES: tuple[str, ...] = ("en", "de", "hu", "sk", "cs", "sl", "ro", "bg", "sr", "bs")
AREAS: tuple[str, ...] = ("info", "comm", "make", "safe", "solve")
_COMPETENCES = (3, 6, 4, 4, 4)
BANDS = range(4)
LEVELS = (1, 2, 3)
SCREENER = "screener"
FOLLOW_UP = "follow-up"
_LONGEST = 120
_STRUCTURE = ("id", "area", "competence", "stage", "level")
_FIXED = (
    *(f"area-{area}" for area in AREAS),
    *(f"band-{band}" for band in BANDS),
    *(f"answer-{answer}" for answer in ("own", "help", "not_yet", "not_sure")),
    *(f"{area}-step-{band}" for area in AREAS for band in BANDS),
)


class BankError(ValueError):
    """A bank that cannot be used; `problems` lists every mistake with file, line and mend."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Question:
    """One statement to answer. `competence` as in DigComp 2.2 ("1.2"); `level` 1 to 3:
    foundation, intermediate, advanced."""

    id: str
    area: str
    competence: str
    stage: str
    level: int


@dataclass(frozen=True, slots=True)
class Bank:
    """Questions in order, texts by language and key, and "draft" or "reviewed" per language."""

    questions: tuple[Question, ...]
    texts: Mapping[str, Mapping[str, str]]
    status: Mapping[str, str]

    def text(self, key: str, language: str) -> str:
        """Return a text: a question's id, "area-…", "band-…", "answer-…" or "…-step-…".

        Raises KeyError for a key or language the bank does not have.
        """
        return self.texts[language][key]

    def screeners(self) -> tuple[Question, ...]:
        """Return the first question of each area, in the order of areas."""
        return tuple(q for area in AREAS for q in self.of(area) if q.stage == SCREENER)

    def of(self, area: str) -> tuple[Question, ...]:
        """Return an area's questions in the order of the file."""
        return tuple(question for question in self.questions if question.area == area)


def load_bank(folder: Path = CONTENT) -> Bank:
    """Read and check a bank. Raises BankError listing all problems at once."""
    problems: list[str] = []
    questions = _structure(folder / "questions.csv", problems)
    keys = [*_FIXED, *(question.id for question in questions)]
    texts: dict[str, Mapping[str, str]] = {}
    status: dict[str, str] = {}
    for language in LANGUAGES:
        found = _texts(folder / f"{language}.csv", keys, problems)
        status[language] = found.pop("status", "")
        texts[language] = found
    if problems:
        raise BankError(problems)
    return Bank(tuple(questions), texts, status)


def _rows(path: Path, columns: tuple[str, ...], problems: list[str]) -> list[tuple[int, list[str]]]:
    """Return (line number, cells) of a file whose header and widths are right."""
    if not path.exists():
        problems.append(f"{path.name}: the file is missing; add it with columns {list(columns)}")
        return []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as odd:
        problems.append(f"{path.name}: not UTF-8 (byte {odd.start}); save it again as UTF-8")
        return []
    reader = csv.reader(text.splitlines())
    rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    if not rows or tuple(rows[0][1]) != columns:
        problems.append(f"{path.name}, line 1: the header must be {','.join(columns)}")
        return []
    good = []
    for line, cells in rows[1:]:
        if len(cells) == len(columns):
            good.append((line, [cell.strip() for cell in cells]))
        else:
            problems.append(
                f"{path.name}, line {line}: {len(cells)} cells instead of {len(columns)};"
                " put a text that has a comma in quotes"
            )
    return good


def _structure(path: Path, problems: list[str]) -> list[Question]:
    questions: list[Question] = []
    lines: dict[str, int] = {}
    for line, (name, area, competence, stage, level) in _rows(path, _STRUCTURE, problems):
        before = len(problems)
        where = f"{path.name}, line {line}:"
        if name in lines or name in _FIXED or not name:
            problems.append(f"{where} the id {name!r} is empty or taken; choose another")
        if area not in AREAS:
            problems.append(f"{where} unknown area {area!r}; use one of {', '.join(AREAS)}")
        elif competence not in _of_area(area):
            problems.append(
                f"{where} {competence!r} is no competence of {area};"
                f" use one of {', '.join(_of_area(area))}"
            )
        if stage not in (SCREENER, FOLLOW_UP):
            problems.append(f"{where} unknown stage {stage!r}; use {SCREENER} or {FOLLOW_UP}")
        if level not in ("1", "2", "3"):
            problems.append(f"{where} the level must be 1, 2 or 3, not {level!r}")
        lines[name] = line
        if len(problems) == before:
            questions.append(Question(name, area, competence, stage, int(level)))
    if not problems:
        problems += _gaps(path, questions)
    return questions


def _gaps(path: Path, questions: list[Question]) -> list[str]:
    found = []
    for area in AREAS:
        mine = [question for question in questions if question.area == area]
        first = sum(question.stage == SCREENER for question in mine)
        if first != 1:
            found.append(f"{path.name}: {area} has {first} screeners; it needs exactly one")
        for level in LEVELS:
            there = sum(q.stage == FOLLOW_UP and q.level == level for q in mine)
            if there < 2:
                found.append(
                    f"{path.name}: {area} has {there} follow-ups of level {level}; add {2 - there}"
                )
    return found


def _texts(path: Path, keys: list[str], problems: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    known = {*keys, "status"}
    for line, (key, text) in _rows(path, ("key", "text"), problems):
        where = f"{path.name}, line {line}:"
        if key not in known:
            problems.append(f"{where} nothing uses {key!r}; correct the spelling or take it out")
        elif key in found:
            problems.append(f"{where} {key!r} stands there twice; keep one")
        elif not text:
            problems.append(f"{where} {key!r} has no text; write one")
        elif len(text) > _LONGEST:
            problems.append(
                f"{where} {key!r} has {len(text)} letters; use at most {_LONGEST}, short words"
            )
        elif key == "status" and text not in ("draft", "reviewed"):
            problems.append(f"{where} the status must be draft or reviewed, not {text!r}")
        found.setdefault(key, text)
    missing = [key for key in ("status", *keys) if key not in found]
    if missing and path.exists():
        problems.append(f"{path.name}: no text for {', '.join(missing)}; add a line for each")
    return found


def _of_area(area: str) -> tuple[str, ...]:
    number = AREAS.index(area)
    return tuple(f"{number + 1}.{n + 1}" for n in range(_COMPETENCES[number]))
