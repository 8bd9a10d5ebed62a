"""What the two agree on and plan: the agreement, goals, meetings and how they were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Response as FlaskResponse
from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from config.clock import utcnow
from lti_tool.learner.mentoring import note_progress
from lti_tool.mentoring import agreement as terms
from lti_tool.mentoring import meetings as plans
from lti_tool.mentoring import words as common
from lti_tool.mentoring.calendar import calendar_file
from lti_tool.mentoring.codes import RULES_VERSION
from lti_tool.mentoring.errors import NotValid, NotYours
from lti_tool.mentoring.mentees import find_mentee
from lti_tool.mentoring.models import Meeting
from lti_tool.mentoring.moments import day_words, moment_words, zone_words
from lti_tool.mentoring.replies import mend_of, refusals
from lti_tool.pair.room import VISITORS, accepted, blueprint, find_here, me, settle
from lti_tool.pair.words import MEETING_STATES
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.replies import see_other

Form = MultiDict[str, str]
MONTHS = (3, 6, 9, 12)
NEXT = {"": _l("We have not said yet"), "7": _l("In a week"), "14": _l("In two weeks"),
        "30": _l("In a month")}  # fmt: skip
_MOST = 20
_PAGE = 6
"""Meetings of the past on the page."""


@blueprint.get("/<pair_id>/agreement")
@allow(*VISITORS)
def agreement(pair_id: str) -> str:
    """Show what the two agreed on, what is proposed, and the form for a proposal."""
    return _agreement(pair_id)


@blueprint.post("/<pair_id>/agreement")
@allow(*VISITORS)
def propose(pair_id: str) -> Response | tuple[str, int]:
    """Propose an agreement; who proposes accepts by it."""
    now = utcnow()
    try:
        with refusals(values=False), services().database.write() as session:
            here = find_here(session, me(), pair_id, now)
            first = _day(request.form.get("starts_on", ""), "dates")
            found = terms.Terms(
                scope=request.form.getlist("scope")[:_MOST],
                starts_on=first,
                ends_on=_after(first, _number("months", MONTHS, "dates")),
                meetings_a_month=_number("meetings", range(1, 9), "meetings"),
                rules_version=_number("rules", (RULES_VERSION,), "rules"),
            )
            terms.propose_terms(session, me(), here.pair.id, found, now)
            settle(session, now, "agreed", "terms")
    except NotValid as error:
        return _agreement(pair_id, request.form, error.code), 400
    return see_other(url_for("pair.agreement", pair_id=pair_id))


@blueprint.post("/<pair_id>/agreement/<agreement_id>/accept")
@allow(*VISITORS)
def accept(pair_id: str, agreement_id: str) -> Response:
    """Accept the newest proposal."""
    with refusals(), services().database.write() as session:
        terms.accept_terms(session, me(), pair_id, agreement_id, utcnow())
        settle(session, utcnow(), "agreed", "terms")
    return see_other(url_for("pair.show", pair_id=pair_id))


@blueprint.get("/<pair_id>/meetings")
@allow(*VISITORS)
def meetings(pair_id: str) -> str:
    """Show meetings that wait for an answer, that are planned, and that were."""
    now = utcnow()
    with refusals(), services().database.read() as session:
        here = find_here(session, me(), pair_id, now)
        waiting = plans.waiting_meetings(session, here.pair, now)
        ahead = {one.id for one in waiting}
        past = [one for one in plans.meetings_of(session, me(), pair_id) if one.id not in ahead]
        logs = plans.logs_of(session, me(), pair_id)
    return render_template(
        "pair/meetings.html",
        here=here,
        waiting=waiting,
        past=past[:_PAGE],
        logs=logs[:_PAGE],
        logged={row.meeting_id for row in logs},
        now=now,
        saved=request.args.get("saved") == "1",
        words=common,
        states=MEETING_STATES,
        options=_options,
        moment_words=moment_words,
        day_words=day_words,
        zone_words=zone_words,
    )


@blueprint.get("/<pair_id>/meetings/new")
@allow(*VISITORS)
def plan(pair_id: str) -> str:
    """Ask for times that suit; those that both named come first."""
    return _plan(pair_id)


@blueprint.post("/<pair_id>/meetings/new")
@allow(*VISITORS)
def propose_times(pair_id: str) -> Response | tuple[str, int]:
    """Propose one to three times."""
    now = utcnow()
    try:
        with refusals(values=False), services().database.write() as session:
            here = find_here(session, me(), pair_id, now)
            plans.propose_meeting(
                session,
                me(),
                pair_id,
                _starts(request.form, here.zone),
                _number("minutes", plans.MINUTES, "minutes"),
                request.form.get("way", ""),
                request.form.get("topic", ""),
                now,
            )
    except NotValid as error:
        return _plan(pair_id, request.form, error.code), 400
    return see_other(url_for("pair.meetings", pair_id=pair_id))


@blueprint.post("/<pair_id>/meetings/<meeting_id>/confirm")
@allow(*VISITORS)
def confirm(pair_id: str, meeting_id: str) -> Response:
    """Take one of the proposed times."""
    with refusals(), services().database.write() as session:
        option = _number("option", range(plans.MOST_OPTIONS), "option")
        plans.confirm_meeting(session, me(), pair_id, meeting_id, option, utcnow())
        settle(session, utcnow(), "meeting", "meeting_set", "remind_meeting")
    return see_other(url_for("pair.meetings", pair_id=pair_id))


@blueprint.post("/<pair_id>/meetings/<meeting_id>/turn-down")
@allow(*VISITORS)
def turn_down(pair_id: str, meeting_id: str) -> Response:
    """Say that none of the times fits; other ones may be proposed at once."""
    with refusals(), services().database.write() as session:
        plans.turn_down_meeting(session, me(), pair_id, meeting_id, utcnow())
        settle(session, utcnow(), "meeting", "remind_meeting")
    return see_other(url_for("pair.plan", pair_id=pair_id))


@blueprint.post("/<pair_id>/meetings/<meeting_id>/call-off")
@allow(*VISITORS)
def call_off(pair_id: str, meeting_id: str) -> Response:
    """Call a meeting off."""
    with refusals(), services().database.write() as session:
        plans.call_off_meeting(session, me(), pair_id, meeting_id, utcnow())
        settle(session, utcnow(), "meeting_off")
    return see_other(url_for("pair.meetings", pair_id=pair_id))


@blueprint.get("/<pair_id>/meetings/<meeting_id>.ics")
@allow(*VISITORS)
def calendar(pair_id: str, meeting_id: str) -> FlaskResponse:
    """Give a planned meeting as a calendar file; it names nobody."""
    host = services().settings.public_url.split("://")[-1].split("/")[0].split(":")[0]
    with refusals(), services().database.read() as session:
        found = [one for one in plans.meetings_of(session, me(), pair_id) if one.id == meeting_id]
        find_here(session, me(), pair_id, utcnow())
        if not found or found[0].starts_at is None:
            raise NotYours("meeting")
        text = calendar_file(found[0], _("Mentoring"), host, utcnow())
    return FlaskResponse(
        text,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": "attachment; filename=meeting.ics"},
    )


@blueprint.get("/<pair_id>/log")
@allow(*VISITORS)
def log(pair_id: str) -> str:
    """Ask how a meeting was: five taps."""
    return _log(pair_id, request.args.get("meeting"))


@blueprint.post("/<pair_id>/log")
@allow(*VISITORS)
def write_log(pair_id: str) -> Response | tuple[str, int]:
    """Keep how a meeting was."""
    now, form = utcnow(), request.form
    meeting_id = form.get("meeting") or None
    try:
        with refusals(values=False), services().database.write() as session:
            entry = _entry(form, find_here(session, me(), pair_id, now).zone, now)
            plans.log_meeting(session, me(), pair_id, entry, now, meeting_id)
            note_progress(session, current_launch(), now)
    except NotValid as error:
        return _log(pair_id, meeting_id, form, error.code), 400
    return see_other(url_for("pair.meetings", pair_id=pair_id, saved=1))


def _agreement(pair_id: str, form: Form | None = None, error: str | None = None) -> str:
    now = utcnow()
    with refusals(), services().database.read() as session:
        here = find_here(session, me(), pair_id, now)
        in_force = terms.terms_in_force(session, here.pair)
        newest = terms.newest_terms(session, here.pair)
        mentee = find_mentee(session, me()) if here.side == "mentee" else None
    if form is None:
        scope = newest.scope if newest else (mentee.help[: terms.MOST_SCOPE] if mentee else [])
        today = now.astimezone(here.zone).date().isoformat()
        form = MultiDict({"months": "6", "meetings": "2", "starts_on": today})
        form.setlist("scope", scope)
    waiting = newest if newest and not (in_force and newest.id == in_force.id) else None
    return render_template(
        "pair/agreement.html",
        here=here,
        in_force=in_force,
        waiting=waiting,
        mine=bool(waiting and accepted(waiting, here.side)),
        may=here.pair.state == "preparing" or here.talking,
        values=form,
        error=mend_of(error) if error else None,
        words=common,
        months=MONTHS,
        rules=common.RULES,
        rules_version=RULES_VERSION,
        day_words=day_words,
    )


def _plan(pair_id: str, form: Form | None = None, error: str | None = None) -> str:
    now = utcnow()
    with refusals(), services().database.read() as session:
        here = find_here(session, me(), pair_id, now)
        found = plans.suggest_times(session, me(), pair_id, now)
        first = not plans.logs_of(session, me(), pair_id)
    other = here.other
    way = "near" if other and other.near and not other.online else "online"
    if form is None:
        topic = "first_talk" if first else "how_it_goes"
        form = MultiDict({"minutes": "45", "way": way, "topic": topic})
    today = now.astimezone(here.zone).date()
    return render_template(
        "pair/plan.html",
        here=here,
        times=[(start.isoformat(), moment_words(start, here.zone)) for start in found],
        values=form,
        error=mend_of(error) if error else None,
        words=common,
        minutes=plans.MINUTES,
        today=today.isoformat(),
        last=(today + plans.FARTHEST).isoformat(),
        clock=[f"{hour:02}:{half:02}" for hour in range(7, 22) for half in (0, 30)],
        zone_words=zone_words,
    )


def _log(
    pair_id: str, meeting_id: str | None, form: Form | None = None, error: str | None = None
) -> str:
    now = utcnow()
    with refusals(), services().database.read() as session:
        here = find_here(session, me(), pair_id, now)
        meeting = _meeting(plans.meetings_of(session, me(), pair_id), meeting_id)
        in_force = terms.terms_in_force(session, here.pair)
    today = now.astimezone(here.zone).date()
    if form is None:
        day = (
            meeting.starts_at.astimezone(here.zone).date()
            if meeting and meeting.starts_at
            else today
        )
        minutes = str(meeting.minutes) if meeting else ""
        form = MultiDict({"happened": "yes", "happened_on": min(day, today).isoformat(),
                          "minutes": minutes, "next": "14"})  # fmt: skip
        form.setlist("topic", [meeting.topic] if meeting else [])
    likely = [*(in_force.scope if in_force else []), "first_talk", "goals", "how_it_goes"]
    likely += [
        code for code in form.getlist("topic") if code in common.TOPICS and code not in likely
    ]
    return render_template(
        "pair/log.html",
        here=here,
        meeting=meeting,
        when=moment_words(meeting.starts_at, here.zone) if meeting and meeting.starts_at else None,
        values=form,
        error=mend_of(error) if error else None,
        words=common,
        likely=likely,
        minutes=plans.MINUTES,
        following=NEXT,
        today=today.isoformat(),
    )


def _entry(form: Form, zone: ZoneInfo, now: datetime) -> plans.LogEntry:
    ahead, today = form.get("next", ""), now.astimezone(zone).date()
    if ahead not in NEXT or form.get("happened") not in {"yes", "no"}:
        raise NotValid("answers")
    day = _day(form.get("happened_on", ""), "happened_on", today)
    if day > today:
        raise NotValid("happened_on")
    minutes, feeling = form.get("minutes"), form.get("feeling")
    return plans.LogEntry(
        happened=form["happened"] == "yes",
        happened_on=min(day, now.date()),
        minutes=_number("minutes", plans.MINUTES, "minutes") if minutes else None,
        topics=form.getlist("topic")[:_MOST],
        feeling=_number("feeling", range(1, 6), "feeling") if feeling else None,
        next_on=now.date() + timedelta(days=int(ahead)) if ahead else None,
    )


def _meeting(found: Sequence[Meeting], meeting_id: str | None) -> Meeting | None:
    if not meeting_id:
        return None
    for one in found:
        if one.id == meeting_id:
            return one
    raise NotYours("meeting")


def _options(meeting: Meeting, zone: ZoneInfo) -> list[str]:
    return [moment_words(datetime.fromisoformat(start), zone) for start in meeting.options]


def _starts(form: Form, zone: ZoneInfo) -> list[datetime]:
    """Return the times that were ticked, and the one that was typed."""
    found = []
    for text in form.getlist("start")[:_MOST]:
        try:
            start = datetime.fromisoformat(text)
        except ValueError:
            raise NotValid("times") from None
        if start.tzinfo is None:
            raise NotValid("times")
        found.append(start.astimezone(UTC))
    if form.get("own_day"):
        try:
            clock = time.fromisoformat(form.get("own_time", ""))
        except ValueError:
            raise NotValid("times") from None
        day = _day(form["own_day"], "times")
        found.append(datetime.combine(day, clock.replace(tzinfo=None), zone).astimezone(UTC))
    return found


def _day(text: str, name: str, default: date | None = None) -> date:
    if not text and default is not None:
        return default
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotValid(name) from None
    if not 2000 <= day.year <= 2100:
        raise NotValid(name)
    return day


def _number(field: str, offered: Sequence[int], name: str) -> int:
    text = request.form.get(field, "")
    if text not in {str(one) for one in offered}:
        raise NotValid(name)
    return int(text)


def _after(day: date, months: int) -> date:
    """Return the same day some months later; the 28th where the month may not have it."""
    index = day.month - 1 + months
    return date(day.year + index // 12, index % 12 + 1, min(day.day, 28))
