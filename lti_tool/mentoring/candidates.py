"""From rows to what adaptive.mentoring matches: mentees who wait, mentors who may have them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from adaptive.mentoring import Mentee as Wanting
from adaptive.mentoring import Mentor as Offering
from adaptive.mentoring import Place, Programme
from lti_tool.mentoring.borders import partners_of
from lti_tool.mentoring.consent import consents_of, missing_of
from lti_tool.mentoring.lifecycle import LIVE
from lti_tool.mentoring.models import Mentee, Mentor, Pair, Ruling
from lti_tool.mentoring.places import taken_by_mentor
from lti_tool.mentoring.programme import rules_of, weights_from
from lti_tool.mentoring.screening import clearances

PAST = ("declined", "lapsed", "closed")
"""Two people whose pair ended so are not offered to each other again by themselves."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Everything a matching run reads, and nothing that it may change."""

    tenant_id: str
    mentees: tuple[Wanting, ...]
    mentors: tuple[Offering, ...]
    programme: Programme
    locked: frozenset[tuple[str, str]]
    forbidden: frozenset[tuple[str, str]]
    not_ready: dict[str, str]
    """Mentees who wait but may not be matched yet, and why: "consent" or "guardian"."""
    tenants: dict[str, str]
    """The organisation of each mentor."""


def gather(
    session: Session, tenant_id: str, now: datetime, weights: dict[str, float] | None = None
) -> Candidates:
    """Read the candidates of an organisation; ids are user ids.

    Mentors of other organisations come in where the border is open and they offer it. Only free
    places count, so pairs that stand are never touched.

    Raises:
        NotValid: "weights".
    """
    rules = rules_of(session, tenant_id)
    partners = partners_of(session, tenant_id)
    mentees, not_ready = _mentees(session, tenant_id, now)
    mentors = _mentors(session, tenant_id, partners, now)
    locked, forbidden = _rulings(session, tenant_id)
    here = {one.id for one in mentees}, {one.id for one in mentors}
    return Candidates(
        tenant_id=tenant_id,
        mentees=tuple(mentees),
        mentors=tuple(mentors),
        programme=Programme(
            language_level=rules.language_level,
            near_km=rules.near_km,
            partners=frozenset((tenant_id, partner) for partner in partners),
            weights=weights_from(weights or {}, rules.weights),
        ),
        locked=frozenset(pair for pair in locked if pair[0] in here[0] and pair[1] in here[1]),
        forbidden=frozenset(forbidden | (_past(session, tenant_id) - locked)),
        not_ready=not_ready,
        tenants={one.id: one.tenant for one in mentors},
    )


def _mentees(
    session: Session, tenant_id: str, now: datetime
) -> tuple[list[Wanting], dict[str, str]]:
    has_pair = exists().where(
        Pair.tenant_id == Mentee.tenant_id,
        Pair.mentee_id == Mentee.user_id,
        Pair.state.in_(LIVE),
    )
    waiting = session.scalars(
        select(Mentee).where(Mentee.tenant_id == tenant_id, Mentee.state == "waiting", ~has_pair)
    ).all()
    given = consents_of(session, tenant_id)
    ready, not_ready = [], {}
    for row in waiting:
        if missing := missing_of(session, row, given.get(row.user_id, frozenset()), now):
            not_ready[row.user_id] = missing[0]
        else:
            ready.append(_wanting(row, now))
    return ready, not_ready


def _wanting(row: Mentee, now: datetime) -> Wanting:
    age = None if row.birth_year is None else now.year - row.birth_year
    ages = None if row.age_from is None or row.age_to is None else (row.age_from, row.age_to)
    groups = {"language": max(row.languages, key=lambda code: (row.languages[code], code))}
    if row.gender:
        groups["gender"] = row.gender
    if age is not None:
        groups["age"] = "under_20" if age < 20 else "20_24" if age < 25 else "25_up"
    return Wanting(
        id=row.user_id,
        tenant=row.tenant_id,
        languages=row.languages,
        slots=frozenset(row.slots),
        in_writing=row.in_writing,
        online=row.online,
        near=row.near,
        place=_place(row),
        reach_km=row.reach_km,
        fields=frozenset(row.fields),
        help=frozenset(row.help),
        background=frozenset(row.background),
        age=age,
        gender=row.gender,
        not_with=frozenset(row.not_with),
        wishes=tuple(row.wishes),
        genders=frozenset(row.genders),
        ages=ages,
        groups=groups,
    )


def _mentors(
    session: Session, tenant_id: str, partners: list[str], now: datetime
) -> list[Offering]:
    abroad = and_(Mentor.tenant_id.in_(partners), Mentor.across.is_(True))
    rows = session.scalars(
        select(Mentor).where(
            or_(Mentor.tenant_id == tenant_id, abroad), Mentor.state.in_(("active", "paused"))
        )
    ).all()
    tenants = sorted({row.tenant_id for row in rows})
    taken = taken_by_mentor(session, tenants)
    clear = {one: found for t in tenants for one, found in clearances(session, t, now).items()}
    return [
        Offering(
            id=row.user_id,
            tenant=row.tenant_id,
            languages=row.languages,
            slots=frozenset(row.slots),
            in_writing=row.in_writing,
            online=row.online,
            near=row.near,
            place=_place(row),
            reach_km=row.reach_km,
            fields=frozenset(row.fields),
            help=frozenset(row.help),
            background=frozenset(row.background),
            age=None if row.birth_year is None else now.year - row.birth_year,
            gender=row.gender,
            employer=row.employer,
            not_with=frozenset({*row.not_with, row.user_id}),
            capacity=max(row.capacity - taken.get(row.user_id, 0), 0),
            screened=clear[row.user_id].screened,
            trained=clear[row.user_id].trained,
            paused=row.state == "paused",
            across=row.across,
        )
        for row in rows
    ]


def _rulings(session: Session, tenant_id: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {"lock": set(), "forbid": set()}
    for row in session.scalars(select(Ruling).where(Ruling.tenant_id == tenant_id)):
        found[row.word].add((row.mentee_id, row.mentor_id))
    return found["lock"], found["forbid"]


def _past(session: Session, tenant_id: str) -> set[tuple[str, str]]:
    rows = session.execute(
        select(Pair.mentee_id, Pair.mentor_id).where(
            Pair.tenant_id == tenant_id, Pair.state.in_(PAST)
        )
    )
    return {(mentee, mentor) for mentee, mentor in rows}


def _place(row: Mentor | Mentee) -> Place | None:
    if row.latitude is None or row.longitude is None:
        return None
    return Place(row.latitude, row.longitude)
