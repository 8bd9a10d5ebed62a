"""The room of the desk: who may come in, and how its pages read and write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, g, request
from sqlalchemy.orm import Session

from lti_tool.mentoring import words as common
from lti_tool.mentoring.access import Actor, Duty, has_duty, require
from lti_tool.mentoring.moments import day_words, zone_of_tenant
from lti_tool.mentoring.replies import actor_of, refusals
from lti_tool.people.roles import Role
from lti_tool.staff.coordinator import words
from lti_tool.web import services
from lti_tool.web.access import current_launch

blueprint = Blueprint(
    "coordinator", __name__, url_prefix="/l/<launch_id>/desk", template_folder="templates"
)
STAFF = (Role.INSTRUCTOR, Role.COORDINATOR, Role.ADMIN)
"""Who may have a duty here; the duty itself is a row (access.has_duty)."""
LONGEST_SEARCH = 80


def me() -> Actor:
    """Return who works at the desk."""
    return actor_of(current_launch())


@contextmanager
def reading(duty: Duty = "coordinator") -> Iterator[Session]:
    """Read for somebody with a duty; everybody else gets the page that says whom it is for."""
    with refusals(), services().database.read() as session:
        _let_in(session, duty)
        yield session


@contextmanager
def writing(duty: Duty = "coordinator", *, values: bool = True) -> Iterator[Session]:
    """Write in one transaction for somebody with a duty; `values` as in replies.refusals."""
    with refusals(values=values), services().database.write() as session:
        _let_in(session, duty)
        yield session


def _let_in(session: Session, duty: Duty) -> None:
    require(session, me(), duty)
    g.coordinates = duty == "coordinator" or has_duty(session, me(), "coordinator")
    g.named = duty == "safeguarding" or has_duty(session, me(), "safeguarding")
    g.desk_zone = zone_of_tenant(session, me().tenant_id)


@blueprint.context_processor
def _shared() -> dict[str, Any]:
    return {
        "say": words,
        "common": common,
        "day_words": day_words,
        "day_of": lambda moment: day_words(moment.astimezone(g.desk_zone).date()),
        "moment_of": lambda moment: words.moment(moment, g.desk_zone),
    }


def page_number() -> int:
    """Return which page of a list was asked for."""
    return min(max(request.args.get("page", 1, type=int), 1), 100_000)


def searched() -> str:
    """Return what was typed into the search of a list."""
    return request.args.get("q", "").strip()[:LONGEST_SEARCH].replace("\x00", "")
