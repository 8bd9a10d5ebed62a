"""Report Builder: the only bulk, incremental reader in Moodle's core (4.1 and newer)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moodle_sync.client import Caller
from moodle_sync.errors import Kind, MoodleError
from moodle_sync.form import Value
from moodle_sync.record import Record

LIST = "core_reportbuilder_list_reports"
RETRIEVE = "core_reportbuilder_retrieve_report"
SET_FILTERS = "core_reportbuilder_set_filters"

PARTICIPANTS = "core_course\\reportbuilder\\datasource\\participants"
"""The source class of the report that we read."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report that the account may view; `conditions` is its scope, as Moodle's JSON."""

    id: int
    name: str
    source: str
    unique_rows: bool
    conditions: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One page: `rows` hold formatted cells (text or None) in the order of `headers`."""

    report: Report
    headers: tuple[str, ...]
    rows: list[list[str | None]]
    total: int


def list_reports(caller: Caller) -> list[Report]:
    """Return the reports whose audience the account is in, a hundred at most."""
    found = Record(LIST, caller.call(LIST, {"page": 0, "perpage": 100}))
    return [_report(item) for item in found.records("reports")]


def _report(item: Record) -> Report:
    return Report(
        id=item.integer("id"),
        name=item.text_or_none("name") or "",
        source=item.text("source").lstrip("\\"),
        unique_rows=item.flag("uniquerows"),
        conditions=item.text_or_none("conditiondata") or "",
    )


def retrieve_params(report_id: int, page: int, per_page: int) -> dict[str, Value]:
    """Return the parameters of `core_reportbuilder_retrieve_report`."""
    return {"reportid": report_id, "page": page, "perpage": per_page}


def retrieve_report(caller: Caller, report_id: int, page: int, per_page: int) -> ReportPage:
    """Return a page of a report under the filters that the account set last."""
    return read_page(caller.call(RETRIEVE, retrieve_params(report_id, page, per_page)))


def read_page(answer: object) -> ReportPage:
    """Read the answer of `core_reportbuilder_retrieve_report`."""
    found = Record(RETRIEVE, answer)
    data = found.record("data")
    raw: Any = answer
    headers = raw["data"].get("headers")
    rows = raw["data"].get("rows")
    if not isinstance(headers, list) or not isinstance(rows, list):
        raise MoodleError(Kind.PROTOCOL, "missingfield", function=RETRIEVE)
    cells = [row["columns"] for row in rows]
    if any(len(row) != len(headers) for row in cells):
        raise MoodleError(Kind.PROTOCOL, "raggedreport", function=RETRIEVE)
    return ReportPage(
        report=_report(found.record("details")),
        headers=tuple(str(header) for header in headers),
        rows=cells,
        total=data.integer("totalrowcount"),
    )


def filter_params(report_id: int, values: Mapping[str, object]) -> dict[str, Value]:
    """Return the parameters of `core_reportbuilder_set_filters`; no values clears all filters."""
    return {"reportid": report_id, "values": json.dumps(values)}


def set_filters(caller: Caller, report_id: int, values: Mapping[str, object]) -> None:
    """Set the account's filters; they stay set until the next call, so set them for each read."""
    if not caller.call(SET_FILTERS, filter_params(report_id, values)):
        raise MoodleError(Kind.VALIDATION, "filtersrefused", function=SET_FILTERS)


def since(filter_name: str, moodle_time: int) -> dict[str, object]:
    """Return the filter "this date is not before a Unix second" (operator 3 is a range)."""
    return {f"{filter_name}_operator": 3, f"{filter_name}_from": moodle_time}
