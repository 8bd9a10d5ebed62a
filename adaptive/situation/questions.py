"""The questions and their words, read from data.

`questions.toml` has order, kinds, answers and what an answer tells; `<language>.toml` the words. A
question whose shape or English words have a fault is left out; one whose words in another language
have a fault is asked in English. Every fault names file, line and the mend.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from adaptive.lessons import NEEDS
from adaptive.lessons.files import ContentFile
from adaptive.lessons.library import is_latin
from adaptive.lessons.model import Fault
from adaptive.occupations.letters import cyrillic_to_latin

CONTENT: Final = Path(__file__).parent.parent / "content" / "situation"
SHAPE: Final = "questions.toml"
SOURCE: Final = "en"
KINDS: Final = ("one", "many", "text")
_WORDS: Final = ("ask", "help")
_MOST_OPTIONS: Final = 8
_NAME: Final = re.compile(r"[a-z][a-z_]{1,23}")


@dataclass(frozen=True, slots=True)
class Question:
    """One question without words. needs: answer -> what it tells, a word of NEEDS."""

    id: str
    kind: str
    options: tuple[str, ...]
    needs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """One question in one language. help: a line below the question, or ""."""

    language: str
    ask: str
    help: str
    options: Mapping[str, str]


@dataclass
class Questions:
    """Every sound question, in order. enough: answers that must tell a need before it counts."""

    folder: Path
    all: Mapping[str, Question]
    enough: Mapping[str, int]
    faults: tuple[Fault, ...]
    _source: Mapping[str, Words]
    _words: dict[str, Mapping[str, Words]] = field(default_factory=dict)

    def words(self, question_id: str, locale: str) -> Words:
        """Return a question's words for a locale, in English where that language has none."""
        if locale not in self._words:
            self._words[locale] = self._read(locale)
        return self._words[locale].get(question_id) or self._source[question_id]

    def _read(self, locale: str) -> Mapping[str, Words]:
        path = self.folder / f"{locale.replace('-', '_').split('_')[0]}.toml"
        if path.stem == SOURCE or not path.is_file():
            return self._source
        found, _faults = _words_of(path, self.folder, self.all)
        return {name: _in_latin(one) for name, one in found.items()} if is_latin(locale) else found

    def check_languages(self) -> list[Fault]:
        """Return the faults of every language's file."""
        faults: list[Fault] = []
        for path in sorted(self.folder.glob("*.toml")):
            if path.name != SHAPE:
                faults += _words_of(path, self.folder, self.all)[1]
        return faults


@lru_cache(maxsize=4)
def load_questions(folder: Path = CONTENT) -> Questions:
    """Read all questions of a folder; nothing wrong in one keeps another from being asked."""
    file = ContentFile.read(folder / SHAPE, folder)
    file.only(None, ("enough", "question"))
    if not file.table("question") and not file.faults:
        file.fault("no question here; add a table [question.name]")
    sound: dict[str, Question] = {}
    for name in file.table("question"):
        before = len(file.faults)
        question = _question(file, name)
        if len(file.faults) == before:
            sound[name] = question
    words, wrong = _words_of(folder / f"{SOURCE}.toml", folder, sound)
    asked = {name: one for name, one in sound.items() if name in words}
    return Questions(folder, asked, _enough(file), (*file.faults, *wrong), words)


def _question(file: ContentFile, name: str) -> Question:
    table = f"question.{name}"
    file.only(table, ("kind", "options", "needs"))
    if not _NAME.fullmatch(name):
        file.fault("a question's name has 2 to 24 small letters a-z or _", table)
    kind = file.text(table, "kind")
    if kind and kind not in KINDS:
        file.fault(f'"kind" must be one of: {", ".join(KINDS)}', table, "kind")
    options = file.names(table, "options")
    if kind == "text" and options:
        file.fault("a question of the kind text has no options; take them out", table, "options")
    elif kind in {"one", "many"} and not 2 <= len(set(options)) <= _MOST_OPTIONS:
        file.fault(f'"options" must be 2 to {_MOST_OPTIONS} names', table, "options")
    if len(set(options)) < len(options) or any(
        not _NAME.fullmatch(one) or one in _WORDS for one in options
    ):
        file.fault(
            '"options" must be different names of small letters a-z or _, not "ask" or "help"',
            table,
            "options",
        )
    return Question(name, kind, options, _needs(file, table, options))


def _needs(file: ContentFile, table: str, options: tuple[str, ...]) -> Mapping[str, str]:
    found: Any = file.table(table).get("needs", {})
    if not isinstance(found, dict):
        file.fault('"needs" must be written as { answer = "need" }', table, "needs")
        return {}
    for option, need in found.items():
        if option not in options:
            file.fault(f'"{option}" is no answer of this question', table, "needs")
        if need not in NEEDS:
            known = ", ".join(sorted(NEEDS))
            file.fault(f'"{need}" is no need we know; use one of: {known}', table, "needs")
    return found


def _enough(file: ContentFile) -> dict[str, int]:
    found = {}
    for need, count in file.table("enough").items():
        if need not in NEEDS:
            file.fault(f'"{need}" is no need we know', "enough", need)
        elif not isinstance(count, int) or not 1 <= count <= len(file.table("question")):
            file.fault(f'"{need}" must be how many answers are enough', "enough", need)
        else:
            found[need] = count
    return found


def _words_of(
    path: Path, root: Path, questions: Mapping[str, Question]
) -> tuple[dict[str, Words], list[Fault]]:
    """Return the sound questions of one language's file, and its faults."""
    file = ContentFile.read(path, root)
    if not file.values:
        return {}, file.faults or [Fault(path.name, 1, "the file is empty; write the words")]
    file.only(None, tuple(questions))
    found = {}
    for name, question in questions.items():
        before = len(file.faults)
        file.only(name, (*_WORDS, *question.options))
        words = Words(
            language=path.stem,
            ask=file.text(name, "ask"),
            help=file.text(name, "help", needed=False),
            options={option: file.text(name, option) for option in question.options},
        )
        if len(file.faults) == before:
            found[name] = words
    return found, file.faults


def _in_latin(words: Words) -> Words:
    one = cyrillic_to_latin
    options = {option: one(text) for option, text in words.options.items()}
    return Words(words.language, one(words.ask), one(words.help), options)
