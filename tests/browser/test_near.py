"""Near me and across borders on a phone, the page for a friend, the partners' desk; axe on each."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from config.clock import utcnow
from lti_tool.opportunities import operations as desk
from lti_tool.opportunities.values import read
from lti_tool.people.models import Tenant
from lti_tool.people.roles import Role
from tests.browser.stage import Demo, Tabs, faults

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

REFUSED = r"status of (400|404)"
RAW = {
    "kind": "course",
    "organisation": "Weavers",
    "email": "office@weavers.example",
    "place": "Subotica, RS",
    "languages": "en",
    "title.en": "Weave a carpet",
    "about.en": "You weave a carpet in four evenings.",
}


def offer(demo: Demo) -> str:
    """Publish an opportunity of the demo's organisation and return its id."""
    with demo.database.write() as session:
        tenant = session.scalars(select(Tenant)).one()
        row = desk.add(session, tenant.id, read(RAW), utcnow())
        desk.publish(row, utcnow())
        session.flush()
        return row.id


def press(page: Page, name: str) -> None:
    """Press a button and wait for the page after it."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_learner_looks_keeps_and_tells_a_friend(axe_tabs: Tabs, script: bool):
    axe_tabs.allow(REFUSED)
    offer(axe_tabs.demo)
    sub = f"near {script}"
    page = axe_tabs.tool("/near/", "near", sub=sub, java_script_enabled=script)
    found = faults(page, "list") if script else []
    page.get_by_label("Your nearest town").fill("Neustadt")
    press(page, "Look here")
    expect(page.get_by_role("alert")).to_contain_text("There are several")
    found += faults(page, "several towns") if script else []
    page.get_by_label("Your nearest town").fill("Szabadka")
    press(page, "Look here")
    expect(page.locator("main")).to_contain_text("We look around Subotica, up to 60 km.")
    page.get_by_role("link", name="Weave a carpet").first.click()
    found += faults(page, "opportunity") if script else []
    press(page, "Keep this")
    press(page, "I got in touch")
    expect(page.get_by_role("status").last).to_contain_text("Well done!")
    found += faults(page, "kept") if script else []
    page.get_by_role("link", name="Tell a friend").click()
    expect(page.get_by_role("img", name="QR code of the address above")).to_be_visible()
    found += faults(page, "tell") if script else []
    page.goto(page.locator("p.note a").get_attribute("href") or "")
    expect(page.get_by_role("heading", level=1)).to_have_text("Weave a carpet")
    found += faults(page, "for a friend") if script else []
    page.get_by_role("link", name="Magyar").click()
    expect(page.locator("html")).to_have_attribute("lang", "hu")
    assert found == []


def test_a_partner_writes_and_publishes(axe_tabs: Tabs):
    axe_tabs.allow(REFUSED)
    page = axe_tabs.tool("/opportunities/", "near", sub="near desk", role=Role.COORDINATOR)
    found = faults(page, "desk")
    page.get_by_role("link", name="Add one").click()
    found += faults(page, "empty form")
    press(page, "Save and look at it")
    expect(page.get_by_role("alert")).to_contain_text("Nothing you typed is lost")
    found += faults(page, "form with faults")
    page.get_by_label("Kind").select_option("job")
    page.get_by_label("Organisation").fill("Mill")
    page.get_by_label("Web page").fill("https://mill.example")
    page.get_by_label("Title").first.fill("Work in a mill")
    page.get_by_label("What it is").first.fill("You grind flour.")
    press(page, "Save and look at it")
    found += faults(page, "draft")
    press(page, "Publish")
    expect(page.locator("main")).to_contain_text("Learners can see it now.")
    page.goto(page.url.rsplit("/", 1)[0] + "/import")
    found += faults(page, "import")
    press(page, "Import")
    expect(page.get_by_role("alert")).to_contain_text("There is nothing in the file")
    found += faults(page, "import with faults")
    assert found == []
