"""Checks of what people fill in, the same for both sides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from lti_tool.mentoring.codes import BACKGROUND, FIELDS, GENDERS, HELP, LANGUAGES, SLOTS
from lti_tool.mentoring.errors import NotValid
from lti_tool.mentoring.models import Mentee, Mentor

_OLDEST = 100
LONGEST = 1000
"""Letters of a free text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Languages {code: CEFR level 1 to 6}, weekly times, ways of meeting, fields and help.

    A place is coordinates in degrees; they are stored rounded to a tenth of a degree.
    """

    languages: Mapping[str, int]
    slots: Collection[str]
    in_writing: bool = False
    online: bool = True
    near: bool = False
    latitude: float | None = None
    longitude: float | None = None
    reach_km: float = 30.0
    fields: Collection[str] = ()
    help: Collection[str] = ()
    background: Collection[str] = ()


def chosen(name: str, given: Iterable[str], offered: Collection[str], most: int = 99) -> list[str]:
    """Return what was chosen, in the order offered, each once.

    Raises:
        NotValid: `name`, for a code that is not offered or more than `most`.
    """
    found = set(given)
    if not found <= set(offered) or len(found) > most:
        raise NotValid(name)
    return [code for code in offered if code in found]


def short(name: str, text: str, most: int = LONGEST, *, needed: bool = True) -> str:
    """Return a text without spaces around it.

    Raises:
        NotValid: `name`, for one that is empty (where it is needed) or longer than `most`.
    """
    text = text.strip()
    if len(text) > most or (needed and not text) or "\x00" in text:
        raise NotValid(name)
    return text


def year_of_birth(year: int | None, now: datetime) -> int | None:
    """Return a year of birth; raises NotValid ("birth_year") for one that nobody living has."""
    if year is not None and not now.year - _OLDEST <= year <= now.year - 10:
        raise NotValid("birth_year")
    return year


def gender_of(gender: str | None) -> str | None:
    """Return a gender or None for "rather not say"; raises NotValid ("gender")."""
    if gender is not None and gender not in GENDERS:
        raise NotValid("gender")
    return gender


def fill_offer(row: Mentor | Mentee, offer: Offer, *, whole: bool = True) -> None:
    """Write what both sides say alike into a row; `whole` False leaves room for more pages.

    Raises:
        NotValid: the name of the field.
    """
    levels = dict(offer.languages)
    if not set(levels) <= set(LANGUAGES) or not all(
        level in range(1, 7) for level in levels.values()
    ):
        raise NotValid("languages")
    if whole and (missing := missing_of(offer)):
        raise NotValid(missing[0])
    values: dict[str, Any] = {
        "languages": levels,
        "slots": chosen("slots", offer.slots, SLOTS),
        "in_writing": offer.in_writing,
        "online": offer.online,
        "near": offer.near,
        "reach_km": _between("reach_km", offer.reach_km, 0, 500),
        "latitude": _degrees("place", offer.latitude, 90),
        "longitude": _degrees("place", offer.longitude, 180),
        "fields": chosen("fields", offer.fields, FIELDS),
        "help": chosen("help", offer.help, HELP),
        "background": chosen("background", offer.background, BACKGROUND),
    }
    if (values["latitude"] is None) is not (values["longitude"] is None):
        raise NotValid("place")
    for name, value in values.items():
        setattr(row, name, value)


def missing_of(offer: Offer) -> list[str]:
    """Return what nobody can be matched without and is not said: languages, ways, slots."""
    needed = {
        "languages": offer.languages,
        "ways": offer.online or offer.near,
        "slots": offer.slots or offer.in_writing,
    }
    return [name for name, said in needed.items() if not said]


def offer_of(row: Mentor | Mentee) -> Offer:
    """Return what a row says already, for a page that changes one part of it."""
    return Offer(**{one.name: getattr(row, one.name) for one in fields(Offer)})


def _between(name: str, value: float, least: float, most: float) -> float:
    if not least <= value <= most:
        raise NotValid(name)
    return value


def _degrees(name: str, value: float | None, most: float) -> float | None:
    return None if value is None else round(_between(name, value, -most, most), 1)
