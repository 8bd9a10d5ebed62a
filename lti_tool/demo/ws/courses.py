"""Web services about the site, its courses and what they contain."""

from __future__ import annotations

from typing import Any

from lti_tool.demo.population import SERVICE
from lti_tool.demo.site import NAME, RELEASE, VERSION, site, store
from lti_tool.demo.store import Row
from lti_tool.demo.ws.people import pictures
from lti_tool.demo.ws.progress import completion_of
from lti_tool.demo.ws.protocol import (
    FUNCTIONS,
    Optional,
    WsError,
    course_or_error,
    function,
    invalid_parameter,
)

_FEATURES = (
    ("usecomments", 1), ("usetags", 1), ("enablenotes", 1), ("messaging", 1), ("enableblogs", 1),
    ("enablecompletion", 1), ("enablebadges", 1), ("messagingallusers", 0),
    ("enablecustomreports", 0), ("enableglobalsearch", 0), ("mnet_dispatcher_mode", 0),
    ("enablecompetencies", 1),
)  # fmt: skip
_CONTENT_OPTIONS = frozenset(
    {"excludemodules", "excludecontents", "includestealthmodules", "sectionid", "sectionnumber",
     "cmid", "modname", "modid"}
)  # fmt: skip
_LOOKS = {"forum": ("collaboration", "Forums"), "page": ("content", "Pages"),
          "lti": ("content", "External tools")}  # fmt: skip


@function("core_webservice_get_site_info", serviceshortnames=Optional([str]))
def site_info(_: dict[str, Any]) -> dict[str, Any]:
    """Describe the site, the service account and the functions of its service."""
    who = store().one("SELECT * FROM user WHERE id=?", SERVICE)
    return {
        "sitename": NAME,
        "username": who["username"],
        "firstname": who["firstname"],
        "lastname": who["lastname"],
        "fullname": f"{who['firstname']} {who['lastname']}",
        "lang": "en",
        "userid": SERVICE,
        "siteurl": site().url,
        "userpictureurl": pictures()["profileimageurl"],
        "functions": [{"name": name, "version": VERSION} for name in sorted(FUNCTIONS)],
        "downloadfiles": 0,
        "uploadfiles": 0,
        "release": RELEASE,
        "version": VERSION,
        "mobilecssurl": "",
        "advancedfeatures": [{"name": name, "value": value} for name, value in _FEATURES],
        "usercanmanageownfiles": True,
        "userquota": 104857600,
        "usermaxuploadfilesize": 2097152,
        "userhomepage": 1,
        "userprivateaccesskey": "0" * 32,
        "siteid": 1,
        "sitecalendartype": "gregorian",
        "usercalendartype": "gregorian",
        "userissiteadmin": False,
        "theme": "boost",
        "limitconcurrentlogins": 0,
        "policyagreed": 0,
    }


@function("core_course_get_courses", options=Optional({"ids": Optional([int])}))
def get_courses(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """List courses, newest first, the site's front page among them."""
    ids = (asked["options"] or {}).get("ids")
    front = {
        "id": 1, "shortname": "PL", "categoryid": 0, "fullname": NAME, "displayname": NAME,
        "summary": "", "summaryformat": 0, "format": "site", "startdate": 0, "enddate": 0,
        "numsections": 1, "showactivitydates": False, "showcompletionconditions": None,
    }  # fmt: skip
    found = [_brief(row) for row in store().all("SELECT * FROM course ORDER BY id DESC")]
    found.insert(1, front)
    return [row for row in found if not ids or row["id"] in ids]


def _brief(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"], "shortname": row["shortname"], "categoryid": 1,
        "fullname": row["fullname"], "displayname": row["fullname"], "summary": "",
        "summaryformat": 0, "format": "topics", "startdate": 0, "enddate": 0,
        "showactivitydates": False, "showcompletionconditions": True,
    }  # fmt: skip


@function("core_course_get_courses_by_field", field=Optional(str, ""), value=Optional(str, ""))
def get_courses_by_field(asked: dict[str, Any]) -> dict[str, Any]:
    """List courses by id, ids (with commas), shortname or category; an empty field lists all."""
    field, value = asked["field"], asked["value"]
    if field not in {"", "id", "ids", "shortname", "idnumber", "category", "sectionid"}:
        raise invalid_parameter()
    rows = [
        row
        for row in store().all("SELECT * FROM course ORDER BY id DESC")
        if field == ""
        or (field in {"id", "ids"} and str(row["id"]) in value.split(","))
        or (field == "shortname" and row["shortname"] == value)
        or (field == "category" and value == "1")
    ]
    return {"courses": [_full(row) for row in rows], "warnings": []}


def _full(row: Row) -> dict[str, Any]:
    contacts = store().all(
        "SELECT u.id, u.firstname || ' ' || u.lastname AS fullname FROM user u JOIN enrolment e"
        " ON e.user=u.id WHERE e.course=? AND e.role='editingteacher'",
        row["id"],
    )
    brief = _brief(row)
    return {
        **{key: brief[key] for key in ("id", "fullname", "displayname", "shortname")},
        "courseimage": f"{site().url}/pluginfile.php/{row['id']}/course/generated/course.svg",
        "categoryid": 1, "categoryname": "Category 1", "sortorder": 10000 + row["id"],
        "summary": "", "summaryformat": 0, "summaryfiles": [], "overviewfiles": [],
        "showactivitydates": False, "showcompletionconditions": True,
        "contacts": [dict(contact) for contact in contacts], "enrollmentmethods": ["manual"],
        "format": "topics", "showgrades": 1, "newsitems": 1, "startdate": 0, "enddate": 0,
        "maxbytes": 0, "showreports": 0, "visible": 1, "groupmode": 0, "groupmodeforce": 0,
        "defaultgroupingid": 0, "enablecompletion": 1, "completionnotify": 0, "lang": "",
        "theme": "", "marker": 0, "filters": [],
        "courseformatoptions": [
            {"name": "hiddensections", "value": 1}, {"name": "coursedisplay", "value": 0},
            {"name": "indentation", "value": "1"},
        ],
    }  # fmt: skip


@function(
    "core_course_get_contents", courseid=int, options=Optional([{"name": str, "value": str}], [])
)
def get_contents(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """List a course's sections and their activities; `completiondata` is the caller's own."""
    course_or_error(asked["courseid"])
    options = {option["name"]: option["value"] for option in asked["options"]}
    if set(options) - _CONTENT_OPTIONS:
        raise WsError("errorinvalidparam", "Invalid parameter option name")
    modules = store().all(
        "SELECT * FROM module WHERE course=? ORDER BY section, id", asked["courseid"]
    )
    whole = options.get("excludecontents", "0") not in {"1", "true"}
    listed = options.get("excludemodules", "0") not in {"1", "true"}
    first = (asked["courseid"] - 2) * 4 + 1
    return [
        {
            "id": first + at,
            "name": "New section" if at else "General",
            "visible": 1, "summary": "", "summaryformat": 1, "section": at,
            "hiddenbynumsections": 0, "uservisible": True, "component": None, "itemid": None,
            "modules": [
                _module(row, whole=whole)
                for row in modules
                if listed and row["section"] == at and _kept(row, options)
            ],
        }
        for at in range(4)
        if options.get("sectionnumber", str(at)) == str(at)
        and options.get("sectionid", str(first + at)) == str(first + at)
    ]  # fmt: skip


def _kept(row: Row, options: dict[str, str]) -> bool:
    return (
        options.get("cmid", str(row["id"])) == str(row["id"])
        and options.get("modname", row["modname"]) == row["modname"]
        and options.get("modid", str(row["instance"])) == str(row["instance"])
    )


def _module(row: Row, *, whole: bool) -> dict[str, Any]:
    name, here = row["modname"], site().url
    purpose, plural = _LOOKS[name]
    found = {
        "id": row["id"], "url": f"{here}/mod/{name}/view.php?id={row['id']}",
        "name": row["name"], "instance": row["instance"], "contextid": row["id"] + 50,
        "visible": 1, "uservisible": True, "visibleoncoursepage": 1,
        "modicon": f"{here}/theme/image.php/boost/{name}/1/monologo?filtericon=1",
        "modname": name, "purpose": purpose, "branded": False, "modplural": plural, "indent": 0,
        "onclick": "", "afterlink": None, "customdata": '""', "noviewlink": False,
        "completion": row["tracking"],
    }  # fmt: skip
    if row["tracking"]:
        status = completion_of(row, SERVICE)
        for key in ("cmid", "modname", "instance", "tracking"):
            del status[key]
        found["completiondata"] = status | {"istrackeduser": False}
    found |= {"downloadcontent": 1, "dates": [], "groupmode": 0}
    if name == "page" and whole:
        file = {
            "type": "file", "filename": "index.html", "filepath": "/", "filesize": 0,
            "fileurl": f"{here}/webservice/pluginfile.php/{row['id'] + 50}/mod_page/content/"
            "index.html?forcedownload=1",
            "timecreated": None, "timemodified": row["timemodified"], "sortorder": 1,
            "userid": None, "author": None, "license": None,
        }  # fmt: skip
        found["contents"] = [file]
        found["contentsinfo"] = {
            "filescount": 1, "filessize": 0, "lastmodified": row["timemodified"],
            "mimetypes": [], "repositorytype": "",
        }  # fmt: skip
    return found


@function("core_course_get_updates_since", courseid=int, since=int, filter=Optional([str], []))
def get_updates_since(asked: dict[str, Any]) -> dict[str, Any]:
    """List activities whose settings changed; nobody's progress shows here."""
    course_or_error(asked["courseid"])
    rows = store().all(
        "SELECT * FROM module WHERE course=? AND modname<>'forum' AND timemodified>=? ORDER BY id",
        asked["courseid"], asked["since"],
    )  # fmt: skip
    return {
        "instances": [
            {
                "contextlevel": "module",
                "id": row["id"],
                "updates": [{"name": "configuration", "timeupdated": row["timemodified"]}],
            }
            for row in rows
        ],
        "warnings": [],
    }


@function("mod_lti_get_ltis_by_courses", courseids=Optional([int], []))
def get_ltis_by_courses(asked: dict[str, Any]) -> dict[str, Any]:
    """List external activities: `id` is the LTI resource link id, `coursemodule` the cmid."""
    rows = store().all(
        "SELECT l.*, m.id AS cmid, m.section, m.timemodified FROM lti l JOIN module m"
        " ON m.modname='lti' AND m.instance=l.id ORDER BY l.id"
    )
    wanted = set(asked["courseids"])
    return {
        "ltis": [
            {
                "id": row["id"], "coursemodule": row["cmid"], "course": row["course"],
                "name": row["name"], "intro": row["intro"], "introformat": 1, "introfiles": [],
                "section": row["section"], "visible": True, "groupmode": 0, "groupingid": 0,
                "lang": "",
            }
            for row in rows
            if not wanted or row["course"] in wanted
        ],
        "warnings": [],
    }  # fmt: skip
