from __future__ import annotations

import math
import random
from itertools import pairwise

import numpy as np
import pytest

from adaptive.learning import (
    AnswerSequence,
    BktTracer,
    EloTracer,
    LearningDataError,
    LogisticFit,
    evaluate,
    fit_bkt,
    fit_elo,
    fit_logistic,
    load_tracers,
    replay,
)
from adaptive.learning.bkt import BktSkill
from adaptive.learning.elo import EloParameters, skill_easiness
from adaptive.learning.tracing import auc


def learners(count: int, seed: int, length: int = 30) -> list[AnswerSequence]:
    """People of different ability on four skills of different difficulty, who learn a little."""
    dice = random.Random(seed)
    found = []
    for _ in range(count):
        ability = dice.gauss(0, 1.2)
        skills, correct = [], []
        for step in range(length):
            skill = dice.randrange(4)
            odds = ability + skill - 1.5 + 0.03 * step
            skills.append(f"s{skill}")
            correct.append(dice.random() < 1 / (1 + math.exp(-odds)))
        found.append(AnswerSequence(tuple(skills), tuple(correct)))
    return found


TRAIN = learners(250, seed=1)
HELD = learners(120, seed=2)


@pytest.fixture(scope="module")
def logistic():
    return fit_logistic(TRAIN)


def all_tracers():
    defaults = load_tracers()
    return [defaults.elo, defaults.bkt, defaults.logistic]


@pytest.mark.parametrize("tracer", all_tracers(), ids=lambda t: type(t).__name__)
class TestEveryTracer:
    def test_more_right_answers_raise_the_prediction_and_wrong_ones_lower_it(self, tracer):
        state = tracer.initial()
        start = tracer.predict(state, "a", 0)
        good = bad = state
        for day in range(6):
            good = tracer.update(good, "a", True, day)
            bad = tracer.update(bad, "a", False, day)
        assert tracer.predict(bad, "a", 6) < start < tracer.predict(good, "a", 6)

    def test_an_update_leaves_the_state_it_came_from_alone(self, tracer):
        state = tracer.update(tracer.initial(), "a", True, 0)
        before = tracer.predict(state, "a", 1)
        tracer.update(state, "a", False, 1)
        assert tracer.predict(state, "a", 1) == before

    def test_what_was_learned_fades_with_days(self, tracer):
        state = tracer.initial()
        for _ in range(8):
            state = tracer.update(state, "a", True, 0)
        assert tracer.predict(state, "a", 200) < tracer.predict(state, "a", 0)

    def test_predictions_are_probabilities(self, tracer):
        dice = random.Random(3)
        state = tracer.initial()
        for day in range(300):
            skill = dice.choice("abc")
            assert 0 < tracer.predict(state, skill, day) < 1
            state = tracer.update(state, skill, dice.random() < 0.9, day)

    def test_going_back_in_time_is_refused(self, tracer):
        state = tracer.update(tracer.initial(), "a", True, 5)
        with pytest.raises(LearningDataError, match="order of time"):
            tracer.update(state, "a", True, 4)

    @pytest.mark.parametrize(("skill", "at"), [("", 0.0), ("a", math.nan), ("a", math.inf)])
    def test_no_skill_and_no_moment_are_refused(self, tracer, skill, at):
        with pytest.raises(LearningDataError):
            tracer.predict(tracer.initial(), skill, at)
        with pytest.raises(LearningDataError):
            tracer.update(tracer.initial(), skill, True, at)


def test_elo_update_is_the_published_formula():
    tracer = EloTracer(EloParameters(start=0.0, general_fade=0, skill_fade=0))
    state = tracer.update(tracer.initial(), "a", True, 0)
    assert state.ability == pytest.approx((0.05 + 0.4) * 0.5)
    assert state.skills["a"].offset == pytest.approx((0.1 + 0.5) * 0.5)


def test_elo_forgetting_is_exponential_in_days():
    tracer = EloTracer(EloParameters(forget_days=10))
    state = tracer.update(tracer.initial(), "a", True, 0)
    kept = tracer.offset(state, "a", 10) / tracer.offset(state, "a", 0)
    assert kept == pytest.approx(math.exp(-1))


def test_bkt_update_is_bayes_rule():
    tracer = BktTracer({"a": BktSkill(known=0.4, learned=0.2, guess=0.2, slip=0.1)})
    assert tracer.predict(tracer.initial(), "a", 0) == pytest.approx(0.4 * 0.9 + 0.6 * 0.2)
    state = tracer.update(tracer.initial(), "a", True, 0)
    shown = 0.4 * 0.9 / (0.4 * 0.9 + 0.6 * 0.2)
    assert tracer.known(state, "a", 0) == pytest.approx(shown + (1 - shown) * 0.2)
    state = tracer.update(tracer.initial(), "a", False, 0)
    shown = 0.4 * 0.1 / (0.4 * 0.1 + 0.6 * 0.8)
    assert tracer.known(state, "a", 0) == pytest.approx(shown + (1 - shown) * 0.2)


def test_bkt_fit_recovers_the_parameters_that_made_the_answers():
    true = BktSkill(known=0.3, learned=0.2, guess=0.2, slip=0.08)
    dice = random.Random(5)
    made = []
    for _ in range(1500):
        known, results = dice.random() < true.known, []
        for _ in range(dice.choice([3, 5, 20])):
            results.append(dice.random() < (1 - true.slip if known else true.guess))
            known = known or dice.random() < true.learned
        made.append(AnswerSequence(("a",) * len(results), tuple(results)))
    found = fit_bkt(made, rounds=60).skills["a"]
    assert found.known == pytest.approx(true.known, abs=0.05)
    assert found.learned == pytest.approx(true.learned, abs=0.04)
    assert found.guess == pytest.approx(true.guess, abs=0.04)
    assert found.slip == pytest.approx(true.slip, abs=0.03)


def test_bkt_serves_a_skill_it_was_never_fitted_on():
    tracer = fit_bkt(TRAIN, rounds=5)
    assert tracer.predict(tracer.initial(), "new", 0) == pytest.approx(
        tracer.fallback.known * (1 - tracer.fallback.slip)
        + (1 - tracer.fallback.known) * tracer.fallback.guess
    )


def test_fitted_tracers_foretell_learners_they_have_not_seen(logistic):
    elo, bkt = evaluate(fit_elo(TRAIN), HELD), evaluate(fit_bkt(TRAIN, rounds=15), HELD)
    best = evaluate(logistic, HELD)
    assert best.answers == 120 * 29
    assert elo.auc > 0.7
    assert bkt.auc > 0.65
    assert best.auc > max(elo.auc - 0.01, bkt.auc, 0.72)


def test_logistic_probabilities_are_calibrated(logistic):
    stated = np.concatenate([replay(logistic, s) for s in HELD])
    seen = np.concatenate([s.correct for s in HELD])
    for low, high in pairwise([0.0, 0.35, 0.65, 1.0]):
        inside = (stated >= low) & (stated < high)
        assert inside.sum() > 200
        assert stated[inside].mean() == pytest.approx(seen[inside].mean(), abs=0.05)


def test_a_replay_sees_only_earlier_answers(logistic):
    full = HELD[0]
    cut = AnswerSequence(full.skills[:10], full.correct[:10])
    assert replay(logistic, cut) == replay(logistic, full)[:10]


def test_logistic_learns_that_one_answer_foretells_the_next_skill():
    """Skill b always goes as skill a just went: only the pair of skills can tell."""
    dice = random.Random(8)
    made = []
    for _ in range(300):
        skills, correct = [], []
        for _ in range(8):
            went = dice.random() < 0.5
            skills += ["a", "b", "c"]
            correct += [went, went, dice.random() < 0.5]
        made.append(AnswerSequence(tuple(skills), tuple(correct)))
    with_pairs = evaluate(fit_logistic(made[:200]), made[200:]).auc
    without = evaluate(fit_logistic(made[:200], LogisticFit(transfer=False)), made[200:]).auc
    assert with_pairs > without + 0.02


def test_the_fit_is_the_minimum_of_the_penalised_loss():
    """Slopes at the answer vanish: L2 holds every weight exactly where the misses pull it."""
    fitted = fit_logistic(TRAIN[:40], LogisticFit(penalty=20, rounds=400))
    pull = 0.0
    for sequence in TRAIN[:40]:
        stated = replay(fitted, sequence)
        pull += sum(
            c - p
            for s, c, p in zip(sequence.skills, sequence.correct, stated, strict=True)
            if s == "s0"
        )
    assert fitted.model.situations["skill|s0"] == pytest.approx(pull / 20, abs=0.01)


def test_a_fit_without_skills_names_none():
    model = fit_logistic(TRAIN[:50], LogisticFit(by_skill=False)).model
    kinds = {name.split("|")[0] for name in model.situations}
    assert kinds == {"gap", "count", "streaks", "streak"}
    assert not model.elo.easiness


def test_fits_do_not_depend_on_chance(logistic):
    assert fit_logistic(TRAIN).model == logistic.model


@pytest.mark.parametrize("fit", [fit_elo, fit_bkt, fit_logistic])
def test_fitting_on_nothing_is_refused(fit):
    with pytest.raises(LearningDataError, match="no answers"):
        fit([])


def test_rare_skills_are_drawn_to_the_mean():
    often = AnswerSequence(("a",) * 1000, (True, False) * 500)
    rare = AnswerSequence(("b",), (True,))
    mean, easiness = skill_easiness([often, rare])
    assert abs(easiness["b"] - mean) < 0.3
    assert easiness["b"] > easiness["a"]


@pytest.mark.parametrize(
    "wrong", [{"known": 0.0}, {"slip": 1.2}, {"guess": 0.6, "slip": 0.5}], ids=str
)
def test_impossible_bkt_parameters_are_refused(wrong):
    with pytest.raises(LearningDataError):
        BktSkill(**wrong)


@pytest.mark.parametrize(
    "build", [lambda: BktTracer(forget_days=0), lambda: EloParameters(forget_days=-1)]
)
def test_forgetting_needs_time(build):
    with pytest.raises(LearningDataError, match="forget_days"):
        build()


def test_auc_counts_pairs_and_halves_ties():
    scores = np.array([0.1, 0.4, 0.4, 0.9])
    positive = np.array([False, False, True, True])
    assert auc(scores, positive) == pytest.approx((1 + 0.5 + 1 + 1) / 4)
    with pytest.raises(LearningDataError):
        auc(scores, np.ones(4, dtype=bool))
