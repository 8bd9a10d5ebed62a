"""Who and what is there on the first start: the people and courses of a small partner Moodle."""

from __future__ import annotations

import secrets
import time

from lti_tool.demo.store import Store

ADMIN, TEACHER, MENTOR, SERVICE, FIRST_LEARNER, COORDINATOR = 2, 3, 4, 5, 6, 36
LEARNERS = 30
ROLES = {"manager": 1, "editingteacher": 3, "teacher": 4, "student": 5}
"""Role short names and Moodle's ids for them."""

_NAMES = (
    ("Žofia", "Nováková"), ("Ágnes", "Szabó"), ("Ștefan", "Ionescu"), ("Đorđe", "Петровић"),
    ("Ана", "Јовановић"), ("Müge", "Öztürk"), ("Ciara", "O'Neill"), ("Борис", "Иванов"),
    ("Špela", "Kovač"), ("Jürgen", "Groß"),
)  # fmt: skip
_LANGUAGES = {6: "hu", 9: "sr_lt"}
_COURSES = (
    ("BOT1", "Back on Track: first steps"),
    ("BOT2", "Back on Track: farm to firm"),
    ("BOT3", "Visszatérés – Нови почетак &amp;"),
)
_PAGES = ("Welcome", "Your village, your skills", "Next step")
DOORS = (
    (TEACHER, "Teacher", "Tereza adds activities and reads the grades."),
    (6, "Learner, Hungarian", "Ágnes uses the LMS in Hungarian."),
    (11, "Learner, English", "Ciara uses the LMS in English."),
    (9, "Learner, Serbian", "Ана uses the LMS in Serbian, Latin script (Moodle calls it sr_lt)."),
    (MENTOR, "Mentor", "Milan is a non-editing teacher, as mentors are in a Moodle course."),
    (COORDINATOR, "Coordinator", "Katarína is a manager of the whole site."),
    (ADMIN, "Admin", "Adam connects tools and holds the service token."),
)
"""The people whom the front page signs in: user id, what they are, what they do."""


def populate(store: Store) -> None:
    """Fill a new store."""
    with store.transaction():
        for name, value in {
            "guid": secrets.token_hex(16),
            "session_secret": secrets.token_hex(32),
            "ws_token": secrets.token_hex(16),
        }.items():
            store.set_setting(name, value)
        _people(store)
        now = int(time.time())
        for number, (short, full) in enumerate(_COURSES):
            _course(store, number, short, full, now)
        store.run("INSERT INTO grp (course, name) VALUES (2, 'Village A')")
        for user in range(FIRST_LEARNER, FIRST_LEARNER + 10):
            store.run("INSERT INTO grp_member VALUES (1, ?)", user)


def _people(store: Store) -> None:
    staff = (
        (ADMIN, "admin", "Adam", "Admin", "admin"),
        (TEACHER, "teacher1", "Tereza", "Teacher", ""),
        (MENTOR, "mentor1", "Milan", "Mentor", ""),
        (SERVICE, "svc", "Sync", "Service", "service"),
        (COORDINATOR, "coordinator1", "Katarína", "Coordinator", "manager"),
    )
    add = "INSERT INTO user (id, username, firstname, lastname, siterole) VALUES (?,?,?,?,?)"
    for person in staff:
        store.run(add, *person)
    for number in range(1, LEARNERS + 1):
        first, last = _NAMES[number % 10]
        store.run(add, FIRST_LEARNER - 1 + number, f"learner{number:05d}", first, last, "")
    for user, language in _LANGUAGES.items():
        store.run("UPDATE user SET lang=? WHERE id=?", language, user)
    # One person whose preferences refuse messages from strangers: Moodle answers msgid -1.
    store.run("UPDATE user SET messages=0 WHERE id=7")


def _course(store: Store, number: int, short: str, full: str, now: int) -> None:
    course = number + 2  # id 1 is the site's front page
    store.run("INSERT INTO course VALUES (?,?,?,?,?)", course, short, full, number == 1, now)
    store.run("INSERT INTO gradeitem (course, itemtype) VALUES (?, 'course')", course)
    add = "INSERT INTO module (course, section, modname, instance, name, tracking, timemodified)"
    values = " VALUES (?,?,?,?,?,?,?)"
    store.run(add + values, course, 0, "forum", number + 1, "Announcements", 0, now)
    modules = [
        store.run(add + values, course, at, "page", number * 3 + at + 1, name, min(at + 1, 2), now)
        for at, name in enumerate(_PAGES)
    ]
    people = [(TEACHER, "editingteacher"), (MENTOR, "teacher")]
    people += [
        (FIRST_LEARNER - 1 + at, "student")
        for at in range(1, LEARNERS + 1)
        if at % (number + 1) == 0
    ]
    for user, role in people:
        store.run("INSERT INTO enrolment (course, user, role) VALUES (?,?,?)", course, user, role)
    if number == 0:
        done = "INSERT INTO completion VALUES (?,?,1,?,?)"
        for user in range(FIRST_LEARNER, FIRST_LEARNER + LEARNERS, 3):
            for at, cmid in enumerate(modules):
                store.run(done, cmid, user, now, ADMIN if at else None)
