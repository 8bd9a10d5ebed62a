"""Why something was decided: a code that the text layer translates, and the values it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: `code` names the sentence, `values` fill it."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)
