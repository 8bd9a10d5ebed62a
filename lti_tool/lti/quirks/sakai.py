"""Sakai, as its own LTI Advantage documentation describes it (sakaiproject/sakai, basiclti)."""

from __future__ import annotations

from lti_tool.lti.quirks.flags import Quirks

QUIRKS = Quirks(
    # Sakai has one deployment for a whole site, and its tool screens do not show the id.
    lone_deployment="1",
)
