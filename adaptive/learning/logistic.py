"""Logistic regression on totals, recency, ratings and situations: the tracer that wins here.

p = 1 / (1 + exp(-(b + w . z + sum of the weights of the situations that hold))), z the
standardised numbers of `features`. Fitted with L2 by L-BFGS, offline; a prediction is a few
dozen additions and needs no numerical library.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from adaptive.learning.elo import EloParameters, EloTracer, fit_elo
from adaptive.learning.features import NUMBERS, Trace, advance, numbers, situations
from adaptive.learning.tracing import AnswerSequence, LearningDataError, check_step, expit

_GENERAL = frozenset({"gap", "count", "streaks", "streak"})
_TRANSFER = frozenset({"after", "after2"})


@dataclass(frozen=True, slots=True)
class LogisticModel:
    """Fitted weights: log odds at the mean, per number (mean, spread, weight), per situation."""

    intercept: float
    numbers: Mapping[str, tuple[float, float, float]]
    situations: Mapping[str, float] = field(default_factory=dict)
    elo: EloParameters = field(default_factory=EloParameters)

    def __post_init__(self) -> None:
        if set(self.numbers) != set(NUMBERS):
            odd = sorted(set(self.numbers) ^ set(NUMBERS))
            raise LearningDataError(f"the model and this version disagree about numbers: {odd}")
        if any(spread <= 0 for _, spread, _ in self.numbers.values()):
            raise LearningDataError("a spread must be above 0")


@dataclass(frozen=True, slots=True)
class LogisticTracer:
    """A fitted logistic model behind the common interface."""

    model: LogisticModel
    _elo: EloTracer = field(init=False, repr=False, compare=False)
    _weights: tuple[float, ...] = field(init=False, repr=False, compare=False)
    _base: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ordered = [self.model.numbers[name] for name in NUMBERS]
        weights = tuple(weight / spread for _, spread, weight in ordered)
        shift = sum(mean * w for (mean, _, _), w in zip(ordered, weights, strict=True))
        object.__setattr__(self, "_elo", EloTracer(self.model.elo))
        object.__setattr__(self, "_weights", weights)
        object.__setattr__(self, "_base", self.model.intercept - shift)

    def initial(self) -> Trace:
        """Return the state of a learner who has answered nothing."""
        return Trace()

    def update(self, state: Trace, skill: str, correct: bool, at: float) -> Trace:
        """Return the state after one answer."""
        return advance(self._elo, state, skill, correct, at)

    def predict(self, state: Trace, skill: str, at: float) -> float:
        """Return the probability of a right answer."""
        check_step(skill, at, state.elo.at)
        values = numbers(self._elo, state, skill, at)
        total = self._base + sum(map(float.__mul__, self._weights, map(float, values)))
        known = self.model.situations
        return expit(total + sum(known.get(name, 0.0) for name in situations(state, skill)))


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """How to fit: L2 penalty per weight, and what the weights may name.

    A fit for skills nobody has answered yet must not name any (`by_skill=False`). `transfer`
    lets a weight name the skill answered just before; where one question is stored as several
    rows, this is also what foretells its second row.
    """

    penalty: float = 5.0
    by_skill: bool = True
    transfer: bool = True
    rounds: int = 150
    elo: EloParameters = field(default_factory=EloParameters)

    def uses(self, situation: str) -> bool:
        """Return whether a weight may be fitted for a situation."""
        kind = situation.split("|", 1)[0]
        if kind in _TRANSFER:
            return self.by_skill and self.transfer
        return self.by_skill or kind in _GENERAL


def fit_logistic(
    sequences: Sequence[AnswerSequence], how: LogisticFit | None = None
) -> LogisticTracer:
    """Fit on whole learners; every row sees only that learner's earlier answers.

    Needs scipy. Raises LearningDataError when there is nothing to fit on.
    """
    how = how or LogisticFit()
    if not any(sequence.skills for sequence in sequences):
        raise LearningDataError("there are no answers to fit on")
    elo = fit_elo(sequences, how.elo) if how.by_skill else EloTracer(how.elo)
    rows: list[tuple[float, ...]] = []
    found: list[int] = []
    starts = [0]
    index: dict[str, int] = {}
    right: list[bool] = []
    for sequence in sequences:
        trace = Trace()
        for skill, correct, at in sequence.steps():
            rows.append(numbers(elo, trace, skill, at))
            usable = filter(how.uses, situations(trace, skill))
            found.extend(index.setdefault(name, len(index)) for name in usable)
            starts.append(len(found))
            right.append(correct)
            trace = advance(elo, trace, skill, correct, at)
    values = np.asarray(rows)
    mean, spread = values.mean(0), values.std(0)
    spread[spread < 1e-9] = 1.0
    weights = _minimise(
        (values - mean) / spread,
        np.asarray(found, dtype=np.int32),
        np.asarray(starts, dtype=np.int64),
        np.asarray(right, dtype=float),
        how,
        len(index),
    )
    dense = weights[1 : 1 + len(NUMBERS)]
    return LogisticTracer(
        LogisticModel(
            intercept=float(weights[0]),
            numbers={
                name: (float(mean[i]), float(spread[i]), float(dense[i]))
                for i, name in enumerate(NUMBERS)
            },
            situations={
                name: float(weights[1 + len(NUMBERS) + i])
                for name, i in index.items()
                if abs(weights[1 + len(NUMBERS) + i]) > 1e-4
            },
            elo=elo.parameters,
        )
    )


def _minimise(
    values: NDArray[np.float64],
    found: NDArray[np.int32],
    starts: NDArray[np.int64],
    right: NDArray[np.float64],
    how: LogisticFit,
    names: int,
) -> NDArray[np.float64]:
    """Return intercept, number weights and situation weights of least penalised loss."""
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix

    table = csr_matrix(
        (np.ones(len(found), dtype=np.float32), found, starts), shape=(len(right), names)
    )
    turned = table.T.tocsr()
    width = values.shape[1]

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = w[0] + values @ w[1 : 1 + width] + table @ w[1 + width :]
        cost = float(np.sum(np.logaddexp(0.0, z) - right * z))
        miss = 1.0 / (1.0 + np.exp(-np.clip(z, -35, 35))) - right
        slope = np.concatenate(([miss.sum()], values.T @ miss, turned @ miss))
        slope[1:] += how.penalty * w[1:]
        return cost + how.penalty * float(w[1:] @ w[1:]) / 2, slope

    start = np.zeros(1 + width + names)
    done = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": how.rounds})
    answer: NDArray[np.float64] = done.x
    return answer
