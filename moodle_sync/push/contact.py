"""Meetings in the calendar, messages and notes: Moodle would take each of them twice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from html import unescape

from moodle_sync.calls.contact import (
    Event,
    Message,
    Note,
    create_events,
    create_notes,
    delete_events,
    get_course_notes,
    get_events,
    get_sent,
    send_instant_messages,
)
from moodle_sync.push.context import Push
from moodle_sync.push.groups import groups_of
from moodle_sync.push.intents import DONE, Intent, Verdict, parked

_TAGS = re.compile(r"<[^>]*>")
_CLOCKS_APART = 300


def reference(key: str) -> str:
    """Return the short reference by which we find our own event, note or plan again."""
    return f"[ref {hashlib.sha256(key.encode()).hexdigest()[:10]}]"


def plain(text: str) -> str:
    """Return a text as it was written, out of the HTML that Moodle made of it."""
    return " ".join(unescape(_TAGS.sub(" ", text)).split())


class MakeEvent:
    """Payload {course, group (idnumber), name, description?, starts_at, seconds, cancelled?}.

    The event of a group of two is how a meeting reaches a learner's calendar: Moodle lets nobody
    write a personal event for somebody else. Changing a meeting is a new key and cancelling the
    old one.
    """

    batch = 1
    proves = True

    def look(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Find our events by their reference."""
        verdicts = {}
        for intent in intents:
            payload = intent.payload
            group = groups_of(push, int(payload["course"])).get(str(payload["group"]))
            if group is None:
                verdicts[intent] = DONE if payload.get("cancelled") else parked("no such group")
                continue
            push.seen[f"{intent.key} group"] = group.id
            start = int(payload["starts_at"])
            found = [
                event.id
                for event in get_events(
                    push.reader, group_ids=[group.id], after=start - 86_400, before=start + 86_400
                )
                if reference(intent.key) in event.description
            ]
            push.seen[f"{intent.key} events"] = found
            if bool(found) is not bool(payload.get("cancelled")):
                verdicts[intent] = DONE
        return verdicts

    def send(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Create or delete one event; a denial comes as an empty list."""
        (intent,) = intents
        payload = intent.payload
        if payload.get("cancelled"):
            delete_events(push.writer, push.seen[f"{intent.key} events"])
            return {intent: DONE}
        event = Event(
            course_id=int(payload["course"]),
            group_id=push.seen[f"{intent.key} group"],
            name=str(payload["name"]),
            description=f"{payload.get('description') or ''} {reference(intent.key)}".strip(),
            starts_at=int(payload["starts_at"]),
            seconds=int(payload["seconds"]),
        )
        made = create_events(push.writer, [event])
        if not made:
            return {intent: parked("Moodle did not create it: moodle/calendar:managegroupentries")}
        push.own("event", intent.key, made[0].id, {})
        return {intent: DONE}


class SendMessage:
    """Payload {user, text}; the key is the caller's own, one for each message."""

    batch = 50
    proves = True

    def look(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Where a message may have been sent before, look for it in what we sent."""
        verdicts = {}
        for intent in intents:
            if not intent.sent:
                continue
            since = intent.created_at.timestamp() - _CLOCKS_APART
            wanted = " ".join(str(intent.payload["text"]).split())
            sent = get_sent(push.reader, push.service_user_id, int(intent.payload["user"]))
            if any(plain(text) == wanted and at >= since for text, at in sent):
                verdicts[intent] = DONE
        return verdicts

    def send(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Send; Moodle answers for each message by itself."""
        results = send_instant_messages(
            push.writer,
            [Message(int(i.payload["user"]), str(i.payload["text"])) for i in intents],
        )
        return {
            intent: DONE if result.id is not None else parked(result.refusal or "refused")
            for intent, result in zip(intents, results, strict=True)
        }


class WriteNote:
    """Payload {course, user, text}; the key is the caller's own."""

    batch = 20
    proves = True

    def look(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Where a note may have been written before, look for its reference."""
        verdicts = {}
        for intent in intents:
            if intent.sent:
                course, user = int(intent.payload["course"]), int(intent.payload["user"])
                texts = get_course_notes(push.reader, course, user)
                if any(reference(intent.key) in plain(text) for text in texts):
                    verdicts[intent] = DONE
        return verdicts

    def send(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Write; Moodle answers for each note by itself."""
        results = create_notes(
            push.writer,
            [
                Note(
                    int(intent.payload["user"]),
                    int(intent.payload["course"]),
                    f"{intent.payload['text']} {reference(intent.key)}",
                )
                for intent in intents
            ],
        )
        return {
            intent: DONE if result.id is not None else parked(result.refusal or "refused")
            for intent, result in zip(intents, results, strict=True)
        }
