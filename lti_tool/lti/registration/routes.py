"""The address that an admin pastes into their site, and the page behind it."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from lti_tool.lti.registration.checks import look
from lti_tool.lti.registration.configuration import origin
from lti_tool.lti.registration.failure import RegistrationFailed
from lti_tool.lti.registration.operations import find_invite, look_up, register
from lti_tool.lti.registration.texts import refusal
from lti_tool.lti.registration.tool import asked_claims, asked_scopes, endpoints
from lti_tool.web import services
from lti_tool.web.access import public
from lti_tool.web.headers import frame_with

blueprint = Blueprint(
    "registration", __name__, url_prefix="/lti/register", template_folder="../templates"
)


@blueprint.get("/<code>")
@public("an admin is known by the invite in the address; nothing is changed and no token used")
def show(code: str) -> str:
    """Say what we ask for and why; the one button registers.

    Opened outside a registration, the page shows the values for doing it by hand.
    """
    shared = services()
    configuration_url = request.args.get("openid_configuration", "")
    _allow_frame(configuration_url)
    try:
        if not configuration_url:
            return render_template(
                "lti/register_by_hand.html",
                invite=find_invite(shared.database, code),
                ours=endpoints(shared.settings.public_url),
                address=f"{shared.settings.public_url}/lti/register/{code}",
            )
        token = request.args.get("registration_token", "")
        invite, configuration = look_up(shared, code, configuration_url, token)
    except RegistrationFailed as failed:
        raise refusal(failed) from failed
    return render_template(
        "lti/register.html",
        invite=invite,
        platform=configuration,
        scopes=asked_scopes(configuration),
        claims=asked_claims(wants_names=invite.wants_names),
        code=code,
        configuration_url=configuration_url,
        token=token,
    )


@blueprint.post("/<code>")
@public("the invite in the address is leave to register one platform, once")
def confirm(code: str) -> str:
    """Register, and show what came of it."""
    shared = services()
    configuration_url = request.form.get("openid_configuration", "")
    _allow_frame(configuration_url)
    try:
        configuration, registered = register(
            shared, code, configuration_url, request.form.get("registration_token", "")
        )
    except RegistrationFailed as failed:
        raise refusal(failed) from failed
    checks = look(shared.door, configuration, registered)
    return render_template(
        "lti/register_done.html",
        registered=registered,
        checks=checks,
        all_fine=all(check.ok for check in checks),
        ours=endpoints(shared.settings.public_url),
    )


def _allow_frame(configuration_url: str) -> None:
    """Let the platform that began the registration show this answer in its frame."""
    platform = origin(configuration_url)
    if platform:
        frame_with(platform)
