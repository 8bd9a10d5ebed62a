"""What may stand in a form or a file, and what is said to what may not."""

from __future__ import annotations

import pytest

from lti_tool.opportunities.values import NotValid, raw_of, read
from lti_tool.opportunities.words import say
from tests.lti_tool.learner.test_near import RAW


def faults(**changes: str) -> list[tuple[str, str]]:
    raw = RAW | {name.replace("__", "."): value for name, value in changes.items()}
    try:
        read(raw)
    except NotValid as wrong:
        assert all(say(fault) for fault in wrong.faults)
        return [(fault.field, fault.code) for fault in wrong.faults]
    return []


def test_good_values_are_read_and_written_back_alike():
    values = read(RAW | {"countries": "HU, RO", "first_day": "2027-01-10", "age_to": "29"})
    assert values.place == "715429"
    assert values.countries == ["HU", "RO"]
    assert read(raw_of(values)) == values


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("kind", "party", "kind"), ("kind", "", "kind"), ("organisation", " ", "empty"),
        ("organisation", "x" * 121, "long"), ("organisation", "a\x00b", "letters"),
        ("url", "http://school.example", "url"), ("url", "javascript:alert(1)", "url"),
        ("url", "https://", "url"), ("url", "https://user@evil.example/", "url"),
        ("url", "https://a.example/\"><b>", "url"), ("url", "https://[bad", "url"),
        ("email", "office", "email"), ("email", "a@b.example\nBcc: c@d.example", "letters"),
        ("phone", "call me", "phone"), ("phone", "+36<b>12345", "phone"),
        ("place", "Xyzzy", "place"), ("place", "Neustadt", "place_many"),
        ("place", "Szeged, RO", "place_many"), ("online", "maybe", "yes_no"),
        ("network", "2", "yes_no"), ("interests", "RX", "interests"),
        ("languages", "hu xx", "code"), ("countries", "hu", "code"), ("age_from", "9", "age"),
        ("age_to", "-1", "age"), ("age_to", "٣٠", "age"), ("first_day", "31.3.2027", "day"),
        ("last_day", "2027-02-30", "day"), ("title.en", "", "empty"),
        ("title.en", "x" * 121, "long"), ("about.en", "x" * 1001, "long"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_named(field, value, code):
    assert (field, code) in faults(**{field: value})


def test_values_are_checked_against_each_other():
    assert faults(url="", phone="") == [("url", "no_contact")]
    assert faults(age_from="20", age_to="18") == [("age_to", "age_order")]
    assert faults(title__en="", about__en="", first_step__en="") == [("title.en", "no_words")]


def test_everything_wrong_is_said_at_once():
    assert len(faults(kind="x", organisation="", email="x", age_from="x")) == 4
