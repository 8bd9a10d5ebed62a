"""A platform of which nothing is known: the standard as it is written."""

from __future__ import annotations

from lti_tool.lti.quirks.flags import Quirks

QUIRKS = Quirks()
