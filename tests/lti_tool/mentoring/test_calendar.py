"""Times that overlap, and the calendar file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.mentoring.calendar import calendar_file, common_slots, next_starts, zone_of
from lti_tool.mentoring.models import Meeting

NOW = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)  # a Friday; summer time begins on Sunday


def test_common_times_come_in_the_order_of_the_week():
    one, other = {"sun-morning", "mon-evening", "tue-evening"}, ["tue-evening", "mon-evening"]
    assert common_slots(one, other) == ["mon-evening", "tue-evening"]
    assert common_slots({"mon-evening"}, {"mon-morning"}) == []


def test_next_starts_are_local_hours_on_both_sides_of_summer_time():
    found = next_starts(["sat-morning", "mon-morning"], NOW, zone_of("HU"), 2)
    assert found == [
        datetime(2026, 3, 28, 9, 0, tzinfo=UTC),
        datetime(2026, 3, 30, 8, 0, tzinfo=UTC),
    ]
    assert next_starts([], NOW, zone_of(None)) == []
    assert zone_of("BG").key == "Europe/Sofia"


def meeting(**more):
    return Meeting(id="m1", state="confirmed", starts_at=NOW, minutes=45, sequence=2, **more)


def test_the_file_is_as_rfc_5545_wants_it():
    text = calendar_file(meeting(), "Talk; with, a\\b\nmentor", "tool.example", NOW)
    lines = text.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == ""
    assert "UID:m1@tool.example" in lines
    assert "DTSTART:20260327T090000Z" in lines
    assert "DTEND:20260327T094500Z" in lines
    assert "SEQUENCE:2" in lines
    assert "STATUS:CONFIRMED" in lines
    assert "SUMMARY:Talk\\; with\\, a\\\\b mentor" in lines


def test_a_long_line_is_folded_between_letters():
    text = calendar_file(meeting(), "ű" * 100, "tool.example", NOW)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert f"SUMMARY:{'ű' * 100}" in text.replace("\r\n ", "")


def test_cancelled_says_so_and_no_time_is_no_file():
    row = meeting()
    row.state = "cancelled"
    assert "STATUS:CANCELLED" in calendar_file(row, "x", "h", NOW + timedelta(days=1))
    row.starts_at = None
    with pytest.raises(ValueError, match="without a time"):
        calendar_file(row, "x", "h", NOW)
