"""Occupations: the catalogue, matching that explains itself, title search and skill gaps."""

from adaptive.occupations.catalogue import load_catalogue
from adaptive.occupations.explain import Difference, Explanation, Reason, explain
from adaptive.occupations.matching import Filters, Match, Matches, match
from adaptive.occupations.model import SCALES, Catalogue, Figure, Occupation

__all__ = [
    "SCALES",
    "Catalogue",
    "Difference",
    "Explanation",
    "Figure",
    "Filters",
    "Match",
    "Matches",
    "Occupation",
    "Reason",
    "explain",
    "load_catalogue",
    "match",
]
