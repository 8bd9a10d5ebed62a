"""What suits whom, in which order, and why: by values alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive.opportunities import KINDS, WHERE, Ask, Offer, Seeker, match
from adaptive.opportunities.matching import CLOSES_DAYS
from adaptive.places import Place

TODAY = date(2026, 11, 27)
HOME = Place("1", "HU", 46.25, 20.15, 160000, "Szeged")
NEAR = Place("2", "HU", 46.42, 20.33, 40000, "Vásárhely")
OVER = Place("3", "RS", 46.10, 19.67, 100000, "Subotica")
FAR = Place("4", "HU", 47.69, 17.64, 130000, "Győr")
HANDS = dict(zip("RIASEC", (38, 20, 12, 15, 14, 22), strict=True))
SURE = dict.fromkeys("RIASEC", 1.0)


def ids(found) -> list[str]:
    return [one.offer.id for one in found.found]


def run(offers, ask=None, **seeker):
    seeker = {"country": "HU", "languages": frozenset({"hu"})} | seeker
    return match(Seeker(**seeker), offers, ask or Ask(), TODAY)


def codes(found, place: int = 0) -> list[str]:
    return [reason.code for reason in found.found[place].reasons]


def test_what_is_liked_comes_before_what_is_not():
    offers = [Offer(id=letter, kind="job", interests=letter, online=True) for letter in "ASR"]
    found = run(offers, scores=HANDS, sd=SURE)
    assert ids(found)[0] == "R"
    assert found.found[0].reasons[0].values == {"scale": "R"}
    assert "interest" not in codes(found, 1)


def test_an_unsure_profile_orders_little_and_a_flat_one_nothing():
    offers = [Offer(id=letter, kind="job", interests=letter, online=True) for letter in "AR"]
    sure = run(offers, scores=HANDS, sd=SURE).found
    unsure = run(offers, scores=HANDS, sd=dict.fromkeys("RIASEC", 20.0)).found
    assert sure[0].score - sure[1].score > 3 * (unsure[0].score - unsure[1].score) > 0
    flat = run(offers, scores=dict.fromkeys("RIASEC", 20.0), sd=SURE)
    assert flat.found[0].score == flat.found[1].score
    assert codes(flat) == ["online"]


def test_the_nearer_the_better_and_beyond_reach_is_counted():
    offers = [Offer(id=place.id, kind="job", place=place) for place in (FAR, OVER, NEAR, HOME)]
    found = run(offers, place=HOME, reach_km=60.0)
    assert ids(found) == ["1", "2", "3"]
    assert [codes(found, n) for n in range(3)] == [["same_town"], ["near"], ["across"]]
    assert found.found[1].reasons[0].values == {"km": 23}
    assert found.beyond == 1
    assert ids(run(offers, place=HOME, reach_km=None)) == ["1", "2", "3", "4"]
    assert "4" in ids(run(offers, Ask(where="everywhere"), place=HOME, reach_km=60.0))


def test_online_counts_only_where_it_suits():
    offers = [
        Offer(id="web", kind="course", online=True),
        Offer(id="both", kind="course", online=True, place=FAR),
    ]
    assert ids(run(offers, place=HOME, reach_km=60.0)) == ["both", "web"]
    found = run(offers, place=HOME, reach_km=60.0, online=False)
    assert (ids(found), found.beyond) == ([], 1)
    assert len(ids(run(offers, Ask(where="online"), online=False))) == 2


def test_languages_that_nobody_named_are_left_out_and_counted():
    offers = [
        Offer(id="hu", kind="job", online=True, languages=frozenset({"hu", "de"})),
        Offer(id="ro", kind="job", online=True, languages=frozenset({"ro"})),
        Offer(id="any", kind="job", online=True),
    ]
    found = run(offers)
    assert (sorted(ids(found)), found.other_language) == (["any", "hu"], 1)
    wanted = next(one for one in found.found if one.offer.id == "hu")
    assert wanted.reasons[-1].values == {"languages": ("hu",)}
    found = run(offers, Ask(any_language=True))
    assert ids(found)[-1] == "ro"


def test_what_is_over_or_for_other_countries_is_not_shown():
    offers = [
        Offer(id="over", kind="job", online=True, last_day=TODAY - timedelta(1)),
        Offer(id="today", kind="job", online=True, last_day=TODAY),
        Offer(id="elsewhere", kind="job", online=True, countries=frozenset({"AT"})),
    ]
    assert ids(run(offers)) == ["today"]
    assert sorted(ids(run(offers, country=None))) == ["elsewhere", "today"]


@pytest.mark.parametrize(("days", "said"), [(0, True), (CLOSES_DAYS, True), (15, False)])
def test_what_closes_soon_says_so(days, said):
    found = run([Offer(id="x", kind="job", last_day=TODAY + timedelta(days))])
    assert ("closes" in codes(found)) is said


def test_across_borders_are_foreign_towns_and_whatever_leads_abroad():
    offers = [
        Offer(id="home", kind="job", place=HOME),
        Offer(id="rs", kind="job", place=OVER),
        Offer(id="corps", kind="abroad"),
        Offer(id="talk", kind="exchange", online=True),
        Offer(id="web", kind="course", online=True),
    ]
    assert sorted(ids(run(offers, Ask(where="abroad"), place=HOME))) == ["corps", "rs", "talk"]
    assert sorted(ids(run(offers, Ask(where="near"), place=HOME, reach_km=60))) == ["home", "rs"]


def test_the_list_is_varied():
    offers = [
        *(Offer(id=f"job{n}", kind="job", interests="R", online=True, provider="a")
          for n in range(4)),
        Offer(id="z", kind="course", interests="RI", online=True, provider="b"),
    ]  # fmt: skip
    assert ids(run(offers, scores=HANDS, sd=SURE)).index("z") == 1


def test_a_broken_profile_is_refused():
    with pytest.raises(ValueError, match="finite"):
        run([Offer(id="x", kind="job")], scores=HANDS | {"R": float("nan")})
    with pytest.raises(ValueError, match="kind"):
        Offer(id="x", kind="party")
    with pytest.raises(ValueError, match="interests"):
        Offer(id="x", kind="job", interests="Z")


OFFERS = st.builds(
    Offer,
    id=st.integers(0, 10**6).map(str),
    kind=st.sampled_from(KINDS),
    interests=st.sampled_from(["", "R", "AS", "RIASEC", "C"]),
    place=st.sampled_from([None, HOME, NEAR, OVER, FAR]),
    online=st.booleans(),
    countries=st.sampled_from([frozenset(), frozenset({"HU"}), frozenset({"AT", "RS"})]),
    languages=st.sampled_from([frozenset(), frozenset({"hu"}), frozenset({"ro", "de"})]),
    last_day=st.sampled_from([None, TODAY, TODAY - timedelta(1), TODAY + timedelta(90)]),
    provider=st.sampled_from("ab"),
)
SEEKERS = st.builds(
    Seeker,
    scores=st.sampled_from([None, HANDS, dict.fromkeys("RIASEC", 8.0)]),
    sd=st.sampled_from([None, SURE]),
    place=st.sampled_from([None, HOME, FAR]),
    country=st.sampled_from([None, "HU", "AT"]),
    reach_km=st.sampled_from([None, 10.0, 60.0]),
    online=st.booleans(),
    languages=st.sampled_from([frozenset(), frozenset({"hu"}), frozenset({"de", "en"})]),
)
ASKS = st.builds(
    Ask,
    kind=st.sampled_from(["", *KINDS]),
    where=st.sampled_from(["", *WHERE]),
    any_language=st.booleans(),
)


@given(st.lists(OFFERS, max_size=12, unique_by=lambda one: one.id), SEEKERS, ASKS)
def test_for_anybody_and_anything(offers, seeker, ask):
    found = match(seeker, offers, ask, TODAY)
    again = match(seeker, list(reversed(offers)), ask, TODAY)
    assert ids(found) == ids(again), "the order of the offers does not matter"
    assert len(found.found) + found.beyond + found.other_language <= len(offers)
    for one in found.found:
        assert one.reasons
        assert 0 <= one.score <= 1
        assert one.offer.last_day is None or one.offer.last_day >= TODAY
        assert not ask.kind or one.offer.kind == ask.kind
        known = not one.offer.languages or one.offer.languages & seeker.languages
        assert known or ask.any_language
