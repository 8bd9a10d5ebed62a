"""Addresses of the matching desk: a dry run, its reasons, a person's decisions, publishing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from adaptive.mentoring.compatibility import FACTORS
from config.clock import utcnow
from lti_tool.mentoring import candidates, desk
from lti_tool.mentoring.borders import partners_of
from lti_tool.mentoring.errors import NotValid, NotYours
from lti_tool.mentoring.models import Mentee
from lti_tool.mentoring.pairs import is_safe
from lti_tool.mentoring.programme import rules_of
from lti_tool.mentoring.replies import mend_of
from lti_tool.staff.coordinator import people
from lti_tool.staff.coordinator.room import (
    STAFF,
    blueprint,
    me,
    page_number,
    reading,
    searched,
    writing,
)
from lti_tool.web.access import allow
from lti_tool.web.replies import see_other

PAGE = 25
MOST_WEIGHT = 100


def typed_weights() -> dict[str, float]:
    """Return the weights of the form, which are whole numbers from 0 to 100.

    Raises:
        NotValid: "weights".
    """
    found = {}
    for factor in FACTORS:
        text = request.form.get(f"weight_{factor}", "").strip()
        if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= MOST_WEIGHT):
            raise NotValid("weights")
        found[factor] = int(text) / 100
    return found


def shown_weights(weights: dict[str, float]) -> dict[str, str]:
    """Return weights as the form has them."""
    return {f"weight_{name}": str(round(value * 100)) for name, value in weights.items()}


@blueprint.get("/match")
@allow(*STAFF)
def match() -> str:
    """Show who waits and who is free, the weights, and earlier runs."""
    return _match()


def _match(error: Any = None) -> str:  # noqa: ANN401
    actor = me()
    with reading() as session:
        found = candidates.gather(session, actor.tenant_id, utcnow())
        runs = desk.list_runs(session, actor)[:20]
        rulings = people.rulings_of(session, actor)
        names = people.names_of(
            session, actor, [one for row in rulings for one in (row.mentee_id, row.mentor_id)]
        )
        weights = asdict(rules_of(session, actor.tenant_id).weights)
        safe = is_safe(session, actor.tenant_id)
    return render_template(
        "coordinator/match.html",
        waiting=len(found.mentees),
        not_ready=len(found.not_ready),
        free=sum(one.capacity for one in found.mentors if not one.paused),
        runs=runs,
        rulings=rulings,
        names=names,
        values=request.form if error else shown_weights(weights),
        error=error,
        safe=safe,
    )


@blueprint.post("/match")
@allow(*STAFF)
def try_out() -> Any:  # noqa: ANN401 - a page with a status, or a redirect
    """Compute a dry run, outside of any transaction, and store it; nobody hears of it."""
    try:
        weights = typed_weights()
        with reading() as session:
            found = candidates.gather(session, me().tenant_id, utcnow(), weights)
        matching = desk.solve(found)
    except NotValid as wrong:
        return _match(mend_of(wrong.code)), 400
    except desk.CannotMatch:
        return _match(mend_of("rulings")), 409
    with writing() as session:
        run = desk.keep(session, me(), found, matching, utcnow())
        run_id = run.id
    return see_other(url_for("coordinator.run", run_id=run_id))


@blueprint.get("/match/<run_id>")
@allow(*STAFF)
def run(run_id: str) -> str:
    """Show a run: what is needed, fairness, pairs with reasons, and who is left."""
    actor, page = me(), page_number()
    with reading() as session:
        row, rows = desk.find_run(session, actor, run_id)
        matched = [one for one in rows if one.mentor_id]
        left = [one for one in rows if not one.mentor_id]
        pages = max(-(-max(len(matched), len(left)) // PAGE), 1)
        page = min(page, pages)
        here = slice((page - 1) * PAGE, page * PAGE)
        shown = [*matched[here], *left[here]]
        second = [(one.why.get("runner_up") or {}).get("mentor") for one in shown]
        names = people.names_of(
            session,
            actor,
            [*(one.mentee_id for one in shown), *(one.mentor_id for one in shown), *second],
        )
        ruled = {(one.mentee_id, one.mentor_id): one.word
                 for one in people.rulings_of(session, actor)}  # fmt: skip
    return render_template(
        "coordinator/run.html",
        run=row,
        matched=matched[here],
        left=left[here],
        all_matched=len(matched),
        all_left=len(left),
        names=names,
        ruled=ruled,
        page=page,
        pages=pages,
        query={"run_id": run_id},
        weights=shown_weights(row.weights),
    )


@blueprint.post("/match/<run_id>/publish")
@allow(*STAFF)
def publish(run_id: str) -> Response:
    """Offer the pairs of a run: all, or those that are ticked."""
    ticked = set(request.form.getlist("mentee")) if request.form.get("ticked") else None
    with writing() as session:
        done = desk.publish(session, me(), run_id, utcnow(), ticked)
        _row, rows = desk.find_run(session, me(), run_id)
        for row in rows:
            if row.mentee_id in done.skipped:
                row.why = {**row.why, "skipped": done.skipped[row.mentee_id]}
            elif row.mentor_id and ticked is not None and row.mentee_id not in ticked:
                row.why = {**row.why, "left_out": True}
    return see_other(url_for("coordinator.run", run_id=run_id))


@blueprint.post("/match/<run_id>/drop")
@allow(*STAFF)
def drop(run_id: str) -> Response:
    """Drop a run that nobody has heard of."""
    with writing() as session:
        desk.discard(session, me(), run_id, utcnow())
    return see_other(url_for("coordinator.match"))


@blueprint.get("/choose/<mentee_id>")
@allow(*STAFF)
def choose(mentee_id: str) -> str:
    """Let a coordinator choose a mentor for somebody by hand, or lock or forbid two people."""
    actor = me()
    with reading() as session:
        row = session.get(Mentee, (actor.tenant_id, mentee_id))
        if row is None:
            raise NotYours("mentee")
        found, count = people.mentors_to_choose(
            session, actor, partners_of(session, actor.tenant_id), searched()
        )
        names = people.names_of(session, actor, [mentee_id, *(one.user_id for one in found)])
        ruled = {one.mentor_id: one.word for one in people.rulings_of(session, actor)
                 if one.mentee_id == mentee_id}  # fmt: skip
    return render_template(
        "coordinator/choose.html",
        row=row,
        name=names[mentee_id],
        names=names,
        found=found,
        count=count,
        ruled=ruled,
        words=searched(),
    )


@blueprint.post("/choose/<mentee_id>/<mentor_id>")
@allow(*STAFF)
def decide_pair(mentee_id: str, mentor_id: str) -> Response:
    """Offer two people to each other, lock them together, forbid them, or take the word back."""
    word, actor, now = request.form.get("word"), me(), utcnow()
    with writing() as session:
        key = _mentor_key(session, mentor_id)
        if word == "offer":
            pair = desk.offer_by_hand(session, actor, mentee_id, key, now)
            target = url_for("coordinator.pair", pair_id=pair.id)
        elif word in {"lock", "forbid", "free"}:
            said: Any = None if word == "free" else word
            desk.rule(session, actor, mentee_id, key, said, now)
            target = _back(mentee_id)
        else:
            raise NotValid("word")
    return see_other(target)


def _mentor_key(session: Session, mentor_id: str) -> tuple[str, str]:
    """Return the key of a mentor of the own organisation, or of one with an open border."""
    partners = partners_of(session, me().tenant_id)
    for tenant_id in people.tenants_of_mentor(session, mentor_id):
        if tenant_id == me().tenant_id or tenant_id in partners:
            return tenant_id, mentor_id
    raise NotYours("pair")


def _back(mentee_id: str) -> str:
    """Return the page that a word was said on: a run, the list of words, or the choice."""
    run_id = request.form.get("run", "")
    if run_id.isalnum():
        page = request.form.get("page", 1, type=int)
        return url_for("coordinator.run", run_id=run_id, page=page)
    if request.form.get("from") == "match":
        return url_for("coordinator.match")
    return url_for("coordinator.choose", mentee_id=mentee_id)
