"""Site administration: connect a tool by its registration URL, activate it, read the token."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from lti_tool.demo.access import needs
from lti_tool.demo.population import SERVICE
from lti_tool.demo.registration import granted
from lti_tool.demo.site import site, store

blueprint = Blueprint("admin", __name__)

FAULTS = {
    "": "Everything works.",
    "maintenance": "Maintenance: web services answer 503 with a page.",
    "ws_off": "Web services are off: 403 with an empty body.",
}


@blueprint.get("/admin/tools")
@needs("admin")
def tools() -> str:
    """List the tools, and offer to add one."""
    rows = [
        {**dict(row), "config": json.loads(row["config"])}
        for row in store().all("SELECT * FROM tool ORDER BY id")
    ]
    return render_template(
        "demo/tools.html",
        tools=rows,
        granted={row["id"]: granted(row["config"]) for row in rows},
        token=store().setting("ws_token"),
        service=store().one("SELECT * FROM user WHERE id=?", SERVICE),
        fault=store().setting("fault"),
        faults=FAULTS,
        url=site().url,
        tool_url=site().tool_url,
    )


@blueprint.post("/admin/tools/add")
@needs("admin", sesskey=True)
def add() -> str:
    """Open a tool's registration page in a frame, as Moodle does."""
    url = request.form.get("url", "").strip()
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        abort(400, "Paste a whole address, for example https://tool.example.org/register")
    source = url_for("registration.start", url=url, sesskey=session["sesskey"])
    known = store().one("SELECT name FROM tool WHERE domain=?", parts.netloc)
    return render_template("demo/register.html", url=url, source=source, known=known)


@blueprint.post("/admin/tools/<int:tool>/activate")
@needs("admin", sesskey=True)
def activate(tool: int) -> Response:
    """Let a pending tool be used."""
    store().run("UPDATE tool SET state='active' WHERE id=?", tool)
    return redirect(url_for("admin.tools"))


@blueprint.post("/admin/tools/<int:tool>/delete")
@needs("admin", sesskey=True)
def delete(tool: int) -> Response:
    """Forget a tool that no activity uses."""
    if store().one("SELECT 1 FROM lti WHERE tool=?", tool):
        abort(400, "Activities in courses still use this tool.")
    store().run("DELETE FROM tool WHERE id=?", tool)
    return redirect(url_for("admin.tools"))


@blueprint.post("/admin/fault")
@needs("admin", sesskey=True)
def fault() -> Response:
    """Make the web services fail on purpose, to see how a tool copes."""
    wanted = request.form.get("fault", "")
    if wanted not in FAULTS:
        abort(400, "There is no such fault.")
    store().set_setting("fault", wanted)
    site().note("Web service", f"An admin chose: {FAULTS[wanted]}")
    return redirect(url_for("admin.tools"))
