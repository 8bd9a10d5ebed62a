"""Mentoring: who fits whom, the best pairs for everybody together, and why."""

from __future__ import annotations

from adaptive.mentoring.explain import Factor, Need, RunnerUp, Unmatched
from adaptive.mentoring.fairness import FairnessRow
from adaptive.mentoring.matching import Matching, Pair, match
from adaptive.mentoring.people import (
    MatchingError,
    Mentee,
    Mentor,
    Place,
    Programme,
    Weights,
)

__all__ = [
    "Factor",
    "FairnessRow",
    "Matching",
    "MatchingError",
    "Mentee",
    "Mentor",
    "Need",
    "Pair",
    "Place",
    "Programme",
    "RunnerUp",
    "Unmatched",
    "Weights",
    "match",
]
