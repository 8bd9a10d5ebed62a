"""Addresses of "Where am I now?": a question, the answers, who may see one, what they mean."""

from __future__ import annotations

from typing import Any

import flask_babel
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from adaptive.situation import LONGEST, NotAnAnswer, codes_of, said
from config.clock import utcnow
from lti_tool.learner.needs import operations
from lti_tool.learner.needs.operations import Walk, questions
from lti_tool.learner.needs.words import AUDIENCES, answer_words, helper, meanings
from lti_tool.learner.progress import is_complete
from lti_tool.learner.situation import HOPES
from lti_tool.people.roles import Role
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.replies import see_other

blueprint = Blueprint(
    "needs", __name__, url_prefix="/l/<launch_id>/needs", template_folder="templates"
)
VISITORS = tuple(Role)


@blueprint.get("/")
@allow(*VISITORS)
def show() -> Response | str:
    """Welcome, go on, or show what the answers mean: whatever comes next for this learner."""
    walk = _walk()
    if walk.open is None:
        return redirect(url_for("needs.result"), 303)
    return render_template("needs/welcome.html", walk=walk, count=len(questions().all))


@blueprint.get("/q/<question_id>")
@allow(*VISITORS)
def question(question_id: str) -> str:
    """Ask one question."""
    _find(question_id)
    return _question_page(question_id, _walk(), back=request.args.get("back") == "answers")


@blueprint.post("/q/<question_id>")
@allow(*VISITORS)
def answer(question_id: str) -> Response:
    """Keep one answer, then show the next question, or the answers for whoever came from there."""
    _find(question_id)
    back = request.form.get("back") == "answers"
    unsure = "unsure" in request.form
    options = [] if unsure else [one for one in request.form.getlist("option") if one]
    text = "" if unsure else request.form.get("text", "")
    with services().database.write() as session:
        try:
            walk = operations.save_answer(
                session, current_launch(), question_id, options, text, utcnow()
            )
        except NotAnAnswer as wrong:
            if wrong.code == "long":
                page = _question_page(question_id, _walk(), back=back, typed=text)
                return make_response(page, 400)
            raise _unknown() from None
    if back:
        return see_other(url_for("needs.answers") + f"#{question_id}")
    return see_other(_after(question_id, walk))


@blueprint.get("/answers")
@allow(*VISITORS)
def answers() -> Response | str:
    """Show all answers, to change one, or to say who may see it."""
    launch = current_launch()
    with services().database.read() as session:
        walk = operations.find_walk(session, launch)
        shares = operations.shares_of(session, launch)
    if not walk.answers:
        return redirect(url_for("needs.show"), 303)
    return render_template(
        "needs/answers.html", walk=walk, shares=shares, audiences=AUDIENCES, **_words()
    )


@blueprint.get("/share/<question_id>")
@allow(*VISITORS)
def share(question_id: str) -> Response | str:
    """Ask who may see one answer."""
    _find(question_id)
    launch = current_launch()
    with services().database.read() as session:
        walk = operations.find_walk(session, launch)
        chosen = operations.shares_of(session, launch).get(question_id, set())
    if question_id not in walk.answers:
        return redirect(url_for("needs.question", question_id=question_id), 303)
    return render_template(
        "needs/share.html",
        question_id=question_id,
        walk=walk,
        chosen=chosen,
        audiences=AUDIENCES,
        **_words(),
    )


@blueprint.post("/share/<question_id>")
@allow(*VISITORS)
def keep_share(question_id: str) -> Response:
    """Keep who may see one answer."""
    with services().database.write() as session:
        try:
            operations.share(
                session, current_launch(), question_id, request.form.getlist("with"), utcnow()
            )
        except (operations.UnknownQuestion, NotAnAnswer):
            raise _unknown() from None
    return see_other(url_for("needs.answers") + f"#{question_id}")


@blueprint.post("/share")
@allow(*VISITORS)
def stop_sharing() -> Response:
    """Take all answers back from everybody."""
    with services().database.write() as session:
        operations.stop_sharing(session, current_launch())
    return see_other(url_for("needs.answers"))


@blueprint.get("/result")
@allow(*VISITORS)
def result() -> Response | str:
    """Say in plain words what the answers mean for the next steps."""
    launch = current_launch()
    with services().database.read() as session:
        walk = operations.find_walk(session, launch)
        news = not is_complete(session, launch)
    if not walk.answers:
        return redirect(url_for("needs.show"), 303)
    if news:
        with services().database.write() as session:
            operations.note_progress(session, launch, walk, utcnow())
    needs = said(questions(), walk.answers)
    return render_template(
        "needs/result.html",
        walk=walk,
        hopes=meanings(needs & HOPES),
        hurdles=meanings(needs - HOPES),
        helps=_chosen("helps", walk),
        helper=helper,
    )


def _walk() -> Walk:
    with services().database.read() as session:
        return operations.find_walk(session, current_launch())


def _question_page(question_id: str, walk: Walk, *, back: bool, typed: str | None = None) -> str:
    order = list(questions().all)
    number = order.index(question_id) + 1
    one = questions().all[question_id]
    given = walk.answers.get(question_id)
    return render_template(
        "needs/question.html",
        question=one,
        words=questions().words(question_id, _locale()),
        foreign=_foreign(question_id),
        given=given,
        chosen=codes_of(one, given or ""),
        text=given if typed is None else typed,
        too_long=typed is not None,
        longest=LONGEST,
        back=back,
        number=number,
        count=len(order),
        before=order[number - 2] if number > 1 else None,
    )


def _after(question_id: str, walk: Walk) -> str:
    order = list(questions().all)
    following = order[order.index(question_id) + 1 :]
    upcoming = following[0] if following else walk.open
    if upcoming is None:
        return url_for("needs.result")
    return url_for("needs.question", question_id=upcoming)


def _find(question_id: str) -> None:
    if question_id not in questions().all:
        raise _unknown()


def _unknown() -> Refused:
    return Refused(
        "question_unknown",
        title=_l("We do not know this question or answer"),
        learner_help=_l("Go back and choose from the page. Your answers are saved."),
        status=404,
    )


def _locale() -> str:
    return str(flask_babel.get_locale())


def _foreign(question_id: str) -> str | None:
    language = questions().words(question_id, _locale()).language
    return language if language != _locale().split("_")[0] else None


def _words() -> dict[str, Any]:
    return {
        "questions": questions(),
        "locale": _locale(),
        "foreign": _foreign,
        "answer_words": answer_words,
    }


def _chosen(question_id: str, walk: Walk) -> list[str]:
    """Return the words of what was ticked in one question; [] when it is asked no more."""
    one = questions().all.get(question_id)
    if one is None:
        return []
    words = questions().words(question_id, _locale()).options
    return [words[code] for code in codes_of(one, walk.answers.get(question_id, ""))]
