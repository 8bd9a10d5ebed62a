"""`backontrack mentoring`: the first coordinator comes from the operator's shell."""

from __future__ import annotations

import os

from sqlalchemy import select

from config.database import Database
from lti_tool.lti.models import Platform
from lti_tool.people.models import User
from tests.lti_tool.test_cli import add_platform, shell

__all__ = ["shell"]
SITE = ("--platform", "https://moodle.example")


def come(*subs: str) -> None:
    """Let people have opened the tool once."""
    database = Database(os.environ["BACKONTRACK_DATABASE_URL"])
    with database.write() as session:
        platform = session.scalars(select(Platform)).one()
        session.add_all(
            User(tenant_id=platform.tenant_id, platform_id=platform.id, sub=sub) for sub in subs
        )
    database.dispose()


def test_duties_are_given_listed_and_taken(shell):
    shell("tenant", "add", "home", "Home")
    add_platform(shell)
    said = shell("mentoring", "appoint", "coordinator", *SITE, "--sub", "36", code=1).output
    assert "36 never opened the tool" in said
    come("36", "37")
    for sub in ("36", "36", "37"):
        shell("mentoring", "appoint", "coordinator", *SITE, "--sub", sub)
    shell("mentoring", "appoint", "safeguarding", *SITE, "--sub", "37")
    lines = sorted(line.split() for line in shell("mentoring", "list").output.splitlines())
    assert [(line[0], line[2]) for line in lines] == [
        ("coordinator", "36"), ("coordinator", "37"), ("safeguarding", "37"),
    ]  # fmt: skip
    shell("mentoring", "dismiss", "coordinator", *SITE, "--sub", "36")
    last = shell("mentoring", "dismiss", "coordinator", *SITE, "--sub", "37", code=1).output
    assert "appoint another first" in last
    none = shell("mentoring", "dismiss", "safeguarding", *SITE, "--sub", "36", code=1).output
    assert "does not have this duty" in none
    assert len(shell("mentoring", "list").output.splitlines()) == 2


def test_an_unknown_duty_or_site_is_one_line(shell):
    shell("mentoring", "appoint", "king", *SITE, "--sub", "36", code=2)
    said = shell("mentoring", "appoint", "coordinator", *SITE, "--sub", "36", code=1).output
    assert said.startswith("no platform https://moodle.example")
