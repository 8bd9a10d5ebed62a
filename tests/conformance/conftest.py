"""One stage per test, on SQLite; the launches on PostgreSQL are in tests/lti_tool/lti."""

from __future__ import annotations

import pytest
from flask import Flask

from lti_tool.services import Services
from tests.conformance.stage import Stage
from tests.lti_tool.lti.conftest import app, client, key_server, services
from tests.lti_tool.lti.platform import KeyServer, Platform

__all__ = ["app", "client", "key_server", "services", "stage"]


@pytest.fixture
def stage(app: Flask, services: Services, key_server: KeyServer) -> Stage:
    """A tool and a Moodle that launched once before, so its keys are known."""
    platform = Platform().register(services.database).serve_keys(key_server)
    made = Stage(app, services, key_server, platform)
    assert platform.launch(made.other_browser()).status_code == 303
    return made
