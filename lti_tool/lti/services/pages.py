"""Reading a container page by page; a read that is not complete is an error, never a short list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from config.http import HttpResponse
from lti_tool.lti.services.client import Call, send
from lti_tool.lti.services.links import next_link
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.services import Services

MAX_PAGES = 500


def read_pages(
    services: Services, platform: PlatformRef, call: Call, *, keep: dict[str, str] | None = None
) -> Iterator[HttpResponse]:
    """Yield every page of a container, from `call` along the `next` links.

    `keep` are query parameters that the platform leaves out of its links and that belong there.

    Raises:
        ServiceFailed: a page failed, a link leads back to a page that was read or to another
            origin, or there are more than MAX_PAGES pages.
    """
    seen = {call.url}
    for _ in range(MAX_PAGES):
        response = send(services, platform, call)
        yield response
        url = next_link(response)
        if url is None:
            return
        if url in seen:
            raise ServiceFailed(Outcome.UNKNOWN, "pages go round in a circle")
        seen.add(url)
        call = replace(call, url=url, params=_missing(url, keep or {}))
    raise ServiceFailed(Outcome.UNKNOWN, "too many pages")


def _missing(url: str, keep: dict[str, str]) -> dict[str, str] | None:
    present = {part.partition("=")[0] for part in url.partition("?")[2].split("&")}
    return {name: value for name, value in keep.items() if name not in present} or None
