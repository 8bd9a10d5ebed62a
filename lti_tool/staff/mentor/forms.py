"""What the two steps of the application send: allow-listed, and kept for a page that asks again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from lti_tool.mentoring import mentors
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.codes import LANGUAGES
from lti_tool.mentoring.errors import NotValid
from lti_tool.mentoring.models import Mentor
from lti_tool.mentoring.towns import find_town, town_at
from lti_tool.mentoring.values import Offer
from lti_tool.staff.mentor.words import CAPACITIES, REACHES

Form = MultiDict[str, str]
ROWS = 4
"""Languages that the page asks for."""
_MOST = 40
"""No list of boxes is longer."""
_LEVELS = frozenset("123456")


def shown(step: str, row: Mentor, country: str | None, language: str) -> Form:
    """Return what a step shows as said already, named as its fields are."""
    if step == "about":
        year = row.birth_year
        return MultiDict(
            {
                "nickname": row.nickname,
                "about": row.about,
                "birth_year": "" if year is None else str(year),
                "gender": row.gender or "",
                "employer": row.employer or "",
            }
        )
    town = town_at(row.latitude, row.longitude, country)
    values: dict[str, Any] = {
        "slot": row.slots,
        "in_writing": ["1"] if row.in_writing else [],
        "way": [way for way in ("online", "near") if getattr(row, way)],
        "town": town.shown(language) if town else "",
        "reach": str(round(row.reach_km)),
        "help": row.help,
        "field": row.fields,
        "background": row.background,
        "capacity": str(row.capacity),
        "across": ["1"] if row.across else [],
    }
    spoken = row.languages or ({language: 6} if language in LANGUAGES else {})
    for number, (code, level) in enumerate(spoken.items(), start=1):
        values |= {f"language{number}": code, f"level{number}": str(level)}
    return MultiDict(values)


def save(
    session: Session, actor: Actor, step: str, form: Form, country: str | None, now: datetime
) -> None:
    """Save one step; `country` is the one whose towns are meant first.

    Raises:
        NotYours: the actor has not begun.
        NotValid: the field.
        NotAllowed: "about" before step one; "capacity" below the mentees that are there.
    """
    if step == "about":
        mentors.say_about(
            session,
            actor,
            now,
            nickname=form.get("nickname", ""),
            about=form.get("about", ""),
            birth_year=_year(form.get("birth_year", "")),
            gender=form.get("gender") or None,
            employer=form.get("employer") or None,
        )
        return
    capacity = form.get("capacity", "")
    if capacity not in {str(one) for one in CAPACITIES}:
        raise NotValid("capacity")
    mentors.say_offer(
        session,
        actor,
        _offer(form, country),
        int(capacity),
        now,
        across=form.get("across") == "1",
    )


def _offer(form: Form, country: str | None) -> Offer:
    ways, reach, typed = _several(form, "way"), form.get("reach", "30"), form.get("town", "")
    if not set(ways) <= {"online", "near"}:
        raise NotValid("ways")
    if reach not in {str(one) for one in REACHES}:
        raise NotValid("reach_km")
    town = find_town(typed, form.get("town_id"), country).town if typed.strip() else None
    if town is None and (typed.strip() or "near" in ways):
        raise NotValid("place")
    return Offer(
        languages=_languages(form),
        slots=_several(form, "slot"),
        in_writing=form.get("in_writing") == "1",
        online="online" in ways,
        near="near" in ways,
        latitude=town.latitude if town else None,
        longitude=town.longitude if town else None,
        reach_km=float(reach),
        fields=_several(form, "field"),
        help=_several(form, "help"),
        background=_several(form, "background"),
    )


def _languages(form: Form) -> dict[str, int]:
    spoken: dict[str, int] = {}
    for number in range(1, ROWS + 1):
        code, level = form.get(f"language{number}", ""), form.get(f"level{number}", "")
        if not code and not level:
            continue
        if code not in LANGUAGES or level not in _LEVELS:
            raise NotValid("languages")
        spoken[code] = max(int(level), spoken.get(code, 0))
    return spoken


def _year(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (len(text) == 4 and text.isascii() and text.isdigit()):
        raise NotValid("birth_year")
    return int(text)


def _several(form: Form, name: str) -> list[str]:
    return form.getlist(name)[:_MOST]
