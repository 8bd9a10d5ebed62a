"""What a stand-in Moodle answers to each function, in the shapes of the recordings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import escape
from time import time
from typing import Any

from tests.moodle_sync.school import ROLE_IDS, Enrolment, School

Params = Mapping[str, Any]


class Refusal(Exception):
    """Moodle's way of saying no: HTTP 200 with an errorcode."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message or code


class Answers:
    """The functions of one stand-in; `rights` is what the account holds now."""

    def __init__(self, school: School, url: str, rights: set[str], functions: set[str]) -> None:
        self.school = school
        self.url = url
        self.siteurl = url
        self.rights = rights
        self.functions = functions
        self.has_report = False
        self.report_sorted = True
        self.report_course: set[int] | None = None
        self.shuffle: Callable[[list[Any]], None] = lambda rows: rows.reverse()
        self.table: dict[str, Callable[[Params], Any]] = {
            "core_webservice_get_site_info": self.site_info,
            "core_course_get_courses_by_field": self.courses,
            "core_course_get_contents": self.contents,
            "core_enrol_get_enrolled_users": self.roster,
            "core_enrol_get_users_courses": self.users_courses,
            "core_completion_get_activities_completion_status": self.activities,
            "gradereport_user_get_grade_items": self.grade_items,
            "mod_lti_get_ltis_by_courses": self.ltis,
            "core_reportbuilder_list_reports": self.reports,
            "core_reportbuilder_retrieve_report": self.report,
            "core_reportbuilder_set_filters": self.set_filters,
            "tool_mobile_call_external_functions": self.batch,
            "enrol_manual_enrol_users": self.enrol,
            "core_group_get_course_groups": self.course_groups,
            "core_group_get_group_members": self.members,
            "core_group_create_groups": self.create_groups,
            "core_group_add_group_members": self.add_members,
            "core_group_delete_group_members": self.delete_members,
            "core_calendar_get_calendar_events": self.events,
            "core_calendar_create_calendar_events": self.create_events,
            "core_calendar_delete_calendar_events": self.delete_events,
            "core_message_send_instant_messages": self.send,
            "core_message_get_messages": self.sent,
            "core_notes_create_notes": self.create_notes,
            "core_notes_get_course_notes": self.notes,
            "core_completion_override_activity_completion_status": self.override,
            "core_competency_list_user_plans": self.user_plans,
            "core_competency_create_plan": self.create_plan,
            "core_competency_grade_competency": self.grade_competency,
        }

    def answer(self, function: str, params: Params) -> Any:
        if function not in self.table:
            table = "external_functions"
            raise Refusal("invalidrecord", f"Can't find data record in database table {table}.")
        if function not in self.functions:
            raise Refusal("accessexception", "Access control exception")
        return self.table[function](params)

    def _need(self, right: str) -> None:
        if right not in self.rights:
            raise Refusal("nopermissions", f"no permission ({right})")

    def _course(self, params: Params) -> int:
        course_id = int(params["courseid"])
        if course_id not in self.school.courses:
            raise Refusal("invalidrecord", "Can't find data record in database table course.")
        if not self.school.courses[course_id].accessible or "moodle/course:view" not in self.rights:
            raise Refusal("errorcoursecontextnotvalid", "cannot execute in this course")
        return course_id

    # Reading ---------------------------------------------------------------------------------

    def site_info(self, _params: Params) -> Any:
        return {
            "sitename": "Stand-in",
            "siteurl": self.siteurl,
            "release": "4.5.6 (Build: 20250811)",
            "version": "2024100706",
            "userid": 5,
            "functions": [{"name": name, "version": "1"} for name in sorted(self.functions)],
            "advancedfeatures": [{"name": "enablecompletion", "value": 1}],
        }

    def courses(self, params: Params) -> Any:
        wanted = str(params.get("value", "")).split(",") if params.get("field") == "ids" else None
        rows: list[dict[str, Any]] = [
            {"id": 1, "shortname": "site", "fullname": "Site", "categoryid": 0, "format": "site"}
        ]
        for course in self.school.courses.values():
            if wanted is not None and str(course.id) not in wanted:
                continue
            row: dict[str, Any] = {
                "id": course.id,
                "shortname": course.shortname,
                "fullname": f"{course.shortname} &amp; more",
                "categoryid": 1,
            }
            if course.accessible and "moodle/course:view" in self.rights:
                row |= {"format": "topics", "visible": 1, "enablecompletion": 1, "startdate": 0,
                        "enddate": 0, "groupmode": course.group_mode}  # fmt: skip
            rows.append(row)
        return {"courses": rows, "warnings": []}

    def contents(self, params: Params) -> Any:
        course = self.school.courses[self._course(params)]
        modules = [self.school.modules[cmid] for cmid in course.modules]
        return [
            {
                "id": 1,
                "section": 0,
                "modules": [
                    {"id": m.cmid, "instance": m.instance, "modname": m.modname, "visible": 1,
                     "name": f"{m.modname} {m.cmid}", "completion": m.tracking}
                    for m in modules
                    if f"mod/{m.modname}:view" in self.rights
                ],
            }
        ]  # fmt: skip

    def ltis(self, params: Params) -> Any:
        self._need("mod/lti:view")
        wanted = {int(value) for value in params.get("courseids", [])}
        return {
            "ltis": [
                {"id": m.instance, "coursemodule": m.cmid, "course": m.course, "name": "x"}
                for m in self.school.modules.values()
                if m.modname == "lti" and m.course in wanted
            ],
            "warnings": [],
        }

    def roster(self, params: Params) -> Any:
        course_id = self._course(params)
        options = {str(o["name"]): o["value"] for o in params.get("options", [])}
        if "moodle/course:viewparticipants" not in self.rights:
            raise Refusal("nopermissions")
        if options.get("onlysuspended"):
            self._need("moodle/course:enrolreview")
        users = self.school.roster(course_id)
        course = self.school.courses[course_id]
        if course.group_mode == 1 and "moodle/site:accessallgroups" not in self.rights:
            users = []
        if options.get("onlysuspended"):
            users = [user for user in users if self.school.is_suspended(course_id, user)]
        start, number = int(options.get("limitfrom", 0)), int(options.get("limitnumber", 0))
        users = users[start : start + number] if number else users[start:]
        fields = str(options.get("userfields", "")).split(",")
        if "moodle/user:viewdetails" not in self.rights:
            users = []
        return [
            self._roster_row(course_id, user, fields)
            for user in users
            if not self.school.people[user].hidden
        ]

    def _roster_row(self, course_id: int, user: int, fields: list[str]) -> dict[str, Any]:
        row: dict[str, Any] = {"id": user, "fullname": escape(self.school.people[user].name)}
        if "lastcourseaccess" in fields and "moodle/course:viewhiddenuserfields" in self.rights:
            row["lastcourseaccess"] = self.school.access.get((course_id, user), 0)
        if "roles" in fields:
            roles = sorted({e.role for e in self.school.of(course_id, user)})
            row["roles"] = [
                {"roleid": 5, "name": "", "shortname": role, "sortorder": 0} for role in roles
            ]
        groups = [
            {"id": group, "name": self.school.groups[group]["name"], "description": "",
             "descriptionformat": 1}
            for group, member in sorted(self.school.group_members)
            if member == user and self.school.groups[group]["courseid"] == course_id
        ]  # fmt: skip
        if "groups" in fields and groups:
            row["groups"] = groups
        return row

    def _person(self, params: Params) -> int:
        user = int(params["userid"])
        if user not in self.school.people or self.school.people[user].deleted:
            raise Refusal("invaliduser" if user not in self.school.people else "userdeleted")
        return user

    def users_courses(self, params: Params) -> Any:
        user = self._person(params)
        if "moodle/user:viewdetails" not in self.rights:
            return []
        found = []
        for course_id, course in self.school.courses.items():
            mine = [e for e in self.school.of(course_id, user) if not e.suspended]
            if mine and course.accessible and "moodle/course:view" in self.rights:
                done = sum(
                    1 for cmid in course.modules if self.school.completion.get((cmid, user), [0])[0]
                )
                found.append(
                    {
                        "id": course_id,
                        "shortname": course.shortname,
                        "fullname": course.shortname,
                        "progress": 100 * done / max(len(course.modules), 1),
                        "completed": (course_id, user) in self.school.course_completion,
                        "completionhascriteria": True,
                        "lastaccess": self.school.access.get((course_id, user), 0),
                    }
                )
        return found

    def activities(self, params: Params) -> Any:
        course_id, user = self._course(params), self._person(params)
        self._need("report/progress:view")
        rows = []
        for cmid in self.school.courses[course_id].modules:
            module = self.school.modules[cmid]
            if f"mod/{module.modname}:view" not in self.rights:
                continue
            state, at, override = self.school.completion.get((cmid, user), (0, 0, None))
            rows.append(
                {"cmid": cmid, "modname": module.modname, "instance": module.instance,
                 "state": state, "timecompleted": at, "tracking": module.tracking,
                 "overrideby": override}
            )  # fmt: skip
        return {"statuses": rows, "warnings": []}

    def grade_items(self, params: Params) -> Any:
        course_id, user = self._course(params), self._person(params)
        self._need("gradereport/user:view")
        items = [
            {"id": cmid * 10, "itemname": "x", "itemtype": "mod", "itemmodule": "lti",
             "iteminstance": 1, "cmid": cmid, "graderaw": self.school.grades.get((cmid, user)),
             "gradedategraded": None, "gradedatesubmitted": None, "grademin": 0, "grademax": 100}
            for cmid in self.school.courses[course_id].modules
        ]  # fmt: skip
        return {"usergrades": [{"courseid": course_id, "userid": user, "gradeitems": items}]}

    # Reports ---------------------------------------------------------------------------------

    def _details(self) -> dict[str, Any]:
        return {
            "id": 7,
            "name": "Sync",
            "source": "core_course\\reportbuilder\\datasource\\participants",
            "uniquerows": False,
            "conditiondata": "{}",
            "type": 0,
        }

    def reports(self, _params: Params) -> Any:
        return {"reports": [self._details()] if self.has_report else [], "warnings": []}

    def set_filters(self, params: Params) -> Any:
        self.school.report_filters = json.loads(str(params["values"])) or {}
        return True

    def report(self, params: Params) -> Any:
        if not self.has_report:
            raise Refusal("nopermissionviewreport")
        rows = [row for e in self.school.enrolments if (row := self._report_row(e)) is not None]
        for course in self.school.courses.values():
            inside = self.report_course is None or course.id in self.report_course
            if inside and not self.school.report_filters:
                rows.append(["", self._link("course", course.id), SELF_LABEL, None, "", None,
                                 "", ""])  # fmt: skip
        rows.sort(key=lambda row: [cell or "" for cell in row])
        page, size = int(params.get("page", 0)), int(params.get("perpage", 10))
        if not self.report_sorted and page % 2:
            self.shuffle(rows)
        cut = rows[page * size : (page + 1) * size]
        return {
            "details": self._details(),
            "data": {
                "headers": ["uid", "cid", "enrol", "status", "enrolled", "role", "completed",
                            "access"],
                "rows": [{"columns": row} for row in cut],
                "totalrowcount": len(rows),
            },
            "warnings": [],
        }  # fmt: skip

    def _report_row(self, e: Enrolment) -> list[str | None] | None:
        school = self.school
        if school.people[e.user].deleted:
            return None
        if self.report_course is not None and e.course not in self.report_course:
            return None
        moments = {
            "enrolment:timecreated": e.created,
            "completion:timecompleted": school.course_completion.get((e.course, e.user), 0),
            "access:timeaccess": school.access.get((e.course, e.user), 0),
        }
        for name, at in moments.items():
            start = int(str(school.report_filters.get(f"{name}_from", 0)))
            if start and (not at or at < start):
                return None
        link = f"{self.url}/user/profile.php?id={e.user}"
        return [
            f'<a href="{link}">{escape(school.people[e.user].name)}</a>',
            self._link("course", e.course),
            e.method,
            "Suspended" if e.suspended else "Active",
            _long_date(moments["enrolment:timecreated"]),
            e.role,
            _long_date(moments["completion:timecompleted"]),
            _long_date(moments["access:timeaccess"]),
        ]

    def _link(self, kind: str, number: int) -> str:
        return f'<a href="{self.url}/{kind}/view.php?id={number}">{kind} {number}</a>'

    def batch(self, params: Params) -> Any:
        responses: list[dict[str, Any]] = []
        for item in params["requests"]:
            try:
                data = self.answer(str(item["function"]), json.loads(str(item["arguments"])))
            except Refusal as refusal:
                body = {"errorcode": refusal.code, "message": refusal.message}
                responses.append({"error": True, "exception": json.dumps(body)})
                break
            responses.append({"error": False, "data": json.dumps(data)})
        return {"responses": responses}

    # Writing ---------------------------------------------------------------------------------

    def enrol(self, params: Params) -> Any:
        self._need("enrol/manual:enrol")
        rows = list(params["enrolments"])
        for row in rows:
            if int(row["userid"]) not in self.school.people:
                raise Refusal("invaliduser")
            if int(row["roleid"]) != 5:
                raise Refusal("wsusercannotassign")
        for row in rows:
            course, user = int(row["courseid"]), int(row["userid"])
            mine = [e for e in self.school.of(course, user) if e.method == "Manual enrolments"]
            enrolment = mine[0] if mine else self.school.enrol(
                course, user, role=ROLE_IDS[int(row["roleid"])], created=self.school.clock
            )  # fmt: skip
            enrolment.suspended = bool(int(row.get("suspend", 0)))
            enrolment.starts_at = int(row.get("timestart", 0))
            enrolment.ends_at = int(row.get("timeend", 0))
        return None

    def course_groups(self, params: Params) -> Any:
        self._need("moodle/course:managegroups")
        course = self._course(params)
        return [g for g in self.school.groups.values() if g["courseid"] == course]

    def members(self, params: Params) -> Any:
        self._need("moodle/course:managegroups")
        wanted = [int(group) for group in params.get("groupids", [])]
        return [
            {"groupid": g, "userids": sorted(u for x, u in self.school.group_members if x == g)}
            for g in wanted
        ]

    def create_groups(self, params: Params) -> Any:
        self._need("moodle/course:managegroups")
        made = []
        for row in params["groups"]:
            course = int(row["courseid"])
            for group in self.school.groups.values():
                if group["courseid"] == course and (
                    group["name"] == row["name"] or group["idnumber"] == row["idnumber"] != ""
                ):
                    raise Refusal("invalidparameter")
            number = max(self.school.groups, default=0) + 1
            self.school.groups[number] = {"id": number, "courseid": course, "name": row["name"],
                                          "idnumber": row["idnumber"]}  # fmt: skip
            made.append(self.school.groups[number])
        return made

    def add_members(self, params: Params) -> Any:
        self._need("moodle/course:managegroups")
        pairs = [(int(row["groupid"]), int(row["userid"])) for row in params["members"]]
        for group, user in pairs:
            if not self.school.of(int(str(self.school.groups[group]["courseid"])), user):
                raise Refusal("invalidparameter")
        self.school.group_members |= set(pairs)
        return None

    def delete_members(self, params: Params) -> Any:
        self._need("moodle/course:managegroups")
        self.school.group_members -= {
            (int(row["groupid"]), int(row["userid"])) for row in params["members"]
        }
        return None

    def events(self, params: Params) -> Any:
        wanted = {int(group) for group in params["events"].get("groupids", [])}
        courses = {int(course) for course in params["events"].get("courseids", [])}
        found = [
            event
            for event in self.school.events
            if event["groupid"] in wanted or (not event["groupid"] and event["courseid"] in courses)
        ]
        return {"events": found, "warnings": []}

    def create_events(self, params: Params) -> Any:
        if "moodle/calendar:managegroupentries" not in self.rights:
            return {"events": [], "warnings": [{"warningcode": "nopermissions", "message": "no"}]}
        made = []
        for row in params["events"]:
            event: dict[str, object] = {
                "id": len(self.school.events) + 1,
                "name": row["name"],
                "description": row["description"],
                "courseid": int(row["courseid"]),
                "groupid": int(row["groupid"]),
                "timestart": int(row["timestart"]),
                "timeduration": int(row["timeduration"]),
            }
            self.school.events.append(event)
            made.append(event)
        return {"events": made, "warnings": []}

    def delete_events(self, params: Params) -> Any:
        wanted = {int(row["eventid"]) for row in params["events"]}
        self.school.events = [e for e in self.school.events if e["id"] not in wanted]
        return None

    def send(self, params: Params) -> Any:
        results = []
        for row in params["messages"]:
            person = self.school.people.get(int(row["touserid"]))
            if person is None or not person.takes_messages:
                results.append({"msgid": -1, "errormessage": "You can't message this user."})
                continue
            self.school.messages.append((person.id, str(row["text"])))
            results.append({"msgid": len(self.school.messages)})
        return results

    def sent(self, params: Params) -> Any:
        user = int(params["useridto"])
        texts = [text for to, text in self.school.messages if to == user]
        return {
            "messages": [{"text": escape(t), "timecreated": int(time())} for t in reversed(texts)]
        }

    def create_notes(self, params: Params) -> Any:
        for row in params["notes"]:
            self.school.notes.append((int(row["courseid"]), int(row["userid"]), str(row["text"])))
        return [{"noteid": len(self.school.notes)} for _ in params["notes"]]

    def notes(self, params: Params) -> Any:
        wanted = (int(params["courseid"]), int(params["userid"]))
        found = [{"content": text} for course, user, text in self.school.notes
                 if (course, user) == wanted]  # fmt: skip
        return {"coursenotes": found, "warnings": []}

    def override(self, params: Params) -> Any:
        self._need("moodle/course:overridecompletion")
        cmid, user, state = (int(params[key]) for key in ("cmid", "userid", "newstate"))
        if cmid not in self.school.modules:
            raise Refusal("invalidcoursemodule")
        self.school.completion[cmid, user] = (state, self.school.clock if state else 0, 5)
        return {"cmid": cmid, "userid": user, "state": state,
                "timecompleted": self.school.clock, "overrideby": 5, "tracking": 2}  # fmt: skip

    def user_plans(self, params: Params) -> Any:
        return [plan for plan in self.school.plans if plan["userid"] == int(params["userid"])]

    def create_plan(self, params: Params) -> Any:
        self._need("moodle/competency:planmanage")
        row = params["plan"]
        plan: dict[str, object] = {
            "id": len(self.school.plans) + 1,
            "name": row["name"],
            "description": row["description"],
            "userid": int(row["userid"]),
            "status": int(row["status"]),
            "duedate": int(row["duedate"]),
        }
        self.school.plans.append(plan)
        return plan

    def grade_competency(self, params: Params) -> Any:
        self.school.evidence.append(
            (int(params["userid"]), int(params["competencyid"]), int(params["grade"]),
             str(params["note"]))
        )  # fmt: skip
        return {"id": len(self.school.evidence)}


SELF_LABEL = "Self enrolment"


def _long_date(seconds: int) -> str:
    if not seconds:
        return ""
    at = datetime.fromtimestamp(seconds, UTC)
    hour, half = at.hour % 12 or 12, "PM" if at.hour > 11 else "AM"
    return f"{at:%A}, {at.day} {at:%B} {at.year}, {hour}:{at.minute:02d} {half}"
