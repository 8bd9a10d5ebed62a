"""What is known about the six totals after any set of answers.

The 48 answers are modelled as jointly Gaussian with the moments of the calibration, which counts
items that depend on each other only once (no factor structure is assumed). Two corrections make
the error honest. Answers end at 1 and 5, so an expectation near an end has a much smaller error
than one in the middle: covariances are scaled by `Model.spread`. And some people answer less
predictably than others: the posterior of a multivariate t scales by how badly the answers given
fit (Ding 2016, The American Statistician 70, "On the conditional distribution of the multivariate
t distribution").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adaptive.interests.form import (
    HIGHEST,
    ITEM_COUNT,
    ITEMS_PER_SCALE,
    LOWEST,
    SCALES,
    FloatArray,
    IntArray,
)
from adaptive.interests.model import KNOTS, Model

_SIX = len(SCALES)


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """totals: (6,) expected totals on 8..40. covariance: (6, 6) of the totals.
    gains: (6, 48) covariance of each total with each answer. variance: (48,) of each answer, 0 for
    answers given. factor: (6, 6) lower Cholesky factor of `covariance`. misfit: person factor.
    """

    totals: FloatArray
    covariance: FloatArray
    gains: FloatArray
    variance: FloatArray
    factor: FloatArray
    misfit: float


def condition(model: Model, answered: IntArray, values: FloatArray) -> Posterior:
    """Condition the model on answers `values` (1..5) to the items at positions `answered`."""
    mean, covariance, misfit = model.mean, model.covariance, 1.0
    if len(answered):
        across = covariance[answered]
        off = values - mean[answered]
        solved = np.linalg.solve(across[:, answered], np.column_stack([across, off]))
        mean = mean + off @ solved[:, :ITEM_COUNT]
        covariance = covariance - across.T @ solved[:, :ITEM_COUNT]
        distance = float(off @ solved[:, ITEM_COUNT])
        misfit = (model.consistency + distance) / (model.consistency + len(answered))
    scale = np.sqrt(np.interp(mean, KNOTS, model.spread) * misfit)
    scale[answered] = 0.0
    expected = np.clip(mean + np.interp(mean, KNOTS, model.bias), LOWEST, HIGHEST)
    expected[answered] = values
    covariance = covariance * (scale[:, None] * scale)
    gains = covariance.reshape(_SIX, ITEMS_PER_SCALE, ITEM_COUNT).sum(axis=1)
    between = gains.reshape(_SIX, _SIX, ITEMS_PER_SCALE).sum(axis=2)
    return Posterior(
        totals=expected.reshape(_SIX, ITEMS_PER_SCALE).sum(axis=1),
        covariance=between,
        gains=gains,
        variance=covariance.diagonal(),
        factor=np.linalg.cholesky(between + 1e-6 * np.eye(_SIX)),
        misfit=misfit,
    )


def lasting(model: Model, answered: IntArray, values: FloatArray) -> FloatArray:
    """Totals (6,) to expect if everything were asked again another day.

    Of an answer only the part that is no single-occasion noise is carried over (Kelley's
    regression towards the mean, for all items at once).
    """
    mean = model.mean
    if len(answered):
        kept = model.covariance - np.diag(model.noise)
        within = model.covariance[np.ix_(answered, answered)]
        mean = mean + np.linalg.solve(within, values - mean[answered]) @ kept[answered]
    again: FloatArray = np.clip(mean, LOWEST, HIGHEST).reshape(_SIX, ITEMS_PER_SCALE).sum(axis=1)
    return again
