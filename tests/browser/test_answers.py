"""Nothing tapped is lost: back, reload, two tabs, a lost line, an ended session."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Request, expect
from sqlalchemy import select

from lti_tool.learner.interests.models import InterestAnswer, InterestAttempt
from lti_tool.people.models import User
from tests.browser.stage import (
    Demo,
    Tabs,
    answer,
    frame_of,
    item_of,
    open_activity,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOT_SENT = "Not sent yet"


def answers_of(demo: Demo, sub: str) -> dict[str, int | None]:
    """What the database has of one learner."""
    with demo.database.read() as session:
        rows = session.execute(
            select(InterestAnswer.item, InterestAnswer.value)
            .join(
                InterestAttempt,
                (InterestAttempt.tenant_id == InterestAnswer.tenant_id)
                & (InterestAttempt.id == InterestAnswer.attempt_id),
            )
            .join(User, (User.tenant_id == InterestAttempt.tenant_id)
                  & (User.id == InterestAttempt.user_id))
            .where(User.sub == sub)
            .order_by(InterestAnswer.position)
        )  # fmt: skip
        return {row.item: row.value for row in rows}


def started(tabs: Tabs, sub: str, **options: object) -> Page:
    """A learner at the first question, in a window of their own."""
    page = tabs.tool("/interests/", sub=sub, **options)
    page.get_by_role("button", name="Start").click()
    page.locator(".answers").wait_for()
    return page


def test_each_answer_is_stored_before_the_next_question_shows(tabs: Tabs):
    page = started(tabs, "each")
    given = {}
    for value in ("5", "", "1"):
        given[item_of(page)] = int(value) if value else None
        answer(page, value)
        assert answers_of(tabs.demo, "each") == given


def test_the_back_button_shows_the_answer_and_lets_it_change(tabs: Tabs):
    page = started(tabs, "back")
    first = item_of(page)
    answer(page, "4")
    second = item_of(page)
    answer(page, "2")
    page.go_back()
    assert item_of(page) == second
    expect(page.locator(".answers [aria-pressed=true]")).to_have_attribute("value", "2")
    page.get_by_role("link", name="Back to the question before").click()
    expect(page.locator(f"input[name=item][value={first}]")).to_have_count(1)
    expect(page.locator(".answers [aria-pressed=true]")).to_have_attribute("value", "4")
    answer(page, "5")
    assert item_of(page) == second
    assert answers_of(tabs.demo, "back") == {first: 5, second: 2}


def test_a_reload_asks_the_same_question(tabs: Tabs):
    page = started(tabs, "reload")
    answer(page, "3")
    before = item_of(page)
    page.reload()
    assert item_of(page) == before
    assert len(answers_of(tabs.demo, "reload")) == 1


def test_two_tabs_leave_one_answer_a_question(tabs: Tabs):
    left = started(tabs, "two")
    right = tabs.page(left.context)
    right.goto(left.url)
    first = item_of(left)
    answer(left, "5")
    answer(right, "2")
    assert answers_of(tabs.demo, "two") == {first: 2}
    assert item_of(left) == item_of(right)
    answer(right, "4")
    answer(left, "4")
    assert len(answers_of(tabs.demo, "two")) == 2


def test_a_double_tap_is_one_answer(tabs: Tabs):
    page = started(tabs, "double")
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))
    page.locator(".answers button").first.dblclick()
    expect(page.get_by_text("Question 2")).to_be_visible()
    assert [request.method for request in sent if "/q/" in request.url] == ["POST", "GET"]


def test_the_next_page_is_loaded_once(tabs: Tabs):
    """The script asks for the next address only; page, style and script come at most once."""
    page = started(tabs, "once")
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))
    answer(page, "3")
    page.wait_for_load_state("networkidle")
    assert [(r.method, r.resource_type) for r in sent if "/l/" in r.url] == [
        ("POST", "fetch"), ("GET", "document"),
    ]  # fmt: skip


def test_an_answer_waits_for_the_line_and_is_sent_by_itself(careful_tabs: Tabs):
    careful_tabs.allow("ERR_INTERNET_DISCONNECTED")
    user = careful_tabs.demo.somebody()
    page = careful_tabs.activity(user)
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Start").click()
    frame.locator(".answers").wait_for()
    asked = item_of(frame)
    status = frame.get_by_role("status").filter(has_text=NOT_SENT)
    page.context.set_offline(True)
    frame.locator(".answers button[value='4']").click()
    expect(status).to_be_visible()
    expect(frame.locator(".answers [aria-pressed=true]")).to_have_attribute("value", "4")
    kept = frame_of(page).evaluate("JSON.stringify(localStorage)")
    assert f"/interests/q/{asked}" in kept
    assert answers_of(careful_tabs.demo, str(user)) == {}
    page.context.set_offline(False)
    expect(frame.get_by_text("Question 2")).to_be_visible()
    assert answers_of(careful_tabs.demo, str(user)) == {asked: 4}
    assert frame_of(page).evaluate("localStorage.length") == 0


def test_a_server_that_is_away_for_a_moment_loses_nothing(tabs: Tabs):
    tabs.allow("503|502")
    page = started(tabs, "away")
    asked = item_of(page)
    failures = iter((503, 502))

    def sometimes(route):
        status = next(failures, None)
        if route.request.method == "POST" and status:
            route.fulfill(status=status, body="<h1>busy</h1>")
        else:
            route.continue_()

    page.route("**/q/*", sometimes)
    answer(page, "5")
    assert answers_of(tabs.demo, "away") == {asked: 5}


def test_a_foreign_login_page_on_the_line_is_not_taken_for_an_answer(tabs: Tabs):
    """A hotel's Wi-Fi answers 200 with a page of its own."""
    page = started(tabs, "portal")
    asked = item_of(page)
    pages = iter(("<h1>Pay for Wi-Fi</h1>",))

    def portal(route):
        body = next(pages, None) if route.request.method == "POST" else None
        if body:
            route.fulfill(status=200, content_type="text/html", body=body)
        else:
            route.continue_()

    page.route("**/q/*", portal)
    page.locator(".answers button[value='2']").click()
    expect(page.get_by_role("status").filter(has_text=NOT_SENT)).to_be_visible()
    expect(page.get_by_text("Question 2")).to_be_visible()
    assert answers_of(tabs.demo, "portal") == {asked: 2}


def test_an_answer_outlives_an_ended_session(careful_tabs: Tabs):
    """Refused in the frame, readably; sent after the next launch, without another tap."""
    careful_tabs.allow("401")
    user = careful_tabs.demo.somebody()
    page = careful_tabs.activity(user)
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Start").click()
    frame.locator(".answers").wait_for()
    asked = item_of(frame)
    careful_tabs.demo.expire(frame_of(page).url)
    frame.locator(".answers button[value='5']").click()
    expect(frame.get_by_role("heading", name="Please open the activity again")).to_be_visible()
    again = frame.get_by_role("link", name="Open the activity again")
    expect(again).to_have_attribute("target", "_blank")
    assert answers_of(careful_tabs.demo, str(user)) == {}
    page.goto(f"{careful_tabs.demo.lms}/course/view.php?id=2")
    frame = open_activity(page, "What do I like doing?")
    frame.get_by_role("button", name="Go on").click()
    expect(frame.get_by_text("Question 2")).to_be_visible()
    assert answers_of(careful_tabs.demo, str(user)) == {asked: 5}


def test_the_link_of_an_ended_session_opens_a_new_one(careful_tabs: Tabs):
    careful_tabs.allow("401")
    page = careful_tabs.activity(careful_tabs.demo.somebody())
    frame = page.frame_locator("iframe")
    careful_tabs.demo.expire(frame_of(page).url)
    frame.get_by_role("button", name="Start").click()
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Open the activity again").click()
    expect(opened.value.get_by_role("button", name="Start")).to_be_visible()


def test_another_person_on_the_same_phone_gets_nothing_of_it(tabs: Tabs):
    tabs.allow("ERR_INTERNET_DISCONNECTED|Failed to load")
    page = started(tabs, "first person")
    asked = item_of(page)
    page.route("**/q/*", lambda r: r.abort() if r.request.method == "POST" else r.continue_())
    page.locator(".answers button[value='1']").click()
    expect(page.get_by_role("status").filter(has_text=NOT_SENT)).to_be_visible()
    home, cookie, _link = tabs.demo.launch(sub="second person")
    page.context.add_cookies([cookie])
    other = tabs.page(page.context)
    other.goto(f"{home}/interests/")
    other.get_by_role("button", name="Start").click()
    other.locator(".answers").wait_for()
    other.wait_for_load_state("networkidle")
    assert answers_of(tabs.demo, "second person") == {}
    assert asked not in answers_of(tabs.demo, "first person")


def test_storage_that_is_refused_stops_nothing(tabs: Tabs):
    page = started(tabs, "refused")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused') }})"
    )
    page.reload()
    answer(page, "4")
    assert list(answers_of(tabs.demo, "refused").values()) == [4]


def test_an_old_browser_sends_the_form_by_itself(tabs: Tabs):
    """Without SubmitEvent.submitter a script would not know the answer and send "Not sure"."""
    page = started(tabs, "old")
    page.add_init_script("delete SubmitEvent.prototype.submitter")
    page.reload()
    answer(page, "4")
    assert list(answers_of(tabs.demo, "old").values()) == [4]


_NOTE = """<!doctype html><html lang=en><title>Note</title>
<script src=/static/app.js defer></script>
<form method=post action=/l/{launch}/note data-keep="note me">
<label>Note <textarea name=note></textarea></label><button>Save</button></form>"""


def test_typed_text_outlives_a_reload_a_refusal_and_a_new_launch(tabs: Tabs):
    """No room has a long text yet; the script is ready for the first one."""
    tabs.allow("400")
    page = tabs.page()
    answers = iter((400, 200))

    def note(route):
        launch = route.request.url.split("/l/")[1].split("/")[0]
        if route.request.method == "GET":
            route.fulfill(content_type="text/html", body=_NOTE.format(launch=launch))
        elif route.request.headers["accept"] == "application/json" and next(answers) == 200:
            route.fulfill(json={"next": f"/l/{launch}/done/note"})
        else:
            route.fulfill(status=400, content_type="text/html", body="<h1>Too long</h1>")

    page.route("**/note", note)
    page.goto(f"{tabs.demo.tool}/l/one/note")
    page.get_by_label("Note").fill("I want to be a baker 🥐")
    page.reload()
    expect(page.get_by_label("Note")).to_have_value("I want to be a baker 🥐")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Too long")).to_be_visible()
    page.goto(f"{tabs.demo.tool}/l/two/note")
    expect(page.get_by_label("Note")).to_have_value("I want to be a baker 🥐")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/l/two/done/note")
    page.goto(f"{tabs.demo.tool}/l/two/note")
    expect(page.get_by_label("Note")).to_have_value("")


@pytest.mark.parametrize("able", [True, False])
def test_read_aloud_is_offered_where_the_browser_can(tabs: Tabs, able):
    page = started(tabs, f"speech {able}")
    page.add_init_script(
        "window.said = [];"
        "Object.defineProperty(window, 'speechSynthesis', {configurable: true, value:"
        " {speaking: false, cancel() {}, speak(words) { said.push([words.text, words.lang]) }}});"
        if able
        else "delete window.speechSynthesis;"
    )
    page.reload()
    button = page.get_by_role("button", name="Read aloud")
    if not able:
        expect(button).to_be_hidden()
        return
    button.click()
    ((text, lang),) = page.evaluate("said")
    assert text.startswith(page.get_by_role("heading", level=1).inner_text())
    assert text.endswith("Not sure")
    assert lang == "en"
