"""One installation under attack: real launches, real pages, and a checksum of everything stored."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from config.http import HttpResponse
from config.http.errors import HttpError
from lti_tool.services import Services
from lti_tool.tables import METADATA
from tests.lti_tool.lti.platform import LTI, MEMBERSHIP, KeyServer, Platform

SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
ROLES = {
    "learner": MEMBERSHIP + "Learner",
    "teacher": MEMBERSHIP + "Instructor",
    "mentor": MEMBERSHIP + "Mentor",
    "admin": SYSTEM + "Administrator",
}
FORM = "application/x-www-form-urlencoded"


def address(rule: str, launch_id: str, other: str) -> str:
    """Return the address of a route with ids filled in; a number where only a number fits."""
    path = rule.replace("<launch_id>", launch_id).replace("<int:", "<1:")
    return re.sub(r"<(?:(1):)?\w+>", lambda found: found[1] or other, path)


class Door(KeyServer):
    """Key sets can be had, no service answers."""

    def post(self, url: str, **options: Any) -> HttpResponse:
        """Fail as a site that is down does."""
        del options
        raise HttpError("no connection")

    request = post


@dataclass
class Visit:
    """One person inside one launch."""

    client: FlaskClient
    home: str

    def get(self, path: str) -> TestResponse:
        """Open a page of the launch."""
        return self.client.get(self.home + path, follow_redirects=True)

    def token(self) -> str:
        """Return an anti-forgery token that a page of this launch carries."""
        page = self.get("careers/").text
        return re.findall(r'name="csrf" value="([^"]+)"', page)[0]

    def post(self, path: str, **values: str) -> TestResponse:
        """Send a form as a page of this launch would."""
        return self.client.post(self.home + path, data={"csrf": self.token(), **values})

    def post_raw(self, path: str, values: Iterable[tuple[str, str]]) -> TestResponse:
        """Send a form with values that are percent-encoded already."""
        body = "&".join(f"{name}={value}" for name, value in values)
        return self.client.post(
            self.home + path, data=f"csrf={quote(self.token())}&{body}", content_type=FORM
        )


@dataclass
class House:
    """The tool, and a platform that people come from."""

    app: Flask
    services: Services
    keys: KeyServer
    platform: Platform

    def visit(
        self, role: str = "learner", platform: Platform | None = None, **claims: Any
    ) -> Visit:
        """Let somebody launch in a browser of their own."""
        client = self.app.test_client()
        said = {LTI + "roles": [ROLES[role]], **claims}
        answer = (platform or self.platform).launch(client, **said)
        assert answer.status_code == 303, answer.text
        return Visit(client, answer.headers["Location"])

    def neighbour(self) -> Platform:
        """Register another organisation's Moodle, which numbers its people and courses alike."""
        other = Platform(
            issuer="https://neighbour.example.org",
            client_id="client-n",
            key_name="neighbour",
            kid="kid-n",
        )
        other.register(self.services.database, tenant="neighbour", wants_names=True)
        return other.serve_keys(self.keys)

    def contents(self, *but: str) -> dict[str, str]:
        """Return a checksum of every table that is not named."""
        found = {}
        with self.services.database.read_connection() as connection:
            for table in METADATA.sorted_tables:
                if table.name not in but:
                    rows = sorted(repr(tuple(row)) for row in connection.execute(select(table)))
                    found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return found

    def values(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of every row of a table."""
        found = METADATA.tables[table]
        with self.services.database.read_connection() as connection:
            return [
                tuple(row) for row in connection.execute(select(*(found.c[c] for c in columns)))
            ]
