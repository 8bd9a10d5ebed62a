"""What the services write, on a real PostgreSQL: other locks, other types, the same rules."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from config.clock import utcnow
from config.database import Database
from lti_tool.lti.registration import RegistrationFailed, create_invite, register
from lti_tool.lti.services.platform import PlatformRef
from lti_tool.lti.services.tokens import access_token
from lti_tool.services import Services
from tests.lti_tool.lti.services.stub import (
    Reply,
    StubPlatform,
    add_platform_row,
    add_tenant,
    running_services,
)
from tests.lti_tool.lti.test_registration import (
    CONFIGURATION,
    JSON,
    REGISTRATION,
    TOKEN,
    offer,
    rows,
)

pytestmark = pytest.mark.postgres


@pytest.fixture
def services(tmp_path: Path, stub: StubPlatform, postgres_database: Database) -> Iterator[Services]:
    url = make_url(postgres_database.engine.url).set(drivername="postgresql")
    with running_services(
        tmp_path, stub.url, database_url=url.render_as_string(hide_password=False)
    ) as parts:
        yield parts


def together(number: int, work: object) -> None:
    gate = threading.Barrier(number)

    def run() -> None:
        gate.wait()
        work()  # type: ignore[operator]

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_token_is_shared(services: Services, stub: StubPlatform, moodle: PlatformRef) -> None:
    found: list[str] = []
    together(6, lambda: found.append(access_token(services, moodle, ("s",))))
    assert found == ["t1"] * 6
    assert access_token(services, moodle, ("s",), refused="t1") == "t2"


def test_one_invite_registers_one_platform(services: Services, stub: StubPlatform) -> None:
    offer(stub)
    stub.on("POST", REGISTRATION, Reply(200, json.dumps({"client_id": "c"}), JSON))
    with services.database.write() as session:
        code = create_invite(session, add_tenant(services, "t"), auto_approve=True, now=utcnow())
    outcomes: list[str] = []

    def work() -> None:
        try:
            register(services, code, stub.url + CONFIGURATION, TOKEN)
            outcomes.append("registered")
        except RegistrationFailed as failed:
            outcomes.append(failed.code)

    together(5, work)
    assert sorted(outcomes) == ["invite_used"] * 4 + ["registered"]
    assert rows(services) == 1


def test_another_registration_has_its_own_token(
    services: Services, stub: StubPlatform, moodle: PlatformRef, tenant_id: str
) -> None:
    other = add_platform_row(services, tenant_id, stub.url, client_id="second")
    assert access_token(services, moodle, ("s",)) != access_token(services, other, ("s",))
