"""Connecting a Moodle, and who holds it: one run at a time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from config.clock import utcnow
from config.database import Database
from config.ids import new_id
from config.secrets import Seal
from moodle_sync.models import MoodleRun, MoodleSite
from moodle_sync.pull.context import LEASE, SiteView

RESUME_WITHIN = timedelta(hours=6)
"""A sweep that began longer ago begins anew: its first pages are too old to stand beside new."""
_LONGEST_PAUSE = timedelta(hours=6)


class SiteUnknown(Exception):
    """There is no such site."""


class SiteStopped(Exception):
    """The site waits for a person; the message says for what."""


class SiteBusy(Exception):
    """Another run holds the site; two at once would tread on each other's filters and pages."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A site that is ours until the lease ends."""

    view: SiteView
    token: str
    run_id: str
    fence: int
    generation: int
    sweep: bool


def connect_site(
    session: Session,
    seal: Seal,
    tenant_id: str,
    platform_id: str,
    issuer: str,
    wwwroot: str,
    token: str,
) -> MoodleSite:
    """Store the web-service token of a platform's Moodle; connecting again replaces it.

    `wwwroot` is the site's address as Moodle writes it, which is also the LTI issuer. Nothing is
    asked of Moodle here. Raises `ValueError` for an address that is not one.
    """
    parts = urlsplit(wwwroot.strip())
    if parts.scheme not in {"https", "http"} or not parts.netloc or parts.query:
        raise ValueError("write the address of the Moodle as its browser shows it")
    address = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
    found = session.execute(
        select(MoodleSite).where(
            MoodleSite.tenant_id == tenant_id, MoodleSite.platform_id == platform_id
        )
    ).scalar_one_or_none()
    site = found or MoodleSite(tenant_id=tenant_id, id=new_id(), platform_id=platform_id)
    site.issuer = issuer.rstrip("/")
    site.wwwroot = address
    site.sealed_token = seal.close(token.strip(), token_place(tenant_id, site.id))
    site.state, site.stop_reason, site.paused_until, site.failures = "active", None, None, 0
    site.next_due_at = utcnow()
    session.add(site)
    session.flush()
    return site


def token_place(tenant_id: str, site_id: str) -> str:
    """Return the place that a site's token is sealed for."""
    return f"moodle_site|sealed_token|{tenant_id}:{site_id}"


def resume_site(session: Session, site_id: str, *, wwwroot: str | None = None) -> None:
    """Let a stopped or paused site run again.

    `wwwroot` is a person's answer to the question whether a renamed site is the one we know.
    """
    site = find_site(session, site_id)
    if wwwroot and wwwroot.rstrip("/") != site.wwwroot:
        site.wwwroot = wwwroot.rstrip("/")
    site.state, site.stop_reason, site.paused_until, site.failures = "active", None, None, 0
    site.next_due_at = utcnow()


def find_site(session: Session, site_id: str) -> MoodleSite:
    """Return a site by its id; raises `SiteUnknown`."""
    site = session.execute(select(MoodleSite).where(MoodleSite.id == site_id)).scalar_one_or_none()
    if site is None:
        raise SiteUnknown(site_id)
    return site


def claim(
    database: Database, seal: Seal, site_id: str, *, full: bool, full_every: timedelta
) -> Claim:
    """Take a site for one run and open the run's record.

    The run is a full sweep where one was asked for, the tier knows nothing else, the last is older
    than `full_every`, or one was begun and not ended. That one keeps its number and goes on where
    it was, if it began within `RESUME_WITHIN`; else a new one begins.

    Raises `SiteUnknown`, `SiteStopped` and `SiteBusy`.
    """
    now = utcnow()
    with database.write() as session:
        site = find_site(session, site_id)
        if site.state == "stopped":
            raise SiteStopped(site.stop_reason or "stopped")
        if site.lease_until is not None and site.lease_until > now:
            raise SiteBusy(site_id)
        session.execute(
            update(MoodleRun)
            .where(
                MoodleRun.tenant_id == site.tenant_id,
                MoodleRun.site_id == site.id,
                MoodleRun.status == "running",
            )
            .values(status="lost", finished_at=now)
        )
        unfinished = _unfinished(session, site, now - RESUME_WITHIN)
        sweep = (
            full
            or unfinished
            or site.tier < 2
            or site.report_id is None
            or site.last_full_at is None
            or site.last_full_at < now - full_every
        )
        if sweep and not unfinished:
            site.generation += 1
        site.lease_until = now + LEASE
        site.lease_fence += 1
        run = MoodleRun(
            tenant_id=site.tenant_id,
            id=new_id(),
            site_id=site.id,
            kind="full" if sweep else "news",
            tier=site.tier,
            generation=site.generation,
        )
        session.add(run)
        return Claim(
            view=view(site),
            token=seal.open(site.sealed_token, token_place(site.tenant_id, site.id)),
            run_id=run.id,
            fence=site.lease_fence,
            generation=site.generation,
            sweep=sweep,
        )


def _unfinished(session: Session, site: MoodleSite, since: datetime) -> bool:
    """Whether the newest sweep was begun but not brought to its end."""
    runs = session.execute(
        select(MoodleRun.status, MoodleRun.started_at).where(
            MoodleRun.tenant_id == site.tenant_id,
            MoodleRun.site_id == site.id,
            MoodleRun.generation == site.generation,
            MoodleRun.kind == "full",
        )
    ).all()
    return (
        bool(runs)
        and all(status != "done" for status, _ in runs)
        and min(started for _, started in runs) > since
    )


def view(site: MoodleSite) -> SiteView:
    """Return the part of a site that a run needs, detached from the database."""
    return SiteView(
        tenant_id=site.tenant_id,
        id=site.id,
        issuer=site.issuer,
        wwwroot=site.wwwroot,
        tier=site.tier,
        report_id=site.report_id,
        functions=frozenset(site.functions or ()),
        rights=site.rights,
        keep_names=site.keep_names,
        canary_course=site.canary_course,
        scope=tuple(site.scope) if site.scope is not None else None,
        last_full_at=site.last_full_at,
    )


def pause_after(site: MoodleSite, retry_after: float | None, jitter: random.Random) -> timedelta:
    """Return how long a site that failed is left alone: what it asked for, or ever longer."""
    if retry_after is not None:
        return timedelta(seconds=min(retry_after, _LONGEST_PAUSE.total_seconds()))
    minutes = min(5 * 2 ** max(0, site.failures - 1), 360)
    return timedelta(minutes=minutes * jitter.uniform(0.8, 1.2))


def due_sites(session: Session, now: datetime) -> list[str]:
    """Return the ids of the sites whose next run should begin, longest waiting first."""
    rows = session.execute(
        select(MoodleSite)
        .where(
            MoodleSite.state != "stopped",
            MoodleSite.next_due_at <= now,
            or_(MoodleSite.paused_until.is_(None), MoodleSite.paused_until <= now),
            or_(MoodleSite.lease_until.is_(None), MoodleSite.lease_until <= now),
        )
        .order_by(MoodleSite.next_due_at)
    ).scalars()
    return [site.id for site in rows if not is_quiet(site, now)]


def is_quiet(site: MoodleSite, now: datetime) -> bool:
    """Whether the site's quiet hours (UTC, may span midnight) keep runs from beginning now."""
    if site.quiet_from is None or site.quiet_to is None or site.quiet_from == site.quiet_to:
        return False
    if site.quiet_from < site.quiet_to:
        return site.quiet_from <= now.hour < site.quiet_to
    return now.hour >= site.quiet_from or now.hour < site.quiet_to
