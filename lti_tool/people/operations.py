"""Changes of what we know about a person."""

from __future__ import annotations

from sqlalchemy import Connection, update

from lti_tool.lti.models import LaunchSession
from lti_tool.lti.sessions import Launch
from lti_tool.people.models import User


def choose_locale(connection: Connection, launch: Launch, locale: str) -> None:
    """Speak `locale` to this person from now on, in this launch and in later ones."""
    for table, key in ((User, launch.user_id), (LaunchSession, launch.id)):
        connection.execute(
            update(table)
            .where(table.tenant_id == launch.tenant_id, table.id == key)
            .values(locale=locale)
        )
