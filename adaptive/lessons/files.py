"""Reading one TOML file of a pack so that every mistake is found with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adaptive.lessons.model import Fault


@dataclass
class ContentFile:
    """One parsed file with the faults found in it so far.

    Tables are at most one level deep (`[block-1]`, `[lesson.name]`), which keeps files easy to
    translate and lets a fault name its line.
    """

    path: Path
    root: Path
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, root: Path) -> ContentFile:
        """Read a file; one that is missing or no TOML has a fault and no values."""
        found = cls(path, root)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            found.fault("the file is missing; put it back")
            return found
        except UnicodeDecodeError:
            found.fault("not UTF-8; save it as UTF-8")
            return found
        found.lines = text.splitlines()
        try:
            found.values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"at line (\d+)", str(error))
            line = int(place[1]) if place else max(len(found.lines), 1)
            found._note(line, f"not valid TOML: {error}; mend that line")
        return found

    def fault(self, message: str, table: str | None = None, key: str | None = None) -> None:
        """Note a mistake at a key of a table, a table, or (table None) a key at the top."""
        self._note(self._line(table, key), message)

    def text(self, table: str | None, key: str, *, needed: bool = True) -> str:
        """Return a text, stripped; a fault if it is missing though needed, or is no text."""
        value = self.table(table).get(key)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or not value.strip():
            where = f"[{table}] " if table else ""
            self.fault(f'{where}"{key}" is missing or empty; write a text', table, key)
            return ""
        return value.strip()

    def names(self, table: str | None, key: str) -> tuple[str, ...]:
        """Return a list of words, () if it is left out; a fault if it is something else."""
        value = self.table(table).get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            self.fault(f'"{key}" must be a list of words in quotes', table, key)
            return ()
        return tuple(value)

    def table(self, name: str | None) -> dict[str, Any]:
        """Return a table ("lesson.name" for one below another), {} if there is none."""
        found: Any = self.values
        for part in name.split(".") if name else ():
            found = found.get(part) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def only(self, table: str | None, known: Collection[str]) -> None:
        """Note every key that means nothing here: it is most likely misspelt."""
        for key in self.table(table):
            if key not in known:
                wanted = ", ".join(known)
                self.fault(f'"{key}" means nothing here; use one of: {wanted}', table, key)

    def _note(self, line: int, message: str) -> None:
        self.faults.append(Fault(str(self.path.relative_to(self.root)), line, message))

    def _line(self, table: str | None, key: str | None) -> int:
        found, inside = 1, table is None
        for number, line in enumerate(self.lines, start=1):
            header = re.match(r"\s*\[([^\[\]]+)\]\s*(#.*)?$", line)
            if header:
                inside = header[1].replace('"', "").strip() == table or (
                    table is None and header[1] == key
                )
                found = number if inside else found
            elif inside and key and re.match(rf'\s*"?{re.escape(key)}"?\s*=', line):
                return number
        return found
