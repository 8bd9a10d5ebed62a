"""My digital skills in a phone's browser: nothing tapped is lost, each state is readable."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Page, expect
from sqlalchemy import select

from lti_tool.learner.digital.models import DigitalAnswer, DigitalPractice
from lti_tool.people.models import User
from tests.browser.stage import Demo, Tabs, faults, too_wide

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOT_SENT = "Not sent yet"


def answers_of(demo: Demo, sub: str) -> list[str]:
    """The values that the database has of one learner, in the order asked."""
    with demo.database.read() as session:
        return list(
            session.scalars(
                select(DigitalAnswer.value)
                .join(User, (User.tenant_id == DigitalAnswer.tenant_id)
                      & (User.id == DigitalAnswer.user_id))
                .where(User.sub == sub)
                .order_by(DigitalAnswer.position)
            )
        )  # fmt: skip


def started(tabs: Tabs, sub: str, **options: object) -> Page:
    page = tabs.tool("/digital/", "digital", sub=sub, **options)
    page.get_by_role("button", name="Start").click()
    page.locator(".answers").wait_for()
    return page


def tap(where: Page | FrameLocator, value: str) -> None:
    """Give one answer and wait for another page."""
    asked = where.get_by_role("heading", level=1).inner_text()
    where.locator(f".answers button[value='{value}']").click()
    expect(where.get_by_role("heading", level=1)).not_to_have_text(asked)


def finish(page: Page, value: str) -> int:
    for count in range(16):
        if not page.locator(".answers").count():
            return count
        tap(page, value)
    raise AssertionError("more than fifteen questions")


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_learner_walks_to_the_result_and_tries_something(axe_tabs: Tabs, script: bool):
    sub = f"digital {script}"
    page = axe_tabs.tool("/digital/", "digital", sub=sub, java_script_enabled=script)
    found: list[str] = []

    def look(state: str) -> None:
        if script:
            found.extend(faults(page, state))

    look("welcome")
    page.get_by_role("button", name="Start").click()
    look("question")
    assert 10 <= finish(page, "help") <= 15
    assert set(answers_of(axe_tabs.demo, sub)) == {"help"}
    look("result")
    page.get_by_text("The same in words").click()
    look("result in words")
    with page.expect_navigation():
        page.get_by_role("button", name="I did it").first.click()
    expect(page.get_by_role("status").filter(has_text="Well done!")).to_be_visible()
    look("one thing tried")
    assert found == []
    with axe_tabs.demo.database.read() as session:
        done = session.scalars(
            select(DigitalPractice).join(
                User,
                (User.tenant_id == DigitalPractice.tenant_id)
                & (User.id == DigitalPractice.user_id),
            ).where(User.sub == sub)
        )  # fmt: skip
        assert len(list(done)) == 1


def test_back_reload_and_another_tab_keep_the_answers(tabs: Tabs):
    page = started(tabs, "digital back")
    first = page.get_by_role("heading", level=1).inner_text()
    tap(page, "own")
    second = page.get_by_role("heading", level=1).inner_text()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(second)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    expect(page.locator(".answers [aria-pressed=true]")).to_have_attribute("value", "own")
    other = tabs.page(page.context)
    other.goto(page.url)
    tap(other, "help")
    tap(page, "not_yet")
    assert answers_of(tabs.demo, "digital back") == ["not_yet"]


def test_an_answer_waits_for_the_line(tabs: Tabs):
    tabs.allow("ERR_INTERNET_DISCONNECTED")
    page = started(tabs, "digital line")
    first = page.get_by_role("heading", level=1).inner_text()
    page.context.set_offline(True)
    page.locator(".answers button[value='own']").click()
    expect(page.get_by_role("status").filter(has_text=NOT_SENT)).to_be_visible()
    assert answers_of(tabs.demo, "digital line") == []
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).not_to_have_text(first)
    assert answers_of(tabs.demo, "digital line") == ["own"]


def test_an_answer_outlives_an_ended_session(tabs: Tabs):
    tabs.allow("401")
    page = started(tabs, "digital ended")
    tabs.demo.expire(page.url)
    page.locator(".answers button[value='help']").click()
    expect(page.get_by_role("heading", name="Please open the activity again")).to_be_visible()
    assert answers_of(tabs.demo, "digital ended") == []
    home, cookie, _link = tabs.demo.launch("digital", sub="digital ended")
    page.context.add_cookies([cookie])
    page.goto(f"{home}/digital/")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Question 2")).to_be_visible()
    assert answers_of(tabs.demo, "digital ended") == ["help"]


@pytest.mark.parametrize(
    "options", [{"color_scheme": "dark"}, {"forced_colors": "active"}], ids=["dark", "forced"]
)
def test_the_result_in_other_colours(axe_tabs: Tabs, options: dict[str, str]):
    page = started(axe_tabs, f"digital {options}", **options)
    finish(page, "own")
    assert faults(page, "result", (360,)) == []
    fills = [
        page.locator(f"rect.{name}").first.evaluate("rect => getComputedStyle(rect).fill")
        for name in ("bar", "bar-back")
        if page.locator(f"rect.{name}").count()
    ]
    assert len(set(fills)) == len(fills)


def test_on_paper_the_result_has_everything_but_controls(tabs: Tabs):
    page = started(tabs, "digital paper")
    finish(page, "help")
    page.emulate_media(media="print")
    for part in ("footer", "main form", "main button"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.get_by_role("img", name="Your five areas")).to_be_visible()
    expect(page.locator("tbody td").first).to_be_visible()
    expect(page.locator("li.card ol > li").first).to_be_visible()
    assert too_wide(page) == []


def test_the_result_is_read_aloud_by_the_button_of_the_footer(tabs: Tabs):
    page = started(tabs, "digital aloud")
    page.context.add_init_script(
        "window.said = [];"
        "Object.defineProperty(window, 'speechSynthesis', {configurable: true, value:"
        " {speaking: false, cancel() {}, speak(words) { said.push([words.text, words.lang]) }}});"
    )
    page.reload()
    expect(page.get_by_role("button", name="Read aloud")).to_have_count(1)
    finish(page, "own")
    page.get_by_role("button", name="Read aloud").click()
    said = page.evaluate("said")
    assert said[0] == ["What you can do", "en"]
    assert len(said) > 10
    assert all(text.strip() for text, _lang in said)


def test_ticks_and_choices_outlive_a_reload_and_an_ended_session(tabs: Tabs):
    """A form with more than text sends what was ticked, not what the new page shows."""
    tabs.allow("401")
    page = tabs.page()
    sent: list[str] = []
    replies = iter((401, 200))
    form = """<!doctype html><html lang=en><title>Ticks</title>
<script src=/static/app.js defer></script>
<form method=post action=/l/{launch}/ticks data-keep="ticks me">
<input type=hidden name=csrf value={launch}>
<label><input type=checkbox name=slot value=mon> Monday</label>
<label><input type=checkbox name=slot value=tue checked> Tuesday</label>
<label><input type=radio name=how value=near checked> Near</label>
<label><input type=radio name=how value=far> Far</label>
<label>Who <select name=who><option value=a>A<option value=b>B</select></label>
<label>Day <input type=date name=day></label>
<button>Save</button></form>"""

    def ticks(route):
        launch = route.request.url.split("/l/")[1].split("/")[0]
        if route.request.method == "GET":
            route.fulfill(content_type="text/html", body=form.format(launch=launch))
        elif route.request.headers["accept"] == "application/json" and next(replies) == 200:
            sent.append(route.request.post_data)
            route.fulfill(json={"next": f"/l/{launch}/done"})
        else:
            route.fulfill(status=401, content_type="text/html", body="<h1>Open again</h1>")

    page.route("**/ticks", ticks)
    page.route("**/done", lambda route: route.fulfill(body="done"))
    page.goto(f"{tabs.demo.tool}/l/one/ticks")
    page.get_by_label("Monday").check()
    page.get_by_label("Tuesday").uncheck()
    page.get_by_label("Far").check()
    page.get_by_label("Who").select_option("b")
    page.get_by_label("Day", exact=True).fill("2030-05-01")
    page.reload()
    expect(page.get_by_label("Monday")).to_be_checked()
    expect(page.get_by_label("Tuesday")).not_to_be_checked()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Open again")).to_be_visible()
    page.goto(f"{tabs.demo.tool}/l/two/ticks")
    page.wait_for_url("**/l/two/done")
    assert sent == ["csrf=two&slot=mon&how=far&who=b&day=2030-05-01"]
