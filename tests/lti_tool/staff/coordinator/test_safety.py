"""Held messages for coordinators; reports of harm for named people, each look written down."""

from __future__ import annotations

import pytest

from lti_tool.mentoring import access, messages, reports
from lti_tool.mentoring.models import Mentor, Message, Pair, ReportStep
from lti_tool.people.roles import Role


@pytest.fixture
def held(desk, pair_id) -> str:
    """A message that waits."""
    with desk.stage() as stage:
        row = messages.write(stage.session, stage.people["Mira"], pair_id,
                             "Write to me: mira@example.org", stage.now)  # fmt: skip
        return row.id


@pytest.fixture
def report_id(desk, pair_id) -> str:
    """A report about the pair."""
    with desk.stage() as stage:
        return reports.report(stage.session, stage.people["Ana"], "safety_risk",
                              "Somebody followed me.", stage.now, pair_id).id  # fmt: skip


def test_a_held_message_is_let_through(desk, held):
    browser = desk.coordinator()
    page = browser.get("/desk/held")
    assert "Found: an e-mail address" in page.main.text
    assert page.h2.text.startswith("From Mira")
    browser.submit({"word": "release"})
    assert "No message waits." in browser.page.main.text
    with desk.stage() as stage:
        assert stage.session.get(Message, (desk.tenant, held)).state == "sent"


def test_a_held_message_is_kept_back_for_a_reason(desk, held):
    browser = desk.coordinator()
    browser.get("/desk/held")
    browser.submit({"word": "block", "reason": "mood"}, form=1, status=400)
    browser.get("/desk/held")
    browser.submit({"word": "block", "reason": "contact"}, form=1)
    with desk.stage() as stage:
        assert stage.session.get(Message, (desk.tenant, held)).state == "blocked"
    values = {"csrf": browser.token(), "word": "release"}
    browser.post(f"/desk/held/{held}", values, status=409)


def test_a_suspended_pair_gets_no_message_by_release(desk, held, report_id):
    browser = desk.coordinator()
    browser.get("/desk/held")
    page = browser.submit({"word": "release"}, status=409)
    assert page.select_one("main")
    assert report_id


def test_a_report_is_for_named_people_only(desk, report_id):
    boss = desk.coordinator()
    page = boss.get("/desk/")
    assert "Open reports of harm: 1" in page.main.text
    assert "followed" not in page.main.text
    assert report_id not in str(page)
    boss.get("/desk/reports", status=404)
    boss.get(f"/desk/reports/{report_id}", status=404)
    boss.get("/desk/")
    values = {"csrf": boss.token(), "word": "take", "step": "called", "outcome": "no_risk"}
    for path in ("decide", "step"):
        boss.post(f"/desk/reports/{report_id}/{path}", values, status=404)


def test_a_report_is_read_taken_worked_on_and_closed(desk, report_id, pair_id):
    browser = desk.guard()
    page = browser.get("/desk/reports")
    assert "Somebody is in danger" in page.h2.text
    assert "followed" not in page.main.text
    page = browser.get(f"/desk/reports/{report_id}")
    assert "Somebody followed me." in page.main.text
    page = browser.submit({"word": "take"})
    assert "In hand" in page.main.text
    browser.get(f"/desk/reports/{report_id}")
    page = browser.submit({"step": "read", "note": "What I heard"}, status=400)
    assert page.textarea.text == "What I heard"
    browser.get(f"/desk/reports/{report_id}")
    page = browser.submit({"step": "called", "note": "They are safe."})
    assert "They are safe." in page.main.text
    browser.submit({"word": "close", "outcome": ""}, form=1, status=400)
    browser.get(f"/desk/reports/{report_id}")
    page = browser.submit({"word": "close", "outcome": "helped"}, form=1)
    assert "No report is open." in page.main.text
    assert "Help was given." in page.main.text
    with desk.stage() as stage:
        assert stage.session.get(Pair, (desk.tenant, pair_id)).state == "active"
        steps = [row.step for row in stage.session.query(ReportStep)]
        assert steps.count("read") >= 4
        assert steps.count("called") == 1
    browser.get(f"/desk/reports/{report_id}")
    browser.submit({"word": "reopen"})
    with desk.stage() as stage:
        assert stage.session.get(Pair, (desk.tenant, pair_id)).state == "suspended"


def test_whoever_is_half_of_the_pair_never_reads_it(desk):
    with desk.stage() as stage:
        mentor = stage.mentor(desk.tenant, "Mira")
        pair_id = stage.started(stage.mentee(desk.tenant, "Ana"), mentor).id
        access.appoint(stage.session, desk.tenant, mentor.user_id, "safeguarding", stage.now, None)
        made = reports.report(stage.session, stage.people["Ana"], "urgent_need", "Help",
                              stage.now, pair_id).id  # fmt: skip
        sub = str(10 + list(stage.people).index("Mira"))
    desk.world.users[sub] = mentor.user_id
    browser = desk.world.visit("interests", sub=sub, role=Role.INSTRUCTOR)
    assert "No report is open." in browser.get("/desk/reports").main.text
    browser.get(f"/desk/reports/{made}", status=404)


def test_a_coordinator_who_is_half_of_a_pair_sees_no_desk_page_of_it(desk):
    with desk.stage() as stage:
        boss = stage.people["boss"]
        pair = stage.started(stage.mentee(desk.tenant, "Ana"), stage.mentor(desk.tenant, "Mira"))
        stage.session.add(Mentor(tenant_id=desk.tenant, user_id=boss.user_id, state="active"))
        stage.session.flush()
        pair.mentor_id = boss.user_id
        pair_id = pair.id
    desk.coordinator().get(f"/desk/pair/{pair_id}", status=404)
