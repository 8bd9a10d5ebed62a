"""One run: the site it holds, what it may do, what it has counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, update

from config.clock import utcnow
from config.database import Database
from moodle_sync.client import MoodleClient
from moodle_sync.models import MoodleRun, MoodleSite
from moodle_sync.pace import Pace, PatientCaller, Politeness

LEASE = timedelta(minutes=10)
OVERLAP = 180
"""Seconds on Moodle's clock that two reads overlap: twice its granularity of 60 s, and skew."""
_HEARTBEAT = 5.0
_KINDS = ("added", "changed", "unchanged", "missing", "gone", "back", "held")


class LostSite(Exception):
    """Another run took the site over while this one was away; it may write nothing more."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is: `done` of `total` (None while unknown)."""

    stage: str
    done: int
    total: int | None


@dataclass(slots=True)
class Tally:
    """How many rows of one kind a run found new, changed, and so on."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    gone: int = 0
    back: int = 0
    held: int = 0

    def as_dict(self) -> dict[str, int]:
        """Return the counts that are not zero."""
        return {kind: getattr(self, kind) for kind in _KINDS if getattr(self, kind)}


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked to do.

    `full` forces a complete sweep. `detail_budget` bounds the (course, person) pairs whose
    completion and grades are read; None reads all that are due. `reread_all` makes every pair
    due, and every list of activities. `accept_drop` lets a large drop through, after a person
    looked at it. `list_all` lists also the first filling of a table as changes.
    """

    full: bool = False
    detail_budget: int | None = 2000
    reread_all: bool = False
    accept_drop: bool = False
    list_all: bool = False
    page_size: int = 500
    report_page_size: int = 5000


@dataclass(frozen=True, slots=True)
class SiteView:
    """The site as it was when the run began."""

    tenant_id: str
    id: str
    issuer: str
    wwwroot: str
    tier: int
    report_id: int | None
    functions: frozenset[str]
    rights: str
    keep_names: bool
    canary_course: str | None
    scope: tuple[str, ...] | None
    last_full_at: datetime | None


@dataclass(slots=True)
class Run:
    """The state of one run in this process."""

    database: Database
    client: MoodleClient
    reader: PatientCaller
    site: SiteView
    id: str
    fence: int
    generation: int
    sweep: bool
    tier: int
    options: Options
    politeness: Politeness
    pace: Pace
    pool: ThreadPoolExecutor
    sleep: Callable[[float], None]
    on_progress: Callable[[Progress], None] | None = None
    functions: frozenset[str] = frozenset()
    rights: str = ""
    leavers_allowed: bool = True
    refused: dict[str, str] = field(default_factory=dict)
    counts: dict[str, Tally] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _beat: float = 0.0

    @property
    def key(self) -> dict[str, str]:
        """The leading key columns of every row of this site."""
        return {"tenant_id": self.site.tenant_id, "site_id": self.site.id}

    @property
    def moodle_now(self) -> int:
        """Moodle's clock at its newest answer; ours where it never said."""
        return self.client.moodle_time or int(utcnow().timestamp())

    @contextmanager
    def commit(self) -> Iterator[Connection]:
        """One writing transaction, only while the site is still ours.

        Raises:
            LostSite: the lease ran out and another run holds the site.
        """
        now = utcnow()
        with self.database.write_connection() as connection:
            held = connection.execute(
                update(MoodleSite)
                .where(
                    MoodleSite.tenant_id == self.site.tenant_id,
                    MoodleSite.id == self.site.id,
                    MoodleSite.lease_fence == self.fence,
                )
                .values(lease_until=now + LEASE)
            )
            if held.rowcount != 1:
                raise LostSite(self.site.id)
            if time.monotonic() - self._beat > _HEARTBEAT:
                self._beat = time.monotonic()
                connection.execute(
                    update(MoodleRun)
                    .where(MoodleRun.tenant_id == self.site.tenant_id, MoodleRun.id == self.id)
                    .values(heartbeat_at=now, counts=self.counted())
                )
            yield connection

    def tally(self, entity: str) -> Tally:
        """Return the tally of an entity."""
        return self.counts.setdefault(entity, Tally())

    def counted(self) -> dict[str, Any]:
        """Return all tallies as plain data."""
        return {entity: tally.as_dict() for entity, tally in self.counts.items()}

    def note(self, text: str) -> None:
        """Remember something that the operator should read, once."""
        if text not in self.notes:
            self.notes.append(text)

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Tell how far a stage is."""
        if self.on_progress is not None:
            self.on_progress(Progress(stage, done, total))

    def may(self, function: str) -> bool:
        """Whether the service holds a function and nothing has refused it in this run."""
        return function in self.functions and function not in self.refused


def moment(seconds: int | None) -> datetime | None:
    """Return Unix seconds as a datetime."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
