"""The pages for people: front page, course, gradebook, and what happens under the hood."""

from __future__ import annotations

import json
import time
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from lti_tool.demo import gradebook
from lti_tool.demo.access import current_user, enter, needs, role_in, sign_in
from lti_tool.demo.population import DOORS
from lti_tool.demo.site import site, store

blueprint = Blueprint("pages", __name__)

KINDS = {
    "Registration": "Dynamic Registration. The tool reads our configuration, then posts its own "
    "with a token that we gave to the admin's browser. Nobody copies keys by hand.",
    "Launch": "An OpenID Connect login that we start. The tool checks that the id_token has our "
    "signature, its own nonce, and less than 60 seconds of age. What it says is all it knows.",
    "Deep Linking": "A teacher chose in the tool. The answer is signed with the tool's key, "
    "because it comes through the teacher's browser, where anybody could change it.",
    "Token": "The tool itself calls us, without a browser. It proves who it is with a signed note "
    "(private_key_jwt) and gets an access token for an hour.",
    "AGS": "Assignment and Grade Services. The tool lists the columns of the gradebook (line "
    "items) and posts a score for one learner. Moodle says 200 with an empty body if all is well.",
    "NRPS": "Names and Role Provisioning Services. The tool reads who is in the course. Mind that "
    "a non-editing teacher is a Learner in this list, although a launch says Instructor.",
    "Web service": "Moodle's own web services, beside LTI. They show groups and completion, which "
    "LTI does not. Errors come with status 200: look at the errorcode.",
}
"""The kinds of exchanges in the journal, each with what a newcomer should see in it."""


@blueprint.get("/")
def front() -> str:
    """Offer to sign in as one of the people, or show the courses of who is in."""
    user = current_user()
    if user is None or "switch" in request.args:
        people = [
            (store().one("SELECT * FROM user WHERE id=?", who), what, does)
            for who, what, does in DOORS
        ]
        return render_template("demo/front.html", people=people, wanted=request.args.get("next"))
    courses = [c for c in store().all("SELECT * FROM course ORDER BY id") if role_in(c["id"], user)]
    return render_template("demo/courses.html", courses=courses)


@blueprint.post("/login")
def login() -> BaseResponse:
    """Sign in as one of the people of the front page; no password, nothing here is secret."""
    who = request.form.get("user", 0, int)
    if who not in {door[0] for door in DOORS}:
        abort(403, "Choose one of the people on the front page.")
    sign_in(who)
    wanted = request.form.get("next", "")
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return redirect(wanted if local else url_for("pages.front"))


@blueprint.post("/logout")
def logout() -> BaseResponse:
    """Forget who is signed in."""
    session.clear()
    return redirect(url_for("pages.front"))


@blueprint.get("/course/view.php")
@needs()
def course() -> str:
    """Show a course: its activities, who is done with them, and what a teacher can add."""
    found, user, role = enter(request.args.get("id", 0, int))
    modules = store().all(
        "SELECT m.*, IFNULL(c.state, 0) AS state FROM module m"
        " LEFT JOIN completion c ON c.cmid=m.id AND c.user=? WHERE m.course=?"
        " ORDER BY m.section, m.id",
        user["id"], found["id"],
    )  # fmt: skip
    groups = store().all(
        "SELECT g.id FROM grp g JOIN grp_member m ON m.grp=g.id WHERE m.user=? AND g.course=?",
        user["id"], found["id"],
    )  # fmt: skip
    mine = {row["id"] for row in groups}
    events = [json.loads(row["body"]) for row in store().all("SELECT body FROM event ORDER BY id")]
    shown = [e for e in events if e["courseid"] == found["id"] or e["groupid"] in mine]
    return render_template(
        "demo/course.html",
        course=found,
        role=role,
        modules=modules,
        events=shown,
        messages=store().all("SELECT * FROM message WHERE touser=? ORDER BY id", user["id"]),
        tools=store().all("SELECT * FROM tool WHERE state='active' ORDER BY id"),
        may_edit=role in {"admin", "manager", "editingteacher"},
    )


@blueprint.get("/mod/page/view.php")
@needs()
def page() -> str:
    """Show a page of the course's own; seeing it completes it where Moodle would."""
    module = store().one(
        "SELECT * FROM module WHERE id=? AND modname<>'lti'", request.args.get("id", 0, int)
    )
    if module is None:
        abort(404, "There is no such page.")
    found, user, role = enter(module["course"])
    if role == "student" and module["tracking"] == gradebook.AUTOMATIC:
        gradebook.set_completion(store(), module["id"], user["id"], 1)
    return render_template("demo/page.html", course=found, module=module)


@blueprint.get("/grade/report/index.php")
@needs()
def grades() -> str:
    """Show the gradebook: all learners to staff, their own grades to a learner."""
    found, user, role = enter(request.args.get("id", 0, int))
    rows = gradebook.items(store(), found["id"])
    known = gradebook.grades(store(), found["id"])
    if role == "student":
        people = [user]
    else:
        people = store().all(
            "SELECT u.* FROM user u JOIN enrolment e ON e.user=u.id"
            " WHERE e.course=? AND e.role='student' AND e.status=0"
            " ORDER BY u.lastname, u.firstname, u.id",
            found["id"],
        )
    totals = {person["id"]: gradebook.total(rows, known, person["id"]) for person in people}
    return render_template(
        "demo/grades.html", course=found, role=role, people=people, known=known, totals=totals,
        items=[row for row in rows if row["itemtype"] != "course"],
    )  # fmt: skip


@blueprint.get("/under-the-hood")
def hood() -> str:
    """Show the last protocol exchanges, newest first."""
    kind = request.args.get("kind", "")
    rows = store().all(
        "SELECT * FROM exchange WHERE kind=?1 OR (?1='' AND kind<>'Web service')"
        " ORDER BY id DESC LIMIT 60",
        kind,
    )
    shown = [
        {
            "kind": row["kind"],
            "title": row["title"],
            "when": time.strftime("%H:%M:%S", time.gmtime(row["time"])),
            "parts": _pretty(json.loads(row["body"])),
        }
        for row in rows
    ]
    return render_template("demo/hood.html", exchanges=shown, kinds=KINDS, kind=kind)


def _pretty(parts: dict[str, Any]) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
        for name, value in parts.items()
        if value not in (None, "", {}, [])
    }


@blueprint.get("/ready")
def ready() -> Response:
    """Say that the LMS is up."""
    return Response(site().url, content_type="text/plain")
