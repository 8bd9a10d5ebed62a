"""The main job in a real browser: place, learn, grade, see; in the frame, on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage import (
    CAREERS,
    CIARA,
    INTERESTS,
    TEACHER,
    Tabs,
    answer_all,
    frame_of,
    open_activity,
    settle,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_the_frame_really_has_no_third_party_cookies(careful_tabs: Tabs):
    """The control: an ordinary third-party cookie is dropped, so the journeys prove something."""
    page = careful_tabs.activity(careful_tabs.demo.somebody())
    frame_of(page).evaluate("document.cookie = 'plain=1; SameSite=None; Secure; Path=/'")
    frame_of(page).evaluate("document.cookie = 'own=1; SameSite=None; Secure; Path=/; Partitioned'")
    assert frame_of(page).evaluate("document.cookie") == "own=1"
    frame_of(page).evaluate(
        "document.cookie = 'own=; SameSite=None; Secure; Path=/; Partitioned; Max-Age=0'"
    )


def _add_both(page: Page, *, scripts: bool) -> None:
    page.get_by_role("link", name="Add activities from").click()
    frame = settle(page)
    for title in (INTERESTS, CAREERS):
        frame.get_by_label(title).check()
    frame.get_by_role("button", name="Add to the course").click()
    if not scripts:
        frame.locator("form[data-send] button").click()
        frame.locator("#ltiLaunchForm button").click()
    frame.get_by_role("button", name="Save and return to course").click()
    expect(page.get_by_role("link", name=INTERESTS)).to_be_visible()
    expect(page.get_by_role("link", name=CAREERS)).to_be_visible()


@pytest.mark.parametrize(("scripts", "course"), [(True, 3), (False, 4)])
def test_from_placing_modules_to_a_grade_that_arrived(careful_tabs: Tabs, scripts, course):
    learner = CIARA if scripts else 14
    options = {"java_script_enabled": scripts}
    view = f"/course/view.php?id={course}"
    teacher = careful_tabs.lms(TEACHER, view, width=1280, **options)
    _add_both(teacher, scripts=scripts)

    page = careful_tabs.lms(learner, view, **options)
    frame = open_activity(page, INTERESTS)
    expect(frame.get_by_text("Only you see your answers")).to_be_visible()
    frame.get_by_role("button", name="Start").click()
    assert 12 <= answer_all(frame) <= 24
    expect(frame.get_by_role("heading", name="What you like doing")).to_be_visible()
    expect(frame.get_by_role("img", name="Your six interests")).to_be_visible()

    page.goto(careful_tabs.demo.lms + view)
    frame = open_activity(page, CAREERS)
    frame.locator("ol.list li.card a").first.click()
    frame.get_by_role("button", name="Keep this job").click()
    expect(frame.get_by_role("heading", name="Jobs you keep")).to_be_visible()

    report = f"{careful_tabs.demo.lms}/grade/report/index.php?id={course}"
    _look_until(
        page, report, lambda: page.locator("#live td b").all_inner_texts() == ["100.00"] * 2
    )

    teacher.goto(careful_tabs.demo.lms + view)
    frame = open_activity(teacher, INTERESTS)
    row = frame.locator("tbody tr", has_text="finished")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("arrived")


def _look_until(page: Page, url: str, good: Callable[[], bool]) -> None:
    """Load a page until it shows what a worker does in the background."""
    for _ in range(60):
        page.goto(url)
        if good():
            return
        page.wait_for_timeout(500)
    raise AssertionError(page.locator("main").inner_text())


@pytest.mark.parametrize(("user", "tag"), [(6, "hu"), (9, "sr-Latn"), (CIARA, "en")])
def test_the_page_speaks_the_language_of_the_launch(careful_tabs: Tabs, user, tag):
    page = careful_tabs.activity(user)
    assert frame_of(page).evaluate("document.documentElement.lang") == tag


def test_the_full_window_begins_with_a_launch_of_its_own(careful_tabs: Tabs):
    """Our cookie stays in the platform's frame, so an address alone would open nothing."""
    page = careful_tabs.activity(careful_tabs.demo.somebody())
    with page.context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Open in a full window").click()
    window = opened.value
    window.wait_for_url(f"{careful_tabs.demo.tool}/l/**")
    expect(window.get_by_role("button", name="Start")).to_be_visible()
    expect(window.get_by_role("link", name="Open in a full window")).to_be_hidden()


def test_the_platform_hears_how_tall_the_page_is(careful_tabs: Tabs):
    page = careful_tabs.activity(careful_tabs.demo.somebody())
    page.evaluate(
        "addEventListener('message', (e) => { (window.heard ||= []).push([e.origin, e.data]) })"
    )
    page.set_viewport_size({"width": 320, "height": 740})
    page.wait_for_function("window.heard?.length")
    origin, data = page.evaluate("window.heard.at(-1)")
    assert origin == careful_tabs.demo.tool
    assert data["subject"] == "lti.frameResize"
    assert data["height"] == frame_of(page).evaluate("document.documentElement.offsetHeight")
