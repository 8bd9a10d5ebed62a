"""WCAG 2.2 AA on every page in every state: axe, reflow, keyboard, targets, text size, colours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from config.clock import utcnow
from lti_tool.lti.registration import create_invite
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.people.models import User
from lti_tool.people.roles import Role
from lti_tool.people.tenants import list_tenants
from tests.browser.stage import (
    ADMIN,
    CIARA,
    TEACHER,
    Demo,
    Tabs,
    answer,
    axe,
    faults,
    finish,
    frame_of,
    settle,
    too_wide,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

REFUSED = r"status of (400|401|403|404)"


def test_axe_would_see_a_bad_page_and_a_bad_frame(axe_tabs: Tabs):
    """The control: without it a silent axe would look like a clean page."""
    page = axe_tabs.activity(axe_tabs.demo.somebody())
    frame_of(page).evaluate(
        "() => { const b = document.createElement('button'); document.body.append(b);"
        " document.querySelector('h1').style.width = '2000px' }"
    )
    found = "\n".join(faults(page, "spoilt", (320,)))
    assert "button-name" in found
    assert "scrolls sideways" in found


def test_interests(axe_tabs: Tabs):
    page = axe_tabs.tool("/interests/", sub="axe")
    found = faults(page, "welcome")
    page.get_by_role("button", name="Start").click()
    page.locator(".answers").wait_for()
    found += faults(page, "first question")
    answer(page, "5")
    page.get_by_role("link", name="Back to the question before").click()
    page.locator("[aria-pressed=true]").wait_for()
    found += faults(page, "answered question")
    page.goto(page.url.split("/q/")[0] + "/")
    found += faults(page, "welcome back")
    finish(page, "43215")
    found += faults(page, "result")
    page.get_by_text("The same in words").click()
    page.get_by_role("button", name="Partly").click()
    expect(page.get_by_role("status")).to_have_text(
        "Thank you. You can change your word at any time."
    )
    page.get_by_text("The same in words").click()
    page.locator("footer summary").click()
    found += faults(page, "result, all open")
    assert found == []


def test_the_unsent_answer(axe_tabs: Tabs):
    axe_tabs.allow("Failed to load")
    page = axe_tabs.tool("/interests/")
    page.get_by_role("button", name="Start").click()
    page.locator(".answers").wait_for()
    page.route("**/q/*", lambda r: r.abort() if r.request.method == "POST" else r.continue_())
    page.locator(".answers button").first.click()
    expect(page.get_by_role("status")).not_to_be_empty()
    assert faults(page, "not sent yet") == []


def test_careers(axe_tabs: Tabs):
    page = axe_tabs.tool("/careers/", module="careers", sub="axe careers")
    home = page.url
    found = faults(page, "careers without a profile")
    page.goto(f"{home}?q=baker")
    found += faults(page, "search")
    page.goto(f"{home}?q=zzzzqqqq")
    found += faults(page, "search without a find")
    interests = axe_tabs.tool("/interests/", sub="axe careers")
    finish(interests)
    page.goto(home)
    found += faults(page, "careers")
    page.get_by_text("Show only some jobs").click()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Show jobs").click()
    page.wait_for_load_state()
    found += faults(page, "careers, all boxes ticked")
    page.goto(home)
    page.locator("ol.list a").first.click()
    found += faults(page, "a job")
    page.get_by_role("button", name="Keep this job").click()
    expect(page.get_by_role("heading", name="Jobs you keep")).to_be_visible()
    found += faults(page, "a kept job in the list")
    page.locator("ul.list a").first.click()
    expect(page.get_by_role("button", name="Let this job go")).to_be_visible()
    found += faults(page, "a kept job")
    assert found == []


def _finish(tabs: Tabs, link: str, sub: str) -> None:
    finish(tabs.tool("/interests/", sub=sub, link=link))


def test_teacher(axe_tabs: Tabs):
    demo = axe_tabs.demo
    _home, _cookie, link = demo.launch()
    page = axe_tabs.tool("/", role=Role.INSTRUCTOR, link=link, sub="axe teacher")
    found = faults(page, "teacher, nobody yet")
    _finish(axe_tabs, link, "axe finished")
    _finish(axe_tabs, link, "axe stuck")
    started = axe_tabs.tool("/interests/", sub="axe begun", link=link)
    started.get_by_role("button", name="Start").click()
    answer(started, "3")
    with demo.database.write() as session:
        user = session.scalars(select(User).where(User.sub == "axe stuck")).one()
        session.execute(
            update(ScoreDelivery)
            .where(ScoreDelivery.user_id == user.id)
            .values(state="parked", reason="refused")
        )
    page.goto(page.url)
    stuck = page.get_by_role("row", name="axe stuck")
    expect(stuck.get_by_role("button", name="Send again")).to_be_visible()
    found += faults(page, "teacher, somebody stuck")
    assert found == []


def test_picker(axe_tabs: Tabs):
    page = axe_tabs.lms(TEACHER, "/course/view.php?id=2", width=1280)
    page.get_by_role("link", name="Add activities from").click()
    frame = settle(page)
    found = faults(page, "picker in the LMS")
    frame.get_by_role("button", name="Add to the course").click()
    expect(frame.get_by_role("alert")).to_be_visible()
    found += faults(page, "picker, nothing ticked")
    frame.get_by_role("button", name="See it as a learner").first.click()
    expect(frame.get_by_text("Nothing is saved here")).to_be_visible()
    found += faults(page, "preview")
    frame.get_by_role("link", name="Back to the list").click()
    frame.get_by_role("checkbox").first.check()
    axe_tabs.allow("Failed to load|ERR_FAILED")
    page.route("**/contentitem_return.php*", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        frame.get_by_role("button", name="Add to the course").click()
    assert found == []


def test_refusals(axe_tabs: Tabs):
    axe_tabs.allow(REFUSED)
    demo = axe_tabs.demo
    page = axe_tabs.tool("/", module=None)
    found = faults(page, "not configured, learner")
    page = axe_tabs.tool("/", module=None, role=Role.INSTRUCTOR)
    found += faults(page, "not configured, teacher")
    page = axe_tabs.tool("/teacher/")
    found += faults(page, "not for this role")
    home = page.url.removesuffix("/teacher/")
    page.goto(f"{home}/careers/job/none")
    found += faults(page, "unknown job")
    demo.expire(home)
    page.goto(f"{home}/interests/")
    expect(page.get_by_role("link", name="Open the activity again")).to_be_visible()
    found += faults(page, "ended")
    for path in ("/lti/login", "/nothing-here", "/lti/register/not-a-code"):
        page.goto(demo.tool + path)
        found += faults(page, path)
    assert found == []


def _login(demo: Demo, tabs: Tabs, **more: str) -> tuple[str, Page]:
    """Begin a login as the practice LMS does; returns what the tool needs and a page without it."""
    with demo.database.read() as session:
        from lti_tool.lti.models import Platform

        platform = session.scalars(select(Platform)).first()
        client_id, issuer = platform.client_id, platform.issuer
    query = {
        "iss": issuer, "client_id": client_id, "login_hint": str(CIARA), "lti_deployment_id": "1",
        "target_link_uri": f"{demo.tool}/lti/launch", **more,
    }  # fmt: skip
    page = tabs.page()
    return "&".join(f"{name}={value}" for name, value in query.items()), page


def test_the_pages_around_a_browser_without_cookies(axe_tabs: Tabs):
    axe_tabs.allow(REFUSED)
    demo = axe_tabs.demo
    query, page = _login(demo, axe_tabs)
    begun = axe_tabs.context().request.get(f"{demo.tool}/lti/login?{query}", max_redirects=0)
    state = begun.headers["location"].split("state=")[1].split("&")[0]
    form = (
        f"<form method=post action='{demo.tool}/lti/launch'><input name=id_token value=x>"
        f"<input name=state value='{state}'><button>Go</button></form>"
    )
    page.route("**/form-of-the-platform", lambda r: r.fulfill(content_type="text/html", body=form))
    page.goto(f"{demo.lms}/form-of-the-platform")
    page.get_by_role("button").click()
    expect(page.get_by_role("heading", name="Continue in a new tab")).to_be_visible()
    found = faults(page, "continue in a new tab")
    query, page = _login(demo, axe_tabs, lti_storage_target="_parent")
    page.route("**/platform-storage.js*", lambda route: route.fulfill(body=""))
    page.goto(f"{demo.tool}/lti/login?{query}")
    expect(page.get_by_role("link", name="Go on")).to_be_visible()
    found += faults(page, "one moment")
    assert found == []


def test_registration(axe_tabs: Tabs):
    """As an admin: read what is asked, connect, see the ticks, activate."""
    demo = axe_tabs.demo
    with demo.database.write() as session:
        (tenant,) = list_tenants(session)
        code = create_invite(session, tenant.id, auto_approve=True, now=utcnow())
    page = axe_tabs.page()
    page.goto(f"{demo.tool}/lti/register/{code}")
    found = faults(page, "registration by hand")
    admin = axe_tabs.lms(ADMIN, "/admin/tools", width=1280)
    found += faults(admin, "LMS: tools")
    admin.get_by_label("Registration URL of the tool").fill(f"{demo.tool}/lti/register/{code}")
    admin.get_by_role("button", name="Add tool").click()
    frame = admin.frame_locator("iframe")
    connect = frame.get_by_role("button", name="Connect now")
    expect(connect).to_be_visible()
    found += faults(admin, "registration in the LMS")
    connect.click()
    expect(frame.get_by_role("heading", name="Your site is connected")).to_be_visible()
    found += faults(admin, "registered", (320,))
    frame.get_by_role("button", name="Close this window").click()
    admin.wait_for_url("**/admin/tools")
    activate = admin.get_by_role("button", name="Activate")
    if activate.count():
        activate.first.click()
    expect(admin.get_by_role("heading", name="Back on Track Active")).to_have_count(1)
    assert found == []


def test_practice_lms(axe_tabs: Tabs):
    axe_tabs.allow(REFUSED)
    demo = axe_tabs.demo
    page = axe_tabs.page()
    page.goto(demo.lms)
    found = faults(page, "LMS: front page")
    user = demo.somebody()
    page = axe_tabs.activity(user)
    found += faults(page, "LMS: activity")
    page.frame_locator("iframe").get_by_role("button", name="Start").click()
    page.frame_locator("iframe").locator(".answers").wait_for()
    found += faults(page, "LMS: question in the frame")
    for path in (
        "/", "/course/view.php?id=2", "/grade/report/index.php?id=2", "/under-the-hood", "/nothing",
    ):  # fmt: skip
        page.goto(demo.lms + path)
        found += faults(page, f"LMS: {path}")
    page = axe_tabs.lms(TEACHER, "/grade/report/index.php?id=2")
    found += faults(page, "LMS: grades for a teacher")
    assert found == []


def _question(page: Page) -> None:
    page.get_by_role("button", name="Start").click()
    page.locator(".answers").wait_for()


def _result(page: Page) -> None:
    finish(page)


@pytest.mark.parametrize("arrive", [_question, _result], ids=["question", "result"])
@pytest.mark.parametrize(
    "colours", [{"color_scheme": "dark"}, {"forced_colors": "active"}], ids=["dark", "forced"]
)
def test_other_colours_are_readable(axe_tabs: Tabs, arrive: Callable[[Page], None], colours):
    page = axe_tabs.tool("/interests/", **colours)
    arrive(page)
    assert axe(page) == []
    if "color_scheme" in colours:
        paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert max(int(part) for part in paper[4:-1].split(",")) < 60


def test_bars_and_chosen_answers_show_in_forced_colours(tabs: Tabs):
    page = tabs.tool("/interests/", forced_colors="active")
    _question(page)
    answer(page, "4")
    page.go_back()
    style = "(n) => { const s = getComputedStyle(n); return [s.borderStyle, s.borderColor].join() }"
    chosen = page.locator("[aria-pressed=true]").evaluate(style)
    other = page.locator("[aria-pressed=false]").first.evaluate(style)
    assert chosen != other
    page.goto(page.url.split("/q/")[0] + "/")
    finish(page)
    fills = [
        page.locator(name).first.evaluate("n => getComputedStyle(n).fill")
        for name in (".bar", ".bar-back")
    ]
    assert fills[0] != fills[1]


@pytest.mark.parametrize("height", [420, 450, 515])
def test_all_answers_are_big_and_fit_a_phones_frame(tabs: Tabs, height):
    """The shortest frame that a phone's course page leaves is about 420 px high."""
    page = tabs.tool("/interests/", width=328, height=height)
    _question(page)
    boxes = [button.bounding_box() for button in page.locator(".answers button").all()]
    assert len(boxes) == 6
    assert min(box["height"] for box in boxes) >= 48
    assert min(box["width"] for box in boxes) >= 48
    assert max(box["y"] + box["height"] for box in boxes) <= height


def test_buttons_and_summaries_are_big_enough_everywhere(tabs: Tabs):
    page = tabs.tool("/interests/")
    pages = [page.url]
    _result(page)
    pages.append(page.url)
    small = []
    for url in pages:
        page.goto(url)
        for part in page.locator("button:visible, summary:visible, a.button:visible").all():
            box = part.bounding_box()
            if box["height"] < 48:
                small.append((part.inner_text(), box["height"]))
    assert small == []


@pytest.mark.parametrize("arrive", [_question, _result], ids=["question", "result"])
def test_text_at_twice_its_size(tabs: Tabs, arrive: Callable[[Page], None]):
    page = tabs.tool("/interests/", width=360)
    arrive(page)
    # The longest words are not English.
    page.locator("h1").evaluate("n => n.textContent = 'Eine Landwirtschaftsausstellung besuchen'")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert too_wide(page) == []
    cut = page.evaluate(
        "[...document.querySelectorAll('main *, footer *')].filter(n => !n.closest('svg')"
        " && n.checkVisibility() && !n.matches('.hidden, progress') && n.clientWidth"
        " && n.scrollWidth > n.clientWidth + 1 && getComputedStyle(n).overflowX !== 'auto')"
        ".map(n => n.outerHTML)"
    )
    assert cut == []


def test_print_has_the_result_and_no_controls(tabs: Tabs):
    page = tabs.tool("/interests/")
    _result(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("img", name="Your six interests")).to_be_visible()
    table = page.get_by_role("table")
    assert table.bounding_box()["height"] > 100
    for part in ("footer", "main form", "main button"):
        assert not any(one.is_visible() for one in page.locator(part).all())
    page.emulate_media(media="screen")
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="Print or save as PDF").click()
    assert page.evaluate("window.printed") is True


def _press_until(page: Page, selector: str) -> None:
    """Tab to a control, looking at each stop: focus must show, and be in sight."""
    for _ in range(20):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            "(wanted) => { const n = document.activeElement, s = getComputedStyle(n),"
            " b = n.getBoundingClientRect(); return {found: n.matches(wanted),"
            " seen: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2,"
            " there: b.bottom > 0 && b.top < innerHeight && b.width > 0, html: n.outerHTML} }",
            selector,
        )
        assert focus["seen"], focus
        assert focus["there"], focus
        if focus["found"]:
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_the_whole_module_by_keyboard(tabs: Tabs):
    page = tabs.tool("/interests/", height=450)
    _press_until(page, "main form button")
    page.keyboard.press("Enter")
    page.locator(".answers").wait_for()
    for step in range(30):
        item = page.locator("input[name=item]")
        page.get_by_role("heading", level=1).wait_for()
        if not item.count():
            break
        before = item.get_attribute("value")
        _press_until(page, f".answers button[value='{'54321'[step % 5]}']")
        page.keyboard.press("Enter" if step % 2 else "Space")
        expect(page.locator(f"input[name=item][value='{before}']")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("What you like doing")
    _press_until(page, "summary")
    page.keyboard.press("Enter")
    expect(page.get_by_role("table")).to_be_visible()
    _press_until(page, "button[value=yes]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Thank you")


def test_the_skip_link_leads_to_the_page(tabs: Tabs):
    page = tabs.tool("/interests/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the page")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
