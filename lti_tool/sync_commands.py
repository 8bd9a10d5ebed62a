"""`backontrack sync`: keep a Moodle's courses, people and progress in step."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.command_tools import Failure, open_services, readable
from lti_tool.lti.models import Platform
from moodle_sync.doctor.checks import BAD, OK, WARN, examine
from moodle_sync.doctor.handout import checklist, role_xml, setup_script
from moodle_sync.doctor.needs import READING, WRITING
from moodle_sync.models import MoodleRun, MoodleSite
from moodle_sync.plan import plan_sync
from moodle_sync.pull.context import Options, Progress
from moodle_sync.pull.run import run_sync
from moodle_sync.push.deliver import deliver
from moodle_sync.report import format_progress, format_summary
from moodle_sync.sites import SiteBusy, SiteStopped, SiteUnknown, connect_site, resume_site

if TYPE_CHECKING:
    from lti_tool.services import Services


_SIGNS = {OK: "✓", WARN: "·", BAD: "✗"}
_ROLES = {"role-rest": "backontrackrest", "role-sync": "backontracksync"}


@click.group(invoke_without_command=True)
@click.option("--platform", "platform_id", help="Read this platform's Moodle now, like `sync run`.")
@click.pass_context
def sync(context: click.Context, platform_id: str | None) -> None:
    """Keep a Moodle's courses, people, groups, completion and grades in step.

    Connect once with a web-service token, then run as often as you like: a second run with no news
    changes nothing. Nobody is marked as gone before two whole readings agree.
    """
    if context.invoked_subcommand is None:
        if platform_id is None:
            click.echo(context.get_help())
        else:
            context.invoke(run, platform_id=platform_id)


@sync.command()
@click.argument("platform_id")
@click.option("--wwwroot", help="The Moodle's address. Default: the platform's issuer.")
@click.option(
    "--token-file", type=click.File(), default="-", help="File with the token; - reads it here."
)
@readable
def connect(platform_id: str, wwwroot: str | None, token_file: TextIO) -> None:
    """Give a platform its web-service token; it is stored encrypted.

    The token is read from a file or from standard input, never from the command line, where other
    people on the machine could see it.
    """
    token = token_file.read().strip()
    if not token:
        raise Failure("the token is empty")
    services = open_services()
    with services.database.write() as session:
        platform = _platform(session, platform_id)
        connect_site(
            session,
            services.seal,
            platform.tenant_id,
            platform.id,
            platform.issuer,
            wwwroot or platform.issuer,
            token,
        )
        click.echo(f"Connected. Next: backontrack sync run --platform {platform.id}")


@sync.command()
@click.option("--platform", "platform_id", required=True, help="Id from `platform list`.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@readable
def run(platform_id: str, *, quiet: bool) -> None:
    """Read a Moodle into the mirror tables and print the balance.

    Interrupt it at any time: the next run goes on at the page where it stopped.
    """
    services = open_services()
    site_id = _site(services, platform_id)
    bar = not quiet and sys.stderr.isatty()

    def show(progress: Progress) -> None:
        click.echo(f"\r\033[K{format_progress(progress)}", nl=False, err=True)

    try:
        summary = run_sync(
            services.database,
            services.door,
            services.seal,
            site_id,
            on_progress=show if bar else None,
            options=Options(),
        )
    except (SiteBusy, SiteStopped, SiteUnknown) as error:
        raise Failure(str(error)) from None
    if bar:
        click.echo("\r\033[K", nl=False, err=True)
    click.echo(format_summary(summary))
    sys.exit(0 if summary.ok else 1)


@sync.command()
@click.option("--platform", "platform_id", required=True, help="Id from `platform list`.")
@readable
def plan(platform_id: str) -> None:
    """Show every change that a run would make now, without writing on either side."""
    services = open_services()
    site_id = _site(services, platform_id)
    try:
        planned = plan_sync(services.database, services.door, services.seal, site_id)
    except (SiteBusy, SiteStopped, SiteUnknown) as error:
        raise Failure(str(error)) from None
    for change in planned.changes:
        click.echo(f"{change.kind:8} {change.entity} {change.key}")
    for kind, key in planned.wishes:
        click.echo(f"push     {kind} {key}")
    click.echo(format_summary(planned.summary))
    sys.exit(0 if planned.summary.ok else 1)


@sync.command()
@click.option("--platform", "platform_id", required=True, help="Id from `platform list`.")
@readable
def push(platform_id: str) -> None:
    """Send what waits to be written into a Moodle: enrolments, groups, events, messages.

    Each wish is looked for before it is sent, so that a lost answer never doubles an effect. One
    bad record is parked with its reason, the others go through.
    """
    services = open_services()
    site_id = _site(services, platform_id)
    try:
        done = deliver(services.database, services.door, services.seal, site_id)
    except (SiteBusy, SiteStopped, SiteUnknown) as error:
        raise Failure(str(error)) from None
    for kind, tally in sorted(done.counts.items()):
        click.echo(f"{kind:14} " + ", ".join(f"{n} {state}" for state, n in tally.items()))
    click.echo(f"{done.requests} requests" + (f"; ended early: {done.error}" if done.error else ""))
    sys.exit(1 if done.error else 0)


@sync.command()
@click.option("--platform", "platform_id", required=True, help="Id from `platform list`.")
@click.option("--course", type=int, help="Course to try functions on. Default: the first readable.")
@readable
def doctor(platform_id: str, course: int | None) -> None:
    """Try each needed function on one course; say what is missing and where in Moodle to set it.

    Exit code 1 when something stands in the way of a sync.
    """
    services = open_services()
    diagnosis = examine(
        services.database, services.door, services.seal, _site(services, platform_id), canary=course
    )
    for finding in diagnosis.findings:
        click.echo(f"{_SIGNS[finding.level]} {finding.check}: {finding.text}")
        if finding.mend:
            click.echo(f"    → {finding.mend}")
    click.echo(f"This Moodle can be read in tier {diagnosis.tier}.")
    sys.exit(0 if diagnosis.ok else 1)


@sync.command()
@click.option(
    "--as",
    "form",
    type=click.Choice(["steps", "script", "role-rest", "role-sync"]),
    default="steps",
    show_default=True,
    help="A list of steps, a PHP script for Moodle's command line, or a role file to import.",
)
@click.option("--writing", is_flag=True, help="Also what the write-backs need.")
@readable
def setup(form: str, *, writing: bool) -> None:
    """Print the exact roles, service and report that a Moodle needs for the sync."""
    purposes = (*READING, *WRITING) if writing else READING
    if form == "steps":
        click.echo(checklist(purposes))
    elif form == "script":
        click.echo(setup_script(purposes))
    else:
        click.echo(role_xml(_ROLES[form], purposes), nl=False)


@sync.command()
@click.option("--platform", "platform_id", required=True, help="Id from `platform list`.")
@readable
def status(platform_id: str) -> None:
    """Show the state of a Moodle's sync and its last runs."""
    services = open_services()
    key = _key(services, platform_id)
    with services.database.read() as session:
        site = session.get_one(MoodleSite, key)
        click.echo(f"{site.wwwroot}: {site.state} {site.stop_reason or ''}")
        runs = session.scalars(
            select(MoodleRun)
            .where(MoodleRun.tenant_id == site.tenant_id, MoodleRun.site_id == site.id)
            .order_by(MoodleRun.started_at.desc())
            .limit(10)
        )
        for one in runs:
            click.echo(f"  {one.started_at:%Y-%m-%d %H:%M}  {one.kind:6} {one.status}")


@sync.command()
@click.option("--platform", "platform_id", required=True, help="Id from `platform list`.")
@click.option("--wwwroot", help="The Moodle's new address, when it moved.")
@readable
def resume(platform_id: str, wwwroot: str | None) -> None:
    """Let a stopped sync go on after its question was answered."""
    services = open_services()
    site_id = _site(services, platform_id)
    with services.database.write() as session:
        resume_site(session, site_id, wwwroot=wwwroot)
    click.echo("It may run again.")


def _platform(session: Session, platform_id: str) -> Platform:
    found = session.scalar(
        select(Platform).where((Platform.id == platform_id) | (Platform.issuer == platform_id))
    )
    if found is None:
        raise LookupError(f"no platform {platform_id}; see: backontrack platform list")
    return found


def _key(services: Services, platform_id: str) -> tuple[str, str]:
    with services.database.read() as session:
        platform = _platform(session, platform_id)
        site = session.scalar(
            select(MoodleSite).where(
                MoodleSite.tenant_id == platform.tenant_id, MoodleSite.platform_id == platform.id
            )
        )
    if site is None:
        raise LookupError(f"no token yet; first: backontrack sync connect {platform_id}")
    return site.tenant_id, site.id


def _site(services: Services, platform_id: str) -> str:
    return _key(services, platform_id)[1]
