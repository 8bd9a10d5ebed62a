"""How often strangers may knock: the addresses that work for people whom we do not know yet.

Counted in this process's memory, so with n processes the limits are up to n times as high. That is
enough for what they are for: no single client keeps the threads busy or has us fetch addresses in
a loop. They are far above a school whose learners all begin at once behind one public address.
"""

from __future__ import annotations

import time
from ipaddress import IPv6Address, ip_address, ip_network

from flask import Flask, request
from flask_babel import lazy_gettext as _l
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from lti_tool.web.errors import Refused
from lti_tool.web.headers import frame_with

PER_MINUTE = {
    "lti.login": 600,
    "lti.launch": 600,
    "lti.go_on": 600,
    "registration.show": 30,
    "registration.confirm": 30,
}
"""Requests a minute of one client address, by endpoint. A registration makes us fetch pages."""
LOGINS_PER_PLATFORM = 300
"""Logins a minute of one client address to one platform. A launch needs the state of a login, so
this bounds launches by platform as well."""


def init_pace(app: Flask) -> None:
    """Refuse whoever comes too often, before anything else is looked at."""
    limiter = FixedWindowRateLimiter(MemoryStorage())
    limits = {name: RateLimitItemPerMinute(most) for name, most in PER_MINUTE.items()}
    by_platform = RateLimitItemPerMinute(LOGINS_PER_PLATFORM)

    def count(limit: RateLimitItem, *key: str) -> None:
        if not limiter.hit(limit, *key):
            reset = limiter.get_window_stats(limit, *key).reset_time
            raise _too_many(max(1, round(reset - time.time())))

    @app.before_request
    def _count() -> None:
        limit = limits.get(request.endpoint or "")
        if limit is None:
            return
        client = client_network(request.remote_addr)
        if client is None:
            return
        count(limit, request.endpoint or "", client)
        if request.endpoint == "lti.login":
            said = request.values
            count(by_platform, client, said.get("iss", "")[:255], said.get("client_id", "")[:255])


def client_network(address: str | None) -> str | None:
    """Return what one client is counted by: its IPv4 address, or the /64 of its IPv6 address.

    None for an address that is not public: it is a proxy of ours whose number the settings do not
    name, or somebody in the same network; counting it would lock everybody out at once.
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    if found.is_private:
        return None
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found), 64), strict=False))
    return str(found)


def _too_many(seconds: int) -> Refused:
    # The page may be read in a platform's frame, which is not known yet; it has nothing to click.
    frame_with("*")
    return Refused(
        "too_many",
        title=_l("Too many tries"),
        learner_help=_l("Wait a minute and try again."),
        staff_help=_l(
            "This network asked more often than a whole school does. If many people share one "
            "address behind a proxy of yours, tell your contact at Back on Track."
        ),
        status=429,
        retry_after=seconds,
    )
