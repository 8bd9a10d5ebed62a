"""Time, replay, browser, audience, identity, signature, types, errors, targets, keys, anonymity."""

from __future__ import annotations

import pytest

from tests.conformance.extra import EXTRA
from tests.conformance.stage import Case, Stage, check


@pytest.mark.parametrize("case", EXTRA, ids=str)
def test_launch(stage: Stage, case: Case) -> None:
    check(case, stage)
