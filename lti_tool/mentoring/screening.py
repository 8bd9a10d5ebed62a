"""The two gates before any contact: three checks by a person, six units of training.

Only the state of a check, the day and who looked are kept (MENTOR, Elements of Effective Practice,
4th edition, standards 2 and 3); no document. Whether somebody is cleared follows from these rows
each time it is asked, so a check that runs out shuts the gate by itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.mentoring.access import Actor, require
from lti_tool.mentoring.codes import CHECKS, UNITS
from lti_tool.mentoring.errors import NotAllowed, NotValid, NotYours
from lti_tool.mentoring.lifecycle import MENTOR as LIFE
from lti_tool.mentoring.lifecycle import move, record
from lti_tool.mentoring.models import Mentor, ScreeningCheck, TrainingUnit

STATES = ("passed", "failed", "waiting")


@dataclass(frozen=True, slots=True)
class Clearance:
    """Which gates are open: `checks` by name, the units done."""

    checks: dict[str, str]
    """passed, failed, waiting, or expired; all three are there."""
    units: frozenset[str]

    @property
    def screened(self) -> bool:
        """Whether all three checks are passed and valid."""
        return all(state == "passed" for state in self.checks.values())

    @property
    def trained(self) -> bool:
        """Whether all six units are done."""
        return self.units >= set(UNITS)


def note_check(
    session: Session,
    actor: Actor,
    mentor_id: str,
    check: str,
    state: str,
    checked_on: date,
    now: datetime,
    valid_until: date | None = None,
) -> None:
    """Write what a check said. A failed one takes an active mentor back to the applicants.

    Raises:
        NotYours: the actor is no coordinator, or checks themself; no such mentor here.
        NotValid: "check", "state", "checked_on" (in the future) or "valid_until".
    """
    require(session, actor, "coordinator")
    mentor = session.get(Mentor, (actor.tenant_id, mentor_id), with_for_update=True)
    if mentor is None or mentor_id == actor.user_id:
        raise NotYours("mentor")
    if check not in CHECKS or state not in STATES:
        raise NotValid("check" if check not in CHECKS else "state")
    if checked_on > now.date():
        raise NotValid("checked_on")
    if valid_until is not None and valid_until <= checked_on:
        raise NotValid("valid_until")
    row = session.get(ScreeningCheck, (actor.tenant_id, mentor_id, check))
    before = row.state if row else None
    if row is None:
        row = ScreeningCheck(tenant_id=actor.tenant_id, user_id=mentor_id, check=check)
        session.add(row)
    row.state, row.checked_on, row.valid_until = state, checked_on, valid_until
    row.checker_id = actor.user_id
    session.flush()
    record(session, actor.tenant_id, "mentor", mentor_id, f"check_{check}",
           actor_id=actor.user_id, now=now, before=before, after=state)  # fmt: skip
    if state == "failed" and LIFE.allows(mentor.state, "bar"):
        move(session, mentor, LIFE, "bar", actor_id=actor.user_id, now=now, reason="checks")


def finish_unit(session: Session, actor: Actor, unit: str, now: datetime) -> frozenset[str]:
    """Note that the mentor finished a unit of the training; return all that are done.

    Raises:
        NotYours: the actor is no mentor.
        NotValid: "unit".
        NotAllowed: "state", for somebody who left.
    """
    mentor = session.get(Mentor, (actor.tenant_id, actor.user_id))
    if mentor is None:
        raise NotYours("mentor")
    if unit not in UNITS:
        raise NotValid("unit")
    if mentor.state == "left":
        raise NotAllowed("state")
    if session.get(TrainingUnit, (actor.tenant_id, actor.user_id, unit)) is None:
        session.add(
            TrainingUnit(tenant_id=actor.tenant_id, user_id=actor.user_id, unit=unit, done_at=now)
        )
        session.flush()
        record(session, actor.tenant_id, "mentor", actor.user_id, f"unit_{unit}",
               actor_id=actor.user_id, now=now)  # fmt: skip
    return clearance(session, actor.tenant_id, actor.user_id, now).units


def clearance(session: Session, tenant_id: str, mentor_id: str, now: datetime) -> Clearance:
    """Return which gates are open for one mentor."""
    return clearances(session, tenant_id, now, (mentor_id,))[mentor_id]


def clearances(
    session: Session, tenant_id: str, now: datetime, mentor_ids: Collection[str] | None = None
) -> dict[str, Clearance]:
    """Return which gates are open for mentors of a tenant, for all of them in two queries."""
    checks_query = select(
        ScreeningCheck.user_id,
        ScreeningCheck.check,
        ScreeningCheck.state,
        ScreeningCheck.valid_until,
    ).where(ScreeningCheck.tenant_id == tenant_id)
    units_query = select(TrainingUnit.user_id, TrainingUnit.unit).where(
        TrainingUnit.tenant_id == tenant_id
    )
    everybody: Collection[str]
    if mentor_ids is None:
        everybody = session.scalars(
            select(Mentor.user_id).where(Mentor.tenant_id == tenant_id)
        ).all()
    else:
        everybody = mentor_ids
        checks_query = checks_query.where(ScreeningCheck.user_id.in_(mentor_ids))
        units_query = units_query.where(TrainingUnit.user_id.in_(mentor_ids))
    states: dict[str, dict[str, str]] = {one: dict.fromkeys(CHECKS, "waiting") for one in everybody}
    for user_id, check, state, until in session.execute(checks_query):
        expired = state == "passed" and until is not None and until < now.date()
        states[user_id][check] = "expired" if expired else state
    units: dict[str, set[str]] = {one: set() for one in everybody}
    for user_id, unit in session.execute(units_query):
        units[user_id].add(unit)
    return {one: Clearance(states[one], frozenset(units[one])) for one in everybody}
