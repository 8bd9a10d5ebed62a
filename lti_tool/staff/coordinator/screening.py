"""Addresses of people: mentors and their checks, invitations, mentees and a guardian's yes."""

from __future__ import annotations

from datetime import date
from typing import Any

import flask_babel
from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from config.clock import utcnow
from lti_tool.learner.shared import shared_with
from lti_tool.mentoring import consent, invitations, mentees, mentors
from lti_tool.mentoring import screening as gates
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.codes import CHECKS, UNITS
from lti_tool.mentoring.errors import NotValid, NotYours
from lti_tool.mentoring.lifecycle import LIVE, MENTEE, MENTOR
from lti_tool.mentoring.models import Mentee, Mentor
from lti_tool.mentoring.places import places_taken
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
from lti_tool.staff.coordinator.words import MENTEE_STATES, MENTOR_STATES
from lti_tool.web import services
from lti_tool.web.access import allow
from lti_tool.web.replies import see_other

USES = (1, 5, 20, 100)
DAYS = (7, 30, 90, 180)


@blueprint.get("/mentors")
@allow(*STAFF)
def mentors_list() -> str:
    """Show the mentors, applicants first, with how far their checks are."""
    return _list("coordinator/mentors.html", Mentor, MENTOR_STATES)


@blueprint.get("/learners-with-mentors")
@allow(*STAFF)
def mentees_list() -> str:
    """Show the learners who want a mentor or have one."""
    return _list("coordinator/mentees.html", Mentee, MENTEE_STATES)


def _list(template: str, table: type[Mentor | Mentee], states: dict[str, Any]) -> str:
    state, words = request.args.get("state", ""), searched()
    state = state if state in states else ""
    with reading() as session:
        found = people.list_people(session, me(), table, page_number(), state or None, words)
        ids = [user_id for user_id, _state in found.rows]
        names = people.names_of(session, me(), ids)
        clear = gates.clearances(session, me().tenant_id, utcnow(), ids) if table is Mentor else {}
        missing = {}
        if table is Mentee:
            for one in ids:
                row = session.get_one(Mentee, (me().tenant_id, one))
                missing[one] = consent.missing_consents(session, row, utcnow())
    return render_template(
        template,
        found=found,
        names=names,
        clear=clear,
        missing=missing,
        state=state,
        states=states,
        words=words,
        units=UNITS,
        query={"state": state, "q": words},
    )


@blueprint.get("/mentors/<mentor_id>")
@allow(*STAFF)
def mentor(mentor_id: str) -> str:
    """Show one mentor: what was said, the checks, the training, the pairs."""
    return _mentor(mentor_id)


def _mentor(mentor_id: str, check: str | None = None, error: Any = None) -> str:  # noqa: ANN401
    now, actor = utcnow(), me()
    with reading() as session:
        row = _mentor_row(session, mentor_id)
        checks = people.checks_of(session, actor, mentor_id)
        found = people.pairs_with(session, actor, mentor_id)
        names = people.names_of(
            session,
            actor,
            [mentor_id, *(one.checker_id for one in checks.values()),
             *(pair.mentee_id for pair in found)],
        )  # fmt: skip
        clear = gates.clearance(session, actor.tenant_id, mentor_id, now)
        taken, across = places_taken(session, row), people.abroad(session, actor, mentor_id)
    return render_template(
        "coordinator/mentor.html",
        row=row,
        name=names[mentor_id],
        names=names,
        checks=checks,
        clear=clear,
        units=UNITS,
        check_codes=CHECKS,
        pairs=found,
        taken=taken,
        across=across,
        today=now.date().isoformat(),
        own=mentor_id == actor.user_id,
        may={verb for verb in MENTOR.moves if MENTOR.allows(row.state, verb)},
        wrong_check=check,
        error=error,
        typed=request.form,
    )


def _mentor_row(session: Any, mentor_id: str) -> Mentor:  # noqa: ANN401
    row: Mentor | None = session.get(Mentor, (me().tenant_id, mentor_id))
    if row is None:
        raise NotYours("mentor")
    return row


@blueprint.post("/mentors/<mentor_id>/check")
@allow(*STAFF)
def note_check(mentor_id: str) -> Any:  # noqa: ANN401 - a page with a status, or a redirect
    """Note what a check said: the state, the day and who looked; never a document."""
    form, check = request.form, request.form.get("check", "")
    try:
        with writing(values=False) as session:
            gates.note_check(
                session,
                me(),
                mentor_id,
                check,
                form.get("state", ""),
                _day("checked_on", form.get("checked_on", "")),
                utcnow(),
                _day("valid_until", form["valid_until"]) if form.get("valid_until") else None,
            )
    except NotValid as wrong:
        return _mentor(mentor_id, check, mend_of(wrong.code)), 400
    return see_other(url_for("coordinator.mentor", mentor_id=mentor_id))


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotValid(name) from None


@blueprint.post("/mentors/<mentor_id>/decide")
@allow(*STAFF)
def decide(mentor_id: str) -> Response:
    """Admit or refuse an applicant, pause or go on, or end it."""
    word, now = request.form.get("word"), utcnow()
    with writing() as session:
        match word:
            case "admit":
                mentors.admit(session, me(), mentor_id, now)
            case "refuse":
                mentors.refuse(session, me(), mentor_id, request.form.get("reason", ""), now)
            case "pause" | "resume":
                mentors.set_pause(session, me(), mentor_id, now, paused=word == "pause")
            case "leave":
                mentors.leave(session, me(), mentor_id, now)
            case _:
                raise NotValid("word")
    return see_other(url_for("coordinator.mentor", mentor_id=mentor_id))


@blueprint.get("/invitations")
@allow(*STAFF)
def invite() -> str:
    """Show the invitations that work, and offer to make one."""
    return _invitations(None)


@blueprint.post("/invitations")
@allow(*STAFF)
def make_invitation() -> str:
    """Make an invitation and show its code, on this page only.

    The answer to the form is the page itself: a code must not travel in an address.
    """
    with writing() as session:
        _row, code = invitations.invite(
            session,
            me(),
            utcnow(),
            uses=request.form.get("uses", 0, type=int),
            days=request.form.get("days", 0, type=int),
        )
    return _invitations(code)


def _invitations(code: str | None) -> str:
    with reading() as session:
        rows = people.invitations_of(session, me(), utcnow())
        names = people.names_of(session, me(), [row.user_id for row in rows])
    return render_template(
        "coordinator/invitations.html",
        rows=rows,
        names=names,
        code=code,
        public_url=services().settings.public_url,
        uses=USES,
        days=DAYS,
    )


@blueprint.post("/invitations/<invitation_id>/end")
@allow(*STAFF)
def end_invitation(invitation_id: str) -> Response:
    """End an invitation."""
    with writing() as session:
        invitations.take_back(session, me(), invitation_id, utcnow())
    return see_other(url_for("coordinator.invite"))


@blueprint.get("/learners-with-mentors/<mentee_id>")
@allow(*STAFF)
def mentee(mentee_id: str) -> str:
    """Show one mentee: what was asked for, what they show, who said yes, the pairs."""
    return _mentee(mentee_id)


def _mentee(mentee_id: str, error: Any = None) -> str:  # noqa: ANN401
    now, actor = utcnow(), me()
    with reading() as session:
        row = session.get(Mentee, (actor.tenant_id, mentee_id))
        if row is None:
            raise NotYours("mentee")
        found = people.pairs_with(session, actor, mentee_id)
        names = people.names_of(session, actor, [mentee_id, *(pair.mentor_id for pair in found)])
        page = {
            "row": row,
            "pairs": found,
            "names": names,
            "name": names[mentee_id],
            "consents": people.consents_of(session, actor, mentee_id),
            "missing": consent.missing_consents(session, row, now),
            "shown": shared_with(session, actor.tenant_id, mentee_id, "coordinator"),
        }
    text = consent.newest_text(str(flask_babel.get_locale() or "en"))
    return render_template(
        "coordinator/mentee.html",
        text=text,
        live=any(pair.state in LIVE for pair in found),
        may={verb for verb in MENTEE.moves if MENTEE.allows(row.state, verb)},
        own=mentee_id == actor.user_id,
        error=error,
        typed=request.form,
        **page,
    )


@blueprint.post("/learners-with-mentors/<mentee_id>/guardian")
@allow(*STAFF)
def note_guardian(mentee_id: str) -> Any:  # noqa: ANN401 - a page with a status, or a redirect
    """Note that a parent or guardian signed."""
    try:
        with writing(values=False) as session:
            consent.note_guardian(
                session,
                me(),
                mentee_id,
                request.form.get("paper", ""),
                request.form.get("version", 0, type=int),
                str(flask_babel.get_locale() or "en"),
                utcnow(),
            )
    except NotValid as wrong:
        return _mentee(mentee_id, mend_of(wrong.code)), 400
    return see_other(url_for("coordinator.mentee", mentee_id=mentee_id))


@blueprint.post("/learners-with-mentors/<mentee_id>/guardian/end")
@allow(*STAFF)
def end_guardian(mentee_id: str) -> Response:
    """Note that a parent or guardian took the yes back; contact stops at once."""
    with writing() as session:
        consent.end_guardian(session, me(), mentee_id, utcnow())
    return see_other(url_for("coordinator.mentee", mentee_id=mentee_id))


@blueprint.post("/learners-with-mentors/<mentee_id>/decide")
@allow(*STAFF)
def decide_mentee(mentee_id: str) -> Response:
    """Pause or go on, or end it, for somebody who asked for that."""
    word, now, actor = request.form.get("word"), utcnow(), me()
    with writing() as session:
        match word:
            case "pause" | "resume":
                mentees.set_pause(session, actor, mentee_id, now, paused=word == "pause")
            case "leave":
                mentees.leave(session, Actor(actor.tenant_id, actor.user_id), mentee_id, now)
            case _:
                raise NotValid("word")
    return see_other(url_for("coordinator.mentee", mentee_id=mentee_id))
