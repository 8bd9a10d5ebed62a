"""Line items, the columns of a platform's gradebook (AGS 2.0 §3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.lti.quirks import for_product
from lti_tool.lti.services.client import Call, read_json, send
from lti_tool.lti.services.links import same_origin
from lti_tool.lti.services.outcome import Outcome, ServiceFailed
from lti_tool.lti.services.pages import read_pages
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.services import Services

LINEITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINEITEM_CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"

SCOPE_LINEITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCOPE_LINEITEM_READONLY = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"

_READ = (SCOPE_LINEITEM_READONLY,)
_WRITE = (SCOPE_LINEITEM,)


@dataclass(frozen=True, slots=True)
class LineItem:
    """One column. `id` is its URL, "" before the platform has made it."""

    label: str
    score_maximum: float
    id: str = ""
    resource_id: str | None = None
    tag: str | None = None
    resource_link_id: str | None = None
    start: str | None = None
    """`startDateTime` and `endDateTime`, as the platform writes them (ISO 8601)."""
    end: str | None = None
    submission_review: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the item in the standard's form, every known member in it.

        A PUT replaces: what is left out is blanked.
        """
        members = {
            "id": self.id or None,
            "label": self.label,
            "scoreMaximum": whole(self.score_maximum),
            "resourceId": self.resource_id,
            "tag": self.tag,
            "resourceLinkId": self.resource_link_id,
            "startDateTime": self.start,
            "endDateTime": self.end,
            "submissionReview": self.submission_review,
        }
        return {name: value for name, value in members.items() if value is not None}


def whole(number: float) -> float | int:
    """Return whole numbers as `int`: 100 is shorter than 100.0, and some platforms insist."""
    return int(number) if float(number).is_integer() else number


def list_lineitems(
    services: Services,
    platform: PlatformRef,
    lineitems_url: str,
    *,
    resource_id: str | None = None,
    tag: str | None = None,
    resource_link_id: str | None = None,
) -> list[LineItem]:
    """Return all line items of a course that fit every filter that is given.

    The filters are sent and then applied here as well, for platforms that ignore them.

    Raises:
        ServiceFailed: the list could not be read whole.
    """
    wanted = {"resource_id": resource_id, "tag": tag, "resource_link_id": resource_link_id}
    filters = {name: value for name, value in wanted.items() if value is not None}
    limit = for_product(platform.product).container_limit
    params = {**filters, **({"limit": str(limit)} if limit else {})}
    call = Call("GET", lineitems_url, _READ, accept=LINEITEM_CONTAINER, params=params or None)
    found = [
        read_lineitem(item, lineitems_url)
        for response in read_pages(services, platform, call, keep=filters)
        for item in json_list(read_json(response, LINEITEM_CONTAINER))
    ]
    return [
        item
        for item in found
        if all(getattr(item, name) == value for name, value in filters.items())
    ]


def find_lineitem(
    services: Services,
    platform: PlatformRef,
    lineitems_url: str,
    *,
    resource_link_id: str,
    tag: str | None = None,
) -> LineItem | None:
    """Return the line item of a resource link, None where there is none or more than one."""
    found = list_lineitems(
        services, platform, lineitems_url, resource_link_id=resource_link_id, tag=tag
    )
    return found[0] if len(found) == 1 else None


def get_lineitem(services: Services, platform: PlatformRef, url: str) -> LineItem:
    """Return one line item. Raises `ServiceFailed`."""
    response = send(services, platform, Call("GET", url, _READ, accept=LINEITEM))
    return read_lineitem(read_json(response, LINEITEM), url)


def create_lineitem(
    services: Services, platform: PlatformRef, lineitems_url: str, item: LineItem
) -> LineItem:
    """Make a column and return it with the URL that the platform gave it.

    Not safe to repeat after an unknown outcome: look with `list_lineitems` first.

    Raises:
        ServiceFailed: it was not made, or the answer does not say where it is.
    """
    call = Call(
        "POST",
        lineitems_url,
        _WRITE,
        accept=LINEITEM,
        content_type=LINEITEM,
        body=item.to_json(),
    )
    response = send(services, platform, call)
    return read_lineitem(read_json(response, LINEITEM), lineitems_url)


def update_lineitem(services: Services, platform: PlatformRef, item: LineItem) -> LineItem:
    """Replace a column by `item`, as `get_lineitem` read it and the caller changed it.

    Raises:
        ServiceFailed: it was not changed.
    """
    call = Call("PUT", item.id, _WRITE, accept=LINEITEM, content_type=LINEITEM, body=item.to_json())
    response = send(services, platform, call)
    return read_lineitem(read_json(response, LINEITEM), item.id)


def delete_lineitem(services: Services, platform: PlatformRef, url: str) -> None:
    """Remove a column; one that is gone already is removed. Raises `ServiceFailed`.

    A 403 is not that: Moodle gives it for columns that belong to somebody else.
    """
    try:
        send(services, platform, Call("DELETE", url, _WRITE))
    except ServiceFailed as failure:
        if failure.detail not in {"404", "410"}:
            raise


def json_list(value: object) -> list[Any]:
    """Return a JSON array. Raises `ServiceFailed` where it is something else."""
    if not isinstance(value, list):
        raise ServiceFailed(Outcome.UNKNOWN, "not a list")
    return value


def read_lineitem(value: object, asked: str) -> LineItem:
    """Return a line item from its JSON.

    Raises:
        ServiceFailed: it is none, or its URL is at another origin than the one we asked: scores
            and tokens would go there.
    """
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise ServiceFailed(Outcome.UNKNOWN, "not a line item")
    if not same_origin(value["id"], asked):
        raise ServiceFailed(Outcome.REFUSED, "line item at another origin")
    maximum = value.get("scoreMaximum")
    review = value.get("submissionReview")
    return LineItem(
        id=value["id"],
        label=str(value.get("label") or ""),
        score_maximum=float(maximum) if isinstance(maximum, int | float) else 0.0,
        resource_id=_text(value.get("resourceId")),
        tag=_text(value.get("tag")),
        resource_link_id=_text(value.get("resourceLinkId") or value.get("ltiLinkId")),
        start=_text(value.get("startDateTime")),
        end=_text(value.get("endDateTime")),
        submission_review=review if isinstance(review, dict) else None,
    )


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and value != "" else None
