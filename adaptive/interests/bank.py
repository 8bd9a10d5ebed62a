"""The item bank: 48 activities, their words in each language and their pictures, read from data.

An editor adds a language by adding one file `<language>.toml` to `adaptive/content/interests`;
no code changes. Everything wrong with a file is reported at once, with file, line and the mend.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from adaptive.interests.form import ITEMS

CONTENT: Final = Path(__file__).parent.parent / "content" / "interests"
STATUSES: Final = ("draft", "reviewed")
LONGEST_TEXT: Final = 90
LONGEST_PICTURE: Final = 600
_ITEM_KEYS: Final = frozenset({"scale", "marker", "picture"})
_TEXT_KEYS: Final = frozenset({"text", "back", "status"})


class BankError(ValueError):
    """A bank that cannot be used; one line per fault: file, line, what is wrong, the mend."""


@dataclass(frozen=True, slots=True)
class Item:
    """One activity in one language.

    marker: the public-domain activity behind it. text: the words people read. picture: file name
    in the bank's pictures folder. back: the text put back into English, empty for English itself.
    """

    id: str
    scale: str
    marker: str
    text: str
    picture: str
    status: str
    back: str


@dataclass(frozen=True, slots=True)
class Bank:
    """All 48 activities in one language, in the order of the form."""

    language: str
    name: str
    items: tuple[Item, ...]
    folder: Path

    def __getitem__(self, item_id: str) -> Item:
        """The item with this id; KeyError when there is none."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def reviewed(self) -> bool:
        """Whether every text has had its second reading."""
        return all(item.status == "reviewed" for item in self.items)

    def picture(self, item_id: str) -> str:
        """The SVG markup of an item's picture (decorative, drawn in currentColor)."""
        return (self.folder / "pictures" / self[item_id].picture).read_text(encoding="utf-8")


def languages(folder: Path = CONTENT) -> tuple[str, ...]:
    """Codes of the languages that have a file, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml") if path.stem != "items"))


@lru_cache(maxsize=32)
def load_bank(locale: str, folder: Path = CONTENT) -> Bank:
    """Read the bank for a locale such as `de`, `de-AT` or `sr_Cyrl`: its language counts.

    Raises BankError for a language without a file or a bank with faults.
    """
    language = re.split(r"[-_]", locale, maxsplit=1)[0].lower()
    if language not in languages(folder):
        known = ", ".join(languages(folder)) or "none"
        raise BankError(
            f"{folder}: no activities for language {language!r}; there are {known}; "
            f"add {language}.toml"
        )
    return _Reader(folder).bank(language)


class _Reader:
    """Reads two files and collects every fault before it complains."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[str] = []
        self._path = folder
        self._lines: list[str] = []

    def bank(self, language: str) -> Bank:
        frame = self._read("items.toml")
        rows = self._tables(frame, frozenset(), _ITEM_KEYS)
        for item_id, row in rows.items():
            self._check_item(item_id, row)
        words = self._read(f"{language}.toml")
        texts = self._tables(words, frozenset({"language", "name"}), _TEXT_KEYS)
        if words.get("language") != language:
            self._fault(f'"language" must be "{language}", as in the file name', "language")
        if not self._is_text(words.get("name")):
            self._fault('"name" is missing; write the language\'s own name', "name")
        for item_id, row in texts.items():
            self._check_text(item_id, row, needs_back=language != "en")
        if self.faults:
            raise BankError("\n".join(self.faults))
        items = (
            Item(id=item_id, **{"back": ""} | rows[item_id] | texts[item_id]) for item_id in ITEMS
        )
        return Bank(language, words["name"], tuple(items), self.folder)

    def _read(self, name: str) -> dict[str, Any]:
        self._path = self.folder / name
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise BankError(f"{self._path}: the file is missing; put it back") from None
        except UnicodeDecodeError:
            raise BankError(f"{self._path}: not UTF-8; save it as UTF-8") from None
        self._lines = text.splitlines()
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BankError(f"{self._path}: not valid TOML: {error}; mend that line") from None

    def _tables(
        self, raw: dict[str, Any], plain: frozenset[str], keys: frozenset[str]
    ) -> dict[str, dict[str, Any]]:
        for name in raw.keys() - set(ITEMS) - plain:
            self._fault(f"unknown entry {name!r}; remove it or correct its name", name)
        tables: dict[str, dict[str, Any]] = {}
        for item_id in ITEMS:
            row = raw.get(item_id)
            if not isinstance(row, dict):
                self._fault(f"[{item_id}] is missing; add the table", item_id)
                continue
            for key in row.keys() - keys:
                wanted = ", ".join(sorted(keys))
                self._fault(f"[{item_id}] has an unknown {key!r}; use {wanted}", item_id, key)
            tables[item_id] = {key: value for key, value in row.items() if key in keys}
        return tables

    def _check_item(self, item_id: str, row: dict[str, Any]) -> None:
        if row.get("scale") != item_id[0]:
            self._fault(f'[{item_id}] "scale" must be "{item_id[0]}"', item_id, "scale")
        if not self._is_text(row.get("marker")):
            self._fault(f'[{item_id}] "marker" is missing; name the activity', item_id, "marker")
        picture = row.get("picture")
        if not self._is_text(picture):
            self._fault(f'[{item_id}] "picture" is missing; name a file', item_id, "picture")
            return
        path = self.folder / "pictures" / str(picture)
        if not path.is_file():
            self._fault(f"[{item_id}] {picture} is not in pictures/; draw it", item_id, "picture")
        elif path.stat().st_size > LONGEST_PICTURE:
            mend = f"make it at most {LONGEST_PICTURE} bytes"
            self._fault(f"[{item_id}] {picture} is too big; {mend}", item_id, "picture")

    def _check_text(self, item_id: str, row: dict[str, Any], *, needs_back: bool) -> None:
        text = row.get("text")
        if not self._is_text(text):
            self._fault(f'[{item_id}] "text" is missing; write the activity', item_id, "text")
        elif len(str(text)) > LONGEST_TEXT:
            mend = f"use at most {LONGEST_TEXT} letters"
            self._fault(
                f"[{item_id}] the text has {len(str(text))} letters; {mend}", item_id, "text"
            )
        if needs_back and not self._is_text(row.get("back")):
            mend = "put the text back into English"
            self._fault(f'[{item_id}] "back" is missing; {mend}', item_id, "back")
        if row.get("status") not in STATUSES:
            self._fault(f'[{item_id}] "status" must be "draft" or "reviewed"', item_id, "status")

    @staticmethod
    def _is_text(value: object) -> bool:
        return isinstance(value, str) and bool(value.strip())

    def _fault(self, message: str, table: str, key: str | None = None) -> None:
        self.faults.append(f"{self._path}:{self._line(table, key)}: {message}")

    def _line(self, table: str, key: str | None) -> int:
        """The line of a key in its table, else of the table or top-level key, else 1."""
        found = 1
        inside = False
        for number, line in enumerate(self._lines, start=1):
            header = re.match(r"\s*\[\s*([^\]]+?)\s*\]", line)
            if header:
                inside = header[1].strip("\"'") == table
                found = number if inside else found
            elif re.match(rf"\s*{re.escape(key or table)}\s*=", line) and inside == bool(key):
                return number
        return found
