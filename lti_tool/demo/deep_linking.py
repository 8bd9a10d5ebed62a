"""Choosing activities inside the tool, and taking back what was chosen (LTI Deep Linking 2.0)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from lti_tool.demo.access import check_sesskey, current_user, enter, needs
from lti_tool.demo.gradebook import add_activity
from lti_tool.demo.keys import NotVerified
from lti_tool.demo.launch import login_initiation, post_form
from lti_tool.demo.site import site, store
from lti_tool.demo.store import Row

blueprint = Blueprint("deep_linking", __name__)

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
MESSAGE = "LtiDeepLinkingRequest"


def _tool(tool_id: int) -> Row:
    tool = store().one("SELECT * FROM tool WHERE id=? AND state='active'", tool_id)
    if tool is None:
        abort(404, "There is no such active tool. An admin must activate it first.")
    return tool


@blueprint.get("/course/modedit.php")
@needs()
def choose() -> str:
    """Show the tool's own choice page in a frame."""
    course, _, _ = enter(request.args.get("course", 0, int), editing=True)
    tool = _tool(request.args.get("type", 0, int))
    source = url_for("deep_linking.contentitem", course=course["id"], id=tool["id"])
    return render_template("demo/choose.html", course=course, tool=tool, source=source)


@blueprint.get("/mod/lti/contentitem.php")
@needs()
def contentitem() -> str:
    """Start the Deep Linking launch, inside the frame."""
    course, _, _ = enter(request.args.get("course", 0, int), editing=True)
    return login_initiation(
        _tool(request.args.get("id", 0, int)), course["id"], None, None, MESSAGE
    )


@blueprint.post("/mod/lti/contentitem_return.php")
def returned() -> str:
    """Verify what the tool sent back and ask the teacher to save it.

    The post comes from another site, so the browser keeps our cookie back at first: the page
    posts itself once more, as Moodle's does.
    """
    if current_user() is None:
        if "repost" in request.form:
            abort(403, "Sign in to the practice LMS first.")
        fields = request.form.to_dict() | {"repost": "true"}
        why = "Your browser kept our cookie back, so this page posts itself once more."
        return post_form("Coming back", request.full_path, fields, why)
    check_sesskey()
    course, _, _ = enter(request.args.get("course", 0, int), editing=True)
    tool = _tool(request.args.get("id", 0, int))
    token = request.form.get("JWT", "")
    config = json.loads(tool["config"])
    try:
        claims = site().keys.read_tools(token, config["jwks_uri"], tool["client_id"])
    except NotVerified as problem:
        site().note("Deep Linking", f"Response refused: {problem}")
        abort(400, f"The tool's answer cannot be trusted: {problem}.")
    site().note("Deep Linking", "The tool sent back what was chosen (verified)", claims=claims)
    items = [
        item
        for item in claims.get(DL + "content_items") or []
        if isinstance(item, dict) and item.get("type") == "ltiResourceLink"
    ]
    selection = store().run(
        "INSERT INTO selection (session, course, tool, items) VALUES (?,?,?,?)",
        session["id"], course["id"], tool["id"], json.dumps(items),
    )  # fmt: skip
    said = [claims[DL + key] for key in ("msg", "errormsg") if claims.get(DL + key)]
    return render_template(
        "demo/selection.html", course=course, items=items, selection=selection, said=said
    )


@blueprint.post("/course/save")
@needs(sesskey=True)
def save() -> Response:
    """Create the activities that the teacher agreed to, with their grade items."""
    chosen = store().take(
        "DELETE FROM selection WHERE id=? AND session=? RETURNING *",
        request.form.get("selection", 0, int), session["id"],
    )  # fmt: skip
    if chosen is None:
        abort(404, "This choice was saved already.")
    enter(chosen["course"], editing=True)
    for item in json.loads(chosen["items"]):
        place(chosen["course"], chosen["tool"], item)
    return redirect(url_for("pages.course", id=chosen["course"]))


def place(course: int, tool: int, item: dict[str, Any]) -> int:
    """Create one activity from a content item, as Moodle reads it; returns its cmid.

    A url makes Moodle look the tool up again by its domain, so that of two registrations of one
    domain the first one wins. `iframe`, `window` and `lineItem.label` are ignored; a custom value
    ends at its first line break; without `lineItem` there is no grade.
    """
    row = store().one("SELECT * FROM tool WHERE id=?", tool)
    url = str(item.get("url") or "")
    if url:
        row = (
            store().one("SELECT * FROM tool WHERE domain=? ORDER BY id", urlsplit(url).netloc)
            or row
        )
    custom = "\n".join(f"{key}={value}" for key, value in (item.get("custom") or {}).items())
    line = item.get("lineItem")
    return add_activity(
        store(), course, row["id"],
        name=str(item.get("title") or row["name"]),
        intro=str(item.get("text") or ""),
        url=url,
        custom=custom,
        line=line if isinstance(line, dict) else None,
    )  # fmt: skip
