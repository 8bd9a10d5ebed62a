"""Opportunities from a file: all or nothing, each mistake with line and mend."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from config.clock import utcnow
from lti_tool.opportunities.models import Opportunity, OpportunityWords
from lti_tool.opportunities.operations import end
from lti_tool.opportunities.table import (
    MOST_BYTES,
    MOST_LINES,
    BadFile,
    decode,
    import_all,
    read_table,
)
from lti_tool.opportunities.words import say_line
from lti_tool.staff.opportunities.example import example_csv
from tests.lti_tool.learner.test_near import RAW, other_tenant

GOOD = RAW | {"reference": "bike"}


def text(*lines: dict[str, str], delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    columns = list(dict.fromkeys(name for line in lines for name in line))
    writer = csv.DictWriter(out, columns, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()


def problems(content: str) -> list[str]:
    with pytest.raises(BadFile) as bad:
        read_table(content)
    return [say_line(fault) for fault in bad.value.faults]


def load(world, content: str, tenant_id: str | None = None, *, open_now: bool = True):
    with world.services.database.write() as session:
        return import_all(
            session, tenant_id or world.tenant_id, read_table(content), utcnow(), open_now=open_now
        )


def rows(world) -> list[tuple[str, str | None, str]]:
    with world.services.database.read() as session:
        found = session.execute(
            select(Opportunity.tenant_id, Opportunity.reference, Opportunity.state)
        )
        return sorted(tuple(row) for row in found)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_file_is_imported_and_again_changes_nothing(world, delimiter):
    other = GOOD | {"reference": "bread", "title.en": "Bread", "title.de": "Brot",
                    "about.de": "Du backst."}  # fmt: skip
    content = text(GOOD, other, delimiter=delimiter)
    done = load(world, content)
    assert (done.added, done.changed, done.same) == (2, 0, 0)
    done = load(world, content)
    assert (done.added, done.changed, done.same) == (0, 0, 2)
    done = load(world, text(other | {"title.de": "", "about.de": "", "title.en": "Good bread"}))
    assert (done.added, done.changed, done.same) == (0, 1, 0)
    with world.services.database.read() as session:
        found = session.execute(select(OpportunityWords.language, OpportunityWords.title))
        assert sorted(tuple(row) for row in found) == [
            ("en", "Good bread"),
            ("en", "Repair bicycles"),
        ]


def test_new_ones_may_be_drafts_and_ended_ones_stay_ended(world):
    load(world, text(GOOD), open_now=False)
    assert [state for *_rest, state in rows(world)] == ["draft"]
    with world.services.database.write() as session:
        end(session.scalars(select(Opportunity)).one(), utcnow())
    load(world, text(GOOD | {"title.en": "Other"}))
    assert [state for *_rest, state in rows(world)] == ["ended"]


def test_the_same_reference_of_another_organisation_is_another_row(world):
    other = other_tenant(world)
    load(world, text(GOOD))
    load(world, text(GOOD | {"title.en": "Theirs"}), other)
    assert {tenant for tenant, *_rest in rows(world)} == {other, world.tenant_id}


def test_the_example_can_be_imported_as_it_is(world):
    done = load(world, decode(example_csv().encode()))
    assert done.added == 2


def test_every_mistake_is_named_with_its_line(world):
    bad = GOOD | {"reference": "x", "kind": "party", "place": "Xyzzy"}
    multi = GOOD | {"about.en": "Two\nlines"}
    said = problems(text(multi, bad, GOOD, GOOD | {"reference": ""}))
    assert said == [
        "Line 4, column kind: Choose one of the kinds.",
        "Line 4, column place: We do not know “Xyzzy”. Name a larger town near it.",
        "Line 5, column reference: “bike” is twice in the file. Take one line out.",
        "Line 6, column reference: Please fill this in.",
    ]
    assert rows(world) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "There is nothing in the file"),
        ("\n\n", "There is nothing in the file"),
        ("reference,kind,organisation\n", "There is nothing in the file"),
        ("kind,organisation\njob,X\n", "Line 1: The column “reference” is missing"),
        ("reference,kind,organisation,colour\n", "Line 1: The column “colour” is not known"),
        ("reference,kind,kind,organisation\n", "“kind” is there twice"),
        ('reference,kind,organisation\na,"job,X\n', "Line 2: A quotation mark is open"),
        ("reference,kind,organisation\na,job,X,y,z\n", "Line 2: There are more cells than the 3"),
        ("reference,kind,organisation\n" + "a,job,X\n" * (MOST_LINES + 1), "more than 500 lines"),
    ],
)
def test_a_file_that_is_none_says_so(content, words):
    assert any(words in said for said in problems(content))


def test_large_files_and_other_letters_are_refused():
    for content, words in ((b"x" * (MOST_BYTES + 1), "larger than 200 kB"),
                           ("a\nő".encode("cp1250"), "Line 2: This is not UTF-8")):  # fmt: skip
        with pytest.raises(BadFile) as bad:
            decode(content)
        assert words in say_line(bad.value.faults[0])


def test_a_last_day_that_has_passed_is_not_published(world):
    with pytest.raises(BadFile) as bad:
        load(world, text(GOOD, GOOD | {"reference": "old", "last_day": "2020-01-01"}))
    assert say_line(bad.value.faults[0]).startswith(
        "Line 3, column last_day: 2020-01-01 has passed"
    )
    assert rows(world) == []
