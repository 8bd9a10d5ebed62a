"""The engine as a learner meets it: asking, stopping, odd answers, bad input."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from adaptive.interests import ITEMS, SCALES, AnswerError, Engine, Model, Note
from adaptive.interests.model import Choice
from adaptive.interests.tuning import replay, stated_right

Answer = Callable[[str], int | None]


def played(
    engine: Engine, answer: Answer, *, seed: int = 1, max_items: int = 48, stop: bool = False
) -> dict[str, int | None]:
    given: dict[str, int | None] = {}
    while (item := engine.next_item(given, seed=seed, max_items=max_items, stop=stop)) is not None:
        assert item not in given
        given[item] = answer(item)
    return given


def test_asks_every_item_once_and_ends(engine: Engine) -> None:
    given = played(engine, lambda item: 1 + len(item + item) % 5)
    assert sorted(given) == sorted(ITEMS)


@pytest.mark.parametrize("length", [1, 2, 24])
def test_asks_exactly_max_items_without_stopping(engine: Engine, length: int) -> None:
    assert len(played(engine, lambda _: 5, max_items=length)) == length


def test_same_answers_and_seed_give_the_same_item(engine: Engine, model: Model) -> None:
    given = played(engine, lambda item: ord(item[0]) % 5 + 1, max_items=12)
    again = Engine(model)
    for seed in range(5):
        one = engine.next_item(given, seed=seed, stop=True)
        assert one == again.next_item(dict(given), seed=seed, stop=True)


def test_seeds_spread_the_first_item(engine: Engine) -> None:
    first = {engine.next_item({}, seed=seed, stop=False) for seed in range(60)}
    assert len(first) >= 3


def test_the_question_follows_the_answers(engine: Engine) -> None:
    likes = played(engine, lambda item: 5 if item[0] in "RI" else 2, max_items=16)
    loathes = played(engine, lambda item: 1 if item[0] in "RI" else 4, max_items=16)
    assert set(likes) != set(loathes)


def test_a_clear_profile_is_found_and_stops_early(engine: Engine) -> None:
    wanted = dict(zip(SCALES, (1, 4, 5, 4, 1, 1), strict=True))
    given = played(engine, lambda item: wanted[item[0]], stop=True)
    profile = engine.profile(given)
    assert len(given) < 16
    assert profile.top3[0] == "A"
    assert set(profile.top3) == {"I", "A", "S"}
    assert profile.p_top3_set > 0.88
    assert not profile.flat
    assert profile.notes == ()


def test_stopping_keeps_to_its_minimum_and_maximum(engine: Engine, model: Model) -> None:
    wanted = dict(zip(SCALES, (1, 5, 5, 5, 1, 1), strict=True))
    given = played(engine, lambda item: wanted[item[0]], stop=True)
    assert len(given) >= model.at_least
    assert len(played(engine, lambda _: 3, stop=True, max_items=10)) <= 10


def test_the_wanted_certainty_relaxes_with_every_answer(model: Model) -> None:
    def asked(relax: float) -> int:
        made = Engine(replace(model, at_least=4, sure=1.5, relax=relax))
        return len(played(made, lambda _: 3, stop=True))

    assert asked(0.0) == 48
    assert asked(0.5) == 7
    assert asked(1.5) == 5


def test_stopping_has_its_own_choice_of_items(model: Model) -> None:
    first = Engine(model).next_item({}, seed=1, stop=True)
    assert first is not None
    shunned = np.zeros(48)
    shunned[ITEMS.index(first)] = 50.0
    other = Choice(model.stopping.floor, model.stopping.first, np.zeros(48), shunned)
    made = Engine(replace(model, stopping=other))
    assert made.next_item({}, seed=1, stop=True) != first
    fixed = Engine(model).next_item({}, seed=1, stop=False)
    assert made.next_item({}, seed=1, stop=False) == fixed


def test_not_sure_counts_as_asked_but_tells_nothing(engine: Engine) -> None:
    given: dict[str, int | None] = {"R2": 4, "S5": 2}
    more = given | {"I5": None, "A4": None}
    one, other = engine.profile(given), engine.profile(more)
    assert one.scores == other.scores
    assert (other.n_answered, other.n_asked) == (2, 4)
    assert engine.next_item(more, seed=3, stop=False) not in more


def test_scores_and_probabilities_fit_together(engine: Engine) -> None:
    generator = random.Random(8)
    for _ in range(20):
        items = generator.sample(ITEMS, generator.randint(0, 48))
        profile = engine.profile({item: generator.randint(1, 5) for item in items})
        assert all(8 <= score <= 40 for score in profile.scores.values())
        assert all(0 <= p <= 1 for p in (*profile.p_top1.values(), *profile.p_top3.values()))
        assert all(profile.p_top1[s] <= profile.p_top3[s] for s in SCALES)
        order = sorted(SCALES, key=lambda scale: -profile.scores[scale])
        assert [profile.scores[s] for s in profile.top3] == [profile.scores[s] for s in order[:3]]
        assert 0 < profile.p_top3_set < 1


def test_percent_runs_from_none_to_all(engine: Engine) -> None:
    low = engine.profile(dict.fromkeys(ITEMS, 1)).percent
    high = engine.profile(dict.fromkeys(ITEMS, 5)).percent
    assert low == pytest.approx(dict.fromkeys(SCALES, 0.0))
    assert high == pytest.approx(dict.fromkeys(SCALES, 100.0))


def test_a_complete_form_is_its_own_sums(engine: Engine) -> None:
    given = {item: 1 + index % 5 for index, item in enumerate(ITEMS)}
    profile = engine.profile(given)
    sums = {s: sum(v for item, v in given.items() if item[0] == s) for s in SCALES}
    assert profile.scores == pytest.approx(sums)
    assert max(profile.sd.values()) == 0


@pytest.mark.parametrize("value", [1, 2, 3, 4, 5])
def test_straight_liners_are_noted_and_flat(engine: Engine, value: int) -> None:
    profile = engine.profile(played(engine, lambda _: value, max_items=24))
    assert profile.notes == (Note.STRAIGHT_LINE,)
    assert profile.flat


def test_all_not_sure_gives_the_average_and_says_so(engine: Engine, model: Model) -> None:
    profile = engine.profile(played(engine, lambda _: None, max_items=24))
    assert profile.notes == (Note.ALL_NOT_SURE, Note.TOO_FEW_ANSWERS)
    assert profile.n_answered == 0
    assert profile.p_top3_set < 0.5
    totals = model.mean.reshape(6, 8).sum(axis=1)
    np.testing.assert_allclose(list(profile.scores.values()), totals, atol=0.5)


def test_two_answers_say_little_and_say_so(engine: Engine) -> None:
    profile = engine.profile({"C3": 5, "C8": 5})
    assert Note.TOO_FEW_ANSWERS in profile.notes
    assert Note.STRAIGHT_LINE not in profile.notes
    assert profile.p_top3_set < 0.6
    assert profile.scores["C"] > engine.profile({}).scores["C"] + 8
    assert profile.sd["C"] < engine.profile({}).sd["C"]


def test_contradictions_are_noted_and_cost_certainty(engine: Engine) -> None:
    torn = {"I5": 5, "I7": 1, "R2": 1, "R8": 5, "C3": 1, "C8": 5, "S5": 5, "S3": 1}
    steady = {"I5": 3, "I7": 3, "R2": 3, "R8": 3, "C3": 3, "C8": 3, "S5": 3, "S3": 4}
    odd, even = engine.profile(torn), engine.profile(steady)
    assert odd.notes == (Note.CONTRADICTORY,)
    assert even.notes == ()
    assert all(odd.sd[scale] > even.sd[scale] for scale in SCALES)


def test_contradictory_people_are_asked_more(engine: Engine) -> None:
    """The same leaning, answered steadily or with every third answer turned round."""

    def leaning(item: str) -> int:
        return {"R": 1, "I": 4, "A": 5, "S": 4, "E": 2, "C": 1}[item[0]]

    count = iter(range(10_000))
    steady = played(engine, leaning, stop=True)
    torn = played(
        engine, lambda i: 6 - leaning(i) if next(count) % 3 == 2 else leaning(i), stop=True
    )
    assert len(torn) > len(steady)


def test_the_version_is_told(engine: Engine, model: Model) -> None:
    assert engine.profile({}).model_version == model.version


@pytest.mark.parametrize("value", [0, 6, 7, -1, 2.5, "3", True, math.nan])
def test_bad_values_are_refused(engine: Engine, value: object) -> None:
    bad: dict[str, int | None] = {"R1": value}  # type: ignore[dict-item]
    with pytest.raises(AnswerError, match="for item R1; expected 1 to 5"):
        engine.profile(bad)
    with pytest.raises(AnswerError, match="for item R1"):
        engine.next_item(bad, seed=1, stop=False)


def test_unknown_items_are_refused(engine: Engine) -> None:
    with pytest.raises(AnswerError, match="unknown item 'R9'; items are R1 to C8"):
        engine.next_item({"R9": 3}, seed=1, stop=False)


@pytest.mark.parametrize("length", [0, 49, -3])
def test_bad_lengths_are_refused(engine: Engine, length: int) -> None:
    with pytest.raises(AnswerError, match="expected 1 to 48"):
        engine.next_item({}, seed=1, max_items=length, stop=False)


def test_use_is_spread_and_profiles_agree(engine: Engine, people: np.ndarray) -> None:
    """On simulated people: nobody's items are always the same, and 24 answers find the profile."""
    used = dict.fromkeys(ITEMS, 0)
    right, stated = 0, 0.0
    for seed, person in enumerate(people[:250]):
        given = replay(engine, person, seed=seed, max_items=24, stop=False)
        profile = engine.profile(given)
        right += stated_right(person, profile.top3)
        stated += profile.p_top3_set
        for item in given:
            used[item] += 1
    assert max(used.values()) < 0.75 * 250
    assert min(used.values()) > 0
    assert right > 0.75 * 250
    assert abs(stated - right) < 0.08 * 250
