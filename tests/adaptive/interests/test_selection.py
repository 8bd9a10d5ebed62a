"""The choice of items: gains follow the decision, penalties spread the use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adaptive.interests import Model
from adaptive.interests.draws import normal_points
from adaptive.interests.model import Choice
from adaptive.interests.posterior import Posterior, condition
from adaptive.interests.selection import gains, penalties, shares

POINTS = normal_points(256)


def choice(free: float = 1.0, penalty: float = 1.0, floor: float = 0.4) -> Choice:
    return Choice(floor, 0.5, np.full(48, free), np.full(48, penalty))


def known_totals(totals: list[float], sd: float) -> Posterior:
    """A posterior with independent totals, each item of a scale telling equally much."""
    covariance = sd**2 * np.eye(6)
    spread = np.kron(covariance, np.ones((1, 8))) / 8
    factor = np.linalg.cholesky(covariance)
    return Posterior(np.array(totals), covariance, spread, np.ones(48), factor, 1.0)


def test_points_are_standard_normal_and_fixed() -> None:
    np.testing.assert_allclose(POINTS.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(POINTS.T @ POINTS / 256, np.eye(6), atol=1e-12)
    np.testing.assert_array_equal(POINTS, normal_points(256))
    assert 0.60 < (np.abs(POINTS) < 1).mean() < 0.75


def test_the_scales_at_the_boundary_gain_most() -> None:
    posterior = known_totals([36, 30, 22.2, 21.8, 14, 9], sd=2.0)
    by_scale = gains(posterior, POINTS, choice(floor=0.01)).reshape(6, 8)[:, 0]
    assert set(np.argsort(-by_scale)[:2]) == {2, 3}
    assert by_scale[2] > 5 * by_scale[5]


def test_a_tie_for_the_first_place_counts() -> None:
    posterior = known_totals([36.2, 35.8, 30, 15, 14, 9], sd=2.0)
    by_scale = gains(posterior, POINTS, choice(floor=0.01)).reshape(6, 8)[:, 0]
    assert set(np.argsort(-by_scale)[:2]) == {0, 1}


def test_where_all_is_settled_the_floor_decides() -> None:
    posterior = known_totals([39, 34, 29, 19, 14, 9], sd=0.4)
    found = gains(posterior, POINTS, choice())
    np.testing.assert_allclose(found, 0.4 / 64 * (0.16 / 8) ** 2, rtol=1e-6)


def test_gain_is_the_squared_shift_of_the_probability() -> None:
    """Against a numerical derivative with many more draws."""
    posterior = known_totals([30, 27, 22.5, 21, 14, 9], sd=2.5)
    many = np.random.default_rng(1).standard_normal((400_000, 6)) * 2.5

    def inside(shift: float) -> np.ndarray:
        totals = posterior.totals + many + shift * np.eye(6)[2]
        return (totals >= np.sort(totals, axis=1)[:, 3:4]).mean(axis=0)

    slope = (inside(0.25) - inside(-0.25)) / 0.5
    expected = (slope**2).sum() * (2.5**2 / 8) ** 2
    none = replace(choice(floor=0.0), first=0.0)
    assert gains(posterior, normal_points(2048), none)[16] == pytest.approx(expected, rel=0.15)


def test_penalties_hit_each_item_as_often_as_wanted() -> None:
    free = np.linspace(0.5, 1.0, 48)
    wanted = Choice(0.4, 0.5, free, np.full(48, 2.0))
    hits = np.array([penalties(wanted, seed) for seed in range(3000)])
    assert set(np.unique(hits)) == {0.0, 2.0}
    np.testing.assert_allclose((hits > 0).mean(axis=0), 1 - free, atol=0.04)


def test_penalties_are_balanced_over_scales_and_sessions() -> None:
    hits = np.array([penalties(choice(free=0.75), seed) > 0 for seed in range(200)])
    assert set(hits.sum(axis=1)) == {12}
    assert set(hits.reshape(200, 6, 8).sum(axis=2).ravel()) == {2}


def test_penalties_depend_on_the_seed_alone() -> None:
    np.testing.assert_array_equal(penalties(choice(0.6), 4), penalties(choice(0.6), 4))
    assert (penalties(choice(0.6), 4) != penalties(choice(0.6), 5)).any()


def test_shares_count_ties_as_right() -> None:
    tied = known_totals([36, 30, 20, 20, 10, 9], sd=1e-9)
    member, first, right = shares(tied, POINTS, [0, 1, 2])
    np.testing.assert_array_equal(member, [1, 1, 1, 1, 0, 0])
    np.testing.assert_array_equal(first, [1, 0, 0, 0, 0, 0])
    assert right == 1.0
    assert shares(tied, POINTS, [0, 1, 4])[2] == 0.0
    assert shares(tied, POINTS, [0, 2, 3])[2] == 0.0


def test_shares_of_the_average_person_are_open(model: Model) -> None:
    nothing = condition(model, np.empty(0, dtype=np.intp), np.empty(0))
    member, first, right = shares(nothing, POINTS, [0, 1, 2])
    assert 3 <= member.sum() < 3.4
    assert 1 <= first.sum() < 1.2
    assert right < 0.4
