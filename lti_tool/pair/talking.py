"""What the two write, how it goes, and the report of harm that is on every page."""

from __future__ import annotations

from collections.abc import Iterable

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.clock import utcnow
from lti_tool.mentoring import checkins, reports
from lti_tool.mentoring import messages as mail
from lti_tool.mentoring import words as common
from lti_tool.mentoring.access import named, pair_for
from lti_tool.mentoring.codes import DANGERS, MEASURE
from lti_tool.mentoring.errors import NotValid
from lti_tool.mentoring.moments import moment_words, zone_of_tenant
from lti_tool.mentoring.replies import mend_of, refusals
from lti_tool.pair.room import VISITORS, blueprint, find_here, me, settle
from lti_tool.pair.words import MESSAGE_STATES, emergency_numbers
from lti_tool.people.models import Tenant
from lti_tool.web import services
from lti_tool.web.access import allow
from lti_tool.web.replies import see_other

_PAGE = 8
"""Messages on one page."""


@blueprint.get("/<pair_id>/messages")
@allow(*VISITORS)
def messages(pair_id: str) -> str:
    """Show the messages, the newest at the end, and a place to write."""
    return _messages(pair_id)


@blueprint.post("/<pair_id>/messages")
@allow(*VISITORS)
def write(pair_id: str) -> Response | tuple[str, int]:
    """Send a message; what a person should look at first is held, and the author sees that."""
    text = request.form.get("text", "")
    try:
        with refusals(values=False), services().database.write() as session:
            mail.write(session, me(), pair_id, text, utcnow())
    except NotValid as error:
        return _messages(pair_id, text, error.code), 400
    return see_other(url_for("pair.messages", pair_id=pair_id) + "#newest")


@blueprint.get("/<pair_id>/checkin/<checkin_id>")
@allow(*VISITORS)
def checkin(pair_id: str, checkin_id: str) -> Response | str:
    """Ask how it goes."""
    now = utcnow()
    with refusals(), services().database.read() as session:
        here = find_here(session, me(), pair_id, now)
        waiting = {one.id for one in checkins.open_checkins(session, me(), now)}
    if checkin_id not in waiting:
        return redirect(url_for("pair.show", pair_id=pair_id), 303)
    return render_template(
        "pair/checkin.html", here=here, checkin_id=checkin_id, codes=MEASURE, words=common
    )


@blueprint.post("/<pair_id>/checkin/<checkin_id>")
@allow(*VISITORS)
def answer_checkin(pair_id: str, checkin_id: str) -> Response:
    """Keep how it goes, for the coordinator alone."""
    wants_talk = request.form.get("wants_talk") == "1"
    with refusals(), services().database.write() as session:
        find_here(session, me(), pair_id, utcnow())
        checkins.answer_checkin(
            session, me(), checkin_id, scale(MEASURE), utcnow(), wants_talk=wants_talk
        )
        settle(session, utcnow(), "checkin", "remind_checkin")
    return see_other(url_for("pair.show", pair_id=pair_id, thanks=1))


@blueprint.get("/report")
@allow(*VISITORS)
def report() -> str:
    """Show whom to call at once, a place to write, and how far the own reports are."""
    return _report(request.args.get("pair") or None)


@blueprint.post("/report")
@allow(*VISITORS)
def send_report() -> Response | tuple[str, int]:
    """Keep a report; a live pair is on hold from this moment."""
    pair_id, text = request.form.get("pair") or None, request.form.get("text", "")
    danger = request.form.get("danger", "")
    try:
        with refusals(values=False), services().database.write() as session:
            reports.report(session, me(), danger, text, utcnow(), pair_id)
    except NotValid as error:
        return _report(pair_id, text, danger, error.code), 400
    return see_other(url_for("pair.report", pair=pair_id, sent=danger))


def scale(codes: Iterable[str]) -> dict[str, int]:
    """Return the answers 1 to 5 that a form gave; one that is left out is left out."""
    found = {}
    for code in codes:
        text = request.form.get(code, "")
        if text and text not in {"1", "2", "3", "4", "5"}:
            raise NotValid("answers")
        if text:
            found[code] = int(text)
    return found


def _messages(pair_id: str, typed: str = "", error: str | None = None) -> str:
    now = utcnow()
    with refusals(), services().database.write() as session:
        here = find_here(session, me(), pair_id, now)
        lines = mail.thread(session, me(), pair_id, now)
        settle(session, now, "message", "remind_message")
    pages = max(1, -(-len(lines) // _PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    last = len(lines) - (page - 1) * _PAGE
    return render_template(
        "pair/messages.html",
        here=here,
        lines=lines[max(0, last - _PAGE) : last],
        page=page,
        pages=pages,
        typed=typed,
        error=mend_of(error) if error else None,
        longest=mail.LONGEST,
        states=MESSAGE_STATES,
        barriers=common.BARRIERS,
        moment_words=moment_words,
    )


def _report(
    pair_id: str | None, typed: str = "", danger: str = "", error: str | None = None
) -> str:
    actor = me()
    with refusals(), services().database.read() as session:
        tenant_id, mine = actor.tenant_id, False
        if pair_id is not None:
            pair, side = pair_for(session, actor, pair_id)
            tenant_id, mine = pair.tenant_id, side in {"mentee", "mentor"}
        desks = reports.desks_of(session, tenant_id)
        own = reports.own_reports(session, actor)
        tenant = session.get_one(Tenant, tenant_id)
        reached = bool(named(session, tenant_id, "safeguarding"))
        zone = zone_of_tenant(session, actor.tenant_id)
    sent = request.args.get("sent")
    return render_template(
        "pair/report.html",
        pair_id=pair_id,
        mine=mine,
        desks=desks,
        own=own[:10],
        tenant=tenant,
        reached=reached,
        emergency=emergency_numbers(tenant.country),
        zone=zone,
        typed=typed,
        danger=danger,
        error=mend_of(error) if error else None,
        sent=sent if sent in DANGERS else None,
        dangers=common.DANGERS,
        hours=DANGERS,
        states=common.REPORT_STATES,
        longest=reports.LONGEST,
        moment_words=moment_words,
    )
