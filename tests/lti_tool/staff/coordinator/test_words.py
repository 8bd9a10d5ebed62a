"""Every code that the desk can meet has its words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lti_tool.mentoring
from adaptive.mentoring.compatibility import FACTORS, RULES
from adaptive.mentoring.wording import KINDS
from lti_tool.engagement.rules import SIGNS
from lti_tool.engagement.words import SIGN_NAMES, reason_words
from lti_tool.mentoring import codes, lifecycle, messages
from lti_tool.mentoring.access import DUTIES
from lti_tool.staff.coordinator import words

HOUSE = Path(lti_tool.mentoring.__file__).parent


def states(life: lifecycle.Lifecycle) -> set[str]:
    return {after for _, after in life.moves.values()} | {
        one for before, _ in life.moves.values() for one in before
    }


@pytest.mark.parametrize(
    ("named", "codes_there"),
    [
        (words.PAIR_STATES, states(lifecycle.PAIR)),
        (words.MENTOR_STATES, states(lifecycle.MENTOR)),
        (words.MENTEE_STATES, states(lifecycle.MENTEE)),
        (words.REPORT_STATES, states(lifecycle.REPORT)),
        (words.RUN_STATES, states(lifecycle.RUN)),
        (words.BORDER_STATES, states(lifecycle.BORDER) - {"new"}),
        (words.CHECKS, codes.CHECKS),
        (words.REFUSE_REASONS, codes.REFUSE_REASONS),
        (words.DANGERS, codes.DANGERS),
        (words.STEPS, codes.STEPS),
        (words.OUTCOMES, codes.OUTCOMES),
        (words.BLOCK_REASONS, messages.BLOCK_REASONS),
        (words.DUTIES, DUTIES),
        (words.FACTORS, FACTORS),
        (words.FINDINGS, KINDS),
        (SIGN_NAMES, SIGNS),
    ],
)
def test_each_code_has_words_and_no_word_is_idle(named, codes_there):
    assert set(named) == set(codes_there)


def test_every_rule_that_leaves_somebody_alone_is_said(app):
    with app.test_request_context():
        for rule in (*RULES, "places", "several", "consent", "guardian"):
            said = words.why_nobody({"rule": rule, "values": {"kind": "ro"}})
            assert said.endswith(".")
            assert words.need({"rule": rule, "kind": "ro", "mentees": 4, "mentors": 4})
        assert words.need({"rule": "language", "kind": "ro", "mentees": 4, "mentors": 4}) == (
            "No mentor speaks Romanian well enough. Find 4 more mentors."
        )
        for sign in SIGNS:
            assert "3" in reason_words(sign, 3.4)


def test_everything_that_is_logged_of_a_pair_has_words():
    logged = set(lifecycle.PAIR.moves)
    for path in HOUSE.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        logged |= set(re.findall(r'"pair",\s*[\w.]+id,\s*"(\w+)"', text))
    assert logged <= set(words.EVENTS)
