"""The form of an opportunity: from what was sent to fields, and what stands in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from adaptive.opportunities.network import LANGUAGES
from lti_tool.opportunities.values import FIELDS, TEXT_FIELDS, Fault
from lti_tool.opportunities.words import FIELDS as FIELD_NAMES
from lti_tool.opportunities.words import language_name, say

_LISTS = ("interests", "languages", "countries")
_MOST_SENT = 4000
"""Letters of one field that come back to the page; no field of ours takes more."""


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the fields, and what is wrong with some of them."""

    raw: Mapping[str, str]
    faults: Sequence[Fault] = field(default_factory=tuple)

    def value(self, name: str) -> str:
        """Return what stands in a field."""
        return self.raw.get(name, "")

    def has(self, name: str, code: str) -> bool:
        """Whether a code is ticked in a list, or a letter among the interests."""
        given = self.raw.get(name, "")
        return code in (given if name == "interests" else given.split())

    def problem(self, name: str) -> str:
        """Return what is wrong with a field and how to mend it, "" if nothing is."""
        return " ".join(say(fault) for fault in self.faults if fault.field == name)

    def written(self, language: str) -> bool:
        """Whether something stands in the texts of a language."""
        return any(self.value(f"{name}.{language}").strip() for name in TEXT_FIELDS)

    def fallback(self, language: str) -> str | None:
        """Return the language that readers of `language` get, None if they get their own."""
        if self.written(language):
            return None
        known = [code for code in sorted(LANGUAGES) if self.written(code)]
        return "en" if "en" in known else next(iter(known), None)

    def summary(self) -> list[tuple[str, str, str]]:
        """Return (field's id, its name, what is wrong) for each fault."""
        return [(fault.field, name_of(fault.field), say(fault)) for fault in self.faults]


def name_of(field_name: str) -> str:
    """Return the name of a field as the form shows it, with its language where it has one."""
    base, _, language = field_name.partition(".")
    name = str(FIELD_NAMES[base])
    return f"{name} ({language_name(language)})" if language else name


def sent(form: MultiDict[str, str]) -> dict[str, str]:
    """Return what a form says of the fields that there are; anything else in it is left."""
    names = [*FIELDS, *(f"{name}.{code}" for code in LANGUAGES for name in TEXT_FIELDS)]
    return {
        name: (" ".join(form.getlist(name)) if name in _LISTS else form.get(name, ""))[:_MOST_SENT]
        for name in names
    }
