from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.database import Database
from lti_tool.services import Services
from tests.faults.server import FaultServer
from tests.lti_tool.outbox.gradebook import Gradebook
from tests.lti_tool.outbox.stage import School, open_school, stage_services


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture
def gradebook(server: FaultServer) -> Gradebook:
    return Gradebook(server)


@pytest.fixture
def services(database: Database, server: FaultServer) -> Iterator[Services]:
    """The tool's parts on both databases in turn."""
    with stage_services(database, server) as parts:
        yield parts


@pytest.fixture
def school(services: Services, gradebook: Gradebook) -> School:
    """One organisation whose platform works."""
    return open_school(services, gradebook.url, gradebook=gradebook)
