"""One person as one platform knows them, and where their rows are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    Table,
    and_,
    cast,
    false,
    or_,
    select,
)

from lti_tool.people.data_map import Whose
from lti_tool.tables import TABLES

_OWNED_OF_PEOPLE = ("enrolment", "plan")
"""Kinds of what we made at a site for one person; groups and events are of a course."""
_MENTORING = (Whose.AUTHOR, Whose.PAIR, Whose.EVENT)
"""A mentor's rows may be in another organisation; our ids are unique over all of them."""
_NO_PERSON = ("course", "group", "activity")
"""Entities of the sync's list of changes whose keys end with something else than a person."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a platform calls `sub`; `user_id` is None where they never came to us."""

    tenant_id: str
    platform_id: str
    issuer: str
    sub: str
    user_id: str | None


def find_person(connection: Connection, platform: str, sub: str) -> Person:
    """Return the person of a platform, named by our id of it or by its issuer.

    Whoever never came to us may still be on a course list, so an unknown `sub` is a person too.

    Raises:
        LookupError: there is no such platform, or several have this issuer.
    """
    table, users = TABLES["platform"], TABLES["user"]
    found = connection.execute(
        select(table.c.tenant_id, table.c.id, table.c.issuer).where(
            or_(table.c.id == platform, table.c.issuer == platform)
        )
    ).all()
    if len(found) != 1:
        several = "several platforms have this issuer; name one by its id" if found else None
        raise LookupError(several or f"no platform {platform}; see: backontrack platform list")
    tenant_id, platform_id, issuer = found[0]
    user_id = connection.execute(
        select(users.c.id).where(
            users.c.tenant_id == tenant_id,
            users.c.platform_id == platform_id,
            users.c.sub == sub,
        )
    ).scalar_one_or_none()
    return Person(tenant_id, platform_id, issuer, sub, user_id)


def rows_of(person: Person, name: str, whose: Whose) -> ColumnElement[bool]:
    """Return the condition for the person's rows of a table."""
    table = TABLES[name]
    mine = table.c.tenant_id == person.tenant_id
    if whose is Whose.SELF:
        return and_(mine, table.c.id == person.user_id)
    if whose is Whose.USER:
        return and_(mine, table.c.user_id == person.user_id)
    if whose is Whose.ATTEMPT:
        attempts = TABLES["interest_attempt"]
        own = select(attempts.c.id).where(
            attempts.c.tenant_id == person.tenant_id, attempts.c.user_id == person.user_id
        )
        return and_(mine, table.c.attempt_id.in_(own))
    if whose in _MENTORING:
        return _of_mentoring(person, table, whose)
    if whose is Whose.ROSTER:
        courses = TABLES["context"]
        of_platform = select(courses.c.id).where(
            courses.c.tenant_id == person.tenant_id, courses.c.platform_id == person.platform_id
        )
        return and_(mine, table.c.context_id.in_(of_platform), table.c.sub == person.sub)
    return and_(mine, *_at_site(person, name, whose))


def _of_mentoring(person: Person, table: Table, whose: Whose) -> ColumnElement[bool]:
    """Return the condition for rows of pairs and of their log."""
    if person.user_id is None:  # what the schedule did has no user either
        return false()
    if whose is Whose.PAIR:
        mentee = and_(table.c.tenant_id == person.tenant_id, table.c.mentee_id == person.user_id)
        mentor = and_(
            table.c.mentor_tenant_id == person.tenant_id, table.c.mentor_id == person.user_id
        )
        return or_(mentee, mentor)
    mine = table.c.user_id == person.user_id
    return or_(mine, table.c.subject_id == person.user_id) if whose is Whose.EVENT else mine


def _at_site(person: Person, name: str, whose: Whose) -> tuple[ColumnElement[bool], ...]:
    """Return the condition for rows of the sync, which knows people by Moodle's id."""
    table, sites = TABLES[name], TABLES["moodle_site"]
    site = table.c.site_id.in_(
        select(sites.c.id).where(
            sites.c.tenant_id == person.tenant_id, sites.c.platform_id == person.platform_id
        )
    )
    if whose is Whose.MOODLE:
        return site, table.c.user_id == person.sub
    if whose is Whose.INTENT:
        # The number is a number in some payloads and a text in others.
        return site, cast(table.c.payload["user"].as_string(), String) == person.sub
    if whose is Whose.OWNED:
        intents = TABLES["moodle_intent"]
        asked = select(intents.c.natural_key).where(
            intents.c.site_id == table.c.site_id,
            rows_of(person, "moodle_intent", Whose.INTENT),
        )
        return site, table.c.kind.in_(_OWNED_OF_PEOPLE), table.c.natural_key.in_(asked)
    last = table.c.key.endswith(f":{person.sub}", autoescape=True)
    return site, table.c.entity.not_in(_NO_PERSON), or_(table.c.key == person.sub, last)
