"""Which offers suit somebody, in which order, and why.

Hard rules first: not over, open to the person's country, in a language that they understand,
within reach. What is left is ordered by

    score = .45 interests + .35 nearness + .20 for a language in common

- interests: Pearson's correlation of the six interests with the letters of the offer, drawn
  towards zero by how reliable the profile is (variance between the interests over that plus the
  mean error variance), so that a flat or short profile orders little;
- nearness: exp(-km / 60), so 10 km counts .85, 30 km .61, 100 km .19; online counts .6 where it
  suits, as much as a place 30 km away: no way, but nobody to meet; .5 where the way is not known.

The list is then varied by maximal marginal relevance (Carbonell and Goldstein 1998): two offers
are alike by kind, provider and interests. Everything is decided by the values alone; ties by id.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from adaptive.opportunities.model import SCALES, Ask, Match, Matches, Offer, Seeker
from adaptive.places import distance_km
from adaptive.reasons import Reason

INTERESTS, NEARNESS, LANGUAGE = 0.45, 0.35, 0.20
NEAR_KM = 60.0
ONLINE = 0.6
ONLINE_UNWANTED = 0.2
UNKNOWN_WAY = 0.5
FOREIGN = 0.2
DIVERSITY = 0.2
POOL = 200
LIKED = 0.6
"""From this fit on an interest is said as a reason."""
CLOSES_DAYS = 14
_REASONS = 3


def match(
    seeker: Seeker, offers: Iterable[Offer], ask: Ask, today: date, limit: int = 30
) -> Matches:
    """Return up to `limit` offers for a person, best first but varied, each with reasons."""
    taste = _Taste.of(seeker)
    found: list[Match] = []
    beyond = other_language = 0
    for offer in offers:
        if not _open_to(offer, seeker, today) or (ask.kind and offer.kind != ask.kind):
            continue
        km = distance_km(seeker.place, offer.place) if seeker.place and offer.place else None
        understood = _understood(offer, seeker)
        reached = _reached(offer, seeker, ask, km)
        if reached and not understood and not ask.any_language:
            other_language += 1
        elif not reached and understood and _too_far(seeker, ask, km):
            beyond += 1
        elif reached:
            found.append(_judge(offer, seeker, taste, km, today))
    found.sort(key=lambda one: (-one.score, one.offer.id))
    return Matches(tuple(_varied(found[:POOL], limit)), beyond, other_language)


def _open_to(offer: Offer, seeker: Seeker, today: date) -> bool:
    over = offer.last_day is not None and offer.last_day < today
    elsewhere = bool(seeker.country and offer.countries and seeker.country not in offer.countries)
    return not over and not elsewhere


def _understood(offer: Offer, seeker: Seeker) -> bool:
    return not offer.languages or bool(offer.languages & seeker.languages)


def crosses_border(offer: Offer, country: str | None) -> bool:
    """Whether an offer leads to people of another country, online or on the spot."""
    foreign = offer.place is not None and country is not None and offer.place.country != country
    return foreign or offer.kind in {"abroad", "exchange"}


def _within(seeker: Seeker, km: float | None) -> bool:
    return km is not None and (seeker.reach_km is None or km <= seeker.reach_km)


def _reached(offer: Offer, seeker: Seeker, ask: Ask, km: float | None) -> bool:
    if ask.where == "everywhere":
        return True
    if ask.where == "near":
        return _within(seeker, km)
    if ask.where == "online":
        return offer.online
    if ask.where == "abroad":
        return crosses_border(offer, seeker.country)
    if offer.place is None:
        return seeker.online or not offer.online
    return _within(seeker, km) or seeker.place is None or (offer.online and seeker.online)


def _too_far(seeker: Seeker, ask: Ask, km: float | None) -> bool:
    return ask.where in {"", "near"} and km is not None and not _within(seeker, km)


@dataclass(frozen=True, slots=True)
class _Taste:
    """A person's interests: centred scores, their length, and how far they can be trusted."""

    centred: tuple[float, ...]
    length: float
    reliability: float

    @classmethod
    def of(cls, seeker: Seeker) -> _Taste | None:
        if seeker.scores is None:
            return None
        scores = [float(seeker.scores[letter]) for letter in SCALES]
        mean = sum(scores) / len(scores)
        centred = tuple(score - mean for score in scores)
        between = sum(one * one for one in centred) / len(centred)
        error = sum(float((seeker.sd or {}).get(letter, 0.0)) ** 2 for letter in SCALES) / 6
        if not math.isfinite(between + error):
            raise ValueError("an interest is no finite number")
        if not between:
            return None
        return cls(centred, math.sqrt(between * len(centred)), between / (between + error))

    def fit(self, letters: str) -> float:
        """Return 0 (what they like least) to 1 (what they like most); .5 says nothing."""
        wanted = [1.0 if letter in letters else 0.0 for letter in SCALES]
        mean = sum(wanted) / len(wanted)
        length = math.sqrt(sum((one - mean) ** 2 for one in wanted))
        if not length:
            return 0.5
        together = sum(a * (b - mean) for a, b in zip(self.centred, wanted, strict=True))
        return 0.5 + 0.5 * self.reliability * together / (self.length * length)

    def favourite(self, letters: str) -> str | None:
        """Return the letter of an offer that the person likes most, if they like one at all."""
        liked = [
            (value, letter)
            for value, letter in zip(self.centred, SCALES, strict=True)
            if letter in letters and value > 0
        ]
        return max(liked)[1] if liked else None


def _nearness(offer: Offer, seeker: Seeker, km: float | None) -> float:
    ways = [0.0]
    if offer.online:
        ways.append(ONLINE if seeker.online else ONLINE_UNWANTED)
    if km is not None:
        ways.append(math.exp(-km / NEAR_KM))
    elif offer.place is not None:
        known_foreign = seeker.country is not None and offer.place.country != seeker.country
        ways.append(FOREIGN if known_foreign else UNKNOWN_WAY)
    elif not offer.online:
        ways.append(UNKNOWN_WAY)
    return max(ways)


def _judge(
    offer: Offer, seeker: Seeker, taste: _Taste | None, km: float | None, today: date
) -> Match:
    fit = taste.fit(offer.interests) if taste and offer.interests else 0.5
    score = (
        INTERESTS * fit
        + NEARNESS * _nearness(offer, seeker, km)
        + LANGUAGE * (1.0 if _understood(offer, seeker) else 0.0)
    )
    return Match(offer, score, km, _reasons(offer, seeker, taste, fit, km, today))


def _reasons(
    offer: Offer, seeker: Seeker, taste: _Taste | None, fit: float, km: float | None, today: date
) -> tuple[Reason, ...]:
    found = []
    letter = taste.favourite(offer.interests) if taste and fit >= LIKED else None
    if letter:
        found.append(Reason("interest", {"scale": letter}))
    found += _ways(offer, seeker, km)
    common = sorted(offer.languages & seeker.languages)
    if common:
        found.append(Reason("language", {"languages": tuple(common)}))
    if not found:
        found.append(Reason("anybody"))
    found = found[:_REASONS]
    if offer.last_day is not None and (days := (offer.last_day - today).days) <= CLOSES_DAYS:
        found.append(Reason("closes", {"days": days}))
    return tuple(found)


def _ways(offer: Offer, seeker: Seeker, km: float | None) -> list[Reason]:
    """Say how it can be reached: from the town, else online, else that it asks for no town."""
    found = []
    place = offer.place
    if place and km is not None and _within(seeker, km):
        if seeker.place and place.id == seeker.place.id:
            found.append(Reason("same_town"))
        else:
            border = seeker.country is not None and place.country != seeker.country
            found.append(Reason("across" if border else "near", {"km": max(1, round(km))}))
    elif offer.online:
        found.append(Reason("online"))
    elif place is None:
        found.append(Reason("abroad" if offer.kind == "abroad" else "anywhere"))
    return found


def _likeness(one: Offer, other: Offer) -> float:
    mine, theirs = set(one.interests), set(other.interests)
    both = mine | theirs
    return (
        0.5 * (one.kind == other.kind)
        + 0.25 * (one.provider == other.provider)
        + 0.25 * (len(mine & theirs) / len(both) if both else 0.0)
    )


def _varied(pool: list[Match], limit: int) -> list[Match]:
    rest = list(pool)
    likeness = dict.fromkeys((one.offer.id for one in pool), 0.0)
    chosen: list[Match] = []
    while rest and len(chosen) < limit:
        best = max(
            rest,
            key=lambda one: (1 - DIVERSITY) * one.score - DIVERSITY * likeness[one.offer.id],
        )
        rest.remove(best)
        chosen.append(best)
        for one in rest:
            likeness[one.offer.id] = max(likeness[one.offer.id], _likeness(one.offer, best.offer))
    return chosen
