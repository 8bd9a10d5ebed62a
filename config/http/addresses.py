"""Which addresses are public, and the look-up of a name within a time limit."""

from __future__ import annotations

import queue
import socket
import threading
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from config.http.errors import HttpUnreachable

# Blocks that `ipaddress.is_global` of the supported Python versions passes, or passed once
# (IANA special-purpose address registries, RFC 6890).
_CLOSED_V4 = (
    ip_network("100.64.0.0/10"),  # carrier-grade NAT, RFC 6598
    ip_network("192.0.0.0/24"),  # IETF protocol assignments
    ip_network("192.88.99.0/24"),  # 6to4 relay, RFC 7526
)
# Only this block holds global unicast addresses today; everything outside is refused as a whole,
# and with it NAT64 (64:ff9b::/96, 64:ff9b:1::/48), SRv6 (5f00::/16), unique and link-local ones.
_UNICAST_V6 = ip_network("2000::/3")
_CLOSED_V6 = (
    ip_network("2001::/23"),  # IETF protocol assignments, Teredo (2001::/32) among them
    ip_network("2001:db8::/32"),  # documentation
    ip_network("2002::/16"),  # 6to4: carries an IPv4 address of anyone's choice
    ip_network("3fff::/20"),  # documentation, RFC 9637
)


def parse_address(text: str) -> IPv4Address | IPv6Address:
    """Return the address that a packet to `text` really goes to.

    The scope id is dropped and an IPv4-mapped address becomes the IPv4 one. Raises `ValueError`.
    """
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether `address` (from `parse_address`) is one host on the public Internet."""
    if (
        not address.is_global
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    ):
        return False
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _CLOSED_V4)
    return address in _UNICAST_V6 and not any(address in block for block in _CLOSED_V6)


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """Return the numeric addresses of `host`, in the resolver's order, without repeats.

    The system's resolver takes no time limit, so it runs in a thread of its own which is left
    behind when `seconds` pass. Raises `HttpUnreachable`.
    """
    answers: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))

    threading.Thread(target=look_up, name="http-resolve", daemon=True).start()
    try:
        addresses = answers.get(timeout=max(seconds, 0.0))
    except queue.Empty:
        addresses = []
    if not addresses:
        raise HttpUnreachable("name not resolved", host=host)
    return addresses
