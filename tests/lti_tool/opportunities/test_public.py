"""The page that a friend opens: what it is and whom to reach; nothing about anybody, no trace."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from config.clock import utcnow
from lti_tool.opportunities import operations as desk
from lti_tool.opportunities.values import read
from lti_tool.tables import METADATA
from tests.lti_tool.critic import faults_of
from tests.lti_tool.learner.test_near import RAW, offer, other_tenant


def visit(world, path: str, status: int = 200, **headers: str) -> BeautifulSoup:
    answer = world.app.test_client().get(path, headers=headers)
    assert answer.status_code == status
    assert faults_of(answer.text) == []
    assert "Set-Cookie" not in answer.headers
    return BeautifulSoup(answer.text, "html5lib")


def test_it_shows_the_opportunity_and_the_organisation(world):
    found = offer(world)
    page = visit(world, f"/o/{found}")
    assert page.h1.text == "Repair bicycles"
    assert page.find("a", href="https://school.example/courses")
    assert page.find("a", href="tel:+3662123456")
    assert not page.find("form")
    assert "/l/" not in str(page)


@pytest.mark.parametrize("key", ["eures", "virtual-exchanges"])
def test_the_built_in_list_has_addresses_too(world, key):
    assert visit(world, f"/o/{key}").h1.text


def test_it_speaks_the_visitors_language_and_others_on_tap(world):
    found = offer(world)
    page = visit(world, f"/o/{found}", **{"Accept-Language": "hu-HU,hu;q=0.9"})
    assert page.html["lang"] == "hu"
    assert page.h1["lang"] == "en"
    link = page.find("a", hreflang="bg")
    assert visit(world, link["href"]).html["lang"] == "bg"
    assert visit(world, f"/o/{found}?lang=xx").html["lang"] == "en"


def test_drafts_and_unknown_ones_are_refused_alike(world):
    with world.services.database.write() as session:
        draft = desk.add(session, world.tenant_id, read(RAW), utcnow()).id
    for one in (draft, "0" * 32, "x", "%F0%9F%98%80", "eures%00"):
        page = visit(world, f"/o/{one}", 404)
        assert "opportunity_unknown" in page.code.text


def test_an_ended_one_says_so_and_offers_no_contact(world):
    page = visit(world, f"/o/{offer(world, other_tenant(world), ended=True)}")
    assert "This has ended" in page.main.text
    assert not page.find("a", href="tel:+3662123456")


def test_texts_of_partners_are_only_text(world):
    found = offer(world, title__en="<script>alert(1)</script>", about__en='"><img src=x>')
    page = visit(world, f"/o/{found}")
    assert page.h1.text == "<script>alert(1)</script>"
    assert not page.main.find(["script", "img"])


def test_a_visit_leaves_no_row(world):
    found = offer(world)

    def rows() -> dict[str, int]:
        with world.services.database.read() as session:
            return {
                name: session.scalar(select(func.count()).select_from(table))
                for name, table in METADATA.tables.items()
            }

    before = rows()
    visit(world, f"/o/{found}")
    assert rows() == before
