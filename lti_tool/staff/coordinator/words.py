"""What the desk says: words for states, exceptions, reasons of a match, and what is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import flask_babel
from babel.lists import format_list
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from lti_tool.mentoring.moments import moment_words
from lti_tool.mentoring.replies import NOT_ALLOWED
from lti_tool.mentoring.words import (
    BACKGROUND,
    BARRIERS,
    FIELDS,
    GENDERS,
    HELP,
    language_name,
    slot_name,
)

EXCEPTIONS = {
    "report": (_l("Open reports of harm"), _l("Named people read them. Ask them if one waits.")),
    "held": (_l("Held messages"), _l("Read each one. Then let it through or keep it back.")),
    "screening": (
        _l("Checks of mentors to do"),
        _l("They wait for 30 days or more, or a check has run out."),
    ),
    "silent": (_l("No contact for 14 days"), _l("Ask both how it goes. Start with a short call.")),
    "measure": (_l("They do not feel at ease"), _l("One of them gave low marks. Talk to both.")),
    "unanswered": (
        _l("No answer for 7 days"),
        _l("An offer or a meeting waits for an answer."),
    ),
    "wants_talk": (_l("Somebody wants to talk to you"), _l("Call or write to them soon.")),
}
NOTICES = {
    "application": _l("Somebody applied as a mentor."),
    "held": _l("A message waits for you."),
    "wants_talk": _l("Somebody wants to talk to you."),
    "border_asked": _l("Another organisation asks to work with you."),
    "report": _l("There is a report to read."),
    "report_late": _l("A report is still not in hand."),
}
PAIR_STATES = {
    "offered": _l("Offer waits for answers"),
    "preparing": _l("Writing the agreement"),
    "active": _l("Under way"),
    "suspended": _l("On hold"),
    "closing": _l("Saying goodbye"),
    "closed": _l("Ended"),
    "declined": _l("One said no"),
    "lapsed": _l("Not answered in time"),
    "withdrawn": _l("Offer taken back"),
}
MENTOR_STATES = {
    "applied": _l("Has applied"),
    "draft": _l("Is writing the application"),
    "active": _l("Admitted"),
    "paused": _l("Takes a break"),
    "refused": _l("Refused"),
    "left": _l("Has stopped"),
}
MENTEE_STATES = {
    "waiting": _l("Takes part"),
    "draft": _l("Is filling in the questions"),
    "paused": _l("Waits with a new mentor"),
    "left": _l("Has stopped"),
}
CHECKS = {
    "identity": _l("Identity"),
    "references": _l("References"),
    "record": _l("Criminal record"),
}
CHECK_STATES = {
    "passed": _l("In order"),
    "failed": _l("Not in order"),
    "waiting": _l("Still open"),
    "expired": _l("Has run out"),
}
REFUSE_REASONS = {
    "checks": _l("A check was not in order"),
    "fit": _l("It does not fit the programme"),
    "places": _l("There are enough mentors"),
    "own_wish": _l("The person wishes so"),
    "other": _l("Another reason"),
}
FACTORS = {
    "fields": _l("Interests and kinds of work"),
    "help": _l("The help that is wanted"),
    "times": _l("Times that both have"),
    "nearness": _l("How near they live"),
    "wish": _l("Wishes of the learner"),
    "background": _l("A life that is alike"),
}
RULES = {
    "screening": _l("The checks of the mentors are not done."),
    "training": _l("The mentors have not finished the training."),
    "paused": _l("The mentors take a break."),
    "no_places": _l("No mentor has a free place."),
    "places": _l("All mentors who fit are full, or there is none yet."),
    "forbidden": _l("These pairs are forbidden, or ended before."),
    "border": _l("The mentors are of an organisation without an agreement."),
    "veto": _l("One of them does not want the other."),
    "household": _l("They may live in the same home."),
    "employer": _l("They have the same employer."),
    "gender": _l("No mentor has the gender that was asked for."),
    "age": _l("No mentor has the age that was asked for."),
    "meeting": _l("No mentor is near enough, or meets in the same way."),
    "times": _l("No mentor has time at the same hours."),
    "several": _l("Several things together stand in the way."),
    "consent": _l("The learner has not said yes to the text about mentoring."),
    "guardian": _l("The yes of a parent or guardian is missing."),
}
ATTRIBUTES = {"language": _l("Language"), "gender": _l("Gender"), "age": _l("Age")}
AGES = {"under_20": _l("Under 20"), "20_24": _l("20 to 24"), "25_up": _l("25 and over")}
RUN_STATES = {
    "draft": _l("A try. Nobody has heard of it."),
    "published": _l("Published"),
    "discarded": _l("Dropped"),
}
RULINGS = {"lock": _l("Locked together"), "forbid": _l("Forbidden")}
FINDINGS = {
    "email": _l("an e-mail address"),
    "link": _l("a link"),
    "handle": _l("a name on another service"),
    "phone": _l("a telephone number"),
    "elsewhere": _l("writing in another place"),
    "self_harm": _l("words about hurting oneself"),
    "threat": _l("a threat"),
    "sexual": _l("words about sex"),
    "secrecy": _l("a secret to keep"),
    "money": _l("words about money"),
}
BLOCK_REASONS = {
    "contact": _l("It has contact details"),
    "harm": _l("It may hurt somebody"),
    "other": _l("Another reason"),
}
DUTIES = {
    "coordinator": _l("Coordinates the mentoring"),
    "safeguarding": _l("Reads reports of harm"),
}
BORDER_STATES = {
    "asked": _l("Asked, not answered yet"),
    "open": _l("Open"),
    "ended": _l("Ended"),
}
REPORT_STATES = {
    "open": _l("Nobody has it in hand"),
    "in_hand": _l("In hand"),
    "closed": _l("Closed"),
}
DANGERS = {"safety_risk": _l("Somebody is in danger"), "urgent_need": _l("Needs help soon")}
STEPS = {
    "called": _l("I made a call"),
    "spoke_mentee": _l("I spoke with the learner"),
    "spoke_mentor": _l("I spoke with the mentor"),
    "guardian": _l("I spoke with a parent or guardian"),
    "authority": _l("I told the police or an office"),
    "advice": _l("I asked for advice"),
    "note": _l("A note"),
    "read": _l("Read the report"),
}
OUTCOMES = {
    "no_risk": _l("There is no danger. The pair goes on."),
    "helped": _l("Help was given. The pair goes on."),
    "passed_on": _l("Another office has taken over. The pair goes on."),
    "ended": _l("The pair ends."),
}
AGAIN = {"yes": _l("Wants a new match"), "later": _l("Maybe later"), "no": _l("Stops")}
EVENTS = {
    "offer": _l("Offered"),
    "mentee_yes": _l("The learner said yes"),
    "mentee_no": _l("The learner said no"),
    "mentor_yes": _l("The mentor said yes"),
    "mentor_no": _l("The mentor said no"),
    "agree": _l("Both said yes"),
    "decline": _l("The offer did not become a pair"),
    "lapse": _l("Nobody answered in time"),
    "withdraw": _l("The offer was taken back"),
    "propose_terms": _l("An agreement was proposed"),
    "accept_terms": _l("The agreement was accepted"),
    "start": _l("They may write and meet now"),
    "goals": _l("Goals were chosen"),
    "log": _l("A meeting was written down"),
    "checkin": _l("Both were asked how it goes"),
    "checkin_answer": _l("Somebody answered how it goes"),
    "suspend": _l("Put on hold"),
    "resume_preparing": _l("Goes on"),
    "resume_active": _l("Goes on"),
    "resume_closing": _l("Goes on"),
    "begin_goodbye": _l("The goodbye began"),
    "close": _l("Ended"),
    "purge": _l("The messages were deleted"),
}
"""What happened to a pair, by the verbs of its log."""


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment in the organisation's time."""
    return moment_words(at, zone)


def joined(parts: Iterable[str]) -> str:
    """Return words as a list of the page's language."""
    return format_list([str(part) for part in parts], locale=flask_babel.get_locale() or "en")


def findings(codes: Iterable[str]) -> str:
    """Return what was found in a message."""
    return joined(FINDINGS[code] for code in codes)


def match_reasons(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what two people have in common, as sentences for the coordinator."""
    found = []
    for reason in reasons:
        values = reason.get("values", {})
        match reason["code"]:
            case "language":
                spoken = joined(language_name(code) for code in values["languages"])
                found.append(_("Both speak: %(languages)s.", languages=spoken))
            case "times":
                times = joined(slot_name(slot) for slot in values["slots"][:3])
                found.append(_("Both have time: %(times)s.", times=times))
            case "in_writing":
                found.append(_("Both like to write."))
            case "near":
                found.append(_("They live %(km)s km apart.", km=values["km"]))
            case "online":
                found.append(_("Both can meet online."))
            case "fields" | "help" | "background" as kind:
                found.append(_shared(kind, values[kind]))
            case "wish":
                found.append(_("The learner's wish number %(rank)s.", rank=values["rank"]))
    return found


def _shared(kind: str, codes: Iterable[str]) -> str:
    if kind == "fields":
        return str(_("Both like: %(fields)s.", fields=joined(FIELDS[code] for code in codes)))
    if kind == "help":
        return str(_("The help fits: %(help)s.", help=joined(HELP[code] for code in codes)))
    alike = joined(BACKGROUND[code] for code in codes)
    return str(_("Alike in life: %(background)s.", background=alike))


def why_not(found: Mapping[str, Any]) -> str:
    """Return why the second best mentor was not suggested."""
    values = found["values"]
    match found["code"]:
        case "weaker":
            return str(_("Fits less well in: %(factor)s.", factor=FACTORS[values["factor"]]))
        case "places_taken":
            return str(_("Would fit better, but others need the places more."))
        case "keep_pair":
            return str(_("Would fit a little better, but a pair that stands is kept."))
        case _:
            return str(_("Fits equally well."))


def why_nobody(why: Mapping[str, Any]) -> str:
    """Return why a learner was left without a mentor."""
    kind = str(why.get("values", {}).get("kind", ""))
    if why["rule"] == "language":
        return str(_("No mentor speaks %(language)s well enough.", language=language_name(kind)))
    if why["rule"] == "gender" and kind:
        wanted = joined(GENDERS[code] for code in kind.split(",") if code in GENDERS)
        return str(_("No mentor has the gender that was asked for: %(genders)s.", genders=wanted))
    return str(RULES.get(why["rule"], RULES["several"]))


def need(found: Mapping[str, Any]) -> str:
    """Return what would help some learners without a mentor: "find four"."""
    why = why_nobody({"rule": found["rule"], "values": {"kind": found["kind"]}})
    if found["rule"] in {"language", "gender", "age", "meeting", "times", "places", "no_places"}:
        find = ngettext("Find %(num)s more mentor.", "Find %(num)s more mentors.", found["mentors"])
    else:
        find = _("Look at each of them.")
    # Translators: why some learners have no mentor, then what to do about it: two sentences.
    return str(_("%(why)s %(find)s", why=why, find=find))


def skipped(code: str) -> str:
    """Return why a pair of a run could not be offered when it was published."""
    return str(NOT_ALLOWED[code][0] if code in NOT_ALLOWED else BARRIERS.get(code, code))


def group_name(attribute: str, group: str) -> str:
    """Return the name of a group in the fairness table."""
    if attribute == "language":
        return language_name(group)
    names: Mapping[str, Any] = GENDERS if attribute == "gender" else AGES
    return str(names.get(group, group))


def percent(value: float) -> str:
    """Return a share as whole percent."""
    return str(flask_babel.format_percent(value, "#,##0 %"))


def small(count: int, smallest: int) -> str:
    """Return a count of people; one that is small enough to point at somebody is hidden."""
    return str(count if count == 0 or count >= smallest else _("fewer than %(num)s", num=smallest))
