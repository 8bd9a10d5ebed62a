"""The cookies of the protocol: one per login and one per launch, never the browser's only one.

`__Host-` keeps other hosts from planting them, `SameSite=None` with `Partitioned` (CHIPS) lets them
live inside a platform's frame. A browser keeps only about 180 cookies or 10 KiB for each partition,
so the oldest go when there are many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_LOGIN = "__Host-lti-"
_LAUNCH = "__Host-ls-"
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=None; Partitioned"

MAX_LAUNCHES = 20
MAX_LOGINS = 10
LOGIN_SECONDS = 300


def login_cookie(state_id: str) -> str:
    """Return the name of the cookie that binds one login to its browser."""
    return _LOGIN + state_id


def launch_cookie(launch_id: str) -> str:
    """Return the name of the cookie that holds the secret of one launch."""
    return _LAUNCH + launch_id


def set_cookie(name: str, value: str, max_age: int) -> str:
    """Return a Set-Cookie header value; `value` has only URL-safe base64 characters."""
    return f"{name}={value}; Max-Age={max_age}; {_ATTRIBUTES}"


def drop_cookie(name: str) -> str:
    """Return a Set-Cookie header value that removes a cookie of ours."""
    return f"{name}=; Max-Age=0; {_ATTRIBUTES}"


def drop_oldest_logins(names: Iterable[str]) -> Iterator[str]:
    """Yield the header values that keep room for one more login."""
    return _drop_oldest(names, _LOGIN, MAX_LOGINS)


def drop_oldest_launches(names: Iterable[str]) -> Iterator[str]:
    """Yield the header values that keep room for one more launch."""
    return _drop_oldest(names, _LAUNCH, MAX_LAUNCHES)


def _drop_oldest(names: Iterable[str], prefix: str, most: int) -> Iterator[str]:
    # Our ids begin with the time of their making, so the order of names is the order of age.
    ours = sorted(name for name in names if name.startswith(prefix))
    return (drop_cookie(name) for name in ours[: max(0, len(ours) - most + 1)])
