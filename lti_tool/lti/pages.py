"""The few pages of the protocol itself: refusals and the ways round a browser without cookies."""

from __future__ import annotations

from flask import make_response, render_template
from werkzeug.wrappers import Response

from config.logging import get_logger
from lti_tool.lti.launch import BrowserUnproven, Entered
from lti_tool.lti.login import LoginStart
from lti_tool.lti.platforms import origin_of
from lti_tool.lti.refusals import REFUSALS, Audience, LaunchRefused
from lti_tool.web.errors import Refused
from lti_tool.web.headers import frame_with

log = get_logger()


def refuse(refused: LaunchRefused) -> Refused:
    """Return the page of a refusal and log its code, the platform and the clocks' difference.

    A verified token says who reads the page; else both texts are on it. The page may be shown in
    the platform's frame; where the platform is unknown, in any: it has nothing to click.
    """
    text = REFUSALS[refused.code]
    log.warning(
        "launch.refused",
        code=refused.code,
        platform=refused.platform_id,
        skew_s=refused.skew,
        status=text.status,
    )
    frame_with(*(refused.frame_origins or ("*",)))
    if refused.audience is Audience.STAFF:
        return Refused(refused.code, title=text.title, learner_help=text.staff, status=text.status)
    staff = None if refused.audience is Audience.LEARNER else text.staff
    return Refused(
        refused.code,
        title=text.title,
        learner_help=text.learner,
        staff_help=staff,
        status=text.status,
    )


def keep_in_platform(start: LoginStart) -> Response:
    """Answer a login whose platform offers storage: put the browser's secret there, then go on."""
    frame_with(*start.registration.frame_origins)
    return make_response(
        render_template(
            "lti/storage_put.html",
            storage_target=start.state.storage_target,
            platform_origin=origin_of(start.registration.auth_url),
            key=start.state.id,
            value=start.browser_secret,
            go_on=start.redirect_url,
        )
    )


def prove_browser(unproven: BrowserUnproven) -> Response:
    """Answer a launch without its cookie: ask platform storage, else offer a window of its own.

    Nothing was verified and nothing is consumed: the token is handed back to the page that sent
    it, escaped, to be posted once more.
    """
    log.info("launch.cookie_missing", platform=unproven.registration.id)
    frame_with(*unproven.registration.frame_origins)
    return make_response(
        render_template(
            "lti/cookie_missing.html",
            storage_target=unproven.state.storage_target,
            platform_origin=origin_of(unproven.registration.auth_url),
            key=unproven.state.id,
            state=unproven.state_token,
            id_token=unproven.id_token,
            again=unproven.state.again,
        ),
        401,
    )


def hand_over(entered: Entered) -> Response:
    """Answer a launch whose browser keeps no cookie here: go on in a window of its own.

    The secret travels in the body of a form of ours, never in an address, and works once.
    """
    frame_with(*entered.launch.frame_origins)
    return make_response(
        render_template("lti/hand_over.html", launch_id=entered.launch.id, secret=entered.secret)
    )
