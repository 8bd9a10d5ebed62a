"""Addresses of the programme: rules, numbers to call, duties, borders."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

from flask import render_template, request, url_for

from config.clock import utcnow
from lti_tool.mentoring import access, borders, reports
from lti_tool.mentoring.access import DUTIES, Duty
from lti_tool.mentoring.codes import DANGERS
from lti_tool.mentoring.errors import NotValid
from lti_tool.mentoring.programme import Rules, rules_of, set_rules, weights_from
from lti_tool.mentoring.replies import mend_of
from lti_tool.staff.coordinator import people
from lti_tool.staff.coordinator.matching import shown_weights, typed_weights
from lti_tool.staff.coordinator.room import STAFF, blueprint, me, reading, writing
from lti_tool.web.access import allow
from lti_tool.web.replies import see_other

NUMBERS = ("language_level", "near_km", "answer_days", "message_days")
CONTACT = ("label", "phone", "email", "hours")


@blueprint.get("/rules")
@allow(*STAFF)
def rules() -> str:
    """Show the programme's rules in a form."""
    with reading() as session:
        found = rules_of(session, me().tenant_id)
    values = {name: f"{getattr(found, name):.0f}" for name in NUMBERS}
    values |= shown_weights(asdict(found.weights))
    values["guardian_age"] = str(found.guardian_age or "")
    return _rules(values)


def _rules(values: Any, error: Any = None, field: str = "") -> str:  # noqa: ANN401
    return render_template("coordinator/rules.html", values=values, error=error, field=field)


@blueprint.post("/rules")
@allow(*STAFF)
def save_rules() -> Any:  # noqa: ANN401 - a page with a status, or a redirect
    """Set the rules, or show the form again with what has to be mended."""
    try:
        with writing(values=False) as session:
            numbers = {name: _whole(name) for name in NUMBERS}
            age = _whole("guardian_age") if request.form.get("guardian_age", "").strip() else None
            found = Rules(
                weights=weights_from(typed_weights()), guardian_age=age, **cast("Any", numbers)
            )
            set_rules(session, me(), found, utcnow())
    except NotValid as wrong:
        return _rules(request.form, mend_of(wrong.code), wrong.code), 400
    return see_other(url_for("coordinator.show"))


def _whole(name: str) -> int:
    text = request.form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise NotValid(name)
    return int(text)


@blueprint.get("/contacts")
@allow(*STAFF)
def contacts() -> str:
    """Show whom people call, for each class of report."""
    return _contacts()


def _contacts(danger: str = "", error: Any = None) -> str:  # noqa: ANN401
    with reading() as session:
        rows = reports.desks_of(session, me().tenant_id)
    values: dict[str, Any] = {
        code: {name: getattr(rows.get(code), name, "") for name in CONTACT} for code in DANGERS
    }
    if error:
        values[danger] = request.form
    return render_template(
        "coordinator/contacts.html", values=values, dangers=DANGERS, wrong=danger, error=error
    )


@blueprint.post("/contacts/<danger>")
@allow(*STAFF)
def save_contact(danger: str) -> Any:  # noqa: ANN401 - a page with a status, or a redirect
    """Set whom people call for one class of report."""
    try:
        with writing(values=False) as session:
            said = {name: request.form.get(name, "") for name in CONTACT}
            reports.set_desk(session, me(), danger, utcnow(), **said)
    except NotValid as wrong:
        return _contacts(danger if danger in DANGERS else "", mend_of(wrong.code)), 400
    return see_other(url_for("coordinator.contacts"))


@blueprint.get("/team")
@allow(*STAFF)
def team() -> str:
    """Show who has which duty, and whom one can appoint."""
    with reading() as session:
        duties = people.on_duty(session, me())
        choices = people.staff_to_appoint(session, me())
        names = people.names_of(session, me(), [*choices, *duties["coordinator"],
                                                *duties["safeguarding"]])  # fmt: skip
    return render_template(
        "coordinator/team.html", duties=duties, choices=choices, names=names, own=me().user_id
    )


@blueprint.post("/team/appoint")
@allow(*STAFF)
def appoint() -> Any:  # noqa: ANN401 - a redirect
    """Name somebody for a duty."""
    with writing() as session:
        access.appoint(
            session, me().tenant_id, request.form.get("user", ""), _duty(), utcnow(), me()
        )
    return see_other(url_for("coordinator.team"))


@blueprint.post("/team/dismiss")
@allow(*STAFF)
def dismiss() -> Any:  # noqa: ANN401 - a redirect
    """Take a duty from somebody; the last one stays."""
    user_id = request.form.get("user", "")
    with writing() as session:
        access.dismiss(session, me(), user_id, _duty(), utcnow())
        stays = access.has_duty(session, me(), "coordinator")
    return see_other(url_for("coordinator.team" if stays else "entry.show"))


def _duty() -> Duty:
    duty = request.form.get("duty", "")
    if duty not in DUTIES:
        raise NotValid("duty")
    return duty


@blueprint.get("/partners")
@allow(*STAFF)
def partners() -> str:
    """Show with which organisations mentors are shared, and in which direction."""
    with reading() as session:
        rows = borders.list_borders(session, me())
        others = people.other_organisations(session, me())
    return render_template(
        "coordinator/partners.html", rows=rows, others=others, names=dict(others), here=me()
    )


@blueprint.post("/partners/<word>")
@allow(*STAFF)
def partner_word(word: str) -> Any:  # noqa: ANN401 - a redirect
    """Ask another organisation, say yes to it, or end it."""
    acts = {"ask": borders.ask_border, "agree": borders.agree_border, "end": borders.end_border}
    partner = request.form.get("partner", "")
    ours = me().tenant_id
    mentees_of, mentors_of = (
        (ours, partner) if request.form.get("way") == "their_mentors" else (partner, ours)
    )
    with writing() as session:
        if word not in acts:
            raise NotValid("word")
        acts[word](session, me(), mentees_of, mentors_of, utcnow())
    return see_other(url_for("coordinator.partners"))
