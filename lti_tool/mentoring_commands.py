"""`backontrack mentoring`: who coordinates an organisation's mentoring, and who reads reports."""

from __future__ import annotations

from typing import cast

import click
from sqlalchemy import Connection

from config.clock import utcnow
from lti_tool.command_tools import Failure, check_schema, open_services, readable
from lti_tool.mentoring.access import DUTIES, Duty, appoint, named, take_duty
from lti_tool.mentoring.errors import MentoringError, NotAllowed
from lti_tool.people.models import User
from lti_tool.people.person import Person, find_person
from lti_tool.people.tenants import find_tenant


@click.group()
def mentoring() -> None:
    """Duties in an organisation's mentoring.

    coordinator: works at the mentoring desk, and can give duties to others there.
    safeguarding: is named to read reports of harm; nobody else can.

    A person is named by their course site and by its id of them: in Moodle the number at the end of
    the address of their profile, /user/profile.php?id=….
    """


_PLATFORM = click.option(
    "--platform", required=True, help="Issuer, or id from `platform list`, of the course site."
)
_SUB = click.option("--sub", required=True, help="The site's id of the person.")
_DUTY = click.argument("duty", type=click.Choice(DUTIES))


@mentoring.command("appoint")
@_DUTY
@_PLATFORM
@_SUB
@readable
def appoint_command(duty: str, platform: str, sub: str) -> None:
    """Name somebody for a duty. They must have opened the tool once."""
    services = open_services()
    check_schema(services)
    with services.database.write() as session:
        person, user_id = _known(session.connection(), platform, sub)
        appoint(session, person.tenant_id, user_id, cast("Duty", duty), utcnow(), None)
    click.echo(f"{sub} has the duty: {duty}.")


@mentoring.command("dismiss")
@_DUTY
@_PLATFORM
@_SUB
@readable
def dismiss_command(duty: str, platform: str, sub: str) -> None:
    """Take a duty from somebody. The last one who has it stays: appoint another one first."""
    services = open_services()
    check_schema(services)
    with services.database.write() as session:
        person, user_id = _known(session.connection(), platform, sub)
        try:
            take_duty(session, person.tenant_id, user_id, cast("Duty", duty), utcnow(), None)
        except NotAllowed:
            raise Failure(f"{sub} is the last one with this duty; appoint another first") from None
        except MentoringError:
            raise Failure(f"{sub} does not have this duty; see: mentoring list") from None
    click.echo(f"{sub} has the duty no longer: {duty}.")


@mentoring.command("list")
@click.option("--tenant", "slug", help="The organisation; needed when there are several.")
@readable
def list_command(slug: str | None) -> None:
    """List who has which duty, by the course site's ids."""
    services = open_services()
    check_schema(services)
    with services.database.read() as session:
        tenant = find_tenant(session, slug)
        for duty in DUTIES:
            for user_id in named(session, tenant.id, duty):
                user = session.get_one(User, (tenant.id, user_id))
                click.echo(f"{duty:14} {user.platform_id}  {user.sub}")


def _known(connection: Connection, platform: str, sub: str) -> tuple[Person, str]:
    person = find_person(connection, platform, sub)
    if person.user_id is None:
        raise Failure(f"{sub} never opened the tool; let them open an activity once, then repeat")
    return person, person.user_id
