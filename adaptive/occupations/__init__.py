"""Occupations: the catalogue, matching that explains itself, title search and skill gaps."""

from adaptive.occupations.catalogue import load_catalogue
from adaptive.occupations.explain import Difference, Explanation, Reason, explain
from adaptive.occupations.index_file import read_index, write_index
from adaptive.occupations.matching import Filters, Match, Matches, match
from adaptive.occupations.model import SCALES, Catalogue, Figure, Occupation
from adaptive.occupations.search import Entry, Hit, TitleIndex, build_index, catalogue_entries
from adaptive.occupations.skills import SkillGap, SkillUse, skill_gap, skill_groups, skill_use
from adaptive.occupations.tabular import BadTable

__all__ = [
    "SCALES",
    "BadTable",
    "Catalogue",
    "Difference",
    "Entry",
    "Explanation",
    "Figure",
    "Filters",
    "Hit",
    "Match",
    "Matches",
    "Occupation",
    "Reason",
    "SkillGap",
    "SkillUse",
    "TitleIndex",
    "build_index",
    "catalogue_entries",
    "explain",
    "load_catalogue",
    "match",
    "read_index",
    "skill_gap",
    "skill_groups",
    "skill_use",
    "write_index",
]
