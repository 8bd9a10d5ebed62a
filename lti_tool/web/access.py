"""Who may use a route. Every view declares it; an undeclared view stops the start-up."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, g, request
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from lti_tool.lti.sessions import Launch, find_launch, find_relaunch_url, launch_cookie
from lti_tool.people.roles import Role
from lti_tool.web import services
from lti_tool.web.errors import Refused
from lti_tool.web.headers import frame_with, origin_of

View = TypeVar("View", bound=Callable[..., Any])
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may use a view: everybody for a reason, or people with one of these roles."""

    roles: frozenset[Role]
    reason: str = ""


def public(reason: str) -> Callable[[View], View]:
    """Open a view to everybody; `reason` says why that is right."""
    return _declare(Policy(frozenset(), reason))


def allow(*roles: Role) -> Callable[[View], View]:
    """Open a view to people whose launch gave them one of `roles`."""
    return _declare(Policy(frozenset(roles)))


def _declare(policy: Policy) -> Callable[[View], View]:
    def mark(view: View) -> View:
        cast("Any", view).access_policy = policy
        return view

    return mark


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """Return what the view of an endpoint declares, None if it declares nothing."""
    return getattr(app.view_functions[endpoint], "access_policy", None)


def current_launch() -> Launch:
    """Return the launch that this request belongs to; only for views with `allow`."""
    return cast("Launch", g.launch)


def csrf_token() -> str:
    """Return an anti-forgery token of the current launch.

    A fresh mask each time keeps the bytes from repeating, so that compression tells nothing about
    them (BREACH).
    """
    mask = secrets.token_urlsafe(9)
    return f"{mask}.{services().form_signer.mac(f'{mask} {current_launch().id}')}"


def csrf_field() -> Markup:
    """Return the hidden form field with the token."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(escape(csrf_token()))


def init_access(app: Flask) -> None:
    """Check each request against the policy of its view."""

    @app.url_value_preprocessor
    def _take_launch_id(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.launch_id = (values or {}).pop("launch_id", None)
        g.launch = None

    @app.url_defaults
    def _give_launch_id(endpoint: str, values: dict[str, Any]) -> None:
        launch_id = g.get("launch_id")
        if launch_id and app.url_map.is_endpoint_expecting(endpoint, "launch_id"):
            values.setdefault("launch_id", launch_id)

    @app.before_request
    def _check() -> None:
        if request.endpoint is None or request.endpoint == "static":
            return
        policy = policy_of(app, request.endpoint)
        if g.launch_id is not None:
            g.launch = _load_launch(g.launch_id)
        if policy is None or not policy.roles:
            return
        if not policy.roles & current_launch().roles:
            raise Refused(
                "role_not_allowed",
                title=_l("This page is not for you"),
                learner_help=_l("Go back to your course and open the activity again."),
                status=403,
            )
        if request.method not in _SAFE_METHODS:
            _check_forgery()

    app.jinja_env.globals.update(csrf_field=csrf_field, csrf_token=csrf_token)


def _load_launch(launch_id: str) -> Launch:
    secret = request.cookies.get(launch_cookie(launch_id))
    with services().database.read_connection() as connection:
        launch = find_launch(connection, launch_id, secret) if secret else None
        again = None if launch else find_relaunch_url(connection, launch_id)
    if launch is None:
        # The page that says so is read in the platform's frame; it shows nothing of anybody.
        frame_with(origin_of(again) if again else "*")
        raise Refused(
            "launch_ended",
            title=_l("Please open the activity again"),
            learner_help=_l(
                "This page was open for a long time, or your browser did not keep our cookie. "
                "What you saved is safe. Go back to your course and open the activity again."
            ),
            status=401,
            again=again,
        )
    return launch


def _check_forgery() -> None:
    """Refuse a form that did not come from a page of this launch.

    The cookie is SameSite=None, because the page lives in another site's frame, so the token and
    the browser's own word about the origin are all there is (OWASP ASVS 5.0, 3.5.1).
    """
    mask, _, mac = request.form.get("csrf", "").partition(".")
    expected = services().form_signer.mac(f"{mask} {current_launch().id}")
    origin = request.headers.get("Origin")
    public = urlsplit(services().settings.public_url)
    foreign = origin is not None and origin != f"{public.scheme}://{public.netloc}"
    if foreign or not secrets.compare_digest(mac.encode(), expected.encode()):
        raise Refused(
            "form_not_ours",
            title=_l("We could not check where this came from"),
            learner_help=_l("Go back, reload the page and send it again. Nothing is lost."),
            status=403,
        )


def check_policies(app: Flask) -> None:
    """Stop the start-up if a view does not say who may use it.

    Raises:
        LookupError: naming each such endpoint.
    """
    undeclared = sorted(
        endpoint
        for endpoint in app.view_functions
        if endpoint != "static" and policy_of(app, endpoint) is None
    )
    if undeclared:
        raise LookupError(f"views without @public or @allow: {', '.join(undeclared)}")
