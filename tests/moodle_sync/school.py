"""The state of a stand-in Moodle: people, courses, progress, and what the account may see."""

from __future__ import annotations

from dataclasses import dataclass, field

MANUAL = "Manual enrolments"
SELF = "Self enrolment"
START = 1_795_478_400  # Tuesday, 24 November 2026, 00:00 UTC

ALL_RIGHTS = frozenset(
    {
        "webservice/rest:use",
        "moodle/course:view",
        "moodle/course:viewparticipants",
        "moodle/course:enrolreview",
        "moodle/course:viewhiddenuserfields",
        "moodle/site:accessallgroups",
        "moodle/user:viewdetails",
        "report/completion:view",
        "report/progress:view",
        "gradereport/user:view",
        "mod/lti:view",
        "mod/quiz:view",
        "moodle/course:managegroups",
        "enrol/manual:enrol",
        "moodle/role:assign",
        "moodle/site:sendmessage",
        "moodle/site:messageanyuser",
        "moodle/calendar:managegroupentries",
        "moodle/notes:manage",
        "moodle/course:overridecompletion",
        "moodle/competency:planmanage",
    }
)
ROLE_IDS = {1: "manager", 3: "editingteacher", 4: "teacher", 5: "student"}


@dataclass
class Person:
    id: int
    name: str
    deleted: bool = False
    hidden: bool = False  # the account may not see this person: dropped after the limit
    takes_messages: bool = True


@dataclass
class Enrolment:
    course: int
    user: int
    role: str = "student"
    method: str = MANUAL
    suspended: bool = False
    created: int = START
    starts_at: int = 0
    ends_at: int = 0


@dataclass
class Course:
    id: int
    shortname: str
    accessible: bool = True
    group_mode: int = 0
    modules: list[int] = field(default_factory=list)


@dataclass
class Module:
    cmid: int
    course: int
    modname: str
    instance: int
    tracking: int = 2


@dataclass
class School:
    """Everything a Moodle would have in its database, to be changed by tests."""

    people: dict[int, Person] = field(default_factory=dict)
    courses: dict[int, Course] = field(default_factory=dict)
    modules: dict[int, Module] = field(default_factory=dict)
    enrolments: list[Enrolment] = field(default_factory=list)
    access: dict[tuple[int, int], int] = field(default_factory=dict)
    completion: dict[tuple[int, int], tuple[int, int, int | None]] = field(default_factory=dict)
    course_completion: dict[tuple[int, int], int] = field(default_factory=dict)
    grades: dict[tuple[int, int], float] = field(default_factory=dict)
    groups: dict[int, dict[str, object]] = field(default_factory=dict)
    group_members: set[tuple[int, int]] = field(default_factory=set)
    events: list[dict[str, object]] = field(default_factory=list)
    messages: list[tuple[int, str]] = field(default_factory=list)
    notes: list[tuple[int, int, str]] = field(default_factory=list)
    plans: list[dict[str, object]] = field(default_factory=list)
    evidence: list[tuple[int, int, int, str]] = field(default_factory=list)
    report_filters: dict[str, object] = field(default_factory=dict)
    clock: int = START + 86_400

    def enrol(self, course: int, user: int, **more: object) -> Enrolment:
        enrolment = Enrolment(course, user, **more)  # type: ignore[arg-type]
        self.enrolments.append(enrolment)
        return enrolment

    def leave(self, course: int, user: int) -> None:
        self.enrolments = [e for e in self.enrolments if (e.course, e.user) != (course, user)]
        self.group_members = {
            (group, member)
            for group, member in self.group_members
            if member != user or self.groups[group]["courseid"] != course
        }

    def of(self, course: int, user: int) -> list[Enrolment]:
        return [e for e in self.enrolments if (e.course, e.user) == (course, user)]

    def roster(self, course: int) -> list[int]:
        users = {e.user for e in self.enrolments if e.course == course}
        return sorted(user for user in users if not self.people[user].deleted)

    def is_suspended(self, course: int, user: int) -> bool:
        return all(e.suspended for e in self.of(course, user))

    def tick(self, seconds: int = 3600) -> None:
        self.clock += seconds


def small_school(people: int = 12, courses: int = 2) -> School:
    """A school with a teacher in each course, learners in all, two activities a course."""
    school = School()
    school.people[3] = Person(3, "Tereza Teacher")
    for number in range(people):
        school.people[10 + number] = Person(10 + number, f"Žofia & Co {number % 5}")
    cmid = 100
    for number in range(courses):
        course = Course(2 + number, f"BOT{number + 1}")
        school.courses[course.id] = course
        for modname in ("lti", "quiz"):
            school.modules[cmid] = Module(cmid, course.id, modname, cmid - 90)
            course.modules.append(cmid)
            cmid += 1
        school.enrol(course.id, 3, role="editingteacher")
        for person in range(10, 10 + people):
            if (person + number) % (number + 1) == 0:
                school.enrol(course.id, person, created=START + person * 60)
    school.groups[1] = {"id": 1, "courseid": 2, "name": "Village A", "idnumber": ""}
    school.group_members |= {(1, 10), (1, 11)}
    for person in range(10, 10 + people, 3):
        school.access[2, person] = START + 3600 + person
        school.completion[100, person] = (1, START + 3700, None)
        school.grades[100, person] = 50.0 + person
    if people:
        school.course_completion[2, 10] = START + 7200
    return school
