"""The occupations that this installation knows, shared by the rooms that show them."""

from __future__ import annotations

from functools import cache

from adaptive.occupations import Catalogue, load_catalogue


@cache
def catalogue() -> Catalogue:
    """Return the embedded catalogue; one per process."""
    return load_catalogue()
