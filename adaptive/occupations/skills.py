"""What a person still needs for an occupation: few skills, plain words, transferable ones first."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from adaptive.occupations.esco import Broader, EscoSkill, OccupationSkill, SkillGroup

SHOWN = 5
_REACH = {"transversal": 0, "cross-sector": 1, "sector-specific": 2, "occupation-specific": 3}
_ASIDE = re.compile(r"\s*\([^)]*\)")
_GROUP_LEVEL = 2


@dataclass(frozen=True, slots=True)
class Needed:
    """An essential skill of the chosen occupation.

    `weight` is its inverse document frequency: high for what few occupations need. `words` is
    the label as shown, `reach` how widely it can be used: 0 everywhere, 1 in several sectors,
    2 in one sector, 3 in this occupation.
    """

    uri: str
    words: str
    weight: float
    reach: int


@dataclass(frozen=True, slots=True)
class SkillGap:
    """`missing` at most a few to learn next and `more` how many others are missing; `already` the
    essentials the person has; `share` the weighted part of the essentials they have (0 to 1)."""

    missing: tuple[Needed, ...]
    more: int
    already: tuple[Needed, ...]
    share: float


@dataclass(frozen=True, slots=True)
class SkillUse:
    """How many occupations need which skill, of how many occupations."""

    needed_by: Mapping[str, int]
    occupations: int

    def weight(self, skill: str) -> float:
        """Smoothed inverse document frequency (Spärck Jones 1972)."""
        return math.log((1 + self.occupations) / (1 + self.needed_by.get(skill, 0))) + 1


def skill_use(relations: Iterable[OccupationSkill]) -> SkillUse:
    """Count over all occupations' essential skills."""
    needed_by: Counter[str] = Counter()
    occupations: set[str] = set()
    for relation in relations:
        occupations.add(relation.occupation)
        if relation.essential:
            needed_by[relation.skill] += 1
    return SkillUse(dict(needed_by), len(occupations))


def skill_groups(broader: Iterable[Broader], groups: Iterable[SkillGroup]) -> dict[str, str]:
    """Map every skill and group below a level-2 skill group of ESCO to that group's URI.

    Where a skill stands below several, the first in the order of their URIs is taken.
    """
    level_two = {group.uri for group in groups if group.level == _GROUP_LEVEL}
    below: dict[str, list[str]] = {}
    for link in broader:
        below.setdefault(link.broader, []).append(link.uri)
    found: dict[str, str] = {}
    for group in sorted(level_two):
        waiting = [group]
        while waiting:
            uri = waiting.pop()
            if uri not in found:
                found[uri] = group
                waiting.extend(below.get(uri, ()))
    return found


def plain_words(label: str) -> str:
    """Return a skill's label without asides in brackets, beginning with a capital."""
    words = " ".join(_ASIDE.sub("", label).split())
    return words[:1].upper() + words[1:]


def skill_gap(
    have: Collection[str],
    essentials: Iterable[EscoSkill],
    use: SkillUse,
    groups: Mapping[str, str] | None = None,
    limit: int = SHOWN,
) -> SkillGap:
    """Compare a person's skills with an occupation's essential skills.

    `have` are URIs, `essentials` the occupation's essential skills, `use` how common skills are,
    `groups` an optional map of skill to group. The missing ones come transferable first, among
    equals the most telling first, and one of each group before a second of any.
    """
    needed = {
        skill.uri: Needed(
            uri=skill.uri,
            words=plain_words(skill.label),
            weight=use.weight(skill.uri),
            reach=_REACH.get(skill.reuse, 3),
        )
        for skill in essentials
    }
    order = sorted(needed.values(), key=lambda skill: (skill.reach, -skill.weight, skill.uri))
    already = tuple(skill for skill in order if skill.uri in have)
    lacking = [skill for skill in order if skill.uri not in have]
    chosen = _spread(lacking, groups or {})[:limit]
    shown = tuple(sorted(chosen, key=lambda skill: (skill.reach, -skill.weight, skill.uri)))
    total = sum(skill.weight for skill in order)
    share = sum(skill.weight for skill in already) / total if total else 1.0
    return SkillGap(shown, len(lacking) - len(shown), already, share)


def _spread(skills: list[Needed], groups: Mapping[str, str]) -> list[Needed]:
    """The first skill of every group, then the rest, each in the order given."""
    first: dict[str, Needed] = {}
    for skill in skills:
        first.setdefault(groups.get(skill.uri, skill.uri), skill)
    return [*first.values(), *(skill for skill in skills if skill not in first.values())]
