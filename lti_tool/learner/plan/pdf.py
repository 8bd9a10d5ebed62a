"""A plan as a PDF for paper: two embedded fonts with the letters of all ten languages."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from lti_tool.learner.plan.files import facts_of, full_day, goal_words
from lti_tool.learner.plan.operations import Plan, Step

if TYPE_CHECKING:
    from fpdf import FPDF

_FONTS = Path(__file__).parent / "fonts"
_MARGIN = 20.0
_BOX = 4.0
_INDENT = 8.0


def as_pdf(plan: Plan, language: str, today: date, now: datetime) -> bytes:
    """Return the plan as a PDF with title, language and an outline of its goals.

    A letter that the fonts do not have, such as a picture, becomes "?"; the text file has it.
    """
    # Only this page needs it, and it takes long to load.
    from fpdf import FPDF

    paper = FPDF()
    paper.set_margin(_MARGIN)
    paper.set_auto_page_break(auto=True, margin=_MARGIN)
    paper.add_font("Plan", "", _FONTS / "NotoSans-Regular.ttf")
    paper.add_font("Plan", "B", _FONTS / "NotoSans-Bold.ttf")
    title = _("My plan")
    paper.set_title(title)
    paper.set_lang(language)
    paper.set_creator("Back on Track")
    paper.set_creation_date(now)
    paper.add_page()
    _line(paper, title, 22, bold=True)
    _line(paper, full_day(today), 10)
    for goal in plan.goals:
        paper.ln(6)
        # A goal stays with its first step.
        if paper.will_page_break(30):
            paper.add_page()
        paper.start_section(_known(goal_words(goal)))
        _line(paper, goal_words(goal), 15, bold=True)
        paper.ln(1)
        for step in goal.steps:
            _step(paper, step)
        if not goal.steps:
            _line(paper, _("No steps yet."), 11)
    return bytes(paper.output())


def _step(paper: FPDF, step: Step) -> None:
    if paper.will_page_break(14):
        paper.add_page()
    left, top = paper.l_margin, paper.get_y() + 1.2
    paper.rect(left, top, _BOX, _BOX)
    if step.done:
        paper.line(left + 0.8, top + 2.1, left + 1.7, top + 3.1)
        paper.line(left + 1.7, top + 3.1, left + 3.3, top + 0.9)
    paper.set_left_margin(_MARGIN + _INDENT)
    paper.set_x(paper.l_margin)
    words = _("%(step)s (done)", step=step.words) if step.done else step.words
    _line(paper, words, 12)
    for fact in facts_of(step):
        _line(paper, fact, 10)
    paper.set_left_margin(_MARGIN)
    paper.set_x(_MARGIN)
    paper.ln(2)


def _line(paper: FPDF, text: str, size: int, *, bold: bool = False) -> None:
    paper.set_font("Plan", "B" if bold else "", size)
    paper.multi_cell(0, size * 0.5, _known(text), align="L", new_x="LMARGIN", new_y="NEXT")


def _known(text: str) -> str:
    return "".join(sign if ord(sign) in _letters() else "?" for sign in text)


@cache
def _letters() -> frozenset[int]:
    """Return the letters that both fonts have."""
    from fontTools.ttLib import TTFont

    maps = []
    for path in sorted(_FONTS.glob("*.ttf")):
        with TTFont(path) as font:
            maps.append(set(font.getBestCmap()))
    return frozenset(set.intersection(*maps))
