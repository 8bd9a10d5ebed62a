"""A person's six interests with their uncertainty, as plain numbers for matching."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adaptive.occupations.model import SCALES

DRAWS = 200
_SEED = 20_240_117
_EPSILON = 1e-9

Uncertainty = Mapping[str, float] | ArrayLike
"""Six standard deviations by scale, or a 6 x 6 covariance in the order R I A S E C."""


def vector(scores: Mapping[str, float], what: str = "score") -> NDArray[np.float64]:
    """Return the six values in the order R I A S E C; raise ValueError naming a missing one."""
    missing = [scale for scale in SCALES if scale not in scores]
    if missing:
        raise ValueError(f"The profile has no {what} for {missing[0]}.")
    values = np.array([float(scores[scale]) for scale in SCALES])
    if not np.isfinite(values).all():
        raise ValueError(f"Every {what} of the profile must be a finite number.")
    return values


def _factor(uncertainty: Uncertainty) -> NDArray[np.float64]:
    if isinstance(uncertainty, Mapping):
        deviations = vector(uncertainty, "standard deviation")
        if (deviations < 0).any():
            raise ValueError("A standard deviation cannot be below zero.")
        return np.diag(deviations)
    covariance = np.asarray(uncertainty, dtype=float)
    if covariance.shape != (6, 6) or not np.isfinite(covariance).all():
        raise ValueError("The covariance must be 6 x 6 finite numbers in the order R I A S E C.")
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return np.asarray(vectors * np.sqrt(np.clip(values, 0, None)))


@lru_cache(maxsize=1)
def _standard_draws() -> NDArray[np.float64]:
    half = np.random.default_rng(_SEED).standard_normal((DRAWS // 2, 6))
    return np.concatenate([half, -half])


def directions(profiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centre each row and scale it to length 1; a row without differences becomes zero."""
    centred = profiles - profiles.mean(axis=-1, keepdims=True)
    length = np.linalg.norm(centred, axis=-1, keepdims=True)
    return np.asarray(
        np.divide(centred, length, out=np.zeros_like(centred), where=length > _EPSILON)
    )


def plausible_directions(
    scores: Mapping[str, float], uncertainty: Uncertainty
) -> NDArray[np.float64]:
    """Return `DRAWS` directions the true profile may have, shape (DRAWS, 6).

    Drawn from a normal distribution round the scores with one fixed set of standard normal
    values in mirrored pairs, so the same input always gives the same output.
    """
    drawn = vector(scores) + _standard_draws() @ _factor(uncertainty).T
    return directions(drawn)
