"""The site itself: who we are there, which functions the token may use."""

from __future__ import annotations

from dataclasses import dataclass

from moodle_sync.client import Caller
from moodle_sync.record import Record

SITE_INFO = "core_webservice_get_site_info"


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """What a Moodle says of itself.

    `version` is Moodle's own number (2024100706 is 4.5.6). `functions` are those of the token's
    service, which is not what the account may do: this call works even for an account that is
    blocked from everything else. `features` are the site's switches (`enablecompletion`, …).
    """

    siteurl: str
    release: str
    version: int
    user_id: int
    is_site_admin: bool
    functions: frozenset[str]
    features: dict[str, int]


def get_site_info(caller: Caller) -> SiteInfo:
    """Ask who we are and what the service allows (15 database reads)."""
    return read_site_info(caller.call(SITE_INFO))


def read_site_info(data: object) -> SiteInfo:
    """Read the answer of `core_webservice_get_site_info`."""
    found = Record(SITE_INFO, data)
    version = (found.text_or_none("version") or "0").partition(".")[0]
    return SiteInfo(
        siteurl=found.text("siteurl").rstrip("/"),
        release=found.text_or_none("release") or "",
        version=int(version) if version.isdigit() else 0,
        user_id=found.integer("userid"),
        is_site_admin=found.flag("userissiteadmin"),
        functions=frozenset(item.text("name") for item in found.records("functions")),
        features={
            item.text("name"): item.integer("value") for item in found.records("advancedfeatures")
        },
    )
