"""Addresses of the early warning: who may need a hand and why, and from when on."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from config.clock import utcnow
from lti_tool.engagement.rules import SIGNS, NotUsable, set_thresholds, thresholds_of
from lti_tool.engagement.watch import LOOKS_BACK, watch_list
from lti_tool.engagement.words import SIGN_NAMES, reason_words
from lti_tool.mentoring.lifecycle import record
from lti_tool.mentoring.replies import mend_of
from lti_tool.staff.coordinator import people
from lti_tool.staff.coordinator.room import STAFF, blueprint, me, page_number, reading, writing
from lti_tool.web.access import allow
from lti_tool.web.replies import see_other

PAGE = 50
PARTS = ("start", "full", "points")


@blueprint.get("/learners")
@allow(*STAFF)
def learners() -> str:
    """Show which learners may need a hand, each with the reasons and the points."""
    with reading() as session:
        rows = watch_list(session, me().tenant_id, utcnow())
        pages = max(-(-len(rows) // PAGE), 1)
        page = min(page_number(), pages)
        here = rows[(page - 1) * PAGE : page * PAGE]
        names = people.names_of(session, me(), [row.user_id for row in here])
        mentees = people.mentees_among(session, me(), [row.user_id for row in here])
    return render_template(
        "coordinator/learners.html",
        rows=here,
        count=len(rows),
        names=names,
        mentees=mentees,
        page=page,
        pages=pages,
        query={},
        days=LOOKS_BACK.days,
        sign=reason_words,
    )


@blueprint.get("/learners/rules")
@allow(*STAFF)
def thresholds() -> str:
    """Show from when on a sign counts, in a form."""
    with reading() as session:
        found = thresholds_of(session, me().tenant_id)
    values = {
        f"{name}_{part}": f"{getattr(getattr(found, name), part):g}"
        for name in SIGNS
        for part in PARTS
    }
    return _thresholds(values | {"watch": f"{found.watch:g}", "act": f"{found.act:g}"})


def _thresholds(values: Any, error: Any = None) -> str:  # noqa: ANN401
    return render_template(
        "coordinator/thresholds.html",
        values=values,
        signs=SIGNS,
        sign_names=SIGN_NAMES,
        error=error,
    )


@blueprint.post("/learners/rules")
@allow(*STAFF)
def save_thresholds() -> Any:  # noqa: ANN401 - a page with a status, or a redirect
    """Set the thresholds, or show the form again with what has to be mended."""
    try:
        with writing() as session:
            signs = {
                name: (_number(f"{name}_start"), _number(f"{name}_full"), _number(f"{name}_points"))
                for name in SIGNS
            }
            set_thresholds(session, me().tenant_id, signs, _number("watch"), _number("act"))
            record(session, me().tenant_id, "programme", me().tenant_id, "set_warning",
                   actor_id=me().user_id, now=utcnow())  # fmt: skip
    except NotUsable:
        return _thresholds(request.form, mend_of("thresholds")), 400
    return see_other(url_for("coordinator.learners"))


def _number(name: str) -> float:
    text = request.form.get(name, "").strip().replace(",", ".")
    try:
        value = float(text) if len(text) < 8 else -1.0
    except ValueError:
        raise NotUsable from None
    if not 0 <= value <= 365:
        raise NotUsable
    return value
