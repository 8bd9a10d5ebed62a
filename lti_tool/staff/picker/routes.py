"""Addresses of the picker. Every step is a form and an address; no script is needed."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from config.clock import utcnow
from lti_tool.learner import MODULES
from lti_tool.lti.deep_linking import (
    Answer,
    DeepLinkingRefused,
    DeepLinkingRequest,
    answer,
    read_request,
)
from lti_tool.people.roles import Role
from lti_tool.staff.picker.operations import (
    GRADINGS,
    MINUTES,
    Selection,
    find,
    items_of,
    read_selection,
)
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.headers import frame_with, submit_to
from lti_tool.web.locale import LANGUAGES

blueprint = Blueprint(
    "picker", __name__, url_prefix="/l/<launch_id>/picker", template_folder="templates"
)
TEACHERS = (Role.INSTRUCTOR, Role.COORDINATOR, Role.ADMIN)

_HELP = {
    "no_deep_linking": _l("Add an activity in your course and press “Select content” there."),
    "return_url_foreign": _l(
        "Your site wants the answer at an address that is not its own. Show this page to whoever "
        "looks after your site; they can ask us to allow the address."
    ),
    "items_not_taken": _l("Your site takes one activity at a time here. Go back and tick one."),
    "answered_before": _l("Your choice was sent already. Look into your course."),
}


def _refuse(refused: DeepLinkingRefused) -> Refused:
    return Refused(
        refused.code,
        status=400 if refused.code == "items_not_taken" else 403,
        title=_l("We cannot add this to your course"),
        learner_help=_HELP[refused.code],
    )


def _request() -> DeepLinkingRequest:
    try:
        return read_request(current_launch(), demo=services().settings.demo)
    except DeepLinkingRefused as refused:
        raise _refuse(refused) from refused


@blueprint.get("/")
@allow(*TEACHERS)
def show() -> str:
    """Show what there is, filtered, with what was ticked before."""
    asked = _request()
    selection = read_selection(request.args, MODULES, LANGUAGES)
    return render_template(
        "picker/choose.html",
        asked=asked,
        selection=selection,
        found=find(selection, MODULES),
        minutes=MINUTES,
        gradings=GRADINGS,
        languages=LANGUAGES.values(),
        nothing_ticked="nothing" in request.args,
    )


@blueprint.post("/")
@allow(*TEACHERS)
def step() -> Response | str:
    """Search, look closer, give up or add: the button that was pressed says which."""
    asked = _request()
    selection = read_selection(request.form, MODULES, LANGUAGES)
    if request.form.get("preview") in MODULES:
        return _to("picker.preview", selection, key=request.form["preview"])
    if "cancel" in request.form:
        return _send((), message=_("Nothing was added."))
    if "add" not in request.form or not asked.links:
        return _to("picker.show", selection)
    if not selection.modules:
        return _to("picker.show", selection, nothing="1")
    return _send(selection)


@blueprint.get("/preview/<key>")
@allow(*TEACHERS)
def preview(key: str) -> str:
    """Show what a learner sees first of one module."""
    _request()
    if key not in MODULES:
        raise Refused(
            "module_unknown",
            status=404,
            title=_l("There is no such activity"),
            learner_help=_l("Go back and choose one from the list."),
        )
    selection = read_selection(request.args, MODULES, LANGUAGES)
    return render_template(
        "picker/preview.html",
        module=MODULES[key],
        back=url_for("picker.show", **selection.query()),
    )


def _to(endpoint: str, selection: Selection, **more: str) -> Response:
    return redirect(url_for(endpoint, **{**selection.query(), **more}), 303)


def _send(selection: Selection | tuple[()], message: str | None = None) -> str:
    """Answer the platform by a form that sends itself, or is sent by its button."""
    launch = current_launch()
    items = items_of(selection, MODULES) if isinstance(selection, Selection) else []
    if items:
        message = ngettext("%(num)s activity added.", "%(num)s activities added.", len(items))
    try:
        made: Answer = answer(services(), launch, items, now=utcnow(), message=message)
    except DeepLinkingRefused as refused:
        raise _refuse(refused) from refused
    submit_to(made.return_origin)
    frame_with(*launch.frame_origins)
    g.launch = None  # it is closed: no link of the page may lead back into it
    return render_template("picker/send.html", answer=made, count=len(items))
