"""The best assignment for everybody together, in three steps of falling importance.

First as many mentees as possible, then the worst pair as good as possible, then the highest
total. Step one and two are maximum matchings (Hopcroft & Karp 1973), step two as a search for
the bottleneck value (Gabow & Tarjan 1988); step three is the rectangular linear assignment
problem (Crouse 2016, IEEE Transactions on Aerospace and Electronic Systems 52(4)), each mentor
standing once per free place.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adaptive.mentoring.people import MatchingError
from adaptive.mentoring.prices import crowded, place_prices

_GRID = 1e6  # scores are compared in millionths, as whole numbers, so that sums are exact
_NO_PAIR = 1e12  # above any sum of real scores: no pair is given up for a better total
MOST = 10.0


def assign(
    score: NDArray[np.float64], feasible: NDArray[np.bool_], capacity: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return for each mentee (row) the mentor (column), or -1. Deterministic.

    Scores in [0, 10]; `capacity` per column. Raises MatchingError for tables that disagree,
    for a score that is no number and for a negative capacity.
    """
    _check(score, feasible, capacity)
    units = np.rint(score * _GRID)
    places = np.repeat(np.arange(len(capacity)), np.minimum(capacity, feasible.sum(axis=0)))
    result = np.full(len(score), -1, dtype=np.int64)
    rows = np.flatnonzero(feasible[:, places].any(axis=1)) if len(places) else np.array([], int)
    if not len(rows):
        return result
    worst = _best_worst(units, feasible, places)
    allowed = (feasible & (units >= worst))[rows]
    useful = allowed.any(axis=1)
    rows, allowed = rows[useful], allowed[useful]
    chosen_rows, chosen_places = _least_cost(units[rows], allowed, places)
    real = allowed[chosen_rows, places[chosen_places]]
    result[rows[chosen_rows[real]]] = places[chosen_places[real]]
    return result


def _least_cost(
    units: NDArray[np.float64], allowed: NDArray[np.bool_], places: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Solve the assignment of rows to places; a pair that is not allowed stands for no pair."""
    from scipy.optimize import linear_sum_assignment

    copies = np.bincount(places, minlength=units.shape[1])
    spare = 0
    if crowded(units, allowed, copies):
        price = np.rint(place_prices(units / _GRID, allowed, copies) * _GRID)
        # An empty place must cost what its price took off, or prices would move the optimum.
        spare = max(len(places) - len(units), 0)
        nobody = np.broadcast_to(price, (spare, len(price)))
        cost = np.concatenate([nobody, np.where(allowed, price - units, _NO_PAIR + price)])
    else:
        cost = np.where(allowed, -units, _NO_PAIR)
    rows, columns = linear_sum_assignment(np.take(cost, places, axis=1))
    return rows[rows >= spare] - spare, columns[rows >= spare]


def _best_worst(
    units: NDArray[np.float64], feasible: NDArray[np.bool_], places: NDArray[np.int64]
) -> float:
    """Return the highest score that every pair can reach with as many pairs as possible."""
    graph = _Bipartite(units, feasible, places)
    most = graph.matched(-np.inf)
    row_best = np.sort(np.where(feasible, units, -1.0).max(axis=1))[::-1]
    values = np.unique(graph.units[graph.units <= row_best[most - 1]])
    # The answer is mostly the top value or close below it, so look down in growing steps.
    good, bad, step = len(values) - 1, len(values), 1
    while graph.matched(values[good]) < most:
        good, bad, step = max(good - step, 0), good, step * 4
    while bad - good > 1:
        middle = (good + bad) // 2
        if graph.matched(values[middle]) == most:
            good = middle
        else:
            bad = middle
    return float(values[good])


class _Bipartite:
    """Feasible pairs by mentor, repeated per place; cheap to cut at a threshold."""

    def __init__(
        self,
        units: NDArray[np.float64],
        feasible: NDArray[np.bool_],
        places: NDArray[np.int64],
    ) -> None:
        self.mentees = len(units)
        mentor, self.mentee = np.nonzero(feasible.T)
        self.units = units[self.mentee, mentor]
        self.mentor = mentor
        self.mentors = feasible.shape[1]
        self.places = places

    def matched(self, least: float) -> int:
        """Return how many can be matched by pairs of at least this score."""
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import maximum_bipartite_matching

        kept = self.units >= least
        mentee = self.mentee[kept].astype(np.int32)
        counts = np.bincount(self.mentor[kept], minlength=self.mentors)
        ends = np.cumsum(counts)
        pieces = np.split(mentee, ends[:-1])
        starts = np.concatenate(([0], np.cumsum(counts[self.places])))
        neighbours = np.concatenate([pieces[j] for j in self.places])
        ones = np.ones(len(neighbours), dtype=np.int8)
        shape = (len(self.places), self.mentees)
        graph = csr_matrix((ones, neighbours, starts.astype(np.int32)), shape=shape)
        return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())


def _check(
    score: NDArray[np.float64], feasible: NDArray[np.bool_], capacity: NDArray[np.int64]
) -> None:
    if score.shape != feasible.shape or score.shape[1:] != capacity.shape:
        raise MatchingError(
            f"tables disagree: scores {score.shape}, feasible {feasible.shape},"
            f" capacity {capacity.shape}"
        )
    if not np.isfinite(score).all() or (score < 0).any() or (score > MOST).any():
        raise MatchingError("a score must be a number from 0 to 10")
    if (capacity < 0).any():
        raise MatchingError("a capacity must be 0 or more")
