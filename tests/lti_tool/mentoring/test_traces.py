"""What the course site is asked for, and what is deleted when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool.mentoring import closure, meetings, messages, reports
from lti_tool.mentoring.models import Invitation, Meeting, Message, Notice, Pair, Report
from lti_tool.mentoring.retention import purge_mentoring
from lti_tool.mentoring.words import NOTICE
from lti_tool.people.models import User
from moodle_sync.models import MoodleIntent, MoodleSite
from tests.lti_tool.mentoring.test_pair import meet


@pytest.fixture
def site(stage, home):
    row = MoodleSite(tenant_id=home, platform_id=stage.platforms[home], issuer="i", wwwroot="w",
                     sealed_token="t")  # fmt: skip
    stage.session.add(row)
    stage.session.flush()
    return row


def wishes(stage, kind):
    rows = stage.session.scalars(
        select(MoodleIntent).where(MoodleIntent.kind == kind).order_by(MoodleIntent.natural_key)
    )
    return {row.natural_key: row.payload for row in rows}


def number(stage, actor):
    return stage.session.get_one(User, (actor.tenant_id, actor.user_id)).sub


def test_groups_follow_the_pair(stage, site, mentee, mentor):
    pair = stage.started(mentee, mentor)
    own, all_of = f"mentoring-pair-{pair.id}", f"mentoring-mentor-{mentor.user_id}"
    assert set(wishes(stage, "group")) == {f"7:{own}", f"7:{all_of}"}
    names = {payload["name"] for payload in wishes(stage, "group").values()}
    assert len(names) == 2
    assert not [name for name in names if "ana" in name or "mira" in name]

    def inside():
        found = wishes(stage, "group_member").values()
        return {(one["idnumber"], one["user"]) for one in found if one["present"]}

    one, other = number(stage, mentee), number(stage, mentor)
    everybody = {(own, one), (own, other), (all_of, one), (all_of, other)}
    assert inside() == everybody
    report = reports.report(stage.session, mentee, "urgent_need", "x", stage.now, pair.id)
    assert inside() == {(all_of, other)}
    reports.close_report(stage.session, stage.guard(mentee), report.id, "helped", stage.now)
    assert inside() == everybody
    closure.close(stage.session, mentee, pair.id, stage.now)
    assert inside() == {(all_of, other)}


def test_a_meeting_is_in_the_pairs_own_calendar_and_out_of_it(stage, site, mentee, mentor):
    pair = stage.started(mentee, mentor)
    row = meet(stage, mentee, pair)
    assert wishes(stage, "event") == {}
    meetings.confirm_meeting(stage.session, mentor, pair.id, row.id, 0, stage.now)
    (payload,) = wishes(stage, "event").values()
    assert payload["group"] == f"mentoring-pair-{pair.id}"
    assert payload["starts_at"] == int((stage.now + timedelta(hours=24)).timestamp())
    assert (payload["seconds"], payload["course"]) == (1800, "7")
    meetings.call_off_meeting(stage.session, mentee, pair.id, row.id, stage.now)
    (payload,) = wishes(stage, "event").values()
    assert payload["cancelled"] is True


def test_messages_of_the_site_say_nothing(stage, site, mentee, mentor):
    pair = stage.started(mentee, mentor)
    messages.write(stage.session, mentee, pair.id, "I like the forest", stage.now)
    reports.report(stage.session, mentee, "safety_risk", "He hit me", stage.now, pair.id)
    sent = wishes(stage, "message").values()
    assert sent
    assert {one["text"] for one in sent} == {str(NOTICE)}


def test_without_a_site_or_a_number_nothing_is_asked(stage, home, site, mentee, mentor):
    user = stage.session.get_one(User, (home, mentee.user_id))
    user.sub = "not-a-number"
    before = len(wishes(stage, "message"))
    pair = stage.started(mentee, mentor)
    told = wishes(stage, "message").values()
    assert len(told) > before
    assert user.sub not in {one["user"] for one in told}
    site.state = "stopped"
    messages.write(stage.session, mentee, pair.id, "Hello", stage.now)
    assert len(wishes(stage, "message")) == len(told)
    assert wishes(stage, "group") == wishes(stage, "group_member") == {}


def count(stage, table):
    return len(stage.session.scalars(select(table)).all())


def test_messages_go_after_the_retention_time(stage, pair, mentee, mentor):
    messages.write(stage.session, mentee, pair.id, "Hello", stage.now)
    messages.write(stage.session, mentee, pair.id, "a@b.example", stage.now)
    meet(stage, mentee, pair)
    purge_mentoring(stage.session, stage.later(days=400))
    assert count(stage, Message) == 2
    closure.close(stage.session, mentee, pair.id, stage.now)
    purge_mentoring(stage.session, stage.later(days=179))
    assert (count(stage, Message), pair.purged_at) == (2, None)
    assert purge_mentoring(stage.session, stage.later(days=1))["messages"] == 2
    assert (count(stage, Message), count(stage, Meeting), count(stage, Pair)) == (0, 0, 1)
    assert purge_mentoring(stage.session, stage.now)["messages"] == 0
    assert messages.thread(stage.session, mentee, pair.id, stage.now) == []


def test_reports_stay_five_years_after_they_were_closed(stage, pair, mentee):
    row = reports.report(stage.session, mentee, "urgent_need", "x", stage.now, pair.id)
    purge_mentoring(stage.session, stage.now + timedelta(days=6 * 365))
    assert count(stage, Report) == 1
    reports.close_report(stage.session, stage.guard(mentee), row.id, "helped", stage.now)
    purge_mentoring(stage.session, stage.now + timedelta(days=4 * 365))
    assert count(stage, Report) == 1
    purge_mentoring(stage.session, stage.now + timedelta(days=5 * 365 + 1))
    assert (count(stage, Report), count(stage, Notice), count(stage, Invitation)) == (0, 0, 0)
