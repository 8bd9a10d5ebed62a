"""The one address of home."""

from __future__ import annotations

from flask import Blueprint, render_template

from config.clock import utcnow
from lti_tool.learner import MODULES
from lti_tool.learner.home import operations, words
from lti_tool.learner.progress import is_complete
from lti_tool.people.roles import Role
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch

blueprint = Blueprint(
    "home", __name__, url_prefix="/l/<launch_id>/home", template_folder="templates"
)
VISITORS = tuple(Role)


@blueprint.get("/")
@allow(*VISITORS)
def show() -> str:
    """Show where the learner is, one next step, and what has changed."""
    launch, now = current_launch(), utcnow()
    with services().database.read() as session:
        begins = operations.is_new_visit(session, launch, now)
        placed = launch.module == operations.MODULE and not is_complete(session, launch)
    if begins:
        with services().database.write() as session:
            operations.begin_visit(session, launch, now)
    with services().database.read() as session:
        home = operations.find_home(session, launch)
    if placed:
        with services().database.write() as session:
            operations.note_progress(session, launch, home, now)
    return render_template(
        "home/show.html",
        home=home,
        modules=MODULES,
        states=words.STATES,
        step_words=words.step_words,
        why=words.why,
    )
