"""Skill gap: few, plain, transferable first, weighted by how telling a skill is."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from adaptive.occupations import skill_gap, skill_groups, skill_use
from adaptive.occupations.esco import Broader, EscoSkill, OccupationSkill, SkillGroup
from adaptive.occupations.skills import plain_words


def skill(uri: str, reuse: str = "sector-specific", label: str = "") -> EscoSkill:
    return EscoSkill(uri, "skill/competence", reuse, label or f"do {uri}", (), "")


USE = skill_use(
    [
        *(OccupationSkill(f"job{n}", "common", True) for n in range(9)),
        OccupationSkill("job0", "rare", True),
        OccupationSkill("job0", "rare too", True),
        OccupationSkill("job9", "rare", False),
    ]
)


def test_use_counts_essential_relations_and_all_occupations() -> None:
    assert USE.needed_by == {"common": 9, "rare": 1, "rare too": 1}
    assert USE.occupations == 10
    assert USE.weight("rare") == pytest.approx(math.log(11 / 2) + 1)
    assert USE.weight("common") < USE.weight("rare") < USE.weight("never seen")


def test_missing_skills_come_transferable_first_then_the_most_telling() -> None:
    essentials = [
        skill("rare"),
        skill("common"),
        skill("everywhere", "transversal"),
        skill("wide", "cross-sector"),
        skill("narrow", "occupation-specific"),
    ]
    gap = skill_gap((), essentials, USE)
    assert [n.uri for n in gap.missing] == ["everywhere", "wide", "rare", "common", "narrow"]
    assert [n.reach for n in gap.missing] == [0, 1, 2, 2, 3]
    assert gap.share == 0


def test_never_more_than_five_and_the_rest_is_counted() -> None:
    gap = skill_gap({"s3"}, [skill(f"s{n}") for n in range(21)], USE)
    assert len(gap.missing) == 5
    assert gap.more == 15
    assert [n.uri for n in gap.already] == ["s3"]
    assert "s3" not in {n.uri for n in gap.missing}


def test_the_share_is_weighted() -> None:
    essentials = [skill("common"), skill("rare")]
    knows_common = skill_gap({"common"}, essentials, USE).share
    knows_rare = skill_gap({"rare"}, essentials, USE).share
    assert knows_common + knows_rare == pytest.approx(1)
    assert knows_common == pytest.approx(
        USE.weight("common") / (USE.weight("common") + USE.weight("rare"))
    )
    assert knows_common < knows_rare


def test_nothing_missing_and_nothing_needed() -> None:
    assert skill_gap({"rare"}, [skill("rare")], USE).missing == ()
    assert skill_gap({"rare"}, [skill("rare")], USE).share == 1
    assert skill_gap((), [], USE).share == 1


def test_one_of_each_group_before_a_second_of_any() -> None:
    essentials = [skill(f"weld {n}") for n in range(6)] + [skill("read plans")]
    groups = {f"weld {n}": "welding" for n in range(6)}
    gap = skill_gap((), essentials, USE, groups, limit=2)
    assert {n.uri for n in gap.missing} == {"weld 0", "read plans"}
    assert len(skill_gap((), essentials, USE, groups).missing) == 5


def test_groups_are_those_of_level_two() -> None:
    groups = [SkillGroup("S1", 1, "a"), SkillGroup("S1.1", 2, "b"), SkillGroup("S1.1.1", 3, "c")]
    chain = ["S1", "S1.1", "S1.1.1", "weld", "cut"]
    broader = [Broader(below, above) for above, below in pairwise(chain)]
    found = skill_groups(broader, groups)
    assert found["weld"] == found["cut"] == found["S1.1.1"] == "S1.1"
    assert "S1" not in found


def test_a_ring_in_the_hierarchy_ends() -> None:
    ring = [Broader("a", "G"), Broader("b", "a"), Broader("a", "b")]
    assert skill_groups(ring, [SkillGroup("G", 2, "g")])["b"] == "G"


def test_plain_words() -> None:
    assert plain_words("use  tools (for welding)") == "Use tools"
    assert plain_words("ICT safety") == "ICT safety"
