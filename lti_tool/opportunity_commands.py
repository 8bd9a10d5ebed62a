"""`backontrack opportunities`: what the partners offer to their learners."""

from __future__ import annotations

from pathlib import Path

import click

from config.clock import utcnow
from lti_tool.command_tools import Failure, check_schema, open_services, readable
from lti_tool.opportunities.operations import all_of
from lti_tool.opportunities.table import BadFile, decode, import_all, read_table
from lti_tool.opportunities.words import say_line
from lti_tool.people.tenants import find_tenant

_tenant = click.option("--tenant", "slug", help="The organisation; needed when there are several.")


@click.group()
def opportunities() -> None:
    """Jobs, courses, help and exchanges that an organisation offers to learners.

    Staff edit them on their page; here many can be read from a file at once. docs/coordinator.md
    describes the columns.
    """


@opportunities.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@_tenant
@click.option("--drafts", is_flag=True, help="Let staff look at new ones before learners see them.")
@readable
def import_file(file: Path, slug: str | None, *, drafts: bool) -> None:
    """Read a CSV file: new ones are added, known ones (by their reference) are changed.

    All of it or nothing: when something is wrong, each line that has to be mended is named.
    """
    services = open_services()
    check_schema(services)
    try:
        found = read_table(decode(file.read_bytes()))
        with services.database.write() as session:
            tenant = find_tenant(session, slug)
            done = import_all(session, tenant.id, found, utcnow(), open_now=not drafts)
    except BadFile as bad:
        lines = [f"{file.name}: {say_line(fault)}" for fault in bad.faults]
        raise Failure("\n".join([*lines, "Nothing was imported."])) from None
    click.echo(f"{done.added} added, {done.changed} changed, {done.same} as before.")


@opportunities.command("list")
@_tenant
@readable
def list_all(slug: str | None) -> None:
    """List an organisation's opportunities: state, for whom, last day, reference, title."""
    services = open_services()
    check_schema(services)
    with services.database.read() as session:
        for row in all_of(session, find_tenant(session, slug).id):
            scope = "network" if row.network else "own"
            last = row.last_day.isoformat() if row.last_day else "no end"
            titles = {words.language: words.title for words in row.words}
            title = titles.get("en") or titles[min(titles)]
            name = row.reference or row.id
            click.echo(f"{row.state:6} {scope:8} {last:10}  {name:24}  {title}")
