"""The service side of LTI: access tokens, and Moodle's way of finding a handler."""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request

from lti_tool.demo import ags, nrps
from lti_tool.demo.keys import NotVerified
from lti_tool.demo.registration import granted
from lti_tool.demo.service import Call, Handler, Reply
from lti_tool.demo.site import site, store

blueprint = Blueprint("services", __name__)

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = 3600
_HANDLERS = (*ags.HANDLERS, *nrps.HANDLERS)


@blueprint.post("/mod/lti/token.php")
def token() -> tuple[Response, int] | Response:
    """Give an access token for a `private_key_jwt` (RFC 7523) signed by the tool.

    Unknown scopes are dropped without a word; with none left the answer is invalid_scope. `aud`
    and `jti` are not checked, as in Moodle.
    """
    form = request.form
    fine = (
        form.get("grant_type") == "client_credentials"
        and form.get("client_assertion_type") == JWT_BEARER
        and form.get("client_assertion")
    )
    if not fine:
        return _token_error("invalid_request")
    client_id = _unverified_subject(form["client_assertion"])
    tool = store().one("SELECT * FROM tool WHERE client_id=?", client_id)
    if tool is None:
        return _token_error("invalid_client")
    config = json.loads(tool["config"])
    try:
        claims = site().keys.read_tools(form["client_assertion"], config["jwks_uri"], client_id)
    except NotVerified as problem:
        return _token_error("invalid_client", str(problem))
    allowed = granted(config)
    scopes = [scope for scope in form.get("scope", "").split() if scope in allowed]
    if not scopes:
        return _token_error("invalid_scope")
    value = secrets.token_hex(16)
    store().run(
        "INSERT INTO access_token VALUES (?,?,?,?)",
        value, tool["id"], " ".join(scopes), int(time.time()) + LIFETIME,
    )  # fmt: skip
    answer = {"token_type": "Bearer", "expires_in": LIFETIME, "scope": " ".join(scopes)}
    site().note("Token", "The tool asked for an access token", assertion=claims, answer=answer)
    return jsonify({"access_token": value} | answer)


def _token_error(code: str, why: str = "") -> tuple[Response, int]:
    site().note("Token", f"Refused: {code}. {why}")
    return jsonify({"error": code}), 400


def _unverified_subject(assertion: str) -> str:
    """Return whose keys to verify with; nothing else is taken from an unverified token."""
    try:
        body = assertion.split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["sub"])
    except (ValueError, KeyError, TypeError, IndexError):
        return ""


@blueprint.route("/mod/lti/services.php/<path:path>", methods=["GET", "POST", "PUT", "DELETE"])
def services(path: str) -> Response:
    """Find the handler as Moodle's services.php does, and note what came of it.

    Accept (of a GET) and Content-Type (of the rest) must be exactly one of the handler's formats;
    only an Accept without any value or with */* fits all.
    """
    accept = request.headers.get("Accept", "") if request.method == "GET" else ""
    kind = (request.content_type or "").partition(";")[0] if request.method != "GET" else ""
    for handler in _HANDLERS:
        found = re.fullmatch(handler.pattern, path)
        if found and _fits(handler, accept, kind) and request.method in handler.methods:
            reply = _call(handler, found)
            break
    else:
        reply = Reply(400, reason=f"No handler found for /{path} {accept} {kind}")
    return _send(reply)


def _fits(handler: Handler, accept: str, kind: str) -> bool:
    if request.method == "GET":
        return not accept or "*/*" in accept or accept in handler.formats
    return request.method == "DELETE" or kind in handler.formats


def _call(handler: Handler, found: re.Match[str]) -> Reply:
    tool = int(found.groupdict().get("tool") or request.args.get("type_id", 0, int))
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    row = store().one(
        "SELECT * FROM access_token WHERE token=? AND tool=? AND expires>?",
        bearer, tool, int(time.time()),
    )  # fmt: skip
    scopes = frozenset(row["scopes"].split()) if row else frozenset()
    call = Call(
        here=site(),
        method=request.method,
        tool=tool,
        course=int(found["course"]),
        item=int(found.groupdict().get("item") or 0),
        scopes=scopes,
        query=request.args.to_dict(),
        body=request.get_data(as_text=True),
    )
    return handler.run(call)


def _send(reply: Reply) -> Response:
    status, content_type, body = reply.status, reply.content_type, reply.body
    if "\n" in reply.reason:
        # PHP drops a header with a line break in it, and with it the status.
        status, reason = 200, "OK"
    else:
        reason = reply.reason or HTTPStatus(status).phrase
    if not content_type:
        content_type = "application/json"
        error = {
            "method": request.method,
            "url": request.full_path.removesuffix("?"),
            "accept": request.headers.get("Accept", ""),
            "contentType": request.content_type or "",
        }
        body = json.dumps({"status": status, "reason": reason, "request": error}, indent=4)
    _note(reply, body)
    response = Response(body, content_type=f"{content_type}; charset=utf-8")
    response.status = f"{status} {reason.encode().decode('latin-1')}"
    response.headers.extend(reply.headers)
    return response


def _note(reply: Reply, body: str) -> None:
    what = "NRPS" if "memberships" in request.path else "AGS"
    site().note(
        what,
        f"{request.method} {request.path.partition('services.php')[2]} → {reply.status}",
        asked={
            "accept": request.headers.get("Accept"),
            "content_type": request.content_type,
            "query": request.args,
            "body": _readable(request.get_data(as_text=True)),
        },
        reason=reply.reason,
        answer=_readable(body),
    )


def _readable(text: str) -> Any:  # noqa: ANN401 - JSON, or the text itself
    try:
        return json.loads(text)
    except ValueError:
        return text
