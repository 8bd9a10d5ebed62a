"""The rules for a URL and for the addresses behind its host name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

import requests

from config.http.addresses import is_public, parse_address, resolve
from config.http.errors import HttpRefused

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_URL = 8192

# Two parsers may disagree about a URL with one of these in it (backslash, control characters and
# white space), so such a URL is refused before any parser sees it.
_AMBIGUOUS = re.compile(r"[\x00-\x20\x7f-\xa0\\]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")


class Policy:
    """What the door lets out.

    `allow_http` permits plain http as well. `allowed_hosts` are the (host, port) pairs that may
    have addresses which are not public, as written in the URL: for development and for a partner's
    Moodle inside the same network.
    """

    def __init__(self, *, allow_http: bool, allowed_hosts: Iterable[tuple[str, int]]) -> None:
        self._schemes = frozenset({"http", "https"} if allow_http else {"https"})
        self._allowed = frozenset((_bare(host), int(port)) for host, port in allowed_hosts)

    def check_url(self, url: str) -> None:
        """Raise `HttpRefused` where the URL alone shows that a request would be refused.

        No name is looked up: the addresses of a name are checked when a connection is made, the
        only moment at which the check binds.
        """
        if len(url) > MAX_URL or _AMBIGUOUS.search(url):
            raise HttpRefused("not a URL")
        if not any(url.lower().startswith(f"{scheme}://") for scheme in self._schemes):
            raise HttpRefused("scheme")
        target = _target(url)
        if target is None:
            raise HttpRefused("not a URL")
        self._check_host(*target)

    def addresses_for(self, host: str, port: int, seconds: float) -> list[str]:
        """Look `host` up once and return the addresses that may be connected to.

        One address that is not public refuses the whole name. Raises `HttpRefused` and
        `HttpUnreachable`.
        """
        name = _bare(host)
        self._check_host(name, port)
        if _as_address(name) is not None:
            return [name]
        found = resolve(host, port, seconds)
        if (name, port) not in self._allowed:
            for text in found:
                if not is_public(parse_address(text)):
                    raise HttpRefused("address is not public", host=name)
        return found

    def _check_host(self, host: str, port: int) -> None:
        address = _as_address(host)
        if address is None:
            _check_name(host)
        if (host, port) in self._allowed:
            return
        if host == "localhost" or host.endswith(".localhost"):
            raise HttpRefused("address is not public", host=host)
        if address is not None and not is_public(address):
            raise HttpRefused("address is not public", host=host)


def _target(url: str) -> tuple[str, int] | None:
    """Return host and port as requests would use them, None where there are none to use.

    No user name is taken: it is there to mislead a reader, and it would end in logs.
    """
    prepared = requests.PreparedRequest()
    try:
        prepared.prepare_url(url, None)
        parts = urlsplit(prepared.url or "")
        port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    except (requests.RequestException, ValueError):
        return None
    if "@" in parts.netloc or not parts.hostname or port == 0:
        return None
    return _bare(parts.hostname), port


def _bare(host: str) -> str:
    """Return a host as it is compared: lower case, no brackets, no final dot."""
    return host.lower().removeprefix("[").removesuffix("]").removesuffix(".")


def _as_address(host: str) -> IPv4Address | IPv6Address | None:
    if "%" in host:
        raise HttpRefused("scope in the address")
    try:
        return parse_address(host)
    except ValueError:
        return None


def _check_name(host: str) -> None:
    """Refuse what is neither a host name nor a plain address.

    A name whose last label is a number is an IPv4 address to the system's resolver, in octal,
    hexadecimal or with parts left out (WHATWG URL, "ends in a number").
    """
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise HttpRefused("host name")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        raise HttpRefused("address is not public")
