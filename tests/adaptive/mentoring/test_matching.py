from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from adaptive.mentoring import MatchingError, Mentee, Mentor, Place, Programme, Weights, match
from adaptive.mentoring.compatibility import FACTORS, RULES, compatibility

GRAZ, VIENNA = Place(47.07, 15.44), Place(48.21, 16.37)


def mentee(name="e", **changes) -> Mentee:
    base = {
        "id": name,
        "languages": {"de": 5},
        "slots": frozenset({"mon", "tue"}),
        "fields": frozenset({"wood", "metal"}),
        "help": frozenset({"cv"}),
    }
    return Mentee(**{**base, **changes})


def mentor(name="m", **changes) -> Mentor:
    base = {
        "id": name,
        "languages": {"de": 6},
        "slots": frozenset({"tue", "wed"}),
        "fields": frozenset({"wood"}),
        "help": frozenset({"cv", "talk"}),
        "screened": True,
        "trained": True,
    }
    return Mentor(**{**base, **changes})


def broken_rules(e, m, programme=None, forbidden=()):
    fit = compatibility([e], [m], programme or Programme(), forbidden)
    return {name for name in RULES if not fit.rules[name][0, 0]}


def factor(e, m, name, programme=None):
    return float(compatibility([e], [m], programme or Programme()).factors[name][0, 0])


class TestRules:
    def test_a_good_pair_breaks_none(self):
        assert broken_rules(mentee(), mentor()) == set()

    @pytest.mark.parametrize(
        ("e", "m", "rule"),
        [
            ({}, {"screened": False}, "screening"),
            ({}, {"trained": False}, "training"),
            ({}, {"paused": True}, "paused"),
            ({}, {"capacity": 0}, "no_places"),
            ({"not_with": frozenset({"m"})}, {}, "veto"),
            ({}, {"not_with": frozenset({"e"})}, "veto"),
            ({"household": "h1"}, {"household": "h1"}, "household"),
            ({"employer": "x"}, {"employer": "x"}, "employer"),
            ({"languages": {"ro": 6}}, {}, "language"),
            ({"languages": {"de": 2}}, {}, "language"),
            ({"genders": frozenset({"f"})}, {"gender": "m"}, "gender"),
            ({"genders": frozenset({"f"})}, {}, "gender"),
            ({"ages": (18, 30)}, {"age": 45}, "age"),
            ({"ages": (18, 30)}, {}, "age"),
            ({"slots": frozenset({"sun"})}, {}, "times"),
            ({"slots": frozenset({"sun"}), "in_writing": True}, {}, "times"),
            ({"online": False, "place": GRAZ}, {"place": VIENNA}, "meeting"),
            ({"online": False, "place": GRAZ}, {}, "meeting"),
            ({"online": False, "place": GRAZ}, {"place": GRAZ, "near": False}, "meeting"),
            ({"tenant": "at"}, {"tenant": "ro", "across": True}, "border"),
        ],
    )
    def test_each_rule_stands_alone(self, e, m, rule):
        assert broken_rules(mentee(**e), mentor(**m)) == {rule}

    @pytest.mark.parametrize(
        ("e", "m"),
        [
            ({"household": "h1"}, {"household": "h2"}),
            ({"household": ""}, {"household": ""}),
            ({"genders": frozenset({"f", "x"})}, {"gender": "f"}),
            ({"ages": (18, 30)}, {"age": 30}),
            ({"slots": frozenset({"sun"}), "in_writing": True}, {"in_writing": True}),
            ({"online": False, "place": GRAZ}, {"place": Place(47.2, 15.5)}),
            ({"online": False, "place": GRAZ, "reach_km": 200}, {"place": VIENNA, "reach_km": 160}),
        ],
    )
    def test_what_is_allowed_stays_allowed(self, e, m):
        assert broken_rules(mentee(**e), mentor(**m)) == set()

    def test_the_shorter_reach_of_the_two_counts(self):
        far = {"online": False, "place": GRAZ, "reach_km": 500}
        assert broken_rules(mentee(**far), mentor(place=VIENNA)) == {"meeting"}

    def test_a_border_opens_only_when_coordinators_and_mentor_agree(self):
        e, agreed = mentee(tenant="at"), Programme(partners=frozenset({("at", "ro")}))
        assert broken_rules(e, mentor(tenant="ro", across=True), agreed) == set()
        assert broken_rules(e, mentor(tenant="ro"), agreed) == {"border"}
        other_way = Programme(partners=frozenset({("ro", "at")}))
        assert broken_rules(e, mentor(tenant="ro", across=True), other_way) == {"border"}

    def test_a_coordinator_can_forbid(self):
        assert broken_rules(mentee(), mentor(), forbidden={("e", "m")}) == {"forbidden"}


class TestScore:
    def test_distance_is_great_circle(self):
        km = compatibility([mentee(place=GRAZ)], [mentor(place=VIENNA)], Programme()).km[0, 0]
        assert km == pytest.approx(145, abs=2)
        near = compatibility(
            [mentee(place=GRAZ)], [mentor(place=Place(47.0701, 15.44))], Programme()
        ).km[0, 0]
        assert near == pytest.approx(0.0111, abs=0.001)

    def test_nearness_falls_with_distance_and_online_is_fine(self):
        apart = {"place": GRAZ, "online": False}
        assert factor(mentee(**apart), mentor(place=VIENNA), "nearness") == pytest.approx(
            np.exp(-145 / 60), abs=0.005
        )
        assert factor(mentee(place=GRAZ), mentor(place=VIENNA), "nearness") == pytest.approx(0.8)
        assert factor(mentee(place=GRAZ), mentor(place=GRAZ), "nearness") == pytest.approx(
            1, abs=0.01
        )
        assert factor(mentee(online=False), mentor(), "nearness") == 0.5

    def test_three_common_times_are_enough(self):
        many = frozenset("abcdef")
        assert factor(mentee(slots=many), mentor(slots=many), "times") == 1
        assert factor(mentee(), mentor(), "times") == pytest.approx(1 / 3)

    def test_fields_count_as_share_of_what_the_mentee_named_at_most_three(self):
        assert factor(mentee(), mentor(), "fields") == 0.5
        five = frozenset("abcde")
        assert factor(mentee(fields=five), mentor(fields=frozenset("abc")), "fields") == 1

    def test_wishes_count_by_rank(self):
        e = mentee(wishes=("x", "m"))
        assert factor(e, mentor(), "wish") == 0.5
        assert factor(e, mentor("x"), "wish") == 1
        assert factor(e, mentor("y"), "wish") == 0

    def test_the_score_is_the_weighted_mean_of_what_applies(self):
        weights = Weights(fields=2, help=0, times=1, nearness=0, wish=9, background=9)
        fit = compatibility([mentee()], [mentor()], Programme(weights=weights))
        assert fit.score[0, 0] == pytest.approx((2 * 0.5 + 1 / 3) / 3, abs=1e-6)

    def test_who_names_no_wish_loses_nothing(self):
        e = mentee()
        without = compatibility([e], [mentor()], Programme(weights=Weights(wish=0)))
        with_wish = compatibility([e], [mentor()], Programme(weights=Weights(wish=5)))
        assert without.score[0, 0] == with_wish.score[0, 0]

    def test_shares_of_the_bars_add_up_to_the_score(self):
        pair = match([mentee(wishes=("m",), background=frozenset({"roma"}))], [mentor()]).pairs[0]
        assert {f.code for f in pair.factors} == set(FACTORS)
        assert sum(f.share for f in pair.factors) == pytest.approx(1)
        assert sum(f.share * f.value for f in pair.factors) == pytest.approx(pair.score, abs=1e-5)


class TestReasons:
    def test_a_pair_says_what_both_share(self):
        e = mentee(
            languages={"sr": 6, "de": 3, "en": 1},
            place=GRAZ,
            wishes=("m",),
            background=frozenset({"carer"}),
        )
        m = mentor(
            languages={"sr": 5, "de": 6, "en": 6}, place=GRAZ, background=frozenset({"carer"})
        )
        found = {r.code: r.values for r in match([e], [m]).pairs[0].reasons}
        assert found == {
            "language": {"languages": ("sr", "de")},
            "times": {"slots": ("tue",)},
            "near": {"km": 0},
            "online": {},
            "fields": {"fields": ("wood",)},
            "help": {"help": ("cv",)},
            "background": {"background": ("carer",)},
            "wish": {"rank": 1},
        }

    def test_meeting_in_writing_is_said_where_no_time_is_shared(self):
        e = mentee(slots=frozenset(), in_writing=True)
        codes = [r.code for r in match([e], [mentor(in_writing=True)]).pairs[0].reasons]
        assert "in_writing" in codes
        assert "times" not in codes

    def test_a_weaker_runner_up_names_the_factor_that_cost_most(self):
        other = mentor("n", fields=frozenset())
        pair = match([mentee()], [mentor(), other]).pairs[0]
        assert pair.mentor == "m"
        assert pair.runner_up.mentor == "n"
        assert pair.runner_up.why_not.code == "weaker"
        assert pair.runner_up.why_not.values["factor"] == "fields"

    def test_a_better_runner_up_was_taken_and_by_whom(self):
        best = mentor("best", fields=frozenset({"wood", "metal"}))
        only_best = mentee("a", languages={"ro": 6})
        best = dataclasses.replace(best, languages={"de": 5, "ro": 6})
        found = {p.mentee: p for p in match([only_best, mentee("b")], [best, mentor()]).pairs}
        assert found["b"].mentor == "m"
        assert found["b"].runner_up.why_not.code == "places_taken"
        assert found["b"].runner_up.why_not.values["mentees"] == ("a",)
        assert found["a"].runner_up is None

    def test_an_equal_runner_up_is_called_equal(self):
        pair = match([mentee()], [mentor("m1"), mentor("m2")]).pairs[0]
        assert pair.runner_up.why_not.code == "equal"


class TestUnmatched:
    def test_no_mentor_speaks_romanian_find_four(self):
        people = [mentee(f"e{n:02}", languages={"ro": 6, "en": 2}) for n in range(11)]
        found = match(people, [mentor("m1", capacity=3), mentor("m2", capacity=3)])
        assert {u.rule for u in found.unmatched} == {"language"}
        need = found.needs[0]
        assert (need.rule, need.kind, need.mentees, need.mentors) == ("language", "ro", 11, 4)

    def test_full_mentors_are_told_from_missing_ones(self):
        found = match([mentee(f"e{n}") for n in range(3)], [mentor(capacity=2)])
        assert [(u.rule, u.opens) for u in found.unmatched] == [("places", 1)]
        assert found.needs[0].kind == "de"

    def test_the_rule_that_would_open_most_binds(self):
        mentors = [
            mentor("a", screened=False),
            mentor("b", trained=False),
            mentor("c", trained=False),
        ]
        unmatched = match([mentee()], mentors).unmatched[0]
        assert (unmatched.rule, unmatched.opens) == ("training", 2)

    def test_a_rule_that_nobody_passes_is_named_even_if_it_is_not_alone(self):
        e = mentee(languages={"ro": 6}, slots=frozenset({"sun"}))
        unmatched = match([e], [mentor(), mentor("n")]).unmatched[0]
        assert (unmatched.rule, unmatched.opens) == ("language", 0)
        assert unmatched.values["rules"] == ("language", "times")

    def test_several_rules_together(self):
        mentors = [
            mentor("a", screened=False, trained=False),
            mentor("b", languages={"hu": 6}, slots=frozenset({"sun"})),
        ]
        unmatched = match([mentee()], mentors).unmatched[0]
        assert unmatched.rule == "several"
        assert unmatched.values["rules"] == ("screening", "training", "language", "times")

    def test_without_any_mentor_places_are_missing(self):
        found = match([mentee()], [])
        assert (found.unmatched[0].rule, found.needs[0].mentors) == ("places", 1)

    def test_nobody_at_all(self):
        found = match([], [])
        assert (found.pairs, found.unmatched, found.worst, found.total) == ((), (), None, 0)


class TestDecisions:
    def test_a_locked_pair_stands_uses_a_place_and_says_what_it_overrules(self):
        e1, e2 = mentee("e1", languages={"ro": 6}), mentee("e2")
        found = match([e1, e2], [mentor(capacity=1)], locked={("e1", "m")})
        assert [(p.mentee, p.locked, p.overrules) for p in found.pairs] == [
            ("e1", True, ("language",))
        ]
        assert found.pairs[0].runner_up is None
        assert found.unmatched[0].mentee == "e2"
        assert found.worst is None

    def test_a_forbidden_pair_cannot_come(self):
        found = match(
            [mentee()], [mentor(), mentor("n", fields=frozenset())], forbidden={("e", "m")}
        )
        assert found.pairs[0].mentor == "n"

    @pytest.mark.parametrize(
        ("m", "locked", "forbidden", "says"),
        [
            ({"screened": False}, {("e1", "m")}, (), "screening"),
            ({"trained": False}, {("e1", "m")}, (), "training"),
            ({"paused": True}, {("e1", "m")}, (), "paused"),
            ({}, {("e1", "m"), ("e2", "m")}, (), "1 places, but 2 locked"),
            ({}, {("e1", "m"), ("e1", "n")}, (), "two mentors"),
            ({}, {("e1", "m")}, {("e1", "m")}, "both locked and forbidden"),
            ({}, {("e9", "m")}, (), "not here"),
        ],
    )
    def test_contradictions_are_refused(self, m, locked, forbidden, says):
        with pytest.raises(MatchingError, match=says):
            match(
                [mentee("e1"), mentee("e2")],
                [mentor(**m), mentor("n")],
                locked=locked,
                forbidden=forbidden,
            )

    def test_a_small_gain_moves_nobody_when_change_has_a_price(self):
        better = mentor("better", fields=frozenset({"wood", "metal"}))
        people = [mentee()], [mentor(), better]
        assert match(*people, current={"e": "m"}).pairs[0].mentor == "better"
        kept = match(*people, current={"e": "m"}, change_price=0.3).pairs[0]
        assert (kept.mentor, kept.kept) == ("m", True)
        assert kept.runner_up.why_not.code == "keep_pair"
        assert kept.score == match([mentee()], [mentor()]).pairs[0].score

    def test_one_more_match_is_worth_any_change(self):
        first = mentee("a", languages={"de": 5, "ro": 5})
        second = mentee("b")
        german, romanian = mentor("g"), mentor("r", languages={"ro": 6})
        found = match([first, second], [german, romanian], current={"a": "g"}, change_price=5.0)
        assert {p.mentee: p.mentor for p in found.pairs} == {"a": "r", "b": "g"}

    @pytest.mark.parametrize("price", [-0.1, 5.1, float("nan")])
    def test_impossible_prices_are_refused(self, price):
        with pytest.raises(MatchingError, match="price"):
            match([], [], change_price=price)

    def test_ids_must_be_unique(self):
        with pytest.raises(MatchingError, match="twice among mentors: m"):
            match([], [mentor(), mentor()])

    def test_order_of_input_never_matters(self):
        mentees = [mentee(f"e{n}", fields=frozenset({str(n % 3)})) for n in range(9)]
        mentors = [mentor(f"m{n}", fields=frozenset({str(n % 2)}), capacity=2) for n in range(4)]
        assert match(mentees, mentors) == match(mentees[::-1], mentors[::-1])

    def test_blocking_pairs_are_counted(self):
        """The worst pair is lifted at the price of one couple who would both rather switch."""
        programme = Programme(
            weights=Weights(fields=1, help=0, times=0, nearness=0, wish=0, background=0)
        )
        e1 = mentee("e1", fields=frozenset({"a", "b", "c"}))
        e2 = mentee("e2", fields=frozenset({"a", "z", "q"}))
        x, y = mentor("x", fields=frozenset({"a", "b", "c"})), mentor("y", fields=frozenset({"b"}))
        found = match([e1, e2], [x, y], programme)
        assert {p.mentee: p.mentor for p in found.pairs} == {"e1": "y", "e2": "x"}
        assert found.blocking_pairs == 1
        assert match([e1, e2], [x, y], programme, locked={("e1", "y")}).blocking_pairs == 0
        assert match([e1], [x, y], programme).blocking_pairs == 0
        held_back = match([e1], [x, y], programme, current={"e1": "y"}, change_price=1.0)
        assert (held_back.pairs[0].mentor, held_back.blocking_pairs) == ("y", 1)


@pytest.mark.parametrize(
    "build",
    [
        lambda: mentee(""),
        lambda: mentee(languages={"de": 7}),
        lambda: mentee(reach_km=-1),
        lambda: mentor(capacity=-1),
        lambda: mentor(languages={"de": 0}),
        lambda: Weights(fields=-1),
        lambda: Weights(fields=float("nan")),
        lambda: Weights(0, 0, 0, 0, 0, 0),
        lambda: Programme(language_level=0),
        lambda: Programme(near_km=0),
        lambda: Place(91, 0),
    ],
)
def test_impossible_values_are_refused(build):
    with pytest.raises(MatchingError):
        build()
