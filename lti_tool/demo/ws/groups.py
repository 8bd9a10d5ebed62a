"""Web services about groups, events and messages."""

from __future__ import annotations

import json
import time
from typing import Any

from lti_tool.demo.population import SERVICE
from lti_tool.demo.site import store
from lti_tool.demo.store import Row
from lti_tool.demo.ws.protocol import (
    Optional,
    course_or_error,
    function,
    invalid_parameter,
    no_record,
)

_MEMBERS = [{"groupid": int, "userid": int}]


def _shown(row: Row) -> dict[str, Any]:
    return {**dict(row), "participation": bool(row["participation"])}


def _group(group: int) -> Row:
    row = store().one("SELECT id, course AS courseid, name, description, descriptionformat,"
                      " enrolmentkey, idnumber, visibility, participation FROM grp WHERE id=?",
                      group)  # fmt: skip
    if row is None:
        raise no_record("groups")
    return row


@function("core_group_get_course_groups", courseid=int)
def get_course_groups(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """List a course's groups."""
    course_or_error(asked["courseid"])
    rows = store().all("SELECT id FROM grp WHERE course=? ORDER BY name, id", asked["courseid"])
    return [_shown(_group(row["id"])) for row in rows]


@function("core_group_get_groups", groupids=[int])
def get_groups(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Show groups by id."""
    return [_shown(_group(group)) for group in asked["groupids"]]


@function("core_group_get_group_members", groupids=[int])
def get_group_members(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """List who is in the groups."""
    return [
        {
            "groupid": _group(group)["id"],
            "userids": [
                row["id"]
                for row in store().all(
                    "SELECT u.id FROM user u JOIN grp_member m ON m.user=u.id WHERE m.grp=?"
                    " ORDER BY u.lastname, u.firstname, u.id",
                    group,
                )
            ],
        }
        for group in asked["groupids"]
    ]


@function(
    "core_group_create_groups",
    groups=[
        {
            "courseid": int, "name": str, "description": str,
            "descriptionformat": Optional(int, 1), "enrolmentkey": Optional(str, ""),
            "idnumber": Optional(str, ""), "visibility": Optional(int, 0),
            "participation": Optional(bool, True),
        }
    ],
)  # fmt: skip
def create_groups(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Create all groups or none; a name that is taken, or an idnumber, is an error."""
    made = []
    with store().transaction():
        for one in asked["groups"]:
            course_or_error(one["courseid"])
            taken = store().one(
                "SELECT 1 FROM grp WHERE course=?1 AND (name=?2 OR (?3<>'' AND idnumber=?3))",
                one["courseid"], one["name"], one["idnumber"],
            )  # fmt: skip
            if taken or not one["name"].strip():
                raise invalid_parameter()
            made.append(
                store().run(
                    "INSERT INTO grp (course, name, description, descriptionformat, enrolmentkey,"
                    " idnumber, visibility, participation) VALUES (?,?,?,?,?,?,?,?)",
                    *one.values(),
                )
            )
    return [_shown(_group(group)) for group in made]


@function("core_group_add_group_members", members=_MEMBERS)
def add_group_members(asked: dict[str, Any]) -> None:
    """Add people who are enrolled; adding twice is no error."""
    with store().transaction():
        for one in asked["members"]:
            group = _group(one["groupid"])
            enrolled = store().one(
                "SELECT 1 FROM enrolment WHERE course=? AND user=?",
                group["courseid"], one["userid"],
            )  # fmt: skip
            if enrolled is None:
                raise invalid_parameter()
            store().run(
                "INSERT OR IGNORE INTO grp_member VALUES (?,?)", one["groupid"], one["userid"]
            )


@function("core_group_delete_group_members", members=_MEMBERS)
def delete_group_members(asked: dict[str, Any]) -> None:
    """Take people out of groups; who is absent is no error."""
    with store().transaction():
        for one in asked["members"]:
            _group(one["groupid"])
            store().run(
                "DELETE FROM grp_member WHERE grp=? AND user=?", one["groupid"], one["userid"]
            )


@function(
    "core_calendar_create_calendar_events",
    events=[
        {
            "name": str, "description": Optional(str), "format": Optional(int, 1),
            "courseid": Optional(int, 0), "groupid": Optional(int, 0), "repeats": Optional(int, 0),
            "eventtype": Optional(str, "user"), "timestart": Optional(int),
            "timeduration": Optional(int, 0), "visible": Optional(int, 1),
            "sequence": Optional(int, 1),
        }
    ],
)  # fmt: skip
def create_calendar_events(asked: dict[str, Any]) -> dict[str, Any]:
    """Write events; their owner is always the caller, so a learner gets none of their own."""
    now, made = int(time.time()), []
    for one in asked["events"]:
        event = {
            "id": 0, "name": one["name"], "description": one["description"],
            "format": one["format"], "courseid": one["courseid"], "groupid": one["groupid"],
            "userid": SERVICE, "modulename": "", "instance": 0, "eventtype": one["eventtype"],
            "timestart": now if one["timestart"] is None else one["timestart"],
            "timeduration": one["timeduration"], "visible": one["visible"], "uuid": "",
            "sequence": one["sequence"], "timemodified": now, "subscriptionid": None,
        }  # fmt: skip
        event["id"] = store().run("INSERT INTO event (body) VALUES ('{}')")
        store().run("UPDATE event SET body=? WHERE id=?", json.dumps(event), event["id"])
        made.append(event)
    return {"events": made, "warnings": []}


@function(
    "core_message_send_instant_messages",
    messages=[
        {
            "touserid": int, "text": str, "textformat": Optional(int, 0),
            "clientmsgid": Optional(str),
        }
    ],
)  # fmt: skip
def send_instant_messages(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Send messages; what fails, fails alone, with msgid -1 and a reason."""
    return [_send(one, int(time.time())) for one in asked["messages"]]


def _send(one: dict[str, Any], now: int) -> dict[str, Any]:
    echo = {"clientmsgid": one["clientmsgid"]} if one["clientmsgid"] is not None else {}
    person = store().one("SELECT * FROM user WHERE id=?", one["touserid"])
    if person is None or not person["messages"]:
        reason = "You can't message this user due to their message preferences. Try adding them"
        return {
            "msgid": -1,
            **echo,
            "errormessage": f"{reason} as a contact.",
            "candeletemessagesforallusers": False,
        }
    message = store().run(
        "INSERT INTO message (touser, text, timecreated) VALUES (?,?,?)",
        one["touserid"], one["text"], now,
    )  # fmt: skip
    return {
        "msgid": message, **echo, "text": one["text"], "timecreated": now,
        "conversationid": one["touserid"], "useridfrom": SERVICE,
        "candeletemessagesforallusers": False,
    }  # fmt: skip
