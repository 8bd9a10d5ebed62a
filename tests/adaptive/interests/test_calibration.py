"""Calibration: parameters are recovered, errors are honest, files round-trip, reports tell."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adaptive.interests import ITEMS, Engine, Model, ModelError, graded, load_model, report
from adaptive.interests.estimate import errors, moments, single_occasion_noise
from adaptive.interests.fitting import fit
from adaptive.interests.model import KNOTS, dump_model, parse_model
from adaptive.interests.tuning import certainty, replay, spread_use, stated_right


def test_graded_parameters_are_recovered(truth: graded.Graded) -> None:
    answers, _ = graded.simulate(truth, 2500, np.random.default_rng(2))
    found = graded.estimate(answers)
    assert np.corrcoef(found.slope, truth.slope)[0, 1] > 0.97
    assert np.abs(found.slope / truth.slope - 1).mean() < 0.1
    assert np.abs(found.thresholds[:, 1:3] - truth.thresholds[:, 1:3]).mean() < 0.08
    assert np.abs(found.correlation - truth.correlation).max() < 0.1
    assert (np.diff(found.thresholds, axis=1) > 0).all()


def test_probabilities_of_answers_sum_to_one() -> None:
    chances = graded.probabilities(np.array([-2.0, 0.0, 2.0]), 1.4, np.array([-1.0, 0, 1, 2]))
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert chances[0, 0] > 0.75
    assert chances[1, 0] == pytest.approx(1 / (1 + np.exp(1.4)))


def test_simulated_answers_follow_their_truth(truth: graded.Graded) -> None:
    answers, totals = graded.simulate(truth, 800, np.random.default_rng(3))
    assert set(np.unique(answers)) == {1, 2, 3, 4, 5}
    sums = answers.reshape(800, 6, 8).sum(axis=2)
    assert abs((sums - totals).mean()) < 0.2
    assert np.corrcoef(sums.ravel(), totals.ravel())[0, 1] > 0.9


def test_errors_shrink_towards_the_ends(people: np.ndarray) -> None:
    found = errors(people, np.random.default_rng(1), rounds=1)
    at = dict(zip(KNOTS.tolist(), found.spread.tolist(), strict=True))
    assert at[1.25] < 0.7 * at[2.75]
    assert at[4.5] < at[3.0]
    assert found.odd > 1.0


def test_a_gaussian_world_needs_no_person_factor() -> None:
    generator = np.random.default_rng(4)
    loads = np.kron(np.eye(6), np.ones((8, 1)))
    normal = 3 + 0.6 * generator.standard_normal((900, 6)) @ loads.T
    normal += 0.6 * generator.standard_normal((900, 48))
    wild = normal * 1.0
    wild[:, :] = 3 + (normal - 3) * np.sqrt(6 / generator.chisquare(6, (900, 1)))
    steady = errors(normal, np.random.default_rng(1), rounds=1)
    moody = errors(wild, np.random.default_rng(1), rounds=1)
    assert steady.consistency >= 40
    assert moody.consistency <= 10


def test_noise_is_what_items_do_not_share() -> None:
    generator = np.random.default_rng(9)
    loads = np.kron(np.eye(6), np.ones((8, 1)))
    answers = generator.standard_normal((4000, 6)) @ loads.T
    answers += 0.5 * generator.standard_normal((4000, 48))
    _, covariance = moments(answers)
    np.testing.assert_allclose(single_occasion_noise(covariance), 0.25, atol=0.05)


def test_spreading_lowers_the_use_of_the_favourites(model: Model, people: np.ndarray) -> None:
    bare = replace(model, fixed=replace(model.fixed, free=np.ones(48), penalty=np.zeros(48)))
    choice = spread_use(bare, people, np.random.default_rng(1), mode="fixed", rounds=6, people=25)

    def most_used(engine: Engine) -> float:
        used = dict.fromkeys(ITEMS, 0)
        for seed in range(60):
            for item in replay(engine, people[seed], seed=seed, max_items=24, stop=False):
                used[item] += 1
        return max(used.values()) / 60

    assert most_used(Engine(bare)) == 1.0
    assert most_used(Engine(replace(bare, fixed=choice))) < 0.95
    assert (choice.free >= 0.5).all()
    assert (choice.free <= 1).all()


def test_certainty_mends_an_overconfident_model(model: Model, people: np.ndarray) -> None:
    sure = replace(model, spread=model.spread * 0.1)
    intercept, slope = certainty([(sure, people[:200])], np.random.default_rng(2))
    assert slope < 0.8
    assert np.isfinite(intercept)


@pytest.mark.parametrize(
    ("stated", "right"),
    [("RIA", True), ("RIS", True), ("RAS", False), ("RIE", False), ("IAS", False)],
)
def test_a_tie_at_the_third_place_is_right_either_way(stated: str, right: bool) -> None:
    totals = [40, 32, 24, 24, 16, 8]
    person = np.repeat(np.array(totals) / 8, 8)
    assert stated_right(person, tuple(stated)) is right


def test_a_fit_makes_a_working_model_that_round_trips(people: np.ndarray, tmp_path: Path) -> None:
    made = fit(people[:400], "mine.1", rounds=0)
    path = tmp_path / "m.json"
    path.write_text(dump_model(made), encoding="utf-8")
    again = load_model(path)
    assert (again.version, again.respondents) == ("mine.1", 400)
    np.testing.assert_allclose(again.covariance, made.covariance, atol=1e-6)
    np.testing.assert_allclose(again.mean, people[:400].mean(axis=0), atol=1e-6)
    assert Engine(again).profile({"R1": 5}).model_version == "mine.1"


def test_the_shipped_model_holds_parameters_only(model: Model) -> None:
    assert model.respondents == 4505
    assert model.slope.shape == (48,)
    assert (np.diff(model.thresholds, axis=1) > 0).all()
    raw = json.loads(dump_model(model))
    assert max(len(value) for value in raw.values() if isinstance(value, list)) == 48


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 1}, "parameter file of format"),
        ({"items": ["R1"]}, "items are not R1 to C8"),
        ({"mean": [1.0]}, "mean must hold"),
        ({"mean": None}, "missing or wrong"),
        ({"covariance": np.zeros((48, 48)).tolist()}, "not positive definite"),
        ({"fixed": {"floor": 1}}, "missing or wrong"),
        ({"sure": "high"}, "missing or wrong"),
    ],
)
def test_broken_parameters_are_refused(model: Model, change: dict, message: str) -> None:
    raw = json.loads(dump_model(model)) | change
    with pytest.raises(ModelError, match=f"here: .*{message}"):
        parse_model(raw, "here")


def test_broken_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no such"):
        load_model(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="not readable as JSON"):
        load_model(tmp_path / "bad.json")
    with pytest.raises(ModelError, match="format"):
        parse_model([], "list")


def test_alpha_of_parallel_items() -> None:
    base = np.arange(20.0)[:, None]
    assert report.alpha(np.repeat(base, 4, axis=1)) == pytest.approx(1.0)
    noise = np.random.default_rng(1).standard_normal((5000, 8))
    assert abs(report.alpha(noise)) < 0.1


def test_the_report_finds_the_item_that_differs(model: Model, people: np.ndarray) -> None:
    answers = people.copy()
    languages = ["hu" if index % 2 else "de" for index in range(len(answers))]
    odd = np.array(languages) == "hu"
    answers[odd, ITEMS.index("S4")] = np.clip(answers[odd, ITEMS.index("S4")] + 2, 1, 5)
    told = report.text(model, answers, languages, None)
    flagged = [line.split(":")[0].strip() for line in told.splitlines() if "large;" in line]
    assert flagged == ["S4", "S4"]
    assert "Drift: no earlier model" in told


def test_the_report_leaves_small_groups_alone(model: Model, people: np.ndarray) -> None:
    languages = ["sl"] * 30 + ["de"] * (len(people) - 30)
    assert "sl: 30 people; too few" in report.text(model, people, languages, None)
    assert "names no language" in report.text(model, people, (), None)


def test_the_report_names_drift(model: Model, people: np.ndarray) -> None:
    mean = model.mean.copy()
    mean[ITEMS.index("E7")] -= 0.6
    told = report.text(model, people, (), replace(model, version="old", mean=mean))
    drift = told[told.index("Drift since old") :]
    assert [line.split(":")[0].strip() for line in drift.splitlines()[1:-1]] == ["E7"]
    assert "no item moved" in report.text(model, people, (), model)
