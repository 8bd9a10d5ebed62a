"""Screening: invitations, checks, training, admission; mentees and a guardian's yes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.clock import utcnow
from lti_tool.learner.needs.models import NeedsAnswer, NeedsShare
from lti_tool.mentoring import consent, invitations
from lti_tool.mentoring.codes import CHECKS
from lti_tool.mentoring.errors import NotYours
from lti_tool.mentoring.models import Mentee, Mentor, ScreeningCheck
from tests.lti_tool.mentoring.stage import YOUNG


def applicant(desk, name: str = "Mira", *, trained: bool = False) -> str:
    with desk.stage() as stage:
        actor = stage.applicant(desk.tenant, name)
        if trained:
            stage.train(actor)
        return actor.user_id


def state(desk, table, user_id: str) -> str:
    with desk.stage() as stage:
        return stage.session.get(table, (desk.tenant, user_id)).state


def test_an_invitation_is_shown_once_and_works(desk):
    browser = desk.coordinator()
    browser.get("/desk/invitations")
    page = browser.submit({"uses": "5", "days": "7"})
    link = page.select_one(".note.good strong").string
    code = link.rpartition("/")[2]
    assert code == page.select(".note.good strong")[1].string
    assert "For 5 more people" in page.main.text
    assert code not in browser.get("/desk/invitations").text
    assert browser.client.get(link, headers={"Host": "127.0.0.1:5000"}).status_code == 200
    with desk.stage() as stage:
        invitations.redeem(stage.session, stage.person(desk.tenant, "x"), code, stage.now)
    page = browser.get("/desk/invitations")
    assert "For 4 more people" in page.main.text
    browser.submit(form=1)
    assert "Links that work now" not in browser.page.main.text
    with desk.stage() as stage, pytest.raises(NotYours):
        invitations.redeem(stage.session, stage.people["x"], code, stage.now)


@pytest.mark.parametrize("values", [{"uses": "0", "days": "7"}, {"uses": "5"}, {"uses": "x"}])
def test_an_invitation_out_of_bounds_is_refused(desk, values):
    browser = desk.coordinator()
    browser.get("/desk/invitations")
    browser.submit(values, status=400)


def test_an_applicant_is_checked_and_admitted(desk):
    mentor_id = applicant(desk, trained=True)
    browser = desk.coordinator()
    page = browser.get("/desk/mentors")
    assert page.select_one("tbody td").string == "Has applied"
    page = browser.get(f"/desk/mentors/{mentor_id}")
    assert "You can admit this person when" in page.main.text
    today = utcnow().date()
    for number, _check in enumerate(CHECKS):
        until = (today + timedelta(days=300)).isoformat() if number == 2 else ""
        values = {"state": "passed", "checked_on": today.isoformat(), "valid_until": until}
        browser.submit(values, form=number)
    with desk.stage() as stage:
        row = stage.session.get(ScreeningCheck, (desk.tenant, mentor_id, "record"))
        boss = stage.people["boss"].user_id
        assert (row.state, row.checked_on, row.checker_id) == ("passed", today, boss)
    browser.submit({"word": "admit"}, form=3)
    assert state(desk, Mentor, mentor_id) == "active"
    for word, expected in (("pause", "paused"), ("resume", "active"), ("leave", "left")):
        browser.get(f"/desk/mentors/{mentor_id}")
        browser.post(f"/desk/mentors/{mentor_id}/decide",
                     {"csrf": browser.token(), "word": word}, status=200)  # fmt: skip
        assert state(desk, Mentor, mentor_id) == expected


def test_nobody_is_admitted_before_checks_and_training(desk):
    mentor_id = applicant(desk)
    browser = desk.coordinator()
    browser.get(f"/desk/mentors/{mentor_id}")
    token = browser.token()
    values = {"csrf": token, "word": "admit"}
    browser.post(f"/desk/mentors/{mentor_id}/decide", values, status=409)
    with desk.stage() as stage:
        stage.check(stage.people["Mira"])
    page = browser.post(f"/desk/mentors/{mentor_id}/decide", values, status=409)
    assert "training" in page.main.text
    assert state(desk, Mentor, mentor_id) == "applied"


def test_a_wrong_day_shows_the_form_again_with_what_was_typed(desk):
    mentor_id = applicant(desk)
    browser = desk.coordinator()
    tomorrow = (utcnow() + timedelta(days=2)).date().isoformat()
    for typed in (tomorrow, "yesterday"):
        browser.get(f"/desk/mentors/{mentor_id}")
        page = browser.submit({"state": "failed", "checked_on": typed}, status=400)
        assert page.find("input", {"name": "checked_on"})["value"] == typed
        assert page.select_one("[selected]")["value"] == "failed"
    assert state(desk, Mentor, mentor_id) == "applied"


def test_an_applicant_is_refused_for_a_reason(desk):
    mentor_id = applicant(desk)
    browser = desk.coordinator()
    browser.get(f"/desk/mentors/{mentor_id}")
    browser.submit({"word": "refuse", "reason": ""}, form=3, status=400)
    browser.get(f"/desk/mentors/{mentor_id}")
    browser.submit({"word": "refuse", "reason": "fit"}, form=3)
    assert state(desk, Mentor, mentor_id) == "refused"
    assert browser.get("/desk/mentors").select("tbody") == []
    assert len(browser.get("/desk/mentors?state=refused").select("tbody tr")) == 1
    assert len(browser.get("/desk/mentors?q=mir").select("tbody tr")) == 1


def test_nobody_checks_themselves(desk):
    with desk.stage() as stage:
        boss = stage.people["boss"]
        stage.session.add(Mentor(tenant_id=boss.tenant_id, user_id=boss.user_id, state="applied"))
    browser = desk.coordinator()
    page = browser.get(f"/desk/mentors/{boss.user_id}")
    assert "Another coordinator decides" in page.main.text
    assert page.select("main form") == []
    values = {"csrf": browser.token(), "word": "admit"}
    browser.post(f"/desk/mentors/{boss.user_id}/decide", values, status=404)


def test_a_guardians_paper_opens_and_shuts_the_gate(desk):
    with desk.stage() as stage:
        mentee_id = stage.mentee(desk.tenant, "Ana", YOUNG).user_id
    browser = desk.coordinator()
    page = browser.get("/desk/learners-with-mentors")
    assert "yes of a parent or guardian" in page.select_one("tbody").text
    browser.get(f"/desk/learners-with-mentors/{mentee_id}")
    page = browser.submit({"paper": "A" * 41}, status=400)
    assert page.find("input", {"name": "paper"})["value"] == "A" * 41
    browser.get(f"/desk/learners-with-mentors/{mentee_id}")
    page = browser.submit({"paper": "2026/17"})
    assert "paper 2026/17" in page.main.text

    def missing() -> tuple[str, ...]:
        with desk.stage() as stage:
            row = stage.session.get(Mentee, (desk.tenant, mentee_id))
            return consent.missing_consents(stage.session, row, stage.now)

    assert missing() == ()
    page = browser.submit()
    assert "taken back on" in page.main.text
    assert missing() == ("guardian",)


def test_a_mentee_waits_goes_on_and_leaves(desk):
    with desk.stage() as stage:
        mentee_id = stage.mentee(desk.tenant, "Ana").user_id
    browser = desk.coordinator()
    for word, expected in (("pause", "paused"), ("resume", "waiting"), ("leave", "left")):
        browser.get(f"/desk/learners-with-mentors/{mentee_id}")
        browser.post(f"/desk/learners-with-mentors/{mentee_id}/decide",
                     {"csrf": browser.token(), "word": word}, status=200)  # fmt: skip
        assert state(desk, Mentee, mentee_id) == expected
    assert browser.get("/desk/learners-with-mentors").select("tbody") == []


def test_lists_are_paged(desk):
    with desk.stage() as stage:
        for number in range(52):
            actor = stage.person(desk.tenant, f"p{number}")
            stage.session.add(
                Mentee(tenant_id=desk.tenant, user_id=actor.user_id, state="waiting",
                       nickname=f"p{number}", languages={"hu": 6})
            )  # fmt: skip
    browser = desk.coordinator()
    page = browser.get("/desk/learners-with-mentors?state=waiting")
    assert len(page.select("tbody tr")) == 50
    page = browser.get(page.find("a", rel="next")["href"])
    assert len(page.select("tbody tr")) == 2
    assert page.select_one("[selected]")["value"] == "waiting"


def test_the_coordinator_sees_of_the_situation_only_what_is_shown_to_coordinators(desk):
    with desk.stage() as stage:
        ana = stage.mentee(desk.tenant, "Ana")
        for question, answer, audience in (
            ("transport", "hard", "coordinator"),
            ("money", "often", "mentor"),
            ("care", "daily", None),
        ):
            key = {"tenant_id": desk.tenant, "user_id": ana.user_id, "question": question}
            stage.session.add(NeedsAnswer(**key, answer=answer))
            if audience:
                stage.session.add(NeedsShare(**key, audience=audience))
    page = desk.coordinator().get(f"/desk/learners-with-mentors/{ana.user_id}")
    assert "It is hard to get there" in page.main.text
    assert "Often" not in page.main.text
    assert "Yes, every day" not in page.main.text
