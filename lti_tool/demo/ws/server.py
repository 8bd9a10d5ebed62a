"""The one address of the web services, `webservice/rest/server.php`."""

from __future__ import annotations

import hmac
import json
from typing import Any

from flask import Blueprint, Response, render_template, request

from lti_tool.demo.site import site, store
from lti_tool.demo.ws import courses, groups, people, progress
from lti_tool.demo.ws.protocol import FUNCTIONS, WsError, check, no_record, parse_fields

blueprint = Blueprint("ws", __name__)

ROOMS = (courses, people, groups, progress)
"""Importing a room offers its functions."""
_SETTINGS = frozenset({"wstoken", "wsfunction", "moodlewsrestformat"})


@blueprint.route("/webservice/rest/server.php", methods=["GET", "POST"])
def rest() -> Response:
    """Answer one call. Errors are HTTP 200 with `exception`, `errorcode` and `message`.

    Fields beyond PHP's `max_input_vars` are lost; what is left is acted upon.
    """
    fault = store().setting("fault")
    if fault == "ws_off":
        return Response("", 403, content_type="text/html; charset=utf-8")
    if fault == "maintenance":
        page = render_template("demo/maintenance.html")
        return Response(page, 503, {"Retry-After": "300"}, content_type="text/html; charset=utf-8")
    sent = [*request.args.items(multi=True), *request.form.items(multi=True)]
    limit = site().max_input_vars
    fields, lost = dict(sent[:limit]), len(sent) > limit
    asked = {k: v for k, v in fields.items() if k not in _SETTINGS and k[:15] != "moodlewssetting"}
    name = fields.get("wsfunction", "")
    try:
        _check_token(fields.get("wstoken", ""))
        answer = _run(name, asked)
    except WsError as error:
        answer = {"exception": error.kind, "errorcode": error.code, "message": error.message}
    site().note("Web service", name or "no function", asked=asked, answer=_short(answer))
    body = json.dumps(answer, ensure_ascii=False)
    if fields.get("moodlewsrestformat") != "json":
        # Moodle's default is XML, which no client wants: enough to see the mistake.
        xml = '<?xml version="1.0"?>\n<RESPONSE>add moodlewsrestformat=json</RESPONSE>'
        return Response(xml, content_type="application/xml; charset=utf-8")
    if lost:
        body = (
            "<br />\n<b>Warning</b>:  PHP Request Startup: Input variables exceeded "
            f"{limit}. To increase the limit change max_input_vars in php.ini.<br />\n{body}"
        )
    return Response(body, content_type="application/json")


def _check_token(token: str) -> None:
    if not hmac.compare_digest(token.encode(), store().setting("ws_token").encode()):
        raise WsError("invalidtoken", "Invalid token - token not found")


def _run(name: str, asked: dict[str, str]) -> Any:  # noqa: ANN401 - any JSON value
    if name not in FUNCTIONS:
        raise no_record("external_functions")
    found = FUNCTIONS[name]
    return found.run(check(found.spec, parse_fields(asked.items())))


def _short(answer: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return an answer, or its beginning, for the journal."""
    text = json.dumps(answer, ensure_ascii=False, indent=2)
    return answer if len(text) < 6000 else text[:6000] + "\n… and more"
