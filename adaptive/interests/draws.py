"""A fixed, evenly spread set of standard normal points in six dimensions.

An additive recurrence on the generalised golden ratio (Roberts 2018, "The unreasonable
effectiveness of quasirandom sequences") mapped through the normal quantile function and whitened,
so that mean and covariance are exact. The same on every machine and in every version.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from adaptive.interests.form import SCALES, FloatArray


def normal_points(count: int) -> FloatArray:
    """Points (count, 6) with mean 0 and unit covariance; `count` must exceed 6."""
    dimensions = len(SCALES)
    ratio = 2.0
    for _ in range(40):
        ratio = (1 + ratio) ** (1 / (dimensions + 1))
    steps = ratio ** -np.arange(1.0, dimensions + 1)
    uniform = (0.5 + np.arange(1, count + 1)[:, None] * steps) % 1.0
    quantile = NormalDist().inv_cdf
    points = np.array([[quantile(min(max(u, 1e-6), 1 - 1e-6)) for u in row] for row in uniform])
    points -= points.mean(axis=0)
    factor = np.linalg.cholesky(points.T @ points / count)
    white: FloatArray = np.linalg.solve(factor, points.T).T
    return white
