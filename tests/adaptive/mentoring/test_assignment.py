from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive.mentoring import MatchingError, assignment
from adaptive.mentoring.assignment import assign
from adaptive.mentoring.prices import crowded, place_prices


@st.composite
def small_cases(draw):
    """Up to five mentees and four mentors, coarse scores so that ties are common."""
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    cells = st.lists(st.integers(0, 6), min_size=rows * columns, max_size=rows * columns)
    flags = st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns)
    capacity = draw(st.lists(st.integers(0, 3), min_size=columns, max_size=columns))
    return (
        np.array(draw(cells), dtype=float).reshape(rows, columns) / 6,
        np.array(draw(flags), dtype=bool).reshape(rows, columns),
        np.array(capacity, dtype=np.int64),
    )


def worth(score, chosen):
    """The three aims in their order: how many, the worst pair, the total (in millionths)."""
    got = [round(score[i, j] * 1e6) for i, j in enumerate(chosen) if j >= 0]
    return len(got), min(got, default=0), sum(got)


def allowed(feasible, capacity, chosen):
    held = [j for j in chosen if j >= 0]
    return all(feasible[i, j] for i, j in enumerate(chosen) if j >= 0) and all(
        held.count(j) <= capacity[j] for j in set(held)
    )


@settings(max_examples=400, deadline=None)
@given(small_cases())
def test_it_equals_the_best_of_all_assignments(case):
    score, feasible, capacity = case
    everything = product(range(-1, score.shape[1]), repeat=len(score))
    best = max(worth(score, c) for c in everything if allowed(feasible, capacity, c))
    found = assign(score, feasible, capacity)
    assert allowed(feasible, capacity, found.tolist())
    assert worth(score, found.tolist()) == best


@settings(max_examples=200, deadline=None)
@given(small_cases(), st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_no_prices_whatever_move_the_optimum(case, price):
    score, feasible, capacity = case
    plain = assign(score, feasible, capacity)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assignment, "crowded", lambda *_: True)
        patch.setattr(assignment, "place_prices", lambda *_: np.array(price[: len(capacity)]))
        priced = assign(score, feasible, capacity)
    assert worth(score, priced.tolist()) == worth(score, plain.tolist())


def test_a_mentee_left_over_does_not_push_another_one_off_the_better_place():
    score = np.array([[0.5, 0.0, 0.0], [0.5, 0.0, 0.0], [0.0, 0.9, 0.8]])
    feasible = score > 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assignment, "crowded", lambda *_: True)
        patch.setattr(assignment, "place_prices", lambda *_: np.array([0.0, 1.0, 0.0]))
        assert assign(score, feasible, np.array([1, 1, 1]))[2] == 1


def test_a_crowd_around_few_mentors_gets_the_same_optimum_through_prices():
    dice = np.random.default_rng(3)
    score = dice.random(30) * 0.7 + dice.random((70, 30)) * 0.3
    feasible, capacity = np.ones(score.shape, dtype=bool), np.full(30, 3)
    assert crowded(score, feasible, capacity)
    assert not crowded(dice.random((70, 30)), feasible, capacity)
    price = place_prices(score, feasible, capacity)
    demand = np.bincount((score - price).argmax(axis=1), minlength=30)
    assert np.maximum(demand - capacity, 0).sum() < 0.2 * 70
    priced = assign(score, feasible, capacity)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assignment, "crowded", lambda *_: False)
        plain = assign(score, feasible, capacity)
    assert worth(score, priced.tolist()) == worth(score, plain.tolist())


def test_one_more_pair_beats_any_total():
    score = np.array([[10.0, 0.01], [9.0, 0.0]])
    feasible = np.array([[True, True], [True, False]])
    assert assign(score, feasible, np.array([1, 1])).tolist() == [1, 0]


def test_the_worst_pair_beats_the_total():
    score = np.array([[1.0, 0.6], [0.5, 0.1]])
    full = np.ones((2, 2), dtype=bool)
    assert assign(score, full, np.array([1, 1])).tolist() == [1, 0]


def test_the_total_decides_between_equal_worst_pairs():
    score = np.array([[0.2, 0.2, 0.2], [0.5, 0.9, 0.3], [0.9, 0.5, 0.3]])
    full = np.ones((3, 3), dtype=bool)
    assert assign(score, full, np.array([1, 1, 1])).tolist() == [2, 1, 0]


def test_a_middle_size_case_fills_every_place_it_can():
    dice = np.random.default_rng(4)
    score, feasible = dice.random((60, 20)), dice.random((60, 20)) < 0.5
    found = assign(score, feasible, np.full(20, 2))
    assert (found >= 0).sum() == 40
    assert np.bincount(found[found >= 0]).max() == 2


@pytest.mark.parametrize(("rows", "columns"), [(0, 3), (3, 0), (0, 0)])
def test_nobody_is_an_answer_too(rows, columns):
    shape = (rows, columns)
    found = assign(np.zeros(shape), np.ones(shape, dtype=bool), np.ones(columns, dtype=np.int64))
    assert found.tolist() == [-1] * rows


@pytest.mark.parametrize(
    ("score", "capacity"),
    [
        (np.zeros((2, 3)), np.ones(2, dtype=np.int64)),
        (np.full((2, 2), np.nan), np.ones(2, dtype=np.int64)),
        (np.full((2, 2), -0.1), np.ones(2, dtype=np.int64)),
        (np.full((2, 2), 11.0), np.ones(2, dtype=np.int64)),
        (np.zeros((2, 2)), np.array([1, -1])),
    ],
    ids=["shape", "nan", "negative", "too high", "capacity"],
)
def test_tables_that_make_no_sense_are_refused(score, capacity):
    with pytest.raises(MatchingError):
        assign(score, np.ones((2, 2), dtype=bool), capacity)
