from __future__ import annotations

import dataclasses
import math
from collections import Counter

import pytest

from adaptive.learning import (
    Activity,
    BktTracer,
    LearningDataError,
    LoggedChoice,
    OfferRules,
    PrerequisiteError,
    PrerequisiteGraph,
    Result,
    Situation,
    chances,
    decide,
    mastered_by_knowledge,
    mastered_by_success,
    outlook,
    policy_value,
)

GRAPH = PrerequisiteGraph.of({"a": [], "b": ["a"], "c": ["b"], "d": [], "e": ["a", "d"]})


def situation(**changes) -> Situation:
    base = Situation(
        activities=[Activity(f"do-{skill}", (skill,)) for skill in "abcde"],
        graph=GRAPH,
        success={"a": 0.9, "b": 0.7, "c": 0.4, "d": 0.75, "e": 0.5},
        mastered={"a"},
        results=[],
        at=10.0,
    )
    return dataclasses.replace(base, **changes)


class TestGraph:
    def test_order_puts_prerequisites_first(self):
        place = {skill: i for i, skill in enumerate(GRAPH.order)}
        assert all(place[n] < place[s] for s, needs in GRAPH.before.items() for n in needs)

    def test_missing_and_path(self):
        assert GRAPH.missing("e", {"a"}) == ("d",)
        assert GRAPH.path("c", set()) == ("a", "b", "c")
        assert GRAPH.path("c", {"b"}) == ("c",)
        with pytest.raises(PrerequisiteError, match="zzz"):
            GRAPH.missing("zzz", set())

    def test_every_mistake_is_listed_at_once(self):
        with pytest.raises(PrerequisiteError) as caught:
            PrerequisiteGraph.of({"a": ["a"], "b": ["x"], "c": "ab"})
        assert len(caught.value.problems) == 3

    def test_a_circle_is_shown_whole(self):
        with pytest.raises(PrerequisiteError, match="wait for each other") as caught:
            PrerequisiteGraph.of({"a": ["c"], "b": ["a"], "c": ["b"]})
        assert all(f" {name}" in str(caught.value) for name in "abc")


class TestChances:
    def test_only_open_and_unmastered_activities_can_come(self):
        found = chances(situation())
        assert set(found) == {"do-b", "do-d"}
        assert sum(found.values()) == pytest.approx(1)

    def test_the_zone_of_success_is_preferred(self):
        found = chances(
            situation(mastered={"a", "b", "d"}, success={**situation().success, "c": 0.3, "e": 0.7})
        )
        assert found["do-e"] > 0.8

    def test_too_easy_is_left_as_too_hard_is(self):
        s = situation(success={**situation().success, "b": 0.97})
        assert chances(s)["do-b"] < 0.35 < chances(s)["do-d"]

    def test_progress_raises_the_chance_and_fades(self):
        rising = [Result("do-b", x, day) for day, x in enumerate([0, 0, 0, 1, 1])]
        flat = [Result("do-d", 0.5, day) for day in range(5)]
        near = chances(situation(results=rising + flat))
        late = chances(situation(results=rising + flat, at=100.0))
        assert near["do-b"] > late["do-b"] > 0.5

    def test_everything_open_keeps_a_chance(self):
        s = situation(success={**situation().success, "b": 0.01})
        assert chances(s, OfferRules(explore=0.2))["do-b"] >= 0.1

    def test_when_all_is_mastered_reviews_are_offered(self):
        s = situation(mastered=set("abcde"))
        decision = decide(s, seed=1)
        assert len(decision.offers) == 3
        assert decision.offers[0].reasons[0].code == "review"

    def test_order_of_input_does_not_matter(self):
        s = situation()
        turned = situation(activities=list(reversed(s.activities)))
        assert chances(s) == chances(turned)
        assert decide(s, seed=3) == decide(turned, seed=3)


class TestDecide:
    def test_same_seed_same_offers_and_other_seeds_differ(self):
        assert decide(situation(), seed=5) == decide(situation(), seed=5)
        assert len({decide(situation(), seed=n).offers[0].activity for n in range(30)}) == 2

    def test_the_logged_propensity_is_the_true_frequency(self):
        s = situation(success={**situation().success, "b": 0.5})
        stated = chances(s)
        drawn = Counter(decide(s, seed=n).offers[0].activity for n in range(4000))
        for name, chance in stated.items():
            assert drawn[name] / 4000 == pytest.approx(chance, abs=0.025)
        for n in range(20):
            first = decide(s, seed=n).offers[0]
            assert first.propensity == pytest.approx(stated[first.activity])

    def test_later_places_state_their_conditional_chance(self):
        second = decide(situation(), seed=1).offers[1]
        assert second.propensity == pytest.approx(1.0)

    def test_an_open_wish_comes_first_even_outside_the_zone(self):
        s = situation(success={**situation().success, "d": 0.2})
        offer = decide(s, seed=1, wish="do-d").offers[0]
        assert (offer.activity, offer.chosen_by, offer.propensity) == ("do-d", "learner", 1.0)
        assert [r.code for r in offer.reasons] == ["your_choice", "challenge", "new_to_you"]

    def test_a_mastered_wish_is_kept_as_well(self):
        assert decide(situation(), seed=1, wish="do-a").offers[0].activity == "do-a"

    def test_a_wish_that_is_not_open_says_what_comes_first(self):
        decision = decide(situation(), seed=1, wish="do-e")
        assert decision.wish_must_wait is not None
        assert decision.wish_must_wait.values["skills"] == ("d",)
        assert "do-e" not in {offer.activity for offer in decision.offers}

    def test_reasons_tell_level_and_progress(self):
        rising = [Result("do-b", x, day) for day, x in enumerate([0, 0, 1, 1])]
        offers = {o.activity: o for o in decide(situation(results=rising), seed=1).offers}
        assert [r.code for r in offers["do-b"].reasons] == ["right_level", "getting_better"]
        assert [r.code for r in offers["do-d"].reasons] == ["right_level", "new_to_you"]

    def test_ease_moves_an_activity(self):
        easy = Activity("easy", ("c",), ease=2.0)
        s = situation(activities=[easy])
        assert s.chance_of_success(easy) == pytest.approx(
            1 / (1 + math.exp(-(math.log(0.4 / 0.6) + 2)))
        )

    @pytest.mark.parametrize(
        "changes",
        [
            {"activities": [Activity("x", ("a",)), Activity("x", ("b",))]},
            {"success": {"a": 0.5}},
            {"success": {**dict.fromkeys("abcde", 0.5), "b": 1.0}},
            {"results": [Result("do-a", 1, 11.0)]},
        ],
        ids=["same id", "no prediction", "certainty", "future"],
    )
    def test_impossible_situations_are_refused(self, changes):
        with pytest.raises(LearningDataError):
            situation(**changes)

    def test_an_unknown_wish_is_refused(self):
        with pytest.raises(LearningDataError, match="nonsense"):
            decide(situation(), seed=1, wish="nonsense")

    @pytest.mark.parametrize(
        "wrong", [{"zone": (0.9, 0.6)}, {"few": 0}, {"explore": 0}, {"floor": 0}]
    )
    def test_impossible_rules_are_refused(self, wrong):
        with pytest.raises(LearningDataError):
            OfferRules(**wrong)

    @pytest.mark.parametrize("wrong", [("", ("a",), 0), ("x", (), 0), ("x", ("a",), math.nan)])
    def test_impossible_activities_are_refused(self, wrong):
        with pytest.raises(LearningDataError):
            Activity(*wrong)


def test_mastery_needs_both_success_and_enough_answers():
    found = mastered_by_success({"a": 0.9, "b": 0.9, "c": 0.5}, {"a": 3, "b": 2, "c": 9})
    assert found == {"a"}


def test_mastery_by_knowledge_and_outlook_come_from_the_tracer():
    tracer = BktTracer()
    state = tracer.initial()
    for _ in range(6):
        state = tracer.update(state, "a", True, 0)
    assert mastered_by_knowledge(tracer, state, ["a", "b"], 0) == {"a"}
    assert outlook(tracer, state, ["b", "a"], 0)["a"] == tracer.predict(state, "a", 0)


class TestPolicyValue:
    def test_it_finds_the_value_of_a_policy_that_never_ran(self):
        """Two arms worth .2 and .8; logged .75/.25, judged .1/.9: value .74."""
        log = []
        for n in range(3000):
            arm = n % 4 == 3
            worth = ((n // 4) % 10) < (8 if arm else 2)
            log.append(LoggedChoice(0.25 if arm else 0.75, 0.9 if arm else 0.1, float(worth)))
        found = policy_value(log)
        assert found.ips == pytest.approx(0.74, abs=0.01)
        assert found.snips == pytest.approx(0.74, abs=0.01)
        assert 0 < found.error < 0.05
        assert found.effective < found.choices == 3000

    def test_the_error_is_that_of_a_weighted_mean(self):
        found = policy_value([LoggedChoice(0.5, 0.5, 1.0), LoggedChoice(0.25, 0.75, 0.0)])
        assert found.snips == pytest.approx(1 / 4)
        assert found.error == pytest.approx(math.hypot(1 * 0.75, 3 * 0.25) / 4)
        assert found.effective == pytest.approx(16 / 10)

    def test_the_logging_policy_judged_by_itself_is_the_mean(self):
        found = policy_value([LoggedChoice(0.5, 0.5, r) for r in (0, 1, 1, 0, 1)])
        assert found.ips == found.snips == pytest.approx(0.6)
        assert found.effective == pytest.approx(5)

    @pytest.mark.parametrize("wrong", [(0, 0.5, 1), (0.5, 1.5, 1), (0.5, 0.5, math.nan)])
    def test_impossible_choices_are_refused(self, wrong):
        with pytest.raises(LearningDataError):
            LoggedChoice(*wrong)

    def test_nothing_to_judge_is_refused(self):
        with pytest.raises(LearningDataError):
            policy_value([])
        with pytest.raises(LearningDataError, match="none of the logged"):
            policy_value([LoggedChoice(0.5, 0.0, 1.0)])
