"""`backontrack keys`: the tool's own signing keys."""

from __future__ import annotations

import click

from config.clock import utcnow
from lti_tool.command_tools import Failure, open_services, readable
from lti_tool.lti.keys import ACTIVE, NEXT, RETIRING, keys_in
from lti_tool.lti.rotation import TooEarly, rotate_now


@click.group()
def keys() -> None:
    """The keys that sign what this tool says to platforms.

    They turn by themselves every 90 days: the next key is published a day before it signs, the last
    one for a week after, so that no launch and no service call fails.
    """


@keys.command("list")
@readable
def list_keys() -> None:
    """List the published keys with their state and since when they have it."""
    with open_services().database.read() as session:
        for state in (NEXT, ACTIVE, RETIRING):
            for key in keys_in(session, state):
                click.echo(f"{key.kid}  {state:8}  since {key.state_since:%Y-%m-%d %H:%M} UTC")


@keys.command()
@click.option(
    "--force",
    is_flag=True,
    help="Even if platforms may not know the next key yet, and withdraw the last one at once: "
    "for a key that was stolen. Calls fail until platforms fetch our keys again.",
)
@readable
def rotate(*, force: bool) -> None:
    """Let the next key sign from now on, earlier than the schedule would."""
    try:
        done = rotate_now(open_services(), utcnow(), force=force)
    except TooEarly as error:
        raise Failure(f"{error}; a stolen key can be withdrawn at once with --force") from None
    click.echo(f"{done.activated} signs now.")
