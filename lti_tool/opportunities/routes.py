"""The address of an opportunity that a friend can open: /o/<id>, for ever the same."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from flask_babel import lazy_gettext as _l
from flask_babel import refresh

from config.clock import utcnow
from lti_tool.opportunities import words as say
from lti_tool.opportunities.reading import find_public
from lti_tool.web import services
from lti_tool.web.access import public
from lti_tool.web.errors import Refused
from lti_tool.web.locale import LANGUAGES

blueprint = Blueprint("opportunity", __name__, template_folder="templates")


@blueprint.get("/o/<opportunity_id>")
@public("what a partner published for everybody; it shows nobody and writes nothing")
def show(opportunity_id: str) -> str:
    """Show an opportunity and how to reach the organisation, in the visitor's language."""
    if request.args.get("lang") in LANGUAGES:
        g.locale = request.args["lang"]
        refresh()
    with services().database.read() as session:
        listing = find_public(session, opportunity_id)
    if listing is None:
        raise Refused(
            "opportunity_unknown",
            title=_l("This page does not show anything"),
            learner_help=_l("The offer may have been taken down. Ask whoever sent you the link."),
            status=404,
        )
    return render_template(
        "opportunity/public.html",
        listing=listing,
        say=say,
        locale=say.locale(),
        today=utcnow().date(),
    )
