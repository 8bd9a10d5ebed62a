"""Make a parameter file from answers: `python -m adaptive.learning.calibrate OUT VERSION FILE...`.

Each FILE has three lines a learner (count, skill ids, 0/1). With `--by-skill` the skills keep
their own parameters, which is right for an installation's own answers and wrong for defaults.
Prints how each tracer did on a fifth of the learners that it was not fitted on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from adaptive.learning.bkt import BktTracer, fit_bkt
from adaptive.learning.defaults import TracerSet, dump_tracers
from adaptive.learning.elo import EloParameters, EloTracer, fit_elo, skill_easiness
from adaptive.learning.logistic import LogisticFit, fit_logistic
from adaptive.learning.tracing import AnswerSequence, Evaluation, evaluate, folds, read_three_line


def calibrate(
    sequences: Sequence[AnswerSequence], version: str, made_from: str, by_skill: bool
) -> TracerSet:
    """Fit all three tracers on these learners."""
    if by_skill:
        elo, bkt = fit_elo(sequences), fit_bkt(sequences)
        logistic = fit_logistic(sequences)
    else:
        elo = EloTracer(EloParameters(start=skill_easiness(sequences)[0]))
        bkt = BktTracer({}, fit_bkt(sequences).fallback)
        logistic = fit_logistic(sequences, LogisticFit(by_skill=False, elo=elo.parameters))
    return TracerSet(version, made_from, elo, bkt, logistic)


def report(sequences: Sequence[AnswerSequence], by_skill: bool) -> dict[str, Evaluation]:
    """Fit on four fifths of the learners and judge on the last fifth."""
    fold = folds(len(sequences), 5, seed=0)
    taught = [s for s, part in zip(sequences, fold, strict=True) if part]
    held = [s for s, part in zip(sequences, fold, strict=True) if not part]
    tracers = calibrate(taught, "trial", "", by_skill)
    return {
        "elo": evaluate(tracers.elo, held),
        "bkt": evaluate(tracers.bkt, held),
        "logistic": evaluate(tracers.logistic, held),
    }


def _apart(sequence: AnswerSequence, source: str) -> AnswerSequence:
    """Keep skills of different sources apart: the same number means different things."""
    return AnswerSequence(tuple(f"{source}:{s}" for s in sequence.skills), sequence.correct)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the shell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("version")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--by-skill", action="store_true")
    asked = parser.parse_args(arguments)
    sequences = [
        sequence if asked.by_skill else _apart(sequence, path.stem)
        for path in asked.files
        for sequence in read_three_line(path)
    ]
    for name, found in report(sequences, asked.by_skill).items():
        sys.stdout.write(f"{name}: AUC {found.auc:.3f} on {found.answers} unseen answers\n")
    made_from = ", ".join(path.stem for path in asked.files)
    tracers = calibrate(sequences, asked.version, made_from, asked.by_skill)
    asked.out.write_text(dump_tracers(tracers), encoding="utf-8")


if __name__ == "__main__":
    main()
