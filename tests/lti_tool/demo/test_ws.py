"""Web services of the practice LMS against the recordings of Moodle 4.5.6."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from config.http import HttpResponse
from lti_tool.demo import gradebook, run, seed
from lti_tool.demo.keys import door_for
from lti_tool.demo.population import ADMIN
from lti_tool.demo.ws.protocol import FUNCTIONS, parse_fields
from tests.lti_tool.demo.conftest import World, recording

STUDENT = 5


def flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """PHP-style form fields for nested parameters."""
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    else:
        return [(name, str(int(value) if isinstance(value, bool) else value))]
    return [
        field for key, inner in pairs for field in flat(inner, f"{name}[{key}]" if name else key)
    ]


def raw(lms: run.PracticeLms, fields: list[tuple[str, str]]) -> HttpResponse:
    url = f"{lms.url}/webservice/rest/server.php?moodlewsrestformat=json"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return door_for(url).post(url, data=urlencode(fields), headers=headers)


def call(lms: run.PracticeLms, name: str, **params: Any) -> Any:
    """Call a function and return its JSON."""
    fields = [("wstoken", lms.ws_token), *flat(params), ("wsfunction", name)]
    answer = raw(lms, fields)
    assert (answer.status, answer.media_type) == (200, "application/json")
    return answer.json()


def shape(value: Any) -> Any:
    """Keys and types; a list's shape is that of its first entry. null fits any scalar."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return "number" if type(value) in (int, float) else type(value).__name__


# What the recorded site's other settings made different, by recording: keys not compared.
LOOSE = {
    "ws/site_info": {"functions", "userprivateaccesskey"},
    "ws/courses_by_field": {"filters"},
    "ws/course_contents": {"activitybadge", "customdata"},
}


def without(value: Any, keys: set[str]) -> Any:
    if isinstance(value, dict):
        return {k: without(v, keys) for k, v in value.items() if k not in keys}
    return [without(v, keys) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "name",
    ["activities_completion", "activities_completion_none", "cohorts", "course_contents", "courses",
     "courses_by_field", "enrol_user_ok", "enrolled_users", "enrolled_users_page1",
     "enrolled_users_page_last", "enrolment_methods", "group_members", "groups", "learning_plans",
     "site_info", "unenrol_user_ok", "updates_since", "user_badges", "users_by_field",
     "users_courses", "send_message"],
)  # fmt: skip
def test_answer_has_the_shape_of_the_recording(lms: run.PracticeLms, name: str) -> None:
    recorded = recording(f"ws/{name}")
    ours = call(lms, recorded["wsfunction"], **recorded["params"])
    loose = LOOSE.get(f"ws/{name}", set())
    assert shape(without(ours, loose)) == shape(without(recorded["body"], loose))


@pytest.mark.parametrize(
    "name", ["enrolled_users", "enrolled_users_page1", "users_by_field", "groups", "group_members"]
)
def test_the_same_people_as_on_the_recorded_site(lms: run.PracticeLms, name: str) -> None:
    recorded = recording(f"ws/{name}")
    ours = call(lms, recorded["wsfunction"], **recorded["params"])
    kept = ("id", "fullname", "username", "userids", "roles", "name", "groups")
    pick = [{k: v for k, v in row.items() if k in kept} for row in ours]
    wanted = [{k: v for k, v in row.items() if k in kept} for row in recorded["body"]]
    assert pick[: len(wanted)] == wanted


@pytest.mark.parametrize(
    "name", ["error_no_course", "error_unknown_function", "error_invalid_parameter",
             "enrol_bad_role", "course_completion_nocriteria", "add_group_member_not_enrolled"]
)  # fmt: skip
def test_errors_are_http_200_and_word_for_word(lms: run.PracticeLms, name: str) -> None:
    recorded = recording(f"ws/{name}")
    params = recorded["params"]
    if "members" in params:
        params["members"][0]["groupid"] = 1
    assert call(lms, recorded["wsfunction"], **params) == recorded["body"]


def test_a_wrong_token_is_the_recorded_error(lms: run.PracticeLms) -> None:
    answer = raw(lms, [("wstoken", "0"), ("wsfunction", "core_webservice_get_site_info")])
    assert answer.json() == recording("ws/error_invalidtoken")["body"]


def test_site_info_lists_only_what_works(lms: run.PracticeLms) -> None:
    info = call(lms, "core_webservice_get_site_info")
    assert {f["name"] for f in info["functions"]} == set(FUNCTIONS)
    recorded = recording("ws/site_info")["body"]
    for key in ("release", "version", "userid", "username"):
        assert info[key] == recorded[key]
    assert info["siteurl"] == lms.url


def test_without_the_json_format_the_answer_is_xml(lms: run.PracticeLms) -> None:
    url = f"{lms.url}/webservice/rest/server.php"
    answer = door_for(url).post(url, data={"wstoken": lms.ws_token, "wsfunction": "x"})
    assert answer.media_type == "application/xml"


def test_unknown_and_missing_parameters_are_invalid(lms: run.PracticeLms) -> None:
    for params in ({}, {"courseid": 2, "colour": "red"}, {"courseid": [2]}):
        answer = call(lms, "core_enrol_get_enrolled_users", **params)
        assert answer["errorcode"] == "invalidparameter"


def test_booleans_are_nought_or_one(lms: run.PracticeLms) -> None:
    name = "core_enrol_get_users_courses"
    assert call(lms, name, userid=6, returnusercount="true")["errorcode"] == "invalidparameter"
    assert "enrolledusercount" not in call(lms, name, userid=6, returnusercount=0)[0]


def test_parse_fields_reads_php_names() -> None:
    fields = [("options[0][name]", "a"), ("options[0][value]", "b"), ("courseid", "2")]
    assert parse_fields(fields) == {
        "options": {"0": {"name": "a", "value": "b"}},
        "courseid": "2",
    }


def roster(lms: run.PracticeLms, **options: Any) -> list[dict[str, Any]]:
    listed = [{"name": name, "value": value} for name, value in options.items()]
    found = call(lms, "core_enrol_get_enrolled_users", courseid=2, options=listed)
    assert isinstance(found, list)
    return found


def test_roster_lists_suspended_people_unless_told(lms: run.PracticeLms) -> None:
    enrol = {"roleid": STUDENT, "userid": 7, "courseid": 2, "suspend": 1}
    assert call(lms, "enrol_manual_enrol_users", enrolments=[enrol]) is None
    assert len(roster(lms)) == 32
    assert [user["id"] for user in roster(lms, onlysuspended=1)] == [7]
    assert 7 not in {user["id"] for user in roster(lms, onlyactive=1)}


def test_roster_userfields_always_bring_id_and_fullname(lms: run.PracticeLms) -> None:
    assert set(roster(lms, userfields="roles")[0]) == {"id", "fullname", "roles"}


def test_enrolling_again_resets_dates_and_suspension(lms: run.PracticeLms) -> None:
    one = {"roleid": STUDENT, "userid": 7, "courseid": 2}
    call(lms, "enrol_manual_enrol_users", enrolments=[one | {"suspend": 1, "timeend": 9}])
    call(lms, "enrol_manual_enrol_users", enrolments=[one])
    row = lms.site.store.one("SELECT * FROM enrolment WHERE user=7 AND course=2")
    assert (row["status"], row["timeend"], row["role"]) == (0, 0, "student")


def test_one_bad_enrolment_enrols_nobody(lms: run.PracticeLms) -> None:
    good = {"roleid": STUDENT, "userid": 6, "courseid": 4}
    answer = call(lms, "enrol_manual_enrol_users", enrolments=[good, good | {"userid": 9999}])
    assert answer["errorcode"] == "invaliduser"
    assert call(lms, "core_enrol_get_users_courses", userid=6)[-1]["id"] != 4


def test_unenrolling_ends_group_membership_and_is_idempotent(lms: run.PracticeLms) -> None:
    gone = [{"userid": 7, "courseid": 2}]
    for _ in range(2):
        assert call(lms, "enrol_manual_unenrol_users", enrolments=gone) is None
    members = call(lms, "core_group_get_group_members", groupids=[1])[0]["userids"]
    assert 7 not in members


def test_groups_are_made_once_and_filled_twice(lms: run.PracticeLms) -> None:
    recorded = recording("ws/create_group")
    made = call(lms, recorded["wsfunction"], **recorded["params"])
    assert made == [recorded["body"][0] | {"id": made[0]["id"]}]
    again = recording("ws/create_group_duplicate")
    assert call(lms, again["wsfunction"], **again["params"]) == again["body"]
    member = [{"groupid": made[0]["id"], "userid": 7}]
    for _ in range(2):
        assert call(lms, "core_group_add_group_members", members=member) is None
    listed = call(lms, "core_group_get_group_members", groupids=[made[0]["id"]])
    assert listed[0]["userids"] == [7]
    assert call(lms, "core_group_delete_group_members", members=member) is None
    assert (
        call(lms, "core_group_get_groups", groupids=[made[0]["id"]])[0]["name"] == "Mentor: Milan"
    )


def test_override_answers_as_recorded_and_shows_in_the_status(lms: run.PracticeLms) -> None:
    recorded = recording("ws/override_completion")
    answer = call(lms, recorded["wsfunction"], **recorded["params"])
    when = answer["timecompleted"]
    assert answer == recorded["body"] | {"timecompleted": when}
    statuses = call(lms, "core_completion_get_activities_completion_status", courseid=2, userid=8)
    changed = next(s for s in statuses["statuses"] if s["cmid"] == 3)
    assert (changed["state"], changed["overrideby"], changed["timecompleted"]) == (1, 5, when)


def test_course_completion_with_criteria(lms: run.PracticeLms) -> None:
    name = "core_completion_get_course_completion_status"
    status = call(lms, name, courseid=3, userid=7)["completionstatus"]
    assert (status["completed"], len(status["completions"])) == (False, 3)
    for row in lms.site.store.all("SELECT id FROM module WHERE course=3 AND tracking>0"):
        gradebook.set_completion(lms.site.store, row["id"], 7, 1)
    assert call(lms, name, courseid=3, userid=7)["completionstatus"]["completed"] is True
    assert call(lms, name, courseid=3, userid=6)["errorcode"] == "usernotenroled"


def test_grade_items_of_one_user_as_recorded(lms: run.PracticeLms) -> None:
    store = lms.site.store
    for label in ("Mentoring", "Extra"):
        store.run(
            "INSERT INTO gradeitem (course, itemtype, tool, name, grademax)"
            " VALUES (2, 'manual', 1, ?, 10)",
            label,
        )
    recorded = recording("ws/grade_items_user")
    ours = call(lms, recorded["wsfunction"], **recorded["params"])["usergrades"][0]
    wanted = recorded["body"]["usergrades"][0]
    assert shape(ours) == shape(wanted)
    changing = {"id", "categoryid", "iteminstance"}
    assert [without(i, changing) for i in ours["gradeitems"][:2]] == [
        without(i, changing) for i in wanted["gradeitems"][:2]
    ]
    assert set(ours["gradeitems"][-1]) == set(wanted["gradeitems"][-1])


def test_a_grade_of_an_activity_counts_and_names_its_cmid(world: World) -> None:
    store = world.lms.site.store
    item = store.one("SELECT * FROM gradeitem WHERE lti=1")
    gradebook.set_grade(store, item, 7, 91.0, "Good", 1795479297)
    report = call(world.lms, "gradereport_user_get_grade_items", courseid=2, userid=7)
    items = report["usergrades"][0]["gradeitems"]
    assert items[0]["cmid"] == world.connected.activities[0]
    assert items[0]["feedback"] == "Good"
    total = recording("ws/grade_items_user")["body"]["usergrades"][0]["gradeitems"][-1]
    changing = {"id", "iteminstance"}
    assert without(items[-1], changing) == without(total, changing)
    everyone = call(world.lms, "gradereport_user_get_grade_items", courseid=2)["usergrades"]
    assert len(everyone) == 30
    assert "weightraw" not in everyone[0]["gradeitems"][0]


def test_ltis_join_resource_links_and_course_modules(world: World) -> None:
    ltis = call(world.lms, "mod_lti_get_ltis_by_courses", courseids=[2])["ltis"]
    claims = world.launched(6)
    link = claims["https://purl.imsglobal.org/spec/lti/claim/resource_link"]["id"]
    assert [str(ltis[0]["id"]), ltis[0]["coursemodule"]] == [link, world.connected.activities[0]]
    assert call(world.lms, "mod_lti_get_ltis_by_courses", courseids=[3])["ltis"] == []
    contents = call(world.lms, "core_course_get_contents", courseid=2)
    assert contents[0]["modules"][-1]["modname"] == "lti"


def test_calendar_events_belong_to_the_caller(lms: run.PracticeLms) -> None:
    recorded = recording("ws/create_calendar_event")
    answer = call(lms, recorded["wsfunction"], **recorded["params"])
    changing = {"timemodified", "id"}
    assert without(answer, changing) == without(recorded["body"], changing)
    assert answer["events"][0]["userid"] == 5


def test_messages_fail_one_by_one(lms: run.PracticeLms) -> None:
    recorded = recording("ws/send_message")
    assert call(lms, recorded["wsfunction"], **recorded["params"]) == recorded["body"]
    two = [{"touserid": user, "text": "Hello", "clientmsgid": "c"} for user in (7, 6)]
    refused, sent = call(lms, recorded["wsfunction"], messages=two)
    assert (refused["msgid"], sent["clientmsgid"]) == (-1, "c")
    assert sent["msgid"] > 0
    page = seed.signed_in(lms, 6).get(f"{lms.url}/course/view.php?id=2")
    assert "Hello" in page.text


def test_fields_beyond_max_input_vars_are_lost_without_an_error(lms: run.PracticeLms) -> None:
    fields = [("wstoken", lms.ws_token), ("wsfunction", "core_user_get_users_by_field"),
              ("field", "id"), *((f"values[{i}]", "6") for i in range(5000))]  # fmt: skip
    answer = raw(lms, fields)
    assert answer.status == 200
    assert "Input variables exceeded 5000" in answer.text
    assert json.loads(answer.text.partition("<br />\n[")[2].join(["[", ""]))[0]["id"] == 6
    last = [fields[0], *fields[2:], fields[1]]
    assert '"errorcode": "invalidrecord"' in raw(lms, last).text


def test_an_admin_can_break_the_web_services(lms: run.PracticeLms) -> None:
    admin = seed.signed_in(lms, ADMIN)
    page = admin.get(f"{lms.url}/admin/tools")
    key = dict(page.forms[0].fields)["sesskey"]
    for fault, status in (("ws_off", 403), ("maintenance", 503), ("", 200)):
        admin.post(f"{lms.url}/admin/fault", {"fault": fault, "sesskey": key})
        answer = raw(lms, [("wstoken", lms.ws_token)])
        assert answer.status == status
        if fault == "ws_off":
            assert answer.body == b""
        if fault == "maintenance":
            assert answer.headers["Retry-After"] == "300"
