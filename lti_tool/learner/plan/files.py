"""A plan as files to keep: plain text, a page, a calendar (RFC 5545), and Europass XML.

The Europass file follows the published "Europass2 CV XML Schema Documentation" 3.0.0 (European
Commission, 2020; HR Open vocabulary): a Candidate whose profile has one free section a goal. That
format is open; the older SkillsPassport is no longer taken by Europass. The file has no name and
no address: whoever loads it into a profile of their own adds it there, or has it there already.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import escape
from xml.etree import ElementTree as ET

from flask_babel import gettext as _

from lti_tool.learner.plan.operations import GoalView, Plan, Step
from lti_tool.learner.plan.words import helper_name
from lti_tool.mentoring.moments import day_words

_LINE = 75
"""Octets of a line of a calendar before it is folded (RFC 5545, 3.1)."""
_EUROPASS = "http://www.europass.eu/1.0"
_HR = "http://www.hr-xml.org/3"
_OA = "http://www.openapplications.org/oagis/9"
_SPACES = {"": _EUROPASS, "hr": _HR, "oa": _OA}


def full_day(day: date) -> str:
    """Return a day with its year, such as "Tue, 3 Mar 2027"."""
    # Translators: a day such as "Tue, Mar 3", then the year.
    return str(_("%(day)s %(year)s", day=day_words(day), year=day.year))


def facts_of(step: Step) -> list[str]:
    """Return what is said beside a step: the day and who helps."""
    facts = []
    if step.due:
        facts.append(_("By %(day)s", day=full_day(step.due)))
    helper = helper_name(step.helper, step.helper_words)
    if helper:
        facts.append(_("Help: %(who)s", who=helper))
    return facts


def goal_words(goal: GoalView) -> str:
    """Return a goal as a heading."""
    if goal.done:
        return str(_("%(goal)s (reached)", goal=goal.title))
    return goal.title


def as_text(plan: Plan, today: date) -> str:
    """Return the plan as plain text that every phone opens."""
    lines = [_("My plan"), full_day(today)]
    for goal in plan.goals:
        lines += ["", goal_words(goal), "-" * min(60, len(goal.title))]
        for step in goal.steps:
            lines.append(f"[{'x' if step.done else ' '}] {step.words}")
            lines += [f"    {fact}" for fact in facts_of(step)]
    return "\r\n".join(lines) + "\r\n"


def as_calendar(plan: Plan, host: str, now: datetime) -> str:
    """Return the open steps with a day as whole days of a calendar, each with a reminder.

    The same step has the same UID and a rising SEQUENCE, so a calendar replaces what it had.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Back on Track//My plan//EN",
        "METHOD:PUBLISH",
        *(line for step in plan.dated for line in _event(step, host, now)),
        "END:VCALENDAR",
    ]
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def as_europass(plan: Plan, plan_id: str, language: str) -> bytes:
    """Return the plan as a Europass Candidate; a language of ISO 639-1.

    `plan_id` makes the same document identifier each time.
    """
    for prefix, uri in _SPACES.items():
        ET.register_namespace(prefix, uri)
    document = str(uuid.uuid5(uuid.NAMESPACE_URL, f"backontrack:plan:{plan_id}"))
    root = ET.Element(_name("Candidate"))
    _scheme(root, "hr:DocumentID", document, "DocumentIdentifier", "4.0")
    supplier = ET.SubElement(root, _name("CandidateSupplier"))
    _scheme(supplier, "hr:PartyID", document, "PartyID", "1.0")
    _add(supplier, "hr:PartyName", "Owner")
    _person(ET.SubElement(supplier, _name("PersonContact")))
    _add(supplier, "hr:PrecedenceCode", "1")
    _person(ET.SubElement(root, _name("CandidatePerson")))
    profile = ET.SubElement(root, _name("CandidateProfile"), languageCode=language)
    _scheme(profile, "hr:ID", document, "CandidateProfileID", "1.0")
    for goal in plan.goals:
        # One section a goal: of several entries in one section Europass takes the last only.
        section = ET.SubElement(profile, _name("Others"))
        _add(section, "Title", _("My plan"))
        entry = ET.SubElement(section, _name("Other"))
        _add(entry, "Title", goal_words(goal))
        _add(entry, "Description", _steps_html(goal))
    found: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _event(step: Step, host: str, now: datetime) -> Iterator[str]:
    day = step.due or now.date()
    summary = _text(step.words)
    yield "BEGIN:VEVENT"
    yield f"UID:{step.id}@{host}"
    yield f"SEQUENCE:{step.version}"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{summary}"
    helper = helper_name(step.helper, step.helper_words)
    if helper:
        yield f"DESCRIPTION:{_text(_('Help: %(who)s', who=helper))}"
    yield "TRANSP:TRANSPARENT"
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{summary}"
    yield "TRIGGER:PT9H"
    yield "END:VALARM"
    yield "END:VEVENT"


def _text(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def _fold(line: str) -> str:
    """Break a line into pieces of at most 75 octets, never inside a letter."""
    pieces, piece, size = [], "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > _LINE:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + sign, size + octets
    return "\r\n".join([*pieces, piece])


def _steps_html(goal: GoalView) -> str:
    """Return the steps as the little HTML that descriptions of Europass hold."""
    lines = []
    for step in goal.steps:
        facts = facts_of(step)
        words = _("%(step)s (done)", step=step.words) if step.done else step.words
        lines.append(f"<li>{escape('; '.join([words, *facts]))}</li>")
    return f"<ul>{''.join(lines)}</ul>" if lines else ""


def _name(tag: str) -> str:
    prefix, _colon, local = tag.rpartition(":")
    return f"{{{_SPACES[prefix]}}}{local}"


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, _name(tag)).text = text


def _scheme(parent: ET.Element, tag: str, value: str, name: str, version: str) -> None:
    ET.SubElement(
        parent, _name(tag), schemeID=value, schemeName=name, schemeAgencyName="EUROPASS",
        schemeVersionID=version,
    )  # fmt: skip


def _person(parent: ET.Element) -> None:
    name = ET.SubElement(parent, _name("PersonName"))
    _add(name, "oa:GivenName", "")
    _add(name, "hr:FamilyName", "")
