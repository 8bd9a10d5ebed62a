"""What we can see of a fresh registration from our side, as ticks on the result page."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from config.clock import utcnow
from config.http import HttpDoor, HttpError, HttpProtocolError, HttpResponse
from lti_tool.lti.registration.configuration import PlatformConfiguration
from lti_tool.lti.registration.operations import Registered
from lti_tool.lti.services.ags import SCOPE_SCORE
from lti_tool.lti.services.nrps import SCOPE_ROSTER
from lti_tool.lti.services.outcome import server_time

_SECONDS = 5.0
_MAX_SKEW = 30
"""Seconds: tokens live for a minute, so clocks that differ by more lose launches."""


@dataclass(frozen=True, slots=True)
class Check:
    """One tick or cross; `mend` says what to do where it is a cross."""

    what: LazyString
    ok: bool
    mend: LazyString


def look(
    door: HttpDoor, configuration: PlatformConfiguration, registered: Registered
) -> tuple[Check, ...]:
    """Return the checks of a registration; fetches the platform's keys once."""
    keys = _fetch_keys(door, configuration.jwks_url)
    return (
        Check(_l("The registration is stored"), ok=True, mend=_l("")),
        Check(
            _l("We know the deployment"),
            registered.has_deployment,
            _l("Send the deployment id to your contact at Back on Track. They add it."),
        ),
        Check(
            _l("We can read the platform's public keys"),
            keys is not None,
            _l("Check that the site can be reached from the internet."),
        ),
        Check(
            _l("The clocks of both sides agree"),
            _skew(keys) <= _MAX_SKEW,
            _l("Set the clock of the server, for example with NTP."),
        ),
        Check(
            _l("Points can be sent to the gradebook"),
            SCOPE_SCORE in registered.scopes,
            _l("Allow grade services in the tool's settings."),
        ),
        Check(
            _l("The list of people in a course can be read"),
            SCOPE_ROSTER in registered.scopes,
            _l("Allow Names and Role Provisioning in the tool's settings."),
        ),
    )


def _fetch_keys(door: HttpDoor, url: str) -> HttpResponse | None:
    try:
        response = door.get(url, deadline=_SECONDS, max_bytes=500_000)
        document = response.json() if response.ok else None
    except (HttpError, HttpProtocolError):
        return None
    return response if isinstance(document, dict) and document.get("keys") else None


def _skew(response: HttpResponse | None) -> float:
    """Return by how many seconds the clocks differ, 0 where the platform does not tell."""
    theirs = server_time(response) if response else None
    return abs((utcnow() - theirs).total_seconds()) if theirs else 0.0
