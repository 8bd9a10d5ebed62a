"""Reading Moodle's objects: key fields must be there, unknown ones are ignored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moodle_sync.errors import Kind, MoodleError


class Record:
    """One JSON object of an answer of `function`.

    `integer` and `text` refuse a missing or null field with a PROTOCOL error, because every later
    step relies on them; the `…_or_none` readers take a missing field, a null and (for numbers) an
    empty text as None. Numbers that arrive as text, as some plugins send them, are numbers.
    """

    __slots__ = ("_data", "_function")

    def __init__(self, function: str, data: object) -> None:
        if not isinstance(data, dict):
            raise MoodleError(Kind.PROTOCOL, "notanobject", function=function)
        self._function = function
        self._data: dict[str, Any] = data

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def _missing(self, key: str) -> MoodleError:
        return MoodleError(
            Kind.PROTOCOL, "missingfield", function=self._function, message=f"no usable '{key}'"
        )

    def integer(self, key: str) -> int:
        """Return a whole number that must be there."""
        value = self.integer_or_none(key)
        if value is None:
            raise self._missing(key)
        return value

    def integer_or_none(self, key: str) -> int | None:
        """Return a whole number, or None."""
        value = self._data.get(key)
        if value is None or value == "":
            return None
        try:
            return int(value)
        except (TypeError, ValueError):
            raise self._missing(key) from None

    def number_or_none(self, key: str) -> float | None:
        """Return a number, or None; Moodle writes an absent grade as null, "" or "-"."""
        value = self._data.get(key)
        if value is None or value == "" or value == "-":
            return None
        try:
            return float(value)
        except (TypeError, ValueError):
            raise self._missing(key) from None

    def text(self, key: str) -> str:
        """Return a text that must be there; an empty one is one."""
        value = self._data.get(key)
        if value is None:
            raise self._missing(key)
        return str(value)

    def text_or_none(self, key: str) -> str | None:
        """Return a text, or None."""
        value = self._data.get(key)
        return None if value is None else str(value)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return a truth value; Moodle writes them as true, 1 and "1"."""
        value = self._data.get(key)
        if value is None or value == "":
            return default
        try:
            return bool(int(value))
        except (TypeError, ValueError):
            raise self._missing(key) from None

    def time_or_none(self, key: str) -> int | None:
        """Return Unix seconds; Moodle's 0 means never."""
        return self.integer_or_none(key) or None

    def records(self, key: str) -> Iterator[Record]:
        """Yield the objects of a list; a missing list is an empty one."""
        return records(self._function, self._data.get(key) or [])

    def record(self, key: str) -> Record:
        """Return an inner object that must be there."""
        return Record(self._function, self._data.get(key))

    def integers(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers; a missing list is an empty one."""
        return tuple(int(value) for value in self._data.get(key) or [])


def records(function: str, data: object) -> Iterator[Record]:
    """Yield the objects of a JSON list.

    PHP writes an array whose keys have gaps as an object, so an object of objects counts as one.
    """
    if isinstance(data, dict):
        data = list(data.values())
    if not isinstance(data, list):
        raise MoodleError(Kind.PROTOCOL, "notalist", function=function)
    return (Record(function, item) for item in data)
