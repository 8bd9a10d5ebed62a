"""The first step of a launch: the platform says who is coming, we send them to its login.

OpenID Connect third-party initiated login, LTI flavour (1EdTech Security Framework 1.1 §5.1.1.1).
Nothing is written. What the launch has to agree with travels in the signed state; a cookie that
only this browser has ties the state to it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

from werkzeug.urls import iri_to_uri

from config.ids import new_id
from config.secrets import Signer, digest, new_secret
from lti_tool.lti.platforms import ACTIVE, PENDING, Registration, RegistrationCache
from lti_tool.lti.quirks import for_product
from lti_tool.lti.refusals import LaunchRefused
from lti_tool.lti.state import State

LAUNCH_PATH = "/lti/launch"
TARGET_PATHS = frozenset({"", "/", LAUNCH_PATH})
"""The paths of ours that an activity may have as its target; a query may follow."""

_MAX_HINT = 2048
_MAX_AGAIN = 1500
_AMBIGUOUS = re.compile(r"[^\x21-\x7e]|[\\<>\"^`{|}]")
_PASSED_ON = (
    "iss",
    "login_hint",
    "target_link_uri",
    "lti_message_hint",
    "client_id",
    "lti_deployment_id",
)
_ALWAYS = {
    "scope": "openid",
    "response_type": "id_token",
    "response_mode": "form_post",
    "prompt": "none",
}
STORAGE_TARGET = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")


@dataclass(frozen=True, slots=True)
class LoginStart:
    """Where the browser goes now, and what ties the launch to it."""

    redirect_url: str
    state: State
    state_token: str
    browser_secret: str
    registration: Registration


def begin_login(
    params: Mapping[str, str],
    registrations: RegistrationCache,
    signer: Signer,
    public_url: str,
    now: float,
) -> LoginStart:
    """Answer a login initiation.

    `params` are the request's parameters, whatever its method; `now` is in seconds since 1970.

    Raises:
        LaunchRefused: a parameter is missing, the platform is not one of ours, or the target is
            not.
    """
    issuer, hint = params.get("iss", ""), params.get("login_hint", "")
    target = params.get("target_link_uri", "")
    message_hint = params.get("lti_message_hint")
    if not issuer or not hint or not target:
        raise LaunchRefused("login_incomplete")
    if max(len(hint), len(message_hint or "")) > _MAX_HINT:
        raise LaunchRefused("login_incomplete")
    registration = _find(registrations, issuer, params.get("client_id") or None)
    if not is_ours(target, public_url):
        raise LaunchRefused(
            "target_not_ours",
            platform_id=registration.id,
            frame_origins=registration.frame_origins,
        )
    nonce, browser_secret = secrets.token_urlsafe(24), new_secret()
    storage = params.get("lti_storage_target", "")
    state = State(
        id=new_id(),
        platform_id=registration.id,
        client_id=registration.client_id,
        nonce_hash=digest(nonce),
        browser_hash=digest(browser_secret),
        target=target,
        deployment_id=params.get("lti_deployment_id") or None,
        storage_target=storage if STORAGE_TARGET.fullmatch(storage) else None,
        again=_again(params, registration, message_hint, public_url),
    )
    token = state.sign(signer, now)
    hints = {"login_hint": hint}
    if message_hint is not None:
        hints["lti_message_hint"] = message_hint
    redirect_url = (
        f"{_auth_address(registration.auth_url, registration.client_id, public_url)}"
        # State and nonce are URL-safe as they are.
        f"&{urlencode(hints)}&state={token}&nonce={nonce}"
    )
    return LoginStart(redirect_url, state, token, browser_secret, registration)


@lru_cache(maxsize=1024)
def _auth_address(auth_url: str, client_id: str, public_url: str) -> str:
    """Return a platform's login address with what is the same for every login."""
    same = {"client_id": client_id, "redirect_uri": public_url + LAUNCH_PATH, **_ALWAYS}
    return with_query(iri_to_uri(auth_url), same)


def with_query(url: str, query: Mapping[str, str]) -> str:
    """Return `url` with parameters added to the query that it may already have."""
    base, _, _fragment = url.partition("#")
    joint = "?" if "?" not in base else "" if base.endswith(("?", "&")) else "&"
    return f"{base}{joint}{urlencode(query)}"


@lru_cache(maxsize=256)
def is_ours(target: str, public_url: str) -> bool:
    """Whether a target is an address of ours that an activity may have.

    Characters on which two parsers may disagree are refused before any parser sees them. Nobody is
    ever sent to a target; it only has to be one.
    """
    if len(target) > _MAX_HINT or _AMBIGUOUS.search(target):
        return False
    try:
        parts, ours = urlsplit(target), urlsplit(public_url)
        same = (parts.scheme, parts.hostname, parts.port) == (ours.scheme, ours.hostname, ours.port)
    except ValueError:
        return False
    return same and "@" not in parts.netloc and parts.path in TARGET_PATHS and not parts.fragment


def _find(registrations: RegistrationCache, issuer: str, client_id: str | None) -> Registration:
    found = registrations.by_client(issuer, client_id)
    if not found:
        raise LaunchRefused("platform_unknown")
    if len(found) > 1:
        raise LaunchRefused("platform_ambiguous")
    registration = found[0]
    if registration.status != ACTIVE:
        pending = registration.status == PENDING
        raise LaunchRefused(
            "platform_pending" if pending else "platform_disabled",
            platform_id=registration.id,
            frame_origins=registration.frame_origins,
        )
    return registration


def _again(
    params: Mapping[str, str],
    registration: Registration,
    message_hint: str | None,
    public_url: str,
) -> str | None:
    """Return the address that begins the same launch anew, for a window of its own.

    The platform's own address where its product has one, else this very login with the same
    parameters; None where they are too long to travel.
    """
    own = for_product(registration.product).relaunch_url(registration.issuer, message_hint)
    if own is not None:
        return own if len(own) <= _MAX_AGAIN else None
    same = {name: params[name] for name in _PASSED_ON if params.get(name)}
    url = with_query(f"{public_url}/lti/login", same)
    return url if len(url) <= _MAX_AGAIN else None
