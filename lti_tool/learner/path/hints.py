"""What other rooms know that helps to choose: needs, and levels of the digital check.

Both are optional: a learner may not have told anything yet, and the path works without.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

from sqlalchemy.orm import Session

from adaptive.lessons import NEEDS
from lti_tool.lti.sessions import Launch

LOW_LEVEL = 2
"""Up to this DigComp level (of 8) the lessons of an area are worth more."""
HIGH_LEVEL = 4
"""From this level on its basics count as known."""


@dataclass(frozen=True, slots=True)
class Hints:
    """needs: of adaptive.lessons.NEEDS. digital: DigComp area -> level 1 to 8."""

    needs: frozenset[str] = frozenset()
    digital: Mapping[str, int] = field(default_factory=dict)


def hints_for(session: Session, launch: Launch) -> Hints:
    """Return what is known about the learner of a launch."""
    return Hints(_needs(session, launch), _levels(session, launch))


def _face(name: str) -> ModuleType | None:
    try:
        return import_module(f"lti_tool.learner.{name}")
    except ModuleNotFoundError:
        return None


def _needs(session: Session, launch: Launch) -> frozenset[str]:
    face = _face("situation")
    situation: Any = face.current_situation(session, launch) if face else None
    if situation is None:
        return frozenset()
    said = {*situation.barriers, *situation.hopes}
    return frozenset(word for word in said if word in NEEDS)


def _levels(session: Session, launch: Launch) -> Mapping[str, int]:
    face = _face("digital_levels")
    return dict(face.current_levels(session, launch) or {}) if face else {}
