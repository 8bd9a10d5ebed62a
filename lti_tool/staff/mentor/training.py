"""Addresses of the guides: read page by page, answer three questions to oneself, done."""

from __future__ import annotations

import flask_babel
from flask import redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from adaptive.guides import Unit, load_guides
from adaptive.lessons import LessonTexts
from config.clock import utcnow
from lti_tool.mentoring.replies import refusals
from lti_tool.staff.mentor.operations import find_standing, finish_unit
from lti_tool.staff.mentor.room import VISITORS, blueprint, me
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.replies import see_other


@blueprint.get("/guides/")
@allow(*VISITORS)
def guides() -> str:
    """Show the library: all units, and which are done."""
    with services().database.read() as session:
        here = find_standing(session, me(), utcnow())
    found = [(unit, _texts(unit)) for unit in load_guides().units.values()]
    return render_template("mentor_desk/guides.html", found=found, here=here)


@blueprint.get("/guides/<unit_id>/<int:number>")
@allow(*VISITORS)
def page(unit_id: str, number: int) -> Response | str:
    """Show one page of a unit."""
    unit = _unit(unit_id)
    if not 1 <= number <= unit.pages:
        return redirect(url_for("mentor_desk.page", unit_id=unit_id, number=1), 303)
    texts = _texts(unit)
    return render_template(
        "mentor_desk/page.html",
        unit=unit,
        texts=texts,
        block=texts.blocks[number - 1],
        number=number,
        foreign=_foreign(texts),
    )


@blueprint.get("/guides/<unit_id>/questions")
@allow(*VISITORS)
def questions(unit_id: str) -> str:
    """Ask three questions for the reader's own use."""
    return _ask(_unit(unit_id), {})


@blueprint.post("/guides/<unit_id>/questions")
@allow(*VISITORS)
def finish(unit_id: str) -> Response | tuple[str, int]:
    """Note the unit as done once all questions are answered, and go to the replies."""
    unit = _unit(unit_id)
    said = {one.number: request.form.get(f"q{one.number}", "") for one in unit.questions}
    if any(len(said[one.number]) != 1 or said[one.number] not in one.options
           for one in unit.questions):  # fmt: skip
        return _ask(unit, said, missing=True), 400
    with services().database.read() as session:
        begun = find_standing(session, me(), utcnow()).state not in {"none", "left"}
    if begun:
        with refusals(), services().database.write() as session:
            finish_unit(session, current_launch(), me(), unit_id, utcnow())
    answers = "".join(said[one.number] for one in unit.questions)
    return see_other(url_for("mentor_desk.replies", unit_id=unit_id, said=answers))


@blueprint.get("/guides/<unit_id>/replies")
@allow(*VISITORS)
def replies(unit_id: str) -> Response | str:
    """Say something kind to each answer, and where to read again. Answers are not kept."""
    unit = _unit(unit_id)
    said = request.args.get("said", "")
    fits = len(said) == len(unit.questions) and all(
        letter in one.options for letter, one in zip(said, unit.questions, strict=True)
    )
    if not fits:
        return redirect(url_for("mentor_desk.questions", unit_id=unit_id), 303)
    with services().database.read() as session:
        here = find_standing(session, me(), utcnow())
    texts = _texts(unit)
    units = list(load_guides().units)
    return render_template(
        "mentor_desk/replies.html",
        unit=unit,
        texts=texts,
        said=said,
        here=here,
        foreign=_foreign(texts),
        following=next((one for one in units if one not in here.clear.units), None),
    )


def _ask(unit: Unit, said: dict[int, str], *, missing: bool = False) -> str:
    texts = _texts(unit)
    return render_template(
        "mentor_desk/questions.html",
        unit=unit,
        texts=texts,
        said=said,
        missing=missing,
        foreign=_foreign(texts),
    )


def _unit(unit_id: str) -> Unit:
    unit = load_guides().units.get(unit_id)
    if unit is None:
        raise Refused(
            "guide_unknown",
            title=_l("There is no such guide"),
            learner_help=_l("Go back to the list of guides and choose one."),
            status=404,
        )
    return unit


def _texts(unit: Unit) -> LessonTexts:
    return load_guides().texts(unit.id, str(flask_babel.get_locale()))


def _foreign(texts: LessonTexts) -> str | None:
    """Return the language of a text where it is not that of the page."""
    here = str(flask_babel.get_locale()).split("_")[0]
    return None if texts.language == here else texts.language
