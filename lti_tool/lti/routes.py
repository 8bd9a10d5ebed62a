"""The addresses that platforms use: login, launch, keys; and the way on without cookies."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urlsplit

from flask import Blueprint, current_app, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from config.clock import utcnow
from lti_tool.lti.cookies import (
    LOGIN_SECONDS,
    drop_cookie,
    drop_oldest_launches,
    drop_oldest_logins,
    launch_cookie,
    login_cookie,
    set_cookie,
)
from lti_tool.lti.launch import BrowserUnproven
from lti_tool.lti.launch import launch as take_launch
from lti_tool.lti.login import begin_login
from lti_tool.lti.pages import hand_over, keep_in_platform, prove_browser, refuse
from lti_tool.lti.refusals import LaunchRefused
from lti_tool.lti.runtime import runtime
from lti_tool.lti.sessions import LIFETIME, exchange_secret
from lti_tool.web import services
from lti_tool.web.access import public
from lti_tool.web.replies import go

blueprint = Blueprint("lti", __name__, url_prefix="/lti", template_folder="templates")


@blueprint.route("/login", methods=["GET", "POST"])
@public("a platform begins a launch; nobody is known yet and nothing is written")
def login() -> BaseResponse:
    """Send the browser to the platform's login (OIDC third-party initiated login)."""
    shared = services()
    params = {**request.args.to_dict(), **request.form.to_dict()}
    try:
        start = begin_login(
            params,
            runtime(shared).registrations,
            shared.state_signer,
            shared.settings.public_url,
            utcnow().timestamp(),
        )
    except LaunchRefused as refused:
        raise refuse(refused) from refused
    response = (
        keep_in_platform(start) if start.state.storage_target else go(start.redirect_url, 302)
    )
    for dropped in drop_oldest_logins(request.cookies):
        response.headers.add("Set-Cookie", dropped)
    cookie = set_cookie(login_cookie(start.state.id), start.browser_secret, LOGIN_SECONDS)
    response.headers.add("Set-Cookie", cookie)
    return response


@blueprint.post("/launch")
@public("the platform's signed token says who comes; every check is in lti_tool.lti.launch")
def launch() -> BaseResponse:
    """Check a launch and send the person to their activity."""
    shared = services()
    try:
        outcome = take_launch(
            shared,
            runtime(shared),
            request.form,
            request.cookies,
            utcnow(),
            from_own_page=_from_own_page(shared.settings.public_url),
        )
    except LaunchRefused as refused:
        raise refuse(refused) from refused
    if isinstance(outcome, BrowserUnproven):
        return prove_browser(outcome)
    if outcome.by_storage:
        return hand_over(outcome)
    response = _enter(outcome.launch.id, outcome.secret)
    response.headers.add("Set-Cookie", drop_cookie(login_cookie(outcome.state.id)))
    return response


@blueprint.post("/continue")
@public("a launch that was verified goes on in a new window; its one-use secret says which")
def go_on() -> BaseResponse:
    """Go on with a launch in a window where our cookies are first-party."""
    shared = services()
    launch_id, secret = request.form.get("launch", ""), request.form.get("secret", "")
    fresh = None
    if _from_own_page(shared.settings.public_url):
        with shared.database.write_connection() as connection:
            fresh = exchange_secret(connection, launch_id, secret)
    if fresh is None:
        raise refuse(LaunchRefused("hand_over_used"))
    return _enter(launch_id, fresh)


@blueprint.get("/jwks.json")
@public("public keys are for everybody")
def jwks() -> BaseResponse:
    """Publish our keys: next, active and retiring."""
    body = json.dumps({"keys": runtime(services()).keys.published()}, separators=(",", ":"))
    response = current_app.response_class(body, mimetype="application/json")
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    response.cache_control.public = True
    response.cache_control.max_age = 3600
    return response.make_conditional(request)


def _enter(launch_id: str, secret: str) -> BaseResponse:
    response = go(url_for("entry.show", launch_id=launch_id), 303)
    for dropped in drop_oldest_launches(request.cookies):
        response.headers.add("Set-Cookie", dropped)
    max_age = int(LIFETIME.total_seconds())
    response.headers.add("Set-Cookie", set_cookie(launch_cookie(launch_id), secret, max_age))
    return response


def _from_own_page(public_url: str) -> bool:
    """Whether the browser says that a page of ours sent this form.

    Fetch Metadata where the browser has it; a browser never lets a page choose these headers.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    ours = urlsplit(public_url)
    return request.headers.get("Origin") == f"{ours.scheme}://{ours.netloc}"
