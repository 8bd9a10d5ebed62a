"""The drawn code is the code: its dark modules are those that the library made."""

from __future__ import annotations

import re

import segno

from lti_tool.opportunities.qr import qr_svg


def dark(svg: str) -> set[tuple[int, int]]:
    path = re.findall(r'd="(.*?)"', svg)[1]
    found: set[tuple[int, int]] = set()
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path):
        found |= {(int(x) + step, int(y)) for step in range(int(length))}
    return found


def test_every_module_is_drawn_with_a_quiet_zone():
    address = "https://tool.example.org/o/" + "0123456789abcdef" * 2
    svg = str(qr_svg(address, 'A "title" <b>'))
    matrix = segno.make_qr(address, error="m").matrix
    wanted = {(x + 4, y + 4) for y, row in enumerate(matrix) for x, cell in enumerate(row) if cell}
    assert dark(svg) == wanted
    assert f'viewBox="0 0 {len(matrix) + 8} {len(matrix) + 8}"' in svg
    assert "<b>" not in svg
    assert "style" not in svg
    assert len(svg) < 12_000
