"""The posterior against the textbook formula, its invariances and its honest errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adaptive.interests import Model
from adaptive.interests.form import ITEM_COUNT
from adaptive.interests.model import KNOTS
from adaptive.interests.posterior import condition, lasting

KNOWN = np.array([0, 9, 10, 20, 33, 47])
VALUES = np.array([4.0, 2.0, 3.0, 3.0, 2.0, 1.0])
SUM = np.kron(np.eye(6), np.ones((1, 8)))


@pytest.fixture
def plain(model: Model) -> Model:
    """The same model without any correction: exactly Gaussian."""
    return replace(
        model,
        bias=np.zeros(len(KNOTS)),
        spread=np.ones(len(KNOTS)),
        consistency=1e12,
        mean=np.full(ITEM_COUNT, 2.5),
    )


def test_without_corrections_it_is_the_conditional_gaussian(plain: Model) -> None:
    c, rest = plain.covariance, np.setdiff1d(np.arange(ITEM_COUNT), KNOWN)
    weights = c[np.ix_(rest, KNOWN)] @ np.linalg.inv(c[np.ix_(KNOWN, KNOWN)])
    expected = np.empty(ITEM_COUNT)
    expected[KNOWN] = VALUES
    expected[rest] = np.clip(plain.mean[rest] + weights @ (VALUES - plain.mean[KNOWN]), 1, 5)
    covariance = np.zeros((ITEM_COUNT, ITEM_COUNT))
    covariance[np.ix_(rest, rest)] = c[np.ix_(rest, rest)] - weights @ c[np.ix_(KNOWN, rest)]
    found = condition(plain, KNOWN, VALUES)
    np.testing.assert_allclose(found.totals, SUM @ expected, atol=1e-8)
    np.testing.assert_allclose(found.covariance, SUM @ covariance @ SUM.T, atol=1e-8)
    np.testing.assert_allclose(found.gains, SUM @ covariance, atol=1e-8)
    np.testing.assert_allclose(found.variance, covariance.diagonal(), atol=1e-8)


def test_the_order_of_answers_does_not_matter(model: Model) -> None:
    turned = np.array([3, 1, 5, 0, 2, 4])
    one, other = condition(model, KNOWN, VALUES), condition(model, KNOWN[turned], VALUES[turned])
    np.testing.assert_allclose(one.totals, other.totals)
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-9)


def test_all_answers_known_leave_no_error(model: Model) -> None:
    values = np.tile([1.0, 5.0, 3.0], 16)
    found = condition(model, np.arange(ITEM_COUNT), values)
    np.testing.assert_allclose(found.totals, SUM @ values)
    np.testing.assert_allclose(found.covariance, 0, atol=1e-12)


def test_errors_are_smaller_near_the_ends(model: Model) -> None:
    r_items = np.arange(5)
    low = condition(model, r_items, np.ones(5))
    middle = condition(model, r_items, np.full(5, 3.0))
    assert low.covariance[0, 0] < 0.8 * middle.covariance[0, 0]


def test_misfit_widens_every_error(model: Model) -> None:
    same = np.array([8, 10, 12, 14])
    steady = condition(model, same, np.array([3.0, 3.0, 3.0, 3.0]))
    torn = condition(model, same, np.array([1.0, 5.0, 1.0, 5.0]))
    assert torn.misfit > 1 > steady.misfit


def test_lasting_totals_lie_between_scores_and_average(model: Model) -> None:
    r_items = np.arange(8)
    found = lasting(model, r_items, np.full(8, 5.0))
    assert model.mean[:8].sum() < found[0] < 40
    np.testing.assert_allclose(lasting(model, r_items[:0], np.empty(0)), SUM @ model.mean)


def test_expectations_are_shifted_by_the_bias(plain: Model) -> None:
    shifted = replace(plain, bias=np.full(len(KNOTS), 0.1))
    before, after = (condition(m, KNOWN[:1], VALUES[:1]) for m in (plain, shifted))
    np.testing.assert_allclose(after.totals - before.totals, [0.7, 0.8, 0.8, 0.8, 0.8, 0.8])
