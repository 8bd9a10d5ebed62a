"""Messages, notes, calendar events, badges and requests about personal data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moodle_sync.client import Caller
from moodle_sync.form import Value
from moodle_sync.record import Record, records

SEND = "core_message_send_instant_messages"
MESSAGES = "core_message_get_messages"
CREATE_NOTES = "core_notes_create_notes"
COURSE_NOTES = "core_notes_get_course_notes"
CREATE_EVENTS = "core_calendar_create_calendar_events"
EVENTS = "core_calendar_get_calendar_events"
DELETE_EVENTS = "core_calendar_delete_calendar_events"
BADGES = "core_badges_get_user_badges"
DATA_REQUESTS = "tool_dataprivacy_get_data_requests"

PLAIN_TEXT = 2
"""Moodle's FORMAT_PLAIN."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The fate of one item of a bulk call: `id` where it worked, else `refusal`."""

    id: int | None
    refusal: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one person, as plain text."""

    user_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A note about a person, for teachers (`course`), the site, or ourselves (`personal`)."""

    user_id: int
    course_id: int
    text: str
    audience: str = "course"


@dataclass(frozen=True, slots=True)
class Event:
    """A calendar event of a group, or of a course where `group_id` is 0; times in seconds."""

    course_id: int
    group_id: int
    name: str
    description: str
    starts_at: int
    seconds: int
    id: int = 0


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge that a person was given."""

    name: str
    issued_at: int | None
    course_id: int | None


@dataclass(frozen=True, slots=True)
class DataRequest:
    """A request under data protection law: type 1 export, 2 delete, 3 other."""

    user_id: int
    type: int
    status: int


def send_instant_messages(caller: Caller, messages: Sequence[Message]) -> list[Sent]:
    """Send messages; the results come in the order of the messages.

    Moodle says "no" to one message with `msgid` -1 inside an HTTP 200.
    """
    rows: list[Value] = [
        {"touserid": item.user_id, "text": item.text, "textformat": PLAIN_TEXT} for item in messages
    ]
    return [_sent(item, "msgid") for item in records(SEND, caller.call(SEND, {"messages": rows}))]


def get_sent(
    caller: Caller, from_user: int, to_user: int, limit: int = 50
) -> list[tuple[str, int]]:
    """Return the newest (text, Unix seconds) that `from_user` (ourselves) sent to a person."""
    params: dict[str, Value] = {
        "useridto": to_user,
        "useridfrom": from_user,
        "type": "conversations",
        "read": 2,
        "newestfirst": True,
        "limitnum": limit,
    }
    found = Record(MESSAGES, caller.call(MESSAGES, params))
    return [(item.text("text"), item.integer("timecreated")) for item in found.records("messages")]


def create_notes(caller: Caller, notes: Sequence[Note]) -> list[Sent]:
    """Write notes; the results come in the order of the notes."""
    rows: list[Value] = [
        {
            "userid": item.user_id,
            "publishstate": item.audience,
            "courseid": item.course_id,
            "text": item.text,
            "format": PLAIN_TEXT,
        }
        for item in notes
    ]
    data = caller.call(CREATE_NOTES, {"notes": rows})
    return [_sent(item, "noteid") for item in records(CREATE_NOTES, data)]


def _sent(item: Record, key: str) -> Sent:
    number = item.integer(key)
    return Sent(number if number > 0 else None, item.text_or_none("errormessage") or "")


def get_course_notes(caller: Caller, course_id: int, user_id: int) -> list[str]:
    """Return the texts of the course notes about a person."""
    found = Record(
        COURSE_NOTES, caller.call(COURSE_NOTES, {"courseid": course_id, "userid": user_id})
    )
    return [
        item.text("content")
        for kind in ("coursenotes", "personalnotes", "sitenotes")
        for item in found.records(kind)
    ]


def create_events(caller: Caller, events: Sequence[Event]) -> list[Event]:
    """Create events; a denial comes as a warning, and the event is missing from the result."""
    rows: list[Value] = [
        {
            "name": item.name,
            "description": item.description,
            "format": PLAIN_TEXT,
            "courseid": item.course_id,
            "groupid": item.group_id,
            "eventtype": "group" if item.group_id else "course",
            "timestart": item.starts_at,
            "timeduration": item.seconds,
        }
        for item in events
    ]
    found = Record(CREATE_EVENTS, caller.call(CREATE_EVENTS, {"events": rows}))
    return [_event(item) for item in found.records("events")]


def get_events(
    caller: Caller,
    *,
    group_ids: Sequence[int] = (),
    course_ids: Sequence[int] = (),
    after: int = 0,
    before: int = 0,
) -> list[Event]:
    """Return the events of groups and courses between two Unix seconds."""
    params: dict[str, Value] = {
        "events": {"groupids": list(group_ids), "courseids": list(course_ids)},
        "options": {
            "userevents": False,
            "siteevents": False,
            "timestart": after,
            "timeend": before,
        },
    }
    return [_event(i) for i in Record(EVENTS, caller.call(EVENTS, params)).records("events")]


def _event(item: Record) -> Event:
    return Event(
        course_id=item.integer_or_none("courseid") or 0,
        group_id=item.integer_or_none("groupid") or 0,
        name=item.text("name"),
        description=item.text_or_none("description") or "",
        starts_at=item.integer("timestart"),
        seconds=item.integer_or_none("timeduration") or 0,
        id=item.integer("id"),
    )


def delete_events(caller: Caller, event_ids: Sequence[int]) -> None:
    """Delete events by id, none of their repetitions."""
    rows: list[Value] = [{"eventid": number, "repeat": False} for number in event_ids]
    caller.call(DELETE_EVENTS, {"events": rows})


def get_user_badges(caller: Caller, user_id: int) -> list[Badge]:
    """Return a person's badges."""
    found = Record(BADGES, caller.call(BADGES, {"userid": user_id}))
    return [
        Badge(item.text("name"), item.time_or_none("dateissued"), item.integer_or_none("courseid"))
        for item in found.records("badges")
    ]


def get_data_requests(caller: Caller, types: Sequence[int] = ()) -> list[DataRequest]:
    """Return requests about personal data (for accounts with the officer's role)."""
    found = Record(DATA_REQUESTS, caller.call(DATA_REQUESTS, {"types": list(types)}))
    return [
        DataRequest(item.integer("userid"), item.integer("type"), item.integer("status"))
        for item in found.records("requests")
    ]
