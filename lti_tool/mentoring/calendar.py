"""Times that suit both, and a meeting as a calendar file (RFC 5545)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lti_tool.mentoring.codes import DAYS, PARTS, SLOTS
from lti_tool.mentoring.models import Meeting

_ZONES = {
    "AT": "Europe/Vienna", "DE": "Europe/Berlin", "HU": "Europe/Budapest",
    "SK": "Europe/Bratislava", "CZ": "Europe/Prague", "SI": "Europe/Ljubljana",
    "RO": "Europe/Bucharest", "BG": "Europe/Sofia", "RS": "Europe/Belgrade",
    "BA": "Europe/Sarajevo", "HR": "Europe/Zagreb",
}  # fmt: skip
_LINE = 75
"""Octets of a line before it is folded (RFC 5545, 3.1)."""


def zone_of(country: str | None) -> ZoneInfo:
    """Return the time zone of a partner country; Vienna where the country is not known."""
    return ZoneInfo(_ZONES.get(country or "", "Europe/Vienna"))


def common_slots(one: Collection[str], other: Collection[str]) -> list[str]:
    """Return the weekly times that both named, in the order of the week."""
    return [slot for slot in SLOTS if slot in one and slot in other]


def next_starts(
    slots: Collection[str], now: datetime, zone: ZoneInfo, count: int = 3
) -> list[datetime]:
    """Return the next starts in these weekly times, in UTC, from tomorrow on.

    A weekly time stands for one hour of the day (codes.PARTS), local time.
    """
    today = now.astimezone(zone).date()
    found = []
    for ahead in range(1, 29):
        day = today + timedelta(days=ahead)
        for part, hour in PARTS.items():
            if f"{DAYS[day.weekday()]}-{part}" in slots:
                local = datetime.combine(day, time(hour), zone)
                found.append(local.astimezone(UTC))
    return found[:count]


def calendar_file(meeting: Meeting, summary: str, host: str, now: datetime) -> str:
    """Return a confirmed or cancelled meeting as the text of an .ics file.

    `summary` names nobody; `host` makes the UID unique. The same meeting has the same UID and a
    rising SEQUENCE, so a calendar replaces what it had.

    Raises:
        ValueError: the meeting has no time yet.
    """
    if meeting.starts_at is None:
        raise ValueError("a meeting without a time has no calendar file")
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Back on Track//Mentoring//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{meeting.id}@{host}",
        f"SEQUENCE:{meeting.sequence}",
        f"DTSTAMP:{_stamp(now)}",
        f"DTSTART:{_stamp(meeting.starts_at)}",
        f"DTEND:{_stamp(meeting.starts_at + timedelta(minutes=meeting.minutes))}",
        f"SUMMARY:{_escape(summary)}",
        f"STATUS:{'CANCELLED' if meeting.state == 'cancelled' else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escape(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def _fold(line: str) -> str:
    """Break a line into pieces of at most 75 octets, never inside a letter."""
    pieces, piece, size = [], "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > _LINE:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + sign, size + octets
    return "\r\n".join([*pieces, piece])
