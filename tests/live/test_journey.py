"""The main job with a real Moodle: register, place, learn, grade, sync."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.live.conftest import Live, Tool

pytestmark = pytest.mark.live

MODULES = ("What do I like doing?", "Work that could suit me")


@pytest.fixture(scope="module")
def registered(live: Live, tool: Tool) -> str:
    """An invite of a fresh organisation, ready to be pasted."""
    tool.run("tenant", "add", "live", "Live partner", "--names")
    return tool.run("invite", "--tenant", "live")


def test_1_the_admin_pastes_one_address_and_activates(live, tool, registered, sign_in):
    admin = sign_in(live.admin, width=1280)
    page = admin.open("/mod/lti/toolconfigure.php")
    page.fill("#tool-url", registered)
    page.click("#tool-create-button")
    frame = _tool_frame(page)
    connect = frame.get_by_role("button", name="Connect now")
    anew = frame.get_by_text("Register as a new external tool")  # after earlier runs
    expect(connect.or_(anew)).to_be_visible()
    if anew.count():
        anew.click()
    connect.click()
    frame.get_by_role("button", name="Close this window").click()
    activate = page.get_by_role("link", name="Activate", exact=True)
    expect(activate.first).to_be_visible()
    while activate.count():  # cards that earlier runs left pending go along
        activate.first.click()
        page.wait_for_timeout(2000)
    assert "active" in tool.run("platform", "list")


def test_2_the_teacher_adds_two_modules_by_deep_linking(live, tool, sign_in):
    teacher = sign_in(live.teacher, width=1280)
    page = teacher.open(
        f"/course/modedit.php?add=lti&course={live.course}&section=1&typeid={_type_id(tool)}"
    )
    page.get_by_role("button", name="Select content").click()
    frame = page.frame_locator("iframe#contentitem-page-iframe")
    for title in MODULES:
        frame.get_by_label(title).check()
    frame.get_by_role("button", name="Add to the course").click()
    page.get_by_role("button", name="Save and return to course").click()
    page.wait_for_url(lambda url: "course/view.php" in url)
    for title in MODULES:
        expect(page.get_by_role("link", name=title).last).to_be_visible()


@pytest.mark.parametrize("number", [0, 1])
def test_3_learners_finish_in_the_frame_without_third_party_cookies(live, sign_in, number):
    learner = sign_in(live.learners[number])
    page = learner.open(f"/course/view.php?id={live.course}")
    page.get_by_role("link", name=MODULES[0]).last.click()
    frame = page.frame_locator("iframe#contentframe")
    frame.get_by_role("button", name="Start").click()
    _answer_all(frame, "54321" if number == 0 else "12345")
    expect(frame.get_by_role("heading", name="What you like doing")).to_be_visible()
    learner.open(f"/course/view.php?id={live.course}")
    page.get_by_role("link", name=MODULES[1]).last.click()
    frame = page.frame_locator("iframe#contentframe")
    frame.locator("ol.list li.card a").first.click()
    frame.get_by_role("button", name="Keep this job").click()
    expect(frame.get_by_role("heading", name="Jobs you keep")).to_be_visible()


def test_4_all_grades_arrive_in_moodles_gradebook(live, sign_in):
    teacher = sign_in(live.teacher, width=1600)
    for _ in range(20):
        page = teacher.open(f"/grade/report/grader/index.php?id={live.course}")
        arrived = [_newest_grades(page, username) for username, _password in live.learners[:2]]
        if arrived == [["100.00", "100.00"]] * 2:
            return
        time.sleep(1)
    raise AssertionError(f"the gradebook shows {arrived}")


def test_5_the_teacher_sees_who_finished(live, sign_in):
    teacher = sign_in(live.teacher, width=1280)
    page = teacher.open(f"/course/view.php?id={live.course}")
    page.get_by_role("link", name=MODULES[0]).last.click()
    frame = page.frame_locator("iframe#contentframe")
    expect(frame.locator("tbody tr")).to_have_count(2)
    expect(frame.locator("tbody tr").first).to_contain_text("arrived")


def test_6_the_course_is_synced_and_a_second_run_changes_nothing(live, tool):
    platform = tool.run("platform", "list").split()[0]
    tool.run("sync", "connect", platform, stdin=live.token)
    first = tool.run("sync", "--platform", platform)
    assert "done" in first.splitlines()[0]
    second = tool.run("sync", "--platform", platform)
    assert " 0 changes" in second


def test_7_the_doctor_finds_nothing_wrong(tool):
    tool.run("doctor")


def _tool_frame(page: Page) -> FrameLocator:
    return page.frame_locator("iframe >> visible=true")


def _type_id(tool: Tool) -> str:
    """Moodle's id of the tool, which is the deployment's id as well."""
    platform = tool.run("platform", "list").split()[0]
    return tool.run("platform", "show", platform).split("deployment")[-1].strip()


def _answer_all(frame: FrameLocator, pattern: str) -> None:
    for step in range(30):
        item = frame.locator("input[name=item]")
        heading = frame.get_by_role("heading", level=1)
        heading.wait_for()
        if not item.count():
            return
        before = item.get_attribute("value")
        frame.locator(f"button[value='{pattern[step % 5]}']").click()
        expect(frame.locator(f"input[name=item][value='{before}']")).to_have_count(0)
    raise AssertionError("more than thirty questions")


def _newest_grades(page: Page, username: str) -> list[str]:
    """The last two activities' grades of a learner, as the teacher reads them."""
    row = page.locator("tr.userrow").filter(has_text=f"{username}@")
    cells = row.locator("td.grade:not(.course)").all_inner_texts()
    return [cell.split()[0] for cell in cells[-2:]]
