"""The first call of a run: is this the site we know, and what may the account do there?"""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from sqlalchemy import update

from moodle_sync.calls.people import get_enrolled_users
from moodle_sync.calls.site import SiteInfo, get_site_info
from moodle_sync.errors import MoodleError, SiteChanged
from moodle_sync.models import MoodleSite
from moodle_sync.pull.context import Run


def probe(run: Run) -> SiteInfo:
    """Ask the site who it is; raises `SiteChanged` where it is not the one we know."""
    info = get_site_info(run.reader)
    check_identity(run.site.wwwroot, run.site.issuer, info.siteurl)
    remember(run, info)
    return info


def check_identity(wwwroot: str, issuer: str, siteurl: str) -> None:
    """Refuse a site that calls itself by another address than we and its launches call it.

    A user id means a person only together with the issuer, so all three must be the same.
    """
    if _same(siteurl) != _same(wwwroot):
        raise SiteChanged(wwwroot, siteurl)
    if _same(siteurl) != _same(issuer):
        raise SiteChanged(issuer, siteurl)


def _same(address: str) -> tuple[str, str, str]:
    parts = urlsplit(address)
    return parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/")


def remember(run: Run, info: SiteInfo) -> None:
    """Keep what the site said of itself."""
    run.functions = info.functions
    with run.commit() as connection:
        connection.execute(
            update(MoodleSite)
            .where(MoodleSite.tenant_id == run.site.tenant_id, MoodleSite.id == run.site.id)
            .values(
                release=info.release[:64],
                version=info.version,
                service_user_id=str(info.user_id),
                functions=sorted(info.functions),
            )
        )


def look_around(run: Run, course_ids: list[str]) -> str:
    """Return a fingerprint of what the account can see, by the canary course's first people.

    Lost rights mostly show as shorter lists and absent fields, not as errors. The same canary is
    asked before and after a sweep and compared with the sweep before: where it differs, nobody is
    marked as having left.
    """
    canary = run.site.canary_course if run.site.canary_course in course_ids else None
    parts = sorted(run.functions)
    for course_id in [canary] if canary else course_ids[:1]:
        try:
            people = get_enrolled_users(run.reader, int(course_id), limit=1)
        except MoodleError as error:
            parts.append(f"{course_id}: {error.code}")
            continue
        parts.append(f"{course_id}: {len(people)}")
        parts.extend(f"access {p.sees_access}, roles {p.sees_roles}" for p in people)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
