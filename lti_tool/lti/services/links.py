"""Service URLs and the Link headers that lead from page to page.

RFC 8288, read with patience: Moodle's line item service escapes the URL for HTML and sets the
relation in typographic quotes, whose UTF-8 bytes HTTP clients show as Latin-1.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

from config.http import HttpResponse
from lti_tool.lti.services.outcome import Outcome, ServiceFailed

_LINK = re.compile(r"<([^>]*)>([^<]*)")
_REL = re.compile(r"(?:^|;)\s*rel\s*=([^;,]*)", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9.:/#-]*")


def next_link(response: HttpResponse) -> str | None:
    """Return the absolute URL of the next page with its case kept, None on the last page.

    Raises:
        ServiceFailed: the link leads to another origin, where our token must not go.
    """
    header = response.headers.get("Link", "")
    for target, parameters in _LINK.findall(header):
        if "next" in _relations(parameters):
            url: str = urljoin(response.url, target.strip().replace("&amp;", "&"))
            if not same_origin(url, response.url):
                raise ServiceFailed(Outcome.REFUSED, "next page at another origin")
            return url
    return None


def _relations(parameters: str) -> list[str]:
    """Return the relation types; whatever stands around them as quotes is no ASCII letter."""
    found = _REL.search(parameters)
    return [word.lower() for word in _WORD.findall(found[1])] if found else []


def same_origin(one: str, other: str) -> bool:
    """Whether two URLs share scheme, host and port."""
    return _origin(one) == _origin(other)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    try:
        port = parts.port or {"http": 80, "https": 443}.get(scheme)
    except ValueError:
        port = None
    return scheme, (parts.hostname or "").lower(), port


def below(url: str, name: str) -> str:
    """Return the URL of a sub-resource: `/name` goes before the query (AGS 2.0 §3.3, §3.4)."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}", fragment=""))
