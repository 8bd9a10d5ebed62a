"""What the page of a registration that failed says: what happened and what to do."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from lti_tool.lti.registration.failure import RegistrationFailed
from lti_tool.web.errors import Refused

_NEW_INVITE = _l("Ask your contact at Back on Track for a new address.")
_AGAIN = _l("Start the registration again from your site's list of tools.")
_ADMIN = _l("Show this page to whoever looks after your site.")

# 422 where the other site is at fault: some proxies put pages of their own in place of a 502.
_TEXTS: dict[str, tuple[int, LazyString, LazyString]] = {
    "invite_unknown": (
        404,
        _l("We do not know this address"),
        _l("Check that you copied all of it. If you did, ask your contact for a new one."),
    ),
    "invite_used": (410, _l("This address was used before"), _NEW_INVITE),
    "invite_expired": (410, _l("This address is too old"), _NEW_INVITE),
    "token_missing": (
        400,
        _l("Your site did not send its registration token"),
        _l("Paste the address into the form for a new tool; do not open it yourself."),
    ),
    "configuration_unreachable": (
        422,
        _l("We could not reach your site's configuration"),
        _l("Your site has to be reachable from the internet over https. Then start again."),
    ),
    "configuration_unreadable": (
        422,
        _l("Your site's configuration could not be read"),
        _l("Its address has to answer with JSON. A maintenance page or a login is in the way."),
    ),
    "configuration_incomplete": (
        400,
        _l("Something is missing in your site's configuration"),
        _l("Update the site, or register by hand with the values that we can send you."),
    ),
    "configuration_method": (
        400,
        _l("Your site does not offer the sign-in that LTI 1.3 asks for"),
        _l("It has to support private_key_jwt at its token address."),
    ),
    "issuer_foreign": (
        403,
        _l("Your site says that it is another site"),
        _l(
            "The issuer has to be the beginning of the configuration's address. Check the site's "
            "own address in its settings (in Moodle: $CFG->wwwroot)."
        ),
    ),
    "configuration_foreign": (
        403,
        _l("Your site names addresses that are not its own"),
        _l("All addresses in its configuration have to be of the same site."),
    ),
    "registration_unreachable": (
        422,
        _l("Your site did not answer our registration"),
        _l("We do not know whether it took it. Look at your list of tools, then start again."),
    ),
    "registration_unreadable": (
        422,
        _l("Your site's answer could not be read"),
        _l("Look at your list of tools. Remove the half-made tool, then start again."),
    ),
    "registration_refused": (422, _l("Your site refused the registration"), _AGAIN),
    "platform_of_another": (
        403,
        _l("This site is registered with another organisation"),
        _l("Ask your contact at Back on Track to sort out who it belongs to."),
    ),
}

_REASONS: dict[str, LazyString] = {
    "token_already_used": _l("The registration token was used before."),
    "missing_registration_token": _l(
        "The token did not arrive. Often the web server removes the Authorization header."
    ),
    "invalid_registration_token": _l("The registration token is not valid (any more)."),
    "missing_domain": _l("The tool's address did not suit your site."),
    "domain_targetlinkuri_mismatch": _l("The tool's address did not suit your site."),
}
"""Reasons of Moodle's that we can say in words."""


def refusal(failed: RegistrationFailed) -> Refused:
    """Return the page of a failure."""
    status, title, help_text = _TEXTS[failed.code]
    code = f"{failed.code}.{failed.detail}" if failed.detail else failed.code
    return Refused(
        code,
        status=status,
        title=title,
        learner_help=_REASONS.get(failed.detail, help_text),
        staff_help=help_text if failed.detail in _REASONS else _ADMIN,
    )
