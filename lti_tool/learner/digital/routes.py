"""Addresses of the digital check and its practice."""

from __future__ import annotations

from typing import Any

import flask_babel
from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from adaptive.digital import ANSWERS
from config.clock import utcnow
from lti_tool.learner.digital import operations
from lti_tool.learner.digital.words import say, steps_of
from lti_tool.learner.digital_levels import LESSON_AREAS
from lti_tool.learner.mastery import lessons_for_area
from lti_tool.learner.progress import is_complete
from lti_tool.people.roles import Role
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.replies import see_other

blueprint = Blueprint(
    "digital", __name__, url_prefix="/l/<launch_id>/digital", template_folder="templates"
)
VISITORS = tuple(Role)


def _not_asked() -> Refused:
    return Refused(
        "answer_unknown",
        title=_l("This question is not open right now"),
        learner_help=_l("Open the activity again from your course. Your answers are saved."),
        status=404,
    )


def _words() -> dict[str, Any]:
    locale = str(flask_babel.get_locale())
    return {
        "say": lambda key: say(key, locale),
        "steps_of": lambda task: steps_of(task, locale),
    }


def _address(question: str | None) -> str:
    if question is None:
        return url_for("digital.result")
    return url_for("digital.question", question_id=question)


@blueprint.get("/")
@allow(*VISITORS)
def show() -> Response | str:
    """Welcome, go on, or show the result: whatever comes next for this learner."""
    with services().database.read() as session:
        walk = operations.find_walk(session, current_launch())
    if walk and walk.finished:
        return redirect(url_for("digital.result"), 303)
    return render_template("digital/welcome.html", walk=walk)


@blueprint.post("/start")
@allow(*VISITORS)
def start() -> Response:
    """Begin, or go on where the learner stopped."""
    again = request.form.get("again") == "1"
    with services().database.write() as session:
        walk = operations.start_walk(session, current_launch(), utcnow(), again=again)
    return see_other(_address(walk.upcoming))


@blueprint.get("/q/<question_id>")
@allow(*VISITORS)
def question(question_id: str) -> Response | str:
    """Ask one question."""
    with services().database.read() as session:
        walk = operations.find_walk(session, current_launch())
    if walk is None:
        return redirect(url_for("digital.show"), 303)
    if question_id not in walk.answers and question_id != walk.upcoming:
        return redirect(_address(walk.upcoming), 303)
    area = next(one.area for one in operations.bank().questions if one.id == question_id)
    return render_template(
        "digital/question.html",
        walk=walk,
        question=question_id,
        area=area,
        given=walk.answers.get(question_id),
        before=walk.before(question_id),
        number=[*walk.answers, question_id].index(question_id) + 1,
        usual=operations.USUAL_QUESTIONS,
        answers=ANSWERS,
        **_words(),
    )


@blueprint.post("/q/<question_id>")
@allow(*VISITORS)
def answer(question_id: str) -> Response:
    """Save one answer, then show the next question."""
    value = request.form.get("value", "")
    with services().database.write() as session:
        try:
            walk = operations.save_answer(session, current_launch(), question_id, value, utcnow())
        except operations.UnknownAnswer:
            raise _not_asked() from None
        following = walk.after(question_id)
    return see_other(_address(following))


@blueprint.get("/result")
@allow(*VISITORS)
def result() -> Response | str:
    """Show the five areas, what changed, and one thing to try in each."""
    launch = current_launch()
    with services().database.read() as session:
        walk = operations.find_walk(session, launch)
        if walk is None or not walk.finished:
            return redirect(url_for("digital.show"), 303)
        earlier = operations.earlier_walk(session, walk)
        tasks = operations.tasks_of(session, launch, walk)
        news = not is_complete(session, launch)
        lessons = {
            area: lessons_for_area(session, launch, lesson_area)
            for area, lesson_area in LESSON_AREAS.items()
        }
    if news:
        with services().database.write() as session:
            operations.note_progress(session, launch, utcnow())
    areas = operations.areas_of(walk)
    before = {one.area: one.band for one in operations.areas_of(earlier)} if earlier else {}
    return render_template(
        "digital/result.html",
        areas=areas,
        strongest=max(areas, key=lambda one: one.band if one.band is not None else -1),
        bands={one.area: one.band for one in areas},
        before=before,
        grown=[
            one.area
            for one in areas
            if one.band is not None
            and one.band > (before.get(one.area) or 0)
            and one.area in before
        ],
        tasks=tasks,
        lessons=lessons,
        told=request.args.get("told") == "1",
        **_words(),
    )


@blueprint.post("/practice")
@allow(*VISITORS)
def practice() -> Response:
    """Keep that the learner tried something."""
    step = request.form.get("step", "")
    with services().database.write() as session:
        try:
            operations.note_practice(session, current_launch(), step, utcnow())
        except operations.UnknownAnswer:
            raise _not_asked() from None
    return see_other(url_for("digital.result", told=1) + "#practice")
