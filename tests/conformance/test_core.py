"""Known bad payloads, valid teacher launches, valid student launches."""

from __future__ import annotations

import pytest

from tests.conformance.core import (
    BAD_PAYLOADS,
    EMPTY_ROLES,
    VALID_STUDENT_LAUNCHES,
    VALID_TEACHER_LAUNCHES,
)
from tests.conformance.stage import Case, Stage, check


def test_the_suite_is_complete() -> None:
    assert [len(BAD_PAYLOADS), len(VALID_TEACHER_LAUNCHES), len(VALID_STUDENT_LAUNCHES)] == [
        12,
        10,
        10,
    ]


@pytest.mark.parametrize("case", BAD_PAYLOADS, ids=str)
def test_known_bad_payload(stage: Stage, case: Case) -> None:
    check(case, stage)


@pytest.mark.parametrize("case", VALID_TEACHER_LAUNCHES, ids=str)
def test_valid_teacher_launch(stage: Stage, case: Case) -> None:
    check(case, stage)


@pytest.mark.parametrize("case", (*VALID_STUDENT_LAUNCHES, EMPTY_ROLES), ids=str)
def test_valid_student_launch(stage: Stage, case: Case) -> None:
    check(case, stage)


@pytest.mark.parametrize("case", VALID_TEACHER_LAUNCHES[:3], ids=str)
def test_a_teacher_is_a_teacher(stage: Stage, case: Case) -> None:
    page = stage.browser.get(case.play(stage).headers["Location"])
    assert page.json["roles"] == ["instructor"]


@pytest.mark.parametrize(
    "case",
    (*VALID_STUDENT_LAUNCHES, EMPTY_ROLES, *VALID_TEACHER_LAUNCHES[3:5]),
    ids=str,
)
def test_whoever_is_not_known_as_a_teacher_is_a_learner(stage: Stage, case: Case) -> None:
    page = stage.browser.get(case.play(stage).headers["Location"])
    assert page.json["roles"] == ["learner"]
