from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.lti.services.platform import PlatformRef
from lti_tool.services import Services
from tests.lti_tool.lti.services.stub import (
    StubPlatform,
    add_platform_row,
    add_tenant,
    running_platform,
    running_services,
)


@pytest.fixture
def stub() -> Iterator[StubPlatform]:
    with running_platform() as platform:
        yield platform


@pytest.fixture
def services(tmp_path: Path, stub: StubPlatform) -> Iterator[Services]:
    with running_services(tmp_path, stub.url) as parts:
        yield parts


@pytest.fixture
def tenant_id(services: Services) -> str:
    return add_tenant(services, "one")


@pytest.fixture
def moodle(services: Services, stub: StubPlatform, tenant_id: str) -> PlatformRef:
    return add_platform_row(services, tenant_id, stub.url)


@pytest.fixture
def other(services: Services, stub: StubPlatform, tenant_id: str) -> PlatformRef:
    """A platform of no known product at the same address."""
    return add_platform_row(
        services, tenant_id, stub.url, client_id="other-client", product="unheard-of"
    )
