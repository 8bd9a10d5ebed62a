"""What one platform product does differently: one file a product, each difference with its reason.

The rest of the protocol asks for a flag here and never for a product's name.
"""

from __future__ import annotations

from lti_tool.lti.quirks import canvas, generic, moodle, openedx, sakai
from lti_tool.lti.quirks.flags import Quirks

_BY_PRODUCT = {
    "moodle": moodle.QUIRKS,
    "canvas": canvas.QUIRKS,
    "sakai": sakai.QUIRKS,
    "open edx": openedx.QUIRKS,
    "openedx": openedx.QUIRKS,
}


def for_product(code: str) -> Quirks:
    """Return the quirks of a `product_family_code`, the standard's own behaviour if unknown."""
    return _BY_PRODUCT.get(code.strip().lower(), generic.QUIRKS)


__all__ = ["Quirks", "for_product"]
