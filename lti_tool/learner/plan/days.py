"""Days of a plan: today where the learner lives, quick choices, and a day as it was typed."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.mentoring.moments import zone_of_tenant

FURTHEST = timedelta(days=3 * 366)
LATER = (1, 7, 14)
"""By how many days a step can be moved with one tap."""
QUICK = ("this_week", "next_week", "none", "day")
"""Ways to say when; "day" is one's own date."""
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z")
_LOCAL = re.compile(r"(\d{1,2})[./ -]+(\d{1,2})[./ -]+(\d{4})[.\s]*\Z")
_YEAR_FIRST = re.compile(r"(\d{4})[./ ]+(\d{1,2})[./ ]+(\d{1,2})[.\s]*\Z")


class NotADay(ValueError):
    """code: "missing", "unclear" for no day at all, "over" for the past, "far" for too far away."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


def today_of(session: Session, tenant_id: str, now: datetime) -> date:
    """Return the day in the country of an organisation."""
    return now.astimezone(zone_of_tenant(session, tenant_id)).date()


def quick_days(today: date) -> dict[str, date]:
    """Return the last day of this week and of the next; on a Sunday this week ends today."""
    sunday = today + timedelta(days=6 - today.weekday())
    return {"this_week": sunday, "next_week": sunday + timedelta(days=7)}


def later_days(due: date | None, today: date) -> list[date]:
    """Return the days to which a step can be moved with one tap, counted from today or its day."""
    start = max(due or today, today)
    return [start + timedelta(days=days) for days in LATER]


def chosen_day(when: str, typed: str, today: date, before: date | None = None) -> date | None:
    """Return the day that a form names, None for no day.

    A day that was typed counts whatever else is ticked, so that nothing typed is lost. `before` is
    the day as it was: the form shows it, and it may stay although it is over.

    Raises:
        NotADay: as its codes say.
    """
    day = read_day(typed) if typed.strip() else None
    if day is None or day == before:
        if when in ("this_week", "next_week"):
            return quick_days(today)[when]
        if when == "day":
            if day is None:
                raise NotADay("missing")
            return day
        return None if when == "none" else day
    if day < today:
        raise NotADay("over")
    if day > today + FURTHEST:
        raise NotADay("far")
    return day


def read_day(typed: str) -> date:
    """Read a day as a date field sends it (2027-03-01), or as people write it (1.3.2027).

    Raises:
        NotADay: "unclear".
    """
    typed = typed.strip()
    found = _ISO.match(typed) or _YEAR_FIRST.match(typed)
    if found:
        year, month, day = found.groups()
    elif found := _LOCAL.match(typed):
        day, month, year = found.groups()
    else:
        raise NotADay("unclear")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise NotADay("unclear") from None
