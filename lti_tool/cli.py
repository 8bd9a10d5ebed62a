"""The command line: `backontrack`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import click

from config import migrations
from config.clock import utcnow
from config.logging import configure_logging
from lti_tool.command_tools import Failure, check_schema, open_services, readable
from lti_tool.key_commands import keys
from lti_tool.mentoring_commands import mentoring
from lti_tool.occupation_commands import occupations
from lti_tool.opportunity_commands import opportunities
from lti_tool.person_commands import person, purge
from lti_tool.sync_commands import sync

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_CONTEXT)
@click.version_option(package_name="backontrack")
def main() -> None:
    """Back on Track: adaptive guidance and mentoring inside a partner's Moodle.

    Settings come from environment variables (BACKONTRACK_PUBLIC_URL, BACKONTRACK_SECRET_KEY,
    BACKONTRACK_SEAL_KEYS, BACKONTRACK_DATABASE_URL …; docs/operator.md explains each). To look
    around without any setting: backontrack demo.
    """
    # What a command has to say it prints; only what runs for long keeps a log.
    configure_logging("WARNING")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5000, show_default=True, help="Port to listen on.")
@click.option(
    "--processes", default=1, show_default=True, help="More than one pays off only on PostgreSQL."
)
@click.option("--threads", default=8, show_default=True, help="Requests at a time in each process.")
@click.option("--with-worker", is_flag=True, help="Deliver the outbox from this process as well.")
@click.option("--reload", is_flag=True, help="Restart when the code changes.")
@readable
def serve(**options: object) -> None:
    """Serve the tool to browsers and platforms.

    Put a web server with TLS in front and set BACKONTRACK_TRUSTED_PROXIES to their number. Grades
    are delivered by `backontrack worker`, or by this process with --with-worker.
    """
    # Before numpy is loaded: matrices of 48 columns are quickest on one thread, and gunicorn's
    # threads share the cores already.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from lti_tool.serving import serve as run
    from lti_tool.web.app import create_app

    services = open_services()
    check_schema(services)
    run(create_app(services.settings, services), services, **options)  # type: ignore[arg-type]


@main.command()
@click.option("--once", is_flag=True, help="Deliver what is due now, then stop.")
@readable
def worker(*, once: bool) -> None:
    """Deliver the outbox: grades and progress that platforms have to hear.

    Besides, once an hour: turn our signing keys when due, delete what has expired.

    Any number of workers may run; each row is leased to one. Stopping one loses nothing.
    """
    from lti_tool.chores import keep_house, run_chores
    from lti_tool.outbox.worker import Worker

    services = open_services()
    check_schema(services)
    configure_logging(services.settings.log_level)
    runner = Worker(services)
    if once:
        click.echo(f"{runner.run_once()} delivered or settled")
        run_chores(services, utcnow())
    else:
        stop = Event()
        Thread(target=keep_house, args=(services, stop), daemon=True).start()
        runner.run(stop)


@main.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Where the demo keeps its data.",
)
@click.option("--port", default=5000, show_default=True, help="Port of the tool.")
@click.option("--lms-port", default=5001, show_default=True, help="Port of the practice LMS.")
@click.option("--reset", is_flag=True, help="Forget the demo's data and stop.")
@click.option("--reload", is_flag=True, help="Restart the tool when its code changes.")
@readable
def demo(data: Path, port: int, lms_port: int, *, reset: bool, reload: bool) -> None:
    """Start the tool with a practice LMS beside it and print one address to open.

    Needs no settings. Data are kept between starts. Ctrl-C stops both.
    """
    from lti_tool.demo import command

    if reset:
        command.forget(data)
        click.echo(f"The demo's data in {data} are gone.")
        return
    command.run(data, port=port, lms_port=lms_port, reload=reload)


@main.command()
@readable
def doctor() -> None:
    """Check settings, secrets, database, schema, clock and each platform; print the mends.

    Exit code 1 when something is wrong.
    """
    from lti_tool.doctor import examine

    signs = {"ok": "✓", "note": "·", "bad": "✗"}
    bad = False
    for finding in examine(open_services()):
        bad |= finding.level == "bad"
        click.echo(f"{signs[finding.level]} {finding.subject}: {finding.message}")
        if finding.mend:
            click.echo(f"    → {finding.mend}")
    sys.exit(1 if bad else 0)


@main.group()
def tenant() -> None:
    """The partner organisations that this installation serves."""


@tenant.command("add")
@click.argument("slug")
@click.argument("name")
@click.option("--country", help="Two letters, such as HU.")
@click.option("--locale", help="Its usual language, such as hu.")
@click.option(
    "--names/--no-names", default=False, help="Whether platforms may send names. Default: no."
)
@readable
def tenant_add(
    slug: str, name: str, country: str | None, locale: str | None, *, names: bool
) -> None:
    """Add an organisation: a short name for commands, and its full name."""
    from lti_tool.people.tenants import add_tenant
    from lti_tool.web.locale import LANGUAGES

    if locale is not None and locale not in LANGUAGES:
        raise Failure(f"{locale!r} is none of our languages; there are: {', '.join(LANGUAGES)}")
    services = open_services()
    check_schema(services)
    with services.database.write() as session:
        add_tenant(session, slug, name, country=country, locale=locale, wants_names=names)
    click.echo(f"Added {slug}. Next: backontrack invite --tenant {slug}")


@tenant.command("list")
@readable
def tenant_list() -> None:
    """List the organisations."""
    from lti_tool.people.tenants import list_tenants

    services = open_services()
    check_schema(services)
    with services.database.read() as session:
        for found in list_tenants(session):
            click.echo(f"{found.slug:20} {found.name}")


@main.command()
@click.option("--tenant", "slug", help="The organisation; needed when there are several.")
@click.option(
    "--approve/--review",
    default=True,
    show_default=True,
    help="Whether the platform may launch as soon as it is registered.",
)
@readable
def invite(slug: str | None, *, approve: bool) -> None:
    """Print an address that registers one Moodle: paste it into Manage tools.

    It works once and for seven days. Whoever has it can register a platform for the organisation,
    so send it to the Moodle's admin only.
    """
    from lti_tool.lti.registration import create_invite
    from lti_tool.people.tenants import find_tenant

    services = open_services()
    with services.database.write() as session:
        found = find_tenant(session, slug)
        code = create_invite(session, found.id, auto_approve=approve, now=utcnow())
    click.echo(f"{services.settings.public_url}/lti/register/{code}")


@main.group()
def platform() -> None:
    """The registered Moodles."""


@platform.command("list")
@readable
def platform_list() -> None:
    """List the platforms with their state and last launch."""
    from lti_tool.lti.platforms import list_platforms

    with open_services().database.read() as session:
        for found in list_platforms(session):
            last = f"{found.last_launch_at:%Y-%m-%d %H:%M}" if found.last_launch_at else "never"
            click.echo(f"{found.id}  {found.status:8}  {found.issuer}  last launch {last}")


@platform.command("show")
@click.argument("platform_id")
@readable
def platform_show(platform_id: str) -> None:
    """Show everything we know about one platform (no secret is among it)."""
    from lti_tool.lti.platforms import deployments_of, list_platforms

    with open_services().database.read() as session:
        for found in list_platforms(session):
            if found.id == platform_id:
                for column in found.__table__.columns:
                    click.echo(f"{column.name:18} {getattr(found, column.name)}")
                for deployment in deployments_of(session, found):
                    click.echo(f"{'deployment':18} {deployment.deployment_id}")
                return
    raise LookupError(f"no platform {platform_id}; see: backontrack platform list")


@platform.command("add")
@click.option("--tenant", "slug", help="The organisation; needed when there are several.")
@click.option("--name", required=True, help="What to call it.")
@click.option("--issuer", required=True, help="Platform ID, for Moodle the site's address.")
@click.option("--client-id", required=True, help="Client ID that the platform gave us.")
@click.option(
    "--deployment-id",
    "deployments",
    multiple=True,
    required=True,
    help="May be given more than once.",
)
@click.option("--auth-url", required=True, help="Authentication request URL.")
@click.option("--token-url", required=True, help="Access token URL.")
@click.option("--jwks-url", required=True, help="Public keyset URL.")
@click.option("--product", default="moodle", show_default=True, help="Product family code.")
@readable
def platform_add(slug: str | None, deployments: tuple[str, ...], **values: str) -> None:
    """Register a platform by hand, where dynamic registration is not possible."""
    from lti_tool.lti.platforms import PlatformFacts
    from lti_tool.lti.registration import add_platform
    from lti_tool.people.tenants import find_tenant

    services = open_services()
    with services.database.write() as session:
        found = find_tenant(session, slug)
        facts = PlatformFacts(**values)  # type: ignore[arg-type] # texts only
        added = add_platform(session, services.door, found.id, facts, deployment_ids=deployments)
        click.echo(f"Added {added.id}")


@platform.command("add-deployment")
@click.argument("platform_id")
@click.argument("deployment_id")
@readable
def platform_add_deployment(platform_id: str, deployment_id: str) -> None:
    """Let one more deployment of a platform launch, for platforms that have several (Canvas)."""
    from lti_tool.lti.platforms import add_deployment, list_platforms

    with open_services().database.write() as session:
        for found in list_platforms(session):
            if found.id == platform_id:
                add_deployment(session, found, deployment_id, utcnow())
                click.echo(f"Deployment {deployment_id} may launch.")
                return
    raise LookupError(f"no platform {platform_id}; see: backontrack platform list")


@platform.command("approve")
@click.argument("platform_id")
@readable
def platform_approve(platform_id: str) -> None:
    """Let a pending or disabled platform launch."""
    from lti_tool.lti.platforms import approve_platform

    _change_platform(platform_id, approve_platform)
    click.echo("It may launch.")


@platform.command("disable")
@click.argument("platform_id")
@readable
def platform_disable(platform_id: str) -> None:
    """Refuse a platform's launches from now on; its data stay."""
    from lti_tool.lti.platforms import disable_platform

    _change_platform(platform_id, disable_platform)
    click.echo("It may not launch any more. Its data are kept.")


def _change_platform(platform_id: str, change: Callable[..., None]) -> None:
    from lti_tool.lti.platforms import list_platforms

    with open_services().database.write() as session:
        for found in list_platforms(session):
            if found.id == platform_id:
                change(session, found.tenant_id, platform_id, utcnow())
                return
    raise LookupError(f"no platform {platform_id}; see: backontrack platform list")


main.add_command(sync)
main.add_command(occupations)
main.add_command(opportunities)
main.add_command(mentoring)
main.add_command(keys)
main.add_command(person)
main.add_command(purge)


@main.group()
def db() -> None:
    """The database's schema."""


@db.command("upgrade")
@readable
def db_upgrade() -> None:
    """Bring the schema to what this version needs; make a backup first."""
    services = open_services()
    migrations.upgrade(services.database)
    click.echo(f"The schema is at {migrations.current(services.database)}.")


@db.command("revision", hidden=True)
@click.argument("message")
@readable
def db_revision(message: str) -> None:
    """Write a migration with the difference between models and database (for developers)."""
    from lti_tool.tables import METADATA

    migrations.new_revision(open_services().database, METADATA, message)


if __name__ == "__main__":
    main()
