"""Web services about completion and grades, and three lists that are empty here."""

from __future__ import annotations

from typing import Any

from lti_tool.demo import gradebook
from lti_tool.demo.population import SERVICE
from lti_tool.demo.site import store
from lti_tool.demo.store import Row
from lti_tool.demo.ws.protocol import Optional, WsError, course_or_error, function

_RULES = {"page": ("completionview", "View"), "lti": ("completionusegrade", "Receive a grade")}
_REQUIRED = {"page": "Viewing the page", "lti": "Receiving a grade"}


def completion_of(module: Row, user: int) -> dict[str, Any]:
    """Return one activity's completion of one person."""
    row = store().one("SELECT * FROM completion WHERE cmid=? AND user=?", module["id"], user)
    state = row["state"] if row else 0
    automatic = module["tracking"] == gradebook.AUTOMATIC
    rule, text = _RULES[module["modname"]]
    detail = {"rulename": rule, "rulevalue": {"status": int(state > 0), "description": text}}
    return {
        "cmid": module["id"], "modname": module["modname"], "instance": module["instance"],
        "state": state, "timecompleted": row["timemodified"] if state else 0,
        "tracking": module["tracking"], "overrideby": row["overrideby"] if row else None,
        "valueused": False, "hascompletion": True, "isautomatic": automatic,
        "istrackeduser": True, "uservisible": True, "details": [detail] if automatic else [],
        "isoverallcomplete": state > 0,
    }  # fmt: skip


def _tracked(course: int) -> list[Row]:
    return store().all(
        "SELECT * FROM module WHERE course=? AND tracking>0 ORDER BY section, id", course
    )


def share_done(course: int, user: int) -> float | None:
    """Return how much of the tracked activities a person completed, 0 to 100."""
    modules = _tracked(course)
    done = sum(completion_of(module, user)["state"] > 0 for module in modules)
    share = 100 * done / len(modules) if modules else None
    return int(share) if share is not None and share == int(share) else share


@function("core_completion_get_activities_completion_status", courseid=int, userid=int)
def get_activities_completion(asked: dict[str, Any]) -> dict[str, Any]:
    """List the states of one person; who is not enrolled has all of them at 0."""
    course_or_error(asked["courseid"])
    statuses = [completion_of(m, asked["userid"]) for m in _tracked(asked["courseid"])]
    return {"statuses": statuses, "warnings": []}


@function("core_completion_get_course_completion_status", courseid=int, userid=int)
def get_course_completion(asked: dict[str, Any]) -> dict[str, Any]:
    """Say whether a person completed the course; a course without criteria is an error."""
    course, user = course_or_error(asked["courseid"]), asked["userid"]
    if not course["criteria"]:
        raise WsError("nocriteriaset", "No completion criteria set for this course")
    if not _enrolled(course["id"], user):
        raise WsError("usernotenroled", "User is not enrolled in this course")
    states = [(m, completion_of(m, user)) for m in _tracked(course["id"])]
    completions = [
        {
            "type": 4, "title": "Activity completion",
            "status": "Yes" if state["state"] else "No", "complete": state["state"] > 0,
            "timecompleted": state["timecompleted"] or None,
            "details": {
                "type": module["modname"], "criteria": module["name"],
                "requirement": _REQUIRED[module["modname"]], "status": "",
            },
        }
        for module, state in states
    ]  # fmt: skip
    status = {
        "completed": all(state["state"] > 0 for _, state in states),
        "aggregation": 1,
        "completions": completions,
    }
    return {"completionstatus": status, "warnings": []}


@function("core_completion_override_activity_completion_status", userid=int, cmid=int, newstate=int)
def override_completion(asked: dict[str, Any]) -> dict[str, Any]:
    """Set a state over the head of the rules."""
    module = store().one("SELECT * FROM module WHERE id=? AND tracking>0", asked["cmid"])
    if module is None:
        raise WsError("invalidcoursemodule", "Invalid course module ID")
    when = gradebook.set_completion(
        store(), asked["cmid"], asked["userid"], asked["newstate"], SERVICE
    )
    return {
        "cmid": asked["cmid"], "userid": asked["userid"], "state": asked["newstate"],
        "timecompleted": when, "overrideby": SERVICE, "tracking": module["tracking"],
    }  # fmt: skip


@function(
    "gradereport_user_get_grade_items",
    courseid=int, userid=Optional(int, 0), groupid=Optional(int, 0),
)  # fmt: skip
def get_grade_items(asked: dict[str, Any]) -> dict[str, Any]:
    """Report the grades of one learner, of a group, or of all (userid 0)."""
    course, one = course_or_error(asked["courseid"]), asked["userid"]
    people = store().all(
        "SELECT u.* FROM user u JOIN enrolment e ON e.user=u.id WHERE e.course=?1"
        " AND e.role='student' AND e.status=0 AND ?2 IN (0, u.id)"
        " AND (?3=0 OR u.id IN (SELECT user FROM grp_member WHERE grp=?3))"
        " ORDER BY u.lastname, u.firstname, u.id",
        course["id"], one, asked["groupid"],
    )  # fmt: skip
    rows = gradebook.items(store(), course["id"])
    known = gradebook.grades(store(), course["id"])
    reports = [
        {
            "courseid": course["id"], "courseidnumber": "", "userid": person["id"],
            "userfullname": f"{person['firstname']} {person['lastname']}", "useridnumber": "",
            "maxdepth": 2,
            "gradeitems": [_line(row, rows, known, person["id"], single=bool(one)) for row in rows],
        }
        for person in people
    ]  # fmt: skip
    return {"usergrades": reports, "warnings": []}


def _line(
    row: Row, rows: list[Row], known: dict[tuple[int, int], Row], user: int, *, single: bool
) -> dict[str, Any]:  # fmt: skip
    grade = known.get((row["id"], user))
    value, top, stamp = grade["value"] if grade else None, row["grademax"], None
    if row["itemtype"] == "course":
        value, top, stamp = gradebook.total(rows, known, user)
    elif grade and value is not None:
        stamp = grade["timemodified"]
    shown = {
        "id": row["id"], "itemname": row["name"], "itemtype": row["itemtype"],
        "itemmodule": "lti" if row["itemtype"] == "mod" else None,
        "iteminstance": row["lti"], "itemnumber": 0, "idnumber": None,
        "categoryid": rows[-1]["id"], "outcomeid": None, "scaleid": None, "locked": False,
    }  # fmt: skip
    if row["itemtype"] == "course":
        shown |= {"iteminstance": row["id"], "itemnumber": None, "categoryid": None}
    elif row["itemtype"] == "mod":
        shown |= {"idnumber": "", "cmid": row["cmid"]}
    if single and row["itemtype"] != "course":
        _, whole, _ = gradebook.total(rows, known, user)
        weight = top / whole if value is not None else 0
        shown |= {
            "weightraw": _number(weight), "weightformatted": f"{weight * 100:.2f} %",
            "status": "novalue" if value is None else "used",
        }  # fmt: skip
    return shown | {
        "graderaw": None if value is None else _number(value), "gradedatesubmitted": None,
        "gradedategraded": stamp, "gradehiddenbydate": False, "gradeneedsupdate": False,
        "gradeishidden": False, "gradeislocked": False, "gradeisoverridden": False,
        "gradeformatted": "-" if value is None else f"{value:.2f}", "grademin": 0,
        "grademax": _number(top), "rangeformatted": f"0&ndash;{_number(top)}",
        "percentageformatted": "-" if value is None else f"{100 * value / top:.2f} %",
        "feedback": (grade["comment"] if grade else None) or "",
        "feedbackformat": 2 if single else 0,
    }  # fmt: skip


def _number(value: float) -> float:
    return int(value) if value == int(value) else value


def _enrolled(course: int, user: int) -> bool:
    row = store().one("SELECT 1 FROM enrolment WHERE course=? AND user=?", course, user)
    return row is not None


@function(
    "core_cohort_search_cohorts",
    query=str,
    context={
        "contextid": Optional(int, 0),
        "contextlevel": Optional(str, ""),
        "instanceid": Optional(int, 0),
    },
    includes=Optional(str, "parents"),
    limitfrom=Optional(int, 0),
    limitnum=Optional(int, 25),
)
def search_cohorts(_: dict[str, Any]) -> dict[str, Any]:
    """Answer that there are no cohorts."""
    return {"cohorts": []}


@function("core_competency_list_user_plans", userid=int)
def list_user_plans(_: dict[str, Any]) -> list[Row]:
    """Answer that there are no learning plans."""
    return []


@function(
    "core_badges_get_user_badges",
    userid=Optional(int, 0),
    courseid=Optional(int, 0),
    page=Optional(int, 0),
    perpage=Optional(int, 0),
    search=Optional(str, ""),
    onlypublic=Optional(bool, False),
)
def get_user_badges(_: dict[str, Any]) -> dict[str, Any]:
    """Answer that there are no badges."""
    return {"badges": [], "warnings": []}
