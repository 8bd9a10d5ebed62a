"""Figures of knowledge tracing: five folds over learners, and the time of one step.

Learners with one answer are left out; a learner's first answer is not judged. No parameter
sees the fold it is judged on.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from adaptive.learning.bkt import fit_bkt
from adaptive.learning.logistic import LogisticTracer, fit_logistic
from adaptive.learning.tracing import (
    AnswerSequence,
    evaluate,
    folds,
    read_three_line,
)

_SETS = {
    "kt_auc_2009": "assist2009_updated_train.csv",
    "kt_auc_2015": "assist2015_train.csv",
}
_PARTS = 5


def figures() -> Iterator[dict[str, Any]]:
    """Yield the AUC per data set (peer: BKT by EM, same folds) and p99 of update + prediction."""
    folder = os.environ.get("BENCH_DATA")
    for name, file in _SETS.items():
        path = Path(folder or ".") / "kt" / file
        if not folder or not path.exists():
            why = f"needs {file}" if folder else "BENCH_DATA is not set"
            yield {"name": name, "value": None, "unit": "AUC", "why": why}
            continue
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as two_cores:
            found = list(two_cores.map(_fold, [(path, part) for part in range(_PARTS)]))
        yield {
            "name": name,
            "value": round(statistics.mean(own for own, _, _ in found), 4),
            "unit": "AUC",
            "peer": "bkt_em",
            "peer_value": round(statistics.mean(bkt for _, bkt, _ in found), 4),
        }
        yield {
            "name": name.replace("auc", "step_ms_p99"),
            "value": round(max(p99 for _, _, p99 in found), 4),
            "unit": "ms",
        }


def _fold(job: tuple[Path, int]) -> tuple[float, float, float]:
    path, part = job
    people = [s for s in read_three_line(path) if len(s.skills) > 1]
    fold = folds(len(people), _PARTS, seed=20)
    taught = [s for s, f in zip(people, fold, strict=True) if f != part]
    held = [s for s, f in zip(people, fold, strict=True) if f == part]
    own = fit_logistic(taught)
    return evaluate(own, held).auc, evaluate(fit_bkt(taught), held).auc, _step_ms_p99(own, held)


def _step_ms_p99(tracer: LogisticTracer, people: list[AnswerSequence]) -> float:
    taken = []
    for sequence in sorted(people, key=lambda s: -len(s.skills))[:20]:
        state = tracer.initial()
        for skill, correct, at in sequence.steps():
            start = time.perf_counter()
            tracer.predict(state, skill, at)
            state = tracer.update(state, skill, correct, at)
            taken.append(time.perf_counter() - start)
    return float(np.percentile(taken, 99)) * 1000
