"""What mentoring is, what the pages ask, and what the answers are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

BENEFITS = (
    _l("A grown-up listens to you and has time for you."),
    _l("You get help with one thing that matters to you, step by step."),
    _l("You meet somebody who knows work and life from another side."),
)
LIMITS = (
    _l("A mentor is no doctor, no teacher and no job office."),
    _l("A mentor cannot promise you a job."),
    _l("It takes time: about two meetings a month, for some months."),
    _l("It can take weeks until we find somebody who fits you."),
)
"""Both are said before anybody asks for a mentor (MENTOR, Elements of Practice, B.1.1)."""

STEPS: dict[str, Any] = {
    "about": _l("Who are you?"),
    "languages": _l("Which languages do you speak?"),
    "times": _l("When do you have time?"),
    "ways": _l("How would you like to meet?"),
    "help": _l("What would you like help with?"),
    "wanted": _l("Who would you like to talk to?"),
}
"""The pages of questions, in this order."""

AGES: dict[str, tuple[Any, tuple[int, int] | None]] = {
    "any": (_l("I do not mind"), None),
    "younger": (_l("16 to 35 years"), (16, 35)),
    "middle": (_l("30 to 55 years"), (30, 55)),
    "older": (_l("50 years and more"), (50, 100)),
}
REACHES = (10, 30, 60, 100)
"""Kilometres."""
