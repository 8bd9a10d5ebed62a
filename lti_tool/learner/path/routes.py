"""Addresses of the learning path: the path itself, lessons, looks back, courses to join."""

from __future__ import annotations

from typing import Any

import flask_babel
from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response

from adaptive.lessons import Exercise, Lesson
from config.clock import utcnow
from lti_tool.learner.path import courses, operations
from lti_tool.learner.path.answers import (
    Given,
    TooLong,
    given,
    order_after_move,
    order_to_show,
    outcome,
)
from lti_tool.learner.path.choosing import recall, recalled_today, suggestions
from lti_tool.learner.path.hints import hints_for
from lti_tool.learner.path.standing import Standing, library, standing
from lti_tool.learner.path.words import why
from lti_tool.learner.progress import is_complete
from lti_tool.people.roles import Role
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.replies import see_other

blueprint = Blueprint(
    "path", __name__, url_prefix="/l/<launch_id>/path", template_folder="templates"
)
VISITORS = tuple(Role)


@blueprint.get("/")
@allow(*VISITORS)
def show() -> str:
    """Show where the learner is, what comes next and why, and everything else to choose from."""
    launch, now = current_launch(), utcnow()
    with services().database.read() as session:
        here = standing(session, launch)
        offers = suggestions(here, hints_for(session, launch), operations.seed_of(launch), now)
        back = recall(here, now)
        activities = courses.activities(session, launch)
        joinable = courses.joinable(session, launch)
        news = bool(here.finished()) and not is_complete(session, launch)
    if news:
        with services().database.write() as session:
            operations.note_progress(session, launch, standing(session, launch), now)
    begun = here.begun()
    return render_template(
        "path/show.html",
        here=here,
        count=len(here.finished()),
        goal=operations.goal(),
        begun=begun,
        offers=[] if begun else offers[:1],
        others=offers if begun else offers[1:],
        why=why,
        back=back,
        activities=activities,
        joinable=joinable,
        **_words(),
    )


@blueprint.get("/lesson/<lesson_id>")
@allow(*VISITORS)
def lesson(lesson_id: str) -> Response:
    """Go to where the learner stopped in a lesson."""
    found = _find(lesson_id)
    return redirect(_open_step(found, _standing()), 303)


@blueprint.get("/lesson/<lesson_id>/read/<int:number>")
@allow(*VISITORS)
def block(lesson_id: str, number: int) -> Response | str:
    """Show one block of a lesson."""
    found, here = _find(lesson_id), _standing()
    if not 1 <= number <= found.blocks:
        raise _not_open()
    if current_launch().is_learner and number > _blocks_read(found, here) + 1:
        return redirect(_open_step(found, here), 303)
    return render_template(
        "path/block.html",
        lesson=found,
        number=number,
        picture=Markup(library().picture(found.id, number)),  # noqa: S704 - our own checked file
        **_lesson_words(found),
    )


@blueprint.post("/lesson/<lesson_id>/read/<int:number>")
@allow(*VISITORS)
def read(lesson_id: str, number: int) -> Response:
    """Note that a block was read, and go on."""
    found = _find(lesson_id)
    with services().database.write() as session:
        try:
            operations.read_block(session, current_launch(), found, number, utcnow())
        except operations.UnknownStep:
            raise _not_open() from None
    if number < found.blocks:
        return see_other(url_for("path.block", lesson_id=found.id, number=number + 1))
    return see_other(url_for("path.exercise", lesson_id=found.id, number=1))


@blueprint.get("/lesson/<lesson_id>/exercise/<int:number>")
@allow(*VISITORS)
def exercise(lesson_id: str, number: int) -> Response | str:
    """Ask one exercise, or show the answer with what we say to it."""
    found, here = _find(lesson_id), _standing()
    one = found.exercise(number)
    if one is None:
        raise _not_open()
    launch = current_launch()
    row = here.answers.get((found.id, number))
    upcoming = here.open_exercise(found)
    if launch.is_learner and row is None:
        ready = _blocks_read(found, here) == found.blocks
        if not ready or (upcoming is not None and number > upcoming):
            return redirect(_open_step(found, here), 303)
    words = _lesson_words(found)
    texts = words["texts"].exercises[number - 1]
    answer, said = (row.answer, row.said) if row else (None, None)
    if not launch.is_learner and "tried" in request.args:
        answer, said = request.args["tried"][:400], request.args.get("said")
    result = outcome(one, texts, answer, said)
    asking = result is None or request.args.get("again") == "1"
    return render_template(
        "path/exercise.html" if asking else "path/feedback.html",
        recalling=False,
        lesson=found,
        exercise=one,
        words=texts,
        answer=answer,
        said=said,
        result=result,
        tried=answer if result and not launch.is_learner else None,
        order=order_to_show(one, request.args.get("order"), answer),
        empty=request.args.get("empty") == "1",
        send_to=url_for("path.answer", lesson_id=found.id, number=number),
        last=number == len(found.exercises),
        **words,
    )


@blueprint.post("/lesson/<lesson_id>/exercise/<int:number>")
@allow(*VISITORS)
def answer(lesson_id: str, number: int) -> Response:
    """Keep an answer and show what we say to it; or move one line of an order up or down."""
    found = _find(lesson_id)
    one = found.exercise(number)
    if one is None:
        raise _not_open()
    here = url_for("path.exercise", lesson_id=found.id, number=number)
    if "move" in request.form:
        return see_other(_after_move(one, here))
    sent = _given(one)
    if sent.empty:
        return see_other(f"{here}?again=1&empty=1")
    launch = current_launch()
    with services().database.write() as session:
        try:
            operations.save_answer(session, launch, found, one, sent.answer, _locale(), utcnow())
        except operations.UnknownStep:
            raise _not_open() from None
    if launch.is_learner:
        return see_other(here)
    return see_other(url_for("path.exercise", lesson_id=found.id, number=number, tried=sent.answer))


@blueprint.post("/lesson/<lesson_id>/exercise/<int:number>/said")
@allow(*VISITORS)
def said(lesson_id: str, number: int) -> Response:
    """Keep the learner's own word on what they wrote."""
    found = _find(lesson_id)
    one = found.exercise(number)
    if one is None:
        raise _not_open()
    word = request.form.get("said", "")
    launch = current_launch()
    with services().database.write() as session:
        try:
            operations.say_self(session, launch, found, one, word, utcnow())
        except operations.UnknownStep:
            raise _not_open() from None
    staff = not launch.is_learner
    here = url_for(
        "path.exercise",
        lesson_id=found.id,
        number=number,
        tried=request.form.get("tried", "") if staff else None,
        said=word if staff else None,
    )
    return see_other(f"{here}#said")


@blueprint.get("/lesson/<lesson_id>/done")
@allow(*VISITORS)
def done(lesson_id: str) -> Response | str:
    """Say that a lesson is finished, and what one may do next."""
    launch, now = current_launch(), utcnow()
    found, here = _find(lesson_id), _standing()
    if launch.is_learner and not here.is_finished(found.id):
        return redirect(_open_step(found, here), 303)
    with services().database.read() as session:
        offers = suggestions(here, hints_for(session, launch), operations.seed_of(launch), now)
    return render_template(
        "path/done.html",
        lesson=found,
        count=len(here.finished()),
        goal=operations.goal(),
        offer=offers[0] if offers else None,
        why=why,
        back=recall(here, now),
        **_lesson_words(found),
    )


@blueprint.get("/look-back")
@allow(*VISITORS)
def look_back() -> Response | str:
    """Ask one exercise of a lesson finished some days ago; or say how it went today."""
    launch, now = current_launch(), utcnow()
    here = _standing()
    asked = recall(here, now)
    done_today = None if asked else recalled_today(here, now)
    found = asked or (done_today and done_today[0])
    if not found or not launch.is_learner:
        return redirect(url_for("path.show"), 303)
    one, words = found.exercise, _lesson_words(found.lesson)
    texts = words["texts"].exercises[one.number - 1]
    given_before = done_today[1] if done_today else None
    return render_template(
        "path/exercise.html" if asked else "path/feedback.html",
        recalling=True,
        lesson=found.lesson,
        exercise=one,
        words=texts,
        answer=given_before,
        said=None,
        result=outcome(one, texts, given_before, None),
        tried=None,
        order=order_to_show(one, request.args.get("order"), given_before),
        empty=request.args.get("empty") == "1",
        send_to=url_for("path.recalled"),
        last=True,
        **words,
    )


@blueprint.post("/look-back")
@allow(*VISITORS)
def recalled() -> Response:
    """Keep what a look back showed."""
    launch, now = current_launch(), utcnow()
    here = url_for("path.look_back")
    asked = recall(_standing(), now)
    if asked is None:
        return see_other(here)
    if "move" in request.form:
        return see_other(_after_move(asked.exercise, here))
    sent = _given(asked.exercise)
    if sent.empty:
        return see_other(f"{here}?empty=1")
    with services().database.write() as session:
        try:
            operations.save_recall(session, launch, asked, sent.answer, _locale(), now)
        except operations.UnknownStep:
            raise _not_open() from None
    return see_other(here)


@blueprint.post("/course/<course_id>/join")
@allow(Role.LEARNER)
def join(course_id: str) -> Response:
    """Ask the site to enrol the learner in a course that was opened for this."""
    with services().database.write() as session:
        try:
            courses.join(session, current_launch(), course_id)
        except courses.NotOpen:
            raise Refused(
                "course_not_open",
                title=_l("This course is not open for joining here"),
                learner_help=_l("Go back to your path, or ask your teacher about this course."),
                status=404,
            ) from None
    return see_other(url_for("path.show") + "#courses")


def _find(lesson_id: str) -> Lesson:
    try:
        return operations.find_lesson(lesson_id)
    except operations.UnknownStep:
        raise Refused(
            "lesson_unknown",
            title=_l("We do not know this lesson"),
            learner_help=_l("Go back to your path and pick another one."),
            status=404,
        ) from None


def _not_open() -> Refused:
    return Refused(
        "step_not_open",
        title=_l("This step is not open right now"),
        learner_help=_l("Go back to your path and go on from there. Your answers are saved."),
        status=404,
    )


def _standing() -> Standing:
    with services().database.read() as session:
        return standing(session, current_launch())


def _given(one: Exercise) -> Given:
    try:
        return given(one, request.form)
    except TooLong:
        raise Refused(
            "text_too_long",
            title=_l("This text is too long"),
            learner_help=_l("Go back and make it shorter: at most 400 letters."),
        ) from None


def _after_move(one: Exercise, here: str) -> str:
    try:
        order, letter = order_after_move(one, request.form)
    except ValueError:
        raise _not_open() from None
    return f"{here}?again=1&order={order}#line-{letter}"


def _blocks_read(found: Lesson, here: Standing) -> int:
    walk = here.walks.get(found.id)
    return min(walk.block, found.blocks) if walk else 0


def _open_step(found: Lesson, here: Standing) -> str:
    """Return the address where a learner goes on in a lesson."""
    if here.is_finished(found.id):
        return url_for("path.done", lesson_id=found.id)
    read_so_far = _blocks_read(found, here)
    if read_so_far < found.blocks:
        return url_for("path.block", lesson_id=found.id, number=read_so_far + 1)
    number = here.open_exercise(found) or len(found.exercises)
    return url_for("path.exercise", lesson_id=found.id, number=number)


def _locale() -> str:
    return str(flask_babel.get_locale())


def _words() -> dict[str, Any]:
    return {"library": library(), "locale": _locale()}


def _lesson_words(found: Lesson) -> dict[str, Any]:
    """Return a lesson's texts, and the language to mark them with where it is not the page's."""
    locale = _locale()
    texts = library().lesson_texts(found.id, locale)
    foreign = texts.language != locale.split("_")[0]
    return {"texts": texts, "foreign": texts.language if foreign else None, **_words()}
