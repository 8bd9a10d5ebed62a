"""Which item says most about the decision, and how its use is spread over people.

The decision is the set of the three highest totals and, less, the highest one. How far an answer
moves the probability of such an event is, to first order, the gradient of that probability in the
expected totals times the shift of the totals by the answer; the gradients follow from draws by
Stein's identity (Stein 1981, Annals of Statistics 9). An item's gain is the sum of these squared
shifts plus a floor for measuring every total. It vanishes by itself where a decision is settled.
"""

from __future__ import annotations

from random import Random
from typing import Final

import numpy as np

from adaptive.interests.form import (
    ITEM_COUNT,
    ITEMS_PER_SCALE,
    SCALES,
    FloatArray,
)
from adaptive.interests.model import Choice
from adaptive.interests.posterior import Posterior

_SIX: Final = len(SCALES)
_TOTAL_UNIT: Final = float(ITEMS_PER_SCALE**2)


def gains(posterior: Posterior, points: FloatArray, choice: Choice) -> FloatArray:
    """Expected gain (48,) of asking each item; 0 or nearly so for items already answered."""
    totals = posterior.totals + points @ posterior.factor.T
    third = np.partition(totals, _SIX - 3, axis=1)[:, _SIX - 3, None]
    inside = totals >= third
    first = totals >= totals.max(axis=1, keepdims=True)
    events = np.concatenate([inside, np.sqrt(choice.first) * first], axis=1)
    slopes = np.linalg.solve(posterior.factor.T, points.T @ events / len(points))
    weights = slopes @ slopes.T + choice.floor / _TOTAL_UNIT * np.eye(_SIX)
    gained = np.einsum("sj,sj->j", weights @ posterior.gains, posterior.gains)
    scored: FloatArray = gained / np.maximum(posterior.variance, 1e-9)
    return scored


def penalties(choice: Choice, seed: int) -> FloatArray:
    """What a session takes from the logarithm of each item's gain, shape (48,).

    Each item is penalised for a share 1 - free of the sessions. A systematic sample over items in
    random order within scales makes nearly the same number penalised in every session and scale.
    """
    random = Random(seed)
    order: list[int] = []
    for scale in sorted(range(_SIX), key=lambda _: random.random()):
        inside = range(scale * ITEMS_PER_SCALE, (scale + 1) * ITEMS_PER_SCALE)
        order.extend(sorted(inside, key=lambda _: random.random()))
    reached = (1 - choice.free)[order].cumsum() + random.random()
    taken = np.diff(np.floor(reached), prepend=np.floor(reached[0] - (1 - choice.free)[order[0]]))
    held = np.zeros(ITEM_COUNT)
    held[order] = taken
    penalised: FloatArray = held * choice.penalty
    return penalised


def shares(
    posterior: Posterior, points: FloatArray, stated: list[int]
) -> tuple[FloatArray, FloatArray, float]:
    """Probabilities: each scale in the top three, each scale first, the stated three right.

    Totals of the full form are whole numbers, so draws are rounded and ties count as right: every
    stated scale reaches the third-highest total and every scale strictly above it is stated.
    """
    totals = np.rint(posterior.totals + points @ posterior.factor.T)
    third = np.partition(totals, _SIX - 3, axis=1)[:, _SIX - 3, None]
    inside, above = totals >= third, totals > third
    out = np.ones(_SIX, dtype=bool)
    out[stated] = False
    right = inside[:, stated].all(axis=1) & ~above[:, out].any(axis=1)
    first = totals >= totals.max(axis=1, keepdims=True)
    return inside.mean(axis=0), first.mean(axis=0), float(right.mean())
