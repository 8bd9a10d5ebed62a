"""Summaries as text for a shell."""

from __future__ import annotations

from moodle_sync.pull.context import Progress
from moodle_sync.summary import RunSummary

_BAR = 24


def format_summary(summary: RunSummary) -> str:
    """Return a run's balance as a small table with what went wrong below it."""
    lines = [
        f"{summary.kind} run, tier {summary.tier}: {summary.status}"
        + (f" ({summary.error})" if summary.error else "")
    ]
    for entity, tally in summary.counts.items():
        cells = ", ".join(f"{count} {kind}" for kind, count in tally.items()) or "nothing"
        lines.append(f"  {entity:<20} {cells}")
    lines.append(
        f"  {summary.changes} changes · {summary.requests} requests · "
        f"{summary.received / 1e6:.1f} MB · {summary.seconds:.1f} s "
        f"(Moodle {summary.moodle_seconds:.1f} s)"
    )
    if summary.left:
        lines.append(f"  {summary.left} people's progress waits for the next runs")
    lines += [f"  note: {note}" for note in summary.notes]
    if summary.question:
        lines.append(f"  {summary.question}")
    return "\n".join(lines)


def format_progress(progress: Progress) -> str:
    """Return one line with a bar: what is read, how much is left."""
    if progress.total is None:
        return f"{progress.stage} …"
    share = progress.done / progress.total if progress.total else 1.0
    bar = "#" * round(share * _BAR)
    left = progress.total - progress.done
    return f"{progress.stage:<20} [{bar:<{_BAR}}] {progress.done}/{progress.total}, {left} left"
