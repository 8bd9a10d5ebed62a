"""The desk itself, pairs, one pair, and who may come in."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import update

from lti_tool.mentoring import checkins, messages, reports, schedule
from lti_tool.mentoring.models import Event, Pair
from lti_tool.people.models import User
from lti_tool.people.roles import Role
from tests.lti_tool.staff.coordinator.conftest import BOSS, GUARD

PAGES = (
    "", "pairs", "mentors", "invitations", "learners-with-mentors", "match", "rules", "contacts",
    "team", "partners", "held", "learners", "learners/rules",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_in_order_before_anybody_came(desk, page):
    desk.coordinator().get(f"/desk/{page}")


@pytest.mark.parametrize("page", (*PAGES, "reports"))
def test_without_the_duty_there_is_nothing(desk, page):
    teacher = desk.world.visit("mentor", sub="3", role=Role.INSTRUCTOR)
    assert "for coordinators" in teacher.get(f"/desk/{page}", status=404).main.text
    for role in (Role.LEARNER, Role.MENTOR):
        desk.world.visit("mentor", sub=f"1{role}", role=role).get(f"/desk/{page}", status=403)


def test_a_duty_needs_a_role_of_staff_as_well(desk):
    desk.world.visit("mentor", sub=BOSS, role=Role.LEARNER).get("/desk/", status=403)


def test_a_launch_leads_to_the_desk_by_duty(desk):
    assert desk.coordinator().get("/").h1.string == "Mentoring desk"
    assert desk.guard().get("/").h1.string == "Reports of harm"
    empty = desk.world.visit(None, sub=BOSS, role=Role.INSTRUCTOR)
    assert empty.get("/").h1.string == "Mentoring desk"
    other = desk.world.visit("interests", sub=BOSS, role=Role.INSTRUCTOR)
    page = other.get("/")
    assert page.h1.string == "What do I like doing?"
    assert page.find("a", string="Mentoring desk")
    teacher = desk.world.visit("interests", sub="3", role=Role.INSTRUCTOR).get("/")
    assert not teacher.find("a", string="Mentoring desk")


def test_what_needs_somebody_comes_first_with_names(desk, pair_id):
    with desk.stage() as stage:
        stage.session.execute(update(Pair).values(last_contact_at=stage.now - timedelta(days=15)))
        stage.now -= timedelta(days=1)
        messages.write(stage.session, stage.people["Mira"], pair_id, "a@b.example", stage.now)
        stage.later(days=1)
    page = desk.coordinator().get("/desk/")
    heads = [h.get_text() for h in page.select(".card h3") if ": " in h.get_text()]
    assert heads == ["Held messages: 1", "No contact for 14 days: 1"]
    assert page.find("a", string="Ana (number 13) and Mira (number 12)")
    assert page.h2.string == "New for you"
    browser = desk.coordinator()
    browser.get("/desk/")
    browser.submit()
    assert browser.page.h2.string == "What needs you now"


def test_a_pair_has_its_history_and_no_message(desk, pair_id):
    with desk.stage() as stage:
        messages.write(stage.session, stage.people["Ana"], pair_id, "My secret plan", stage.now)
        stage.session.execute(update(Pair).values(started_at=stage.now - timedelta(days=11)))
        stage.session.expire_all()
        schedule.run_due(stage.session, stage.now)
        (asked,) = checkins.open_checkins(stage.session, stage.people["Ana"], stage.now)
        low = dict.fromkeys(("at_ease", "useful"), 1)
        checkins.answer_checkin(stage.session, stage.people["Ana"], asked.id, low, stage.now,
                                wants_talk=True)  # fmt: skip
    page = desk.coordinator().get(f"/desk/pair/{pair_id}")
    text = page.main.text
    assert "They may write and meet now" in text
    assert "Wants to talk to you." in text
    assert "Both speak:" in text or "Under way" in text
    assert "secret" not in text
    assert "low marks" in desk.coordinator().get("/desk/pairs").main.text


def test_a_pair_is_ended_by_the_coordinator_with_a_reason(desk, pair_id):
    browser = desk.coordinator()
    browser.get(f"/desk/pair/{pair_id}")
    browser.submit({"how": "now", "reason": "harvest"}, status=400)
    browser.get(f"/desk/pair/{pair_id}")
    browser.submit({"how": "goodbye", "reason": "time_over"})
    assert "Saying goodbye" in browser.page.main.text
    browser.submit({"how": "now", "reason": "time_over"})
    assert "The agreed time is over" in browser.page.main.text
    assert browser.page.find("a", string="Choose a mentor by hand")
    assert browser.get("/desk/pairs").select("tbody") == []
    assert len(browser.get("/desk/pairs?state=closed").select("tbody tr")) == 1


def test_an_offer_is_taken_back(desk):
    with desk.stage() as stage:
        mentor, mentee = stage.mentor(desk.tenant, "Mira"), stage.mentee(desk.tenant, "Ana")
        offer_id = stage.offer(mentee, mentor).id
    browser = desk.coordinator()
    assert "not yet" in browser.get(f"/desk/pair/{offer_id}").main.text
    browser.submit()
    assert "Offer taken back" in browser.page.main.text


def test_pairs_are_found_by_either_name(desk, pair_id):
    with desk.stage() as stage:
        stage.started(stage.mentee(desk.tenant, "Ben"), stage.mentor(desk.tenant, "Noor"))
        stage.session.execute(
            update(User).where(User.id == stage.people["Ben"].user_id).values(name="Béla Nagy")
        )
    browser = desk.coordinator()
    for words, count in (("ANA", 1), ("noor", 1), ("BÉLA", 1), ("zzz", 0), ("", 2)):
        page = browser.get(f"/desk/pairs?q={words}")
        assert len(page.select("tbody tr")) == count, words
    assert pair_id in str(browser.get("/desk/pairs?q=mira"))


def test_the_table_names_nobody_unless_asked_and_then_it_is_logged(desk, pair_id):
    browser = desk.coordinator()
    browser.get("/desk/")
    token = browser.token()
    people = {actor.user_id for actor in desk.people.values()} | {pair_id, "Ana", "Mira"}

    def saved(**more: str) -> str:
        answer = browser.client.post(f"{browser.home}/desk/export", data={"csrf": token, **more})
        assert answer.mimetype == "text/csv"
        return answer.get_data(as_text=True)

    text = saved()
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert row["state"] == "active"
    assert not any(one in text for one in people)
    assert pair_id in saved(ids="yes")
    with desk.stage() as stage:
        verbs = [row.verb for row in stage.session.query(Event) if row.verb.startswith("export")]
    assert sorted(verbs) == ["export", "export_ids"]


def test_totals_hide_small_numbers(desk):
    with desk.stage() as stage:
        for number in range(5):
            stage.mentee(desk.tenant, f"learner{number}")
        stage.mentor(desk.tenant, "Mira")
    page = desk.coordinator().get("/desk/")
    rows = {row.th.string: row.select("td")[1].string for row in page.select("tbody tr")}
    assert rows == {"Mentees": "5", "Mentors": "fewer than 5"}


def test_another_organisation_sees_nothing_of_it(desk, pair_id, services):
    with desk.stage() as stage:
        away = stage.tenant("away")
        boss, mentor = stage.people["away-boss"], stage.people["Mira"]
        other = stage.people["Ana"]
        held = messages.write(stage.session, mentor, pair_id, "call 0036301234567", stage.now).id
        made = reports.report(stage.session, other, "urgent_need", "Help", stage.now).id
        access_of_guard = stage.people["away-guard"]
    del services
    for actor in (boss, access_of_guard):
        browser = _as(desk, actor, away)
        for path in (f"pair/{pair_id}", f"mentors/{mentor.user_id}", f"choose/{other.user_id}",
                     f"learners-with-mentors/{other.user_id}", f"reports/{made}"):  # fmt: skip
            assert "Ana" not in browser.get(f"/desk/{path}", status=404).main.text
    browser = _as(desk, boss, away)
    browser.get("/desk/")
    token = browser.token()
    for path in (f"held/{held}", f"pair/{pair_id}/goodbye", f"pair/{pair_id}/withdraw",
                 f"choose/{other.user_id}/{mentor.user_id}", f"mentors/{mentor.user_id}/decide",
                 f"learners-with-mentors/{other.user_id}/guardian"):  # fmt: skip
        values = {"csrf": token, "word": "leave", "reason": "other", "how": "now",
                  "paper": "1", "version": "1"}  # fmt: skip
        if path.startswith("choose"):
            values["word"] = "offer"
        browser.post(f"/desk/{path}", values, status=404)
    assert "Ana" not in browser.get("/desk/learners-with-mentors").main.text


def _as(desk, actor, tenant_id):
    """Let somebody of another organisation in."""
    from dataclasses import replace

    with desk.world.services.database.read() as session:
        user = session.get_one(User, (tenant_id, actor.user_id))
        platform_id = user.platform_id
        from lti_tool.lti.models import Context

        context_id = session.query(Context).filter_by(tenant_id=tenant_id).one().id
    world = replace(desk.world, tenant_id=tenant_id, platform_id=platform_id,
                    context_id=context_id, links={}, users={user.sub: user.id})  # fmt: skip
    return world.visit("mentor", sub=user.sub, role=Role.INSTRUCTOR)


def test_a_named_person_is_not_a_coordinator(desk, pair_id):
    guard = desk.guard()
    for page in ("", f"pair/{pair_id}", "held", "team"):
        guard.get(f"/desk/{page}", status=404)
    assert GUARD in desk.world.users
