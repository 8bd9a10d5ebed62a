"""Addresses of the careers module."""

from __future__ import annotations

import flask_babel
from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from adaptive.occupations import Filters, Matches, Occupation, explain, match
from config.clock import utcnow
from lti_tool.learner.careers import operations, skills
from lti_tool.learner.careers.words import preparation
from lti_tool.learner.occupations import catalogue, imported
from lti_tool.learner.profile import current_profile
from lti_tool.learner.progress import is_complete
from lti_tool.learner.words import INTERESTS
from lti_tool.learner.words import why as reason_words
from lti_tool.people.roles import Role
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.replies import see_other

blueprint = Blueprint(
    "careers", __name__, url_prefix="/l/<launch_id>/careers", template_folder="templates"
)
VISITORS = tuple(Role)
FILTERS: tuple[tuple[str, object], ...] = (
    ("low_entry", _l("Little schooling needed")),
    ("learned_at_work", _l("You learn it on the job")),
    ("from_home", _l("Can be done from home")),
    ("outdoors", _l("Outdoors")),
    ("with_people", _l("With people")),
)

_MOST_SENT = 500
"""No page of ours has more boxes."""


@blueprint.get("/")
@allow(*VISITORS)
def show() -> Response | str:
    """List occupations that fit, or that answer to the learner's own words."""
    launch = current_launch()
    words = request.args.get("q", "").strip()[:80]
    chosen = {name for name, _label in FILTERS if request.args.get(name) == "1"}
    with services().database.read() as session:
        profile = current_profile(session, launch)
        kept = operations.kept(session, launch)
        news = bool(kept) and not is_complete(session, launch)
    if news:
        with services().database.write() as session:
            operations.note_progress(session, launch, utcnow())
    found: Matches | None = None
    if profile and not words:
        found = match(
            profile.scores,
            profile.sd,
            catalogue(),
            Filters(**dict.fromkeys(chosen, True)),  # type: ignore[arg-type] # flags only
            limit=12,
        )
    return render_template(
        "careers/list.html",
        words=words,
        chosen=chosen,
        filters=FILTERS,
        profile=profile,
        matches=found,
        results=operations.search(words, _language()) if words else [],
        kept=kept,
        skills_known=imported() is not None,
        reason_words=reason_words,
        language=_language(),
    )


@blueprint.get("/job/<occupation_id>")
@allow(*VISITORS)
def job(occupation_id: str) -> str:
    """Show one occupation and why it may fit."""
    occupation = _find(occupation_id)
    launch = current_launch()
    with services().database.read() as session:
        profile = current_profile(session, launch)
        kept = {one.id for one in operations.kept(session, launch)}
        gap = skills.gap(session, launch, occupation)
    return render_template(
        "careers/job.html",
        occupation=occupation,
        why=explain(profile.scores, occupation) if profile else None,
        gap=gap,
        kept=occupation.id in kept,
        interests=INTERESTS,
        reason_words=reason_words,
        language=_language(),
    )


@blueprint.post("/job/<occupation_id>/keep")
@allow(*VISITORS)
def keep(occupation_id: str) -> Response:
    """Keep an occupation."""
    _find(occupation_id)
    with services().database.write() as session:
        try:
            operations.keep(session, current_launch(), occupation_id, utcnow())
        except operations.TooMany:
            raise Refused(
                "too_many_kept",
                title=_l("Your list is full"),
                learner_help=_l("Go back, let one job go, then keep this one."),
            ) from None
    return see_other(url_for("careers.show") + "#kept")


@blueprint.post("/job/<occupation_id>/let-go")
@allow(*VISITORS)
def let_go(occupation_id: str) -> Response:
    """Keep an occupation no longer."""
    with services().database.write() as session:
        operations.let_go(session, current_launch(), occupation_id)
    return see_other(url_for("careers.show") + "#kept")


@blueprint.get("/compare")
@allow(*VISITORS)
def compare() -> str:
    """Put two jobs side by side; without two different ones, ask which."""
    launch = current_launch()
    asked = [request.args.get(name, "") for name in ("a", "b")]
    pair = [_find(one) for one in asked] if all(asked) and asked[0] != asked[1] else []
    with services().database.read() as session:
        profile = current_profile(session, launch)
        kept = operations.kept(session, launch)
        gaps = [skills.gap(session, launch, one) for one in pair]
    return render_template(
        "careers/compare.html",
        asked=asked,
        pair=pair,
        kept=kept,
        gaps=gaps,
        why=[explain(profile.scores, one) for one in pair] if profile else [],
        preparation=preparation,
        reason_words=reason_words,
        language=_language(),
    )


@blueprint.get("/skills")
@allow(*VISITORS)
def own_skills() -> str:
    """Let the learner tick what they can do already, from one job or from all that they keep."""
    launch = current_launch()
    job_id = request.args.get("job", "")
    occupation = _find(job_id) if job_id else None
    with services().database.read() as session:
        kept = operations.kept(session, launch)
        choices = skills.choices(session, launch, [occupation] if occupation else kept)
    return render_template(
        "careers/skills.html",
        occupation=occupation,
        kept=kept,
        choices=choices,
        saved=request.args.get("saved") == "1",
        language=_language(),
    )


@blueprint.post("/skills")
@allow(*VISITORS)
def say_skills() -> Response:
    """Keep what was ticked."""
    job_id = request.form.get("job", "")
    occupation = _find(job_id) if job_id else None
    shown = request.form.get("shown", "").split(",")[:_MOST_SENT]
    with services().database.write() as session:
        ticked = request.form.getlist("can")[:_MOST_SENT]
        skills.say_skills(session, current_launch(), shown, ticked, utcnow())
    if occupation:
        return see_other(url_for("careers.job", occupation_id=occupation.id) + "#skills")
    return see_other(url_for("careers.own_skills", saved=1))


def _language() -> str:
    return str(flask_babel.get_locale())


def _find(occupation_id: str) -> Occupation:
    try:
        return operations.find_occupation(occupation_id)
    except operations.UnknownOccupation:
        raise Refused(
            "job_unknown",
            title=_l("We do not know this job"),
            learner_help=_l("Go back to the list and pick another one."),
            status=404,
        ) from None
