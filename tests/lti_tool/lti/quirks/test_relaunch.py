"""Beginning a launch again, and deployments that nobody is shown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.database import Database
from lti_tool.lti.platforms import PlatformFacts, deployments_of, register_platform
from lti_tool.lti.quirks import for_product
from lti_tool.people.models import Tenant

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ISSUER = "https://moodle.example.org"
NO_HINTS = (
    None,
    "",
    "no json",
    "[]",
    "{}",
    '{"cmid": null}',
    '{"cmid": "1&x=2"}',
    '{"cmid": true}',
    '{"cmid": -1}',
    '{"cmid": 1.5}',
    '{"cmid": "²"}',
)


@pytest.mark.parametrize(
    "hint", ['{"cmid":13,"launchid":"ltilaunch1_1045843638"}', '{"cmid":"13"}']
)
def test_moodle_relaunch_url(hint: str) -> None:
    found = for_product("moodle").relaunch_url(ISSUER, hint)
    assert found == f"{ISSUER}/mod/lti/launch.php?id=13&triggerview=0"


@pytest.mark.parametrize("hint", NO_HINTS)
def test_moodle_relaunch_url_needs_a_course_module(hint: str | None) -> None:
    assert for_product("moodle").relaunch_url(ISSUER, hint) is None


@pytest.mark.parametrize("product", ["canvas", "sakai", "open edx", "something else", ""])
def test_others_have_no_relaunch_url(product: str) -> None:
    assert for_product(product).relaunch_url(ISSUER, '{"cmid":13}') is None


@pytest.mark.parametrize(
    ("product", "given", "expected"),
    [
        ("sakai", None, ["1"]),
        ("Open edX", None, ["1"]),
        ("sakai", "7", ["7"]),
        ("moodle", None, []),
        ("canvas", None, []),
        ("generic", None, []),
    ],
)
def test_sakai_and_openedx_lone_deployment(
    sqlite_database: Database, product: str, given: str | None, expected: list[str]
) -> None:
    facts = PlatformFacts(
        issuer=ISSUER,
        client_id="c",
        auth_url=f"{ISSUER}/auth",
        token_url=f"{ISSUER}/token",
        jwks_url=f"{ISSUER}/keys",
        name="Platform",
        product=product,
        deployment_id=given,
    )
    with sqlite_database.write() as session:
        tenant = Tenant(slug="t", name="T")
        session.add(tenant)
        session.flush()
        platform = register_platform(session, tenant.id, facts, approved=True, now=NOW)
        found = [row.deployment_id for row in deployments_of(session, platform)]
    assert found == expected
