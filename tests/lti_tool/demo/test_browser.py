"""The scripted browser sends what a real one would."""

from __future__ import annotations

from lti_tool.demo.browser import Page, read_page

PAGE = """
<form method="post" action="/go?a=1">
<input type="hidden" name="h" value="&lt;1&gt;">
<input name="text" value="t"><input name="off" disabled>
<input type="checkbox" name="c" value="x"><input type="checkbox" name="c" value="y" checked>
<input type="radio" name="r" value="1" checked><input type="radio" name="r" value="2">
<select name="s"><option value="first"><option value="second"></select>
<select name="p"><option value="first"><option value="second" selected></select>
<button name="search" value="1">Show</button><button name="add" value="1">Add</button>
</form><iframe src="inside"></iframe>
"""


def page() -> Page:
    return read_page("http://lms.example/a/b", 200, PAGE)


def test_a_form_sends_its_fields_and_its_first_button() -> None:
    form = page().forms[0]
    assert form.action == "http://lms.example/go?a=1"
    assert sorted(form.filled()) == [
        ("c", "y"), ("h", "<1>"), ("p", "second"), ("r", "1"), ("s", "first"), ("search", "1"),
        ("text", "t"),
    ]  # fmt: skip


def test_boxes_are_ticked_by_value_and_round_ones_left() -> None:
    sent = page().forms[0].filled(lambda value: value == "x", press="add")
    assert ("c", "x") in sent
    assert ("c", "y") not in sent
    assert ("r", "1") in sent
    assert ("add", "1") in sent
    assert ("search", "1") not in sent


def test_frames_are_absolute() -> None:
    assert page().frames == ("http://lms.example/a/inside",)
