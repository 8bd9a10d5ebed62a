"""The goals of a learner's plan, from the plan's shared face; none where there is no plan."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from sqlalchemy.orm import Session

FACE = "lti_tool.learner.goals"


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal in the learner's own words."""

    id: str
    title: str


def goals_of(session: Session, tenant_id: str, user_id: str) -> list[Goal]:
    """Return the goals of somebody's plan."""
    try:
        face = import_module(FACE)
    except ModuleNotFoundError as error:
        if error.name != FACE:
            raise
        return []
    return [Goal(one.id, one.title) for one in face.goals_of(session, tenant_id, user_id)]
