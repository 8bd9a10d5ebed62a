"""Judge a policy from choices that another one made and logged.

Inverse propensity scoring (Horvitz & Thompson 1952) and its self-normalised form (Swaminathan &
Joachims 2015, "The self-normalized estimator for counterfactual learning"). Choices a learner
made are no draw of the policy and must be left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adaptive.learning.tracing import LearningDataError


@dataclass(frozen=True, slots=True)
class LoggedChoice:
    """One drawn choice: its logged chance, the judged policy's chance for it, what came of it."""

    propensity: float
    target: float
    reward: float

    def __post_init__(self) -> None:
        if not 0 < self.propensity <= 1:
            raise LearningDataError(f"a logged chance lies in (0, 1], not {self.propensity}")
        if not 0 <= self.target <= 1:
            raise LearningDataError(f"a judged chance lies in [0, 1], not {self.target}")
        if not math.isfinite(self.reward):
            raise LearningDataError("a reward must be a finite number")


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """Mean reward the judged policy would have had.

    `ips` is unbiased, `snips` steadier; `error` is the standard error of `snips` (delta
    method); `effective` says how many plain choices the weighted ones are worth (Kish 1965).
    """

    ips: float
    snips: float
    error: float
    effective: float
    choices: int


def policy_value(choices: Sequence[LoggedChoice]) -> PolicyValue:
    """Estimate the value of the judged policy.

    Raises LearningDataError if there is no choice, or none the judged policy could have made.
    """
    if not choices:
        raise LearningDataError("there are no logged choices")
    weight = np.array([choice.target / choice.propensity for choice in choices])
    reward = np.array([choice.reward for choice in choices])
    total = float(weight.sum())
    if total <= 0:
        raise LearningDataError("the judged policy would have made none of the logged choices")
    value = float(weight @ reward) / total
    return PolicyValue(
        ips=float(np.mean(weight * reward)),
        snips=value,
        error=float(np.sqrt(np.sum((weight * (reward - value)) ** 2))) / total,
        effective=total**2 / float(weight @ weight),
        choices=len(choices),
    )
