"""The occupations that this installation knows, shared by the rooms that show them."""

from __future__ import annotations

from functools import cache

from adaptive.occupations import Catalogue, load_catalogue
from adaptive.occupations.search import TitleIndex, build_index, catalogue_entries


@cache
def catalogue() -> Catalogue:
    """Return the embedded catalogue; one per process."""
    return load_catalogue()


@cache
def titles() -> TitleIndex:
    """Return the index of their titles in all languages; one per process."""
    return build_index(catalogue_entries(catalogue()))
