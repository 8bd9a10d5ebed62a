"""The services of the European Union that every installation can show from its first day."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from adaptive.opportunities.listing import Contact, Listing, Texts
from adaptive.opportunities.model import Offer

FOLDER = Path(__file__).resolve().parent.parent / "content" / "opportunities"
LANGUAGES = ("en", "de", "hu", "sk", "cs", "sl", "ro", "bg", "sr", "bs")
_SHAPE = "network.toml"
_KEYS = {"kind", "organisation", "url", "online", "interests", "countries", "age_from", "age_to"}
_TEXT_KEYS = {"title", "about", "needs", "first_step"}
_NEEDED = {"title", "about"}


class BadContent(ValueError):
    """A content file has a mistake; the message names file, entry and mend."""


def _tables(path: Path, known: set[str], needed: set[str]) -> dict[str, dict[str, Any]]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadContent(f"{path.name}: not valid TOML in UTF-8 ({error}); mend it") from None
    for key, table in found.items():
        if not isinstance(table, dict) or not needed <= set(table) <= known:
            wanted = ", ".join(sorted(known))
            raise BadContent(f"{path.name} [{key}]: use {wanted} only, and {sorted(needed)} always")
    return found


def _listing(key: str, shape: Mapping[str, Any], texts: Mapping[str, Texts]) -> Listing:
    return Listing(
        offer=Offer(
            id=key,
            kind=shape["kind"],
            interests=shape.get("interests", ""),
            online=shape.get("online", False),
            countries=frozenset(shape.get("countries", ())),
            provider="eu",
        ),
        contact=Contact(shape["organisation"], url=shape["url"]),
        texts=texts,
        age_from=shape.get("age_from"),
        age_to=shape.get("age_to"),
    )


def read_network(folder: Path) -> dict[str, Listing]:
    """Read the list and its texts; a language without a file is left out.

    Raises:
        BadContent: naming file, entry and mend.
    """
    shapes = _tables(folder / _SHAPE, _KEYS, {"kind", "organisation", "url"})
    texts: dict[str, dict[str, Texts]] = {key: {} for key in shapes}
    for language in LANGUAGES:
        path = folder / f"{language}.toml"
        if not path.exists():
            continue
        for key, words in _tables(path, _TEXT_KEYS, _NEEDED).items():
            if key not in shapes:
                raise BadContent(f"{path.name} [{key}]: not in {_SHAPE}; take it out")
            texts[key][language] = Texts(**words)
    for key in shapes:
        if "en" not in texts[key]:
            raise BadContent(f"en.toml: [{key}] is missing; write its texts")
    return {key: _listing(key, shape, texts[key]) for key, shape in shapes.items()}


@cache
def load_network() -> Mapping[str, Listing]:
    """Return the shipped list by id; one per process."""
    return read_network(FOLDER)
