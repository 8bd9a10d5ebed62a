"""Does every group get mentors, and mentors who fit, alike?

The alarm is the four-fifths rule (US Uniform Guidelines on Employee Selection Procedures 1978,
section 4D): a group's match rate or median score below .8 of the best group's. Groups of fewer
than five people are hidden; if that leaves one hidden group alone, which could be worked out
from the total, the next smallest is hidden too.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SMALLEST = 5
ALARM_RATIO = 0.8


@dataclass(frozen=True, slots=True)
class FairnessRow:
    """One group: people, share matched, median score of its pairs; all None where hidden."""

    attribute: str
    group: str
    people: int | None
    match_rate: float | None
    median_score: float | None
    alarm: bool

    @property
    def hidden(self) -> bool:
        """Return whether the figures are withheld because the group is small."""
        return self.people is None


def fairness(
    groups: Sequence[Mapping[str, str]], scores: Sequence[float | None]
) -> tuple[FairnessRow, ...]:
    """Return the table. `groups` labels each mentee, `scores` is None for the unmatched."""
    cells: dict[str, dict[str, list[float | None]]] = {}
    for labels, score in zip(groups, scores, strict=True):
        for attribute, group in labels.items():
            cells.setdefault(attribute, {}).setdefault(group, []).append(score)
    return tuple(
        row for attribute in sorted(cells) for row in _attribute(attribute, cells[attribute])
    )


def _attribute(attribute: str, groups: Mapping[str, list[float | None]]) -> list[FairnessRow]:
    hidden = _hidden({group: len(members) for group, members in groups.items()})
    shown = {group: members for group, members in groups.items() if group not in hidden}
    rates = {g: sum(s is not None for s in m) / len(m) for g, m in shown.items()}
    medians = {
        g: statistics.median(s for s in m if s is not None) for g, m in shown.items() if rates[g]
    }
    best_rate = max(rates.values(), default=0.0)
    best_median = max(medians.values(), default=0.0)
    rows = []
    for group in sorted(groups):
        if group in hidden:
            rows.append(FairnessRow(attribute, group, None, None, None, alarm=False))
            continue
        median = medians.get(group)
        low = rates[group] < ALARM_RATIO * best_rate or (
            median is not None and median < ALARM_RATIO * best_median
        )
        rows.append(
            FairnessRow(attribute, group, len(groups[group]), rates[group], median, alarm=low)
        )
    return rows


def _hidden(sizes: Mapping[str, int]) -> set[str]:
    by_size = sorted(sizes, key=lambda group: (sizes[group], group))
    hidden = {group for group in by_size if sizes[group] < SMALLEST}
    if len(hidden) == 1 and len(by_size) > 1:
        hidden = set(by_size[:2])
    return hidden
