"""`make bench`: print every figure as one JSON object a line; `ONLY=lti,pages` runs some groups.

A module of this folder belongs to a group by its name and yields its figures from `figures()`. Each
runs in a process of its own, so that none disturbs another's measure or ends the run. A figure of
the table below that nobody took is printed with the value null and why.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SECONDS = 600
"""The longest that a group may take."""

GROUPS: dict[str, tuple[str, ...]] = {
    "lti": ("lti", "outbox"),
    "sync": ("sync",),
    "adaptive": ("adaptive_",),
    "pages": ("pages",),
    "desks": ("desks",),
    "trust": ("trust",),
}
"""Group, and how the names of its modules begin."""

NAMES: dict[str, tuple[str, ...]] = {
    "lti": (
        "launch_cpu_ms", "launches_per_s_vs_ltijs", "launches_per_s_vs_pylti1p3",
        "jwks_fetches_per_1000_launches", "token_requests_per_1000_calls",
        "outbox_scores_per_s",
    ),
    "sync": (
        "sync_wall_over_answers", "sync_requests_full", "sync_requests_no_change",
        "sync_peak_mb", "sync_time_vs_pymoodle_loop",
    ),
    "adaptive": (
        "top3_at_24", "top1_at_24", "r_at_24", "stop_items", "stop_top3", "stop_r",
        "true_r_at_24", "true_top1_at_24", "true_top3_at_24", "p_top3_worst_decile_gap",
        "exposure_max", "items_never_used", "next_item_ms_p99", "kt_auc_2009", "kt_auc_2015",
        "search_hit5_de", "search_hit5_hu", "search_hit5_sk", "search_hit5_cs",
        "search_hit5_sl", "search_hit5_ro", "search_hit5_bg", "search_hit5_hr",
        "match_3000x1200_s",
    ),
    "pages": (
        "first_page_kb", "question_page_kb", "result_page_kb", "script_kb",
        "requests_first_page", "fcp_question_s", "fcp_vs_bootstrap", "answer_ms_p50",
        "answer_ms_p99", "axe_violations", "whole_module_kb", "languages_complete",
    ),
    "desks": ("desk_ms_p95_10000_learners", "coordinator_ms_5000_pairs"),
    "trust": (
        "attacks_tried", "attacks_refused", "faults_tried", "faults_survived", "kills_lost",
    ),
}  # fmt: skip
"""The figures that are always printed."""


def modules_of(group: str) -> list[str]:
    """Names of the modules of a group, in alphabetical order; helpers have no `figures`."""
    stems = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    return [
        stem
        for stem in stems
        if stem.startswith(GROUPS[group])
        and "def figures(" in (Path(__file__).parent / f"{stem}.py").read_text(encoding="utf-8")
    ]


def take(module: str, seconds: float) -> Iterator[dict[str, object]]:
    """Run one module and yield its figures as they come.

    Raises:
        RuntimeError: saying how it ended, where that was not well.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench", "--module", module],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    said: list[str] = []
    listener = threading.Thread(target=lambda: said.extend(process.stderr or ()))
    listener.start()
    watchdog = threading.Timer(seconds, _end, (process,))
    began = time.monotonic()
    watchdog.start()
    try:
        for line in process.stdout:
            if line.startswith("{"):
                yield json.loads(line)
        code = process.wait()
    finally:
        watchdog.cancel()
        _end(process)
        listener.join()
        process.stdout.close()
        process.stderr.close()
        process.wait()
    if code:
        if time.monotonic() - began >= seconds:
            raise RuntimeError(f"{module} did not end in time")
        raise RuntimeError(f"{module}: {said[-1].strip() if said else f'exit code {code}'}")


def _end(process: subprocess.Popen[str]) -> None:
    """End a module with everything that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def run(group: str) -> Iterator[dict[str, object]]:
    """Yield the figures of a group, those that could not be taken last."""
    deadline = time.monotonic() + SECONDS
    seen: set[object] = set()
    problems: list[str] = []
    for module in modules_of(group):
        try:
            for figure in take(module, max(deadline - time.monotonic(), 1)):
                seen.add(figure.get("name"))
                yield {"group": group, **figure}
        except RuntimeError as problem:
            problems.append(str(problem))
    why = "; ".join(problems) or f"no module of the group {group} takes it yet"
    for name in NAMES[group]:
        if name not in seen:
            yield {"group": group, "name": name, "value": None, "why": why}


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="group", help=", ".join(GROUPS))
    parser.add_argument("--module", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.module:
        for figure in importlib.import_module(f"tests.bench.{options.module}").figures():
            print(json.dumps(figure, ensure_ascii=False), flush=True)
        return
    wanted = [name for text in options.groups for name in text.split(",") if name] or list(GROUPS)
    unknown = [name for name in wanted if name not in GROUPS]
    if unknown:
        parser.error(f"no group {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    for group in wanted:
        for figure in run(group):
            print(json.dumps(figure, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
