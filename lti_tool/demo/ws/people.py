"""Web services about people and their enrolments."""

from __future__ import annotations

import time
from typing import Any

from lti_tool.demo.population import ROLES
from lti_tool.demo.site import site, store
from lti_tool.demo.store import Row
from lti_tool.demo.ws.progress import share_done
from lti_tool.demo.ws.protocol import (
    Optional,
    WsError,
    course_or_error,
    function,
    invalid_parameter,
)

_OPTIONS = Optional([{"name": str, "value": str}], [])
_SORTS = {
    "id": lambda row: row["id"],
    "firstname": lambda row: (row["firstname"], row["id"]),
    "lastname": lambda row: (row["lastname"], row["id"]),
    "siteorder": lambda row: (row["lastname"], row["firstname"], row["id"]),
}


def pictures() -> dict[str, str]:
    """Return the addresses of the picture of a person without one."""
    base = f"{site().url}/theme/image.php/boost/core/1/u/f"
    return {"profileimageurlsmall": f"{base}2", "profileimageurl": f"{base}1"}


@function("core_enrol_get_enrolled_users", courseid=int, options=_OPTIONS)
def get_enrolled_users(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """List who is enrolled, active and suspended alike; only the options tell them apart.

    The limit counts before any other filter, so a short page need not be the last one.
    """
    course_or_error(asked["courseid"])
    options = {option["name"]: option["value"] for option in asked["options"]}
    rows = store().all(
        "SELECT u.*, e.role, e.status, e.timeend, e.lastaccess AS courseaccess FROM user u"
        " JOIN enrolment e ON e.user=u.id WHERE e.course=? ORDER BY u.id",
        asked["courseid"],
    )
    now = int(time.time())
    if options.get("onlyactive") == "1":
        rows = [row for row in rows if _active(row, now)]
    if options.get("onlysuspended") == "1":
        rows = [row for row in rows if not _active(row, now)]
    if options.get("groupid", "0") != "0":
        members = store().all("SELECT user FROM grp_member WHERE grp=?", options["groupid"])
        rows = [row for row in rows if row["id"] in {member["user"] for member in members}]
    sort = _SORTS.get(options.get("sortby", "id"))
    if sort is None:
        raise invalid_parameter()
    rows.sort(key=sort, reverse=options.get("sortdirection", "ASC").upper() == "DESC")
    start, limit = int(options.get("limitfrom", 0)), int(options.get("limitnumber", 0))
    rows = rows[start : start + limit] if limit else rows[start:]
    wanted = {field for field in options.get("userfields", "").split(",") if field}
    people = [_member(row, asked["courseid"]) for row in rows]
    if not wanted:
        return people
    wanted |= {"id", "fullname"}
    return [{key: value for key, value in one.items() if key in wanted} for one in people]


def _active(row: Row, now: int) -> bool:
    return row["status"] == 0 and (not row["timeend"] or row["timeend"] > now)


def _member(row: Row, course: int) -> dict[str, Any]:
    groups = store().all(
        "SELECT g.id, g.name, g.description, g.descriptionformat FROM grp g JOIN grp_member m"
        " ON m.grp=g.id WHERE g.course=? AND m.user=? ORDER BY g.id",
        course, row["id"],
    )  # fmt: skip
    courses = store().all(
        "SELECT c.id, c.fullname, c.shortname FROM course c JOIN enrolment e ON e.course=c.id"
        " WHERE e.user=? AND e.status=0 ORDER BY c.id DESC",
        row["id"],
    )
    role = {"roleid": ROLES[row["role"]], "name": "", "shortname": row["role"], "sortorder": 0}
    return {
        "id": row["id"], "username": row["username"], "firstname": row["firstname"],
        "lastname": row["lastname"], "fullname": f"{row['firstname']} {row['lastname']}",
        "email": f"{row['username']}@example.org", "department": "",
        "firstaccess": row["firstaccess"], "lastaccess": row["lastaccess"],
        "lastcourseaccess": row["courseaccess"],
        **pictures(),
        **({"groups": [dict(group) for group in groups]} if groups else {}),
        "roles": [role],
        "enrolledcourses": [dict(one) for one in courses],
    }  # fmt: skip


@function("core_enrol_get_users_courses", userid=int, returnusercount=Optional(bool, True))
def get_users_courses(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """List the courses in which a person has an active enrolment, with their progress."""
    rows = store().all(
        "SELECT c.*, e.lastaccess FROM course c JOIN enrolment e ON e.course=c.id"
        " WHERE e.user=? AND e.status=0 ORDER BY c.id",
        asked["userid"],
    )
    found = []
    for row in rows:
        share = share_done(row["id"], asked["userid"])
        count = store().one("SELECT COUNT(*) FROM enrolment WHERE course=? AND status=0", row["id"])
        found.append({
            "id": row["id"], "shortname": row["shortname"], "fullname": row["fullname"],
            "displayname": row["fullname"],
            **({"enrolledusercount": count[0]} if asked["returnusercount"] else {}),
            "idnumber": "", "visible": 1, "summary": "", "summaryformat": 0, "format": "topics",
            "courseimage": f"{site().url}/pluginfile.php/{row['id']}/course/generated/course.svg",
            "showgrades": True, "lang": "", "enablecompletion": True,
            "completionhascriteria": bool(row["criteria"]), "completionusertracked": True,
            "category": 1, "progress": share, "completed": bool(row["criteria"]) and share == 100,
            "startdate": 0, "enddate": 0, "marker": 0, "lastaccess": row["lastaccess"],
            "isfavourite": False, "hidden": False, "overviewfiles": [],
            "showactivitydates": False, "showcompletionconditions": True,
            "timemodified": row["timecreated"],
        })  # fmt: skip
    return found


@function("core_enrol_get_course_enrolment_methods", courseid=int)
def get_enrolment_methods(asked: dict[str, Any]) -> list[Any]:
    """Answer `[]`: manual enrolment does not show here, although it is there."""
    course_or_error(asked["courseid"])
    return []


@function("core_user_get_users_by_field", field=str, values=[str])
def get_users_by_field(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Find people; by a field that the account may not see, nobody is found."""
    field, values = asked["field"], set(asked["values"])
    if field not in {"id", "username", "idnumber", "email"}:
        raise invalid_parameter()
    visible = field in {"id", "username"}
    rows = store().all("SELECT * FROM user ORDER BY id") if visible else []
    return [
        {
            "id": row["id"], "username": row["username"], "firstname": row["firstname"],
            "lastname": row["lastname"], "fullname": f"{row['firstname']} {row['lastname']}",
            "department": "", "firstaccess": row["firstaccess"], "lastaccess": row["lastaccess"],
            "auth": "manual", "suspended": bool(row["suspended"]), "confirmed": True,
            "lang": row["lang"], "theme": "", "timezone": "99", "mailformat": 1,
            "trackforums": 0, **pictures(),
        }
        for row in rows
        if str(row[field]) in values
    ]  # fmt: skip


@function(
    "enrol_manual_enrol_users",
    enrolments=[
        {
            "roleid": int, "userid": int, "courseid": int, "timestart": Optional(int, 0),
            "timeend": Optional(int, 0), "suspend": Optional(int, 0),
        }
    ],
)  # fmt: skip
def enrol_users(asked: dict[str, Any]) -> None:
    """Enrol all or, at the first error, nobody.

    Enrolling again without dates or `suspend` resets both: a suspended person is active again.
    """
    with store().transaction():
        for one in asked["enrolments"]:
            course_or_error(one["courseid"])
            if store().one("SELECT 1 FROM user WHERE id=?", one["userid"]) is None:
                raise WsError("invaliduser", "Invalid user")
            if one["roleid"] != ROLES["student"]:
                raise WsError(
                    "wsusercannotassign",
                    f"You don't have the permission to assign this role ({one['roleid']}) to this"
                    f" user ({one['userid']}) in this course ({one['courseid']}).",
                )
            store().run(
                "INSERT INTO enrolment (course, user, role, status, timestart, timeend)"
                " VALUES (?,?,'student',?,?,?) ON CONFLICT DO UPDATE SET status=excluded.status,"
                " timestart=excluded.timestart, timeend=excluded.timeend",
                one["courseid"], one["userid"], int(bool(one["suspend"])), one["timestart"],
                one["timeend"],
            )  # fmt: skip


@function(
    "enrol_manual_unenrol_users",
    enrolments=[{"userid": int, "courseid": int, "roleid": Optional(int)}],
)
def unenrol_users(asked: dict[str, Any]) -> None:
    """End enrolments, and with them the membership of groups. Who is absent is no error."""
    with store().transaction():
        for one in asked["enrolments"]:
            course_or_error(one["courseid"])
            store().run(
                "DELETE FROM enrolment WHERE course=? AND user=?", one["courseid"], one["userid"]
            )
            store().run(
                "DELETE FROM grp_member WHERE user=?"
                " AND grp IN (SELECT id FROM grp WHERE course=?)",
                one["userid"], one["courseid"],
            )  # fmt: skip
