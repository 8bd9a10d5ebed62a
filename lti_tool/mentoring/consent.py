"""A mentee's yes to mentoring, and a guardian's where the country asks for one.

A consent names the text and its version. Withdrawing is one operation without conditions and stops
contact at once, because the gate (contact.barriers) reads these rows each time.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

import adaptive
from adaptive.mentoring.guardians import needs_guardian
from lti_tool.mentoring.access import Actor, require
from lti_tool.mentoring.errors import NotValid, NotYours
from lti_tool.mentoring.lifecycle import record
from lti_tool.mentoring.models import Consent, Mentee
from lti_tool.mentoring.programme import rules_of
from lti_tool.mentoring.values import short
from lti_tool.people.models import Tenant

CONTENT = Path(adaptive.__file__).parent / "content" / "mentoring"
TEXT = "mentoring"
SELF, GUARDIAN = "self", "guardian"


class ConsentTextError(ValueError):
    """A file of texts cannot be used; the message names the file and the mend."""


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of the text, in the language in which it can be shown."""

    version: int
    language: str
    title: str
    sentences: tuple[str, ...]


@cache
def _texts(language: str) -> tuple[int, dict[int, ConsentText]]:
    path = CONTENT / f"consent.{language}.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        found = {
            one["number"]: ConsentText(
                one["number"], language, one["title"], tuple(one["sentences"])
            )
            for one in data["version"]
        }
        return int(data["oldest"]), found
    except (KeyError, TypeError) as error:
        raise ConsentTextError(
            f"{path.name}: write oldest, and number, title, sentences of each version"
        ) from error


def newest_text(language: str) -> ConsentText:
    """Return the newest version in a language, or in English where there is no translation."""
    _oldest, english = _texts("en")
    version = max(english)
    if (CONTENT / f"consent.{language}.toml").is_file():
        return _texts(language)[1].get(version, english[version])
    return english[version]


def give_consent(
    session: Session, actor: Actor, version: int, locale: str, now: datetime
) -> Consent:
    """Say yes for oneself, to a version that was shown; saying it twice is one yes.

    Raises:
        NotYours: the actor is no mentee.
        NotValid: "version", for one that is not the newest.
    """
    if session.get(Mentee, (actor.tenant_id, actor.user_id)) is None:
        raise NotYours("mentee")
    return _add(session, actor.tenant_id, actor.user_id, SELF, version, locale, None, actor, now)


def note_guardian(
    session: Session,
    actor: Actor,
    mentee_id: str,
    paper: str,
    version: int,
    locale: str,
    now: datetime,
) -> Consent:
    """Note that a guardian signed; `paper` is the coordinator's file number, without a name.

    Raises:
        NotYours: the actor is no coordinator, or there is no such mentee here.
        NotValid: "paper" or "version".
    """
    require(session, actor, "coordinator")
    if session.get(Mentee, (actor.tenant_id, mentee_id)) is None:
        raise NotYours("mentee")
    paper = short("paper", paper, 40)
    return _add(session, actor.tenant_id, mentee_id, GUARDIAN, version, locale, paper, actor, now)


def withdraw_consent(session: Session, actor: Actor, now: datetime) -> int:
    """Take one's own yes back; contact stops with this. Returns how many rows ended."""
    return _end(session, actor.tenant_id, actor.user_id, SELF, actor, now)


def end_guardian(session: Session, actor: Actor, mentee_id: str, now: datetime) -> int:
    """Note that a guardian took the yes back; raises NotYours unless a coordinator does it."""
    require(session, actor, "coordinator")
    return _end(session, actor.tenant_id, mentee_id, GUARDIAN, actor, now)


def missing_consents(session: Session, mentee: Mentee, now: datetime) -> tuple[str, ...]:
    """Return what is missing: "consent", "guardian", both, or nothing."""
    given = consents_of(session, mentee.tenant_id, (mentee.user_id,))
    return missing_of(session, mentee, given.get(mentee.user_id, frozenset()), now)


def missing_of(
    session: Session, mentee: Mentee, given: frozenset[str], now: datetime
) -> tuple[str, ...]:
    """Return what is missing, where the valid consents are already known."""
    tenant = session.get_one(Tenant, mentee.tenant_id)
    rules = rules_of(session, mentee.tenant_id)
    needed = needs_guardian(mentee.birth_year, now.year, tenant.country, rules.guardian_age)
    missing = [] if SELF in given else ["consent"]
    if needed and GUARDIAN not in given:
        missing.append("guardian")
    return tuple(missing)


def consents_of(
    session: Session, tenant_id: str, user_ids: tuple[str, ...] | None = None
) -> dict[str, frozenset[str]]:
    """Return {user id: who said yes}, for consents that stand and whose version still counts."""
    oldest, _ = _texts("en")
    query = select(Consent.user_id, Consent.given_by).where(
        Consent.tenant_id == tenant_id,
        Consent.withdrawn_at.is_(None),
        Consent.text == TEXT,
        Consent.version >= oldest,
    )
    if user_ids is not None:
        query = query.where(Consent.user_id.in_(user_ids))
    found: dict[str, set[str]] = {}
    for user_id, by in session.execute(query):
        found.setdefault(user_id, set()).add(by)
    return {user_id: frozenset(by) for user_id, by in found.items()}


def _add(
    session: Session,
    tenant_id: str,
    user_id: str,
    by: str,
    version: int,
    locale: str,
    paper: str | None,
    actor: Actor,
    now: datetime,
) -> Consent:
    if version != newest_text("en").version:
        raise NotValid("version")
    standing = session.scalars(
        _standing(tenant_id, user_id, by).where(Consent.version == version).limit(1)
    ).one_or_none()
    if standing is not None:
        return standing
    row = Consent(tenant_id=tenant_id, user_id=user_id, given_by=by, text=TEXT, version=version,
                  locale=locale[:16], paper=paper, given_at=now)  # fmt: skip
    session.add(row)
    session.flush()
    record(session, tenant_id, "mentee", user_id, f"consent_{by}",
           actor_id=actor.user_id, now=now)  # fmt: skip
    return row


def _end(
    session: Session, tenant_id: str, user_id: str, by: str, actor: Actor, now: datetime
) -> int:
    rows = session.scalars(_standing(tenant_id, user_id, by)).all()
    for row in rows:
        row.withdrawn_at = now
    if rows:
        record(session, tenant_id, "mentee", user_id, f"withdraw_{by}",
               actor_id=actor.user_id, now=now)  # fmt: skip
    session.flush()
    return len(rows)


def _standing(tenant_id: str, user_id: str, by: str) -> Select[Consent]:
    return select(Consent).where(
        Consent.tenant_id == tenant_id,
        Consent.user_id == user_id,
        Consent.given_by == by,
        Consent.text == TEXT,
        Consent.withdrawn_at.is_(None),
    )
