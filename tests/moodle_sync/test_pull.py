"""What a pull brings into the mirror, in both tiers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from moodle_sync.models import (
    MoodleActivity,
    MoodleChange,
    MoodleCompletion,
    MoodleCourse,
    MoodleCourseCompletion,
    MoodleGrade,
    MoodleGroup,
    MoodleMember,
    MoodleRun,
    MoodleSighting,
)
from tests.moodle_sync.conftest import Bench
from tests.moodle_sync.school import SELF, START


def test_first_run_brings_everything(bench: Bench) -> None:
    summary = bench.sync()
    school = bench.moodle.school
    assert summary.ok, summary
    assert {c.course_id for c in bench.rows(MoodleCourse)} == {"2", "3"}
    members = {(m.course_id, m.user_id): m for m in bench.rows(MoodleMember)}
    assert members.keys() == {(str(e.course), str(e.user)) for e in school.enrolments}
    assert members["2", "3"].roles == ["editingteacher"]
    assert members["2", "10"].status == "active"
    assert members["2", "10"].last_access is not None
    assert members["2", "11"].last_access is None
    assert all(m.presence == "present" and m.name is None for m in members.values())
    activity = {a.cmid: a for a in bench.rows(MoodleActivity)}
    assert activity["100"].lti_id == "10"
    assert activity["101"].lti_id is None
    done = {(c.cmid, c.user_id): c for c in bench.rows(MoodleCompletion) if c.state}
    assert done.keys() == {(str(c), str(u)) for c, u in school.completion}
    assert done["100", "10"].completed_at == datetime.fromtimestamp(START + 3700, UTC)
    grades = {(g.cmid, g.user_id): g.raw for g in bench.rows(MoodleGrade) if g.raw is not None}
    assert grades == {(str(c), str(u)): raw for (c, u), raw in school.grades.items()}
    completed = [c for c in bench.rows(MoodleCourseCompletion) if c.completed]
    assert [(c.course_id, c.user_id) for c in completed] == [("2", "10")]
    assert bench.rows(MoodleSighting) == []


def test_second_run_changes_nothing(bench: Bench) -> None:
    bench.sync()
    again = bench.sync(full=True)
    assert again.ok
    assert again.changes == 0
    assert bench.rows(MoodleChange) == []


def test_groups_come_with_the_roster(make: Callable[..., Bench]) -> None:
    bench = make(tier=1)
    bench.sync()
    assert [(g.group_id, g.name) for g in bench.rows(MoodleGroup)] == [("1", "Village A")]
    with_group = {m.user_id for m in bench.rows(MoodleMember) if m.group_ids == ["1"]}
    assert with_group == {"10", "11"}


def test_suspended_is_not_gone(bench: Bench) -> None:
    bench.moodle.school.of(2, 12)[0].suspended = True
    bench.sync()
    (member,) = bench.rows(MoodleMember, course_id="2", user_id="12")
    assert (member.status, member.presence) == ("suspended", "present")


def test_active_by_one_method_is_active(bench: Bench) -> None:
    bench.moodle.school.of(2, 12)[0].suspended = True
    bench.moodle.school.enrol(2, 12, method=SELF)
    bench.sync()
    (member,) = bench.rows(MoodleMember, course_id="2", user_id="12")
    assert member.status == "active"


def test_leaver_is_missing_then_gone_and_comes_back_with_history(bench: Bench) -> None:
    bench.sync()
    old = bench.moodle.school.enrolments
    bench.moodle.school.leave(2, 13)
    presences = []
    for _ in range(2):
        bench.sync(full=True)
        presences.append(bench.rows(MoodleMember, course_id="2", user_id="13")[0].presence)
    assert presences == ["missing", "gone"]
    assert bench.rows(MoodleCompletion, user_id="13")
    bench.moodle.school.enrolments = old
    summary = bench.sync(full=True)
    (member,) = bench.rows(MoodleMember, course_id="2", user_id="13")
    assert (member.presence, member.missing_generation) == ("present", None)
    assert summary.counts["member"]["back"] == 1


def test_large_drop_is_held_until_a_person_accepts_it(bench: Bench) -> None:
    bench.sync()
    for user in range(10, 17):
        bench.moodle.school.leave(2, user)
    for _ in range(3):
        held = bench.sync(full=True)
    assert held.counts["member"]["held"] == 7
    assert bench.rows(MoodleCourse, course_id="2")[0].held == 7
    assert {m.presence for m in bench.rows(MoodleMember)} == {"present"}
    bench.sync(full=True, accept_drop=True)
    bench.sync(full=True, accept_drop=True)
    gone = {m.user_id for m in bench.rows(MoodleMember, course_id="2") if m.presence == "gone"}
    assert gone == {str(user) for user in range(10, 17)}
    assert bench.rows(MoodleCourse, course_id="2")[0].held == 0


def test_list_that_becomes_empty_is_never_believed(make: Callable[..., Bench]) -> None:
    bench = make(people=3)
    bench.sync()
    for user in (3, 10, 11, 12):
        bench.moodle.school.leave(2, user)
    for _ in range(3):
        bench.sync()
    assert {m.presence for m in bench.rows(MoodleMember)} == {"present"}


def test_lost_right_that_shortens_the_list_marks_nobody(make: Callable[..., Bench]) -> None:
    bench = make(people=4)
    bench.sync()
    bench.moodle.school.people[12].hidden = True
    for _ in range(3):
        summary = bench.sync()
    (member,) = bench.rows(MoodleMember, course_id="2", user_id="12")
    assert member.presence == "missing"
    assert any("a right may be missing" in note for note in summary.notes)


def test_rights_that_changed_hold_all_leavers(make: Callable[..., Bench]) -> None:
    bench = make()
    bench.sync()
    bench.moodle.school.leave(2, 13)
    bench.moodle.rights.discard("moodle/course:viewhiddenuserfields")
    summary = bench.sync()
    assert any("has changed" in note for note in summary.notes)
    assert {m.presence for m in bench.rows(MoodleMember)} == {"present"}
    kept = {m.user_id for m in bench.rows(MoodleMember, course_id="2") if m.last_access}
    assert "10" in kept, "an access time that is not told is not erased"


def test_lost_course_access_keeps_its_people(bench: Bench) -> None:
    bench.sync()
    bench.moodle.school.courses[3].accessible = False
    for _ in range(3):
        summary = bench.sync(full=True)
        assert summary.ok
    (course,) = bench.rows(MoodleCourse, course_id="3")
    assert (course.presence, course.accessible) == ("present", False)
    assert {m.presence for m in bench.rows(MoodleMember, course_id="3")} == {"present"}


def test_short_pages_are_not_the_last(make: Callable[..., Bench]) -> None:
    bench = make(people=60)
    for user in range(10, 40):
        bench.moodle.school.people[user].hidden = True
    bench.sync(page_size=10)
    seen = {int(m.user_id) for m in bench.rows(MoodleMember, course_id="2")}
    assert seen == {3, *range(40, 70)}


def test_page_that_repeats_for_ever_ends_the_course_not_the_run(make: Callable[..., Bench]) -> None:
    bench = make(people=30)
    bench.moodle.traps.add("repeating page")
    summary = bench.sync(page_size=10)
    assert summary.ok
    assert any("repeatingpage" in note for note in summary.notes)
    assert bench.rows(MoodleMember) == []


def test_names_are_kept_only_where_the_site_says_so(bench: Bench) -> None:
    with bench.database.write() as session:
        site = session.get(type(bench.site()), (bench.tenant_id, bench.site_id))
        assert site is not None
        site.keep_names = True
    bench.sync()
    assert bench.rows(MoodleMember, course_id="2", user_id="10")[0].name == "Žofia & Co 0"


def test_changes_are_listed_without_names(bench: Bench) -> None:
    bench.sync()
    bench.moodle.school.of(2, 12)[0].suspended = True
    summary = bench.sync(full=True)
    (change,) = bench.rows(MoodleChange)
    assert summary.changes == 1
    assert (change.key, change.kind) == ("2:12", "changed")
    assert (change.before, change.after) == ({"status": "active"}, {"status": "suspended"})


def test_only_who_moved_is_read_again(bench: Bench) -> None:
    bench.sync()
    school = bench.moodle.school
    school.tick()
    school.access[2, 11] = school.clock
    school.completion[100, 11] = (1, school.clock, None)
    bench.moodle.calls.clear()
    summary = bench.sync()
    assert summary.counts["completion"]["changed"] == 1
    (row,) = bench.rows(MoodleCompletion, cmid="100", user_id="11")
    assert row.state == 1
    per_person = "core_completion_get_activities_completion_status"
    assert bench.moodle.calls.count(per_person) <= 1


def test_who_was_in_the_course_last_comes_first(make: Callable[..., Bench]) -> None:
    bench = make()
    bench.sync(detail_budget=0)
    assert bench.rows(MoodleCompletion) == []
    summary = bench.sync(detail_budget=3)
    assert summary.left == 12 + 6 - 3
    read = {m.user_id for m in bench.rows(MoodleMember) if m.details_read_at}
    assert read == {"19", "16", "13"}


def test_every_run_is_on_record(bench: Bench) -> None:
    bench.sync()
    bench.moodle.traps.add("maintenance by gui")
    bench.sync()
    runs = sorted(bench.rows(MoodleRun), key=lambda run: run.started_at)
    assert [run.status for run in runs] == ["done", "paused"]
    assert runs[0].requests > 0
    assert runs[0].counts["member"]["added"] > 0
