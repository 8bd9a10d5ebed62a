"""Addresses of a pair: offer, overview, goodbye. Those of planning and talking join them."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.clock import utcnow
from lti_tool.learner.mentoring import note_progress
from lti_tool.mentoring import closure, pairs
from lti_tool.mentoring import words as common
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.agreement import terms_in_force
from lti_tool.mentoring.codes import FEEDBACK, PROMPTS
from lti_tool.mentoring.errors import NotValid
from lti_tool.mentoring.mentors import find_mentor
from lti_tool.mentoring.models import Notice
from lti_tool.mentoring.moments import day_words, moment_words, zone_words
from lti_tool.mentoring.notices import unseen
from lti_tool.mentoring.programme import rules_of
from lti_tool.mentoring.replies import refusals
from lti_tool.mentoring.reports import desks_of
from lti_tool.pair import aims, planning, talking
from lti_tool.pair.room import (
    VISITORS,
    blueprint,
    feedback_open,
    find_due,
    find_here,
    me,
    settle,
)
from lti_tool.pair.words import AFTER, AGAIN, reason_words
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.replies import see_other

__all__ = ["aims", "blueprint", "planning", "talking"]


@blueprint.get("/")
@allow(*VISITORS)
def index() -> Response | str:
    """Show the own pairs; the only one there is at once."""
    now = utcnow()
    with services().database.read() as session:
        actor = me()
        live = [
            find_here(session, actor, pair.id, now) for pair, _ in pairs.own_pairs(session, actor)
        ]
        ended = [
            find_here(session, actor, pair.id, now)
            for pair, _ in pairs.own_pairs(session, actor, ended=True)
        ]
        news = _news(session, actor)
        is_mentor = find_mentor(session, actor) is not None
    if len(live) == 1 and not ended:
        return redirect(url_for("pair.show", pair_id=live[0].pair.id), 303)
    return render_template(
        "pair/index.html",
        live=live,
        ended=ended,
        news_rows=news,
        is_mentor=is_mentor,
        states=common.PAIR_STATES,
        notices=common.NOTICES,
        day_words=day_words,
    )


@blueprint.get("/<pair_id>/")
@allow(*VISITORS)
def show(pair_id: str) -> str:
    """Show where a pair is and what waits for the one who looks."""
    now, actor = utcnow(), me()
    with refusals(), services().database.read() as session:
        here = find_here(session, actor, pair_id, now)
        due = find_due(session, actor, here, now)
        desks = desks_of(session, here.pair.tenant_id)
        terms = terms_in_force(session, here.pair)
        days = rules_of(session, here.pair.tenant_id).message_days
        news = _news(session, actor)
    return render_template(
        "pair/show.html",
        here=here,
        due=due,
        terms=terms,
        news_rows=news,
        desk=desks.get("urgent_need"),
        why=reason_words(here.pair.why.get("reasons", []), mentee=here.side == "mentee"),
        words=common,
        after=AFTER[here.pair.contact_after],
        message_days=days,
        thanks=request.args.get("thanks") == "1",
        moment_words=moment_words,
        zone_words=zone_words,
        day_words=day_words,
    )


@blueprint.get("/<pair_id>/no")
@allow(*VISITORS)
def decline(pair_id: str) -> Response | str:
    """Ask for a reason, which may be left out."""
    with refusals(), services().database.read() as session:
        here = find_here(session, me(), pair_id, utcnow())
    if here.pair.state != "offered":
        return redirect(url_for("pair.show", pair_id=pair_id), 303)
    return render_template("pair/decline.html", here=here, reasons=common.DECLINE_REASONS)


@blueprint.post("/<pair_id>/answer")
@allow(*VISITORS)
def answer(pair_id: str) -> Response:
    """Say yes or no to an offer."""
    word, now = request.form.get("word"), utcnow()
    with refusals(), services().database.write() as session:
        if word not in {"yes", "no"}:
            raise NotValid("reason")
        reason = request.form.get("reason", "no_reason") if word == "no" else None
        pairs.answer(session, me(), pair_id, now, yes=word == "yes", reason=reason)
        settle(session, now, "offered", "remind_offer")
        note_progress(session, current_launch(), now)
    return see_other(url_for("pair.show", pair_id=pair_id))


@blueprint.post("/<pair_id>/seen")
@allow(*VISITORS)
def seen(pair_id: str) -> Response:
    """Note that what is new was seen."""
    with refusals(), services().database.write() as session:
        find_here(session, me(), pair_id, utcnow())
        settle(session, utcnow(), *common.NOTICES)
    return see_other(url_for("pair.show", pair_id=pair_id))


@blueprint.post("/seen")
@allow(*VISITORS)
def seen_all() -> Response:
    """Note that what is new in all pairs was seen."""
    with services().database.write() as session:
        settle(session, utcnow(), *common.NOTICES)
    return see_other(url_for("pair.index"))


@blueprint.get("/<pair_id>/goodbye")
@allow(*VISITORS)
def goodbye(pair_id: str) -> Response | str:
    """Let either side end the pair, with a conversation first or at once."""
    now = utcnow()
    with refusals(), services().database.read() as session:
        here = find_here(session, me(), pair_id, now)
        feedback = feedback_open(session, here, now)
    if here.pair.state not in {"preparing", "active", "closing"}:
        return redirect(url_for("pair.show", pair_id=pair_id), 303)
    return render_template(
        "pair/goodbye.html",
        here=here,
        reasons={code: text for code, text in common.CLOSE_REASONS.items() if code != "safety"},
        prompts=[common.PROMPTS[code] for code in PROMPTS],
        feedback=feedback,
        last=day_words((here.pair.state_at + closure.GOODBYE).astimezone(here.zone).date()),
    )


@blueprint.post("/<pair_id>/goodbye")
@allow(*VISITORS)
def begin_goodbye(pair_id: str) -> Response:
    """Begin the goodbye; the two have some days for it."""
    with refusals(), services().database.write() as session:
        closure.begin_goodbye(session, me(), pair_id, _reason(), utcnow())
        settle(session, utcnow(), "goodbye")
    return see_other(url_for("pair.goodbye", pair_id=pair_id))


@blueprint.post("/<pair_id>/end")
@allow(*VISITORS)
def end(pair_id: str) -> Response:
    """End the pair now."""
    with refusals(), services().database.write() as session:
        reason = _reason() if "reason" in request.form else None
        closure.close(session, me(), pair_id, utcnow(), reason)
        settle(session, utcnow(), "goodbye", "ended")
    return see_other(url_for("pair.feedback", pair_id=pair_id))


@blueprint.get("/<pair_id>/feedback")
@allow(*VISITORS)
def feedback(pair_id: str) -> Response | str:
    """Ask how it was."""
    now = utcnow()
    with refusals(), services().database.read() as session:
        here = find_here(session, me(), pair_id, now)
        is_open = feedback_open(session, here, now)
    if not is_open:
        return redirect(url_for("pair.show", pair_id=pair_id), 303)
    return render_template(
        "pair/feedback.html", here=here, words=common, codes=FEEDBACK, again=AGAIN[here.side]
    )


@blueprint.post("/<pair_id>/feedback")
@allow(*VISITORS)
def give_feedback(pair_id: str) -> Response:
    """Keep how it was, and what comes next."""
    with refusals(), services().database.write() as session:
        closure.give_feedback(
            session,
            me(),
            pair_id,
            talking.scale(FEEDBACK),
            request.form.get("again", ""),
            utcnow(),
            keep_contact=request.form.get("keep_contact") == "1",
        )
    return see_other(url_for("pair.show", pair_id=pair_id, thanks=1))


def _reason() -> str:
    reason = request.form.get("reason", "no_reason")
    if reason == "safety":
        raise NotValid("reason")
    return reason


def _news(session: Session, actor: Actor) -> list[Notice]:
    return [one for one in unseen(session, actor) if one.kind in common.NOTICES]
