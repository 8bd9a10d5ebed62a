"""Why somebody did not get in: one row for each code, with what to do about it.

A code never changes its meaning, because people read it out on the telephone. The log gets the
code and the platform; the page gets the texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Audience(StrEnum):
    """Who reads the page, as far as a verified token told us."""

    LEARNER = "learner"
    STAFF = "staff"
    UNKNOWN = "unknown"


class LaunchRefused(Exception):
    """A login or a launch that does not get in; `code` is a key of `REFUSALS`."""

    def __init__(
        self,
        code: str,
        *,
        platform_id: str | None = None,
        skew: int | None = None,
        audience: Audience = Audience.UNKNOWN,
        frame_origins: tuple[str, ...] = (),
    ) -> None:
        """Keep what the page and the log may show; `skew` is in seconds, ours minus theirs."""
        super().__init__(code)
        self.code = code
        self.platform_id = platform_id
        self.skew = skew
        self.audience = audience
        self.frame_origins = frame_origins


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the page of one code says, and its HTTP status."""

    status: int
    title: LazyString
    learner: LazyString
    staff: LazyString


_AGAIN_TITLE = _l("Please open the activity again")
_AGAIN = _l("Go back to your course and open the activity again.")
_SETUP_TITLE = _l("This course is not connected properly")
_SETUP = _l("You did nothing wrong. Tell your teacher, and show them the code below.")
_TOKEN_TITLE = _l("We could not check where you came from")
_TOKEN = _l(
    "Go back to your course and open the activity again. If it happens twice, show your teacher "
    "the code below."
)


def _again(staff: LazyString, status: int = 401) -> Refusal:
    return Refusal(status, _AGAIN_TITLE, _AGAIN, staff)


def _setup(staff: LazyString, status: int = 401) -> Refusal:
    return Refusal(status, _SETUP_TITLE, _SETUP, staff)


def _token(staff: LazyString) -> Refusal:
    return Refusal(401, _TOKEN_TITLE, _TOKEN, staff)


REFUSALS: dict[str, Refusal] = {
    # The login initiation.
    "login_incomplete": _again(
        _l(
            "The platform's login request lacks iss, login_hint or target_link_uri. This address "
            "is for platforms; people open activities from their course."
        ),
        400,
    ),
    "platform_unknown": _setup(
        _l(
            "No registration here has this issuer and client id. Register the platform again, or "
            "compare both values with those in its tool settings."
        ),
        400,
    ),
    "platform_ambiguous": _setup(
        _l(
            "The platform sent no client_id and more than one of its registrations is known here. "
            "Update the platform, or keep one registration."
        ),
        400,
    ),
    "platform_pending": _setup(
        _l("The platform is registered but not approved yet. Your coordinator can approve it."), 403
    ),
    "platform_disabled": _setup(
        _l("This platform's registration was switched off. Ask your coordinator."), 403
    ),
    "target_not_ours": _setup(
        _l(
            "The tool URL of this activity is not an address of ours. Edit the activity and leave "
            "its tool URL empty, or set it to the launch address of the registration."
        ),
        400,
    ),
    # The platform said no.
    "platform_error": _again(
        _l(
            "The platform refused the launch itself. Check that the tool is active there and that "
            "its redirect URI is our launch address."
        ),
        400,
    ),
    "platform_login_required": _again(
        _l("The platform says that you are not logged in there. Log in and open it again."), 401
    ),
    # State and browser.
    "launch_incomplete": _again(_l("The platform sent neither an id_token nor an error."), 400),
    "state_missing": _again(_l("The launch came without the state of a login.")),
    "state_invalid": _again(
        _l("The state is not ours, was changed, or is older than five minutes.")
    ),
    "browser_unknown": Refusal(
        401,
        _l("Your browser did not keep our cookie"),
        _l("Open the activity in a new tab, or go back to your course and open it again there."),
        _l(
            "The launch came from another browser than the login, or the browser blocks cookies "
            "inside frames. Opening the activity in a new window helps."
        ),
    ),
    "hand_over_used": _again(_l("The button to go on in a new tab works once.")),
    "platform_mismatch": _token(_l("The token and the login name different registrations.")),
    # Header and signature.
    "token_unreadable": _token(_l("The id_token is not a signed JWT in compact form.")),
    "token_type": _token(_l("The token's type is not JWT: it was made for another purpose.")),
    "algorithm_refused": _token(
        _l("The token is signed with an algorithm that this registration does not allow.")
    ),
    "header_refused": _token(
        _l("The token's header names a key of its own or an extension that we do not know.")
    ),
    "kid_missing": _token(_l("The token's header has no key id (kid).")),
    "key_unknown": _token(
        _l("The platform's key set has no key with this id, also after fetching it again.")
    ),
    "key_refused": _token(
        _l("The platform's key cannot be used: too short, of another type, or ambiguous.")
    ),
    "keys_unavailable": Refusal(
        503,
        _l("Your course does not answer right now"),
        _l("Wait a minute, then open the activity again."),
        _l("The platform's key set could not be fetched. Check its address."),
    ),
    "signature_invalid": _token(_l("The signature does not fit the platform's key.")),
    # Claims of OpenID Connect.
    "payload_unreadable": _token(_l("The token's payload is not a JSON object.")),
    "issuer_mismatch": _token(_l("The token's issuer is not the registered one.")),
    "audience_mismatch": _token(_l("The token is meant for another client id.")),
    "audience_untrusted": _token(_l("The token is meant for others as well, whom we do not know.")),
    "party_mismatch": _token(_l("The token was issued to another client (azp).")),
    "time_missing": _token(_l("The token lacks exp or iat, or they are no numbers.")),
    "token_expired": _token(
        _l("The token has expired. If it happens often, compare the clocks of both servers.")
    ),
    "token_too_old": _token(_l("The token was issued too long ago. Compare both servers' clocks.")),
    "token_from_future": _token(
        _l("The token was issued in the future. Compare the clocks of both servers.")
    ),
    "token_too_long": _token(_l("The token is valid for more than a day.")),
    "nonce_missing": _token(_l("The token has no nonce.")),
    "nonce_mismatch": _token(_l("The token answers another login than this one.")),
    "nonce_used": _again(_l("This launch was used before. Each launch works once.")),
    # Claims of LTI.
    "version_unsupported": _token(_l("The LTI version is not 1.3.0.")),
    "message_unsupported": _token(_l("We do not offer this message type.")),
    "message_incomplete": _token(_l("A claim that this message type needs is missing.")),
    "deployment_missing": _token(_l("The token names no deployment.")),
    "deployment_mismatch": _token(_l("The login and the token name different deployments.")),
    "deployment_unknown": _setup(
        _l("This deployment is not registered here. Add its id to the platform's registration.")
    ),
    "target_mismatch": _token(_l("The target of the token is not the target of the login.")),
    "roles_missing": _token(_l("The token has no list of roles.")),
    "user_missing": _setup(
        _l(
            "The platform did not say who you are. Allow it to send the user id, or allow "
            "anonymous launches for this registration."
        )
    ),
    "claims_malformed": _token(_l("A claim has the wrong type.")),
    "migration_invalid": _setup(
        _l("The LTI 1.1 migration claim is not signed with a consumer key that we know.")
    ),
    # People.
    "user_disabled": Refusal(
        403,
        _l("Your account here is closed"),
        _l("Ask your coordinator if you think this is a mistake."),
        _l("A coordinator closed this account. Only a coordinator can open it again."),
    ),
}
