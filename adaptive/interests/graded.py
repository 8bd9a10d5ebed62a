"""Graded-response parameters per item, estimated by marginal maximum likelihood.

Samejima's model (1969): P(answer > k | theta) = logistic(a (theta - b_k)), one latent interest per
scale, theta ~ N(0, 1). Estimated by EM over fixed quadrature points (Bock & Aitkin 1981,
Psychometrika 46). The parameters are for reporting and for simulation; the engine itself uses the
joint moments, which count items that depend on each other only once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize

from adaptive.interests.form import HIGHEST, ITEMS_PER_SCALE, LOWEST, SCALES, FloatArray, IntArray

CATEGORIES: Final = HIGHEST - LOWEST + 1
NODES: Final = np.linspace(-4.5, 4.5, 37)
_PRIOR: Final = np.exp(-(NODES**2) / 2) / np.exp(-(NODES**2) / 2).sum()
_STEPEST: Final = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Graded:
    """slope: (48,). thresholds: (48, 4), rising. correlation: (6, 6) between latent interests."""

    slope: FloatArray
    thresholds: FloatArray
    correlation: FloatArray


def probabilities(theta: FloatArray, slope: float, thresholds: FloatArray) -> FloatArray:
    """P(answer = 1..5) at each theta, shape (len(theta), 5)."""
    above = 1 / (1 + np.exp(-slope * (theta[:, None] - thresholds)))
    edges = np.concatenate([np.ones((len(theta), 1)), above, np.zeros((len(theta), 1))], axis=1)
    chances: FloatArray = np.maximum(edges[:, :-1] - edges[:, 1:], 1e-12)
    return chances


def estimate(answers: FloatArray, *, cycles: int = 60, tolerance: float = 2e-3) -> Graded:
    """Fit all six scales to complete answers, shape (people, 48), values 1..5."""
    codes = answers.astype(np.intp) - LOWEST
    slopes, thresholds, latent = [], [], []
    for scale in range(len(SCALES)):
        part = codes[:, scale * ITEMS_PER_SCALE : (scale + 1) * ITEMS_PER_SCALE]
        slope, cuts, weights = _fit_scale(part, cycles, tolerance)
        slopes.append(slope)
        thresholds.append(cuts)
        latent.append(weights @ NODES)
    scores = np.stack(latent, axis=1)
    reliability = np.clip(scores.var(axis=0), 0.05, 1.0)
    correlation = np.corrcoef(scores.T) / np.sqrt(np.outer(reliability, reliability))
    np.fill_diagonal(correlation, 1.0)
    return Graded(np.concatenate(slopes), np.concatenate(thresholds), _positive(correlation))


def simulate(
    graded: Graded, people: int, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Answers (people, 48) of simulated people and their true expected totals (people, 6)."""
    theta = generator.standard_normal((people, len(SCALES)))
    theta = theta @ np.linalg.cholesky(graded.correlation).T
    answers = np.empty((people, len(graded.slope)))
    truth = np.zeros((people, len(SCALES)))
    values = np.arange(LOWEST, HIGHEST + 1, dtype=np.float64)
    for item, slope in enumerate(graded.slope):
        scale = item // ITEMS_PER_SCALE
        chances = probabilities(theta[:, scale], slope, graded.thresholds[item])
        draw = generator.random((people, 1))
        answers[:, item] = LOWEST + (draw > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
        truth[:, scale] += chances @ values
    return answers, truth


def _fit_scale(
    codes: IntArray, cycles: int, tolerance: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    slope = np.full(codes.shape[1], 1.5)
    cuts = np.stack([_first_cuts(column) for column in codes.T])
    weights = _weights(codes, slope, cuts)
    for _ in range(cycles):
        before = slope
        fitted = [_fit_item(codes[:, i], weights, slope[i], cuts[i]) for i in range(len(slope))]
        slope = np.array([a for a, _ in fitted])
        cuts = np.stack([b for _, b in fitted])
        weights = _weights(codes, slope, cuts)
        if np.abs(slope - before).max() < tolerance:
            break
    return slope, cuts, weights


def _first_cuts(codes: IntArray) -> FloatArray:
    shares = np.bincount(codes, minlength=CATEGORIES).cumsum()[:-1] / len(codes)
    shares = np.clip(shares, 0.01, 0.99)
    cuts: FloatArray = np.log(shares / (1 - shares)) / 1.2 + 1e-3 * np.arange(CATEGORIES - 1)
    return cuts


def _weights(codes: IntArray, slope: FloatArray, cuts: FloatArray) -> FloatArray:
    """Posterior over the quadrature points for each person, shape (people, nodes)."""
    log = np.tile(np.log(_PRIOR), (len(codes), 1))
    for item in range(codes.shape[1]):
        log += np.log(probabilities(NODES, slope[item], cuts[item])).T[codes[:, item]]
    weights = np.exp(log - log.max(axis=1, keepdims=True))
    normed: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return normed


def _fit_item(
    codes: IntArray, weights: FloatArray, slope: float, cuts: FloatArray
) -> tuple[float, FloatArray]:
    counts = np.stack([weights[codes == k].sum(axis=0) for k in range(CATEGORIES)], axis=1)
    start = np.concatenate([[np.log(slope), cuts[0]], np.log(np.maximum(np.diff(cuts), 1e-3))])

    def loss(x: FloatArray) -> float:
        a, b = _unpacked(x)
        return -float((counts * np.log(probabilities(NODES, a, b))).sum()) / len(codes)

    found = minimize(loss, start, method="L-BFGS-B", options={"maxiter": 12})
    return _unpacked(found.x)


def _unpacked(x: FloatArray) -> tuple[float, FloatArray]:
    """Slope and rising thresholds from an unbounded vector."""
    steps = np.concatenate([[x[1]], np.exp(np.clip(x[2:], -7, 3))]).cumsum()
    return float(min(np.exp(x[0]), _STEPEST)), steps


def _positive(correlation: FloatArray) -> FloatArray:
    """The nearest-by-clipping correlation matrix that is positive definite."""
    values, vectors = np.linalg.eigh(np.clip(correlation, -0.98, 0.98))
    fixed = (vectors * np.maximum(values, 1e-3)) @ vectors.T
    scale = np.sqrt(fixed.diagonal())
    normed: FloatArray = fixed / np.outer(scale, scale)
    return normed
