"""The room's two doors: one inside a launch, and a public one for links of an invitation."""

from __future__ import annotations

from flask import Blueprint

from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.replies import actor_of
from lti_tool.people.roles import Role
from lti_tool.web.access import current_launch

blueprint = Blueprint(
    "mentor_desk", __name__, url_prefix="/l/<launch_id>/mentoring", template_folder="templates"
)
invitation = Blueprint("invitation", __name__, url_prefix="/mentoring/invitation")
VISITORS = tuple(Role)
"""Everybody may knock: a mentor may be enrolled as anything. Each operation asks for the row."""


def me() -> Actor:
    """Return who looks at this page."""
    return actor_of(current_launch())
