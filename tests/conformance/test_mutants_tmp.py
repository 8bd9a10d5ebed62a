"""Each rule of the verifier has a case that fails without it.

A rule that can be taken out without a test noticing protects nobody. Every rule is taken out in
turn; then some case of the table must end differently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from lti_tool.lti import jwks, launch, login, records, routes, verify
from lti_tool.lti import state as state_module
from tests.conformance.attacks import ATTACKS
from tests.conformance.core import BAD_PAYLOADS, VALID_STUDENT_LAUNCHES
from tests.conformance.extra import EXTRA
from tests.conformance.security import CHECKS
from tests.conformance.stage import Case, Stage, outcome
from tests.lti_tool.lti.conftest import build_app, services_on
from tests.lti_tool.lti.platform import KeyServer, Platform

TABLE: tuple[Case, ...] = (
    *BAD_PAYLOADS,
    *VALID_STUDENT_LAUNCHES,
    *CHECKS,
    *EXTRA,
    *ATTACKS,
)
LISTS = (
    (verify, "HEADER_RULES"),
    (verify, "CLAIM_RULES"),
    (records, "ADMISSION_RULES"),
)
RULES = [(module, name, rule) for module, name in LISTS for rule in getattr(module, name)]


def _nothing(*_args: Any, **_options: Any) -> None:
    return None


SWITCHES: tuple[tuple[str, Any, str, Any], ...] = (
    ("the signature", verify, "_check_signature", _nothing),
    ("one use of a nonce", launch, "use_nonce", _nothing),
    ("the browser of the login", launch, "check_browser", _nothing),
    ("whose page posts a proof", routes, "_from_own_page", lambda _: True),
    ("targets of a login", login, "is_ours", lambda *_: True),
    ("the length of a key", jwks, "MIN_RSA_BITS", 512),
    ("how long known keys are good", jwks, "STALE", jwks.STALE * 100),
    ("how many keys a set may have", jwks, "_MAX_KEYS", 10_000),
    ("the age of a state", state_module, "MAX_AGE", 10**9),
    ("the leeway, lower", verify, "LEEWAY", 0),
    ("the leeway, higher", verify, "LEEWAY", 10**6),
    ("the age of a token", verify, "MAX_AGE", 10**9),
    ("the life of a token", verify, "MAX_LIFETIME", 10**12),
)


def _endings(stage: Stage, cases: Sequence[Case]) -> str | None:
    """Play cases until one ends otherwise than it should; returns its name."""
    for case in cases:
        try:
            ending = outcome(case.play(stage))
        except Exception as error:  # noqa: BLE001 - a crash is another ending
            ending = type(error).__name__
        if ending != case.code:
            return case.name
    return None


@pytest.fixture
def new_stage(settings: Any, tmp_path: Any, sqlite_template: Any) -> Callable[[], Stage]:
    """Makes one stage after the other, because some cases leave the stage changed."""
    import shutil

    from config.database import Database

    count = iter(range(10_000))

    def make() -> Stage:
        path = tmp_path / f"stage-{next(count)}.db"
        shutil.copy(sqlite_template, path)
        database, keys = Database(f"sqlite:///{path}"), KeyServer()
        services = services_on(settings, database, keys)
        platform = Platform().register(database).serve_keys(keys)
        stage = Stage(build_app(settings, services), services, keys, platform)
        platform.launch(stage.other_browser())
        return stage

    return make


def _killer(new_stage: Callable[[], Stage]) -> str | None:
    for case in TABLE:
        stage = new_stage()
        found = _endings(stage, [case])
        stage.services.database.dispose()
        if found:
            import os
            open("/tmp/killers.txt","a").write(os.environ["PYTEST_CURRENT_TEST"].split("[")[1].split("]")[0]+" => "+found+"\n")
            return found
    return None


@pytest.mark.parametrize(
    ("module", "name", "rule"), RULES, ids=[rule.__name__ for _, _, rule in RULES]
)
def test_a_rule_that_is_taken_out_is_missed(
    monkeypatch: pytest.MonkeyPatch,
    new_stage: Callable[[], Stage],
    module: Any,
    name: str,
    rule: Any,
) -> None:
    left = tuple(other for other in getattr(module, name) if other is not rule)
    assert len(left) == len(getattr(module, name)) - 1
    monkeypatch.setattr(module, name, left)
    assert _killer(new_stage)


@pytest.mark.parametrize(
    ("module", "name", "value"), [row[1:] for row in SWITCHES], ids=[row[0] for row in SWITCHES]
)
def test_a_check_that_is_switched_off_is_missed(
    monkeypatch: pytest.MonkeyPatch,
    new_stage: Callable[[], Stage],
    module: Any,
    name: str,
    value: Any,
) -> None:
    monkeypatch.setattr(module, name, value)
    assert _killer(new_stage)


def test_the_table_passes_when_nothing_is_taken_out(new_stage: Callable[[], Stage]) -> None:
    assert _killer(new_stage) is None
