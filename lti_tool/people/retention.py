"""Deleting what was kept long enough; the periods are those of the data map."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, select

from lti_tool.lti.sessions import purge_expired
from lti_tool.people.erasure import delete_rows
from lti_tool.people.person import Person
from lti_tool.tables import TABLES

KEPT = timedelta(days=730)
"""After a person's last visit, after they left a course, after a change was noted."""
MOST_PEOPLE = 200
"""People in one transaction, so that nobody waits long behind it; the next run goes on."""


def purge(connection: Connection, now: datetime) -> dict[str, int]:
    """Delete what is due and return how many rows of what: `expired`, `people`, `left`, `changes`.

    A person who joined accounts on several platforms was last here when any of them was. At most
    MOST_PEOPLE people go at a time.
    """
    before = now - KEPT
    return {
        "expired": purge_expired(connection, now) + _codes(connection, now),
        "people": _people(connection, before),
        "left": _left(connection, before),
        "changes": _changes(connection, before),
    }


def _codes(connection: Connection, now: datetime) -> int:
    codes = TABLES["link_code"]
    return connection.execute(delete(codes).where(codes.c.expires_at < now)).rowcount


def _people(connection: Connection, before: datetime) -> int:
    users, links, platforms = TABLES["user"], TABLES["account_link"], TABLES["platform"]
    mine, theirs, other = links.alias("mine"), links.alias("theirs"), users.alias("other")
    seen_elsewhere = exists(
        select(mine.c.user_id)
        .join(
            theirs,
            (theirs.c.tenant_id == mine.c.tenant_id) & (theirs.c.person_id == mine.c.person_id),
        )
        .join(other, (other.c.tenant_id == theirs.c.tenant_id) & (other.c.id == theirs.c.user_id))
        .where(
            mine.c.tenant_id == users.c.tenant_id,
            mine.c.user_id == users.c.id,
            other.c.last_seen_at >= before,
        )
    )
    due = connection.execute(
        select(users.c.tenant_id, users.c.platform_id, platforms.c.issuer, users.c.sub, users.c.id)
        .join(
            platforms,
            (platforms.c.tenant_id == users.c.tenant_id) & (platforms.c.id == users.c.platform_id),
        )
        .where(users.c.last_seen_at < before, ~seen_elsewhere)
        .limit(MOST_PEOPLE)
    ).all()
    for row in due:
        delete_rows(connection, Person(*row))
    return len(due)


def _left(connection: Connection, before: datetime) -> int:
    """Delete who left a course long ago: from the course list and from the site's mirror."""
    roster, member = TABLES["roster_entry"], TABLES["moodle_member"]
    gone = connection.execute(delete(roster).where(roster.c.left_at < before)).rowcount
    left = (member.c.presence == "gone") & (member.c.missing_since < before)
    for name in ("moodle_completion", "moodle_course_completion", "moodle_grade"):
        facts = TABLES[name]
        of_leaver = exists().where(
            member.c.tenant_id == facts.c.tenant_id,
            member.c.site_id == facts.c.site_id,
            member.c.course_id == facts.c.course_id,
            member.c.user_id == facts.c.user_id,
            left,
        )
        gone += connection.execute(delete(facts).where(of_leaver)).rowcount
    return gone + connection.execute(delete(member).where(left)).rowcount


def _changes(connection: Connection, before: datetime) -> int:
    changes = TABLES["moodle_change"]
    return connection.execute(delete(changes).where(changes.c.at < before)).rowcount
