"""Open edX, as its LTI consumer block behaves (openedx/xblock-lti-consumer 11.4)."""

from __future__ import annotations

from lti_tool.lti.quirks.flags import Quirks

QUIRKS = Quirks(
    # The block has no notion of several tenants: the deployment id is a constant of its code.
    lone_deployment="1",
)
