"""Addresses of the mentors' room; the guides are in training."""

from __future__ import annotations

import flask_babel
from flask import g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from adaptive.guides import load_guides
from config.clock import utcnow
from lti_tool.mentoring import codes, mentors
from lti_tool.mentoring import words as common
from lti_tool.mentoring.access import Side
from lti_tool.mentoring.errors import NotValid
from lti_tool.mentoring.moments import day_words, moment_words, zone_words
from lti_tool.mentoring.notices import see
from lti_tool.mentoring.pairs import own_pairs
from lti_tool.mentoring.replies import mend_of, refusals
from lti_tool.mentoring.reports import desks_of
from lti_tool.mentoring.towns import find_town
from lti_tool.people.roles import Role
from lti_tool.staff.mentor import forms, operations, training
from lti_tool.staff.mentor import words as own
from lti_tool.staff.mentor.operations import Standing, find_standing
from lti_tool.staff.mentor.room import VISITORS, blueprint, invitation, me
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch, public
from lti_tool.web.errors import Refused
from lti_tool.web.locale import known_locale
from lti_tool.web.replies import see_other

__all__ = ["blueprint", "invitation", "training"]

NEWS = {**common.NOTICES, **own.NOTICES}


@invitation.get("/<code>", endpoint="show")
@public("whoever has the link may read what to do next; it says the same for every code")
def show_link(code: str) -> str:
    """Say what to do with an invitation. Nothing is looked up, so nothing can be learned."""
    language = known_locale(request.args.get("lang"), services().settings.serbian_script)
    if language:
        g.locale = language
    return render_template("mentor_desk/invitation.html", code=code[:_LONGEST], own=own)


@blueprint.get("/")
@allow(*VISITORS)
def show() -> str:
    """Show where somebody is: before the application, on the way, or with their mentees."""
    launch, actor, now = current_launch(), me(), utcnow()
    with services().database.read() as session:
        here = find_standing(session, actor, now)
        lines = operations.find_lines(session, actor, now)
        ended = [
            pair for pair, side in own_pairs(session, actor, ended=True) if side is Side.MENTOR
        ]
        desks = desks_of(session, launch.tenant_id)
    begun = here.mentor is not None and here.state != "left"
    return render_template(
        "mentor_desk/show.html" if begun else "mentor_desk/welcome.html",
        here=here,
        lines=lines,
        ended=ended,
        desk=desks.get("urgent_need"),
        may_begin=here.state == "left" or operations.may_apply(launch),
        units=load_guides().units,
        news_rows=[one for one in here.news if one.kind in NEWS],
        notices=NEWS,
        words=common,
        own=own,
        day_words=day_words,
        moment_words=moment_words,
        zone_words=zone_words,
        teaches=bool(launch.roles & {Role.INSTRUCTOR, Role.COORDINATOR}),
    )


@blueprint.post("/begin")
@allow(*VISITORS)
def begin() -> Response:
    """Begin an application, or come back."""
    with refusals(), services().database.write() as session:
        operations.begin(session, current_launch(), me(), utcnow())
    return see_other(url_for("mentor_desk.apply"))


@blueprint.post("/invitation")
@allow(*VISITORS)
def accept_invitation() -> Response:
    """Begin an application by an invitation."""
    with refusals(), services().database.write() as session:
        operations.accept_invitation(session, me(), request.form.get("code", ""), utcnow())
    return see_other(url_for("mentor_desk.apply"))


@blueprint.get("/application/")
@allow(*VISITORS)
def apply() -> Response:
    """Go to the step of the application that comes next."""
    here = _here()
    if here.state != "draft":
        return redirect(url_for("mentor_desk.show"), 303)
    return redirect(url_for("mentor_desk.ask", step=here.step), 303)


@blueprint.get("/application/<step>")
@allow(*VISITORS)
def ask(step: str) -> Response | str:
    """Ask what one step asks."""
    here = _here()
    if step not in own.STEPS:
        raise _unknown()
    if here.mentor is None or here.state == "left":
        return redirect(url_for("mentor_desk.show"), 303)
    if step == "offer" and here.step == "about":
        return redirect(url_for("mentor_desk.ask", step="about"), 303)
    return _step(step, here, forms.shown(step, here.mentor, here.tenant.country, _language()))


@blueprint.post("/application/<step>")
@allow(*VISITORS)
def answer(step: str) -> Response | tuple[str, int]:
    """Save one step; what does not fit is asked again with all that was filled in."""
    if step not in own.STEPS:
        raise _unknown()
    here = _here()
    try:
        with refusals(values=False), services().database.write() as session:
            forms.save(session, me(), step, request.form, here.tenant.country, utcnow())
    except NotValid as error:
        return _step(step, here, request.form, error.code), 400
    if here.state == "draft" and step == "about":
        return see_other(url_for("mentor_desk.ask", step="offer"))
    return see_other(url_for("mentor_desk.show"))


@blueprint.post("/again")
@allow(*VISITORS)
def apply_again() -> Response:
    """Apply again after a no."""
    with refusals(), services().database.write() as session:
        mentors.apply_again(session, me(), utcnow())
    return see_other(url_for("mentor_desk.show"))


@blueprint.get("/mentee/<pair_id>")
@allow(*VISITORS)
def mentee(pair_id: str) -> str:
    """Show one own mentee: what they chose to share and nothing else."""
    now = utcnow()
    with refusals(), services().database.read() as session:
        line, topics = operations.find_mentee(session, me(), pair_id, now)
        shared = operations.find_shared(session, current_launch(), line.pair, topics)
    return render_template(
        "mentor_desk/mentee.html",
        line=line,
        shared=shared,
        words=common,
        stage=operations.stage_of(line.pair, now),
        stages=own.STAGES,
        moment_words=moment_words,
        zone_words=zone_words,
    )


@blueprint.get("/prompts")
@allow(*VISITORS)
def prompts() -> str:
    """Show the prompts for conversations, of one stage or all."""
    chosen = request.args.get("stage", "")
    stages = {chosen: own.STAGES[chosen]} if chosen in own.STAGES else own.STAGES
    return render_template("mentor_desk/prompts.html", stages=stages, chosen=chosen)


@blueprint.get("/stop")
@allow(*VISITORS)
def stop() -> Response | str:
    """Say what a break and leaving mean, and offer them."""
    here = _here()
    if here.mentor is None or here.state == "left":
        return redirect(url_for("mentor_desk.show"), 303)
    with services().database.read() as session:
        lines = operations.find_lines(session, me(), utcnow())
    return render_template("mentor_desk/stop.html", here=here, lines=lines)


@blueprint.post("/pause")
@allow(*VISITORS)
def pause() -> Response:
    """Take no new mentees for a while, or take them again."""
    actor, paused = me(), request.form.get("paused") == "1"
    with refusals(), services().database.write() as session:
        mentors.set_pause(session, actor, actor.user_id, utcnow(), paused=paused)
    return see_other(url_for("mentor_desk.show"))


@blueprint.post("/leave")
@allow(*VISITORS)
def leave() -> Response:
    """Stop being a mentor."""
    with refusals(), services().database.write() as session:
        operations.leave(session, me(), utcnow())
    return see_other(url_for("mentor_desk.show"))


@blueprint.post("/seen")
@allow(*VISITORS)
def seen() -> Response:
    """Note that the mentor saw what was new."""
    with services().database.write() as session:
        for kind in NEWS:
            see(session, me(), utcnow(), kind)
    return see_other(url_for("mentor_desk.show"))


_LONGEST = 100
"""Letters of a code that a page shows."""


def _step(step: str, here: Standing, values: forms.Form, error: str | None = None) -> str:
    country = here.tenant.country
    towns = find_town(values.get("town", ""), None, country).choices if error == "place" else ()
    return render_template(
        "mentor_desk/step.html",
        step=step,
        here=here,
        values=values,
        error=mend_of(error) if error else None,
        rows=range(1, forms.ROWS + 1),
        languages_in_order=sorted(codes.LANGUAGES, key=common.language_name),
        towns=towns,
        language=_language(),
        codes=codes,
        words=common,
        own=own,
    )


def _here() -> Standing:
    with services().database.read() as session:
        return find_standing(session, me(), utcnow())


def _language() -> str:
    return str(flask_babel.get_locale())


def _unknown() -> Refused:
    return Refused(
        "mentoring_page_unknown",
        title=_l("We do not know this page"),
        learner_help=_l("Go back to the mentors' room and go on from there."),
        status=404,
    )
