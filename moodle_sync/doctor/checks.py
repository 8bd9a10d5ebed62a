"""Runs each function that we need against a canary course and says what is missing, and where."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import delete, select

from config.clock import utcnow
from config.database import Database
from config.http import HttpDoor
from config.secrets import Seal
from moodle_sync.calls import batch, completion, courses, grades, lti, people, reports, site
from moodle_sync.client import MoodleClient
from moodle_sync.doctor.needs import NEEDS, need_of
from moodle_sync.errors import Kind, MoodleError, SiteChanged
from moodle_sync.models import MoodleCapability, MoodleSite
from moodle_sync.pull.cursors import upsert
from moodle_sync.pull.probe import check_identity
from moodle_sync.pull.report_format import SORTED, check_shape
from moodle_sync.sites import find_site, token_place

_TAG = re.compile(r"<[^>]*>")
OK, WARN, BAD = "ok", "warning", "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `level` is ok, warning (works, less well) or bad; `mend` says what to do where."""

    check: str
    level: str
    text: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings, and the tier that this Moodle can be read in.

    0 means that only LTI's own services (roster, grades) are left; 3 that a push plugin is there.
    """

    findings: tuple[Finding, ...]
    tier: int

    @property
    def ok(self) -> bool:
        """Whether nothing stands in the way of a sync."""
        return all(finding.level != BAD for finding in self.findings)


def examine(
    database: Database, door: HttpDoor, seal: Seal, site_id: str, *, canary: int | None = None
) -> Diagnosis:
    """Examine a connected site; nothing but the account's own report filter is written there.

    `canary` is the course to try functions on; else the site's, else the first readable one.
    """
    with database.read() as session:
        row = find_site(session, site_id)
        key, wwwroot, issuer = (row.tenant_id, row.id), row.wwwroot, row.issuer
        canary = canary or (int(row.canary_course) if row.canary_course else None)
        token = seal.open(row.sealed_token, token_place(*key))
    findings: list[Finding] = []
    examiner = _Examiner(MoodleClient(door, wwwroot, token), wwwroot, issuer, findings)
    tier = examiner.run(canary)
    _remember(database, key, findings)
    return Diagnosis(tuple(findings), tier)


class _Examiner:
    def __init__(
        self, caller: MoodleClient, wwwroot: str, issuer: str, findings: list[Finding]
    ) -> None:
        self.caller = caller
        self.wwwroot = wwwroot
        self.issuer = issuer
        self.findings = findings

    def run(self, canary: int | None) -> int:
        try:
            info = site.get_site_info(self.caller)
        except MoodleError as error:
            self._add("connection", BAD, f"Moodle refuses: {error.code}", _mend_connection(error))
            return 0
        self._add("connection", OK, f"Moodle {info.release}")
        self._identity(info)
        self._service(info)
        course_id = self._courses(canary)
        if course_id is None:
            return 0
        works = self._functions(info, course_id)
        self._truncation()
        report = self._report(info)
        return self._tier(info, works=works, report=report)

    def _add(self, check: str, level: str, text: str, mend: str = "") -> None:
        self.findings.append(Finding(check, level, text, mend))

    def _identity(self, info: site.SiteInfo) -> None:
        try:
            check_identity(self.wwwroot, self.issuer, info.siteurl)
        except SiteChanged as error:
            self._add(
                "address", BAD, str(error),
                "Enter the address that Moodle has as $CFG->wwwroot; LTI's issuer is the same.",
            )  # fmt: skip
        else:
            self._add("address", OK, "address, LTI issuer and siteurl agree")
        if info.is_site_admin:
            self._add(
                "account", WARN, "the account is a site administrator",
                "Make an account with the two roles of the hand-out instead.",
            )  # fmt: skip

    def _service(self, info: site.SiteInfo) -> None:
        needed = {need.function for need in NEEDS if need.purpose == "read"}
        missing = sorted(needed - info.functions)
        if missing:
            self._add(
                "service", BAD, f"the service lacks {', '.join(missing)}",
                "Site administration > Server > Web services > External services > Functions.",
            )  # fmt: skip
        known = {need.function for need in NEEDS}
        more = len(info.functions - known)
        if more:
            self._add(
                "service", WARN, f"the service allows {more} functions that we never use",
                "Take them out of the service: a stolen token could use them.",
            )  # fmt: skip
        if not missing and not more:
            self._add("service", OK, "the service holds exactly what we use")

    def _courses(self, canary: int | None) -> int | None:
        try:
            found = [c for c in courses.get_courses_by_field(self.caller) if c.accessible]
        except MoodleError as error:
            self._add("courses", BAD, error.code, _mend_connection(error))
            return None
        if canary is not None and all(course.id != canary for course in found):
            self._add("canary", WARN, f"the canary course {canary} is not readable")
            canary = None
        if not found:
            self._add(
                "courses", BAD, "the account can read no course",
                "Assign the role backontracksync to the account at the course category, and check "
                "that it has no forced password change and no policy left to agree to.",
            )  # fmt: skip
            return None
        self._add("courses", OK, f"{len(found)} courses can be read")
        return canary or found[0].id

    def _functions(self, info: site.SiteInfo, course_id: int) -> bool:
        """Try each reading function; return whether people can be read at all."""
        roster = self._try(
            people.ROSTER, info, lambda: people.get_enrolled_users(self.caller, course_id)
        )
        if roster is None:
            return False
        self._roster_fields(course_id, roster)
        person = next((p.id for p in roster if "student" in p.roles), None)
        if person is None:
            self._add(
                "canary", WARN, f"course {course_id} has no learner to try the rest on",
                "Name a course with at least one learner as the canary.",
            )  # fmt: skip
            return True
        trials: dict[str, Callable[[], object]] = {
            courses.CONTENTS: lambda: courses.get_contents(self.caller, course_id),
            people.USERS_COURSES: lambda: people.get_users_courses(self.caller, person),
            completion.ACTIVITIES: lambda: completion.get_activities_completion_status(
                self.caller, course_id, person
            ),
            grades.ITEMS: lambda: grades.get_grade_items(self.caller, course_id, person),
            lti.BY_COURSES: lambda: lti.get_ltis_by_courses(self.caller, [course_id]),
            batch.BATCH: lambda: batch.call_many(self.caller, [batch.Inner(site.SITE_INFO, {})]),
        }
        results = {name: self._try(name, info, trial) for name, trial in trials.items()}
        self._hidden_activities(results.get(courses.CONTENTS), results.get(completion.ACTIVITIES))
        return True

    def _try(self, function: str, info: site.SiteInfo, trial: Callable[[], Any]) -> Any:  # noqa: ANN401
        need = need_of(function)
        why = need.why if need else ""
        if function not in info.functions:
            if need is not None and need.purpose == "bulk":
                self._add(function, WARN, "not in the service", f"Add it: it {why}.")
            return None
        try:
            result = trial()
        except MoodleError as error:
            level = WARN if error.kind in {Kind.TRANSIENT, Kind.BUSY} else BAD
            self._add(function, level, f"{error.code}: {error.message}", _mend(function))
            return None
        self._add(function, OK, why)
        return result

    def _roster_fields(self, course_id: int, roster: list[people.RosterUser]) -> None:
        if roster and not all(person.sees_access for person in roster):
            self._add(
                "last access", WARN, "last access is hidden",
                "Allow moodle/course:viewhiddenuserfields in the role backontracksync.",
            )  # fmt: skip
        try:
            people.get_enrolled_users(self.caller, course_id, only_suspended=True, user_fields="id")
        except MoodleError as error:
            self._add(
                "suspended", WARN, f"who is suspended cannot be seen ({error.code})",
                "Allow moodle/course:enrolreview in the role backontracksync.",
            )  # fmt: skip

    def _hidden_activities(self, contents: object, states: object) -> None:
        if not isinstance(contents, list) or not isinstance(states, list):
            return
        tracked = {module.cmid: module.modname for module in contents if module.tracking}
        hidden = {name for cmid, name in tracked.items() if cmid not in {s.cmid for s in states}}
        if hidden:
            names = ", ".join(f"mod/{name}:view" for name in sorted(hidden))
            self._add(
                "activities", WARN, "completions of some activities are left out in silence",
                f"Allow {names} in the role backontracksync.",
            )  # fmt: skip

    def _truncation(self) -> None:
        """Send a harmless form of 1,200 fields and see whether all of it arrived.

        It asks for the names of people with ids that nobody has, so a whole form brings an empty
        list. PHP cuts a form off where `max_input_vars` is 1000; `wsfunction`, which comes last,
        is then missing, and Moodle refuses.
        """
        try:
            self.caller.probe_form_size()
        except MoodleError as error:
            self._add(
                "form size", WARN, f"long forms are cut off ({error.code})",
                "Set max_input_vars = 5000 in the php.ini of the web server, as Moodle asks. "
                "The sync stays below 900 fields and is safe meanwhile.",
            )  # fmt: skip
        else:
            self._add("form size", OK, "long forms arrive whole")

    def _report(self, info: site.SiteInfo) -> bool:
        if not {reports.LIST, reports.RETRIEVE, reports.SET_FILTERS} <= info.functions:
            self._add(
                "report", WARN, "no bulk reading: the service lacks the report functions",
                "Add core_reportbuilder_list_reports, _retrieve_report and _set_filters.",
            )  # fmt: skip
            return False
        try:
            found = [
                r for r in reports.list_reports(self.caller) if r.source == reports.PARTICIPANTS
            ]
            if not found:
                self._add(
                    "report", WARN, "no report on Course participants is shared with the account",
                    "Make it as the hand-out says and add the account to its audience.",
                )  # fmt: skip
                return False
            reports.set_filters(self.caller, found[0].id, {})
            page = reports.retrieve_report(self.caller, found[0].id, 0, 50)
            check_shape(page)
        except MoodleError as error:
            self._add("report", WARN, error.message or error.code, "See the hand-out, step 9.")
            return False
        where = page.headers.index("uid")
        names = [_TAG.sub("", row[where] or "") for row in page.rows]
        if not page.report.conditions or page.report.conditions == "{}":
            self._add(
                "report scope", WARN, "the report covers the whole site",
                "Give it the condition Course category, so that partners see what is shared.",
            )  # fmt: skip
        if not _grouped(names):
            self._add("report", WARN, "the report is not sorted", f"Sort by {', '.join(SORTED)}.")
            return False
        self._add("report", OK, f"the report has {page.total} rows")
        return True

    def _tier(self, info: site.SiteInfo, *, works: bool, report: bool) -> int:
        if any(name.startswith("local_myddleware_") for name in info.functions) and works:
            self._add("tier", OK, "3: a plugin with functions by date is there as well")
            return 3
        tier = (2 if report else 1) if works else 0
        texts = (
            "0: only LTI's own services",
            "1: a request for each course and person",
            "2: people in bulk by report",
        )
        self._add("tier", OK if tier else WARN, texts[tier])
        return tier


def _grouped(names: list[str]) -> bool:
    """Whether equal names stand together, as any sorting by name puts them."""
    changes = sum(1 for one, other in pairwise(names) if one != other)
    return changes == len(set(names)) - 1


def _mend(function: str) -> str:
    need = need_of(function)
    if need is None or not need.capabilities:
        return "Add the function to the service."
    return f"Allow {', '.join(need.capabilities)} in the role backontracksync."


def _mend_connection(error: MoodleError) -> str:
    return {
        "invalidtoken": "Make a new token: Server > Web services > Manage tokens. An expired token "
        "is deleted by Moodle when it is first used.",
        "accessexception": "Check, in this order: webservice/rest:use in the system role; the "
        "account among the service's authorised users, with its date and IP left empty; the "
        "token's expiry and IP; that the service is enabled.",
        "webservicesoff": "Switch on web services (Advanced features) and the REST protocol "
        "(Server > Web services > Manage protocols).",
        "sitemaintenance": "The site is in maintenance mode; try again later.",
        "upgraderunning": "The site is being upgraded; try again later.",
    }.get(error.code, error.message)


def _remember(database: Database, key: tuple[str, str], findings: list[Finding]) -> None:
    rows = [
        {
            "tenant_id": key[0],
            "site_id": key[1],
            "function": finding.check[:100],
            "result": finding.level
            if finding.level == OK
            else f"{finding.level}: {finding.text}"[:100],
            "checked_at": utcnow(),
        }
        for finding in {finding.check: finding for finding in findings}.values()
    ]
    with database.write_connection() as connection:
        connection.execute(
            delete(MoodleCapability).where(
                MoodleCapability.tenant_id == key[0], MoodleCapability.site_id == key[1]
            )
        )
        upsert(connection, MoodleCapability.__table__, rows)


def findings_of(database: Database, site_id: str) -> list[tuple[str, str]]:
    """Return (check, result) of the newest examination, for the admin's desk."""
    with database.read_connection() as connection:
        rows = connection.execute(
            select(MoodleCapability.function, MoodleCapability.result)
            .join(MoodleSite, MoodleSite.id == MoodleCapability.site_id)
            .where(MoodleSite.id == site_id)
            .order_by(MoodleCapability.function)
        ).all()
    return [(function, result) for function, result in rows]
