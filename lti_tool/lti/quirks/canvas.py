"""Canvas, as Instructure documents it for its cloud (developerdocs.instructure.com)."""

from __future__ import annotations

from lti_tool.lti.quirks.flags import Quirks

QUIRKS = Quirks(
    # Every customer of the cloud has the issuer canvas.instructure.com and keys at
    # sso.canvaslms.com, while configuration and registration live at the customer's own name.
    vendor_hosts=("sso.canvaslms.com", ".instructure.com"),
    # Without it, containers come in pages of ten.
    container_limit=100,
)
