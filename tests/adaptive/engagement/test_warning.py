from __future__ import annotations

import math
import random

import pytest

from adaptive.engagement import EngagementError, Event, Signals, Thresholds, signals_at, warn
from adaptive.engagement.simulate import simulate, try_out
from adaptive.engagement.warning import Sign


class TestPoints:
    def test_a_sign_gives_half_at_its_start_and_all_at_full(self):
        sign = Sign(2, 6, 4)
        assert [sign.earned(v) for v in (0, 1.9, 2, 4, 6, 60)] == [0, 0, 2, 3, 4, 4]

    def test_a_sign_may_be_a_step(self):
        assert [Sign(2, 2, 4).earned(v) for v in (1, 2, 3)] == [0, 4, 4]

    def test_nothing_wrong_is_calm_without_reasons(self):
        found = warn(Signals(silent_days=0.5))
        assert (found.points, found.level, found.reasons) == (0, "calm", ())

    @pytest.mark.parametrize(
        ("signals", "code"),
        [
            (Signals(9), "silent_days"),
            (Signals(0, unfinished_days=9), "unfinished_days"),
            (Signals(0, missed_meetings=4), "missed_meetings"),
            (Signals(0, failing_streak=9), "failing_streak"),
        ],
    )
    def test_each_sign_is_a_reason_with_its_value_and_points(self, signals, code):
        found = warn(signals)
        assert [r.code for r in found.reasons] == [code]
        assert found.reasons[0].values["value"] == getattr(signals, code)
        assert found.reasons[0].values["points"] == found.points
        assert found.points == getattr(Thresholds(), code).points

    def test_points_add_up_and_the_heaviest_reason_stands_first(self):
        found = warn(Signals(7, unfinished_days=1, missed_meetings=2, failing_streak=3))
        assert found.points == 4 + 1 + 3 + 1
        assert [r.code for r in found.reasons][:2] == ["silent_days", "missed_meetings"]

    def test_levels_follow_the_tenants_thresholds(self):
        two_days = Signals(silent_days=2)
        assert warn(two_days).level == "calm"
        assert warn(two_days, Thresholds(watch=2)).level == "watch"
        assert warn(two_days, Thresholds(watch=1, act=2)).level == "act"
        assert warn(two_days, Thresholds(silent_days=Sign(5, 6, 4), watch=1)).level == "calm"

    def test_more_silence_never_lowers_the_points(self):
        points = [warn(Signals(day / 2)).points for day in range(40)]
        assert points == sorted(points)


class TestSignals:
    def test_events_become_signals(self):
        events = [
            Event(1, "seen"),
            Event(1, "started", "a"),
            Event(2, "started", "b"),
            Event(3, "finished", "a"),
            Event(3.1, "right", "b"),
            Event(3.2, "wrong", "b"),
            Event(3.3, "wrong", "b"),
            Event(4, "met"),
            Event(6, "missed"),
            Event(9, "seen"),
        ]
        assert signals_at(events, joined=0, now=7) == Signals(3, 5, 1, 2)

    def test_order_of_events_does_not_matter(self):
        events = [Event(day, kind, "a") for day, kind in enumerate(["started", "wrong", "right"])]
        turned = random.Random(1).sample(events, 3)
        assert signals_at(turned, 0, 5) == signals_at(events, 0, 5)

    def test_who_did_nothing_is_silent_since_joining(self):
        assert signals_at([], joined=2, now=7) == Signals(5)

    def test_the_future_is_never_looked_at(self):
        past = [Event(1, "seen")]
        assert signals_at([*past, Event(8, "seen")], 0, 7) == signals_at(past, 0, 7)

    def test_a_meeting_that_took_place_clears_missed_ones(self):
        events = [Event(1, "missed"), Event(2, "missed"), Event(3, "met"), Event(4, "missed")]
        assert signals_at(events, 0, 5).missed_meetings == 1

    def test_starting_again_does_not_reset_what_lies_unfinished(self):
        events = [Event(1, "started", "a"), Event(4, "started", "a")]
        assert signals_at(events, 0, 5).unfinished_days == 4


class TestSimulator:
    """Seeds that played no part in choosing the default thresholds."""

    @pytest.mark.parametrize("seed", [101, 102])
    def test_day_seven_tells_leavers_from_stayers(self, seed):
        trial = try_out(simulate(1500, 42, seed))
        assert trial.auc >= 0.75
        assert trial.found > 2 * trial.false_alarm
        assert 0.05 < trial.leavers / trial.judged < 0.4

    def test_only_those_still_there_are_judged(self):
        people = simulate(300, 42, seed=7)
        gone = sum(1 for one in people if one.left_on is not None and one.left_on <= 7)
        assert gone
        assert try_out(people).judged == 300 - gone

    def test_the_same_seed_makes_the_same_people(self):
        assert simulate(20, 20, seed=3) == simulate(20, 20, seed=3)
        assert simulate(20, 20, seed=3) != simulate(20, 20, seed=4)

    def test_thresholds_change_what_is_found(self):
        people = simulate(400, 42, seed=5)
        strict = try_out(people, thresholds=Thresholds(watch=6, act=6))
        assert strict.found < try_out(people).found

    def test_a_trial_needs_both_fates(self):
        people = [one for one in simulate(50, 42, seed=5) if one.left_on is None]
        with pytest.raises(EngagementError, match="who leave"):
            try_out(people)
        with pytest.raises(EngagementError):
            simulate(0, 10, seed=1)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Event(1, "danced"),
        lambda: Event(math.nan, "seen"),
        lambda: Signals(-1),
        lambda: Signals(math.nan),
        lambda: Signals(1, failing_streak=-2),
        lambda: Sign(0, 1, 1),
        lambda: Sign(3, 2, 1),
        lambda: Sign(1, 2, -1),
        lambda: Thresholds(watch=5, act=4),
        lambda: Thresholds(watch=0),
        lambda: signals_at([], joined=8, now=7),
    ],
)
def test_impossible_values_are_refused(build):
    with pytest.raises(EngagementError):
        build()
