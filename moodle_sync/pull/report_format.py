"""The one report that tier 2 reads: its columns, and the meaning of its cells.

Cells are formatted for people, so the report is always asked for in English and UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape

from moodle_sync.calls.reports import PARTICIPANTS, ReportPage
from moodle_sync.errors import Kind, MoodleError

COLUMNS = {
    "uid": "user:fullnamewithlink",
    "cid": "course:coursefullnamewithlink",
    "enrol": "enrol:plugin",
    "status": "enrolment:status",
    "enrolled": "enrolment:timecreated",
    "role": "role:shortname",
    "completed": "completion:timecompleted",
    "access": "access:timeaccess",
}
"""{our heading: Moodle's column}. Own headings, because Moodle translates its own."""
SORTED = ("uid", "cid", "enrol", "enrolled", "role")
"""Without sorting on all that makes a row unique, pages overlap and leave rows out."""
CREATED = "enrolment:timecreated"
COMPLETED = "completion:timecompleted"
ACCESSED = "access:timeaccess"
FILTERS = (CREATED, COMPLETED, ACCESSED, "course:courseselector")

_USER = re.compile(r"/user/(?:view|profile)\.php\?(?:[^\"']*?(?:&amp;|&))?id=(\d+)")
_COURSE = re.compile(r"/course/view\.php\?(?:[^\"']*?(?:&amp;|&))?id=(\d+)")
_TAG = re.compile(r"<[^>]*>")
_DATE = re.compile(r"\w+, (\d{1,2}) (\w+) (\d{4}), (\d{1,2}):(\d{2}) ([AP]M)")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_METHODS = {
    "Manual enrolments": "manual",
    "Self enrolment": "self",
    "Guest access": "guest",
    "Cohort sync": "cohort",
    "Course meta link": "meta",
    "External database": "database",
    "LDAP enrolments": "ldap",
    "Flat file (CSV)": "flatfile",
    "Publish as LTI tool": "lti",
    "Category enrolments": "category",
    "Enrolment on payment": "fee",
    "PayPal": "paypal",
}
_STATUS = {"Active": "active", "Suspended": "suspended", "Not current": "suspended"}


@dataclass(frozen=True, slots=True)
class Row:
    """One enrolment with one role; a person with two of either has two rows."""

    user_id: str
    course_id: str
    name: str
    method: str
    status: str | None
    enrolled_at: datetime | None
    role: str | None
    completed_at: datetime | None
    last_access: datetime | None


def check_shape(page: ReportPage) -> None:
    """Refuse a report that is not the one we know how to read.

    Raises `MoodleError` (CONFIG) with what to change in its message.
    """
    if page.report.source != PARTICIPANTS:
        raise _wrong("make it on the source Course participants")
    missing = [heading for heading in COLUMNS if heading not in page.headers]
    if missing:
        named = ", ".join(f"{COLUMNS[h]} with the heading {h}" for h in missing)
        raise _wrong(f"add the column {named}")
    if page.report.unique_rows:
        raise _wrong('switch off "Show unique rows"')


def _wrong(mend: str) -> MoodleError:
    return MoodleError(Kind.CONFIG, "reportshape", message=f"In the report: {mend}.")


def read_rows(page: ReportPage) -> list[Row]:
    """Return the rows in their order; a method that nobody uses gives one with an empty user id."""
    where = {heading: page.headers.index(heading) for heading in COLUMNS}
    found = []
    for cells in page.rows:
        cell = {heading: cells[index] or "" for heading, index in where.items()}
        user, course = _USER.search(cell["uid"]), _COURSE.search(cell["cid"])
        if course is None or (user is None and cell["uid"].strip()):
            raise MoodleError(
                Kind.PROTOCOL, "reportlink", message="a row names no person or course"
            )
        method = unescape(cell["enrol"])
        found.append(
            Row(
                user_id=user.group(1) if user else "",
                course_id=course.group(1),
                name=unescape(_TAG.sub("", cell["uid"])).strip(),
                method=_METHODS.get(method, method[:64]),
                status=_STATUS.get(cell["status"]),
                enrolled_at=read_date(cell["enrolled"]),
                role=cell["role"] or None,
                completed_at=read_date(cell["completed"]),
                last_access=read_date(cell["access"]),
            )
        )
    return found


def read_date(text: str) -> datetime | None:
    """Return "Tuesday, 24 November 2026, 12:12 AM" (UTC, to the minute) as a datetime.

    None for an empty cell; raises `MoodleError` (PROTOCOL) for another language or format.
    """
    text = unescape(text).replace(" ", " ").replace("\xa0", " ").strip()
    if not text or text in {"-", "Never"}:
        return None
    match = _DATE.fullmatch(text)
    if match is None or match.group(2) not in _MONTHS:
        raise MoodleError(Kind.PROTOCOL, "reportdate", message="a date is not in English")
    day, month, year, hour, minute, half = match.groups()
    hours = int(hour) % 12 + (12 if half == "PM" else 0)
    return datetime(int(year), _MONTHS.index(month) + 1, int(day), hours, int(minute), tzinfo=UTC)
