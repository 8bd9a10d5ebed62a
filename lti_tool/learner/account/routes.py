"""Addresses of the page "Me"."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from config.clock import utcnow
from lti_tool.lti.linking import LinkRefused, accept_link, end_link, linked_users, offer_link
from lti_tool.people.models import User
from lti_tool.people.roles import Role
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.replies import see_other

blueprint = Blueprint(
    "account", __name__, url_prefix="/l/<launch_id>/me", template_folder="templates"
)
VISITORS = tuple(Role)


@blueprint.get("/")
@allow(*VISITORS)
def show() -> str:
    """Say what is kept, and offer to join another course site."""
    return _page(None)


@blueprint.post("/code")
@allow(*VISITORS)
def code() -> str:
    """Show a code that joins another site; it is on this page only and works once.

    The answer to the form is the page itself: a code must not travel in an address.
    """
    with services().database.write() as session:
        made = offer_link(session, current_launch(), utcnow())
    return _page(f"{made[:4]} {made[4:]}")


def _page(code: str | None) -> str:
    launch = current_launch()
    with services().database.read() as session:
        user = session.get_one(User, (launch.tenant_id, launch.user_id))
        joined = linked_users(session.connection(), launch.tenant_id, launch.user_id)
    return render_template("account/me.html", user=user, joined=len(joined) - 1, code=code)


@blueprint.post("/join")
@allow(*VISITORS)
def join() -> Response:
    """Join this person with the one who made the code on another site."""
    with services().database.write() as session:
        try:
            accept_link(session, current_launch(), request.form.get("code", "")[:40], utcnow())
        except LinkRefused:
            raise Refused(
                "code_unknown",
                title=_l("This code does not work"),
                learner_help=_l(
                    "A code works once and for ten minutes, and only on another course site. Make "
                    "a new one there and type it again."
                ),
                status=404,
            ) from None
    return see_other(url_for("account.show"))


@blueprint.post("/part")
@allow(*VISITORS)
def part() -> Response:
    """Take this site out again."""
    with services().database.write() as session:
        end_link(session, current_launch())
    return see_other(url_for("account.show"))
