from __future__ import annotations

import math

import pytest

from adaptive.learning import EloTracer
from adaptive.learning.elo import EloParameters
from adaptive.learning.features import NUMBERS, Trace, advance, numbers, situations

ELO = EloTracer(EloParameters(start=0.0, easiness={"a": 1.0}))


def after(*answers):
    trace = Trace()
    for day, (skill, correct) in enumerate(answers):
        trace = advance(ELO, trace, skill, correct, float(day))
    return trace


def value(trace, skill, name, at=100.0):
    return dict(zip(NUMBERS, numbers(ELO, trace, skill, at), strict=True))[name]


def surprises(*answers):
    trace, found = Trace(), []
    for day, (skill, correct) in enumerate(answers):
        found.append(correct - ELO.predict(trace.elo, skill, float(day)))
        trace = advance(ELO, trace, skill, correct, float(day))
    return found


PAST = (("a", True), ("b", False), ("a", False), ("b", False))


def test_there_is_a_value_for_every_name():
    assert len(numbers(ELO, Trace(), "a", 0.0)) == len(NUMBERS) == len(set(NUMBERS))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("easiness", 1.0),
        ("skill_answers", math.log(3)),
        ("skill_right", math.log(2)),
        ("skill_wrong", math.log(2)),
        ("all_answers", math.log(5)),
        ("all_right", math.log(2)),
        ("all_wrong", math.log(4)),
        ("skill_last", -1),
        ("last", -1),
        ("same_skill", 0),
        ("answers_between", math.log(3)),
        ("skill_streak", -1),
        ("streak", -3),
        ("new_skill", 0),
        ("skills_seen", 2),
    ],
)
def test_counts(name, expected):
    assert value(after(*PAST), "a", name) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "decay"), [("recent_fast", 0.5), ("recent_middle", 0.8), ("recent_slow", 0.95)]
)
def test_recent_surprise_fades_by_answer(name, decay):
    weights = [decay**age for age in (3, 2, 1, 0)]
    total = sum(w * s for w, s in zip(weights, surprises(*PAST), strict=True))
    assert value(after(*PAST), "a", name) == pytest.approx(total / (sum(weights) + 1))


@pytest.mark.parametrize(
    ("name", "decay"), [("skill_recent_fast", 0.5), ("skill_recent_slow", 0.85)]
)
def test_recent_surprise_on_a_skill_counts_that_skill_only(name, decay):
    found = surprises(*PAST)
    expected = (decay * found[0] + found[2]) / (decay + 1 + 1)
    assert value(after(*PAST), "a", name) == pytest.approx(expected)


def test_an_unseen_skill_is_new_and_has_no_past():
    trace = after(*PAST)
    assert value(trace, "c", "new_skill") == 1
    assert value(trace, "c", "answers_between") == 0
    assert value(trace, "c", "skill_last") == 0


def test_streaks_stop_growing_at_six_and_turn_at_once():
    trace = after(*[("a", True)] * 9)
    assert value(trace, "a", "streak") == 6
    assert value(advance(ELO, trace, "a", False, 20.0), "a", "streak") == -1


def test_situations_name_the_two_answers_before():
    found = situations(after(*PAST), "c")
    assert "after|b|0|c" in found
    assert "after2|a|0|c" in found
    assert situations(Trace(), "c") == (
        "skill|c",
        "gap|0|0|0",
        "count|0|0",
        "streaks|0|0",
        "streak|0|0",
    )


def test_situations_of_a_skill_seen_before():
    assert situations(after(*PAST), "a")[:5] == (
        "skill|a",
        "gap|2|-1|-1",
        "count|2|1",
        "streaks|-1|-3",
        "streak|-1|2",
    )
