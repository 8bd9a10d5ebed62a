"""Which functions we use, for what, and which capability each needs.

The service and the roles that we hand out hold exactly these. Capabilities were found on Moodle
4.5.6 by trying each call with an account that had nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from moodle_sync.calls import (
    batch,
    competencies,
    completion,
    contact,
    courses,
    grades,
    groups,
    lti,
    people,
    reports,
    site,
)

Purpose = Literal[
    "read", "bulk", "enrol", "groups", "calendar", "messages", "notes", "completion", "plans"
]
READING: tuple[Purpose, ...] = ("read", "bulk")
WRITING: tuple[Purpose, ...] = (
    "enrol", "groups", "calendar", "messages", "notes", "completion", "plans",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Need:
    """A function, what it is for, and the capabilities without which it refuses or hides."""

    function: str
    purpose: Purpose
    capabilities: tuple[str, ...]
    why: str


NEEDS = (
    Need(site.SITE_INFO, "read", (), "asks who we are"),
    Need(
        courses.BY_FIELD,
        "read",
        ("moodle/course:view", "moodle/course:viewhiddencourses"),
        "lists the courses",
    ),
    Need(
        courses.CONTENTS,
        "read",
        ("moodle/course:viewhiddenactivities", "moodle/course:ignoreavailabilityrestrictions"),
        "lists the activities of a course",
    ),
    Need(
        people.ROSTER,
        "read",
        (
            "moodle/course:viewparticipants",
            "moodle/user:viewdetails",
            "moodle/course:enrolreview",
            "moodle/course:viewsuspendedusers",
            "moodle/course:viewhiddenuserfields",
            "moodle/site:accessallgroups",
        ),
        "lists who is in a course",
    ),
    Need(
        people.USERS_COURSES,
        "read",
        ("report/completion:view",),
        "reads a person's progress and course completion",
    ),
    Need(
        completion.ACTIVITIES,
        "read",
        ("report/progress:view",),
        "reads what a person has finished",
    ),
    Need(
        grades.ITEMS,
        "read",
        ("gradereport/user:view", "moodle/grade:viewall", "moodle/grade:viewhidden"),
        "reads a person's grades",
    ),
    Need(lti.BY_COURSES, "read", ("mod/lti:view",), "joins LTI placements with activities"),
    Need(batch.BATCH, "bulk", (), "asks several questions in one request"),
    Need(reports.LIST, "bulk", ("moodle/reportbuilder:view",), "finds the report"),
    Need(reports.RETRIEVE, "bulk", ("moodle/reportbuilder:view",), "reads the report"),
    Need(reports.SET_FILTERS, "bulk", ("moodle/reportbuilder:view",), "asks for news only"),
    Need(people.ENROL, "enrol", ("enrol/manual:enrol", "moodle/role:assign"), "enrols learners"),
    Need(groups.COURSE_GROUPS, "groups", ("moodle/course:managegroups",), "finds our groups"),
    Need(groups.MEMBERS, "groups", ("moodle/course:managegroups",), "reads back group members"),
    Need(groups.CREATE, "groups", ("moodle/course:managegroups",), "makes a group per mentor"),
    Need(groups.ADD, "groups", ("moodle/course:managegroups",), "puts mentees into the group"),
    Need(groups.REMOVE, "groups", ("moodle/course:managegroups",), "takes mentees out again"),
    Need(
        contact.EVENTS,
        "calendar",
        ("moodle/calendar:managegroupentries",),
        "reads back meetings",
    ),
    Need(
        contact.CREATE_EVENTS,
        "calendar",
        ("moodle/calendar:managegroupentries", "moodle/calendar:manageentries"),
        "writes meetings",
    ),
    Need(
        contact.DELETE_EVENTS,
        "calendar",
        ("moodle/calendar:managegroupentries",),
        "takes meetings back",
    ),
    Need(
        contact.SEND,
        "messages",
        ("moodle/site:sendmessage", "moodle/site:messageanyuser"),
        "sends messages",
    ),
    Need(contact.MESSAGES, "messages", (), "reads back what we sent"),
    Need(contact.CREATE_NOTES, "notes", ("moodle/notes:manage",), "writes notes for teachers"),
    Need(contact.COURSE_NOTES, "notes", ("moodle/notes:view",), "reads back notes"),
    Need(
        completion.OVERRIDE,
        "completion",
        ("moodle/course:overridecompletion",),
        "marks an activity as done",
    ),
    Need(
        competencies.USER_PLANS,
        "plans",
        ("moodle/competency:planview", "moodle/competency:planviewdraft"),
        "reads learning plans",
    ),
    Need(
        competencies.CREATE_PLAN,
        "plans",
        ("moodle/competency:planmanage", "moodle/competency:planmanagedraft"),
        "writes learning plans",
    ),
    Need(competencies.ADD_TO_PLAN, "plans", ("moodle/competency:planmanage",), "fills plans"),
    Need(
        competencies.PLAN_COMPETENCIES,
        "plans",
        ("moodle/competency:competencyview",),
        "reads plans",
    ),
    Need(
        competencies.GRADE,
        "plans",
        ("moodle/competency:competencygrade",),
        "leaves evidence for a competency",
    ),
)

MODULES = (
    "assign", "bigbluebuttonbn", "data", "feedback", "glossary", "h5pactivity", "lti", "quiz",
    "workshop",
)  # fmt: skip
"""Activities that vanish silently from every answer where the account lacks mod/<name>:view."""

SYSTEM_CAPABILITIES = frozenset(
    {
        "webservice/rest:use",
        "moodle/site:sendmessage",
        "moodle/site:messageanyuser",
        "moodle/reportbuilder:view",
        "moodle/competency:planview",
        "moodle/competency:planviewdraft",
        "moodle/competency:planmanage",
        "moodle/competency:planmanagedraft",
        "moodle/competency:competencyview",
        "moodle/competency:competencygrade",
    }
)
"""They count in the system context only; the others are given at a course category."""


def functions(purposes: tuple[Purpose, ...] = READING) -> tuple[str, ...]:
    """Return the functions that a service for `purposes` holds."""
    return tuple(sorted({need.function for need in NEEDS if need.purpose in purposes}))


def capabilities(purposes: tuple[Purpose, ...] = READING) -> tuple[str, ...]:
    """Return the capabilities that the account needs for `purposes`, below the system role."""
    wanted = {c for need in NEEDS if need.purpose in purposes for c in need.capabilities}
    if "read" in purposes:
        wanted |= {f"mod/{name}:view" for name in MODULES}
    return tuple(sorted(wanted - SYSTEM_CAPABILITIES))


def system_capabilities(purposes: tuple[Purpose, ...] = READING) -> tuple[str, ...]:
    """Return what the account needs in the system context."""
    wanted = {c for need in NEEDS if need.purpose in purposes for c in need.capabilities}
    return tuple(sorted((wanted & SYSTEM_CAPABILITIES) | {"webservice/rest:use"}))


def need_of(function: str) -> Need | None:
    """Return what is known of a function."""
    return next((need for need in NEEDS if need.function == function), None)
