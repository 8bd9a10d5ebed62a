"""Estimating the model from complete answers: moments, error curves, consistency, noise.

Everything about errors is cross-fitted: the people whose errors are looked at never took part in
the moments that predict them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from adaptive.interests.form import ITEM_COUNT, SCALE_OF, FloatArray, IntArray
from adaptive.interests.model import KNOTS

RIDGE: Final = 1e-6
FOLDS: Final = 4
SUBSET_SIZES: Final = (6, 10, 14, 18, 24, 30)
SMOOTHING: Final = 300.0
SMALLEST_SPREAD: Final = 0.1
CONSISTENCIES: Final = (6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 28.0, 40.0, 80.0)
ODD_QUANTILE: Final = 0.99
FACTORS: Final = 6


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """bias, spread: curves at `KNOTS`. consistency, odd: as in Model."""

    bias: FloatArray
    spread: FloatArray
    consistency: float
    odd: float


@dataclass(frozen=True, slots=True, eq=False)
class _Prediction:
    """Of people by a random subset: expectation, error and variance of the other items, misfit."""

    rest: IntArray
    expected: FloatArray
    error: FloatArray
    covariance: FloatArray
    distance: FloatArray
    size: int


def moments(answers: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean (48,) and covariance (48, 48) of answers (people, 48)."""
    return answers.mean(axis=0), np.cov(answers.T) + RIDGE * np.eye(ITEM_COUNT)


def errors(answers: FloatArray, generator: np.random.Generator, rounds: int = 4) -> Errors:
    """Look at how far answers fall from their expectation, over random subsets of known items."""
    predictions = list(_predictions(answers, generator, rounds))
    expected = np.concatenate([p.expected.ravel() for p in predictions])
    error = np.concatenate([p.error.ravel() for p in predictions])
    square = np.concatenate(
        [(p.error**2 / p.covariance.diagonal()).ravel() for p in predictions],
    )
    bias = _curve(expected, error)
    spread = np.maximum(_curve(expected, square), SMALLEST_SPREAD)
    consistency = _consistency(predictions, bias, spread)
    misfit = np.concatenate([_misfit(p, consistency) for p in predictions])
    return Errors(bias, spread, consistency, float(np.quantile(misfit, ODD_QUANTILE)))


def single_occasion_noise(covariance: FloatArray) -> FloatArray:
    """Variance (48,) of each answer that it shares with no other: principal-axis uniqueness."""
    scale = np.sqrt(covariance.diagonal())
    correlation = covariance / np.outer(scale, scale)
    unique = np.full(ITEM_COUNT, 0.4)
    for _ in range(200):
        values, vectors = np.linalg.eigh(correlation - np.diag(unique))
        loadings = vectors[:, -FACTORS:] * np.sqrt(np.maximum(values[-FACTORS:], 0))
        unique = np.clip(1 - (loadings**2).sum(axis=1), 0.05, 1)
    noise: FloatArray = unique * covariance.diagonal()
    return noise


def _predictions(
    answers: FloatArray, generator: np.random.Generator, rounds: int
) -> Iterator[_Prediction]:
    fold = np.arange(len(answers)) % FOLDS
    for held in range(FOLDS):
        mean, covariance = moments(answers[fold != held])
        people = answers[fold == held]
        for size in SUBSET_SIZES * rounds:
            known = generator.choice(ITEM_COUNT, size, replace=False)
            rest = np.setdiff1d(np.arange(ITEM_COUNT), known)
            off = people[:, known] - mean[known]
            within = covariance[np.ix_(known, known)]
            weights = np.linalg.solve(within, covariance[np.ix_(known, rest)])
            expected = mean[rest] + off @ weights
            yield _Prediction(
                rest=rest,
                expected=expected,
                error=people[:, rest] - expected,
                covariance=covariance[np.ix_(rest, rest)]
                - covariance[np.ix_(rest, known)] @ weights,
                distance=np.einsum("pk,kp->p", off, np.linalg.solve(within, off.T)),
                size=size,
            )


def _curve(x: FloatArray, y: FloatArray) -> FloatArray:
    """Smooth piecewise-linear regression of y on x with values at `KNOTS` (penalised hats)."""
    step = KNOTS[1] - KNOTS[0]
    place = np.clip((x - KNOTS[0]) / step, 0, len(KNOTS) - 1)
    left = np.minimum(place.astype(np.intp), len(KNOTS) - 2)
    weight = place - left
    product = np.zeros((len(KNOTS), len(KNOTS)))
    target = np.zeros(len(KNOTS))
    for at, share in ((left, 1 - weight), (left + 1, weight)):
        np.add.at(target, at, share * y)
        np.add.at(product, (at, left), share * (1 - weight))
        np.add.at(product, (at, left + 1), share * weight)
    bends = np.diff(np.eye(len(KNOTS)), 2, axis=0)
    smooth = product + SMOOTHING * (bends.T @ bends)
    return np.asarray(np.linalg.solve(smooth, target), dtype=np.float64)


def _misfit(prediction: _Prediction, consistency: float) -> FloatArray:
    return (consistency + prediction.distance) / (consistency + prediction.size)


def _consistency(predictions: list[_Prediction], bias: FloatArray, spread: FloatArray) -> float:
    """The degrees of freedom under which the errors of the totals are most likely."""
    squares = [_total_squares(p, bias, spread) for p in predictions]

    def loss(degrees: float) -> float:
        parts = []
        for prediction, square in zip(predictions, squares, strict=True):
            factor = _misfit(prediction, degrees)
            parts.append(np.log(factor) + square / factor)
        return float(np.concatenate(parts).mean())

    return min(CONSISTENCIES, key=loss)


def _total_squares(prediction: _Prediction, bias: FloatArray, spread: FloatArray) -> FloatArray:
    """Mean squared standardised error of a person's totals, shape (people,)."""
    scale = np.sqrt(np.interp(prediction.expected, KNOTS, spread))
    error = prediction.error - np.interp(prediction.expected, KNOTS, bias)
    squares = []
    for number in np.unique(SCALE_OF[prediction.rest]):
        part = SCALE_OF[prediction.rest] == number
        inside = prediction.covariance[np.ix_(part, part)]
        variance = np.einsum("pi,ij,pj->p", scale[:, part], inside, scale[:, part])
        squares.append(error[:, part].sum(axis=1) ** 2 / variance)
    mean: FloatArray = np.mean(squares, axis=0)
    return mean
