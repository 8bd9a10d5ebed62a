"""What a run did, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The balance of one run.

    `status` as in `MoodleRun`. `counts` is {entity: {added, changed, unchanged, missing, gone,
    back, held}} with the zeros left out. `seconds` is our wall time, `moodle_seconds` the time of
    Moodle's answers, one after the other. `left` counts the (course, person) pairs whose details
    wait for a later run. `error` is a code; `question` is what a person has to answer.
    """

    run_id: str
    site_id: str
    kind: str
    status: str
    tier: int
    generation: int
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    requests: int = 0
    received: int = 0
    seconds: float = 0.0
    moodle_seconds: float = 0.0
    left: int = 0
    error: str | None = None
    question: str | None = None

    @property
    def changes(self) -> int:
        """How many rows differ from before the run."""
        quiet = {"unchanged", "held"}
        return sum(n for tally in self.counts.values() for k, n in tally.items() if k not in quiet)

    @property
    def ok(self) -> bool:
        """Whether the run read all it meant to."""
        return self.status == "done"
