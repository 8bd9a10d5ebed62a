"""A small sound pack that a case may break."""

from __future__ import annotations

from pathlib import Path

import pytest

SHAPE = """\
place = 1

[lesson.one]
minutes = 4
skills = ["first"]
needs = ["job"]
blocks = 2
exercises = [
  {type = "choice", skill = "first", options = 2, right = "b"},
  {type = "order", skill = "first", options = 3, shown = "cab"},
  {type = "words", skill = "first"},
]

[lesson.two]
minutes = 3
skills = ["second"]
after = ["first"]
needs = []
blocks = 2
exercises = [
  {type = "several", skill = "second", options = 3, right = "ac"},
  {type = "scenario", skill = "second", options = 2, right = "ab"},
  {type = "words", skill = "second"},
]
"""
PACK = """\
title = "Pack"
summary = "What it is about."

[skills]
first = "the first thing"
second = "the second thing"
"""
HEAD = """\
title = "Title"
why = "Why."
tip = "Tip."

[block-1]
heading = "Head"
text = \"\"\"
One line
and its end.

- a point
- another
\"\"\"

[block-2]
heading = "Head"
text = "Text."
"""
ONE = (
    HEAD
    + """
[exercise-1]
ask = "Ask?"
a = "A"
a_reply = "No."
b = "B"
b_reply = "Yes."

[exercise-2]
ask = "Ask?"
a = "A"
b = "B"
c = "C"
good = "Good."
again = "Again."

[exercise-3]
ask = "Ask?"
accept = ["Šest", "6"]
model = "Six."
good = "Good."
again = "Again."
"""
)
TWO = (
    HEAD
    + """
[exercise-1]
ask = "Ask?"
a = "A"
a_reply = "Yes."
b = "B"
b_reply = "No."
c = "C"
c_reply = "Yes."

[exercise-2]
story = "Story."
ask = "Ask?"
a = "A"
a_reply = "Fine."
b = "B"
b_reply = "Fine too."

[exercise-3]
ask = "Ask?"
model = "Model."
good = "Good."
again = "Again."
"""
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one pack of two lessons in English."""
    pack = tmp_path / "pack"
    pack.mkdir()
    files = {
        "pack.toml": SHAPE,
        "pack.en.toml": PACK,
        "one.en.toml": ONE,
        "two.en.toml": TWO,
    }
    for name, text in files.items():
        (pack / name).write_text(text, encoding="utf-8")
    return tmp_path
