"""The 36 checks."""

from __future__ import annotations

import pytest

from tests.conformance.security import CHECKS
from tests.conformance.stage import Case, Stage, check


def test_there_are_36() -> None:
    assert len(CHECKS) == 36


@pytest.mark.parametrize("case", CHECKS, ids=str)
def test_check(stage: Stage, case: Case) -> None:
    check(case, stage)
