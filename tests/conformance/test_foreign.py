"""The launch table again, with lti1p3platform as the platform."""

from __future__ import annotations

import pytest
from flask import Flask

from lti_tool.services import Services
from tests.conformance.attacks import ATTACKS
from tests.conformance.core import BAD_PAYLOADS, VALID_STUDENT_LAUNCHES, VALID_TEACHER_LAUNCHES
from tests.conformance.extra import EXTRA
from tests.conformance.foreign import LibraryPlatform
from tests.conformance.security import CHECKS
from tests.conformance.stage import Case, Stage, check
from tests.lti_tool.lti.platform import KeyServer

TABLE = (
    *BAD_PAYLOADS,
    *VALID_TEACHER_LAUNCHES,
    *VALID_STUDENT_LAUNCHES,
    *CHECKS,
    *EXTRA,
    *ATTACKS,
)


@pytest.fixture
def stage(app: Flask, services: Services, key_server: KeyServer) -> Stage:
    """A tool and a foreign platform that launched once before."""
    platform = LibraryPlatform().register(services.database).serve_keys(key_server)
    made = Stage(app, services, key_server, platform)
    assert platform.launch(made.other_browser()).status_code == 303
    return made


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_launch_of_lti1p3platform(stage: Stage, case: Case) -> None:
    check(case, stage)


@pytest.mark.parametrize("role", ["Learner", "Instructor"])
@pytest.mark.parametrize("deep_linking", [False, True])
def test_its_own_token_as_it_is(stage: Stage, role: str, deep_linking: bool) -> None:
    platform = stage.platform
    assert isinstance(platform, LibraryPlatform)
    form = platform.form(platform.login(stage.browser), role=role, deep_linking=deep_linking)
    answer = platform.post(stage.browser, form["id_token"], form["state"])
    assert answer.status_code == 303
    page = stage.browser.get(answer.headers["Location"]).json
    assert page["roles"] == [role.lower()]
    assert page["message"] == (
        "LtiDeepLinkingRequest" if deep_linking else "LtiResourceLinkRequest"
    )
