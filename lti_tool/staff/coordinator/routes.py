"""Addresses of the desk: the desk itself, pairs, one pair. Those of other matters join them."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Response as Answer
from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from config.clock import utcnow
from lti_tool.mentoring import closure, codes, figures, notices
from lti_tool.mentoring.access import Side, pair_for
from lti_tool.mentoring.contact import barriers
from lti_tool.mentoring.lifecycle import LIVE, PAIR, record
from lti_tool.mentoring.pairs import is_safe, withdraw_offer
from lti_tool.mentoring.words import CLOSE_REASONS
from lti_tool.staff.coordinator import matching, people, programme, safety, screening, warning
from lti_tool.staff.coordinator.room import (
    STAFF,
    blueprint,
    me,
    page_number,
    reading,
    searched,
    writing,
)
from lti_tool.staff.coordinator.words import PAIR_STATES
from lti_tool.web.access import allow
from lti_tool.web.replies import see_other

__all__ = ["blueprint", "matching", "programme", "safety", "screening", "warning"]
_PAIRS = {"silent", "measure", "unanswered", "wants_talk"}
"""Exceptions whose lines are pairs."""


@blueprint.get("/")
@allow(*STAFF)
def show() -> str:
    """Show what needs a hand first, then the ways to everything, then totals."""
    now, actor = utcnow(), me()
    with reading() as session:
        found = figures.desk(session, actor, now)
        listed = {one.code: [row[0] for row in one.first] for one in found.exceptions if one.first}
        pairs = people.halves_of(session, actor, [i for c in _PAIRS for i in listed.get(c, ())])
        ids = {one for halves in pairs.values() for one in halves} | {*listed.get("screening", ())}
        names = people.names_of(session, actor, ids)
        news = notices.unseen(session, actor)
        safe = is_safe(session, actor.tenant_id)
    return render_template(
        "coordinator/desk.html",
        desk=found,
        halves=pairs,
        names=names,
        news_kinds=list(dict.fromkeys(row.kind for row in news)),
        safe=safe,
        smallest=figures.SMALLEST,
        pair_exceptions=_PAIRS,
    )


@blueprint.post("/seen")
@allow(*STAFF)
def seen() -> Response:
    """Note that what is new was seen."""
    with writing() as session:
        notices.see(session, me(), utcnow())
    return see_other(url_for("coordinator.show"))


@blueprint.get("/pairs")
@allow(*STAFF)
def pairs() -> str:
    """Show the pairs, page by page; of one state, or of people who are searched."""
    state, words = request.args.get("state", ""), searched()
    state = state if state in PAIR_STATES else ""
    with reading() as session:
        found = people.find_people(session, me(), words)
        lines, count = figures.pair_lines(session, me(), page_number(), state or None, found)
        names = people.names_of(
            session, me(), [one for line in lines for one in (line.mentee_id, line.mentor_id)]
        )
    return render_template(
        "coordinator/pairs.html",
        lines=lines,
        count=count,
        names=names,
        state=state,
        words=words,
        page=page_number(),
        pages=max(-(-count // figures.PAGE), 1),
        query={"state": state, "q": words},
    )


@blueprint.post("/export")
@allow(*STAFF)
def export() -> Response:
    """Give a table of all pairs: without people, unless ids are asked for; then it is logged."""
    with_ids = request.form.get("ids") == "yes"
    with writing() as session:
        rows = list(figures.export_pairs(session, me(), with_ids=with_ids))
        record(session, me().tenant_id, "programme", me().tenant_id,
               "export_ids" if with_ids else "export", actor_id=me().user_id,
               now=utcnow())  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text)
    if rows:
        writer.writerow(rows[0])
        writer.writerows(row.values() for row in rows)
    answer = Answer("\ufeff" + text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="pairs.csv"'
    return answer


@blueprint.get("/pair/<pair_id>")
@allow(*STAFF)
def pair(pair_id: str) -> str:
    """Show one pair: its state and history, never what the two wrote to each other."""
    now, actor = utcnow(), me()
    with reading() as session:
        row, _side = pair_for(session, actor, pair_id, Side.COORDINATOR)
        history = people.history_of(session, row)
        page: dict[str, Any] = {
            "pair": row,
            "history": history,
            "checkins": people.checkins_of(session, row),
            "feedbacks": people.feedback_of(session, row),
            "meetings": people.meetings_by_state(session, row),
            "barriers": barriers(session, row, now) if row.state in LIVE else (),
            "names": people.names_of(
                session,
                actor,
                [row.mentee_id, row.mentor_id, *(event.user_id for event in history)],
            ),
        }
    return render_template(
        "coordinator/pair.html",
        can_close=row.state in {"preparing", "active", "closing"},
        can_begin=PAIR.allows(row.state, "begin_goodbye"),
        reasons={code: CLOSE_REASONS[code] for code in codes.CLOSE_REASONS},
        **page,
    )


@blueprint.post("/pair/<pair_id>/goodbye")
@allow(*STAFF)
def begin_goodbye(pair_id: str) -> Response:
    """Begin the goodbye of a pair, or end it at once."""
    reason, now = request.form.get("reason", ""), utcnow()
    with writing() as session:
        pair_for(session, me(), pair_id, Side.COORDINATOR)
        if request.form.get("how") == "now":
            closure.close(session, me(), pair_id, now, reason)
        else:
            closure.begin_goodbye(session, me(), pair_id, reason, now)
    return see_other(url_for("coordinator.pair", pair_id=pair_id))


@blueprint.post("/pair/<pair_id>/withdraw")
@allow(*STAFF)
def withdraw(pair_id: str) -> Response:
    """Take an offer back that nobody has answered in full."""
    with writing() as session:
        withdraw_offer(session, me(), pair_id, utcnow())
    return see_other(url_for("coordinator.pair", pair_id=pair_id))
