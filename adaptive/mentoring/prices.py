"""Prices of mentors' places, so that the exact solver has little left to repair.

When nearly everybody fits the same few mentors best, shortest augmenting paths grow long. A
price on each wanted mentor spreads the demand; taking prices off all scores changes no optimum.
The prices are the column scaling of an entropy-smoothed transport plan with capacities (Cuturi
2013, "Sinkhorn distances"; Peyre & Cuturi 2019, "Computational optimal transport", section
10.2), cooled in steps. They need not be exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CROWDED = 0.5
_COOLING = (0.05, 0.02, 0.01, 0.005)
_ROUNDS = 40
_TINY = 1e-300


def crowded(
    score: NDArray[np.float64], allowed: NDArray[np.bool_], capacity: NDArray[np.int64]
) -> bool:
    """Return whether more than half of the mentees cannot have the mentor they fit best.

    With fewer places than mentees the solver looks from the places' side, where there is no crowd.
    """
    if capacity.sum() < len(score):
        return False
    first = np.where(allowed, score, -1.0).argmax(axis=1)
    demand = np.bincount(first, minlength=len(capacity))
    return bool(np.maximum(demand - capacity, 0).sum() > CROWDED * len(score))


def place_prices(
    score: NDArray[np.float64], allowed: NDArray[np.bool_], capacity: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return a price of 0 or more per mentor, in units of score; every row allows some pair."""
    open_score = np.where(allowed, score, -np.inf)
    gap = open_score - open_score.max(axis=1, keepdims=True)
    price = np.zeros(score.shape[1])
    for heat in _COOLING:
        kernel = np.exp(gap / heat)
        scale = np.exp(-price / heat)
        for _ in range(_ROUNDS):
            demand = kernel.T @ (1 / np.maximum(kernel @ scale, _TINY))
            scale = np.minimum(1.0, capacity / np.maximum(demand, _TINY))
        price = -heat * np.log(np.maximum(scale, _TINY))
    return price
