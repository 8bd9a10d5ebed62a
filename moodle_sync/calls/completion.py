"""What people have finished, and the submissions and attempts behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moodle_sync.client import Caller
from moodle_sync.errors import MoodleError
from moodle_sync.form import Value
from moodle_sync.record import Record

ACTIVITIES = "core_completion_get_activities_completion_status"
COURSE = "core_completion_get_course_completion_status"
OVERRIDE = "core_completion_override_activity_completion_status"
ASSIGN_GRADES = "mod_assign_get_grades"
SUBMISSIONS = "mod_assign_get_submissions"
ATTEMPTS = "mod_quiz_get_user_attempts"

NO_CRITERIA = "nocriteriaset"
NOT_ENROLLED = "usernotenroled"


@dataclass(frozen=True, slots=True)
class ActivityState:
    """One person's completion of one activity.

    `state` is 0 not done, 1 done, 2 done and passed, 3 done and failed; `tracking` as in
    `calls.courses.Module`. `overridden_by` is the id of the person who set it by hand.
    """

    cmid: int
    state: int
    completed_at: int | None
    tracking: int
    overridden_by: int | None


@dataclass(frozen=True, slots=True)
class CourseState:
    """One person's completion of a course; None for `completed` where there are no criteria.

    Moodle tells no time for the course itself: `completed_at` is the newest of its criteria.
    """

    completed: bool | None
    completed_at: int | None


@dataclass(frozen=True, slots=True)
class Submission:
    """Work handed in (assignment) or an attempt made (quiz)."""

    id: int
    instance_id: int
    user_id: int
    state: str
    modified_at: int | None


@dataclass(frozen=True, slots=True)
class AssignGrade:
    """A grade of an assignment; None where the teacher took it back (Moodle writes -1)."""

    assign_id: int
    user_id: int
    grade: float | None
    modified_at: int


def get_activities_completion_status(
    caller: Caller, course_id: int, user_id: int
) -> list[ActivityState]:
    """Return one person's activity completions; activities that *we* may not see are left out."""
    data = caller.call(ACTIVITIES, {"courseid": course_id, "userid": user_id})
    return read_activities(data)


def read_activities(data: object) -> list[ActivityState]:
    """Read the answer of `core_completion_get_activities_completion_status`."""
    return [_state(item) for item in Record(ACTIVITIES, data).records("statuses")]


def _state(item: Record) -> ActivityState:
    return ActivityState(
        cmid=item.integer("cmid"),
        state=item.integer("state"),
        completed_at=item.time_or_none("timecompleted"),
        tracking=item.integer_or_none("tracking") or 0,
        overridden_by=item.time_or_none("overrideby"),
    )


def get_course_completion_status(caller: Caller, course_id: int, user_id: int) -> CourseState:
    """Return one person's course completion; "no criteria" is a state, not a failure."""
    try:
        data = caller.call(COURSE, {"courseid": course_id, "userid": user_id})
    except MoodleError as error:
        if error.code == NO_CRITERIA:
            return CourseState(None, None)
        raise
    status = Record(COURSE, data).record("completionstatus")
    times = [item.time_or_none("timecompleted") or 0 for item in status.records("completions")]
    completed = status.flag("completed")
    return CourseState(completed, max(times, default=0) or None if completed else None)


def override_activity_completion_status(
    caller: Caller, user_id: int, cmid: int, state: int
) -> ActivityState:
    """Set a person's completion of an activity by hand (1 done, 0 not done)."""
    params: dict[str, Value] = {"userid": user_id, "cmid": cmid, "newstate": state}
    return _state(Record(OVERRIDE, caller.call(OVERRIDE, params)))


def get_assign_grades(
    caller: Caller, assign_ids: Sequence[int], since: int = 0
) -> list[AssignGrade]:
    """Return grades of assignments changed since a Unix second."""
    data = caller.call(ASSIGN_GRADES, {"assignmentids": list(assign_ids), "since": since})
    found = []
    for assignment in Record(ASSIGN_GRADES, data).records("assignments"):
        for item in assignment.records("grades"):
            grade = item.number_or_none("grade")
            found.append(
                AssignGrade(
                    assign_id=assignment.integer("assignmentid"),
                    user_id=item.integer("userid"),
                    grade=None if grade is None or grade < 0 else grade,
                    modified_at=item.integer("timemodified"),
                )
            )
    return found


def get_assign_submissions(
    caller: Caller, assign_ids: Sequence[int], since: int = 0
) -> list[Submission]:
    """Return submissions of assignments changed since a Unix second."""
    data = caller.call(SUBMISSIONS, {"assignmentids": list(assign_ids), "since": since})
    return [
        Submission(
            id=item.integer("id"),
            instance_id=assignment.integer("assignmentid"),
            user_id=item.integer("userid"),
            state=item.text("status"),
            modified_at=item.time_or_none("timemodified"),
        )
        for assignment in Record(SUBMISSIONS, data).records("assignments")
        for item in assignment.records("submissions")
    ]


def get_quiz_attempts(caller: Caller, quiz_id: int, user_id: int) -> list[Submission]:
    """Return one person's attempts at a quiz, in any state."""
    params: dict[str, Value] = {"quizid": quiz_id, "userid": user_id, "status": "all"}
    return [
        Submission(
            id=item.integer("id"),
            instance_id=quiz_id,
            user_id=user_id,
            state=item.text_or_none("state") or "",
            modified_at=item.time_or_none("timemodified"),
        )
        for item in Record(ATTEMPTS, caller.call(ATTEMPTS, params)).records("attempts")
    ]
