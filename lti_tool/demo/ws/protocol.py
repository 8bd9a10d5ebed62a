"""Moodle's REST protocol: PHP-style form fields, checked parameters, errors inside HTTP 200."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lti_tool.demo.site import store
from lti_tool.demo.store import Row


class WsError(Exception):
    """A web service fails: the class, the code and the text that Moodle answers with HTTP 200."""

    def __init__(
        self, code: str, message: str, kind: str = "core\\exception\\moodle_exception"
    ) -> None:
        super().__init__(code)
        self.code, self.message, self.kind = code, message, kind


def invalid_parameter() -> WsError:
    """Return the one error for every bad parameter; it does not say which."""
    return WsError(
        "invalidparameter",
        "Invalid parameter value detected",
        "core\\exception\\invalid_parameter_exception",
    )


def no_record(table: str) -> WsError:
    """Return the error for an id that is nobody's."""
    return WsError(
        "invalidrecord",
        f"Can't find data record in database table {table}.",
        "dml_missing_record_exception",
    )


def course_or_error(course: int) -> Row:
    """Return the row of a course, or raise Moodle's `invalidrecord`."""
    row = store().one("SELECT * FROM course WHERE id=?", course)
    if row is None:
        raise no_record("course")
    return row


@dataclass(frozen=True, slots=True)
class Optional:
    """A parameter that may be left out."""

    kind: Any
    default: Any = None


Spec = dict[str, Any]
"""Names of parameters with their kind: int, str, bool, [kind] a list, a Spec, or Optional."""


def parse_fields(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return nested dictionaries for PHP-style names: `options[0][name]=x`."""
    found: dict[str, Any] = {}
    for name, value in fields:
        first, *rest = re.findall(r"[^\[\]]+", name) or [name]
        place = found
        for key in rest:
            inner = place.setdefault(first, {})
            if not isinstance(inner, dict):
                raise invalid_parameter()
            place, first = inner, key
        place[first] = value
    return found


def check(spec: Spec, given: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters with their types, or raise `invalidparameter` as Moodle does."""
    if set(given) - set(spec):
        raise invalid_parameter()
    return {name: _value(kind, given.get(name)) for name, kind in spec.items()}


def _value(kind: Any, value: Any) -> Any:  # noqa: ANN401 - what a spec describes
    if isinstance(kind, Optional):
        return kind.default if value is None else _value(kind.kind, value)
    if isinstance(kind, list):
        if value is None or not isinstance(value, dict):
            raise invalid_parameter()
        return [_value(kind[0], value[key]) for key in value]
    if isinstance(kind, dict):
        if not isinstance(value, dict):
            raise invalid_parameter()
        return check(kind, value)
    return _scalar(kind, value)


def _scalar(kind: type, value: Any) -> Any:  # noqa: ANN401 - a form value
    if not isinstance(value, str):
        raise invalid_parameter()
    if kind is bool:
        if value not in {"0", "1"}:
            raise invalid_parameter()
        return value == "1"
    if kind is int:
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise invalid_parameter()
        return int(value)
    return value


@dataclass(frozen=True, slots=True)
class Function:
    """A web-service function: its parameters and what it does with them."""

    spec: Spec
    run: Callable[[dict[str, Any]], Any]


FUNCTIONS: dict[str, Function] = {}


def function(name: str, **spec: Any) -> Callable[[Callable[[dict[str, Any]], Any]], Any]:  # noqa: ANN401
    """Offer a function under its Moodle name."""

    def keep(run: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
        FUNCTIONS[name] = Function(spec, run)
        return run

    return keep
