"""A platform's grade columns on a real socket, with Moodle 4.5's rules and any fault wished for.

Rules (mod/lti/service/gradebookservices, recorded from 4.5.6): 200 with an empty body for a score
that is newer to the second, 409 with `[]` for any other, 404 for an unknown column, results without
`resultScore` and `timestamp` for the grade 0.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.faults.server import Answer, FaultServer, Request, html, json_answer, reset, status

SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
LINEITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"

Fault = Callable[[Answer], Answer]
"""Takes what would have been answered, after it was applied, and answers something else."""


@dataclass(frozen=True, slots=True)
class Post:
    """One score that was received; `applied` where it was taken into the gradebook."""

    sub: str
    score: float
    stamp: datetime
    applied: bool


@dataclass(slots=True)
class Grade:
    score: float | None
    stamp: datetime


class Gradebook:
    """One site. Its faults come from `before` (nothing is applied) and `after` (it was)."""

    def __init__(self, server: FaultServer, site: str = "") -> None:
        self.server = server
        self.url = f"{server.url}{site}"
        self.site = site
        self.posts: list[Post] = []
        self.grades: dict[str, Grade] = {}
        self.ahead = timedelta(0)
        self.before: Callable[[], Answer | None] = lambda: None
        self.after: Callable[[], Fault | None] = lambda: None
        self._columns: dict[str, str] = {}
        self._lock = threading.Lock()
        server.script(f"{site}/token", json_answer({"access_token": "t", "expires_in": 3600}))
        server.script(f"{site}/lineitems", lambda _request: self._list())

    def now(self) -> datetime:
        return (datetime.now(UTC) + self.ahead).replace(microsecond=0)

    def add_column(self, link: str, number: int = 1) -> str:
        """Make the column of an activity; returns its address."""
        path = f"{self.site}/{number}/lineitem"
        self._columns[link] = f"{self.server.url}{path}?type_id=1"
        self.server.script(f"{path}/scores", self._take)
        self.server.script(f"{path}/results", self._show)
        return self._columns[link]

    def remove_column(self, link: str) -> None:
        path = self._columns.pop(link).removeprefix(self.server.url).partition("?")[0]
        self.server.script(f"{path}/scores", json_answer([], 404))
        self.server.script(f"{path}/results", json_answer([], 404))

    def teacher_sets(self, sub: str, score: float | None) -> None:
        """A grade given by hand, at the site's own time."""
        with self._lock:
            self.grades[sub] = Grade(score, self.now())

    def _answer(self, code: int = 200, body: bytes = b"", media_type: str = SCORE) -> Answer:
        date = format_datetime(self.now(), usegmt=True)
        return status(code, body, headers={"Date": date}, content_type=media_type)

    def _take(self, request: Request) -> Answer:
        body = request.json
        stamp = datetime.fromisoformat(body["timestamp"])
        fault = self.before()
        with self._lock:
            known = self.grades.get(body["userId"])
            taken = fault is None and (known is None or known.stamp < stamp)
            self.posts.append(Post(body["userId"], body["scoreGiven"], stamp, taken))
            if taken:
                self.grades[body["userId"]] = Grade(body["scoreGiven"], stamp)
        if fault is not None:
            return fault
        answer = self._answer() if taken else self._answer(409, b"[]")
        lost = self.after()
        return lost(answer) if lost else answer

    def _show(self, _request: Request) -> Answer:
        fault = self.before()
        if fault is not None:
            return fault
        with self._lock:
            shown = [
                {"userId": sub, "resultMaximum": 100}
                | (
                    {"resultScore": grade.score, "timestamp": grade.stamp.isoformat()}
                    if grade.score
                    else {}
                )
                for sub, grade in self.grades.items()
                if grade.score is not None
            ]
        return self._answer(200, json.dumps(shown).encode(), RESULTS)

    def _list(self) -> Answer:
        shown = [
            {"id": url, "label": "x", "scoreMaximum": 100, "resourceLinkId": link}
            for link, url in self._columns.items()
        ]
        return self._answer(200, json.dumps(shown).encode(), LINEITEMS)


def busy(seconds: int | None = None) -> Answer:
    return status(503, b"", retry_after=seconds)


def maintenance() -> Answer:
    return html()


def dropped(_answer: Answer | None = None) -> Answer:
    """The connection dies; as `after`, when the score had been applied."""
    return reset()
