"""A learner asks for a mentor, and a pair lives its life, on two phones; axe on every page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from config.clock import utcnow
from lti_tool.lti.models import Context, Platform
from lti_tool.mentoring import access, reports
from lti_tool.mentoring.access import Actor
from lti_tool.mentoring.codes import DANGERS
from lti_tool.people.models import Membership, User
from lti_tool.people.roles import Role
from tests.browser.stage import Demo, Tabs, faults
from tests.lti_tool.mentoring.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WIDTHS = (320, 1280)


class Cast(Stage):
    """People of the demo's course, who can launch by the name they have here."""

    def person(self, tenant_id: str, name: str) -> Actor:
        """Enrol somebody under their name, unless they are there."""
        user = self.session.scalar(select(User).where(User.sub == f"stage {name}"))
        if user is None:
            user = User(
                tenant_id=tenant_id, platform_id=self.platforms[tenant_id], sub=f"stage {name}"
            )
            self.session.add(user)
            self.session.flush()
            self.session.add(
                Membership(
                    tenant_id=tenant_id,
                    context_id=self.courses[tenant_id],
                    user_id=user.id,
                    roles=["learner"],
                )
            )
            self.session.flush()
        self.people[name] = Actor(tenant_id, user.id)
        return self.people[name]


def started_pair(demo: Demo, mentee: str, mentor: str) -> str:
    """Let two people of the demo be offered to each other; returns the pair's id."""
    with demo.database.write() as session:
        platform = session.scalars(select(Platform)).first()
        context = session.scalars(select(Context)).first()
        assert platform is not None
        assert context is not None
        tenant = platform.tenant_id
        cast = Cast(
            session,
            now=utcnow(),
            platforms={tenant: platform.id},
            courses={tenant: context.id},
        )
        boss = cast.person(tenant, "boss")
        guard = cast.person(tenant, "guard")
        access.appoint(session, tenant, boss.user_id, "coordinator", cast.now, None)
        access.appoint(session, tenant, guard.user_id, "safeguarding", cast.now, boss)
        for danger in DANGERS:
            reports.set_desk(
                session, boss, danger, cast.now, label="Office", phone="+43 1 234",
                email="help@example.org", hours="8 to 16",
            )  # fmt: skip
        return cast.offer(cast.mentee(tenant, mentee), cast.mentor(tenant, mentor)).id


def press(page: Page, name: str) -> None:
    """Press a button and wait for the page after it."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def test_a_learner_asks_for_a_mentor(axe_tabs: Tabs):
    page = axe_tabs.tool("/mentor/", module="mentor", sub="axe mentor")
    found = faults(page, "welcome", WIDTHS)
    press(page, "Start")
    found += faults(page, "about", WIDTHS)
    page.get_by_label("How may we call you?").fill("Ana")
    page.get_by_label("In which year were you born?").fill("2001")
    press(page, "Go on")
    found += faults(page, "languages", WIDTHS)
    press(page, "Go on")
    found += faults(page, "times", WIDTHS)
    axe_tabs.allow("status of 400")
    press(page, "Go on")
    expect(page.get_by_role("alert")).to_contain_text("A time is missing")
    found += faults(page, "times asked again", WIDTHS)
    page.get_by_label("Morning – Monday").check()
    press(page, "Go on")
    page.get_by_label("Face to face, near me").check()
    page.get_by_label("Which town or village is near you?").fill("Graz")
    found += faults(page, "ways", WIDTHS)
    press(page, "Go on")
    page.get_by_label("Find a job").check()
    for part in page.locator("details:not(.language) summary").all():
        part.click()
    found += faults(page, "help", WIDTHS)
    press(page, "Go on")
    found += faults(page, "wanted", WIDTHS)
    press(page, "Go on")
    found += faults(page, "consent", WIDTHS)
    press(page, "Yes, I agree")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
    found += faults(page, "check", WIDTHS)
    press(page, "Ask for a mentor")
    expect(page.get_by_role("heading", name="We are looking for your mentor")).to_be_visible()
    found += faults(page, "waiting", WIDTHS)
    for name in ("My answers", "What my mentor may see", "What I said yes to"):
        home = page.url
        page.get_by_role("link", name=name).click()
        page.wait_for_load_state()
        found += faults(page, name, WIDTHS)
        page.goto(home)
    assert found == []


def test_a_pair_from_the_offer_to_the_report(axe_tabs: Tabs):
    pair_id = started_pair(axe_tabs.demo, "ana", "mira")
    mentee = axe_tabs.tool(f"/pair/{pair_id}/", module="mentor", sub="stage ana")
    mentor = axe_tabs.tool("/pair/", module="mentoring", sub="stage mira", role=Role.MENTOR)
    mentee_home, mentor_home = mentee.url, mentor.url
    found = faults(mentee, "offer", WIDTHS)
    press(mentee, "Yes, I would like to try")
    press(mentor, "Yes, I would like to try")
    mentor.get_by_role("link", name="Our agreement").click()
    mentor.get_by_label("Find a job").check()
    found += faults(mentor, "agreement", WIDTHS)
    press(mentor, "Propose this")
    mentee.goto(f"{mentee_home}agreement")
    found += faults(mentee, "agreement to accept", WIDTHS)
    press(mentee, "Yes, I accept this and the rules")
    found += faults(mentee, "pair", WIDTHS)

    mentee.goto(f"{mentee_home}messages")
    mentee.get_by_label("Write to mira").fill("Hello! When do we talk?")
    press(mentee, "Send")
    expect(mentee.locator("#newest")).to_contain_text("When do we talk?")
    mentor.goto(f"{mentor_home}messages")
    expect(mentor.locator("#newest")).to_contain_text("When do we talk?")
    found += faults(mentor, "messages", WIDTHS)

    mentor.goto(f"{mentor_home}meetings/new")
    mentor.locator("[name=start]").first.check()
    found += faults(mentor, "times to propose", WIDTHS)
    press(mentor, "Propose")
    mentee.goto(f"{mentee_home}meetings")
    found += faults(mentee, "times to choose", WIDTHS)
    with mentee.expect_navigation():
        mentee.locator(".answers button").first.click()
    with mentee.expect_download() as download:
        mentee.get_by_role("link", name="Put it in my calendar").click()
    assert download.value.suggested_filename == "meeting.ics"

    mentee.goto(f"{mentee_home}log")
    found += faults(mentee, "log", WIDTHS)
    for tap in ("45 minutes", "My goals", "Very good", "In a week"):
        mentee.get_by_label(tap, exact=True).check()
    press(mentee, "Save")
    expect(mentee.get_by_role("status")).to_have_text("Saved.")
    mentee.goto(f"{mentee_home}goals")
    found += faults(mentee, "goals", WIDTHS)
    mentee.goto(f"{mentee_home}goodbye")
    found += faults(mentee, "goodbye", WIDTHS)

    mentee.get_by_role("link", name="Something is wrong: tell us").click()
    expect(mentee.get_by_text("+43 1 234").first).to_be_visible()
    found += faults(mentee, "report", WIDTHS)
    mentee.get_by_label("I need help soon, but nobody is in danger").check()
    mentee.get_by_label("What happened?").fill("We need help.")
    press(mentee, "Send")
    expect(mentee.get_by_role("status")).to_contain_text("Your report has arrived")
    mentor.goto(mentor_home)
    expect(mentor.get_by_text("Your mentoring is on hold.").first).to_be_visible()
    found += faults(mentor, "on hold", WIDTHS)
    assert found == []
