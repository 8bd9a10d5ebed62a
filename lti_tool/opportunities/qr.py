"""A QR code as a picture in the page, drawn on the server: no picture service hears of anybody."""

from __future__ import annotations

from itertools import groupby

import segno
from markupsafe import Markup

_QUIET = 4
"""Light modules around the code, as ISO/IEC 18004 asks."""


def qr_svg(text: str, title: str) -> Markup:
    """Return the code of a text as SVG, dark on light also where the page is dark."""
    matrix = segno.make_qr(text, error="m").matrix
    size = len(matrix) + 2 * _QUIET
    path = "".join(_runs(row, line) for line, row in enumerate(matrix))
    return Markup(
        '<svg viewBox="0 0 {size} {size}" width="240" height="240" role="img" aria-label="{title}"'
        ' shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        '<path fill="#000" d="{path}"/></svg>'
    ).format(size=size, title=title, path=path)


def _runs(row: bytearray | tuple[int, ...], line: int) -> str:
    found, column = "", _QUIET
    for dark, cells in groupby(row):
        length = sum(1 for _cell in cells)
        if dark:
            found += f"M{column} {line + _QUIET}h{length}v1h-{length}z"
        column += length
    return found
