"""The door behind a launch: it sends everybody to the right room."""

from __future__ import annotations

from dataclasses import astuple

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from config.clock import utcnow
from lti_tool.learner import MODULES
from lti_tool.lti.sessions import Launch
from lti_tool.mentoring.access import Actor, has_duty
from lti_tool.outbox.operations import has_parked, rediscover
from lti_tool.people.operations import choose_locale
from lti_tool.people.roles import Role
from lti_tool.staff.mentor.operations import MODULE as MENTORS_ROOM
from lti_tool.staff.mentor.operations import belongs_here
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.locale import LANGUAGES

blueprint = Blueprint("entry", __name__, url_prefix="/l/<launch_id>")
EVERYBODY = tuple(Role)
_TEACHERS = frozenset({Role.INSTRUCTOR, Role.COORDINATOR})
_ON_DUTY = _TEACHERS | {Role.ADMIN}


@blueprint.get("/")
@allow(*EVERYBODY)
def show() -> Response | str:
    """Send a launch to what it came for."""
    launch = current_launch()
    _try_parked_grades(launch)
    if launch.message_type == "LtiDeepLinkingRequest":
        return redirect(url_for("picker.show"), 303)
    reviews = launch.message_type == "LtiSubmissionReviewRequest"
    if not reviews and (desk := _desk_of(launch)):
        return redirect(url_for(desk), 303)
    if not reviews and _is_mentor(launch):
        return redirect(url_for("mentor_desk.show"), 303)
    if launch.roles & _TEACHERS and (reviews or launch.module):
        return redirect(url_for("teacher.show"), 303)
    module = MODULES.get(launch.module or "")
    if module:
        return redirect(url_for(module.endpoint), 303)
    if not launch.is_learner:
        return render_template(
            "message.html",
            title=_("This activity does not show anything yet"),
            lines=[
                _("No module was chosen when it was added to the course."),
                _(
                    "Edit the activity in your course, press “Select content”, and choose a "
                    "module. If there is no such button, add the custom parameter "
                    "module=interests."
                ),
            ],
            action=None,
        )
    raise Refused(
        "link_not_configured",
        title=_l("This activity is not ready yet"),
        learner_help=_l("Your teacher has to choose what it shows. Tell them, then come back."),
        staff_help=_l("Edit the activity in your course and press “Select content”."),
        status=404,
    )


def _desk_of(launch: Launch) -> str | None:
    """Return the desk of somebody with a duty who opens an activity of mentoring, or an empty one.

    Whoever is a mentor besides finds the mentors' room in the activity for mentors.
    """
    if launch.module not in {None, "mentor", MENTORS_ROOM} or not launch.roles & _ON_DUTY:
        return None
    actor = Actor(launch.tenant_id, launch.user_id)
    with services().database.read() as session:
        if launch.module == MENTORS_ROOM and belongs_here(session, *astuple(actor)):
            return None
        if has_duty(session, actor, "coordinator"):
            return "coordinator.show"
        return "coordinator.reports_list" if has_duty(session, actor, "safeguarding") else None


def _is_mentor(launch: Launch) -> bool:
    """Return whether a launch goes to the mentors' room.

    That is: the activity is the room itself; or it shows no other module and the course says
    "mentor"; or somebody who has begun to be a mentor opens the learners' activity of mentoring.
    Moodle calls a mentor a teacher without editing rights, so roles alone do not tell.
    """
    if launch.module == MENTORS_ROOM:
        return True
    if launch.module not in {None, "mentor"}:
        return False
    if Role.MENTOR in launch.roles and not launch.roles & _TEACHERS:
        return True
    if launch.module is None:
        return False
    with services().database.read() as session:
        return belongs_here(session, launch.tenant_id, launch.user_id)


def _try_parked_grades(launch: Launch) -> None:
    """Let the outbox hear of a launch; nearly always nothing is parked, and that only reads."""
    link_id, database = launch.resource_link_id, services().database
    if link_id is None:
        return
    with database.read_connection() as connection:
        if not has_parked(connection, launch.tenant_id, link_id):
            return
    with database.write_connection() as connection:
        rediscover(connection, launch.tenant_id, link_id, launch.user_id, utcnow())


@blueprint.post("/language")
@allow(*EVERYBODY)
def language() -> Response:
    """Speak another language from now on, here and at the next launch."""
    code = request.form.get("locale", "")
    launch = current_launch()
    if code not in LANGUAGES:
        raise Refused(
            "language_unknown",
            title=_l("We do not speak this language yet"),
            learner_help=_l("Go back and choose one from the list."),
        )
    with services().database.write_connection() as connection:
        choose_locale(connection, launch, code)
    g.locale = code
    back = request.form.get("back", "")
    home = url_for("entry.show")
    stays = back.startswith(home) and "\\" not in back and back.isprintable()
    return redirect(back if stays else home, 303)
