"""Addresses of safety: held messages for coordinators, reports of harm for named people."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from config.clock import utcnow
from lti_tool.mentoring import messages, reports
from lti_tool.mentoring.codes import OUTCOMES, STEPS
from lti_tool.mentoring.errors import NotValid
from lti_tool.mentoring.lifecycle import REPORT
from lti_tool.mentoring.models import Report
from lti_tool.mentoring.replies import mend_of
from lti_tool.staff.coordinator import people
from lti_tool.staff.coordinator.room import STAFF, blueprint, me, page_number, reading, writing
from lti_tool.web.access import allow
from lti_tool.web.replies import see_other

PAGE = 20
LONGEST_NOTE = reports.LONGEST


@blueprint.get("/held")
@allow(*STAFF)
def held() -> str:
    """Show the messages that a person should look at first, the oldest first."""
    with reading() as session:
        rows = messages.held_messages(session, me())
        pages = max(-(-len(rows) // PAGE), 1)
        page = min(page_number(), pages)
        here = rows[(page - 1) * PAGE : page * PAGE]
        halves = people.halves_of(session, me(), {row.pair_id for row in here})
        names = people.names_of(session, me(), [one for two in halves.values() for one in two])
    return render_template(
        "coordinator/held.html",
        rows=here,
        count=len(rows),
        halves=halves,
        names=names,
        page=page,
        pages=pages,
        reasons=messages.BLOCK_REASONS,
        query={},
    )


@blueprint.post("/held/<message_id>")
@allow(*STAFF)
def judge(message_id: str) -> Response:
    """Let a held message through, or keep it back for a reason."""
    with writing() as session:
        if request.form.get("word") == "release":
            messages.release(session, me(), message_id, utcnow())
        else:
            messages.block(session, me(), message_id, request.form.get("reason", ""), utcnow())
    return see_other(url_for("coordinator.held"))


@blueprint.get("/reports")
@allow(*STAFF)
def reports_list() -> str:
    """Show the open reports to named people, those to be answered first; no text here."""
    with reading("safeguarding") as session:
        rows = reports.open_reports(session, me())
        closed = reports.closed_reports(session, me())
    return render_template("coordinator/reports.html", rows=rows, closed=closed, now=utcnow())


@blueprint.get("/reports/<report_id>")
@allow(*STAFF)
def report(report_id: str) -> str:
    """Show a report with its steps; that it was read is a step as well."""
    return _report(report_id)


def _report(report_id: str, error: Any = None) -> str:  # noqa: ANN401
    with writing("safeguarding") as session:
        row, steps = reports.read_report(session, me(), report_id, utcnow())
        names = people.names_of(session, me(), [row.user_id, *(step.user_id for step in steps)])
        halves = people.halves_of(session, me(), [row.pair_id] if row.pair_id else [])
        names |= people.names_of(session, me(), [one for two in halves.values() for one in two])
        page: dict[str, Any] = {
            "row": _plain(row),
            "steps": [(step.step, step.note, step.at, step.user_id) for step in steps],
            "pair": halves.get(row.pair_id or ""),
        }
    return render_template(
        "coordinator/report.html",
        names=names,
        step_codes=[code for code in STEPS if code != "read"],
        outcomes=OUTCOMES,
        may={verb for verb in REPORT.moves if REPORT.allows(page["row"]["state"], verb)},
        longest=LONGEST_NOTE,
        error=error,
        typed=request.form,
        now=utcnow(),
        **page,
    )


def _plain(row: Report) -> dict[str, Any]:
    """Return the columns of a report, for after the transaction."""
    return {column.key: getattr(row, column.key) for column in Report.__table__.columns}


@blueprint.post("/reports/<report_id>/step")
@allow(*STAFF)
def add_step(report_id: str) -> Any:  # noqa: ANN401 - a page with a status, or a redirect
    """Write down what was done; what was typed stays where it does not fit."""
    try:
        with writing("safeguarding", values=False) as session:
            reports.add_step(
                session,
                me(),
                report_id,
                request.form.get("step", ""),
                request.form.get("note", ""),
                utcnow(),
            )
    except NotValid as wrong:
        return _report(report_id, mend_of(wrong.code)), 400
    return see_other(url_for("coordinator.report", report_id=report_id))


@blueprint.post("/reports/<report_id>/decide")
@allow(*STAFF)
def decide_report(report_id: str) -> Response:
    """Take a report in hand, close it with an outcome, or open it again."""
    word, now = request.form.get("word"), utcnow()
    with writing("safeguarding") as session:
        match word:
            case "take":
                reports.take_report(session, me(), report_id, now)
            case "close":
                outcome = request.form.get("outcome", "")
                reports.close_report(session, me(), report_id, outcome, now)
            case "reopen":
                reports.reopen_report(session, me(), report_id, now)
            case _:
                raise NotValid("word")
    return see_other(url_for("coordinator.reports_list"))
