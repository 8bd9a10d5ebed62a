from __future__ import annotations

from adaptive.mentoring.fairness import fairness


def table(*groups):
    """Each group: name, scores of its people (None unmatched)."""
    labels = [{"language": name} for name, scores in groups for _ in scores]
    scores = [score for _, of_group in groups for score in of_group]
    return {row.group: row for row in fairness(labels, scores)}


def test_rate_and_median_per_group():
    found = table(("de", [0.4, 0.6, 0.8, None, None]), ("hu", [0.7] * 5))
    assert (found["de"].people, found["de"].match_rate, found["de"].median_score) == (5, 0.6, 0.6)
    assert (found["hu"].match_rate, found["hu"].median_score) == (1, 0.7)


def test_alarm_below_four_fifths_of_the_best_rate():
    assert table(("de", [0.5] * 10), ("hu", [0.5] * 7 + [None] * 3))["hu"].alarm
    assert not table(("de", [0.5] * 10), ("hu", [0.5] * 8 + [None] * 2))["hu"].alarm


def test_alarm_below_four_fifths_of_the_best_median():
    found = table(("de", [0.8] * 5), ("hu", [0.6] * 5))
    assert found["hu"].alarm
    assert not found["de"].alarm


def test_a_group_without_any_match_alarms():
    found = table(("de", [0.8] * 5), ("hu", [None] * 5))
    assert found["hu"].alarm
    assert found["hu"].median_score is None


def test_small_groups_are_hidden_and_not_alone():
    found = table(("de", [0.5] * 20), ("hu", [None] * 4), ("ro", [0.5] * 6), ("sk", [0.5] * 9))
    assert found["hu"].hidden
    assert found["hu"].match_rate is None
    assert not found["hu"].alarm
    assert found["ro"].hidden, "a single hidden group could be worked out from the total"
    assert not found["sk"].hidden


def test_two_small_groups_cover_each_other():
    found = table(("de", [0.5] * 20), ("hu", [0.5] * 4), ("ro", [0.5] * 3))
    assert [found[g].hidden for g in ("de", "hu", "ro")] == [False, True, True]


def test_five_are_enough_to_be_shown():
    assert not table(("de", [0.5] * 5))["de"].hidden
    assert table(("de", [0.5] * 4))["de"].hidden


def test_attributes_are_judged_apart():
    rows = fairness(
        [{"gender": "f", "age": "15-19"}] * 5 + [{"gender": "m"}] * 5, [0.5] * 5 + [None] * 5
    )
    assert [(r.attribute, r.group, r.alarm) for r in rows] == [
        ("age", "15-19", False),
        ("gender", "f", False),
        ("gender", "m", True),
    ]
