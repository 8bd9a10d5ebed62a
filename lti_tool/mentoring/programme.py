"""A tenant's rules for its mentoring, with defaults for whoever never set any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from adaptive.mentoring import MatchingError, Weights
from lti_tool.mentoring.access import Actor, require
from lti_tool.mentoring.errors import NotValid
from lti_tool.mentoring.lifecycle import record
from lti_tool.mentoring.models import Programme


@dataclass(frozen=True, slots=True)
class Rules:
    """Weights of the matching, usable language level, and periods in days."""

    weights: Weights = field(default_factory=Weights)
    language_level: int = 3
    near_km: float = 60.0
    guardian_age: int | None = None
    answer_days: int = 7
    message_days: int = 180


def rules_of(session: Session, tenant_id: str) -> Rules:
    """Return a tenant's rules."""
    row = session.get(Programme, tenant_id)
    if row is None:
        return Rules()
    return Rules(
        weights=weights_from(row.weights),
        language_level=row.language_level,
        near_km=row.near_km,
        guardian_age=row.guardian_age,
        answer_days=row.answer_days,
        message_days=row.message_days,
    )


def weights_from(given: Mapping[str, float], base: Weights | None = None) -> Weights:
    """Return weights with those given in the place of the others.

    Raises:
        NotValid: "weights", for an unknown factor, one below 0, or nothing above 0.
    """
    try:
        return replace(base or Weights(), **given)
    except (TypeError, MatchingError):
        raise NotValid("weights") from None


def set_rules(session: Session, actor: Actor, rules: Rules, now: datetime) -> None:
    """Set the tenant's rules.

    Raises:
        NotYours: the actor is no coordinator.
        NotValid: the field that is out of bounds.
    """
    require(session, actor, "coordinator")
    bounds = {
        "language_level": (1, 6),
        "near_km": (1, 1000),
        "answer_days": (2, 30),
        "message_days": (30, 730),
    }
    for name, (least, most) in bounds.items():
        if not least <= getattr(rules, name) <= most:
            raise NotValid(name)
    if rules.guardian_age is not None and not 13 <= rules.guardian_age <= 18:
        raise NotValid("guardian_age")
    row = session.get(Programme, actor.tenant_id)
    if row is None:
        row = Programme(tenant_id=actor.tenant_id)
        session.add(row)
    row.weights = asdict(rules.weights)
    for name in (*bounds, "guardian_age"):
        setattr(row, name, getattr(rules, name))
    record(session, actor.tenant_id, "programme", actor.tenant_id, "set",
           actor_id=actor.user_id, now=now)  # fmt: skip
    session.flush()
