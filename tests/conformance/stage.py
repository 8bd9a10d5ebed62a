"""A stage for launches: a tool, a platform, browsers; and how a case says what must happen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from config.database import Base
from lti_tool.lti.refusals import REFUSALS
from lti_tool.services import Services
from tests.lti_tool.lti.platform import Claims, KeyServer, Mutator, Platform

_CODE = re.compile(r"<code>([a-z_0-9]+)")
# The key set cache is the one thing that an unverified token may refresh.
_NOT_COUNTED = {"platform_key_set", "tool_key"}


@dataclass
class Stage:
    """What a case plays on; a new one for each case."""

    app: Flask
    services: Services
    keys: KeyServer
    platform: Platform
    browser: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        """Open one browser."""
        self.browser = self.app.test_client()

    def other_browser(self) -> FlaskClient:
        """A browser that never was here."""
        return self.app.test_client()

    def rows(self) -> dict[str, int]:
        """How many rows every table has."""
        with self.services.database.read_connection() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in Base.metadata.sorted_tables
                if table.name not in _NOT_COUNTED
            }


Play = Callable[[Stage], TestResponse]


@dataclass(frozen=True)
class Case:
    """One launch and its end: a refusal code, or None where somebody must get in."""

    name: str
    play: Play
    code: str | None

    def __str__(self) -> str:
        """Name the test."""
        return self.name


def token(
    name: str,
    code: str | None,
    mutate: Mutator | None = None,
    *,
    header: dict[str, Any] | None = None,
    key: Callable[[Platform], Any] | None = None,
    **claims: Any,
) -> Case:
    """A case that differs from a valid launch in its token only."""

    def play(stage: Stage) -> TestResponse:
        signing = key(stage.platform) if key else None
        return stage.platform.launch(stage.browser, mutate, header=header, key=signing, **claims)

    return Case(name, play, code)


def without(*names: str) -> Mutator:
    """Drop claims."""

    def mutate(claims: Claims) -> None:
        for name in names:
            claims.pop(name, None)

    return mutate


def having(**claims: Any) -> Mutator:
    """Set claims of OpenID Connect."""
    return lambda found: found.update(claims)


def saying(name: str, value: Any) -> Mutator:
    """Set one claim by its full name."""
    return lambda found: found.update({name: value})


def outcome(answer: TestResponse) -> str | None:
    """The code of a refusal, None for a launch that got in."""
    if answer.status_code == 303:
        assert any("__Host-ls-" in value for value in answer.headers.getlist("Set-Cookie"))
        assert answer.headers["Location"].startswith("/l/")
        return None
    found = _CODE.search(answer.get_data(as_text=True))
    return found.group(1) if found else f"status {answer.status_code}"


def check(case: Case, stage: Stage) -> None:
    """Play a case; a refusal has its status and leaves no row and no session."""
    before = stage.rows()
    answer = case.play(stage)
    assert outcome(answer) == case.code
    if case.code is None:
        assert stage.rows()["launch_session"] > before["launch_session"]
        return
    assert answer.status_code == _status(case.code)
    assert not any("__Host-ls-" in value for value in answer.headers.getlist("Set-Cookie"))
    after = stage.rows()
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown == dict.fromkeys(_of_first_steps(case), 1)


def _status(code: str) -> int:
    # The page that offers a new tab is no refusal: nothing was consumed.
    return 401 if code == "browser_unproven" else REFUSALS[code].status


def _of_first_steps(case: Case) -> set[str]:
    """Where the step before the refused one wrote a row: it was a launch that got in."""
    return getattr(case.play, "writes", set())
