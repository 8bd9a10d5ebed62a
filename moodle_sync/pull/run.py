"""One run from claim to balance."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select, update

from config.clock import utcnow
from config.database import Database
from config.http import HttpDoor
from config.secrets import Seal
from moodle_sync.client import MoodleClient
from moodle_sync.errors import Kind, MoodleError, SiteChanged
from moodle_sync.models import MoodleRun, MoodleSite
from moodle_sync.pace import Pace, PatientCaller, Politeness
from moodle_sync.pull.activities import pull_activities
from moodle_sync.pull.bulk import find_report, pull_report
from moodle_sync.pull.context import LostSite, Options, Progress, Run
from moodle_sync.pull.courses import apply_courses, list_courses
from moodle_sync.pull.details import pull_details
from moodle_sync.pull.members import settle_leavers
from moodle_sync.pull.news import pull_news
from moodle_sync.pull.probe import look_around, probe
from moodle_sync.pull.roster import pull_rosters
from moodle_sync.sites import claim, pause_after
from moodle_sync.summary import RunSummary

FULL_EVERY = timedelta(hours=24)
"""How long news may do without a sweep: suspensions and removals show in nothing else."""


def run_sync(
    database: Database,
    door: HttpDoor,
    seal: Seal,
    site_id: str,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    options: Options | None = None,
    politeness: Politeness | None = None,
    hints: Collection[tuple[str, str]] = (),
    sleep: Callable[[float], None] = time.sleep,
    jitter: random.Random | None = None,
) -> RunSummary:
    """Read one Moodle into the mirror and return the balance; what failed is in the balance too.

    `hints` are (course id, user id) pairs that were active, from launches. Raises `SiteUnknown`,
    `SiteStopped` and `SiteBusy` before anything is asked of Moodle.
    """
    options = options or Options()
    politeness = politeness or Politeness()
    jitter = jitter or random.Random()
    held = claim(database, seal, site_id, full=options.full, full_every=FULL_EVERY)
    client = MoodleClient(door, held.view.wwwroot, held.token)
    pace = Pace(politeness.connections)
    client.on_answer = pace.note
    with ThreadPoolExecutor(politeness.connections, thread_name_prefix="moodle") as pool:
        run = Run(
            database=database,
            client=client,
            reader=PatientCaller(client, politeness, sleep, jitter),
            site=held.view,
            id=held.run_id,
            fence=held.fence,
            generation=held.generation,
            sweep=held.sweep,
            tier=held.view.tier,
            options=options,
            politeness=politeness,
            pace=pace,
            pool=pool,
            sleep=sleep,
            on_progress=on_progress,
        )
        return _guarded(run, hints, jitter)


def _guarded(run: Run, hints: Collection[tuple[str, str]], jitter: random.Random) -> RunSummary:
    started = time.monotonic()
    status, code, question, left, patience = "done", None, None, 0, None
    try:
        left = _read(run, hints)
    except LostSite:
        status, code = "lost", "another run took over"
    except SiteChanged as error:
        status, code, question = "stopped", "sitechanged", _which_site(error)
    except MoodleError as error:
        status, code = _STATUS.get(error.kind, "failed"), f"{error.code} {error.function}".strip()
        question, patience = error.message or None, error.retry_after
    except BaseException:
        _settle(run, "failed", "broken", None, None, jitter)
        raise
    summary = RunSummary(
        run_id=run.id,
        site_id=run.site.id,
        kind="full" if run.sweep else "news",
        status=status,
        tier=run.tier,
        generation=run.generation,
        counts=run.counted(),
        notes=tuple(run.notes),
        requests=run.client.usage.requests,
        received=run.client.usage.received,
        seconds=time.monotonic() - started,
        moodle_seconds=run.client.usage.seconds,
        left=left,
        error=code,
        question=question,
    )
    if status != "lost":
        _settle(run, status, code, question, patience, jitter)
    return summary


_STATUS = {Kind.AUTH: "stopped", Kind.BUSY: "paused"}


def _which_site(error: SiteChanged) -> str:
    return (
        f"We know this Moodle as {error.known}, but it calls itself {error.found}. If it was "
        "renamed, confirm the new address; if it is a copy, connect it as a platform of its own: "
        "its people and courses have other ids."
    )


def _read(run: Run, hints: Collection[tuple[str, str]]) -> int:
    report_id = run.site.report_id
    if not run.sweep and report_id is not None:
        if pull_news(run, report_id):
            return pull_details(run, hints)
        run.note("more news than one page: everything was read instead")
        _begin_sweep(run)
    probe(run)
    listed = list_courses(run)
    readable = [str(course.id) for course in listed if course.accessible]
    run.rights = look_around(run, readable)
    run.leavers_allowed = run.site.rights in {"", run.rights}
    apply_courses(run, listed)
    left_over = _pull_in_bulk(run, readable)
    pull_rosters(run, left_over)
    if look_around(run, readable) != run.rights:
        run.leavers_allowed = False
    if not run.leavers_allowed:
        run.note("what the account may see has changed: nobody is marked as having left this time")
    settle_leavers(run, readable)
    pull_activities(run, readable)
    return pull_details(run, hints)


def _begin_sweep(run: Run) -> None:
    with run.commit() as connection:
        number = connection.execute(
            update(MoodleSite)
            .where(MoodleSite.tenant_id == run.site.tenant_id, MoodleSite.id == run.site.id)
            .values(generation=MoodleSite.generation + 1)
            .returning(MoodleSite.generation)
        ).scalar_one()
        connection.execute(
            update(MoodleRun)
            .where(MoodleRun.tenant_id == run.site.tenant_id, MoodleRun.id == run.id)
            .values(generation=number, kind="full")
        )
    run.generation, run.sweep = number, True


def _pull_in_bulk(run: Run, course_ids: list[str]) -> list[str]:
    """Read people by report where there is one; return the courses that it does not cover."""
    report_id = run.site.report_id if run.site.tier == 2 else None
    if report_id is None:
        report_id = find_report(run)
    run.tier = 1 if report_id is None else 2
    left_over = course_ids
    if report_id is not None:
        try:
            left_over = pull_report(run, report_id, course_ids)
        except MoodleError as error:
            if error.kind not in {Kind.CONFIG, Kind.PROTOCOL, Kind.VALIDATION, Kind.GONE}:
                raise
            run.note(f"the report cannot be used: {error.message or error.code}")
            run.tier, report_id = 1, None
    with run.commit() as connection:
        connection.execute(
            update(MoodleSite)
            .where(MoodleSite.tenant_id == run.site.tenant_id, MoodleSite.id == run.site.id)
            .values(tier=run.tier, report_id=report_id)
        )
    return left_over


def _settle(
    run: Run,
    status: str,
    code: str | None,
    question: str | None,
    patience: float | None,
    jitter: random.Random,
) -> None:
    """Close the run's record, give the site back and say when it is due again."""
    now = utcnow()
    with run.database.write() as session:
        site = session.execute(
            select(MoodleSite).where(
                MoodleSite.tenant_id == run.site.tenant_id,
                MoodleSite.id == run.site.id,
                MoodleSite.lease_fence == run.fence,
            )
        ).scalar_one_or_none()
        if site is None:
            return
        session.execute(
            update(MoodleRun)
            .where(MoodleRun.tenant_id == run.site.tenant_id, MoodleRun.id == run.id)
            .values(
                status=status,
                error=code,
                counts=run.counted(),
                notes=run.notes,
                requests=run.client.usage.requests,
                moodle_seconds=run.client.usage.seconds,
                finished_at=now,
                heartbeat_at=now,
            )
        )
        site.lease_until = None
        site.paused_until = None
        site.state = "active"
        wait = timedelta(minutes=site.interval_minutes * jitter.uniform(0.9, 1.1))
        if status == "done":
            site.failures = 0
            if run.sweep:
                site.last_full_at = now
                site.rights = run.rights
        elif status == "stopped":
            site.state, site.stop_reason = "stopped", (question or code or "")[:255]
        else:
            site.failures += 1
            wait = pause_after(site, patience, jitter)
            site.state, site.paused_until = "paused", now + wait
        site.next_due_at = now + wait
