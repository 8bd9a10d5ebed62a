"""The accessibility statement: what works, what does not yet, and whom to tell.

Directive (EU) 2016/2102 asks for one, with a way to give feedback; the model is Implementing
Decision (EU) 2018/1523.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from flask import Blueprint, g, render_template, request

from lti_tool.web import services
from lti_tool.web.access import public
from lti_tool.web.locale import known_locale

REVIEWED: Final = date(2026, 11, 27)
"""When the statement was last held against the pages; a test asks for a new date with new words."""

blueprint = Blueprint("statement", __name__)


@blueprint.get("/accessibility")
@public("the law asks that everybody can read it")
def show() -> str:
    """Show the statement in the language of `?lang=`, or the browser's."""
    code = known_locale(request.args.get("lang"), services().settings.serbian_script)
    if code:
        g.locale = code
    return render_template(
        "accessibility.html", reviewed=REVIEWED, contact=services().settings.help_email
    )
