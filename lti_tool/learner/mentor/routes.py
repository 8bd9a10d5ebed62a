"""Addresses of the mentee's side: what mentoring is, some questions, consent, waiting, stop."""

from __future__ import annotations

from typing import Any

import flask_babel
from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from adaptive.places import Place
from config.clock import utcnow
from lti_tool.learner.mentor import forms, operations
from lti_tool.learner.mentor.operations import Standing, find_standing, next_step
from lti_tool.learner.mentor.words import AGES, BENEFITS, LIMITS, REACHES, STEPS
from lti_tool.learner.mentoring import note_progress, percent_of
from lti_tool.learner.progress import is_complete
from lti_tool.mentoring import codes, consent, mentees, words
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.errors import NotValid
from lti_tool.mentoring.models import Mentee
from lti_tool.mentoring.notices import see
from lti_tool.mentoring.replies import actor_of, mend_of, refusals
from lti_tool.mentoring.reports import desks_of
from lti_tool.mentoring.towns import find_town, town_at
from lti_tool.people.roles import Role
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.replies import see_other

blueprint = Blueprint(
    "mentor", __name__, url_prefix="/l/<launch_id>/mentor", template_folder="templates"
)
VISITORS = tuple(Role)


@blueprint.get("/")
@allow(*VISITORS)
def show() -> str:
    """Say what mentoring is, or where the learner is with it."""
    launch, now = current_launch(), utcnow()
    with services().database.read() as session:
        here = find_standing(session, _actor(), now)
        news = bool(percent_of(session, *_key())) and not is_complete(session, launch)
        desks = desks_of(session, launch.tenant_id)
    if news:
        with services().database.write() as session:
            note_progress(session, launch, now)
    return render_template(
        "mentor/show.html" if here.mentee and here.state != "left" else "mentor/welcome.html",
        here=here,
        benefits=BENEFITS,
        limits=LIMITS,
        steps=STEPS,
        step=next_step(here.mentee, here.missing) if here.mentee else "about",
        notices=words.NOTICES,
        pair_states=words.PAIR_STATES,
        desk=desks.get("urgent_need"),
        learner=launch.is_learner,
    )


@blueprint.post("/begin")
@allow(Role.LEARNER)
def begin() -> Response:
    """Begin, or come back after leaving."""
    with refusals(), services().database.write() as session:
        mentees.begin(session, _actor(), utcnow())
    return see_other(url_for("mentor.go_on"))


@blueprint.get("/go-on")
@allow(Role.LEARNER)
def go_on() -> Response:
    """Go to the first page without an answer."""
    here = _here()
    if here.mentee is None or here.state != "draft":
        return redirect(url_for("mentor.show"), 303)
    return redirect(_address(next_step(here.mentee, here.missing)), 303)


@blueprint.get("/ask/<step>")
@allow(Role.LEARNER)
def ask(step: str) -> Response | str:
    """Ask what one page asks."""
    here = _here()
    if step not in STEPS:
        raise _unknown()
    if here.mentee is None or here.state == "left":
        return redirect(url_for("mentor.show"), 303)
    country = here.tenant.country
    return _page(step, here, forms.shown(step, here.mentee, country, _language()))


@blueprint.post("/ask/<step>")
@allow(Role.LEARNER)
def answer(step: str) -> Response | tuple[str, int]:
    """Save one page and go on; what does not fit is asked again with all that was filled in."""
    if step not in STEPS:
        raise _unknown()
    try:
        country = _here().tenant.country
        with refusals(values=False), services().database.write() as session:
            forms.save(session, _actor(), step, request.form, country, utcnow())
    except NotValid as error:
        return _page(step, _here(), request.form, error.code), 400
    if request.args.get("change") == "1":
        here = _here()
        return see_other(url_for("mentor.check" if here.state == "draft" else "mentor.answers"))
    following = list(STEPS).index(step) + 1
    return see_other(_address([*STEPS, "consent"][following]))


@blueprint.get("/consent")
@allow(Role.LEARNER)
def agree() -> Response | str:
    """Show the text that the learner says yes to, and whether they did."""
    here = _here()
    if here.mentee is None or here.state == "left":
        return redirect(url_for("mentor.show"), 303)
    text = consent.newest_text(_language())
    return render_template(
        "mentor/consent.html",
        here=here,
        text=text,
        foreign=None if text.language == _language() else text.language,
    )


@blueprint.post("/consent")
@allow(Role.LEARNER)
def say_yes() -> Response:
    """Note the yes to the version that was shown."""
    version = request.form.get("version", "")
    with refusals(), services().database.write() as session:
        number = int(version) if version.isascii() and version.isdigit() else 0
        consent.give_consent(session, _actor(), number, str(flask_babel.get_locale()), utcnow())
    return see_other(url_for("mentor.check" if _here().state == "draft" else "mentor.show"))


@blueprint.post("/consent/end")
@allow(Role.LEARNER)
def say_no_more() -> Response:
    """Take the yes back; contact stops in the same moment."""
    with refusals(), services().database.write() as session:
        consent.withdraw_consent(session, _actor(), utcnow())
    return see_other(url_for("mentor.agree"))


@blueprint.get("/check")
@allow(Role.LEARNER)
def check() -> Response | str:
    """Show all answers before the learner asks for a mentor."""
    here = _here()
    if here.mentee is None or here.state == "left":
        return redirect(url_for("mentor.show"), 303)
    if here.state != "draft":
        return redirect(url_for("mentor.answers"), 303)
    step = next_step(here.mentee, here.missing)
    if step in {"about", "languages", "times"} or step == "consent":
        return redirect(_address(step), 303)
    return _answers(here)


@blueprint.get("/answers")
@allow(Role.LEARNER)
def answers() -> Response | str:
    """Show all answers of somebody who has asked for a mentor."""
    here = _here()
    if here.mentee is None or here.state in {"draft", "left"}:
        return redirect(url_for("mentor.show"), 303)
    return _answers(here)


@blueprint.post("/join")
@allow(Role.LEARNER)
def join() -> Response:
    """Ask for a mentor."""
    with refusals(), services().database.write() as session:
        operations.join(session, current_launch(), _actor(), utcnow())
    return see_other(url_for("mentor.show"))


@blueprint.get("/mentors")
@allow(Role.LEARNER)
def mentors() -> Response | str:
    """Show mentors without their full names, for wishes and vetoes."""
    here = _here()
    if here.mentee is None or here.state != "waiting":
        return redirect(url_for("mentor.show"), 303)
    with services().database.read() as session:
        cards = mentees.mentor_cards(session, _actor())
    page = max(request.args.get("page", 1, type=int), 1)
    return render_template(
        "mentor/mentors.html",
        here=here,
        cards=cards[(page - 1) * _CARDS : page * _CARDS],
        page=page,
        more=len(cards) > page * _CARDS,
        words=words,
        saved=request.args.get("saved") == "1",
    )


@blueprint.post("/mentors")
@allow(Role.LEARNER)
def choose() -> Response:
    """Keep wishes and vetoes of the cards that were shown."""
    choices = {
        name.removeprefix("mentor-"): value
        for name, value in list(request.form.items())[: _CARDS + 5]
        if name.startswith("mentor-")
    }
    with refusals(), services().database.write() as session:
        operations.choose_mentors(session, _actor(), choices)
    page = request.args.get("page", 1, type=int)
    return see_other(url_for("mentor.mentors", saved=1, page=page))


@blueprint.post("/mentors/all")
@allow(Role.LEARNER)
def take_back() -> Response:
    """Take all vetoes back."""
    with refusals(), services().database.write() as session:
        mentees.veto(session, _actor(), [])
    return see_other(url_for("mentor.mentors"))


@blueprint.get("/share")
@allow(Role.LEARNER)
def share() -> Response | str:
    """Let the learner choose what the mentor may see."""
    here = _here()
    if here.mentee is None or here.state == "left":
        return redirect(url_for("mentor.show"), 303)
    return render_template(
        "mentor/share.html", here=here, shares=words.SHARES, saved=request.args.get("saved") == "1"
    )


@blueprint.post("/share")
@allow(Role.LEARNER)
def keep_share() -> Response:
    """Keep what the mentor may see."""
    with refusals(), services().database.write() as session:
        mentees.share(session, _actor(), request.form.getlist("share")[:_MOST])
    return see_other(url_for("mentor.share", saved=1))


@blueprint.get("/stop")
@allow(Role.LEARNER)
def stop() -> Response | str:
    """Say what a pause, a withdrawal and leaving mean, and offer them."""
    here = _here()
    if here.mentee is None or here.state == "left":
        return redirect(url_for("mentor.show"), 303)
    return render_template("mentor/stop.html", here=here)


@blueprint.post("/pause")
@allow(Role.LEARNER)
def pause() -> Response:
    """Wait with a new mentor, or ask again."""
    with refusals(), services().database.write() as session:
        paused = request.form.get("paused") == "1"
        actor = _actor()
        mentees.set_pause(session, actor, actor.user_id, utcnow(), paused=paused)
    return see_other(url_for("mentor.show"))


@blueprint.post("/leave")
@allow(Role.LEARNER)
def leave() -> Response:
    """Stop with mentoring."""
    with refusals(), services().database.write() as session:
        operations.leave(session, _actor(), utcnow())
    return see_other(url_for("mentor.show"))


@blueprint.post("/seen")
@allow(Role.LEARNER)
def seen() -> Response:
    """Note that the learner saw what was new."""
    with services().database.write() as session:
        for kind in words.NOTICES:
            see(session, _actor(), utcnow(), kind)
    return see_other(url_for("mentor.show"))


_CARDS = 8
"""Mentors on one page."""
_MOST = 20


def _page(step: str, here: Standing, values: forms.Form, error: str | None = None) -> str:
    return render_template(
        "mentor/ask.html",
        step=step,
        number=list(STEPS).index(step) + 1,
        steps=STEPS,
        here=here,
        values=values,
        error=mend_of(error) if error else None,
        send_to=url_for("mentor.answer", step=step, change=request.args.get("change")),
        codes=codes,
        words=words,
        rows=range(1, forms.ROWS + 1),
        languages_in_order=sorted(codes.LANGUAGES, key=lambda code: words.language_name(code)),
        towns=_choices(here, values) if error == "place" else (),
        language=_language(),
        reaches=REACHES,
        ages=AGES,
    )


def _choices(here: Standing, values: forms.Form) -> tuple[Place, ...]:
    return find_town(values.get("town", ""), None, here.tenant.country).choices


def _answers(here: Standing) -> str:
    return render_template(
        "mentor/check.html", here=here, steps=STEPS, lines=_lines(here), words=words
    )


def _lines(here: Standing) -> dict[str, list[Any]]:
    """Return what was said, as lines per page of questions."""
    row = here.mentee or Mentee()
    town = town_at(row.latitude, row.longitude, here.tenant.country)
    near = [town.shown(_language())] if row.near and town else []
    return {
        "about": [row.nickname],
        "languages": [words.language_name(code) for code in row.languages],
        "times": [
            *(words.slot_name(slot) for slot in row.slots),
            *([_l("In writing")] if row.in_writing else []),
        ],
        "ways": [*(words.WAYS[way] for way in codes.WAYS if getattr(row, way)), *near],
        "help": [
            *(words.HELP[code] for code in row.help),
            *(words.FIELDS[code] for code in row.fields),
            *(words.BACKGROUND[code] for code in row.background),
        ],
        "wanted": [*(words.GENDERS[code] for code in row.genders), AGES[forms.ages_of(row)][0]],
    }


def _here() -> Standing:
    with services().database.read() as session:
        return find_standing(session, _actor(), utcnow())


def _address(step: str) -> str:
    if step in STEPS:
        return url_for("mentor.ask", step=step)
    return url_for("mentor.agree" if step == "consent" else "mentor.check")


def _actor() -> Actor:
    return actor_of(current_launch())


def _key() -> tuple[str, str]:
    actor = _actor()
    return actor.tenant_id, actor.user_id


def _language() -> str:
    return str(flask_babel.get_locale())


def _unknown() -> Refused:
    return Refused(
        "mentoring_page_unknown",
        title=_l("We do not know this page"),
        learner_help=_l("Go back to “My mentor” and go on from there."),
        status=404,
    )
