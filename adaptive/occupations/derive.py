"""Derive one figure per occupation and per ISCO-08 group from O*NET, ESCO and Nesta.

The chain is: O*NET occupation -> ESCO occupation (official crosswalk) -> ISCO-08 unit group
-> minor, sub-major and major group. Every step is a plain mean, so each figure can be checked
by hand, and every figure says where it comes from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adaptive.occupations.esco import ISCO_GROUP, CrosswalkRow

Vector = tuple[float, ...]

_TRUST: Mapping[str, int] = {
    "exactMatch": 0,
    "exactISCO": 0,
    "closeMatch": 1,
    "narrowMatch": 2,
    "broadMatch": 2,
}


@dataclass(frozen=True, slots=True)
class Derived:
    """A figure with its source.

    `source` is the name of the data the figure was computed from when the group itself has
    data, "ISCO <code>" when it is the mean of that ancestor group (an honest stand-in that the
    pages may flag).
    """

    value: Vector
    source: str


def mean(vectors: Iterable[Vector]) -> Vector:
    """Return the element-wise mean of at least one vector."""
    rows = list(vectors)
    return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))


def by_esco(crosswalk: Iterable[CrosswalkRow], onet: Mapping[str, Vector]) -> dict[str, Vector]:
    """Carry an O*NET figure over to ESCO occupations (and the few ISCO groups named directly).

    Of an ESCO occupation's matches only the most trusted kind counts: exact, else close, else
    narrow and broad together; several of one kind are averaged.
    """
    kinds: dict[str, dict[int, list[Vector]]] = defaultdict(lambda: defaultdict(list))
    for row in crosswalk:
        if row.onet in onet:
            kinds[row.uri][_TRUST[row.match]].append(onet[row.onet])
    return {uri: mean(found[min(found)]) for uri, found in kinds.items()}


def by_unit_group(
    esco: Mapping[str, Vector], isco_of: Mapping[str, str], groups: Iterable[str], source: str
) -> dict[str, Derived]:
    """Average a figure over the ESCO occupations of each ISCO-08 unit group.

    `esco` maps a URI to its figure, `isco_of` a URI to its unit group, `groups` are the codes
    wanted. A group without data gets the mean of its nearest ancestor's unit groups.
    """
    members: dict[str, list[Vector]] = defaultdict(list)
    for uri in sorted(esco):
        code = uri.removeprefix(ISCO_GROUP) if uri.startswith(ISCO_GROUP) else isco_of.get(uri)
        if code is not None:
            members[code].append(esco[uri])
    wanted = sorted(groups)
    own = {code: mean(members[code]) for code in wanted if members[code]}
    result: dict[str, Derived] = {}
    for code in wanted:
        if code in own:
            result[code] = Derived(own[code], source)
        else:
            result[code] = _from_ancestor(code, own)
    return result


def _from_ancestor(code: str, own: Mapping[str, Vector]) -> Derived:
    for length in (3, 2, 1, 0):
        ancestor = code[:length]
        relatives = [own[other] for other in sorted(own) if other.startswith(ancestor)]
        if relatives:
            return Derived(mean(relatives), f"ISCO {ancestor}" if ancestor else "ISCO")
    raise ValueError(f"no unit group has any data, so none can be derived for {code}")
