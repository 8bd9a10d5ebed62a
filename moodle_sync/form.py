"""Moodle's way of writing nested parameters as form fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "str | int | float | bool | Sequence[Value] | Mapping[str, Value] | None"
Params: TypeAlias = Mapping[str, Value]


def fields(params: Params) -> Iterator[tuple[str, str]]:
    """Yield the form fields of `params`, PHP-style: `options[0][name]`.

    Booleans become 1 and 0, the only spelling Moodle takes; None is left out, because REST has no
    way to say it.
    """
    for name, value in params.items():
        yield from _fields(name, value)


def _fields(name: str, value: Value) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _fields(f"{name}[{key}]", inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, inner in enumerate(value):
            yield from _fields(f"{name}[{index}]", inner)
    elif isinstance(value, bool):
        yield name, "1" if value else "0"
    else:
        yield name, str(value)


def options(**named: str | int | None) -> list[dict[str, Value]]:
    """Return Moodle's `[{"name": …, "value": …}]` list; None leaves an option out."""
    return [{"name": name, "value": value} for name, value in named.items() if value is not None]
