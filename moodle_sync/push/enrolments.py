"""Enrolling learners and suspending them again; only what we enrolled, never teachers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from moodle_sync.calls.people import Enrolment, enrol_users, get_enrolled_users
from moodle_sync.errors import Kind, MoodleError
from moodle_sync.pull.due import TEACHING
from moodle_sync.push.context import Push
from moodle_sync.push.intents import DONE, Intent, Verdict, parked


@dataclass(frozen=True, slots=True)
class _Course:
    """Who is in a course now: {user id: roles}, and who of them is suspended (None: not told)."""

    roles: dict[int, frozenset[str]]
    suspended: frozenset[int] | None = field(default=None)


def _read(push: Push, course_id: int) -> _Course:
    people = get_enrolled_users(push.reader, course_id, user_fields="id,roles")
    roles = {person.id: frozenset(person.roles) for person in people}
    try:
        sleeping = get_enrolled_users(push.reader, course_id, only_suspended=True, user_fields="id")
    except MoodleError as error:
        if error.kind is not Kind.CONFIG:
            raise
        return _Course(roles)
    return _Course(roles, frozenset(person.id for person in sleeping))


def _courses(push: Push, intents: Sequence[Intent]) -> dict[int, _Course]:
    return {c: _read(push, c) for c in sorted({int(i.payload["course"]) for i in intents})}


def _enrolment(push: Push, intent: Intent, *, suspended: bool) -> Enrolment:
    payload = intent.payload
    return Enrolment(
        course_id=int(payload["course"]),
        user_id=int(payload["user"]),
        role_id=push.learner_role_id,
        starts_at=int(payload.get("starts_at") or 0),
        ends_at=int(payload.get("ends_at") or 0),
        suspended=suspended,
    )


class Enrol:
    """Payload {course, user, starts_at?, ends_at?}; key "course:user"."""

    batch = 100
    proves = False

    def look(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Leave everybody alone who is enrolled already: writing again would reset dates."""
        courses = _courses(push, intents)
        ours = push.owned("enrolment", [intent.key for intent in intents])
        verdicts = {}
        for intent in intents:
            course, user = courses[int(intent.payload["course"])], int(intent.payload["user"])
            if user not in course.roles:
                continue
            if course.suspended is None or user not in course.suspended:
                verdicts[intent] = DONE
            elif intent.key not in ours:
                verdicts[intent] = parked("suspended in Moodle by somebody else; not woken up")
        return verdicts

    def send(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Enrol, or wake up whom we suspended; ours from the moment the request goes out."""
        rows = {intent: _enrolment(push, intent, suspended=False) for intent in intents}
        for intent, row in rows.items():
            dates = {"starts_at": row.starts_at, "ends_at": row.ends_at}
            push.own("enrolment", intent.key, None, dates)
        enrol_users(push.writer, list(rows.values()))
        return dict.fromkeys(intents, DONE)


class Suspend:
    """Payload {course, user}; key "course:user"."""

    batch = 100
    proves = False

    def look(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Refuse what is not ours and whoever teaches."""
        courses = _courses(push, intents)
        ours = push.owned("enrolment", [intent.key for intent in intents])
        verdicts = {}
        for intent in intents:
            course, user = courses[int(intent.payload["course"])], int(intent.payload["user"])
            if user not in course.roles or user in (course.suspended or ()):
                verdicts[intent] = DONE
            elif intent.key not in ours:
                verdicts[intent] = parked("we did not enrol this person, so we do not suspend")
            elif course.roles[user] & TEACHING:
                verdicts[intent] = parked("this person teaches the course")
            elif course.suspended is None and intent.sent:
                verdicts[intent] = DONE  # it was sent, and Moodle does not let us see the rest
        return verdicts

    def send(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Suspend with the dates that we once wrote: Moodle takes a missing date as "no date"."""
        ours = push.owned("enrolment", [intent.key for intent in intents])
        rows = []
        for intent in intents:
            _, dates = ours[intent.key]
            rows.append(
                Enrolment(
                    course_id=int(intent.payload["course"]),
                    user_id=int(intent.payload["user"]),
                    role_id=push.learner_role_id,
                    starts_at=int(dates.get("starts_at") or 0),
                    ends_at=int(dates.get("ends_at") or 0),
                    suspended=True,
                )
            )
        enrol_users(push.writer, rows)
        return dict.fromkeys(intents, DONE)
