"""What every part of the practice LMS shares: store, keys, addresses, journal."""

from __future__ import annotations

import html
import json
import time
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app

from lti_tool.demo.keys import Keys
from lti_tool.demo.store import Store

EXTENSION = "practice_lms"
RELEASE, VERSION = "4.5.6 (Build: 20250811)", "2024100706"
NAME = "Practice LMS"
_KEEP = 60


@dataclass(frozen=True, slots=True)
class Site:
    """One practice LMS. `url` is its issuer; `tool_url` the tool that it was started beside."""

    store: Store
    keys: Keys
    url: str
    tool_url: str
    max_input_vars: int = 5000

    def note(self, kind: str, title: str, **parts: Any) -> None:  # noqa: ANN401 - JSON values
        """Write one protocol exchange into the journal, for "Under the hood"."""
        body = json.dumps(parts, ensure_ascii=False, default=str)
        self.store.run(
            "INSERT INTO exchange (time, kind, title, body) VALUES (?,?,?,?)",
            int(time.time()), kind, title, body,
        )  # fmt: skip
        # Of each kind, so that a long list of web-service calls drives no launch out.
        self.store.run(
            "DELETE FROM exchange WHERE kind=?1 AND id NOT IN"
            " (SELECT id FROM exchange WHERE kind=?1 ORDER BY id DESC LIMIT ?2)",
            kind, _KEEP,
        )  # fmt: skip


def site() -> Site:
    """Return the site of the running application."""
    return cast("Site", current_app.extensions[EXTENSION])


def store() -> Store:
    """Return the store of the running application."""
    return site().store


def plain(text: str) -> str:
    """Return a stored title as people read it (Moodle stores and serves some HTML in titles)."""
    return html.unescape(text)
