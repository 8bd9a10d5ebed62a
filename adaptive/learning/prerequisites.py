"""Which skill comes before which: a directed graph without circles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter


class PrerequisiteError(ValueError):
    """A graph that cannot be taught; `problems` lists every mistake with its mend."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class PrerequisiteGraph:
    """Skill -> the skills that must be mastered before it. Build it with `of`."""

    before: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]

    @classmethod
    def of(cls, before: Mapping[str, Collection[str]]) -> PrerequisiteGraph:
        """Check and sort. Every skill must be a key, with () if nothing comes before it.

        Raises PrerequisiteError with all unknown names, self-references and one full circle.
        """
        problems: list[str] = []
        for skill, needed in before.items():
            if isinstance(needed, str):
                problems.append(f"{skill}: write the prerequisites as a list, not as one word")
                continue
            if skill in needed:
                problems.append(f"{skill} needs itself; take it out of its own list")
            problems += [
                f"{skill} needs {name}, which is no skill here; add it or correct the spelling"
                for name in sorted(set(needed) - set(before))
            ]
        if problems:
            raise PrerequisiteError(tuple(problems))
        tidy = {skill: tuple(sorted(set(before[skill]))) for skill in sorted(before)}
        try:
            order = tuple(TopologicalSorter(tidy).static_order())
        except CycleError as circle:
            path = " -> ".join(reversed(circle.args[1]))
            raise PrerequisiteError(
                (f"these skills wait for each other: {path}; take one link out",)
            ) from circle
        return cls(tidy, order)

    def missing(self, skill: str, mastered: Collection[str]) -> tuple[str, ...]:
        """Return the direct prerequisites not mastered yet. Raises PrerequisiteError if unknown."""
        if skill not in self.before:
            raise PrerequisiteError((f"{skill} is no skill of this graph",))
        return tuple(name for name in self.before[skill] if name not in mastered)

    def path(self, skill: str, mastered: Collection[str]) -> tuple[str, ...]:
        """Return every skill still to master on the way to `skill`, in order, itself included."""
        wanted: set[str] = set()
        waiting = [skill]
        while waiting:
            name = waiting.pop()
            if name not in wanted and name not in mastered:
                wanted.add(name)
                waiting += self.missing(name, mastered)
        return tuple(name for name in self.order if name in wanted)
