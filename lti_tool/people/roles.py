"""The roles that this tool knows, in one course or one organisation."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do here; LTI role names are mapped onto it in lti_tool.lti.roles."""

    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    MENTOR = "mentor"
    COORDINATOR = "coordinator"
    ADMIN = "admin"
