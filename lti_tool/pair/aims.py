"""The goals of the learner's plan that the two work on; the learner alone chooses which."""

from __future__ import annotations

from flask import render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.clock import utcnow
from lti_tool.mentoring import goals as links
from lti_tool.mentoring import words as common
from lti_tool.mentoring.replies import refusals
from lti_tool.pair.plan import Goal, goals_of
from lti_tool.pair.room import VISITORS, Here, blueprint, find_here, me
from lti_tool.web import services
from lti_tool.web.access import allow
from lti_tool.web.replies import see_other

_MOST = 20


@blueprint.get("/<pair_id>/goals")
@allow(*VISITORS)
def goals(pair_id: str) -> str:
    """Show the goals that both see; the learner also sees the others of the plan."""
    with refusals(), services().database.read() as session:
        here = find_here(session, me(), pair_id, utcnow())
        linked = links.linked_goals(session, me(), pair_id)
        plan = _plan(session, here)
    return render_template(
        "pair/goals.html",
        here=here,
        plan=plan,
        shown=[goal for goal in plan if goal.id in linked],
        linked=linked,
        most=links.MOST_GOALS,
        barriers=common.BARRIERS,
        saved=request.args.get("saved") == "1",
    )


@blueprint.post("/<pair_id>/goals")
@allow(*VISITORS)
def link(pair_id: str) -> Response:
    """Show these goals to the mentor, in the place of those before."""
    with refusals(), services().database.write() as session:
        here = find_here(session, me(), pair_id, utcnow())
        own = [goal.id for goal in _plan(session, here)]
        chosen = request.form.getlist("goal")[:_MOST]
        links.link_goals(session, me(), pair_id, chosen, own, utcnow())
    return see_other(url_for("pair.goals", pair_id=pair_id, saved=1))


def _plan(session: Session, here: Here) -> list[Goal]:
    return goals_of(session, here.pair.tenant_id, here.pair.mentee_id)
