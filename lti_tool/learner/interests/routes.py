"""Addresses of the interests module."""

from __future__ import annotations

import flask_babel
from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response

from adaptive.interests import ITEMS, Bank, load_bank
from adaptive.occupations import match
from config.clock import utcnow
from lti_tool.learner.interests import operations, words
from lti_tool.learner.interests.chart import ROW, WIDTH, bars
from lti_tool.learner.occupations import catalogue
from lti_tool.learner.progress import is_complete
from lti_tool.learner.words import INTERESTS, why
from lti_tool.people.roles import Role
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.replies import see_other

blueprint = Blueprint(
    "interests", __name__, url_prefix="/l/<launch_id>/interests", template_folder="templates"
)
VISITORS = tuple(Role)


def _bank() -> Bank:
    return load_bank(str(flask_babel.get_locale()))


def _not_asked() -> Refused:
    return Refused(
        "answer_unknown",
        title=_l("This question is not open right now"),
        learner_help=_l("Open the activity again from your course. Your answers are saved."),
        status=404,
    )


@blueprint.get("/")
@allow(*VISITORS)
def show() -> Response | str:
    """Welcome, go on, or show the result: whatever comes next for this learner."""
    launch = current_launch()
    with services().database.read() as session:
        walk = operations.find_walk(session, launch)
    if walk and walk.finished:
        return redirect(url_for("interests.result"), 303)
    return render_template("interests/welcome.html", walk=walk)


@blueprint.post("/start")
@allow(*VISITORS)
def start() -> Response:
    """Begin, or go on where the learner stopped."""
    again = request.form.get("again") == "1"
    with services().database.write() as session:
        walk = operations.start_walk(session, current_launch(), utcnow(), again=again)
        upcoming = walk.next_item
    return see_other(_address(upcoming))


def _address(item: str | None) -> str:
    if item is None:
        return url_for("interests.result")
    return url_for("interests.question", item=item)


@blueprint.get("/q/<item>")
@allow(*VISITORS)
def question(item: str) -> Response | str:
    """Ask one question."""
    with services().database.read() as session:
        walk = operations.find_walk(session, current_launch())
    if walk is None:
        return redirect(url_for("interests.show"), 303)
    if item not in walk.answers and item != walk.next_item:
        return redirect(_address(walk.next_item), 303)
    bank = _bank()
    return render_template(
        "interests/question.html",
        walk=walk,
        item=bank[item],
        picture=Markup(bank.picture(item)),  # noqa: S704 - our own file, checked by the loader
        given=walk.answers.get(item),
        asked=item in walk.answers,
        before=walk.before(item),
        number=[*walk.answers, item].index(item) + 1,
        answers=words.ANSWERS,
    )


@blueprint.post("/q/<item>")
@allow(*VISITORS)
def answer(item: str) -> Response:
    """Save one answer, then show the next question."""
    raw = request.form.get("value")
    if item not in ITEMS or raw not in {"", "1", "2", "3", "4", "5"}:
        raise _not_asked()
    with services().database.write() as session:
        try:
            walk = operations.save_answer(
                session, current_launch(), item, int(raw) if raw else None, utcnow()
            )
        except operations.UnknownAnswer:
            raise _not_asked() from None
        following = walk.after(item)
    return see_other(_address(following))


@blueprint.get("/result")
@allow(*VISITORS)
def result() -> Response | str:
    """Show the profile with reasons and ten occupations."""
    launch = current_launch()
    with services().database.read() as session:
        walk = operations.find_walk(session, launch)
        news = not is_complete(session, launch)
    if walk is None or not walk.finished:
        return redirect(url_for("interests.show"), 303)
    if news:
        with services().database.write() as session:
            operations.note_progress(session, launch, walk, utcnow())
    profile = operations.profile_of(walk)
    return render_template(
        "interests/result.html",
        walk=walk,
        profile=profile,
        bars=bars(profile),
        chart_width=WIDTH,
        chart_row=ROW,
        interests=INTERESTS,
        why=why,
        band=words.band,
        certainty=words.certainty(profile),
        matches=match(profile.scores, profile.sd, catalogue(), limit=10),
        language=str(flask_babel.get_locale()),
    )


@blueprint.post("/result/fits")
@allow(*VISITORS)
def fits() -> Response:
    """Keep the learner's own word on the result."""
    with services().database.write() as session:
        try:
            operations.say_fits(session, current_launch(), request.form.get("fits", ""))
        except operations.UnknownAnswer:
            raise _not_asked() from None
    return see_other(url_for("interests.result") + "#fits")
