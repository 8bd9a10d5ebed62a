"""What a teacher looks for, what they chose, and what goes into the course."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lti_tool.learner import Module
from lti_tool.lti.deep_linking import Item

COMPLETION, PROGRESS = "completion", "progress"
GRADINGS = (COMPLETION, PROGRESS)
MINUTES = (5, 10, 15, 30)

_MAX_SEARCH = 100


class Values(Protocol):
    """A form or a query string."""

    def get(self, key: str, default: str) -> str:
        """Return the first value of `key`."""

    def getlist(self, key: str) -> list[str]:
        """Return every value of `key`."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The state of the picker: what is searched for and what is ticked.

    It travels in the address from page to page, so the picker needs no script and stores nothing.
    `minutes` is the longest time wanted, None for any; `language` the one that the activities
    speak, None for each learner's own.
    """

    search: str = ""
    minutes: int | None = None
    modules: tuple[str, ...] = ()
    grading: str = COMPLETION
    language: str | None = None

    def query(self) -> dict[str, Any]:
        """Return it as the query of an address; defaults are left out."""
        members: dict[str, Any] = {
            "q": self.search,
            "minutes": self.minutes,
            "module": list(self.modules),
            "grading": self.grading if self.grading != COMPLETION else None,
            "language": self.language,
        }
        return {name: value for name, value in members.items() if value}


def read_selection(
    values: Values, catalogue: Mapping[str, Module], languages: Mapping[str, object]
) -> Selection:
    """Return the state that a form or an address holds; what we do not know is left out."""
    minutes = values.get("minutes", "")
    grading = values.get("grading", "")
    language = values.get("language", "")
    ticked = dict.fromkeys(values.getlist("module"))
    return Selection(
        search=values.get("q", "").strip()[:_MAX_SEARCH],
        minutes=int(minutes) if minutes in {str(each) for each in MINUTES} else None,
        modules=tuple(key for key in ticked if key in catalogue),
        grading=grading if grading in GRADINGS else COMPLETION,
        language=language if language in languages else None,
    )


def find(selection: Selection, catalogue: Mapping[str, Module]) -> list[Module]:
    """Return the modules that fit the search, and those that are ticked already.

    Every word has to occur in the title or the summary, whatever its case and accents.
    """
    words = _plain(selection.search).split()
    return [
        module
        for key, module in catalogue.items()
        if key in selection.modules
        or (
            (selection.minutes is None or module.minutes <= selection.minutes)
            and all(word in _plain(f"{module.title} {module.summary}") for word in words)
        )
    ]


def _plain(text: str) -> str:
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))


def items_of(selection: Selection, catalogue: Mapping[str, Module]) -> list[Item]:
    """Return what goes into the course, in the catalogue's order and the page's language."""
    return [
        Item(
            title=str(module.title),
            text=str(module.summary),
            module=key,
            grading=selection.grading,
            language=selection.language,
        )
        for key, module in catalogue.items()
        if key in selection.modules
    ]
