"""Deriving figures: O*NET to ESCO to ISCO groups, each with its source."""

from __future__ import annotations

import pytest

from adaptive.occupations.derive import by_esco, by_unit_group
from adaptive.occupations.esco import CrosswalkRow

A, B, C = (f"http://data.europa.eu/esco/occupation/{name}" for name in "abc")
ISCO = "http://data.europa.eu/esco/isco/C7112"
ONET = {"x": (1.0,), "y": (3.0,), "z": (7.0,)}


def test_only_the_most_trusted_kind_of_match_counts() -> None:
    rows = [
        CrosswalkRow("x", A, "exactMatch"),
        CrosswalkRow("z", A, "broadMatch"),
        CrosswalkRow("x", B, "narrowMatch"),
        CrosswalkRow("y", B, "broadMatch"),
        CrosswalkRow("unknown", C, "exactMatch"),
        CrosswalkRow("z", C, "closeMatch"),
    ]
    assert by_esco(rows, ONET) == {A: (1.0,), B: (2.0,), C: (7.0,)}


def test_a_group_is_the_mean_of_its_occupations_and_of_a_direct_match() -> None:
    esco = {A: (1.0,), B: (3.0,), ISCO: (5.0,)}
    found = by_unit_group(esco, {A: "7112", B: "7112"}, ["7112"], "O*NET")
    assert found["7112"].value == pytest.approx((3.0,))
    assert found["7112"].source == "O*NET"


def test_a_group_without_data_borrows_from_its_nearest_ancestor_and_says_so() -> None:
    esco = {A: (1.0,), B: (3.0,), C: (6.0,)}
    isco = {A: "7112", B: "7113", C: "7212"}
    groups = ["7112", "7113", "7119", "7131", "7212", "8111"]
    found = by_unit_group(esco, isco, groups, "O*NET")
    assert (found["7119"].value, found["7119"].source) == ((2.0,), "ISCO 711")
    assert (found["7131"].value, found["7131"].source) == ((2.0,), "ISCO 71")
    assert found["8111"].source == "ISCO"
    assert found["8111"].value == pytest.approx((10 / 3,))


def test_without_any_data_nothing_is_guessed() -> None:
    with pytest.raises(ValueError, match="none can be derived for 7112"):
        by_unit_group({}, {}, ["7112"], "O*NET")
