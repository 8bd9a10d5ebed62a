"""The tables of mentoring: people, matching, the pair, safety; imported in the order of keys."""

from __future__ import annotations

from lti_tool.mentoring.models.people import (
    Consent,
    Event,
    Invitation,
    Mentee,
    Mentor,
    Notice,
    Programme,
    ScreeningCheck,
    Staff,
    TrainingUnit,
)

from lti_tool.mentoring.models.matching import Border, Ruling, Run, Suggestion  # isort: skip
from lti_tool.mentoring.models.pair import (  # isort: skip
    Agreement,
    Checkin,
    Feedback,
    GoalLink,
    Meeting,
    MeetingLog,
    Message,
    Pair,
)
from lti_tool.mentoring.models.safety import Report, ReportStep, SafeDesk  # isort: skip

__all__ = [
    "Agreement",
    "Border",
    "Checkin",
    "Consent",
    "Event",
    "Feedback",
    "GoalLink",
    "Invitation",
    "Meeting",
    "MeetingLog",
    "Mentee",
    "Mentor",
    "Message",
    "Notice",
    "Pair",
    "Programme",
    "Report",
    "ReportStep",
    "Ruling",
    "Run",
    "SafeDesk",
    "ScreeningCheck",
    "Staff",
    "Suggestion",
    "TrainingUnit",
]
