"""`backontrack person` and `backontrack purge`: what is due to people about their data."""

from __future__ import annotations

import json
from typing import IO

import click

from config.clock import utcnow
from lti_tool.command_tools import open_services, readable


@click.group()
def person() -> None:
    """What we know about one person: a copy, or its deletion.

    A person is named by their course site and by its id of them: in Moodle the number at the end of
    the address of their profile, /user/profile.php?id=….
    """


_PLATFORM = click.option(
    "--platform", required=True, help="Issuer, or id from `platform list`, of the course site."
)
_SUB = click.option("--sub", required=True, help="The site's id of the person.")
_OUTPUT = click.option(
    "--output", type=click.File("w"), default="-", help="File to write; - prints it."
)


@person.command()
@_PLATFORM
@_SUB
@_OUTPUT
@readable
def export(platform: str, sub: str, output: IO[str]) -> None:
    """Write a copy of everything about a person, as JSON with the purpose of each part.

    Give it to that person only.
    """
    from lti_tool.people.export import export_person
    from lti_tool.people.person import find_person

    with open_services().database.read_connection() as connection:
        found = find_person(connection, platform, sub)
        copy = export_person(connection, found, utcnow())
    if not copy["data"]:
        _nobody(sub)
    _write(output, copy)


@person.command()
@_PLATFORM
@_SUB
@click.option("--yes", is_flag=True, help="Do not ask.")
@_OUTPUT
@readable
def erase(platform: str, sub: str, output: IO[str], *, yes: bool) -> None:
    """Delete everything about a person and write a receipt that names nobody.

    Doing it again changes nothing. Keep the receipt: after a backup was restored, erase again
    whoever was erased since that backup.
    """
    from config.secrets import Signer
    from lti_tool.people.erasure import PURPOSE, erase_person
    from lti_tool.people.person import find_person

    services = open_services()
    if not yes:
        click.confirm("Delete everything about this person? It cannot be undone", abort=True)
    signer = Signer(services.settings.secret_key.get_secret_value(), PURPOSE)
    with services.database.write_connection() as connection:
        found = find_person(connection, platform, sub)
        receipt = erase_person(connection, signer, found, utcnow())
    services.database.shrink_log()
    if not receipt.rows:
        _nobody(sub)
    _write(output, receipt.as_dict())


@click.command()
@readable
def purge() -> None:
    """Delete what was kept long enough: expired launches, people two years after their last visit.

    The worker does the same every hour; docs/operator.md has the periods.
    """
    from lti_tool.people.retention import purge as run

    with open_services().database.write_connection() as connection:
        for what, rows in run(connection, utcnow()).items():
            click.echo(f"{what:8} {rows}")


def _nobody(sub: str) -> None:
    """Erasing twice is no fault, but a wrong number must not look like success."""
    click.echo(f"Nothing is kept about a person {sub!r} of this site. Is the id right?", err=True)


def _write(output: IO[str], value: object) -> None:
    output.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
