"""What the mentee's pages send: allow-listed, and kept as it is for a page that asks again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from lti_tool.learner.mentor import operations
from lti_tool.learner.mentor.words import AGES, REACHES
from lti_tool.mentoring import mentees
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.codes import LANGUAGES
from lti_tool.mentoring.errors import NotValid
from lti_tool.mentoring.models import Mentee
from lti_tool.mentoring.towns import find_town, town_at

Form = MultiDict[str, str]
ROWS = 4
"""Languages that one page asks for."""
_MOST = 40
"""No page of ours has more boxes of one name."""


def shown(step: str, row: Mentee, country: str | None, language: str) -> Form:
    """Return what a page shows as said already, named as its fields are."""
    values: dict[str, Any] = {}
    if step == "about":
        year = row.birth_year
        values = {"nickname": row.nickname, "birth_year": "" if year is None else str(year),
                  "gender": row.gender or ""}  # fmt: skip
    elif step == "languages":
        spoken = row.languages or ({language: 6} if language in LANGUAGES else {})
        for number, (code, level) in enumerate(spoken.items(), start=1):
            values |= {f"language{number}": code, f"level{number}": str(level)}
    elif step == "times":
        values = {"slot": list(row.slots), "in_writing": ["1"] if row.in_writing else []}
    elif step == "ways":
        ways = [way for way in ("online", "near") if getattr(row, way)]
        town = town_at(row.latitude, row.longitude, country)
        values = {"way": ways, "town": town.shown(language) if town else "",
                  "reach": str(round(row.reach_km))}  # fmt: skip
    elif step == "help":
        values = {"help": row.help, "field": row.fields, "background": row.background}
    else:
        values = {"with": row.genders, "ages": ages_of(row)}
    return MultiDict(values)


def ages_of(row: Mentee) -> str:
    """Return the answer of words.AGES that a row stands for."""
    said = (row.age_from, row.age_to)
    return next((key for key, (_label, span) in AGES.items() if span == said), "any")


def save(
    session: Session, actor: Actor, step: str, form: Form, country: str | None, now: datetime
) -> None:
    """Save what a page sent; `country` is the one whose towns are meant first.

    Raises:
        NotYours: the learner has not begun.
        NotValid: the field.
    """
    if step == "about":
        mentees.say_about(
            session,
            actor,
            now,
            nickname=form.get("nickname", "")[:200],
            birth_year=_year(form.get("birth_year", "")),
            gender=form.get("gender") or None,
        )
    elif step == "ways":
        operations.say(session, actor, _ways(form, country))
    else:
        operations.say(session, actor, _READERS[step](form))


def _year(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (len(text) == 4 and text.isascii() and text.isdigit()):
        raise NotValid("birth_year")
    return int(text)


def _languages(form: Form) -> dict[str, Any]:
    spoken: dict[str, int] = {}
    for number in range(1, ROWS + 1):
        code, level = form.get(f"language{number}", ""), form.get(f"level{number}", "")
        if not code and not level:
            continue
        if code not in LANGUAGES or level not in {"1", "2", "3", "4", "5", "6"}:
            raise NotValid("languages")
        spoken[code] = max(int(level), spoken.get(code, 0))
    return {"languages": spoken}


def _times(form: Form) -> dict[str, Any]:
    return {"slots": _several(form, "slot"), "in_writing": form.get("in_writing") == "1"}


def _ways(form: Form, country: str | None) -> dict[str, Any]:
    ways, reach, typed = _several(form, "way"), form.get("reach", "30"), form.get("town", "")
    if not set(ways) <= {"online", "near"}:
        raise NotValid("ways")
    if reach not in {str(one) for one in REACHES}:
        raise NotValid("reach_km")
    town = find_town(typed, form.get("town_id"), country).town if typed.strip() else None
    if town is None and (typed.strip() or "near" in ways):
        raise NotValid("place")
    return {
        "online": "online" in ways,
        "near": "near" in ways,
        "latitude": town.latitude if town else None,
        "longitude": town.longitude if town else None,
        "reach_km": float(reach),
    }


def _help(form: Form) -> dict[str, Any]:
    return {
        "help": _several(form, "help"),
        "fields": _several(form, "field"),
        "background": _several(form, "background"),
    }


def _wanted(form: Form) -> dict[str, Any]:
    ages = form.get("ages", "any")
    if ages not in AGES:
        raise NotValid("ages")
    return {"genders": _several(form, "with"), "ages": AGES[ages][1]}


def _several(form: Form, name: str) -> list[str]:
    return form.getlist(name)[:_MOST]


_READERS: dict[str, Callable[[Form], dict[str, Any]]] = {
    "languages": _languages,
    "times": _times,
    "help": _help,
    "wanted": _wanted,
}
