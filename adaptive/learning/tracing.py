"""What every knowledge tracer can do, and how good one is on learners it has never seen.

A tracer holds parameters, a state holds what one learner has shown so far. Both are plain
values: a state is rebuilt from stored answers at any time and gives the same prediction.
`at` is a moment counted in days from any fixed start; the caller chooses the start.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

State = TypeVar("State")


class LearningDataError(ValueError):
    """Answers, parameters or a moment that cannot be used; the message says why."""


class Tracer(Protocol[State]):
    """One way to follow what a learner can do.

    `update` never changes its argument. Both methods raise LearningDataError for an empty
    skill and for a moment that is not a finite number.
    """

    def initial(self) -> State:
        """Return the state of a learner who has answered nothing."""
        ...

    def update(self, state: State, skill: str, correct: bool, at: float) -> State:
        """Return the state after one answer; `at` in days, never before the last answer."""
        ...

    def predict(self, state: State, skill: str, at: float) -> float:
        """Return the probability, in (0, 1), that the next answer on `skill` is right."""
        ...


@dataclass(frozen=True, slots=True)
class AnswerSequence:
    """All answers of one learner in the order given.

    `at` holds days; left empty where the source has no times, which switches forgetting off.
    """

    skills: tuple[str, ...]
    correct: tuple[bool, ...]
    at: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.skills) != len(self.correct):
            raise LearningDataError(
                f"{len(self.skills)} skills but {len(self.correct)} results in one sequence"
            )
        if self.at and len(self.at) != len(self.skills):
            raise LearningDataError(
                f"{len(self.skills)} skills but {len(self.at)} moments in one sequence"
            )

    def steps(self) -> Iterator[tuple[str, bool, float]]:
        """Yield (skill, correct, at) in order."""
        moments = self.at or (0.0,) * len(self.skills)
        return zip(self.skills, self.correct, moments, strict=True)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well next answers were foretold: AUC, mean log loss (nats), answers counted."""

    auc: float
    log_loss: float
    answers: int


def expit(x: float) -> float:
    """Return the logistic function of x without overflow."""
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1.0 + grown)


def logit(p: float) -> float:
    """Return the log odds of p in (0, 1)."""
    return math.log(p / (1.0 - p))


def check_step(skill: str, at: float, last_at: float | None = None) -> None:
    """Raise LearningDataError for an empty skill or a moment that is no number or goes back."""
    if not skill:
        raise LearningDataError("the skill has no name")
    if not math.isfinite(at):
        raise LearningDataError(f"the moment of an answer must be a finite number, not {at!r}")
    if last_at is not None and at < last_at:
        raise LearningDataError(
            f"answers must come in the order of time: {at} after {last_at} days"
        )


def replay(tracer: Tracer[State], sequence: AnswerSequence) -> list[float]:
    """Return the prediction made before each answer of one learner, seeing only earlier ones."""
    state = tracer.initial()
    predictions = []
    for skill, correct, at in sequence.steps():
        predictions.append(tracer.predict(state, skill, at))
        state = tracer.update(state, skill, correct, at)
    return predictions


def evaluate(tracer: Tracer[State], sequences: Sequence[AnswerSequence]) -> Evaluation:
    """Judge a tracer on learners it was not fitted on, from each one's second answer on."""
    stated: list[float] = []
    seen: list[bool] = []
    for sequence in sequences:
        stated += replay(tracer, sequence)[1:]
        seen += sequence.correct[1:]
    p = np.clip(np.asarray(stated), 1e-9, 1 - 1e-9)
    y = np.asarray(seen, dtype=bool)
    loss = -np.mean(np.where(y, np.log(p), np.log1p(-p))) if len(y) else math.nan
    return Evaluation(auc(p, y), float(loss), len(y))


def auc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Return the chance that a positive case scores above a negative one, ties counting half.

    Mann-Whitney form (Hanley & McNeil 1982). Raises LearningDataError if one class is missing.
    """
    wins = int(positive.sum())
    losses = len(positive) - wins
    if not wins or not losses:
        raise LearningDataError("an AUC needs at least one right and one wrong answer")
    _, place, size = np.unique(scores, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(size) - (size - 1) / 2
    rank_sum = float(mean_rank[place][positive].sum())
    return (rank_sum - wins * (wins + 1) / 2) / (wins * losses)


def folds(count: int, parts: int, seed: int) -> NDArray[np.int64]:
    """Return a fold number per learner: equal sizes, the same for the same seed."""
    if parts < 2 or count < parts:
        raise LearningDataError(f"{count} learners cannot be cut into {parts} folds")
    return np.random.default_rng(seed).permutation(np.arange(count) % parts)


def read_three_line(path: Path) -> list[AnswerSequence]:
    """Read the three-lines-a-learner format of the ASSISTments files: count, skills, 0/1.

    Trailing commas and either line end are accepted. Raises LearningDataError naming file
    and line for anything else.
    """
    lines = path.read_text(encoding="ascii").splitlines()
    while lines and not lines[-1].strip(" ,"):
        lines.pop()
    if len(lines) % 3:
        raise LearningDataError(f"{path}: {len(lines)} lines; every learner needs three")
    sequences = []
    for start in range(0, len(lines), 3):
        count, skills, results = (line.strip(" ,").split(",") for line in lines[start : start + 3])
        if not count[0].isdigit() or len(skills) != int(count[0]) or len(results) != len(skills):
            raise LearningDataError(
                f"{path}, line {start + 1}: says {count[0]!r} answers, then {len(skills)} skills"
                f" and {len(results)} results; the three must agree"
            )
        if not set(results) <= {"0", "1"}:
            raise LearningDataError(f"{path}, line {start + 3}: results must be 0 or 1")
        sequences.append(AnswerSequence(tuple(skills), tuple(r == "1" for r in results)))
    return sequences
