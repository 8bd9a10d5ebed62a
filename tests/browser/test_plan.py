"""My plan on a phone: a goal, steps, done, undone, later, files; axe on each page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import Tabs, faults

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

REFUSED = r"status of (400|404)"


def press(page: Page, name: str) -> None:
    """Press a button and wait for the page after it."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def follow(page: Page, name: str) -> None:
    """Follow a link to another page."""
    with page.expect_navigation():
        page.get_by_role("link", name=name).first.click()


def do(page: Page) -> None:
    """Tick off the first step."""
    with page.expect_navigation():
        page.locator("button[name=step]").first.click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_learner_plans_does_and_takes_it_along(axe_tabs: Tabs, script: bool):
    axe_tabs.allow(REFUSED)
    page = axe_tabs.tool("/plan/", "plan", sub=f"plan {script}", java_script_enabled=script)
    home = page.url
    found: list[str] = []

    def look(state: str) -> None:
        if script:
            found.extend(faults(page, state))

    look("empty plan")
    follow(page, "Choose a goal")
    press(page, "This is my goal")
    expect(page.get_by_role("alert")).to_have_text("Write a few words first.")
    look("goals to take")
    page.get_by_label("My goal in my own words").fill("Work with animals")
    press(page, "This is my goal")
    press(page, "Save this step")
    expect(page.get_by_role("alert")).to_be_visible()
    look("a step to write")
    page.get_by_label("What will you do?").fill("Ask the farmer next door")
    page.get_by_label("This week").check()
    page.get_by_text("Who helps you?").click()
    page.get_by_label("Choose").select_option("family")
    press(page, "Save this step")
    expect(page.locator("li.card")).to_contain_text("Help: somebody of my family")
    follow(page, "Add a step")
    page.get_by_label("Ask one person about it").check()
    page.get_by_label("Day", exact=True).fill("2001-01-01")
    press(page, "Save this step")
    expect(page.get_by_role("alert")).to_contain_text("This day is over")
    page.get_by_label("No day yet").check()
    page.get_by_label("Day", exact=True).fill("")
    press(page, "Save this step")
    expect(page.locator("li.card")).to_have_count(2)
    look("a plan")
    follow(page, "Later, change, delete")
    look("a step")
    with page.expect_navigation():
        page.locator("button[name=due]").first.click()
    do(page)
    expect(page.get_by_role("status")).to_contain_text("Done: “Ask the farmer next door”.")
    look("a step done")
    follow(page, "Change the goal")
    look("a goal")
    press(page, "Delete the goal and its steps")
    expect(page.get_by_role("status")).to_contain_text("Deleted: “Work with animals”.")
    look("a goal deleted")
    press(page, "Take it back")
    expect(page.locator("li.card")).to_have_count(1)
    follow(page, "Print it or keep it as a file")
    look("files")
    with page.expect_download() as download:
        page.get_by_role("link", name="As a PDF, for paper").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    page.goto(home)
    do(page)
    press(page, "Yes, I have reached it")
    expect(page.get_by_role("status")).to_contain_text("You reached your goal")
    look("a goal reached")
    assert found == []
