"""Matching: correlation with its uncertainty, filters, variety, honest notices."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from adaptive.occupations import Catalogue, Filters, Occupation, load_catalogue, match
from adaptive.occupations.explain import WORTH_SAYING, explain
from adaptive.occupations.matching import FLAT_STABILITY
from adaptive.occupations.profile import DRAWS, plausible_directions

CERTAIN = dict.fromkeys("RIASEC", 0.0)
UNSURE = dict.fromkeys("RIASEC", 3.0)
HELPER = {"R": 8, "I": 14, "A": 16, "S": 28, "E": 14, "C": 10}
MAKER = {"R": 28, "I": 20, "A": 6, "S": 8, "E": 10, "C": 14}


def as_profile(occupation: Occupation) -> dict[str, float]:
    return dict(zip("RIASEC", occupation.interests, strict=True))


def test_every_occupations_own_profile_finds_it_first() -> None:
    catalogue = load_catalogue()
    for occupation in catalogue.occupations:
        if not occupation.suggested:
            continue
        first = match(as_profile(occupation), CERTAIN, catalogue, limit=1, diversity=0)[0]
        same = first.occupation.interests == occupation.interests
        assert first.occupation.id == occupation.id or same
        assert first.fit == pytest.approx(1)


def test_any_linear_scale_gives_the_same_list() -> None:
    catalogue = load_catalogue()
    scaled = {scale: 5 + 0.25 * value for scale, value in MAKER.items()}
    narrow = dict.fromkeys("RIASEC", 0.75)
    one = match(MAKER, UNSURE, catalogue)
    other = match(scaled, narrow, catalogue)
    assert [m.occupation.id for m in one] == [m.occupation.id for m in other]
    assert [m.fit for m in one] == pytest.approx([m.fit for m in other])


def test_the_same_input_gives_the_same_output() -> None:
    catalogue = load_catalogue()
    assert match(HELPER, UNSURE, catalogue) == match(HELPER, UNSURE, catalogue)


def test_uncertainty_lowers_fit_and_certainty_but_not_for_nothing() -> None:
    catalogue = load_catalogue()
    sure, unsure = match(HELPER, CERTAIN, catalogue), match(HELPER, UNSURE, catalogue)
    assert {m.certainty for m in sure} <= {0.0, 1.0}
    assert unsure[0].fit < sure[0].fit
    assert unsure.stability < sure.stability == pytest.approx(1)
    assert any(0 < m.certainty < 1 for m in match(MAKER, UNSURE, catalogue))


def test_a_covariance_and_its_standard_deviations_agree_when_uncorrelated() -> None:
    catalogue = load_catalogue()
    by_scale = match(MAKER, UNSURE, catalogue)
    by_matrix = match(MAKER, np.eye(6) * 9, catalogue)
    assert by_scale.stability == pytest.approx(by_matrix.stability, abs=0.02)


def test_a_common_error_of_all_six_scales_changes_nothing() -> None:
    """Somebody who likes everything a little more keeps the same profile."""
    together = match(MAKER, np.full((6, 6), 25.0), load_catalogue())
    assert together.stability == pytest.approx(1)


def test_the_plausible_profiles_lie_round_the_stated_one() -> None:
    """Mirrored draws: what is uncertain leans to neither side."""
    one = dict.fromkeys("RIASEC", 0.0) | {"R": 1.0, "C": -1.0}
    drawn = plausible_directions(one, np.diag([0, 0, 0, 1e-4, 0, 0]))
    assert len(drawn) == DRAWS
    assert drawn[:, 3].std() > 0
    assert drawn[:, 3].mean() == pytest.approx(0, abs=1e-6)


def test_bands_follow_certainty_and_fit() -> None:
    found = match(MAKER, UNSURE, load_catalogue())
    for m in found:
        if m.band == "strong":
            assert m.certainty >= 0.8
            assert m.fit >= 0.7
        if m.certainty < 0.5:
            assert m.band == "look"
    assert found[0].band == "strong"


@pytest.mark.parametrize(
    "name", ["low_entry", "learned_at_work", "from_home", "outdoors", "with_people"]
)
def test_each_filter_keeps_only_what_it_says(name: str) -> None:
    catalogue = load_catalogue()
    found = match(HELPER, UNSURE, catalogue, Filters(**{name: True}))
    assert len(found) >= 3
    assert all(getattr(m.occupation, name) for m in found)
    everything = match(HELPER, UNSURE, catalogue)
    assert found.passed < everything.passed


def test_near_is_any_test_and_groups_can_be_left_out() -> None:
    catalogue = load_catalogue()
    found = match(MAKER, UNSURE, catalogue, Filters(near=lambda o: o.isco.startswith("72")))
    assert len(found) == 10
    assert all(m.occupation.isco.startswith("72") for m in found)
    left = match(MAKER, UNSURE, catalogue, Filters(leave_out=("0", "7541")))
    assert not any(m.occupation.isco[0] == "0" or m.occupation.id == "7541" for m in left)


def test_what_an_editor_keeps_back_is_not_suggested() -> None:
    catalogue = load_catalogue()
    farmer = catalogue.get("6310")
    assert farmer is not None
    assert not farmer.suggested
    found = match(as_profile(farmer), CERTAIN, catalogue, limit=400, diversity=0)
    assert farmer.id not in {m.occupation.id for m in found}


def test_filters_that_leave_nothing_give_an_empty_list() -> None:
    found = match(MAKER, UNSURE, load_catalogue(), Filters(near=lambda _: False))
    assert len(found) == 0
    assert found.passed == 0
    assert not found.distant


def test_nothing_close_is_said_and_the_nearest_shown() -> None:
    artist = {"R": 9, "I": 16, "A": 28, "S": 18, "E": 12, "C": 5}
    found = match(artist, CERTAIN, load_catalogue(), Filters(near=lambda o: o.isco[0] == "8"))
    assert found.distant
    assert len(found) == 3
    assert all(m.band == "look" for m in found)


def test_the_list_is_varied_and_costs_little_fit() -> None:
    catalogue = load_catalogue()
    for profile in (HELPER, MAKER):
        alike = match(profile, UNSURE, catalogue, diversity=0)
        varied = match(profile, UNSURE, catalogue)
        groups = {m.occupation.isco[:2] for m in varied}
        assert len(groups) > len({m.occupation.isco[:2] for m in alike})
        assert len(groups) >= 5
        assert np.mean([m.fit for m in alike]) - np.mean([m.fit for m in varied]) < 0.1
        assert varied[0] == alike[0]


def test_without_diversity_the_best_fit_comes_first() -> None:
    found = match(MAKER, UNSURE, load_catalogue(), limit=20, diversity=0)
    assert all(one.fit >= other.fit for one, other in pairwise(found))


def test_a_flat_profile_is_noticed_widened_and_never_called_strong() -> None:
    catalogue = load_catalogue()
    flat = match({**dict.fromkeys("RIASEC", 16.0), "I": 16.5}, UNSURE, catalogue)
    assert flat.flat
    assert flat.stability < FLAT_STABILITY
    assert {m.band for m in flat} == {"look"}
    assert len({m.occupation.isco[0] for m in flat}) >= 5
    assert not match(MAKER, UNSURE, catalogue).flat


def test_a_profile_without_any_difference_still_gets_a_list() -> None:
    found = match(dict.fromkeys("RIASEC", 16.0), CERTAIN, load_catalogue())
    assert found.flat
    assert len(found) == 10
    assert all(m.fit == 0 and m.differs is None for m in found)


@pytest.mark.parametrize(
    ("scores", "uncertainty", "message"),
    [
        ({"R": 1.0}, CERTAIN, "no score for I"),
        (dict.fromkeys("RIASEC", float("nan")), CERTAIN, "finite"),
        (MAKER, {"R": 1.0}, "no standard deviation for I"),
        (MAKER, dict.fromkeys("RIASEC", -1.0), "below zero"),
        (MAKER, np.eye(5), "6 x 6"),
    ],
)
def test_a_bad_profile_gets_a_clear_error(scores, uncertainty, message) -> None:
    with pytest.raises(ValueError, match=message):
        match(scores, uncertainty, load_catalogue())


def test_a_bad_diversity_and_an_empty_catalogue_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        match(MAKER, UNSURE, load_catalogue(), diversity=2)
    with pytest.raises(ValueError, match="at least one"):
        Catalogue.of([], "empty")
    twice = load_catalogue().occupations[:1] * 2
    with pytest.raises(ValueError, match="same id"):
        Catalogue.of(twice, "twice")


def test_the_two_reasons_are_those_whose_loss_costs_most() -> None:
    """Recomputed one scale at a time, with numpy's own correlation."""
    catalogue = load_catalogue()
    for profile in (HELPER, MAKER):
        person = np.array([profile[scale] for scale in "RIASEC"], dtype=float)
        for m in match(profile, CERTAIN, catalogue):
            job = np.array(m.occupation.interests)
            full = np.corrcoef(person, job)[0, 1]
            loss = {
                scale: full - np.corrcoef(np.delete(person, n), np.delete(job, n))[0, 1]
                for n, scale in enumerate("RIASEC")
            }
            expected = sorted(loss, key=lambda scale: -loss[scale])[:2]
            assert [reason.scale for reason in m.because] == expected
            for reason in m.because:
                assert reason.contribution == pytest.approx(loss[reason.scale])
                assert reason.liked == (profile[reason.scale] > person.mean())


def test_what_would_have_to_differ_is_the_best_single_change() -> None:
    """Searched by brute force over the range of the person's own scores."""
    catalogue = load_catalogue()
    inside = 0
    for occupation in catalogue.occupations[::15]:
        why = explain(HELPER, occupation)
        low, high = min(HELPER.values()), max(HELPER.values())
        fit, scale, then = max(
            (
                np.corrcoef(list({**HELPER, scale: then}.values()), occupation.interests)[0, 1],
                scale,
                then,
            )
            for scale in "RIASEC"
            for then in np.linspace(low, high, 81)
        )
        if why.differs is None:
            assert fit - why.fit < WORTH_SAYING + 1e-3
            continue
        assert (why.differs.scale, why.differs.more) == (scale, then > HELPER[scale])
        assert fit - 1e-9 <= why.differs.fit_then <= fit + 1e-3
        inside += low < then < high
    assert inside >= 3


def test_the_difference_points_the_right_way() -> None:
    bricklayer = load_catalogue().get("7112")
    assert bricklayer is not None
    wanted = as_profile(bricklayer)
    less_practical = {**wanted, "R": min(wanted.values())}
    why = explain(less_practical, bricklayer)
    assert why.differs is not None
    assert (why.differs.scale, why.differs.more) == ("R", True)
    assert explain(wanted, bricklayer).differs is None
