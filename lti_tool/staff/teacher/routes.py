"""Addresses of the teacher's page."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import NoResultFound
from werkzeug.wrappers import Response

from config.clock import utcnow
from lti_tool.engagement.watch import LOOKS_BACK, watch_list
from lti_tool.engagement.words import reason_words
from lti_tool.learner import MODULES
from lti_tool.lti.services.outcome import ServiceFailed
from lti_tool.mentoring.access import has_duty
from lti_tool.mentoring.replies import actor_of
from lti_tool.outbox.reasons import explain
from lti_tool.people.roles import Role
from lti_tool.staff.teacher import operations
from lti_tool.staff.teacher.roster import NoRoster, refresh_roster, roster_read_at
from lti_tool.staff.teacher.sharing import shared_in_course
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.replies import see_other

blueprint = Blueprint(
    "teacher", __name__, url_prefix="/l/<launch_id>/teacher", template_folder="templates"
)
TEACHERS = (Role.INSTRUCTOR, Role.COORDINATOR)
"""Whoever may see everybody in the course. Not a mentor, who sees nobody but own mentees; not the
platform's administrator, who has no right in a course without a role in it."""
HANDS = 100
"""Learners who are named at a time; the list is sorted, and nobody calls more in a week."""

GRADE_STATES = {
    None: _l("–"),
    "waiting": _l("on its way"),
    "delivered": _l("arrived"),
    "superseded": _l("another grade stands"),
    "parked": _l("could not be delivered"),
}

GROUP_TITLES = {
    operations.STUCK: _l("The grade did not arrive"),
    operations.ON_THE_WAY: _l("On the way"),
    operations.NOT_BEGUN: _l("Not begun yet"),
    operations.FINISHED: _l("Finished"),
}


@blueprint.get("/")
@allow(*TEACHERS)
def show() -> str:
    """Show who is where in this activity."""
    launch = current_launch()
    with services().database.read() as session:
        seen = operations.overview(
            session,
            launch,
            request.args.get("group"),
            request.args.get("page", 1, type=int),
        )
        read_at = roster_read_at(session, launch)
        on_duty = has_duty(session, actor_of(launch), "coordinator")
    return render_template(
        "teacher/overview.html",
        module=MODULES.get(launch.module or ""),
        overview=seen,
        single="group" in request.args,
        group_titles=GROUP_TITLES,
        read_at=read_at,
        grade_states=GRADE_STATES,
        explain=explain,
        on_duty=on_duty,
    )


@blueprint.get("/hand")
@allow(*TEACHERS)
def hand() -> str:
    """Show which learners of the course may need a hand, by visits and by what is unfinished."""
    launch, now = current_launch(), utcnow()
    with services().database.read() as session:
        found = []
        if launch.context_id:
            found = watch_list(session, launch.tenant_id, now, launch.context_id)
        names = operations.names_of(session, launch, [row.user_id for row in found[:HANDS]])
    return render_template(
        "teacher/hand.html",
        rows=found[:HANDS],
        count=len(found),
        names=names,
        days=LOOKS_BACK.days,
        sign=reason_words,
    )


@blueprint.get("/shared")
@allow(*TEACHERS)
def shared() -> str:
    """Show what learners of the course chose to show to this person."""
    with services().database.read() as session:
        found = shared_in_course(session, current_launch())
    return render_template("teacher/shared.html", learners=found)


@blueprint.post("/roster")
@allow(*TEACHERS)
def read_list() -> Response:
    """Read the course list from the platform."""
    try:
        refresh_roster(services(), current_launch(), utcnow())
    except NoRoster:
        raise Refused(
            "no_course_list",
            title=_l("Your site does not give us the course list"),
            learner_help=_l(
                "Learners appear here when they open the activity. An admin can allow the list in "
                "the settings of the external tool."
            ),
            status=404,
        ) from None
    except ServiceFailed as failure:
        raise Refused(
            "course_list_failed",
            title=_l("The course list could not be read"),
            learner_help=_l(
                "Your site did not answer as it should. What you saw before is unchanged. Try "
                "again in a few minutes."
            ),
            status=502,
        ) from failure
    return see_other(url_for("teacher.show"))


@blueprint.post("/grade")
@allow(*TEACHERS)
def send_again() -> Response:
    """Try a parked grade again."""
    launch = current_launch()
    with services().database.write() as session:
        try:
            operations.send_again(session, launch, request.form.get("delivery", ""), utcnow())
        except NoResultFound:
            raise Refused(
                "grade_unknown",
                title=_l("There is no such grade"),
                learner_help=_l("Go back, reload the page and try again."),
                status=404,
            ) from None
    return see_other(url_for("teacher.show"))
