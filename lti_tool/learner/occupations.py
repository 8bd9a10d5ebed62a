"""The occupations that this installation knows, shared by the rooms that show them.

ESCO's 3,000 occupations where an operator imported them and they have names in the reader's
language; else the 436 groups of the embedded catalogue, which has them in all ten. An id of
either stays good in both cases, so what somebody keeps survives an import.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from functools import cache

import flask_babel
from flask import current_app, g, has_request_context

from adaptive.occupations import (
    Catalogue,
    Occupation,
    SkillUse,
    TitleIndex,
    build_index,
    catalogue_entries,
    load_catalogue,
)
from config.database import Database
from lti_tool.occupations import reading
from lti_tool.occupations.index_store import load_index
from lti_tool.web import services


@cache
def _embedded_titles() -> TitleIndex:
    return build_index(catalogue_entries(load_catalogue()))


@dataclass(frozen=True, slots=True)
class Imported:
    """What was imported, as one process holds it."""

    catalogue: Catalogue
    use: SkillUse
    languages: frozenset[str]
    """Those in which most occupations have a name."""


class Shelf:
    """Holds the imported data of one process and reads them anew after the next import."""

    def __init__(self, database: Database) -> None:
        """Start empty; nothing is read yet."""
        self._database = database
        self._lock = threading.Lock()
        self._versions: reading.Versions = ()
        self._imported: Imported | None = None
        self._titles: TitleIndex | None = None

    def imported(self) -> Imported | None:
        """Return what is imported now, None while there is nothing."""
        with self._database.read_connection() as connection:
            versions = reading.versions(connection)
        with self._lock:
            if versions != self._versions:
                self._imported, self._titles = self._read(versions), None
                self._versions = versions
            return self._imported

    def titles(self) -> TitleIndex | None:
        """Return the index of the imported names; the first search of a process waits for it."""
        with self._lock:
            if self._titles is None and (version := dict(self._versions).get("esco")):
                with self._database.read_connection() as connection:
                    self._titles = load_index(connection, version)
            return self._titles

    def _read(self, versions: reading.Versions) -> Imported | None:
        version = dict(versions).get("esco")
        if version is None:
            return None
        with self._database.read_connection() as connection:
            found = reading.load_catalogue(connection, version, load_catalogue())
            use = reading.load_skill_use(connection)
        if found is None:
            return None
        named = Counter(code for one in found.occupations for code in one.titles)
        spoken = frozenset(code for code, count in named.items() if count > len(found) / 2)
        return Imported(found, use, spoken)


def _shelf() -> Shelf:
    shelves = current_app.extensions
    if "backontrack.occupations" not in shelves:
        shelves.setdefault("backontrack.occupations", Shelf(services().database))
    found: Shelf = shelves["backontrack.occupations"]
    return found


def imported() -> Imported | None:
    """Return what was imported; asked once a request, so that a page is of one piece."""
    if not has_request_context():
        return None
    if "imported_occupations" not in g:
        g.imported_occupations = _shelf().imported()
    found: Imported | None = g.imported_occupations
    return found


def _for_reader() -> Imported | None:
    found = imported()
    language = str(flask_babel.get_locale()).partition("_")[0] if found else ""
    return found if found and language in found.languages else None


def catalogue() -> Catalogue:
    """Return the occupations to suggest to this reader."""
    found = _for_reader()
    return found.catalogue if found else load_catalogue()


def find(occupation_id: str) -> Occupation | None:
    """Return an occupation by its id of either catalogue: ISCO-08 code, or end of the ESCO URI."""
    found = imported()
    known = found.catalogue.get(occupation_id) if found else None
    return known or load_catalogue().get(occupation_id)


def titles() -> TitleIndex:
    """Return the index of the names of those occupations, in all languages."""
    own = _shelf().titles() if _for_reader() else None
    return own or _embedded_titles()
